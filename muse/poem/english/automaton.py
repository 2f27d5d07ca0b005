"""The constraint of an English form: meter, rhyme and the grammar of a line, followed backward from each line's end.

Only whole words of the dictionary (or by rule) stand in a metered line. A line end rhymes perfectly: equal rimes from
the last primary stress, which falls on the line's last strong place, and other consonants before it. Where `strict`,
that holds for every reading of every word, otherwise for at least one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from muse.errors import WishError
from muse.poem.english.feed import syllables
from muse.poem.english.form import Form, Line
from muse.poem.english.grammar import AFTER, FOLLOWS, At, Kind, kinds
from muse.poem.english.prefix import FIRST_COLUMN
from muse.poem.english.sound import Reading, Sounds, fits
from muse.poem.english.vocabulary import BREAK, END, STANZA, Vocabulary

LONGEST_LINE = 14
"""Syllables after which a line without a template ends."""
CLOSING = (".", "!", "?")
Place = tuple[int, int]
Mask = npt.NDArray[np.bool_]


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


@dataclass(frozen=True)
class Book:
    """What the automaton knows of a vocabulary, whatever the form; made once."""

    vocabulary: Vocabulary
    strict: bool = True

    @cached_property
    def kinds(self) -> npt.NDArray[np.uint8]:
        return kinds(self.vocabulary)

    @cached_property
    def syllables(self) -> npt.NDArray[np.uint8]:
        return syllables(self.vocabulary)

    @cached_property
    def sounds(self) -> Sounds:
        return Sounds.made(self.vocabulary, self.strict)

    @cached_property
    def of_kinds(self) -> dict[At, tuple[Mask, Mask]]:
        """By what was written last: the marks that may follow, and the words and pieces."""
        marks, words = {Kind.MARK, Kind.CAPITAL, Kind.HYPHEN}, {Kind.BEGIN, Kind.NAMED, Kind.INNER}
        return {
            at: (
                np.isin(self.kinds, list(marks.intersection(follows))),
                np.isin(self.kinds, list(words.intersection(follows))),
            )
            for at, follows in FOLLOWS.items()
        }

    @cached_property
    def classes(self) -> dict[frozenset[str], npt.NDArray[np.int64]]:
        """Tokens by the set of their stresses."""
        found: defaultdict[frozenset[str], list[int]] = defaultdict(list)
        for token, said in enumerate(self.sounds.of):
            if said:
                found[frozenset(reading.stress for reading in said)].append(token)
        return {stresses: np.array(tokens) for stresses, tokens in found.items()}

    @cached_property
    def rhymes(self) -> dict[str, tuple[int, ...]]:
        """Tokens that may end a rhymed line, by rime; where `strict`, those with one rime, onset and stress only."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for token, said in enumerate(self.sounds.of):
            ends = {(reading.rime, reading.onset, reading.weak) for reading in said if reading.stress[-1] not in "lf"}
            if ends and not (self.strict and (len(ends) > 1 or any(reading.stress[-1] in "lf" for reading in said))):
                for rime in {rime for rime, _, weak in ends if 0 <= weak <= 2}:
                    found[rime].append(token)
        return {rime: tuple(tokens) for rime, tokens in found.items()}

    def onset(self, token: int, rime: str) -> str:
        return next(reading.onset for reading in self.sounds.of[token] if reading.rime == rime)

    def step(self, places: frozenset[Place], stresses: frozenset[str], line: Line) -> frozenset[Place]:
        """The places after a word with these stresses, written before (left of) what stands there."""
        return _step(places, stresses, line.steps, self.strict)

    def plain(self, places: frozenset[Place], line: Line) -> Mask:
        """(V,) words that fit next."""
        return _plain(self, places, line.steps)

    def ending(self, token: int, rime: str, line: Line) -> bool:
        """Whether a word may end a rhymed line: it fits, with its primary stress on the last strong place."""
        return bool(self.ended(token, rime, line))

    def ended(self, token: int, rime: str, line: Line) -> frozenset[Place]:
        """The places after a word at the end of a rhymed line."""
        said = [reading for reading in self.sounds.of[token] if reading.rime == rime]
        begun = frozenset((number, 0) for number, step in enumerate(line.steps) if said and _closes(step, said[0]))
        return self.step(begun, frozenset(reading.stress for reading in said), line)

    def __hash__(self) -> int:
        return id(self)


def _closes(step: str, reading: Reading) -> bool:
    """Whether the word's last primary stress falls on the last strong place of a template."""
    return "S" not in step or len(step) - 1 - step.rfind("S") == reading.weak


@lru_cache(maxsize=1 << 16)
def _step(places: frozenset[Place], stresses: frozenset[str], steps: tuple[str, ...], strict: bool) -> frozenset[Place]:
    after: set[Place] = set()
    for number, filled in places:
        step = steps[number]
        fitting = set()
        for stress in stresses:
            begin = len(step) - filled - len(stress)
            if begin >= 0 and fits(stress, step[begin : begin + len(stress)]):
                fitting.add(filled + len(stress))
            elif strict:
                fitting.clear()
                break
        after |= {(number, place) for place in fitting}
    return frozenset(after)


@lru_cache(maxsize=1 << 12)
def _plain(book: Book, places: frozenset[Place], steps: tuple[str, ...]) -> Mask:
    found = np.zeros(len(book.vocabulary), np.bool_)
    opening = all(filled == 0 for _, filled in places)
    for stresses, tokens in book.classes.items():
        if opening and stresses & {"l", "f"} and steps[0][0] != "x":
            continue  # a small word is no line end
        if _step(places, stresses, steps, book.strict):
            found[tokens] = True
    return found


class VerseConstraint:
    """A form as a `muse.constraint.Constraint`.

    It cannot fail: a monosyllable fits every place, and a rhyme begins only where enough words can end its later lines.
    """

    def __init__(self, form: Form, book: Book, *, blocked: Sequence[int] = ()) -> None:
        """
        Args:
            blocked: tokens that are not to be written.

        Raises:
            WishError: no rhyme of the vocabulary has words enough.
        """
        self.form, self.book = form, book
        self._blocked = np.zeros(len(book.vocabulary), np.bool_)
        self._blocked[list(blocked)] = True
        self._closing = [book.vocabulary.ids[mark] for mark in CLOSING]
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
            allowed |= book.plain(state.places, plan) & ~self._blocked
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

    def _beginnings(self, lines: Sequence[int]) -> dict[str, tuple[int, ...]]:
        """Rimes with words enough for these lines: each with the tokens that fit them all, in the order of the book."""
        plans = [self.form.lines[at] for at in lines]
        found: dict[str, tuple[int, ...]] = {}
        for rime, tokens in self.book.rhymes.items():
            able = tuple(
                token for token in tokens
                if not self._blocked[token] and all(self.book.ending(token, rime, plan) for plan in plans)
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
