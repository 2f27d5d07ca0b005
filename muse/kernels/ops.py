"""The Triton kernels as torch ops with gradients, so that compilers and exporters see one node.

Importing this needs no triton: the ops then exist, and fail when they are run.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


@torch.library.custom_op("muse::grid_attention", mutates_args=())
def grid_attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    row_q: Tensor,
    row_k: Tensor,
    col_q: Tensor,
    col_k: Tensor,
    segment_q: Tensor | None,
    segment_k: Tensor | None,
    row_bias: Tensor,
    col_bias: Tensor,
    causal: bool,
    window: int | None,
    scale: float,
) -> tuple[Tensor, Tensor]:
    """(B, H, Tq, K) attention, and (B, H, Tq) fp32 base-2 logarithms of the sums, which have no gradient.

    Arguments as in `muse.kernels.attention`, already checked; scale > 0.
    """
    from muse.kernels.triton import launch
    from muse.kernels.triton.grid import Grid

    with _on(q):
        grid = Grid.of((row_q, row_k), (col_q, col_k), _pair(segment_q, segment_k), causal, window)
        return launch.forward(q, k, v, grid, row_bias, col_bias, scale)


@grid_attention.register_fake
def _(q: Tensor, *_: Any) -> tuple[Tensor, Tensor]:
    batch, heads, queries, width = q.shape
    out = q.new_empty(batch, queries, heads, width).transpose(1, 2)
    return out, q.new_empty(batch, heads, queries, dtype=torch.float32)


@torch.library.custom_op("muse::grid_attention_backward", mutates_args=())
def grid_attention_backward(
    dout: Tensor,
    q: Tensor,
    k: Tensor,
    v: Tensor,
    out: Tensor,
    sums: Tensor,
    row_q: Tensor,
    row_k: Tensor,
    col_q: Tensor,
    col_k: Tensor,
    segment_q: Tensor | None,
    segment_k: Tensor | None,
    row_bias: Tensor,
    col_bias: Tensor,
    causal: bool,
    window: int | None,
    scale: float,
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Gradients of q, k, v, row_bias and col_bias; out and sums are the results of `grid_attention`."""
    from muse.kernels.triton import launch
    from muse.kernels.triton.grid import Grid

    with _on(q):
        grid = Grid.of((row_q, row_k), (col_q, col_k), _pair(segment_q, segment_k), causal, window)
        return launch.backward(dout, q, k, v, out, sums, grid, row_bias, col_bias, scale)


@grid_attention_backward.register_fake
def _(dout: Tensor, q: Tensor, k: Tensor, v: Tensor, out: Tensor, sums: Tensor, *rest: Any) -> tuple[Tensor, ...]:
    row_bias, col_bias = rest[6:8]
    made = (torch.empty_like(x if x.stride(-1) == 1 else x.contiguous()) for x in (q, k, v))
    return *made, row_bias.new_empty(row_bias.shape), col_bias.new_empty(col_bias.shape)


def _setup(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
    ctx.save_for_backward(*inputs[:3], *output, *inputs[3:11])
    ctx.options = inputs[11:]
    ctx.mark_non_differentiable(output[1])


def _backward(ctx: Any, dout: Tensor, _: Tensor) -> tuple[Tensor | None, ...]:
    dq, dk, dv, down, along = grid_attention_backward(dout, *ctx.saved_tensors, *ctx.options)
    return dq, dk, dv, *(None,) * 6, down, along, None, None, None


grid_attention.register_autograd(_backward, setup_context=_setup)


@torch.library.custom_op("muse::grid_decode", mutates_args=())
def grid_decode(
    q: Tensor,
    keys: Tensor,
    values: Tensor,
    row: Tensor,
    col: Tensor,
    row_bias: Tensor,
    col_bias: Tensor,
    written: Tensor,
    length: Tensor,
    window: int,
    scale: float,
) -> Tensor:
    """(B, H, 1, K) attention of one query a request; arguments as in `muse.kernels.decode`, already checked."""
    from muse.kernels.triton.decode import decode

    with _on(q):
        return decode(q, keys, values, row, col, row_bias, col_bias, written, length, window, scale)


@grid_decode.register_fake
def _(q: Tensor, *_: Any) -> Tensor:
    return q.new_empty(q.shape)


def _on(x: Tensor) -> Any:
    """Triton launches on the current device, whatever its arguments say."""
    return torch.cuda.device(x.device if x.is_cuda else -1)


def _pair(first: Tensor | None, second: Tensor | None) -> tuple[Tensor, Tensor] | None:
    return None if first is None or second is None else (first, second)
