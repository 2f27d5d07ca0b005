"""The codes of a corpus, and how a run that agrees with them is found.

Where eight codes in a row agree at a place that few others share, the run is followed both ways.
Source: the places that are looked at are the minimizers of Roberts et al. 2004; runs from seeds are those of Altschul
et al. 1990 (BLAST), without gaps.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from muse.fuse import mixed
from muse.music.copied.figures import NOTES, Words
from muse.music.copied.sources import Source, unpacked

BITS = 3
SEED, APART = 8, 5
"""Figures of a seed; of so many seeds in a row at least one is looked at."""
LEAST = SEED + APART - 1 + NOTES - 1
"""Notes, a repeated one once, from which on every match is found."""
COMMON = 64
"""A seed that occurs more often belongs to nobody: scales, trills, broken chords."""
BREAK = 1 << BITS
"""The code between two lines."""
_REACH, _TOGETHER = 32, 1 << 15
Codes = npt.NDArray[np.uint8]
Seeds = npt.NDArray[np.uint32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Part:
    """The index of one corpus; a bundle that went on from another has one of each.

    Attributes:
        cells: (bytes,) uint8, BITS bits a figure, the lowest first.
        count: figures.
        table: (bytes,) uint8, see `muse.music.copied.sources`.
    """

    cells: Codes
    count: int
    table: Codes

    @cached_property
    def codes(self) -> Codes:
        """(count,) the code of each figure."""
        bits = np.unpackbits(self.cells, count=self.count * BITS, bitorder="little").reshape(-1, BITS)
        found: Codes = (bits @ np.array([1, 2, 4], np.uint8)).astype(np.uint8, copy=False)
        return found

    @cached_property
    def sources(self) -> tuple[list[Source], Ints]:
        return unpacked(self.table, self.count)

    @cached_property
    def seeds(self) -> tuple[Seeds, Ints]:
        """The seeds that are looked at, and where each begins: of APART in a row at least one."""
        seeds = _seeds(self.codes)
        windows = len(seeds) - APART + 1
        if windows < 1:
            return seeds[:0], np.zeros(0, np.int64)
        least = seeds[:windows].copy()
        for place in range(1, APART):
            np.minimum(least, seeds[place : place + windows], out=least)
        looked = np.zeros(len(seeds), np.bool_)
        for place in range(APART):
            looked[place : place + windows] |= seeds[place : place + windows] == least
        return seeds[looked], np.flatnonzero(looked)

    @cached_property
    def _tops(self) -> npt.NDArray[np.uint16]:
        return (self.seeds[0] >> np.uint32(16)).astype(np.uint16)

    def longest(self, codes: Codes) -> tuple[int, int, int]:
        """(figures, where in the codes, where here) of the longest run; of equals the first. BREAK agrees with none."""
        asked = _seeds(codes)
        whole = np.lib.stride_tricks.sliding_window_view(codes, SEED).max(axis=1) < BREAK if len(asked) else asked > 0
        at = np.flatnonzero(whole)
        at = at[np.argsort(asked[at], kind="stable")]
        asked = asked[at]
        # All places are seen through a table of a few bits first: no order of millions of seeds need be kept or made.
        able = np.zeros(1 << 16, np.bool_)
        able[asked >> np.uint32(16)] = True
        hits = np.flatnonzero(able[self._tops])
        seeds, which, often = np.unique(self.seeds[0][hits], return_inverse=True, return_counts=True)
        first = np.searchsorted(asked, seeds)
        held = np.searchsorted(asked, seeds, "right") - first
        held[(often > COMMON) | (held > COMMON)] = 0
        hits, first, held = hits[held[which] > 0], first[which], held[which]
        first, held = first[held > 0], held[held > 0]
        place = np.arange(int(held.sum())) - np.repeat(np.cumsum(held) - held, held) + np.repeat(first, held)
        mine, theirs = at[place], np.repeat(self.seeds[1][hits], held)
        best = 0, 0, 0
        for begin in range(0, len(mine), _TOGETHER):
            some, there = mine[begin : begin + _TOGETHER], theirs[begin : begin + _TOGETHER]
            before = self._run(codes, some - 1, there - 1, -1)
            length = before + SEED + self._run(codes, some + SEED, there + SEED, 1)
            top = int(np.argmax(length))
            best = max(best, (int(length[top]), -int(some[top] - before[top]), int(there[top] - before[top])))
        return best[0], -best[1], best[2]

    def _run(self, codes: Codes, at: Ints, there: Ints, way: int) -> Ints:
        """How far the codes agree from each pair of places on."""
        found = np.zeros(len(at), np.int64)
        going = np.arange(len(at))
        while len(going):
            steps = found[going, None] + np.arange(_REACH)
            mine, theirs = at[going, None] + way * steps, there[going, None] + way * steps
            inside = (mine >= 0) & (mine < len(codes)) & (theirs >= 0) & (theirs < self.count)
            same = codes[mine.clip(0, len(codes) - 1)] == self.codes[theirs.clip(0, self.count - 1)]
            same &= inside
            run = np.where(same.all(axis=1), _REACH, same.argmin(axis=1))
            found[going] += run
            going = going[run == _REACH]
        return found


def coded(words: Words) -> Codes:
    """(N,) the code of each figure, in [0, 2^BITS)."""
    found: Codes = (mixed(words + np.uint64(1)) >> np.uint64(64 - BITS)).astype(np.uint8)
    return found


def _seeds(codes: Codes) -> Seeds:
    """Each SEED codes in a row as one number, in a random order."""
    row = codes.astype(np.uint32)
    for width in (1, 2, 4):
        row = row[:-width] | row[width:] << np.uint32(BITS * width)
    return row * np.uint32(0x9E3779B1)
