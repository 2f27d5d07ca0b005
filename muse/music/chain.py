"""Exact draws from chains under hard conditions: no dead end, no rejection, no second try.

What may follow is summed up from the last symbol back to the first; then symbols are drawn from first to last, each
knowing what every choice leaves possible (forward filtering, backward sampling, run the other way round).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NEVER = -np.inf


def logsumexp(values: Floats, axis: int = -1) -> Floats:
    """log(sum(exp(values))) along an axis; all −inf gives −inf."""
    top = np.max(values, axis=axis, keepdims=True)
    safe = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        total: Floats = np.log(np.sum(np.exp(values - safe), axis=axis)) + np.squeeze(safe, axis)
    return total


def choose(logits: Floats, uniform: float) -> int:
    """An index drawn by its weight, or −1 where none is possible; `uniform` in [0, 1) decides."""
    top = logits.max()
    if not np.isfinite(top):
        return -1
    total = np.cumsum(np.exp(logits - top))
    return int(min(np.searchsorted(total, uniform * total[-1], side="right"), len(total) - 1))


def draw_path(first: Floats, moves: Floats, uniforms: Floats) -> list[int] | None:
    """A path of n symbols, or None where none is possible.

    Args:
        first: (V,) log weights of the first symbol.
        moves: (n − 1, V, V) log weights of a symbol (last axis) after another.
        uniforms: (n,) in [0, 1), one a symbol.

    >>> draw_path(np.zeros(2), np.array([[[NEVER, 0.0], [NEVER, NEVER]]]), np.array([0.9, 0.9]))
    [0, 1]
    """
    after = [np.zeros(len(first))]
    for move in moves[::-1]:
        after.append(logsumexp(move + after[-1]))
    after.reverse()
    path = [choose(first + after[0], float(uniforms[0]))]
    for index, move in enumerate(moves):
        if path[-1] < 0:
            return None
        path.append(choose(move[path[-1]] + after[index + 1], float(uniforms[index + 1])))
    return None if path[-1] < 0 else path


def draw_rhythm(
    moves: Floats, uniforms: Floats, struck: int | None = None, given: tuple[int, int] = (2, 2)
) -> list[int] | None:
    """Kinds (0 struck, 1 held, 2 silent) of T slots, or None where no rhythm fits.

    Args:
        moves: (T, 3, 3, 3) log weights of a kind (last axis) after the last (first axis) and the one before it.
        uniforms: (T,) in [0, 1).
        struck: how many notes there must be; None for any number.
        given: the last kind before the first slot, and the one before it.
    """
    size = 1 if struck is None else struck + 1
    after = np.full((size, 3, 3), NEVER)
    after[0] = 0.0
    tables = [after]
    for move in moves[::-1]:
        options = np.full((3, size, 3, 3), NEVER)
        for kind in range(3):
            rest = tables[-1][:, kind, :][:, :, None]  # notes left, last kind now, and whatever was before
            if kind == 0 and struck is not None:
                options[kind, 1:] = move[None, :, :, kind] + rest[:-1]
            else:
                options[kind] = move[None, :, :, kind] + rest
        tables.append(logsumexp(options, axis=0))
    tables.reverse()
    (last, before), left = given, size - 1
    path: list[int] = []
    for index, move in enumerate(moves):
        logits = move[last, before].copy()
        for kind in range(3):
            spent = left - 1 if kind == 0 and struck is not None else left
            logits[kind] += tables[index + 1][spent, kind, last] if spent >= 0 else NEVER
        kind = choose(logits, float(uniforms[index]))
        if kind < 0:
            return None
        left -= kind == 0 and struck is not None
        path.append(kind)
        before, last = last, kind
    return path
