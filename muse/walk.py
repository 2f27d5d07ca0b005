"""What `muse.constraint.Tables` mean, step by step: the reading that native code must agree with, in numpy."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from muse.constraint import Refused, Tables

STEP = 0x9E3779B97F4A7C15


class State(NamedTuple):
    """Where a walk stands.

    Attributes:
        number: of the state in the tables.
        open: bits of the sets in the register.
        used: tokens that are remembered.
        last: the token before, −1 at the start.
        line: its tokens so far, where lines are refused.
    """

    number: int
    open: int
    used: frozenset[int]
    last: int
    line: tuple[int, ...]


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
        return State(self._tables.begin, self._tables.open, frozenset(), -1, ())

    def done(self, state: State) -> bool:
        return bool(self._tables.final[state.number])

    def place(self, state: State) -> tuple[int, int]:
        row, col = self._tables.place[state.number].tolist()
        return row, col

    def mask(self, state: State) -> npt.NDArray[np.bool_]:
        return self.stages(state)[-1]

    def stages(self, state: State) -> tuple[npt.NDArray[np.bool_], ...]:
        """The mask as it is narrowed: by the table alone, by the open sets, by what is used, by the refused lines."""
        tables, at = self._tables, state.number
        plain, bound = tables.plain[at] >= 0, tables.bound[at] >= 0
        first: npt.NDArray[np.bool_] = (plain | bound)[tables.classes]
        is_open, scarce = self._open(state)
        open_sets: npt.NDArray[np.bool_] = plain[tables.classes]
        if bound.any():
            open_sets |= bound[tables.classes] & ((tables.sets & np.uint64(is_open)) != 0)
        unused = open_sets.copy()
        if tables.unique[at]:
            unused[list(state.used)] = False
            if tables.spares[at] and scarce:
                unused &= (tables.sets & np.uint64(is_open)) != is_open
        last = state.last
        if tables.again[at] and last >= 0 and tables.doubled[last]:
            kind = tables.classes[last]
            unused[last] |= bool(plain[kind]) or bool(bound[kind] and int(tables.sets[last]) & is_open)
        allowed = unused
        if tables.closes[at] and tables.refused is not None:
            choices = np.flatnonzero(unused)
            refused = self._refused(state, tables.refused, choices)
            if not refused.all():
                allowed = unused.copy()
                allowed[choices[refused]] = False
        return first, open_sets, unused, allowed

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
        line = () if tables.refused is None else (*self._line(state), token)
        return State(after, is_open, used, token, line)

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
        line, span = self._line(state), refused.span
        if len(line) + 1 < span:
            return np.zeros(len(choices), np.bool_)
        if len(line) >= span and not _held(refused, refused.codes[[list(line[:span])]])[0]:
            return np.zeros(len(choices), np.bool_)
        before = refused.codes[list(line[len(line) + 1 - span :])]
        spans = np.broadcast_to(before, (len(choices), span - 1))
        return _held(refused, np.column_stack([spans, refused.codes[choices]]))

    def _line(self, state: State) -> tuple[int, ...]:
        """The tokens of the line that the coming one goes on with, or begins."""
        return () if self._tables.opens[state.number] else state.line


def _held(refused: Refused, spans: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """For each span of codes whether it is known."""
    asked = keys(spans)
    found: npt.NDArray[np.bool_] = np.logical_or.reduce([fuse.holds(asked) for fuse in refused.known])
    return found


def keys(codes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The key of each span of codes, along the last axis; see `muse.constraint.Refused`."""
    powers = np.cumprod(np.full(codes.shape[-1], STEP, np.uint64), dtype=np.uint64)
    found: npt.NDArray[np.uint64] = (codes * powers).sum(-1, dtype=np.uint64)
    return found
