"""The constraint of an English form: meter, rhyme and the grammar of a line, followed backward from each line's end.

Only whole words of the dictionary (or by rule) stand in a metered line. A line end rhymes perfectly: equal rimes from
the last primary stress, which falls on the line's last strong place, and other consonants before it. Where `strict`,
that holds for every reading of every word, otherwise for at least one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from muse.errors import UsageError, WishError
from muse.poem.english.book import Book, Mask, Place
from muse.poem.english.form import Form, Line
from muse.poem.english.grammar import AFTER, FOLLOWS, At, Kind
from muse.poem.english.prefix import FIRST_COLUMN
from muse.poem.english.vocabulary import BREAK, END, STANZA

LONGEST_LINE = 14
"""Syllables after which a line without a template ends."""
CLOSING = (".", "!", "?")


class State(NamedTuple):
    """Where the writing stands.

    Attributes:
        line: from 0. at: what was written last in it. col: syllables so far, for the grid.
        places: (template, syllables filled from the end) that are still possible.
        rimes: (letter, rime, onsets and words used) of each rhyme begun, in order.
    """

    line: int
    at: At
    col: int
    places: frozenset[Place]
    rimes: tuple[tuple[str, str, frozenset[str]], ...] = ()


class VerseConstraint:
    """A form as a `muse.constraint.Constraint`.

    It cannot fail: a monosyllable fits every place, and a rhyme begins only where enough words can end its later lines.
    """

    def __init__(self, form: Form, book: Book, *, blocked: Sequence[int] = (), acrostic: str = "") -> None:
        """
        Args:
            blocked: tokens that are not to be written.
            acrostic: letters with which the lines begin, one a line; "" for no such wish.

        Raises:
            UsageError: the acrostic has not as many letters as the form has lines, or the form has no meter.
            WishError: no rhyme of the vocabulary has words enough, or no short word begins with a letter.
        """
        self.form, self.book, self.acrostic = form, book, acrostic.lower()
        self._blocked = np.zeros(len(book.vocabulary), np.bool_)
        self._blocked[list(blocked)] = True
        self._closing = [book.vocabulary.ids[mark] for mark in CLOSING]
        self._check_acrostic()
        self._letters = {line.rhyme: [at for at, other in enumerate(form.lines) if other.rhyme == line.rhyme]
                         for line in form.lines if line.rhyme}  # fmt: skip
        self._begin = {letter: self._beginnings(lines) for letter, lines in self._letters.items()}
        for letter, found in self._begin.items():
            if len(found) < len(self._letters):
                raise WishError(f"{form.name}: no rhyme for the lines {letter}", "too few words rhyme in it")

    def start(self) -> State:
        return self._line(0, ())

    def done(self, state: State) -> bool:
        return state.line == len(self.form.lines)

    def place(self, state: State) -> tuple[int, int]:
        return state.line + 1, min(state.col, FIRST_COLUMN - 1)

    def mask(self, state: State) -> Mask:
        plan, book = self.form.lines[state.line], self.book
        if self._complete(state, plan):
            return self._ends(state)
        marks, words = book.of_kinds[state.at]
        allowed = marks.copy()
        if state.at == At.START and state.line + 1 == len(self.form.lines) and plan.steps:
            allowed[:] = False
            allowed[self._closing] = True
            return allowed
        if plan.rhyme and state.col == 0 and all(filled == 0 for _, filled in state.places):
            allowed |= self._rhyming(state, plan)
        elif plan.steps:
            fit = book.plain(state.places, plan) & ~self._blocked
            if self.acrostic:
                fit &= book.heads[self.acrostic[state.line]] | ~book.whole(state.places, plan)
            allowed |= fit
        else:
            allowed |= words & ~self._blocked
            if Kind.END in FOLLOWS[state.at]:
                allowed |= self._ends(state)
        return allowed

    def advance(self, state: State, token: int) -> State:
        kind = Kind(int(self.book.kinds[token]))
        plan = self.form.lines[state.line]
        if kind == Kind.END:
            return self._line(state.line + 1, state.rimes)
        if kind not in (Kind.BEGIN, Kind.NAMED, Kind.INNER):
            return state._replace(at=AFTER[kind])
        places, rimes = state.places, state.rimes
        if plan.steps:
            if plan.rhyme and all(filled == 0 for _, filled in places):
                rime, rimes = self._taken(state, plan, token)
                places = self.book.ended(token, rime, plan)
            else:
                stresses = frozenset(reading.stress for reading in self.book.sounds.of[token])
                places = self.book.step(places, stresses, plan)
        return State(state.line, AFTER[kind], state.col + int(self.book.syllables[token]), places, rimes)

    def _line(self, line: int, rimes: tuple[tuple[str, str, frozenset[str]], ...]) -> State:
        steps = self.form.lines[line].steps if line < len(self.form.lines) else ()
        return State(line, At.START, 0, frozenset((number, 0) for number in range(len(steps))), rimes)

    def _complete(self, state: State, plan: Line) -> bool:
        if not plan.steps:
            return state.col >= LONGEST_LINE and Kind.END in FOLLOWS[state.at]
        return any(filled == len(plan.steps[number]) for number, filled in state.places) and state.at != At.START

    def _ends(self, state: State) -> Mask:
        allowed = np.zeros(len(self.book.vocabulary), np.bool_)
        after = state.line + 1
        allowed[END if after == len(self.form.lines) else STANZA if after in self.form.breaks else BREAK] = True
        return allowed

    def _ending(self, token: int, rime: str, plan: Line) -> bool:
        """Whether a word may end a rhymed line, with one before it where the first has to begin with a letter."""
        after = self.book.ended(token, rime, plan)
        return bool(after) and not (
            self.acrostic and any(filled == len(plan.steps[number]) for number, filled in after)
        )

    def _check_acrostic(self) -> None:
        lines = self.form.lines
        if self.acrostic and (len(self.acrostic) != len(lines) or not all(line.steps for line in lines)):
            raise UsageError(
                f"the acrostic {self.acrostic!r} does not fit {self.form.name}",
                f"it has {len(self.acrostic)} letters, the form {len(lines)} lines",
                "give one letter a line, and a form with a meter",
            )
        short = [tokens for stresses, tokens in self.book.classes.items() if stresses <= {"m", "f"}]
        usable = np.zeros(len(self.book.vocabulary), np.bool_)
        usable[np.concatenate([*short, np.zeros(0, np.int64)]).astype(np.int64)] = True
        for letter in self.acrostic:
            if letter not in self.book.heads or not (usable & self.book.heads[letter] & ~self._blocked).any():
                raise WishError(f"no line can begin with {letter!r}", "no word of one syllable does", "choose another")

    def _beginnings(self, lines: Sequence[int]) -> dict[str, tuple[int, ...]]:
        """Rimes with words enough for these lines: each with the tokens that fit them all, in the order of the book."""
        plans = [self.form.lines[at] for at in lines]
        found: dict[str, tuple[int, ...]] = {}
        for rime, tokens in self.book.rhymes.items():
            able = tuple(
                token for token in tokens
                if not self._blocked[token] and all(self._ending(token, rime, plan) for plan in plans)
            )  # fmt: skip
            if len({self.book.onset(token, rime) for token in able}) >= len(lines):
                found[rime] = able
        return found

    def _rhyming(self, state: State, plan: Line) -> Mask:
        """(V,) words that may end the line."""
        begun = {letter: (rime, used) for letter, rime, used in state.rimes}
        if plan.rhyme in begun:
            rime, used = begun[plan.rhyme]
            choices = self._begin[plan.rhyme][rime]
            allowed = np.zeros(len(self.book.vocabulary), np.bool_)
            allowed[[token for token in choices if self.book.onset(token, rime) not in used]] = True
            return allowed
        return self._fresh(plan.rhyme, frozenset(rime for rime, _ in begun.values()))

    def _fresh(self, letter: str, taken: frozenset[str]) -> Mask:
        """(V,) words that may begin a rhyme, where some rimes are taken."""
        allowed = np.zeros(len(self.book.vocabulary), np.bool_)
        allowed[[token for rime, tokens in self._begin[letter].items() if rime not in taken for token in tokens]] = True
        return allowed

    def _taken(self, state: State, plan: Line, token: int) -> tuple[str, tuple[tuple[str, str, frozenset[str]], ...]]:
        """The rime that a word at a line's end has there, and all rhymes with it."""
        taken = {rime for _, rime, _ in state.rimes}
        for at, (letter, rime, used) in enumerate(state.rimes):
            if letter == plan.rhyme:
                now = (letter, rime, used | {self.book.onset(token, rime)})
                return rime, (*state.rimes[:at], now, *state.rimes[at + 1 :])
        rime = next(rime for rime, tokens in self._begin[plan.rhyme].items() if rime not in taken and token in tokens)
        return rime, (*state.rimes, (plan.rhyme, rime, frozenset((self.book.onset(token, rime),))))
