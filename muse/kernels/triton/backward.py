# mypy: allow-untyped-defs, allow-incomplete-defs, allow-untyped-calls, allow-untyped-decorators
"""Backward attention in two kernels: one owns queries (dq and both bias tables), one owns keys (dk and dv).

No atomics, so the same gradients come out at each run. The gradient of a bias table is the sum of dS over all pairs
with the same clipped difference. Per tile, dS times the one-hot slots of the keys adds it up by query and slot, on the
matrix units; once a block, the sums are skewed so that equal differences share a column, and added up. Each block
writes one row of partial sums as long as the table. Far tiles add nothing to the row table: along each query dS sums
to zero, so its last entry is minus the sum of the others.
Source: Dao 2023 (FlashAttention-2), section 3.1.2; the bias as in `tiles`.
"""

from __future__ import annotations

import triton
import triton.language as tl

from muse.kernels.triton.tiles import GATHER, LOG2E, biased, far_bias, features, reach, row_slots, row_start

PIECE = tl.constexpr(32)
SPREAD = tl.constexpr(32)


@triton.jit
def _spread(sums, delta, low, high, table, SLOTS: tl.constexpr):
    """Add sums (OWN, SLOTS) to `table` (low + high + 1) at clip(delta - slot, -low, high) + low; delta: (OWN,)."""
    begin, end = tl.min(delta, 0) - (SLOTS - 1), tl.max(delta, 0)
    under, over = 0.0, 0.0
    tl.debug_barrier()  # what another thread added to this table before must have arrived
    for piece in range((end - begin) // PIECE + 1):
        apart = begin + piece * PIECE + tl.arange(0, PIECE)
        slot = delta[:, None] - apart[None, :]
        picked = tl.gather(sums, tl.minimum(tl.maximum(slot, 0), SLOTS - 1), 1)
        found = tl.sum(tl.where((slot >= 0) & (slot < SLOTS), picked, 0.0), 0)
        under += tl.sum(tl.where(apart <= -low, found, 0.0), 0)
        over += tl.sum(tl.where(apart >= high, found, 0.0), 0)
        inner = (apart > -low) & (apart < high)
        at = table + low + apart
        tl.store(at, tl.load(at, mask=inner, other=0.0) + found, mask=inner)
    tl.store(table, tl.load(table) + under)
    tl.store(table + low + high, tl.load(table + low + high) + over)


@triton.jit
def _scatter(slope, own, other, low, high, table):
    """Add slope (OWN, OTHER) to `table` by coordinate difference, whatever the coordinates are."""
    start = tl.min(other, 0)
    for _ in range((tl.max(other, 0) - start) // SPREAD + 1):
        slots = (other[:, None] - start == tl.arange(0, SPREAD)[None, :]).to(slope.dtype)
        _spread(tl.dot(slope, slots, input_precision="ieee"), own - start, low, high, table, SPREAD)
        start += SPREAD


@triton.jit
def _own_queries(
    dq, row_sums, col_sums, q, dout, sums, delta, k_at, v_at, k_step, v_step, place, row, col, segment,
    rows_k, cols_k, segments_k, row_marks, col_marks, start, row_bias, col_bias, row_table, col_table, last_row, half,
    inverse, factor, far, first, steps, gap_at, gap, keys, nearest, furthest,
    ROWS: tl.constexpr, COLS: tl.constexpr, SEGMENTED: tl.constexpr, NEAR: tl.constexpr,
    BN: tl.constexpr, K: tl.constexpr, MARK: tl.constexpr,
):  # fmt: skip
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
            v = tl.load(v_tile, mask=(key < keys)[:, None], other=0.0)
            if ROWS != 0:
                row_k = tl.load(rows_k + held).to(tl.int32)
        else:
            k = tl.load(k_tile)
            v = tl.load(v_tile)
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
            share = tl.where(seen, tl.exp2(scores * factor - sums[:, None]), 0.0)
        else:
            share = tl.exp2(scores * factor + (far - sums)[:, None])
        slope = share * (tl.dot(dout, tl.trans(v), input_precision="ieee") - delta[:, None])
        slope = slope.to(k.dtype)
        dq = tl.dot(slope, k, dq, input_precision="ieee")
        if COLS > 0:
            slots = (col_k[:, None] == tl.arange(0, COLS)[None, :]).to(k.dtype)
            col_sums = tl.dot(slope, slots, col_sums, input_precision="ieee")
        elif COLS == GATHER:
            _scatter(slope, col, col_k, half, half, col_table)
        if NEAR:
            if ROWS > 0:
                slots = (row_slots(row_k, start, ROWS)[:, None] == tl.arange(0, ROWS)[None, :]).to(k.dtype)
                row_sums = tl.dot(slope, slots, row_sums, input_precision="ieee")
            elif ROWS == GATHER:
                _scatter(slope, row, row_k, 0, last_row, row_table)
    return dq, row_sums, col_sums


@triton.jit
def queries_kernel(
    q_ptr, k_ptr, v_ptr, out_ptr, dout_ptr, sum_ptr, delta_ptr, dq_ptr, row_table, col_table, plan,
    rows_q, rows_k, cols_q, cols_k, segments_q, segments_k, row_bias, col_bias,
    q_steps, k_steps, v_steps, out_steps, dout_steps, dq_steps, grid_steps, plan_step,
    heads, queries, keys, nearest, furthest, last_row, half, scale,
    ROWS: tl.constexpr, COLS: tl.constexpr, SEGMENTED: tl.constexpr, PLANNED: tl.constexpr,
    BM: tl.constexpr, BN: tl.constexpr, K: tl.constexpr, MARK: tl.constexpr,
):  # fmt: skip
    """dq, delta (B, H, Tq) fp32 (out times its gradient), and partial tables (B, H, blocks, R) and (.., 2C-1), zeros.

    Other arguments as in `forward_kernel`.
    """
    blocks = tl.cdiv(queries, BM)
    block = blocks - 1 - tl.program_id(0) % blocks
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

    factor, inverse = scale * LOG2E, 1 / scale
    row, col, segment, row_marks, col_marks, start = held, held, held, held, held, 0
    row_bias += head * (last_row + 1)
    col_bias += head * (2 * half + 1)
    rows_k += request * grid_steps[1]
    cols_k += request * grid_steps[3]
    segments_k += request * grid_steps[5]
    part = both.to(tl.int64) * blocks + block
    row_table += part * (last_row + 1)
    col_table += part * (2 * half + 1)
    row_sums, col_sums = 0.0, 0.0
    if ROWS != 0:
        row = tl.load(rows_q + request * grid_steps[0] + held).to(tl.int32)
        if ROWS > 0:
            start = row_start(row, ROWS, True)
            row_marks = features(row_bias, row, start, 0, last_row, inverse, ROWS, True, MARK)
            row_sums = tl.zeros((BM, ROWS), tl.float32)
    if COLS != 0:
        col = tl.load(cols_q + request * grid_steps[2] + held).to(tl.int32)
        if COLS > 0:
            col_marks = features(col_bias, col, 0, half, half, inverse, COLS, True, MARK)
            col_sums = tl.zeros((BM, COLS), tl.float32)
    if SEGMENTED:
        segment = tl.load(segments_q + request * grid_steps[4] + held)
    far = far_bias(row_bias, last_row, inverse, ROWS, MARK) * factor

    wide = tl.arange(0, K)
    query_64 = query.to(tl.int64)
    real = (query < queries)[:, None]
    q_at = q_ptr + request * q_steps[0] + head * q_steps[1]
    out_at = out_ptr + request * out_steps[0] + head * out_steps[1]
    dout_at = dout_ptr + request * dout_steps[0] + head * dout_steps[1]
    q = tl.load(q_at + (query_64 * q_steps[2])[:, None] + wide[None, :], mask=real, other=0.0)
    out = tl.load(out_at + (query_64 * out_steps[2])[:, None] + wide[None, :], mask=real, other=0.0)
    dout = tl.load(dout_at + (query_64 * dout_steps[2])[:, None] + wide[None, :], mask=real, other=0.0)
    flat = both.to(tl.int64) * queries + query
    delta = tl.sum(out.to(tl.float32) * dout.to(tl.float32), 1)
    tl.store(delta_ptr + flat, delta, mask=query < queries)
    sums = tl.load(sum_ptr + flat, mask=query < queries, other=float("inf"))

    k_at = k_ptr + request * k_steps[0] + head * k_steps[1]
    v_at = v_ptr + request * v_steps[0] + head * v_steps[1]
    dq = tl.zeros((BM, K), tl.float32)
    dq, row_sums, col_sums = _own_queries(
        dq, row_sums, col_sums, q, dout, sums, delta, k_at, v_at, k_steps[2], v_steps[2], origin + query, row, col,
        segment, rows_k, cols_k, segments_k, row_marks, col_marks, start, row_bias, col_bias, row_table, col_table,
        last_row, half, inverse, factor, far, a, b - a, 0, 0, keys, nearest, furthest,
        ROWS, COLS, SEGMENTED, False, BN, K, MARK,
    )  # fmt: skip
    dq, row_sums, col_sums = _own_queries(
        dq, row_sums, col_sums, q, dout, sums, delta, k_at, v_at, k_steps[2], v_steps[2], origin + query, row, col,
        segment, rows_k, cols_k, segments_k, row_marks, col_marks, start, row_bias, col_bias, row_table, col_table,
        last_row, half, inverse, factor, far, lo, (a - lo) + (hi - b), a, b - a, keys, nearest, furthest,
        ROWS, COLS, SEGMENTED, True, BN, K, MARK,
    )  # fmt: skip
    dq_at = dq_ptr + request * dq_steps[0] + head * dq_steps[1] + (query_64 * dq_steps[2])[:, None]
    tl.store(dq_at + wide[None, :], (dq * scale).to(dq_ptr.dtype.element_ty), mask=real)
    if ROWS > 0:
        _spread(row_sums, row - start, 0, last_row, row_table, ROWS)
    if COLS > 0:
        _spread(col_sums, col, half, half, col_table, COLS)


@triton.jit
def _own_keys(
    dk, dv, k, v, q_at, dout_at, sum_at, delta_at, q_step, dout_step, key, row, col, segment,
    rows_q, cols_q, segments_q, row_marks, col_marks, start, row_bias, col_bias, last_row, half, inverse, factor, far,
    first, steps, gap_at, gap, origin, queries, nearest, furthest,
    ROWS: tl.constexpr, COLS: tl.constexpr, SEGMENTED: tl.constexpr, NEAR: tl.constexpr,
    BM: tl.constexpr, K: tl.constexpr, MARK: tl.constexpr,
):  # fmt: skip
    lane, wide = tl.arange(0, BM), tl.arange(0, K)
    for step in range(steps):
        tile = first + step
        if NEAR:
            tile += tl.where(tile >= gap_at, gap, 0)
        begin = tl.multiple_of(tile * BM, BM)
        query = begin + lane
        here = begin.to(tl.int64)
        q_tile = q_at + here * q_step + (lane * q_step)[:, None] + wide[None, :]
        dout_tile = dout_at + here * dout_step + (lane * dout_step)[:, None] + wide[None, :]
        held = tl.minimum(query, queries - 1)
        row_q, col_q = held, held
        if NEAR:
            q = tl.load(q_tile, mask=(query < queries)[:, None], other=0.0)
            dout = tl.load(dout_tile, mask=(query < queries)[:, None], other=0.0)
            if ROWS != 0:
                row_q = tl.load(rows_q + held).to(tl.int32)
        else:
            q = tl.load(q_tile)
            dout = tl.load(dout_tile)
        if COLS != 0:
            col_q = tl.load(cols_q + held).to(tl.int32)
        sums, delta = tl.load(sum_at + held), tl.load(delta_at + held)
        scores = tl.dot(k, tl.trans(q), input_precision="ieee")
        scores = biased(
            scores, row, col, row_q, col_q, row_marks, col_marks, start, row_bias, col_bias, last_row, half, inverse,
            ROWS, COLS, False, NEAR, MARK,
        )  # fmt: skip
        if NEAR:
            distance = (origin + query)[None, :] - key[:, None]
            seen = (distance >= nearest) & (distance <= furthest) & (query < queries)[None, :]
            if SEGMENTED:
                seen = seen & (segment[:, None] == tl.load(segments_q + held)[None, :])
            share = tl.where(seen, tl.exp2(scores * factor - sums[None, :]), 0.0)
        else:
            share = tl.exp2(scores * factor + (far - sums)[None, :])
        dv = tl.dot(share.to(dout.dtype), dout, dv, input_precision="ieee")
        slope = share * (tl.dot(v, tl.trans(dout), input_precision="ieee") - delta[None, :])
        dk = tl.dot(slope.to(q.dtype), q, dk, input_precision="ieee")
    return dk, dv


@triton.jit
def keys_kernel(
    q_ptr, k_ptr, v_ptr, dout_ptr, sum_ptr, delta_ptr, dk_ptr, dv_ptr, plan,
    rows_q, rows_k, cols_q, cols_k, segments_q, segments_k, row_bias, col_bias,
    q_steps, k_steps, v_steps, dout_steps, dk_steps, dv_steps, grid_steps, plan_step,
    heads, queries, keys, nearest, furthest, last_row, half, scale,
    ROWS: tl.constexpr, COLS: tl.constexpr, SEGMENTED: tl.constexpr, PLANNED: tl.constexpr,
    BM: tl.constexpr, BN: tl.constexpr, K: tl.constexpr, MARK: tl.constexpr,
):  # fmt: skip
    """dk and dv: (B, H, Tk, K). A block holds BN keys, a tile BM queries; arguments as in `queries_kernel`."""
    blocks = tl.cdiv(keys, BN)
    block = tl.program_id(0) % blocks
    both = tl.program_id(0) // blocks
    request, head = (both // heads).to(tl.int64), (both % heads).to(tl.int64)
    key = block * BN + tl.arange(0, BN)
    held = tl.minimum(key, keys - 1)
    origin = keys - queries
    if PLANNED:
        at = plan + request * plan_step + block * 4
        lo, a, b, hi = tl.load(at), tl.load(at + 1), tl.load(at + 2), tl.load(at + 3)
    else:
        last = tl.minimum(block * BN + BN, keys) - 1
        lo, a, b, hi = reach(block * BN, last, origin, queries, nearest, furthest, BM, False)

    wide = tl.arange(0, K)
    key_64 = key.to(tl.int64)
    real = (key < keys)[:, None]
    k_at = k_ptr + request * k_steps[0] + head * k_steps[1]
    v_at = v_ptr + request * v_steps[0] + head * v_steps[1]
    k = tl.load(k_at + (key_64 * k_steps[2])[:, None] + wide[None, :], mask=real, other=0.0)
    v = tl.load(v_at + (key_64 * v_steps[2])[:, None] + wide[None, :], mask=real, other=0.0)

    factor, inverse = scale * LOG2E, 1 / scale
    row, col, segment, row_marks, col_marks, start = held, held, held, k, k, 0
    row_bias += head * (last_row + 1)
    col_bias += head * (2 * half + 1)
    rows_q += request * grid_steps[0]
    cols_q += request * grid_steps[2]
    segments_q += request * grid_steps[4]
    if ROWS != 0:
        row = tl.load(rows_k + request * grid_steps[1] + held).to(tl.int32)
        if ROWS > 0:
            start = row_start(row, ROWS, False)
            row_marks = features(row_bias, row, start, 0, last_row, inverse, ROWS, False, MARK)
    if COLS != 0:
        col = tl.load(cols_k + request * grid_steps[3] + held).to(tl.int32)
        if COLS > 0:
            col_marks = features(col_bias, col, 0, half, half, inverse, COLS, False, MARK)
    if SEGMENTED:
        segment = tl.load(segments_k + request * grid_steps[5] + held)
    far = far_bias(row_bias, last_row, inverse, ROWS, MARK) * factor

    q_at = q_ptr + request * q_steps[0] + head * q_steps[1]
    dout_at = dout_ptr + request * dout_steps[0] + head * dout_steps[1]
    sum_at = sum_ptr + both.to(tl.int64) * queries
    delta_at = delta_ptr + both.to(tl.int64) * queries
    dk, dv = tl.zeros((BN, K), tl.float32), tl.zeros((BN, K), tl.float32)
    dk, dv = _own_keys(
        dk, dv, k, v, q_at, dout_at, sum_at, delta_at, q_steps[2], dout_steps[2], key, row, col, segment,
        rows_q, cols_q, segments_q, row_marks, col_marks, start, row_bias, col_bias, last_row, half, inverse, factor,
        far, a, b - a, 0, 0, origin, queries, nearest, furthest, ROWS, COLS, SEGMENTED, False, BM, K, MARK,
    )  # fmt: skip
    dk, dv = _own_keys(
        dk, dv, k, v, q_at, dout_at, sum_at, delta_at, q_steps[2], dout_steps[2], key, row, col, segment,
        rows_q, cols_q, segments_q, row_marks, col_marks, start, row_bias, col_bias, last_row, half, inverse, factor,
        far, lo, (a - lo) + (hi - b), a, b - a, origin, queries, nearest, furthest,
        ROWS, COLS, SEGMENTED, True, BM, K, MARK,
    )  # fmt: skip
    dk_at = dk_ptr + request * dk_steps[0] + head * dk_steps[1] + (key_64 * dk_steps[2])[:, None]
    dv_at = dv_ptr + request * dv_steps[0] + head * dv_steps[1] + (key_64 * dv_steps[2])[:, None]
    tl.store(dk_at + wide[None, :], (dk * scale).to(dk_ptr.dtype.element_ty), mask=real)
    tl.store(dv_at + wide[None, :], dv.to(dv_ptr.dtype.element_ty), mask=real)
