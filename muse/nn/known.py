"""The filters of refused lines asked on the device, one a lane; see `muse.fuse.Fuse`.

Words of 64 bits are held as int64: sums and products wrap alike, and shifts to the right are masked.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from muse.constraint import Refused
from muse.walk import STEP

_MIX = 0xBF58476D1CE4E5B9


class Known:
    """For each lane what its `Refused` knows; nothing where a lane has none."""

    def __init__(self, refused: Sequence[Refused | None], device: torch.device) -> None:
        """
        Args:
            refused: of each lane; equal filters are stored once.
        """
        unlike = {id(fuse): fuse for one in refused if one is not None for fuse in one.known}
        begins = np.cumsum([0, *(len(fuse.cells) for fuse in unlike.values())]).tolist()
        at = dict(zip(unlike, begins, strict=False))
        most = max(len(one.known) for one in refused if one is not None)
        absent = (0, 0, 1, 0, 1, 1)
        rows = []
        for one in refused:
            had = [(1, at[id(fuse)], fuse.bits, signed(fuse.seed * STEP & (1 << 64) - 1), fuse.segment, fuse.segments)
                   for fuse in (one.known if one is not None else ())]  # fmt: skip
            rows.append(had + [absent] * (most - len(had)))
        cells = np.concatenate([fuse.cells for fuse in unlike.values()])
        self._cells = torch.from_numpy(np.ascontiguousarray(cells)).to(device)
        self._fuses = torch.tensor(rows, dtype=torch.int64, device=device)[..., None].unbind(1)

    def holds(self, keys: Tensor) -> Tensor:
        """(B, N) bool of keys (B, N) int64, each lane's asked of its own filters."""
        found = self._held(keys, self._fuses[0])
        for fuses in self._fuses[1:]:
            found |= self._held(keys, fuses)
        return found

    def _held(self, keys: Tensor, fuses: Tensor) -> Tensor:
        """fuses: (B, 6, 1), of each lane whether there is one, its first byte and its fields."""
        asked, begins, bits, seed, step, segments = fuses.unbind(1)
        first = _mixed(keys + seed)
        second = _mixed(first)
        mask = step - 1
        begin = _right(first, 32) * (segments * step) >> 32
        found = _right(second, 48)
        for slot in (begin, begin + step ^ first & mask, begin + 2 * step ^ _right(first, 16) & mask,
                     begin + 3 * step ^ second & mask):  # fmt: skip
            place = slot * bits
            byte = (place >> 3) + begins
            word = self._cells[byte].long() | self._cells[byte + 1].long() << 8 | self._cells[byte + 2].long() << 16
            found = found ^ word >> (place & 7)
        return (found & (1 << bits) - 1 == 0) & (asked == 1)


def _mixed(words: Tensor) -> Tensor:
    """`muse.fuse.mixed`."""
    words = (words ^ _right(words, 31)) * signed(_MIX)
    words = (words ^ _right(words, 29)) * signed(STEP)
    return words ^ _right(words, 32)


def _right(words: Tensor, count: int) -> Tensor:
    """The words shifted right, zeros coming in."""
    return (words >> count) & ((1 << (64 - count)) - 1)


def signed(word: int) -> int:
    """The int64 of the same 64 bits.

    >>> signed(2**64 - 1)
    -1
    """
    return word - (1 << 64) if word >> 63 else word
