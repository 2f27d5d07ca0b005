"""Coordinates as the kernels take them, and what must be known of them before a launch."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import NamedTuple, TypeVar

import torch
from torch import Tensor
from torch.utils.weak import TensorWeakRef, WeakTensorKeyDictionary

from muse.errors import UsageError
from muse.kernels.triton.configs import BLOCK, SLOTS, power

GATHER = -1
"""The mode of kernels where coordinates spread too far for one-hot slots."""
LARGEST = 1 << 30
Found = TypeVar("Found")


class Grid(NamedTuple):
    """Coordinates of queries and keys, (B or 1, T) integer each, and who sees whom.

    Attributes:
        segments: None where all are of one document.
        nearest, furthest: a query sees keys `nearest` to `furthest` tokens behind it.
    """

    rows: tuple[Tensor, Tensor]
    cols: tuple[Tensor, Tensor]
    segments: tuple[Tensor, Tensor] | None
    nearest: int
    furthest: int

    @classmethod
    def of(
        cls,
        rows: tuple[Tensor, Tensor],
        cols: tuple[Tensor, Tensor],
        segments: tuple[Tensor, Tensor] | None,
        causal: bool,
        window: int | None,
    ) -> Grid:
        keys = rows[1].shape[1]
        furthest = keys if window is None else min(window - 1, keys)
        made = [tuple(_plain(index) for index in pair) for pair in (rows, cols, *([segments] if segments else []))]
        return cls(made[0], made[1], made[2] if segments else None, 0 if causal else -furthest, furthest)  # type: ignore[arg-type]


_notes: WeakTensorKeyDictionary = WeakTensorKeyDictionary()


def once(indices: tuple[Tensor, ...], about: Hashable, find: Callable[[], Found]) -> Found:
    """`find()`, or what it gave before for the same coordinates, unchanged since: all layers of a model share them."""
    versions = tuple(-1 if index.is_inference() else index._version for index in indices)
    if -1 in versions or recorded(indices[0]):
        return find()
    notes = _notes.setdefault(indices[0], {})  # type: ignore[no-untyped-call]
    if about in notes:
        others, then, found = notes[about]
        if then == versions and all(other() is index for other, index in zip(others, indices[1:], strict=True)):
            return found  # type: ignore[no-any-return]
    fresh = find()
    notes[about] = tuple(TensorWeakRef(index) for index in indices[1:]), versions, fresh
    return fresh


def recorded(x: Tensor) -> bool:
    """A CUDA graph is being recorded: it will be replayed on coordinates that nobody can look at now."""
    return x.is_cuda and torch.cuda.is_current_stream_capturing()


def _plain(index: Tensor) -> Tensor:
    """The index as the kernels read it: int32 or int64, tokens side by side."""
    if index.dtype not in (torch.int32, torch.int64):
        index = index.to(torch.int32)
    return index if index.stride(1) == 1 else index.contiguous()


def _survey(name: str, index: Tensor) -> tuple[int, int]:
    """Highest coordinate, and most rows that a block of BLOCK tokens spans; waits for the device."""

    def find() -> tuple[int, int]:
        length = index.shape[1]
        padded = torch.arange(-(-length // BLOCK) * BLOCK, device=index.device).clamp_(max=length - 1)
        low, high = torch.aminmax(index[:, padded].view(len(index), -1, BLOCK), dim=2)
        lowest, highest, span = torch.stack((low.min(), high.max(), (high - low).max())).tolist()
        if lowest < 0 or highest >= LARGEST:
            raise UsageError(f"attention: {name} holds {lowest if lowest < 0 else highest}", "expected 0 to 2^30 - 1")
        return highest, span

    return once((index,), "survey", find)


def modes(grid: Grid, row_bias: Tensor, col_bias: Tensor) -> tuple[int, int]:
    """ROWS and COLS of the kernels: 0, no bias; n, one-hot slots; GATHER, where coordinates spread too far for them."""
    last_row, last_col = row_bias.shape[1] - 1, col_bias.shape[1] // 2
    blind = recorded(row_bias)
    rows = cols = 0
    if last_row:
        needed = LARGEST if blind else _row_slots(grid.rows, last_row)
        rows = power(needed) if needed <= SLOTS else GATHER
    if last_col:
        needed = LARGEST if blind else 1 + max(_survey("col", index)[0] for index in grid.cols)
        cols = power(needed) if needed <= SLOTS else GATHER
    return rows, cols


def _row_slots(rows: tuple[Tensor, Tensor], last_row: int) -> int:
    return last_row + 1 + max(_survey("row", index)[1] for index in rows)


def straightened(grid: Grid, last_row: int) -> Grid:
    """The grid, with rows that go on from one packed document to the next where they would else span too much.

    Only differences inside a document count, so a document may start at any row. It has to be one stretch of tokens:
    segments that never go down are taken for that.
    """
    if grid.segments is None or not last_row or recorded(grid.rows[0]):
        return grid
    row, segment = grid.rows[0], grid.segments[0]
    alike = row is grid.rows[1] and segment is grid.segments[1]
    if not alike or _row_slots(grid.rows, last_row) <= SLOTS:
        return grid

    def find() -> Tensor | None:
        turn = segment.diff(dim=1)
        if bool((turn < 0).any()):
            return None
        place = torch.nn.functional.pad(torch.where(turn == 0, row.diff(dim=1), 0).cumsum(1), (1, 0))
        return place - place.amin(1, keepdim=True)

    straight = once((row, segment), "straight", find)
    return grid if straight is None else grid._replace(rows=(straight, straight))
