"""The meter, the bars of each line and the upbeat that a poem asks for: those whose rhythms cost least."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from muse.errors import WishError
from muse.music.sing.grid import NEVER, Grid, unit_of
from muse.music.sing.line import Fit, Tail, cost, fit, kinds
from muse.music.sing.lines import Line, cadences
from muse.music.theory import Meter

METERS = {True: ("4/4", "3/4"), False: ("4/4", "3/4", "6/8")}
"""Tried where none is asked for, for syllables with tones and without; the first is liked best."""
LIKED = 0.25
"""What each later one costs a line."""
MOST_BARS = 16
"""Of one line."""
UNLIKE = 1.0
"""What a line costs that has another number of bars than most."""
EVEN = (1, 2, 4, 8)
SQUARE = 0.6
"""What a line costs that has other numbers of bars."""
ADAPT = 1.5
"""A line leaves the rhythm that it shares where one of its own is so much better: where a stress would be wrong."""
Shape = tuple[int, int, bool]
Rhythm = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Layout:
    """A meter with what can become of each line in it.

    Attributes:
        bars: of each line.
        fits, tails: of the lines of each shape, and their end.
    """

    meter: Meter
    bars: tuple[int, ...]
    fits: Mapping[Shape, Fit]
    tails: Mapping[Shape, Tail]
    cost: float

    @property
    def unit(self) -> int:
        """Ticks of a unit."""
        return unit_of(self.meter)

    def rhythm(self, line: Line) -> tuple[Rhythm, bool]:
        """(place, length) of a line's syllables, in units from its first bar line; whether its shape shares them."""
        whole, tail = self.fits[line.shape], self.tails[line.shape]
        shared, own = whole.rhythm(tail), kinds(line.syllables)
        alone = fit(whole.grid, [own])
        if cost(whole.grid, own, shared) - float(alone.tails[tail]) > ADAPT:
            return alone.rhythm(tail), False
        return shared, True


def laid(lines: Sequence[Line], tonal: bool, meter: Meter | None, bars: int | None, seed: int) -> Layout:
    """The cheapest layout.

    Raises:
        WishError: the lines do not fit the meter or the bars that were asked for.
    """
    tried = [meter] if meter else [Meter.parse(text) for text in METERS[tonal]]
    found: list[tuple[float, int, Layout]] = []
    for at, one in enumerate(tried):
        unit = unit_of(one)
        reserves = (0,) if tonal else sorted({0, 6 // unit, 12 // unit})
        for reserve in reserves:
            layout = _laid(lines, one, reserve, bars, seed)
            if layout is not None:
                found.append((layout.cost + LIKED * at * len(lines), len(found), layout))
    if not found:
        raise _refusal(lines, tried, bars)
    return min(found)[2]


def _laid(lines: Sequence[Line], meter: Meter, reserve: int, bars: int | None, seed: int) -> Layout | None:
    slots: dict[Shape, list[Line]] = {}
    for line in lines:
        slots.setdefault(line.shape, []).append(line)
    fits: dict[tuple[Shape, int], Fit] = {}
    for shape, members in slots.items():
        for count in _possible(shape[0], meter, 2 * bars // len(lines) if bars else 0):
            grid = Grid(meter, count, reserve, (seed, shape[1]))
            fits[shape, count] = fit(grid, [kinds(line.syllables) for line in members])
    counts = _counts(slots, fits, bars)
    if counts is None:
        return None
    chosen = {shape: fits[shape, counts[shape[0]]] for shape in slots}
    tails = _tails(lines, chosen)
    if tails is None:
        return None
    sizes = tuple(counts[line.size] for line in lines)
    total = sum(float(whole.tails[tails[shape]]) for shape, whole in chosen.items()) + _odd(sizes)
    return Layout(meter, sizes, chosen, tails, total)


def _possible(size: int, meter: Meter, most: int) -> range:
    """Bars that a line of so many syllables may have: `most`, or by default as many as its notes can fill well."""
    room = meter.bar // unit_of(meter)
    return range(max(1, -(-size // room)), min(MOST_BARS, most or 5 * size // (2 * room) + 1) + 1)


def _counts(
    slots: Mapping[Shape, Sequence[Line]], fits: Mapping[tuple[Shape, int], Fit], bars: int | None
) -> dict[int, int] | None:
    """The bars of lines of each number of syllables: the cheapest that add up to the bars asked for."""
    sizes = {size: sum(len(found) for shape, found in slots.items() if shape[0] == size) for size, _, _ in slots}
    prices = {
        size: {
            count: sum(fits[shape, count].cost for shape in slots if shape[0] == size)
            + SQUARE * (count not in EVEN) * sizes[size]
            for shape, count in fits
            if shape[0] == size
        }
        for size in sizes
    }
    best: tuple[float, dict[int, int]] | None = None
    for base in {count for _, count in fits}:
        ways: dict[int, tuple[float, dict[int, int]]] = {0: (0.0, {})}
        for size, lines in sizes.items():
            more: dict[int, tuple[float, dict[int, int]]] = {}
            for total, (before, counts) in ways.items():
                for count, price in prices[size].items():
                    there = total + lines * count
                    paid = before + price + UNLIKE * lines * (count != base)
                    if paid < NEVER and paid < more.get(there, (NEVER, {}))[0]:
                        more[there] = paid, {**counts, size: count}
            ways = more
        found = list(ways.values()) if bars is None else [ways[bars]] if bars in ways else []
        best = min([*found, *([best] if best else [])], key=lambda way: way[0], default=None)
    return best[1] if best else None


def _odd(sizes: Sequence[int]) -> float:
    """What lines of such bars cost whatever their rhythm."""
    unlike = len(sizes) - max(sizes.count(size) for size in sizes)
    return UNLIKE * unlike + SQUARE * sum(size not in EVEN for size in sizes)


def _tails(lines: Sequence[Line], chosen: Mapping[Shape, Fit]) -> dict[Shape, Tail] | None:
    """The tail of each shape: one for all that end alike."""
    ends = cadences(lines)
    group = {shape: shape for shape in chosen}
    for line in lines:
        one, other = (_root(group, lines[at].shape) for at in (line.at, ends[line.at]))
        group[one] = other
    found: dict[Shape, Tail] = {}
    for head in {_root(group, shape) for shape in group}:
        members = [shape for shape in group if _root(group, shape) == head]
        total = sum(chosen[shape].tails for shape in members)
        tail = tuple(int(at) for at in np.unravel_index(int(np.argmin(total)), np.shape(total)))
        if not np.isfinite(np.asarray(total)[tail]):
            return None
        found |= dict.fromkeys(members, tail)  # type: ignore[arg-type]
    return found


def _root(group: Mapping[Shape, Shape], shape: Shape) -> Shape:
    while group[shape] != shape:
        shape = group[shape]
    return shape


def _refusal(lines: Sequence[Line], meters: Sequence[Meter], bars: int | None) -> WishError:
    named = " or ".join(str(meter) for meter in meters)
    if bars is None:
        longest = max(lines, key=lambda line: line.size)
        return WishError(f"line {longest.number + 1} cannot be sung in {named}", f"it has {longest.size} syllables",
                         "break it in two, or leave the meter open")  # fmt: skip
    fit_in = sorted({_laid_bars(lines, meter) for meter in meters})
    some = ", ".join(f"{len(lines) * each} to {len(lines) * more}" for each, more in fit_in)
    return WishError(
        f"{bars} bars cannot hold these {len(lines)} lines in {named}",
        "each line is sung in whole bars, lines of as many syllables in as many",
        f"ask for a multiple of {len(lines)} bars ({some}), or leave the bars open",
    )  # fmt: skip


def _laid_bars(lines: Sequence[Line], meter: Meter) -> tuple[int, int]:
    able = [_possible(line.size, meter, MOST_BARS) for line in lines]
    return max(found.start for found in able), min(found.stop for found in able) - 1
