"""A constraint tells, token by token, what may be written next. No torch here."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

State = Any


class Constraint(Protocol):
    """An automaton over tokens; its states are immutable values.

    Where the place of a token hangs on the token itself (an event that moves on in the bar), a constraint also has
    `placed(state, token) → (row, col)`, and `place` tells where the writing stands.

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
