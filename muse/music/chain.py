"""Exact draws from chains under hard conditions, many at once: no dead end, no rejection, no second try.

What may follow is summed up from the last symbol back to the first; then symbols are drawn from first to last, each
knowing what every choice leaves possible (forward filtering, backward sampling, run the other way round).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NEVER = -np.inf


def logsumexp(values: Floats, axis: int = -1) -> Floats:
    """log(sum(exp(values))) along an axis; all −inf gives −inf."""
    top = np.max(values, axis=axis, keepdims=True)
    safe = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        total: Floats = np.log(np.sum(np.exp(values - safe), axis=axis)) + np.squeeze(safe, axis)
    return total


def choose(logits: Floats, uniforms: Floats) -> Ints | None:
    """(B,): an index drawn by its weight in each row of (B, V), or None where a row has none; uniforms: (B,)."""
    top = logits.max(axis=-1, keepdims=True)
    if not np.isfinite(top).all():
        return None
    total = np.cumsum(np.exp(logits - top), axis=-1)
    passed = (total <= uniforms[:, None] * total[:, -1:]).sum(axis=-1)
    found: Ints = np.minimum(passed, logits.shape[-1] - 1)
    return found


def draw_path(first: Floats, moves: Floats, uniforms: Floats) -> Ints | None:
    """(B, n): a path of n symbols each, or None where one has no way.

    Args:
        first: (B, V) log weights of the first symbol.
        moves: (B, n − 1, V, V) log weights of a symbol (last axis) after another.
        uniforms: (B, n) in [0, 1), one a symbol.

    >>> draw_path(np.zeros((1, 2)), np.array([[[[NEVER, 0.0], [NEVER, NEVER]]]]), np.array([[0.9, 0.9]]))
    array([[0, 1]])
    """
    after, rows = [np.zeros_like(first)], np.arange(len(first))
    for index in range(moves.shape[1] - 1, -1, -1):
        after.append(logsumexp(moves[:, index] + after[-1][:, None, :]))
    last = choose(first + after.pop(), uniforms[:, 0])
    path = [last]
    for index in range(moves.shape[1]):
        if last is None:
            return None
        last = choose(moves[rows, index, last] + after.pop(), uniforms[:, index + 1])
        path.append(last)
    return None if last is None else np.stack([symbols for symbols in path if symbols is not None], axis=1)


def draw_rhythm(moves: Floats, uniforms: Floats, struck: int | None, given: tuple[Ints, Ints]) -> Ints | None:
    """(B, T): kinds (0 struck, 1 held, 2 silent) of T slots each, or None where no rhythm fits one.

    Args:
        moves: (B, T, 3, 3, 3) log weights of a kind (last axis) after the last (first of three) and the one before it.
        uniforms: (B, T) in [0, 1).
        struck: how many notes there must be; None for any number.
        given: (B,) the last kind before the first slot, and (B,) the one before it.
    """
    size, rows = 1 if struck is None else struck + 1, np.arange(len(moves))
    after = np.full((len(moves), size, 3, 3), NEVER)  # by notes left, last kind, kind before
    after[:, 0] = 0.0
    tables = [after]
    for index in range(moves.shape[1] - 1, -1, -1):
        rest = tables[-1].transpose(0, 1, 3, 2)[:, :, :, None, :]  # …, last kind, any before it, the kind now
        rest = np.broadcast_to(rest, (*rest.shape[:3], 3, 3))
        options = moves[:, index][:, None] + rest
        if struck is not None:
            options[:, 1:, ..., 0] = moves[:, index][:, None, ..., 0] + rest[:, :-1, ..., 0]
            options[:, 0, ..., 0] = NEVER
        tables.append(logsumexp(options))
    (last, before), left = given, np.full(len(moves), size - 1)
    path: list[Ints] = []
    for index in range(moves.shape[1]):
        table = tables[-2 - index]
        logits = moves[rows, index, last, before] + table[rows, left, :, last]
        if struck is not None:
            spent = moves[rows, index, last, before, 0] + table[rows, left - 1, 0, last]
            logits[:, 0] = np.where(left > 0, spent, NEVER)
        kind = choose(logits, uniforms[:, index])
        if kind is None:
            return None
        if struck is not None:
            left = left - (kind == 0)
        path.append(kind)
        before, last = last, kind
    return np.stack(path, axis=1)
