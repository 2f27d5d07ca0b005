"""The rhythm of one line, or of lines that share one: of all ways to lay it on the grid the cheapest, exactly.

Syllable after syllable, the least cost of every place is summed up (dynamic programming), and what the line's end costs
is kept for every *tail*: the places of the last two syllables, counted from the end of the bars, and the last length.
So lines that rhyme can be given one tail, the cheapest for all of them together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from muse.music.sing.grid import LONGEST, NEVER, Floats, Grid
from muse.music.theory import BEAT
from muse.terms import Syllable

_PLACES = {
    "1": (4.0, 0.8, 0.1, 0.0),
    "2": (1.2, 0.1, 0.2, 0.4),
    "0": (0.0, 0.15, 0.8, 1.2),
    "head": (3.0, 0.5, 0.0, 0.0),
    "foot": (0.5, 0.0, 0.3, 0.6),
}
"""What a syllable costs on a place of strength 0, 1, 2, 3: by its stress; of Chinese by whether it begins a foot."""
_AGAINST = 2.0
"""Of an unstressed syllable beside a stressed one, for each step by which its place is the stronger of the two."""
_LAST = {1: 3.0, 2: 1.2, 3: 0.6, 4: 0.0, 6: 0.1, 8: 0.3, 12: 1.0}
_LAST_COMPOUND = {1: 2.0, 2: 1.0, 3: 0.4, 5: 0.1, 6: 0.0, 9: 0.6}
_LAST_ODD = 2.0
BREATH = BEAT // 2
"""Ticks of the rest that is a breath."""
HELD = 2 * BEAT
"""Ticks of a last note that needs no rest after it."""
Tail = tuple[int, int, int]
"""Places of the last two syllables, counted back from the last place of the grid, and the last length, in units."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What of a syllable the rhythm depends on.

    Attributes:
        sort: "0", "1" or "2" for stress; "head" or "foot" in Chinese, which begins a foot or goes on in it.
        close: a pause follows, or in Chinese the foot ends.
        level: of level tone, which is the longer one.
    """

    sort: str
    close: bool = False
    level: bool = False


@dataclass(frozen=True, eq=False)
class Fit:
    """All that can become of a line.

    Attributes:
        tails: (J, J, LONGEST + 1) the least cost of each tail.
        back: for each syllable but the first (O,) the place of the one before.
    """

    grid: Grid
    tails: Floats
    back: tuple[npt.NDArray[np.int64], ...]

    @property
    def best(self) -> Tail:
        """The cheapest tail."""
        first, second, last = np.unravel_index(int(self.tails.argmin()), self.tails.shape)
        return int(first), int(second), int(last)

    @property
    def cost(self) -> float:
        return float(self.tails.min())

    def rhythm(self, tail: Tail) -> tuple[tuple[int, int], ...]:
        """(place, length) of each syllable, in units from the line's first bar line."""
        last = len(self.grid.places) - 1
        path = [last - tail[1]]
        if self.back:
            path.append(last - tail[0])
            for back in self.back[-2::-1]:
                path.append(int(back[path[-1]]))
        places = [int(self.grid.places[at]) for at in reversed(path)]
        ends = [*places[1:], places[-1] + tail[2]]
        return tuple((place, end - place) for place, end in zip(places, ends, strict=True))


def kinds(line: Sequence[Syllable]) -> tuple[Kind, ...]:
    """The syllables of a line as the rhythm sees them."""
    found, head = [], True
    for at, one in enumerate(line):
        close = one.pause or at + 1 == len(line)
        if one.accent in _PLACES:
            found.append(Kind(one.accent, one.pause))
        else:
            found.append(Kind("head" if head else "foot", close, one.accent == "level"))
        head = close
    return tuple(found)


def fit(grid: Grid, lines: Sequence[tuple[Kind, ...]]) -> Fit:
    """What can become of lines of one length that are to share a rhythm; costs are summed over them."""
    size, span = len(lines[0]), len(grid.places)
    placed = [_sum(_placed, grid, ((line[at],) for line in lines)) for at in range(size)]
    pairs = [_sum(_pair, grid, (line[at : at + 2] for line in lines)) for at in range(size - 1)]
    least = np.where(grid.places <= 0, placed[0], NEVER)
    last = placed[-1][:, None] + len(lines) * _ends(grid)
    reach = 2 * grid.bar
    if size == 1:
        flat = np.broadcast_to((least[:, None] + last - placed[0][:, None])[::-1][:reach], (reach, min(reach, span),
                               LONGEST + 1))  # fmt: skip
        return Fit(grid, _filled(np.moveaxis(flat, 1, 0), reach).transpose(1, 0, 2), ())
    back = []
    for at in range(1, size - 1):
        ways = least[:, None] + pairs[at - 1]
        back.append(ways.argmin(0))
        least = ways.min(0) + placed[at]
    ends = (least[:, None] + pairs[-1])[::-1, ::-1][:reach, :reach]
    tails = ends[:, :, None] + last[::-1][:reach][None]
    back.append(np.zeros(span, np.int64))  # which of the last two places belong together, the tail says
    return Fit(grid, _filled(_filled(tails, reach).transpose(1, 0, 2), reach).transpose(1, 0, 2), tuple(back))


def _sum(price: Callable[..., Floats], grid: Grid, of: Iterable[tuple[Kind, ...]]) -> Floats:
    """A cost summed over the syllables of several lines."""
    found = [many * price(grid, *some) for some, many in Counter(of).items()]
    return found[0] if len(found) == 1 else np.sum(found, axis=0)


def _filled(table: Floats, reach: int) -> Floats:
    """The table with so many rows, those at its end never."""
    if len(table) == reach:
        return table
    return np.concatenate([table, np.full((reach - len(table), *table.shape[1:]), NEVER)])


def cost(grid: Grid, line: tuple[Kind, ...], rhythm: Sequence[tuple[int, int]]) -> float:
    """What a rhythm costs a line."""
    at = [place + grid.reserve for place, _ in rhythm]
    found = sum(float(_placed(grid, kind)[index]) for kind, index in zip(line, at, strict=True))
    for before in range(len(line) - 1):
        found += float(_pair(grid, line[before], line[before + 1])[at[before], at[before + 1]])
    return found + float(_ends(grid)[at[-1], rhythm[-1][1]])


@lru_cache(maxsize=4096)
def _placed(grid: Grid, kind: Kind) -> Floats:
    """(O,)"""
    return np.array(_PLACES[kind.sort])[grid.strength]


@lru_cache(maxsize=4096)
def _pair(grid: Grid, one: Kind, other: Kind) -> Floats:
    """(O, O) what it costs to sing a syllable from a place to that of the next."""
    spans = grid.spans
    found = grid.lengths + _length(one)[np.clip(spans, 0, LONGEST)]
    strength = grid.strength.astype(float)
    rise = strength[None, :] - strength[:, None]
    if one.sort in "12" and other.sort == "0":
        found = found + _AGAINST * np.maximum(0, rise)
    if one.sort == "0" and other.sort in "12":
        found = found + _AGAINST * np.maximum(0, -rise)
    return found


@lru_cache(maxsize=64)
def _length(kind: Kind) -> Floats:
    """(LONGEST + 1,) what the length of a note costs beside its plain cost, for this syllable."""
    found = np.zeros(LONGEST + 1)
    long = np.arange(LONGEST + 1) >= 4
    if kind.sort == "1":
        found[1] += 0.35
        found[long] -= 0.2
    elif kind.sort == "0" or not kind.close:
        found[long] += 0.6
    else:
        found[1] += 0.8 if kind.level else 0.6
        found[3:] -= 0.5 if kind.level else 0.3
    if kind.sort in "012" and kind.close:
        found[:3] += 0.4
    return found


@lru_cache(maxsize=256)
def _ends(grid: Grid) -> Floats:
    """(O, LONGEST + 1) what the last note costs by place and length; none without a breath after it, or a long one."""
    known = _LAST_COMPOUND if grid.meter.compound else _LAST
    lengths = np.array([NEVER, *(known.get(size, _LAST_ODD) for size in range(1, LONGEST + 1))])
    sizes = np.arange(LONGEST + 1)
    rest = (grid.size - grid.reserve - grid.places)[:, None] - sizes[None, :]
    found = np.where(rest < 0, NEVER, lengths[None, :] + 0.25 * np.maximum(0, rest - 2))
    found = np.where((rest * grid.unit < BREATH) & (sizes * grid.unit < HELD)[None, :], NEVER, found)
    early = np.maximum(0, grid.size - grid.places - grid.bar - grid.reserve)
    off = (grid.strength == 0)[:, None] & (sizes > 1)[None, :]  # a long note off the beat is a syncopation
    ends: Floats = found + 0.1 * early[:, None] + 1.5 * off
    return ends
