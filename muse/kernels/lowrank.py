"""The bias as extra features of q and k: exact, and every plain attention can then carry it.

Coordinates are small integers, so the bias of a pair of tokens is a bilinear form of two one-hot vectors,
`e_i M e_j`, where e marks row, column and segment, and M is block diagonal: row table, column table,
and -BARRIER between unlike segments. Appending `e_i M` to q and `e_j` to k makes the bias part of the product,
and its gradient part of autograd, with no gather and no scatter.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from muse.kernels.reference import visible

BARRIER = 1e4
"""Score between unlike segments: exp(-1e4) is exactly 0 in every dtype, and 1e4 fits into fp16."""


@dataclass(frozen=True)
class Grid:
    """Where the tokens of a batch stand, prepared once and shared by all layers.

    Attributes:
        marks: (B, T, E) one-hot of row, column and segment side by side.
        rows, cols, segments: how many of the E features each of them takes.
        hidden: (T, T) 0 where visible, -inf where not; None where all is visible or `causal` alone says it.
        causal: no query sees a later key.
        window: a query sees keys less than `window` tokens away; None for all.
    """

    marks: Tensor
    rows: int
    cols: int
    segments: int
    hidden: Tensor | None
    causal: bool
    window: int | None

    def bilinear(self, row_bias: Tensor, col_bias: Tensor) -> Tensor:
        """M: (..., H, E, E) with bias = `marks_i M marks_j`, for row_bias (..., H, R) and col_bias (..., H, 2C-1)."""
        device, half = row_bias.device, col_bias.shape[-1] // 2
        down = torch.arange(self.rows, device=device)
        along = torch.arange(self.cols, device=device)
        row_table = row_bias[..., (down[:, None] - down).clamp(0, row_bias.shape[-1] - 1)]
        col_table = col_bias[..., (along[:, None] - along).clamp(-half, half) + half]
        after = self.cols + self.segments
        upper = F.pad(row_table, (0, after))
        middle = F.pad(col_table, (self.rows, self.segments))
        if not self.segments:
            return torch.cat((upper, middle), -2)
        walls = (torch.eye(self.segments, device=device, dtype=row_bias.dtype) - 1) * BARRIER
        lower = F.pad(walls, (self.rows + self.cols, 0)).expand(*row_bias.shape[:-1], -1, -1)
        return torch.cat((upper, middle, lower), -2)


def one_hot(index: Tensor, size: int, dtype: torch.dtype) -> Tensor:
    return (index[..., None] == torch.arange(size, device=index.device, dtype=index.dtype)).to(dtype)


def grid(
    row: Tensor,
    col: Tensor,
    segment: Tensor | None,
    *,
    extent: tuple[int, int, int],
    causal: bool,
    window: int | None,
    dtype: torch.dtype,
) -> Grid:
    """The grid of a batch.

    Args:
        row, col, segment: (B, T) integer; row in [0, extent[0]), col in [0, extent[1]), segment in [0, extent[2]).
        extent: how many rows, columns and segments there are; larger is right too, but slower.
        dtype: of the features.
    """
    rows, cols, segments = extent if segment is not None else (*extent[:2], 0)
    marks = [one_hot(row, rows, dtype), one_hot(col, cols, dtype)]
    if segment is not None:
        marks.append(one_hot(segment, segments, dtype))
    allowed = visible(row.shape[1], row.shape[1], causal=causal, window=window, device=row.device)
    hidden = None
    if allowed is not None:
        hidden = torch.zeros(allowed.shape, device=row.device, dtype=dtype).masked_fill_(~allowed, -torch.inf)
    return Grid(torch.cat(marks, -1), rows, cols, segments, hidden, causal, window)


def _joined(q: Tensor, k: Tensor, place: Grid, table: Tensor, scale: float) -> tuple[Tensor, Tensor]:
    marks = place.marks.to(q.dtype)
    lifted = torch.matmul(marks[:, None], table.to(q.dtype))
    queries = torch.cat((q * scale, lifted.to(q.dtype).expand(len(q), -1, -1, -1)), -1)
    keys = torch.cat((k, marks[:, None].expand(len(k), k.shape[1], -1, -1)), -1)
    return queries, keys


def lowrank_flash(q: Tensor, k: Tensor, v: Tensor, place: Grid, table: Tensor, scale: float) -> Tensor:
    """(B, H, T, K), through `scaled_dot_product_attention`: memory linear in T. table: (H, E, E), `place.bilinear`."""
    queries, keys = _joined(q, k, place, table, scale)
    values = F.pad(v, (0, keys.shape[-1] - v.shape[-1]))
    mask = None if place.window is None or place.hidden is None else place.hidden.to(q.dtype)
    out = F.scaled_dot_product_attention(
        queries, keys, values, mask, is_causal=place.causal and mask is None, scale=1.0
    )
    return out[..., : v.shape[-1]]


def lowrank_product(q: Tensor, k: Tensor, v: Tensor, place: Grid, table: Tensor, scale: float) -> Tensor:
    """(B, H, T, K), by two plain products and a softmax: fastest on a CPU, memory B·H·T·T."""
    queries, keys = _joined(q, k, place, table, scale)
    queries, keys = queries.flatten(0, 1), keys.flatten(0, 1).transpose(1, 2)
    if place.hidden is None:
        scores = torch.bmm(queries, keys)
    else:
        scores = torch.baddbmm(place.hidden.to(q.dtype), queries, keys)
    return torch.bmm(torch.softmax(scores, -1), v.flatten(0, 1)).view(v.shape)
