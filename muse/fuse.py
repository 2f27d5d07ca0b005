"""A binary fuse filter: which of many 64-bit keys are known, in about `bits` · 1.08 bits a key, with no key stored.

A known key is always found; another is taken for known with probability 2^−bits. It is asked as it lies in a file.
Source: Graf & Lemire 2022, Binary Fuse Filters, the four-wise one; where it differs: cells of any number of bits up to
16, other mixing, and peeling in rounds, so that numpy can do it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
WIDEST = 16
PAD = 3
"""Bytes after the last cell, so that each can be read as a word of 32 bits."""
_STEP, _MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)
_LARGEST_SEGMENT = 1 << 16


@dataclass(frozen=True, eq=False)
class Fuse:
    """The filter.

    Attributes:
        cells: (bytes,) uint8, cells of `bits` bits one after the other, the lowest bit first, and PAD bytes.
        bits: of a cell, at most WIDEST.
        segment: cells in a segment, a power of two; there are `segments` + 3 of them.
        seed: of the hash.
    """

    cells: npt.NDArray[np.uint8]
    bits: int
    segment: int
    segments: int
    seed: int

    @classmethod
    def of(cls, keys: Words, bits: int) -> Fuse:
        """The filter of some keys, at least one; the same for the same keys in any order.

        >>> even = Fuse.of(np.arange(0, 2000, 2, dtype=np.uint64), bits=8)
        >>> bool(even.holds(np.arange(0, 2000, 2, dtype=np.uint64)).all())
        True
        >>> len(even.cells) < 1700
        True
        """
        keys = once(keys.astype(np.uint64))
        count = len(keys)
        segment = min(_LARGEST_SEGMENT, 1 << max(1, math.floor(math.log(count) / math.log(2.91) - 0.5)))
        room = count * max(1.075, 0.77 + 0.305 * math.log(600_000) / math.log(max(2, count)))
        segments = max(1, math.ceil(room / segment) - 3)
        for seed in range(1000):
            if seed % 10 == 9:
                segments += 1 + segments // 20
            slots, prints = _hashes(keys, bits, segment, segments, seed)
            cells = _filled(slots, prints, (segments + 3) * segment)
            if cells is not None:
                return cls(_packed(cells, bits), bits, segment, segments, seed)
        raise ValueError("no filter was found for these keys")

    @property
    def whole(self) -> bool:
        """Whether the parts fit each other, as they have to before anything is asked."""
        return (
            self.cells.dtype == np.uint8 and self.cells.ndim == 1
            and 1 <= self.bits <= WIDEST and 0 <= self.seed < 1 << 32
            and 1 <= self.segment <= _LARGEST_SEGMENT and self.segment & (self.segment - 1) == 0
            and 1 <= self.segments <= (1 << 31) // self.segment - 3
            and len(self.cells) == _size((self.segments + 3) * self.segment, self.bits)
        )  # fmt: skip

    def holds(self, keys: Words) -> npt.NDArray[np.bool_]:
        """For each key, of any shape, whether it is taken for known."""
        slots, prints = _hashes(keys, self.bits, self.segment, self.segments, self.seed)
        found = prints.astype(np.uint32)
        for slot in slots:
            at = slot.astype(np.int64) * self.bits
            byte = at >> 3
            word = self.cells[byte].astype(np.uint32)
            word |= self.cells[byte + 1].astype(np.uint32) << np.uint32(8)
            word |= self.cells[byte + 2].astype(np.uint32) << np.uint32(16)
            found ^= word >> (at & 7).astype(np.uint32)
        there: npt.NDArray[np.bool_] = (found & np.uint32((1 << self.bits) - 1)) == 0
        return there


def once(some: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The values of a row, rising, each once; of millions much sooner than by np.unique, which hashes them."""
    ordered = np.sort(some)
    found: npt.NDArray[Any] = ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)]]
    return found


def mixed(words: Words) -> Words:
    """Each word with all its bits spread over the whole word; the same for no two words."""
    words = (words ^ (words >> np.uint64(31))) * _MIX
    words = (words ^ (words >> np.uint64(29))) * _STEP
    return words ^ (words >> np.uint64(32))


def _hashes(keys: Words, bits: int, segment: int, segments: int, seed: int) -> tuple[list[Words], Words]:
    """The four slots of each key, each in a segment of its own, and its print."""
    first = mixed(keys + np.uint64(seed * int(_STEP) & (1 << 64) - 1))
    second = mixed(first)
    mask, step = np.uint64(segment - 1), np.uint64(segment)
    begin = ((first >> np.uint64(32)) * np.uint64(segments * segment)) >> np.uint64(32)
    places = (first & mask, (first >> np.uint64(16)) & mask, second & mask)
    slots = [begin, *((begin + np.uint64(n + 1) * step) ^ place for n, place in enumerate(places))]
    return slots, (second >> np.uint64(48)) & np.uint64((1 << bits) - 1)


def _filled(slots: list[Words], prints: Words, size: int) -> npt.NDArray[np.uint16] | None:
    """The cells whose four of each key give its print together; None where the keys cannot be taken off one by one."""
    of = np.stack(slots).astype(np.int32)
    numbers = np.arange(len(prints), dtype=np.int64)
    held = np.zeros(size, np.int32)
    total = np.zeros(size, np.int64)
    for row in of:
        held += np.bincount(row, minlength=size).astype(np.int32)
        total += np.bincount(row, numbers, size).astype(np.int64)
    rounds = []
    free = np.flatnonzero(held == 1)
    while len(free):
        keys, first = np.unique(total[free], return_index=True)
        rounds.append((keys, free[first]))
        touched = of[:, keys].ravel()
        np.subtract.at(held, touched, 1)
        np.subtract.at(total, touched, np.tile(keys, 4))
        free = once(touched[held[touched] == 1])
    if held.any():
        return None
    cells = np.zeros(size, np.uint16)
    for keys, own in reversed(rounds):
        others = of[:, keys]
        cells[own] = prints[keys].astype(np.uint16) ^ np.bitwise_xor.reduce(cells[others], axis=0)
    return cells


def _size(cells: int, bits: int) -> int:
    return (cells * bits + 7) // 8 + PAD


def _packed(cells: npt.NDArray[np.uint16], bits: int) -> npt.NDArray[np.uint8]:
    found = np.zeros(_size(len(cells), bits), np.uint8)
    if bits == 8:
        found[: len(cells)] = cells
        return found
    spread = np.unpackbits(cells.astype("<u2").view(np.uint8).reshape(-1, 2), axis=1, count=bits, bitorder="little")
    packed = np.packbits(spread.ravel(), bitorder="little")
    found[: len(packed)] = packed
    return found
