# mypy: allow-untyped-defs, allow-incomplete-defs, allow-untyped-calls, allow-untyped-decorators
"""Which tiles each block must look at, read from rows and segments on the device: nothing waits for the host."""

from __future__ import annotations

import triton
import triton.language as tl

from muse.kernels.triton.tiles import reach

MANY = 32


@triton.jit
def plan_kernel(
    plan, row_own, row_other, segment_own, segment_other, strides, own_origin, other_origin, own_count, other_count,
    nearest, furthest, last_row,
    ROWED: tl.constexpr, SEGMENTED: tl.constexpr, QUERIES: tl.constexpr,
    BLOCK: tl.constexpr, TILE: tl.constexpr, MANY: tl.constexpr,
):  # fmt: skip
    """plan: (B, blocks, 4) int32 lo, a, b, hi: tiles lo to hi may be seen, a to b need neither mask nor row bias.

    strides: of row_own, row_other, segment_own, segment_other from one request to the next.
    """
    blocks = tl.cdiv(own_count, BLOCK)
    request = (tl.program_id(0) // blocks).to(tl.int64)
    block = tl.program_id(0) % blocks
    first = own_origin + block * BLOCK
    last = own_origin + tl.minimum(block * BLOCK + BLOCK, own_count) - 1
    lo, a, b, hi = reach(first, last, other_origin, other_count, nearest, furthest, TILE, QUERIES)
    own = tl.minimum(block * BLOCK + tl.arange(0, BLOCK), own_count - 1)
    if ROWED:
        row = tl.load(row_own + request * strides[0] + own).to(tl.int32)
        row_low, row_high = tl.min(row, 0), tl.max(row, 0)
    if SEGMENTED:
        segment = tl.load(segment_own + request * strides[2] + own)
        segment_low, segment_high = tl.min(segment, 0), tl.max(segment, 0)
    seen_from, seen_to, plain_from, plain_to = hi, lo, b, b
    for start in range(lo, hi, MANY):
        tile = start + tl.arange(0, MANY)
        other = tl.minimum(tile[:, None] * TILE + tl.arange(0, TILE)[None, :], other_count - 1)
        seen = tile < hi
        plain = (tile >= a) & (tile < b)
        if ROWED:
            rows = tl.load(row_other + request * strides[1] + other).to(tl.int32)
            if QUERIES:
                plain = plain & (row_low - tl.max(rows, 1) >= last_row)
            else:
                plain = plain & (tl.min(rows, 1) - row_high >= last_row)
        if SEGMENTED:
            segments = tl.load(segment_other + request * strides[3] + other)
            low, high = tl.min(segments, 1), tl.max(segments, 1)
            seen = seen & (low <= segment_high) & (high >= segment_low)
            plain = plain & (low == high) & (segment_low == segment_high) & (low == segment_low)
        seen_from = tl.minimum(seen_from, tl.min(tl.where(seen, tile, hi), 0))
        seen_to = tl.maximum(seen_to, tl.max(tl.where(seen, tile + 1, lo), 0))
        plain_from = tl.minimum(plain_from, tl.min(tl.where(plain, tile, b), 0))
        plain_to = tl.minimum(plain_to, tl.min(tl.where((tile > plain_from) & (tile < b) & ~plain, tile, b), 0))
    seen_to = tl.maximum(seen_to, seen_from)
    plain_from = tl.minimum(tl.maximum(plain_from, seen_from), seen_to)
    plain_to = tl.minimum(tl.maximum(plain_to, plain_from), seen_to)
    at = plan + tl.program_id(0).to(tl.int64) * 4
    tl.store(at, seen_from)
    tl.store(at + 1, plain_from)
    tl.store(at + 2, plain_to)
    tl.store(at + 3, seen_to)
