"""Attention spelled out: every score computed, every bias gathered. The yardstick, and the decode step."""

from __future__ import annotations

import torch
from torch import Tensor


def visible(
    queries: int, keys: int, *, causal: bool, window: int | None, device: torch.device, offset: int | None = None
) -> Tensor | None:
    """(Tq, Tk) bool, True where a query may look at a key; None where all may look at all.

    Args:
        queries, keys: Tq and Tk, in tokens.
        causal: no query sees a later key.
        window: a query sees keys less than `window` tokens away.
        offset: index of the first query among the keys; by default the queries are the last ones.
    """
    if not causal and window is None:
        return None
    first = keys - queries if offset is None else offset
    distance = torch.arange(first, first + queries, device=device)[:, None] - torch.arange(keys, device=device)
    allowed = distance >= 0 if causal else torch.ones_like(distance, dtype=torch.bool)
    return allowed if window is None else allowed & (distance.abs() < window)


def gathered_bias(row: tuple[Tensor, Tensor], col: tuple[Tensor, Tensor], row_bias: Tensor, col_bias: Tensor) -> Tensor:
    """(..., H, B, Tq, Tk) bias of each pair of tokens.

    Args:
        row, col: coordinates of queries (B, Tq) and keys (B, Tk), integer.
        row_bias: (..., H, R), read at clip(row_query - row_key, 0, R - 1).
        col_bias: (..., H, 2C-1), read at clip(col_query - col_key, 1 - C, C - 1) + C - 1.
    """
    rows, half = row_bias.shape[-1], col_bias.shape[-1] // 2
    down = (row[0][:, :, None] - row[1][:, None, :]).clamp(0, rows - 1).long()
    along = (col[0][:, :, None] - col[1][:, None, :]).clamp(-half, half).long() + half
    return row_bias[..., down] + col_bias[..., along]


def reference(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    *,
    row: tuple[Tensor, Tensor],
    col: tuple[Tensor, Tensor],
    row_bias: Tensor,
    col_bias: Tensor,
    segment: tuple[Tensor, Tensor] | None,
    causal: bool,
    window: int | None,
    scale: float,
) -> Tensor:
    """(B, H, Tq, K) attention output, by definition; arguments as in `muse.kernels.attention`, all present."""
    bias = gathered_bias(row, col, row_bias, col_bias).transpose(0, 1).to(torch.promote_types(q.dtype, row_bias.dtype))
    scores = torch.matmul(q, k.transpose(-1, -2)) * scale + bias
    allowed = visible(q.shape[2], k.shape[2], causal=causal, window=window, device=q.device)
    if segment is not None:
        same = (segment[0][:, :, None] == segment[1][:, None, :])[:, None]
        allowed = same if allowed is None else same & allowed
    if allowed is not None:
        scores = scores.masked_fill(~allowed, -torch.inf)
    return torch.matmul(torch.softmax(scores, -1).to(v.dtype), v)
