"""What `muse.constraint.Tables` mean, step by step: the reading that native code must agree with, in numpy."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from muse.constraint import Refused, Tables

STEP = 0x9E3779B97F4A7C15
_MIX = 0xBF58476D1CE4E5B9
_WORD = (1 << 64) - 1


class State(NamedTuple):
    """Where a walk stands.

    Attributes:
        number: of the state in the tables.
        open: bits of the sets in the register.
        used: tokens that are remembered.
        last: the token before, −1 at the start.
        length, total: tokens of the line so far, and Σ code · STEP^place of them modulo 2^64.
    """

    number: int
    open: int
    used: frozenset[int]
    last: int
    length: int
    total: int


class Walk:
    """The constraint that some tables describe; see `muse.constraint.Constraint`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self.size = len(tables.classes)

    @cached_property
    def _member(self) -> npt.NDArray[np.bool_]:
        """(V, 64): which token is in which set."""
        return ((self._tables.sets[:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)).astype(np.bool_)

    @cached_property
    def _members(self) -> npt.NDArray[np.int64]:
        """(64,)"""
        count: npt.NDArray[np.int64] = self._member.sum(0)
        return count

    def tables(self) -> Tables:
        return self._tables

    def start(self) -> State:
        return State(self._tables.begin, self._tables.open, frozenset(), -1, 0, 0)

    def done(self, state: State) -> bool:
        return bool(self._tables.final[state.number])

    def place(self, state: State) -> tuple[int, int]:
        row, col = self._tables.place[state.number].tolist()
        return row, col

    def mask(self, state: State) -> npt.NDArray[np.bool_]:
        tables, at = self._tables, state.number
        plain, bound = tables.plain[at] >= 0, tables.bound[at] >= 0
        allowed: npt.NDArray[np.bool_] = plain[tables.classes]
        is_open, scarce = self._open(state)
        if bound.any():
            allowed |= bound[tables.classes] & ((tables.sets & np.uint64(is_open)) != 0)
        if tables.unique[at]:
            allowed[list(state.used)] = False
            if tables.spares[at] and scarce:
                allowed &= (tables.sets & np.uint64(is_open)) != is_open
        last = state.last
        if tables.again[at] and last >= 0 and tables.doubled[last]:
            kind = tables.classes[last]
            allowed[last] |= bool(plain[kind]) or bool(bound[kind] and int(tables.sets[last]) & is_open)
        if tables.closes[at] and tables.refused is not None:
            choices = np.flatnonzero(allowed)
            refused = self._refused(state, tables.refused, choices)
            if not refused.all():
                allowed[choices[refused]] = False
        return allowed

    def advance(self, state: State, token: int) -> State:
        tables, at = self._tables, state.number
        kind = tables.classes[token]
        after, is_open, used = int(tables.plain[at, kind]), state.open, state.used
        if after < 0:
            after = int(tables.bound[at, kind])
            is_open &= ~int(tables.scope[at])
            is_open |= self._open(state)[0] & int(tables.sets[token])
            used = used | {token}
        elif tables.remembers[at]:
            used = used | {token}
        if after < 0:
            raise ValueError(f"token {token} is not allowed in state {at}")
        length, total = (0, 0) if tables.opens[at] else (state.length, state.total)
        if tables.refused is not None:
            total = (total + int(tables.refused.codes[token]) * pow(STEP, length + 1, 1 << 64)) & _WORD
        return State(after, is_open, used, token, length + 1, total)

    def _open(self, state: State) -> tuple[int, bool]:
        """Bits of the sets that are open in a state, and whether none of them has a member to spare."""
        left, scope = int(self._tables.left[state.number]), int(self._tables.scope[state.number])
        among = scope if self._tables.renews[state.number] else state.open & scope
        unused = self._members - self._member[list(state.used)].sum(0)
        sets = [number for number in range(64) if among >> number & 1 and unused[number] >= left]
        scarce = bool(sets) and all(unused[number] == left for number in sets)
        return sum(1 << number for number in sets), scarce

    def _refused(self, state: State, refused: Refused, choices: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """For each token whether the line that it ends is refused."""
        length = 1 if self._tables.opens[state.number] else state.length + 1
        total = 0 if self._tables.opens[state.number] else state.total
        power = np.uint64(pow(STEP, length, 1 << 64))
        return listed(refused.offsets, refused.low, mixed(refused.codes[choices] * power, total + length))


def mixed(sums: npt.NDArray[np.uint64], more: int = 0) -> npt.NDArray[np.uint32]:
    """The hash of each sum + `more`: the upper 32 bits of it, mixed."""
    sums = sums + np.uint64(more & _WORD)
    sums = (sums ^ (sums >> np.uint64(31))) * np.uint64(_MIX)
    sums = (sums ^ (sums >> np.uint64(29))) * np.uint64(STEP)
    return (sums >> np.uint64(32)).astype(np.uint32)


def listed(
    offsets: npt.NDArray[np.uint32], low: npt.NDArray[np.uint16], found: npt.NDArray[np.uint32]
) -> npt.NDArray[np.bool_]:
    """For each hash whether it is in its bucket; see `muse.constraint.Refused`."""
    bucket, lower = found >> np.uint32(16), (found & np.uint32(0xFFFF)).astype(np.uint16)
    begin, end = offsets[bucket].astype(np.int64), offsets[bucket + np.uint32(1)].astype(np.int64)
    stop = end.copy()
    while (begin < end).any():  # a binary search in all the buckets at once: the first that is not below
        middle = (begin + end) // 2
        below = (begin < end) & (low[np.minimum(middle, len(low) - 1)] < lower)
        begin, end = np.where(below, middle + 1, begin), np.where(below, end, np.minimum(middle, end))
    there: npt.NDArray[np.bool_] = begin < stop
    there[there] = low[begin[there]] == lower[there]
    return there
