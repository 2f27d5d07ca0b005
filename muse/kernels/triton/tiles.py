# mypy: allow-untyped-defs, allow-incomplete-defs, allow-untyped-calls, allow-untyped-decorators
"""What all kernels share on the device: which tiles count, and the bias of a tile without a gather per element.

A program owns a block of tokens (queries, or keys in one of the backward kernels) and walks over tiles of the others.
Coordinates are small integers, so the bias between an own token and the others is one row of *features*, gathered once
a block, and a tile's bias is `features @ onehot`, on the matrix units. For columns the slots are the columns
themselves. For rows they are counted from the edge of the block, and clipping makes the last slots stand for all
rows beyond them, so few slots serve any number of rows. A kernel learns by ROWS and COLS what to do: 0, no bias (a
constant, which softmax ignores); n > 0, n slots; GATHER, coordinates too spread for slots, so a gather per element.
"""

from __future__ import annotations

import triton
import triton.language as tl

LOG2E = tl.constexpr(1.4426950408889634)
GATHER = tl.constexpr(-1)
LIMIT = tl.constexpr(60000.0)
"""Bias over scale, at most: fp16 holds it, and exp of it is 0 or rules alone."""


@triton.jit
def reach(first, last, origin, count, nearest, furthest, TILE: tl.constexpr, QUERIES: tl.constexpr):
    """Tiles that a block may see, and those among them where it sees all: lo, a, b, hi with lo <= a <= b <= hi.

    first, last: of the block, as places among the keys. origin: place of the first of the `count` others.
    nearest, furthest: a query at p sees keys in [p - furthest, p - nearest]. QUERIES: the block holds queries.
    """
    if QUERIES:
        begin, end = first - furthest, last - nearest + 1
        full_begin, full_end = last - furthest, first - nearest + 1
    else:
        begin, end = first + nearest, last + furthest + 1
        full_begin, full_end = last + nearest, first + furthest + 1
    lo = tl.maximum(begin - origin, 0) // TILE
    hi = tl.maximum(tl.cdiv(tl.minimum(tl.maximum(end - origin, 0), count), TILE), lo)
    a = tl.cdiv(tl.maximum(full_begin - origin, 0), TILE)
    b = tl.minimum(tl.maximum(full_end - origin, 0), count) // TILE
    a = tl.minimum(tl.maximum(a, lo), hi)
    return lo, a, tl.minimum(tl.maximum(b, a), hi), hi


@triton.jit
def look_up(table, delta, low, high, inverse):
    """Bias over scale for coordinate differences; a NaN stays one."""
    index = tl.minimum(tl.maximum(delta, -low), high) + low
    found = tl.load(table + index).to(tl.float32) * inverse
    return tl.where(found > LIMIT, LIMIT, tl.where(found < -LIMIT, -LIMIT, found))


@triton.jit
def features(table, own, start, low, high, inverse, SLOTS: tl.constexpr, QUERIES: tl.constexpr, MARK: tl.constexpr):
    """(OWN, SLOTS) bias over scale between each own token and one that stands at `start + slot`."""
    delta = own[:, None] - (start + tl.arange(0, SLOTS))[None, :]
    if not QUERIES:
        delta = -delta
    return look_up(table, delta, low, high, inverse).to(MARK)


@triton.jit
def row_start(own, ROWS: tl.constexpr, QUERIES: tl.constexpr):
    """Row of slot 0, such that all rows below slot 0 and above the last slot have the bias of that slot."""
    return tl.max(own, 0) - (ROWS - 1) if QUERIES else tl.min(own, 0)


@triton.jit
def onehot(slots, SLOTS: tl.constexpr, MARK: tl.constexpr):
    """(SLOTS, OTHER)"""
    return (tl.arange(0, SLOTS)[:, None] == slots[None, :]).to(MARK)


@triton.jit
def row_slots(row, start, ROWS: tl.constexpr):
    return tl.minimum(tl.maximum(row - start, 0), ROWS - 1)


@triton.jit
def biased(
    scores, row, col, row_other, col_other, row_marks, col_marks, start, row_bias, col_bias, last_row, half, inverse,
    ROWS: tl.constexpr, COLS: tl.constexpr, QUERIES: tl.constexpr, NEAR: tl.constexpr, MARK: tl.constexpr,
):  # fmt: skip
    """Scores (OWN, OTHER), over scale, plus the bias over scale; the row bias only where NEAR."""
    if COLS > 0:
        scores = tl.dot(col_marks, onehot(col_other, COLS, MARK), scores, input_precision="ieee")
    elif COLS == GATHER:
        delta = col[:, None] - col_other[None, :]
        scores += look_up(col_bias, delta if QUERIES else -delta, half, half, inverse)
    if NEAR:
        if ROWS > 0:
            slots = row_slots(row_other, start, ROWS)
            scores = tl.dot(row_marks, onehot(slots, ROWS, MARK), scores, input_precision="ieee")
        elif ROWS == GATHER:
            delta = row[:, None] - row_other[None, :]
            scores += look_up(row_bias, delta if QUERIES else -delta, 0, last_row, inverse)
    return scores


@triton.jit
def far_bias(row_bias, last_row, inverse, ROWS: tl.constexpr, MARK: tl.constexpr):
    """Row bias over scale of all tokens R - 1 or more rows apart, rounded as `features` are."""
    far = 0.0
    if ROWS != 0:
        far = look_up(row_bias, last_row, 0, last_row, inverse)
        if ROWS > 0:
            far = far.to(MARK).to(tl.float32)
    return far
