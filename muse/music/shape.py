"""Long-range form: how alike the bars of a tune are, how much comes again, and whether it is stuck in a loop."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from muse.music.theory import Meter

Floats = npt.NDArray[np.float64]
FURTHEST = 16
"""Bars apart up to which likeness is told."""


@dataclass(frozen=True, eq=False)
class Shape:
    """A tune bar by bar; B full bars, a pickup and a cut last bar left out.

    Attributes:
        melody: (B, B) how alike two bars are in their notes, in [0, 1].
        rhythm: (B, B) the same in where notes begin.
    """

    melody: Floats
    rhythm: Floats

    def __len__(self) -> int:
        return len(self.melody)

    def repeated(self, kind: str = "melody") -> float:
        """Of the bars after the first, how many are as one before, in [0, 1]; nan where there is no second bar."""
        same = np.tril(getattr(self, kind) == 1, -1).any(axis=1)[1:]
        return float(same.mean()) if len(same) else float("nan")

    @property
    def loop(self) -> int:
        """The longest run of one bar, over and over."""
        longest = run = min(1, len(self))
        for bar in range(1, len(self)):
            run = run + 1 if self.melody[bar, bar - 1] == 1 else 1
            longest = max(longest, run)
        return longest


def shape(voice: Iterable[Sequence[Any]], meter: Meter, pickup: int, length: int) -> Shape:
    """The shape of a voice: rows that begin with tick, duration, pitch, in ticks from the beginning.

    Two bars are as alike as the notes that both have are many among those that either has; a note is its place in the
    bar and its pitch. Two empty bars are alike.

    >>> scale = [(12 * n, 12, 60 + n % 4) for n in range(16)]
    >>> round(shape(scale, Meter(4, 4), 0, 192).repeated(), 2)
    1.0
    """
    bars = max(0, (length - pickup) // meter.bar)
    notes: list[set[tuple[int, int]]] = [set() for _ in range(bars)]
    for tick, _, pitch, *_ in voice:
        bar, place = divmod(int(tick) - pickup, meter.bar)
        if 0 <= bar < bars:
            notes[bar].add((place, int(pitch)))
    return Shape(_alike(notes), _alike([{place for place, _ in bar} for bar in notes]))


def _alike(bars: Sequence[set[Any]]) -> Floats:
    found = np.ones((len(bars), len(bars)))
    for at, one in enumerate(bars):
        for before, other in enumerate(bars[:at]):
            either = len(one | other)
            found[at, before] = found[before, at] = len(one & other) / either if either else 1.0
    return found


def by_distance(shapes: Iterable[Shape], kind: str = "melody") -> Floats:
    """(FURTHEST,) how alike two bars of a piece are, by how many bars they are apart, from 1; nan where none are."""
    sums, counts = np.zeros(FURTHEST), np.zeros(FURTHEST)
    for one in shapes:
        grid = getattr(one, kind)
        for apart in range(1, min(FURTHEST, len(one) - 1) + 1):
            values = np.diagonal(grid, apart)
            sums[apart - 1] += values.sum()
            counts[apart - 1] += len(values)
    with np.errstate(invalid="ignore"):
        found: Floats = sums / counts
    return found


def error(mine: Floats, theirs: Floats) -> float:
    """The mean gap of two rows of `by_distance`, over the distances that both have.

    Source: Yu et al. 2022, Museformer, "similarity error"; there a note has its duration too.
    """
    both = ~(np.isnan(mine) | np.isnan(theirs))
    return float(np.abs(mine - theirs)[both].mean()) if both.any() else float("nan")
