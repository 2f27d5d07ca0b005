# mypy: allow-untyped-defs, allow-incomplete-defs, allow-untyped-calls, allow-untyped-decorators
"""Forward attention: a program owns a block of queries and folds in one tile of keys after another.

Scores live in base 2 (`exp2` is the instruction the hardware has) and are scaled once, after the bias is added. Besides
the output only the logarithm of each query's sum is kept, so memory is linear in T.
Source: Dao 2023 (FlashAttention-2), section 3.1; the bias as in `tiles`.
"""

from __future__ import annotations

import triton
import triton.language as tl

from muse.kernels.triton.tiles import LOG2E, biased, far_bias, features, reach, row_start


@triton.jit
def _fold(
    out, high, total, q, k_at, v_at, k_step, v_step, place, row, col, segment, rows_k, cols_k, segments_k,
    row_marks, col_marks, start, row_bias, col_bias, last_row, half, inverse, factor, far,
    first, steps, gap_at, gap, keys, nearest, furthest,
    ROWS: tl.constexpr, COLS: tl.constexpr, SEGMENTED: tl.constexpr, NEAR: tl.constexpr,
    BN: tl.constexpr, K: tl.constexpr, MARK: tl.constexpr,
):  # fmt: skip
    """The running output, maximum and sum after `steps` tiles from `first` on, leaving out `gap` tiles at `gap_at`."""
    lane, wide = tl.arange(0, BN), tl.arange(0, K)
    for step in range(steps):
        tile = first + step
        if NEAR:
            tile += tl.where(tile >= gap_at, gap, 0)
        begin = tl.multiple_of(tile * BN, BN)
        key = begin + lane
        here = begin.to(tl.int64)
        k_tile = k_at + here * k_step + (lane * k_step)[:, None] + wide[None, :]
        v_tile = v_at + here * v_step + (lane * v_step)[:, None] + wide[None, :]
        held = tl.minimum(key, keys - 1)
        row_k, col_k = held, held
        if NEAR:
            k = tl.load(k_tile, mask=(key < keys)[:, None], other=0.0)
            if ROWS != 0:
                row_k = tl.load(rows_k + held).to(tl.int32)
        else:
            k = tl.load(k_tile)
        if COLS != 0:
            col_k = tl.load(cols_k + held).to(tl.int32)
        scores = tl.dot(q, tl.trans(k), input_precision="ieee")
        scores = biased(
            scores, row, col, row_k, col_k, row_marks, col_marks, start, row_bias, col_bias, last_row, half, inverse,
            ROWS, COLS, True, NEAR, MARK,
        )  # fmt: skip
        if NEAR:
            distance = place[:, None] - key[None, :]
            seen = (distance >= nearest) & (distance <= furthest) & (key < keys)[None, :]
            if SEGMENTED:
                seen = seen & (segment[:, None] == tl.load(segments_k + held)[None, :])
            scores = tl.where(seen, scores * factor, float("-inf"))
            peak = tl.maximum(high, tl.max(scores, 1))
            base = tl.where(peak == float("-inf"), 0.0, peak)
            share = tl.exp2(scores - base[:, None])
        else:
            peak = tl.maximum(high, tl.max(scores, 1) * factor + far)
            base = peak
            share = tl.exp2(scores * factor + (far - base)[:, None])
        fade = tl.exp2(high - base)
        total = total * fade + tl.sum(share, 1)
        out = out * fade[:, None]
        v = tl.load(v_tile, mask=(key < keys)[:, None], other=0.0) if NEAR else tl.load(v_tile)
        out = tl.dot(share.to(v.dtype), v, out, input_precision="ieee")
        high = peak
    return out, high, total


@triton.jit
def forward_kernel(
    q_ptr, k_ptr, v_ptr, out_ptr, sum_ptr, plan, rows_q, rows_k, cols_q, cols_k, segments_q, segments_k,
    row_bias, col_bias, q_steps, k_steps, v_steps, out_steps, grid_steps, plan_step,
    heads, queries, keys, nearest, furthest, last_row, half, scale,
    ROWS: tl.constexpr, COLS: tl.constexpr, SEGMENTED: tl.constexpr, PLANNED: tl.constexpr,
    BM: tl.constexpr, BN: tl.constexpr, K: tl.constexpr, MARK: tl.constexpr,
):  # fmt: skip
    """out: (B, H, Tq, K); sum_ptr: (B, H, Tq) fp32, base-2 logarithm of the sum, +inf where a query sees no key.

    *_steps: elements between requests, heads, tokens. grid_steps: elements between requests of rows_q, rows_k, cols_q,
    cols_k, segments_q, segments_k. plan: (B or 1, blocks, 4); plan_step: 4 blocks, or 0 for one plan for all.
    """
    blocks = tl.cdiv(queries, BM)
    block = blocks - 1 - tl.program_id(0) % blocks  # the longest first, where queries see what lies behind them
    both = tl.program_id(0) // blocks
    request, head = (both // heads).to(tl.int64), (both % heads).to(tl.int64)
    query = block * BM + tl.arange(0, BM)
    held = tl.minimum(query, queries - 1)
    origin = keys - queries
    if PLANNED:
        at = plan + request * plan_step + block * 4
        lo, a, b, hi = tl.load(at), tl.load(at + 1), tl.load(at + 2), tl.load(at + 3)
    else:
        last = origin + tl.minimum(block * BM + BM, queries) - 1
        lo, a, b, hi = reach(origin + block * BM, last, 0, keys, nearest, furthest, BN, True)

    wide = tl.arange(0, K)
    q_tile = q_ptr + request * q_steps[0] + head * q_steps[1] + (query.to(tl.int64) * q_steps[2])[:, None]
    q = tl.load(q_tile + wide[None, :], mask=(query < queries)[:, None], other=0.0)
    factor, inverse = scale * LOG2E, 1 / scale
    row, col, segment, row_marks, col_marks, start = held, held, held, q, q, 0
    row_bias += head * (last_row + 1)
    col_bias += head * (2 * half + 1)
    rows_k += request * grid_steps[1]
    cols_k += request * grid_steps[3]
    segments_k += request * grid_steps[5]
    if ROWS != 0:
        row = tl.load(rows_q + request * grid_steps[0] + held).to(tl.int32)
        if ROWS > 0:
            start = row_start(row, ROWS, True)
            row_marks = features(row_bias, row, start, 0, last_row, inverse, ROWS, True, MARK)
    if COLS != 0:
        col = tl.load(cols_q + request * grid_steps[2] + held).to(tl.int32)
        if COLS > 0:
            col_marks = features(col_bias, col, 0, half, half, inverse, COLS, True, MARK)
    if SEGMENTED:
        segment = tl.load(segments_q + request * grid_steps[4] + held)
    far = far_bias(row_bias, last_row, inverse, ROWS, MARK) * factor

    k_at = k_ptr + request * k_steps[0] + head * k_steps[1]
    v_at = v_ptr + request * v_steps[0] + head * v_steps[1]
    out = tl.zeros((BM, K), tl.float32)
    high = tl.full((BM,), float("-inf"), tl.float32)
    total = tl.zeros((BM,), tl.float32)
    out, high, total = _fold(
        out, high, total, q, k_at, v_at, k_steps[2], v_steps[2], origin + query, row, col, segment,
        rows_k, cols_k, segments_k, row_marks, col_marks, start, row_bias, col_bias, last_row, half, inverse, factor,
        far, a, b - a, 0, 0, keys, nearest, furthest, ROWS, COLS, SEGMENTED, False, BN, K, MARK,
    )  # fmt: skip
    out, high, total = _fold(
        out, high, total, q, k_at, v_at, k_steps[2], v_steps[2], origin + query, row, col, segment,
        rows_k, cols_k, segments_k, row_marks, col_marks, start, row_bias, col_bias, last_row, half, inverse, factor,
        far, lo, (a - lo) + (hi - b), a, b - a, keys, nearest, furthest, ROWS, COLS, SEGMENTED, True, BN, K, MARK,
    )  # fmt: skip

    blind = total == 0.0
    total = tl.where(blind, 1.0, total)
    out = out / total[:, None]
    sums = tl.where(blind, float("inf"), high + tl.log2(total))
    tl.store(sum_ptr + both.to(tl.int64) * queries + query, sums, mask=query < queries)
    out_tile = out_ptr + request * out_steps[0] + head * out_steps[1] + (query.to(tl.int64) * out_steps[2])[:, None]
    tl.store(out_tile + wide[None, :], out.to(out_ptr.dtype.element_ty), mask=(query < queries)[:, None])
