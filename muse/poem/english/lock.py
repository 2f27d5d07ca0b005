"""Lines of which some text is given: their tokens from the last to the first, with gaps where words are free.

Such a line is followed by threads, each one way in which the line can still become whole: a template of the meter, the
syllables that are filled from its end, and the item of the line that comes next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

from muse.poem.english.book import Book, Mask
from muse.poem.english.form import Line
from muse.poem.english.grammar import Kind
from muse.poem.english.sound import fits, heard
from muse.poem.english.text import CAPITAL, HYPHEN, MARKS

Thread = tuple[int, int, int]
LONGEST_LINE = 14
"""Syllables after which a line without a template ends."""


@dataclass(frozen=True, slots=True)
class Given:
    """A token that is given.

    Attributes:
        stresses: of the word that it completes; () for a mark and for all pieces of a word but its beginning.
    """

    token: int
    stresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """Where words are free: "some", "any" number of them, or so many syllables from the line's end."""

    size: Literal["some", "any"] | int


Item = Given | Gap


def given(parts: Sequence[str], book: Book, head: bool) -> tuple[Given, ...]:
    """The tokens of the parts of a text from the last to the first, see `muse.poem.english.text.parts`.

    Args:
        head: the line begins with it.
    """
    vocabulary = book.vocabulary
    found: list[Given] = []
    capital = False
    for at, part in enumerate(parts):
        if part == CAPITAL:
            capital = True
        elif part == HYPHEN or part in MARKS:
            found.append(Given(vocabulary.ids[part]))
        else:
            spelt = vocabulary.spell(part, capital, head and at == 0)
            begin = int(spelt[0] == vocabulary.ids[CAPITAL])
            stresses = tuple(dict.fromkeys(reading.stress for reading in heard(part)))
            found += [Given(token, stresses if place == begin else ()) for place, token in enumerate(spelt)]
            capital = False
    return tuple(found[::-1])


class Held:
    """One such line in one form; see `muse.poem.english.automaton.VerseConstraint` for how it is followed."""

    def __init__(self, items: Sequence[Item], plan: Line, book: Book) -> None:
        self.items, self.plan, self.book = tuple(items), plan, book
        self._able: dict[Thread, bool] = {}
        self._masks: dict[tuple[frozenset[Thread], str], Mask] = {}

    @cached_property
    def start(self) -> frozenset[Thread]:
        """The threads before the first token; none where the text does not fit the meter."""
        templates = range(max(1, len(self.plan.steps)))
        return frozenset(thread for number in templates for thread in self._closed(number, 0, 0))

    @property
    def open_end(self) -> bool:
        """Whether the line's last word is free."""
        return isinstance(self.items[0], Gap)

    @property
    def open_head(self) -> bool:
        return isinstance(self.items[-1], Gap)

    def free(self, threads: frozenset[Thread]) -> bool:
        """Whether a free word may come next."""
        return any(item < len(self.items) and isinstance(self.items[item], Gap) for _, _, item in threads)

    def whole(self, threads: frozenset[Thread]) -> bool:
        return any(item == len(self.items) for _, _, item in threads)

    def fixed(self, threads: frozenset[Thread]) -> set[int]:
        """The given tokens that may come next."""
        here = [self.items[item] for _, _, item in threads if item < len(self.items)]
        return {item.token for item in here if isinstance(item, Given)}

    def words(self, threads: frozenset[Thread], letter: str) -> Mask:
        """(V,) free words that may come next; letter: with which the line begins, "" for any."""
        if (threads, letter) not in self._masks:
            book = self.book
            allowed = np.zeros(len(book.vocabulary), np.bool_)
            heads = book.heads[letter] if letter else None
            for stresses, tokens in book.classes.items():
                after = self._after(threads, stresses)
                if heads is None or any(item < len(self.items) for _, _, item in after):
                    allowed[tokens] |= bool(after)
                elif after:
                    allowed[tokens] |= heads[tokens]
            self._masks[threads, letter] = allowed
        return self._masks[threads, letter]

    def advance(self, threads: frozenset[Thread], token: int) -> frozenset[Thread]:
        """The threads after a token: a given one, or a free word; a mark in a gap changes nothing."""
        found: set[Thread] = set()
        for number, filled, item in threads:
            here = self.items[item] if item < len(self.items) else None
            if isinstance(here, Given) and here.token == token:
                for after in self._said(number, filled, here):
                    found |= self._closed(number, after, item + 1)
        if not self.free(threads):
            return frozenset(found)
        if self.book.kinds[token] in (Kind.MARK, Kind.HYPHEN, Kind.CAPITAL):
            return threads | found
        said = frozenset(reading.stress for reading in self.book.sounds.of[token])
        return frozenset(found) | (self._after(threads, said) if said else frozenset())

    def ended(self, places: frozenset[tuple[int, int]]) -> frozenset[Thread]:
        """The threads after a free word at the line's end that leads to these places."""
        return frozenset(thread for number, filled in places for thread in self._left(number, filled, 0))

    def _after(self, threads: frozenset[Thread], stresses: frozenset[str]) -> frozenset[Thread]:
        """The threads after a free word."""
        found: set[Thread] = set()
        for number, filled, item in threads:
            if item == len(self.items) or isinstance(self.items[item], Given):
                continue
            if not self.plan.steps:
                found |= self._left(number, filled + max(map(len, stresses)), item)
                continue
            for _, after in self.book.step(frozenset(((number, filled),)), stresses, self.plan):
                found |= self._left(number, after, item)
        return frozenset(found)

    def _left(self, number: int, filled: int, item: int) -> set[Thread]:
        """The threads after a word of a gap: on in it, or out of it."""
        gap = self.items[item]
        assert isinstance(gap, Gap)
        long = not self.plan.steps and filled >= (gap.size if isinstance(gap.size, int) else LONGEST_LINE)
        found = {(number, filled, item)} if not long and self._reaches((number, filled, item)) else set()
        if long or not isinstance(gap.size, int) or filled == gap.size:
            found |= self._closed(number, filled, item + 1)
        return found

    def _closed(self, number: int, filled: int, item: int) -> set[Thread]:
        """A thread, and those beyond a gap that may stay empty, as far as they can reach the line's beginning."""
        found = {(number, filled, item)}
        if item < len(self.items) and self.items[item] == Gap("any"):
            found.add((number, filled, item + 1))
        return {thread for thread in found if self._reaches(thread)}

    def _said(self, number: int, filled: int, one: Given) -> list[int]:
        """Syllables filled after a given token."""
        if not one.stresses:
            return [filled]
        if not self.plan.steps:
            return [filled + len(one.stresses[0])]
        step = self.plan.steps[number]
        spans = {stress: len(step) - filled - len(stress) for stress in one.stresses}
        return sorted({filled + len(stress) for stress, begin in spans.items()
                       if begin >= 0 and fits(stress, step[begin : begin + len(stress)])})  # fmt: skip

    def _reaches(self, thread: Thread) -> bool:
        if thread not in self._able:
            self._able[thread] = self._can(*thread)
        return self._able[thread]

    def _can(self, number: int, filled: int, item: int) -> bool:
        if not self.plan.steps:
            return True
        size = len(self.plan.steps[number])
        if item == len(self.items):
            return filled == size
        here = self.items[item]
        if isinstance(here, Given):
            return any(self._closed(number, after, item + 1) for after in self._said(number, filled, here))
        ends = (here.size,) if isinstance(here.size, int) else range(filled + 1, size + 1)
        return any(filled < end and self._closed(number, end, item + 1) for end in ends)


@dataclass(frozen=True, eq=False)
class Asked:
    """What is asked of the lines beside the form.

    Attributes:
        blocked: tokens that are not to be written.
        heads, tails: letters with which the lines begin and end, one a line; "" for no such wish.
        held: lines of which text is given, by their numbers from 0.
        rimes: (letter, rime, onsets used) of the rhymes that are given.
    """

    blocked: tuple[int, ...] = ()
    heads: str = ""
    tails: str = ""
    held: Mapping[int, Held] = field(default_factory=dict)
    rimes: tuple[tuple[str, str, frozenset[str]], ...] = ()
