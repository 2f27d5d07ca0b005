# mypy: allow-untyped-calls
"""From tensors to launched kernels: plans, outputs, and the sum of the partial bias gradients."""

from __future__ import annotations

from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor

from muse.kernels.triton.backward import keys_kernel, queries_kernel
from muse.kernels.triton.configs import SINGLE, TABLE, Blocks, hardware
from muse.kernels.triton.forward import forward_kernel
from muse.kernels.triton.grid import Grid, modes, once, straightened
from muse.kernels.triton.plan import MANY, plan_kernel


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
        rows, segments = self.indices[:2], self.indices[4:]
        read = (rows[own], rows[other], segments[own], segments[other])
        steps = tuple(self.steps[i] for i in (own, other, 4 + own, 4 + other))
        sizes = (
            steps, origins[own], origins[other], counts[own], counts[other], self.grid.nearest, self.grid.furthest,
            self.last_row,
        )  # fmt: skip
        flags = {
            "ROWED": bool(self.rows), "SEGMENTED": self.grid.segments is not None, "QUERIES": by_queries,
            "BLOCK": block, "TILE": tile,
        }  # fmt: skip

        def find() -> Tensor:
            made = torch.empty(requests, number, 4, dtype=torch.int32, device=self.q.device)
            plan_kernel[(requests * number,)](made, *read, *sizes, **flags, MANY=MANY)
            return made

        return once(read, (sizes, *flags.values()), find), number * 4 if requests > 1 else 0


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
