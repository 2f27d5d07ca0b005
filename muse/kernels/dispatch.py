"""The public attention op: checks what it is given, then picks a backend."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from muse.errors import UsageError, did_you_mean
from muse.kernels.choice import HALVES, hindrance
from muse.kernels.lowrank import grid, lowrank_flash, lowrank_product
from muse.kernels.ops import grid_attention
from muse.kernels.reference import reference

BACKENDS = ("reference", "product", "flash", "triton")
PRODUCT_BYTES = 1 << 30

Pair = Tensor | tuple[Tensor, Tensor]


class Choice(NamedTuple):
    """A backend and the reason for it."""

    backend: str
    why: str


def attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    *,
    row: Pair,
    col: Pair,
    row_bias: Tensor,
    col_bias: Tensor,
    segment: Pair | None = None,
    causal: bool = True,
    window: int | None = None,
    scale: float | None = None,
    backend: str | None = None,
) -> Tensor:
    """(B, H, Tq, K) softmax attention with a learned bias on grid coordinates, with gradients for all five tensors.

    Row bias is read at `clip(row_query - row_key, 0, R - 1)`: a key on a later row counts as one on the same row.
    Column bias is read at `clip(col_query - col_key, 1 - C, C - 1) + C - 1`.

    Args:
        q: (B, H, Tq, K) float; with fewer queries than keys, the queries are the last tokens.
        k, v: (B, H, Tk, K), dtype and device of q.
        row, col: (B, T) integer >= 0, or a pair for queries (B, Tq) and keys (B, Tk); B may be 1 for all alike.
        row_bias: (H, R) float.
        col_bias: (H, 2C-1) float.
        segment: like row: tokens of unlike segments do not see each other.
        causal: no query sees a later key.
        window: a query sees keys less than `window` tokens away.
        scale: factor of the scores; 1 / sqrt(K) by default.
        backend: "reference", "product", "flash" or "triton"; by default the fastest one that fits, see `explain`.

    Raises:
        UsageError: names the argument, its shape, and what was expected.

    >>> q = torch.randn(2, 4, 5, 8)
    >>> at = torch.arange(5).expand(2, 5)
    >>> attention(q, q, q, row=at // 3, col=at % 3, row_bias=torch.zeros(4, 2), col_bias=torch.zeros(4, 5)).shape
    torch.Size([2, 4, 5, 8])
    """
    rows, cols, segments = _check(q, k, v, row, col, row_bias, col_bias, segment, window)
    alike = q.shape[2] == k.shape[2] and rows[0] is rows[1] and cols[0] is cols[1]
    chosen = backend or explain(q, k, alike=alike, scale=scale).backend
    factor = 1 / math.sqrt(q.shape[-1]) if scale is None else scale
    if chosen == "triton":
        why_not = hindrance(q, factor)
        if why_not:
            raise UsageError('attention cannot take backend "triton"', why_not, "leave out the backend")
        own = segments or (None, None)
        out: Tensor = grid_attention(q, k, v, *rows, *cols, *own, row_bias, col_bias, causal, window, factor)[0]
        return out
    if chosen == "reference":
        return reference(
            q, k, v, row=rows, col=cols, row_bias=row_bias, col_bias=col_bias, segment=segments, causal=causal,
            window=window, scale=factor,
        )  # fmt: skip
    if chosen not in BACKENDS:
        raise UsageError(f'attention knows no backend "{chosen}"', next_step=did_you_mean(chosen, BACKENDS))
    if not alike:
        raise UsageError(
            f'attention backend "{chosen}" takes as many queries as keys, at the same places',
            f"q has {q.shape[2]} tokens and k has {k.shape[2]}",
            'leave out the backend or use "reference"',
        )
    document = None if segments is None else segments[0]
    documents = 0 if document is None else _extent("segment", document)
    extent = (_extent("row", rows[0]), _extent("col", cols[0]), documents)
    place = grid(rows[0], cols[0], document, extent=extent, causal=causal, window=window, dtype=q.dtype)
    run = lowrank_product if chosen == "product" else lowrank_flash
    return run(q, k, v, place, place.bilinear(row_bias, col_bias), factor)


def explain(q: Tensor, k: Tensor, *, alike: bool = True, scale: float | None = None) -> Choice:
    """Which backend `attention` takes for such tensors, and why.

    Args:
        q, k: (B, H, T, K); only shape, dtype and device count.
        alike: queries and keys stand at the same places (row and col are no pairs).
        scale: as given to `attention`.

    >>> explain(torch.zeros(1, 2, 16, 8), torch.zeros(1, 2, 16, 8)).backend
    'product'
    """
    batch, heads, queries, keys = *q.shape[:3], k.shape[2]
    why_not = hindrance(q, scale) or (None if q.dtype in HALVES else f"{q.dtype} gains nothing from the kernels")
    if q.is_cuda and not why_not:
        return Choice("triton", "our kernels carry the bias, its gradients too, with memory linear in T")
    if queries != keys:
        return Choice("reference", f"{queries} queries over {keys} cached keys: a gather of the bias is cheap")
    if not alike:
        return Choice("reference", "queries and keys stand at unlike places")
    if q.device.type != "cpu":
        return Choice("flash", f"the fused attention keeps memory linear in T, and {why_not}")
    scores = batch * heads * queries * keys * q.element_size()
    if scores > PRODUCT_BYTES:
        return Choice("flash", f"the scores would take {scores >> 20} MiB, over {PRODUCT_BYTES >> 20} MiB")
    return Choice("product", "on a CPU two plain products and a softmax were measured 1.1 to 3 times faster than SDPA")


def _pair(value: Pair) -> tuple[Tensor, Tensor]:
    return value if isinstance(value, tuple) else (value, value)


def _extent(name: str, index: Tensor) -> int:
    low, high = (int(end) for end in torch.aminmax(index))
    if low < 0:
        raise UsageError(f"attention: {name} holds {low}", "coordinates start at 0")
    return high + 1


def _check(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    row: Pair,
    col: Pair,
    row_bias: Tensor,
    col_bias: Tensor,
    segment: Pair | None,
    window: int | None,
) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor], tuple[Tensor, Tensor] | None]:
    if q.ndim != 4 or not q.is_floating_point() or 0 in q.shape:
        raise _bad("q", q, "a float tensor (B, H, T, K) that is not empty")
    batch, heads, queries, width = q.shape
    keys = k.shape[2] if k.ndim == 4 else 0
    if k.shape != (batch, heads, keys, width) or keys < queries or k.dtype != q.dtype:
        raise _bad("k", k, f"({batch}, {heads}, at least {queries}, {width}) {q.dtype} like q")
    if v.shape != k.shape or v.dtype != q.dtype:
        raise _bad("v", v, f"{tuple(k.shape)} {q.dtype} like k")
    if row_bias.ndim != 2 or row_bias.shape[0] != heads or row_bias.shape[1] < 1 or not row_bias.is_floating_point():
        raise _bad("row_bias", row_bias, f"({heads}, R) float")
    if col_bias.ndim != 2 or col_bias.shape[0] != heads or col_bias.shape[1] % 2 == 0:
        raise _bad("col_bias", col_bias, f"({heads}, 2C-1) float")
    if window is not None and window < 1:
        raise UsageError(f"attention: window is {window}", "a token must at least see itself", "use 1 or more")
    pairs: dict[str, tuple[Tensor, Tensor]] = {"row": _pair(row), "col": _pair(col)}
    if segment is not None:
        pairs["segment"] = _pair(segment)
    for name, pair in pairs.items():
        for index, length in zip(pair, (queries, keys), strict=True):
            if index.shape not in ((batch, length), (1, length)) or index.is_floating_point() or index.is_complex():
                raise _bad(name, index, f"({batch}, {length}) integer")
    named = {"k": k, "v": v, "row_bias": row_bias, "col_bias": col_bias}
    for name, tensor in {**named, **{name: pair[1] for name, pair in pairs.items()}}.items():
        if tensor.device != q.device:
            raise UsageError(f"attention: {name} is on {tensor.device}", f"q is on {q.device}", "move them together")
    return pairs["row"], pairs["col"], pairs.get("segment")


def _bad(name: str, tensor: Tensor, expected: str) -> UsageError:
    return UsageError(f"attention: {name} is {tuple(tensor.shape)} {tensor.dtype}", f"expected {expected}")
