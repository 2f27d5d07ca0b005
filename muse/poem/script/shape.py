"""What is asked of a text in any script, as constraints: lines and stanzas of verse; length and a proper end of prose.

Neither writes again a run of GRAM tokens that it has written before, for small models fall into loops.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from muse.poem.script.lay import place
from muse.poem.script.spelling import BREAK, END, SPACE, STANZA, Flags, Spelling

GRAM = 4
SLACK = 6
"""Tokens by which a line may be longer than the longest, to end its word."""
NEARLY, OVER, FAR = 0.85, 1.3, 1.4
"""Shares of the wished length: from where a story may end, must look for an end, and must end at once."""


class State(NamedTuple):
    """Where the writing stands: tokens so far, line and place in it, length, whether a sentence ended, and the text."""

    written: tuple[int, ...] = ()
    line: int = 0
    at: int = 0
    size: int = 0
    ended: bool = False
    over: bool = False


BEGUN = State()


@dataclass(frozen=True, eq=False)
class _Rule:
    """What both constraints share.

    Attributes:
        spelling: of the model.
        forbidden: (V,) tokens never written.
        begin: the state to begin from.
    """

    spelling: Spelling
    forbidden: Flags
    begin: State = BEGUN

    @cached_property
    def _text(self) -> Flags:
        return self.spelling.text & ~self.forbidden

    def start(self) -> State:
        return self.begin

    def place(self, state: State) -> tuple[int, int]:
        return place(state.line, state.at)

    def done(self, state: State) -> bool:
        return state.over

    def _free(self, state: State) -> Flags:
        """(V,) text that may follow, without what would repeat a run of tokens."""
        apart = state.at == 0 or self.spelling.tokens[state.written[-1]] == SPACE
        allowed: Flags = self._text & ~self.spelling.words if apart else self._text.copy()
        again = repeated(state.written)
        if len(again) and allowed.sum() > len(again):
            allowed = allowed.copy()
            allowed[again] = False
        return allowed

    def _after(self, state: State, token: int) -> State:
        spelling, written = self.spelling, (*state.written, token)
        if token in (BREAK, STANZA, END):
            return State(written, state.line + 1, 0, state.size, False, token == END)
        ended = bool(spelling.stops[token] or (state.ended and spelling.closers[token]))
        size = int(state.at == 0 or spelling.words[token]) if spelling.spaced else int(spelling.letters[token])
        return State(written, state.line, state.at + 1, state.size + size, ended)


def repeated(written: tuple[int, ...]) -> np.ndarray:
    """The tokens that would end a run of GRAM which was written before."""
    tail = written[1 - GRAM :]
    if len(written) < GRAM or any(token in (BREAK, STANZA) for token in tail):
        return np.empty(0, np.int64)
    row = np.array(written)
    same = np.ones(len(row) - GRAM + 1, np.bool_)
    for offset, token in enumerate(tail):
        same &= row[offset : offset + len(same)] == token
    found: np.ndarray = row[GRAM - 1 :][same]
    return found[found > END]


@dataclass(frozen=True, eq=False)
class Verse(_Rule):
    """So many lines in such stanzas, or, with no stanzas, as the model ends it.

    Attributes:
        stanzas: the lines of each; () where the text is free.
        longest: tokens of a line.
        least, most: lines of free verse.
    """

    stanzas: tuple[int, ...] = ()
    longest: int = 24
    least: int = 4
    most: int = 24

    def mask(self, state: State) -> Flags:
        allowed = self._free(state) if state.at < self.longest + SLACK else np.zeros(len(self.spelling), np.bool_)
        if state.at >= self.longest:
            allowed &= ~self.spelling.words & self.spelling.spaced
        if state.at:
            allowed[self._marks(state.line + 1)] = True
        return allowed

    def _marks(self, lines: int) -> list[int]:
        """The marks that may stand after so many lines."""
        if self.stanzas:
            bounds = list(accumulate(self.stanzas))
            return [END] if lines == bounds[-1] else [STANZA] if lines in bounds else [BREAK]
        if lines >= self.most:
            return [END]
        return [BREAK, STANZA, END] if lines >= self.least else [BREAK, STANZA] if lines > 1 else [BREAK]

    def advance(self, state: State, token: int) -> State:
        return self._after(state, token)


@dataclass(frozen=True, eq=False)
class Prose(_Rule):
    """About so many words, or characters where words do not stand apart, ended after a sentence.

    Attributes:
        wished: the length.
        room: tokens that may be written before the writer reads anew; it then stops after a paragraph or a sentence.
    """

    wished: int = 150
    room: int = 512

    def mask(self, state: State) -> Flags:
        allowed = self._free(state)
        stops = self._text & self.spelling.stops & ~self.spelling.words
        if state.ended:
            allowed[BREAK] = state.size < self.wished
            allowed[END] = state.size >= NEARLY * self.wished
            if state.size >= self.wished:  # nothing but what closes a quotation comes after the end
                allowed &= self.spelling.closers
                allowed[END] = True
        elif state.at and (self._full(state) or state.size >= (FAR if self.spelling.spaced else OVER) * self.wished):
            allowed = stops
        elif state.at and state.size >= OVER * self.wished:  # the word may be ended, and the sentence
            allowed &= ~self.spelling.words
            allowed |= stops
        return allowed

    def advance(self, state: State, token: int) -> State:
        return self._after(state, token)

    def done(self, state: State) -> bool:
        return state.over or (self._full(state) and state.ended)

    def _full(self, state: State) -> bool:
        return len(state.written) - len(self.begin.written) >= self.room
