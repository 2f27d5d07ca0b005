# mypy: allow-untyped-calls
"""From tensors to launched kernels: modes, plans, outputs, and the sum of the partial bias gradients."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.utils.weak import WeakTensorKeyDictionary

from muse.errors import UsageError
from muse.kernels.triton.backward import keys_kernel, queries_kernel
from muse.kernels.triton.configs import BLOCK, SINGLE, SLOTS, TABLE, Blocks, hardware, power
from muse.kernels.triton.forward import forward_kernel
from muse.kernels.triton.plan import MANY, plan_kernel

GATHER = -1
LARGEST = 1 << 30


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


class _Extent(NamedTuple):
    version: int
    highest: int
    span: int


_surveyed: WeakTensorKeyDictionary = WeakTensorKeyDictionary()
_straight: WeakTensorKeyDictionary = WeakTensorKeyDictionary()


def _plain(index: Tensor) -> Tensor:
    """The index as the kernels read it: int32 or int64, tokens side by side."""
    if index.dtype not in (torch.int32, torch.int64):
        index = index.to(torch.int32)
    return index if index.stride(1) == 1 else index.contiguous()


def _version(index: Tensor) -> int:
    """Goes up with each change in place; -1 where nobody counts."""
    return -1 if index.is_inference() else index._version


def _blind(x: Tensor) -> bool:
    """A CUDA graph is being recorded: it will be replayed on coordinates that nobody can look at now."""
    return x.is_cuda and torch.cuda.is_current_stream_capturing()


def _survey(name: str, index: Tensor) -> _Extent:
    """Highest coordinate, and most rows that a block of BLOCK tokens spans; one wait for the device a tensor.

    All layers of a model share their coordinates, so what was found is kept as long as the tensor is unchanged.
    """
    version = _version(index)
    known = _surveyed.get(index)
    if known is not None and known.version == version != -1:
        return known  # type: ignore[no-any-return]
    length = index.shape[1]
    padded = torch.arange(triton.cdiv(length, BLOCK) * BLOCK, device=index.device).clamp_(max=length - 1)
    low, high = torch.aminmax(index[:, padded].view(len(index), -1, BLOCK), dim=2)
    lowest, highest, span = torch.stack((low.min(), high.max(), (high - low).max())).tolist()
    if lowest < 0 or highest >= LARGEST:
        raise UsageError(f"attention: {name} holds {lowest if lowest < 0 else highest}", "expected 0 to 2^30 - 1")
    found = _Extent(version, highest, span)
    _surveyed[index] = found
    return found


def modes(grid: Grid, row_bias: Tensor, col_bias: Tensor) -> tuple[int, int]:
    """ROWS and COLS of the kernels: 0, no bias; n, one-hot slots; GATHER, where coordinates spread too far for them."""
    last_row, last_col = row_bias.shape[1] - 1, col_bias.shape[1] // 2
    blind = _blind(row_bias)
    rows = cols = 0
    if last_row:
        needed = LARGEST if blind else _row_slots(grid.rows, last_row)
        rows = power(needed) if needed <= SLOTS else GATHER
    if last_col:
        needed = LARGEST if blind else 1 + max(_survey("col", index).highest for index in grid.cols)
        cols = power(needed) if needed <= SLOTS else GATHER
    return rows, cols


def _row_slots(rows: tuple[Tensor, Tensor], last_row: int) -> int:
    return last_row + 1 + max(_survey("row", index).span for index in rows)


def straightened(grid: Grid, last_row: int) -> Grid:
    """The grid, with rows that go on from one packed document to the next where they would else span too much.

    Only differences inside a document count, so a document may start at any row. It has to be one stretch of tokens:
    segments that never go down are taken for that.
    """
    if grid.segments is None or not last_row or _blind(grid.rows[0]):
        return grid
    row, segment = grid.rows[0], grid.segments[0]
    alike = row is grid.rows[1] and segment is grid.segments[1]
    if not alike or _row_slots(grid.rows, last_row) <= SLOTS:
        return grid
    known = _straight.get(row)
    now = (_version(row), _version(segment))
    if known is None or known[0] is not segment or known[1] != now or -1 in now:
        turn = segment.diff(dim=1)
        if bool((turn < 0).any()):
            return grid
        place = torch.nn.functional.pad(row.diff(dim=1).masked_fill(turn != 0, 0).cumsum(1), (1, 0))
        known = (segment, now, place - place.amin(1, keepdim=True))
        _straight[row] = known
    return grid._replace(rows=(known[2], known[2]))


def pick(kernel: str, q: Tensor, biased: bool) -> Blocks:
    if q.dtype == torch.float32:
        return SINGLE
    column = hardware(torch.cuda.get_device_capability(q.device)) if q.is_cuda else 80
    return TABLE[column, kernel, q.shape[-1], biased]


class _Launch:
    """What the kernels of one call share."""

    def __init__(self, q: Tensor, k: Tensor, grid: Grid, row_bias: Tensor, col_bias: Tensor, scale: float) -> None:
        grid = straightened(grid, row_bias.shape[1] - 1)
        self.q, self.grid = q, grid
        self.batch, self.heads, self.queries, self.width = q.shape
        self.keys = k.shape[2]
        self.last_row, self.half = row_bias.shape[1] - 1, col_bias.shape[1] // 2
        self.rows, self.cols = modes(grid, row_bias, col_bias)
        segments = grid.segments or grid.rows
        self.indices = (*grid.rows, *grid.cols, *segments)
        self.steps = tuple(index.stride(0) if len(index) > 1 else 0 for index in self.indices)
        self.tables = (row_bias.contiguous(), col_bias.contiguous())
        self.sizes = (
            self.heads, self.queries, self.keys, grid.nearest, grid.furthest, self.last_row, self.half, scale,
        )  # fmt: skip

    def blocks(self, kernel: str) -> Blocks:
        return pick(kernel, self.q, bool(self.rows or self.cols))

    def options(self, blocks: Blocks) -> dict[str, Any]:
        return {
            "ROWS": self.rows,
            "COLS": self.cols,
            "SEGMENTED": self.grid.segments is not None,
            "PLANNED": self.planned,
            "BM": blocks.queries,
            "BN": blocks.keys,
            "K": self.width,
            "MARK": tl.float32 if self.q.dtype == torch.float32 else tl.float16,
            "num_warps": blocks.warps,
            "num_stages": blocks.stages,
        }

    @property
    def planned(self) -> bool:
        return bool(self.rows) or self.grid.segments is not None

    def plan(self, blocks: Blocks, by_queries: bool) -> tuple[Tensor, int]:
        """The plan, and the elements from the plan of one request to that of the next."""
        if not self.planned:
            return self.indices[0], 0
        offset = self.keys - self.queries
        own, other = (0, 1) if by_queries else (1, 0)
        counts, origins = (self.queries, self.keys), (offset, 0)
        block, tile = (blocks.queries, blocks.keys) if by_queries else (blocks.keys, blocks.queries)
        number = triton.cdiv(counts[own], block)
        requests = max(len(index) for index in self.indices)
        made = torch.empty(requests, number, 4, dtype=torch.int32, device=self.q.device)
        rows, segments = self.indices[:2], self.indices[4:]
        steps = tuple(self.steps[i] for i in (own, other, 4 + own, 4 + other))
        plan_kernel[(requests * number,)](
            made, rows[own], rows[other], segments[own], segments[other], steps, origins[own], origins[other],
            counts[own], counts[other], self.grid.nearest, self.grid.furthest, self.last_row,
            ROWED=bool(self.rows), SEGMENTED=self.grid.segments is not None, QUERIES=by_queries,
            BLOCK=block, TILE=tile, MANY=MANY,
        )  # fmt: skip
        return made, number * 4 if requests > 1 else 0


def _dense(x: Tensor) -> Tensor:
    return x if x.stride(-1) == 1 else x.contiguous()


def _steps(x: Tensor) -> tuple[int, int, int]:
    return x.stride()[:3]  # type: ignore[return-value]


def forward(
    q: Tensor, k: Tensor, v: Tensor, grid: Grid, row_bias: Tensor, col_bias: Tensor, scale: float
) -> tuple[Tensor, Tensor]:
    """out: (B, H, Tq, K) like q, tokens before heads in memory; sums: (B, H, Tq) fp32, base-2 logarithms."""
    q, k, v = _dense(q), _dense(k), _dense(v)
    job = _Launch(q, k, grid, row_bias, col_bias, scale)
    out = q.new_empty(job.batch, job.queries, job.heads, job.width).transpose(1, 2)
    sums = torch.empty(q.shape[:3], dtype=torch.float32, device=q.device)
    blocks = job.blocks("forward")
    plan, plan_step = job.plan(blocks, True)
    forward_kernel[(triton.cdiv(job.queries, blocks.queries) * job.batch * job.heads,)](
        q, k, v, out, sums, plan, *job.indices, *job.tables, _steps(q), _steps(k), _steps(v), _steps(out), job.steps,
        plan_step, *job.sizes, **job.options(blocks),
    )  # fmt: skip
    return out, sums


def backward(
    dout: Tensor, q: Tensor, k: Tensor, v: Tensor, out: Tensor, sums: Tensor, grid: Grid, row_bias: Tensor,
    col_bias: Tensor, scale: float,
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:  # fmt: skip
    """Gradients of q, k, v, row_bias and col_bias, each of the dtype of its tensor; the same at each run."""
    q, k, v, out, dout = _dense(q), _dense(k), _dense(v), _dense(out), _dense(dout)
    job = _Launch(q, k, grid, row_bias, col_bias, scale)
    dq, dk, dv = torch.empty_like(q), torch.empty_like(k), torch.empty_like(v)
    delta = torch.empty_like(sums)
    blocks = job.blocks("queries")
    number = triton.cdiv(job.queries, blocks.queries)
    rows = sums.new_zeros(job.batch, job.heads, number, row_bias.shape[1])
    cols = sums.new_zeros(job.batch, job.heads, number, col_bias.shape[1])
    plan, plan_step = job.plan(blocks, True)
    queries_kernel[(number * job.batch * job.heads,)](
        q, k, v, out, dout, sums, delta, dq, rows, cols, plan, *job.indices, *job.tables, _steps(q), _steps(k),
        _steps(v), _steps(out), _steps(dout), _steps(dq), job.steps, plan_step, *job.sizes, **job.options(blocks),
    )  # fmt: skip
    blocks = job.blocks("keys")
    plan, plan_step = job.plan(blocks, False)
    keys_kernel[(triton.cdiv(job.keys, blocks.keys) * job.batch * job.heads,)](
        q, k, v, dout, sums, delta, dk, dv, plan, *job.indices, *job.tables, _steps(q), _steps(k), _steps(v),
        _steps(dout), _steps(dk), _steps(dv), job.steps, plan_step, *job.sizes, **job.options(blocks),
    )  # fmt: skip
    down = rows.sum((0, 2))
    down[:, -1] = -down[:, :-1].sum(1)
    return dq, dk, dv, down.to(row_bias.dtype), cols.sum((0, 2)).to(col_bias.dtype)
