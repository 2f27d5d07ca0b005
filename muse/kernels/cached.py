"""The decode step: one new token a request over a ring of cached keys."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from muse.errors import UsageError, did_you_mean
from muse.kernels.choice import hindrance
from muse.kernels.ops import grid_decode
from muse.kernels.reference import gathered_bias

BACKENDS = ("reference", "triton")


def decode(
    q: Tensor,
    keys: Tensor,
    values: Tensor,
    *,
    row: Tensor,
    col: Tensor,
    row_bias: Tensor,
    col_bias: Tensor,
    written: Tensor,
    length: Tensor | None = None,
    window: int | None = None,
    scale: float | None = None,
    backend: str | None = None,
) -> Tensor:
    """(B, H, 1, K) attention of the newest token of each request to the tokens in its ring; no gradients.

    Token number n of a request (from 0) lies in slot n % N, so a full ring drops its oldest token. The newest token is
    already in the ring, with its coordinates. All counts are read on the device: the same call serves every step.

    Args:
        q: (B, H, 1, K) float, of token `written - 1`.
        keys, values: (B, H, N, K), dtype and device of q.
        row, col: (B, N) integer, coordinates of the tokens in the ring.
        row_bias, col_bias: (H, R) and (H, 2C-1) float, as in `attention`.
        written: (B,) integer, tokens written so far.
        length: (B,) integer, how many of the newest tokens count (a left-padded request has fewer); all by default.
        window: a query sees keys less than `window` tokens away.
        scale: factor of the scores; 1 / sqrt(K) by default.
        backend: "reference" or "triton"; by default the fastest one that fits.

    Raises:
        UsageError: names the argument, its shape, and what was expected.

    >>> q, ring, at = torch.randn(2, 4, 1, 8), torch.randn(2, 4, 6, 8), torch.zeros(2, 6, dtype=torch.int32)
    >>> written = torch.tensor([3, 9])
    >>> bias = {"row_bias": torch.zeros(4, 2), "col_bias": torch.zeros(4, 5)}
    >>> decode(q, ring, ring, row=at, col=at, written=written, **bias).shape
    torch.Size([2, 4, 1, 8])
    """
    length = written if length is None else length
    _check(q, keys, values, row, col, row_bias, col_bias, written, length, window)
    factor = 1 / math.sqrt(q.shape[-1]) if scale is None else scale
    capacity = keys.shape[2]
    reach = capacity if window is None else min(window, capacity)
    why_not = hindrance(q)
    chosen = backend or ("triton" if q.is_cuda and not why_not else "reference")
    if chosen not in BACKENDS:
        raise UsageError(f'decode knows no backend "{chosen}"', next_step=did_you_mean(chosen, BACKENDS))
    if chosen == "reference":
        return _reference(q, keys, values, row, col, row_bias, col_bias, written, length, reach, factor)
    if why_not:
        raise UsageError('decode cannot take backend "triton"', why_not, 'leave out the backend or use "reference"')
    out: Tensor = grid_decode(q, keys, values, row, col, row_bias, col_bias, written, length, reach, factor)
    return out


def _reference(
    q: Tensor, keys: Tensor, values: Tensor, row: Tensor, col: Tensor, row_bias: Tensor, col_bias: Tensor,
    written: Tensor, length: Tensor, reach: int, scale: float,
) -> Tensor:  # fmt: skip
    capacity = keys.shape[2]
    count = torch.minimum(length, written).clamp(max=reach)[:, None]
    newest = (written[:, None] - 1) % capacity
    age = (newest - torch.arange(capacity, device=q.device)) % capacity
    here = newest.long()
    bias = gathered_bias((row.gather(1, here), row), (col.gather(1, here), col), row_bias, col_bias).transpose(0, 1)
    scores = torch.matmul(q, keys.transpose(-1, -2)).float() * scale + bias
    scores = scores.masked_fill((age >= count)[:, None, None], -torch.inf)
    share = torch.softmax(scores, -1).masked_fill((count <= 0)[:, None, None], 0)
    return torch.matmul(share.to(values.dtype), values)


def _check(
    q: Tensor, keys: Tensor, values: Tensor, row: Tensor, col: Tensor, row_bias: Tensor, col_bias: Tensor,
    written: Tensor, length: Tensor, window: int | None,
) -> None:  # fmt: skip
    if q.ndim != 4 or q.shape[2] != 1 or not q.is_floating_point() or 0 in q.shape:
        raise _bad("q", q, "a float tensor (B, H, 1, K) that is not empty")
    batch, heads, _, width = q.shape
    capacity = keys.shape[2] if keys.ndim == 4 else 0
    if keys.shape != (batch, heads, capacity, width) or capacity < 1 or keys.dtype != q.dtype:
        raise _bad("keys", keys, f"({batch}, {heads}, N, {width}) {q.dtype} like q")
    if values.shape != keys.shape or values.dtype != q.dtype:
        raise _bad("values", values, f"{tuple(keys.shape)} {q.dtype} like keys")
    if row_bias.ndim != 2 or row_bias.shape[0] != heads or row_bias.shape[1] < 1 or not row_bias.is_floating_point():
        raise _bad("row_bias", row_bias, f"({heads}, R) float")
    if col_bias.ndim != 2 or col_bias.shape[0] != heads or col_bias.shape[1] % 2 == 0:
        raise _bad("col_bias", col_bias, f"({heads}, 2C-1) float")
    counts: dict[str, tuple[Tensor, tuple[int, ...]]] = {
        "row": (row, (batch, capacity)),
        "col": (col, (batch, capacity)),
        "written": (written, (batch,)),
        "length": (length, (batch,)),
    }
    for name, (index, shape) in counts.items():
        if index.shape != shape or index.is_floating_point() or index.is_complex() or index.dtype == torch.bool:
            raise _bad(name, index, f"{shape} integer")
    if window is not None and window < 1:
        raise UsageError(f"decode: window is {window}", "a token must at least see itself", "use 1 or more")
    named = {"keys": keys, "values": values, "row_bias": row_bias, "col_bias": col_bias}
    for name, tensor in {**named, **{name: index for name, (index, _) in counts.items()}}.items():
        if tensor.device != q.device:
            raise UsageError(f"decode: {name} is on {tensor.device}", f"q is on {q.device}", "move them together")


def _bad(name: str, tensor: Tensor, expected: str) -> UsageError:
    return UsageError(f"decode: {name} is {tuple(tensor.shape)} {tensor.dtype}", f"expected {expected}")
