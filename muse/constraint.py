"""A constraint tells, token by token, what may be written next. No torch here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from muse.fuse import Fuse

State = Any


class Constraint(Protocol):
    """An automaton over tokens; its states are immutable values.

    Where the place of a token hangs on the token itself (an event that moves on in the bar), a constraint also has
    `placed(state, token) → (row, col)`, and `place` tells where the writing stands.

    Where it is finite it also has `tables() → Tables`, the same constraint for native code.

    A state that `start` or `advance` returns and that is not `done` has at least one allowed token,
    and every allowed token leads to such a state again: generation cannot fail.
    """

    def start(self) -> State:
        """The state before the first token."""
        ...

    def mask(self, state: State) -> npt.NDArray[np.bool_]:
        """allowed: (V,) bool, True where the token may be written in this state."""
        ...

    def advance(self, state: State, token: int) -> State:
        """The state after an allowed token."""
        ...

    def place(self, state: State) -> tuple[int, int]:
        """(row, col) of the token to be written in this state: line and character, or bar and tick."""
        ...

    def done(self, state: State) -> bool:
        """True when nothing more is to be written."""
        ...


@dataclass(frozen=True, eq=False)
class Refused:
    """Lines that may not be written: those whose first `span` tokens and last `span` tokens are both known.

    The key of a span of tokens with codes c is Σ c[i] · STEP^(i+1), i from 0, in 64 bits; STEP stands in muse.walk.
    Lines of fewer tokens are never refused.

    Attributes:
        known: the keys, each in one of these filters.
        codes: (V,) uint64, what each token counts as in a key.
        span: tokens, from 1 to 8.
    """

    known: tuple[Fuse, ...]
    codes: npt.NDArray[np.uint64]
    span: int = 5


@dataclass(frozen=True, eq=False)
class Tables:
    """A constraint as arrays, so that native code can follow it without a call into Python.

    A finite automaton of S states over C classes of tokens, with registers: the sets that are still open (a group of
    rhymes is such a set; several rhymes at once have bits of their own), the tokens remembered as used, the token
    before, and the line so far.

    In state s a token v of class c may be written where one of the two holds (the first one counts if both do):

    - plain[s, c] ≥ 0, which is then the next state; the register stays as it is;
    - bound[s, c] ≥ 0 and v is in at least one set that is open in s; within scope[s] the register then holds those
      sets that are open in s and hold v, beyond it what it held.

    "Open" in s are those sets of the register within scope[s] (all of scope[s] where renews[s]) that have at least
    left[s] members which are not used yet. And where unique[s], v may not be

    - a used token: every token written by the second rule is remembered as used, one by the first where remembers[s];
    - one that lies in every open set, where spares[s], a set is open, and none of these has more than left[s] unused
      members.

    Where again[s], the token before, whatever the line, may come once more though it is used or spared, if it is in
    `doubled` and one of the two conditions above allows it. Where closes[s], last of all, the tokens that would end a
    line of `refused` are taken away, unless none else were left; a line begins with the token written in a state that
    opens[s]. `muse.walk.Walk` follows tables so.

    Attributes:
        begin: the first state.
        open: bits of the sets that are open at the start.
        classes: (V,) uint8 in [0, C).
        sets: (V,) uint64, bit g where the token is in set g < 64.
        doubled: (V,) bool.
        plain, bound: (S, C) int32, −1 where there is none.
        place: (S, 2) int32 row and col of the token written in the state.
        left: (S,) int32.
        scope: (S,) uint64, the bits of the register that a state asks and narrows.
        renews: (S,) bool, where another rhyme begins in bits that an earlier one is done with.
        unique, remembers, spares, again, opens, closes, final: (S,) bool; in a final state nothing more is written.
        refused: lines that are never written; None for no such wish.
    """

    begin: int
    open: int
    classes: npt.NDArray[np.uint8]
    sets: npt.NDArray[np.uint64]
    doubled: npt.NDArray[np.bool_]
    plain: npt.NDArray[np.int32]
    bound: npt.NDArray[np.int32]
    place: npt.NDArray[np.int32]
    left: npt.NDArray[np.int32]
    scope: npt.NDArray[np.uint64]
    renews: npt.NDArray[np.bool_]
    unique: npt.NDArray[np.bool_]
    remembers: npt.NDArray[np.bool_]
    spares: npt.NDArray[np.bool_]
    again: npt.NDArray[np.bool_]
    opens: npt.NDArray[np.bool_]
    closes: npt.NDArray[np.bool_]
    final: npt.NDArray[np.bool_]
    refused: Refused | None = None
