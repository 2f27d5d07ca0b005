"""The constraint of an English form: meter, rhyme and the grammar of a line, followed backward from each line's end.

Only whole words of the dictionary (or by rule) stand in a free place. A line end rhymes perfectly: equal rimes from the
last primary stress, which falls on the line's last strong place, and other consonants before it. Where `strict`, that
holds for every reading of every word, otherwise for at least one. Words that verse does not join
(`muse.poem.english.grammar.Joins`) are written only where nothing else could be.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from muse.errors import WishError
from muse.poem.english.book import Book, Mask
from muse.poem.english.ends import Ends
from muse.poem.english.form import Form, Line
from muse.poem.english.grammar import AFTER, FOLLOWS, At, Kind
from muse.poem.english.lock import LONGEST_LINE, Asked, Held
from muse.poem.english.prefix import FIRST_COLUMN
from muse.poem.english.text import MARKS
from muse.poem.english.vocabulary import BREAK, END, STANZA

SHORTEST_LINE = 3
"""Syllables that a line without a template has at least, and how near to LONGEST_LINE it looks for its first letter."""
CLOSING = (".", "!", "?")
_WORDS = (Kind.BEGIN, Kind.NAMED, Kind.INNER)


class State(NamedTuple):
    """Where the writing stands.

    Attributes:
        line: from 0. at: what was written last in it. col: syllables so far, for the grid.
        last: the word or mark on the left of which the next stands; −1 at a line's end. word: the last word alone.
        places: what is still possible: (template, syllables filled from the end), or the threads of a held line.
        rimes: (letter, rime, onsets used) of each rhyme begun, in order.
    """

    line: int
    at: At
    col: int
    last: int
    word: int
    places: frozenset[tuple[int, ...]]
    rimes: tuple[tuple[str, str, frozenset[str]], ...] = ()


class VerseConstraint:
    """A form, and what is asked of it, as a `muse.constraint.Constraint`.

    It cannot fail: a monosyllable fits every place, a rhyme begins only where words are left to end its later lines,
    and a held line is followed only where it can become whole.
    """

    def __init__(self, form: Form, book: Book, asked: Asked | None = None) -> None:
        """
        Raises:
            WishError: too few words for the rhymes, or no short word for a letter.
        """
        self.form, self.book, self.asked = form, book, asked or Asked()
        vocabulary = book.vocabulary
        self._usable = np.ones(len(vocabulary), np.bool_)
        self._usable[list(self.asked.blocked)] = False
        self._closing = [vocabulary.ids[mark] for mark in CLOSING]
        self._marks = [vocabulary.ids[mark] for mark in MARKS]
        self._check_heads()
        self._ends = Ends(form, book, self.asked, self._usable)
        for line in range(len(self.asked.tails)):
            held = self.asked.held.get(line)
            if held is None or held.open_end:
                self._ends.tailed(self._opening(line), line)

    def start(self) -> State:
        return self._line(0, self.asked.rimes)

    def done(self, state: State) -> bool:
        return state.line == len(self.form.lines)

    def place(self, state: State) -> tuple[int, int]:
        return state.line + 1, min(state.col, FIRST_COLUMN - 1)

    def mask(self, state: State) -> Mask:
        held = self.asked.held.get(state.line)
        plan = self.form.lines[state.line]
        if held is not None:
            return self._of_held(state, plan, held)
        if plan.steps and self._filled(state, plan):
            return self._over(state)
        if state.at == At.START and (closing := self._must_stop(state.line)):
            return self._only(closing)
        marks, _ = self.book.of_kinds[state.at]
        words = self._words(state, plan)
        if not plan.steps and Kind.END in FOLLOWS[state.at] and self._may_end(state):
            over = self._over(state)
            return over if state.col >= LONGEST_LINE else self._joined(state, marks | words, words) | over
        return self._joined(state, marks | words, words)

    def advance(self, state: State, token: int) -> State:
        kind = Kind(int(self.book.kinds[token]))
        plan, held = self.form.lines[state.line], self.asked.held.get(state.line)
        if kind == Kind.END:
            return self._line(state.line + 1, state.rimes)
        places, rimes, last = state.places, state.rimes, state.last
        begun = state.col > 0 or state.at not in (At.START, At.MARK)
        if kind != Kind.CAPITAL:
            last = token
        if kind in _WORDS and plan.rhyme and not begun and (held is None or held.open_end):
            rime, rimes = self._ends.taken(state.rimes, state.line, token)
            ended = self.book.ended(token, rime, plan)
            places = frozenset(ended) if held is None else held.ended(ended)
        elif held is not None:
            places = held.advance(places, token)  # type: ignore[arg-type]
        elif kind in _WORDS and plan.steps:
            stresses = frozenset(reading.stress for reading in self.book.sounds.of[token])
            places = frozenset(self.book.step(places, stresses, plan))  # type: ignore[arg-type]
        word = token if kind in _WORDS else state.word
        return State(state.line, AFTER[kind], state.col + int(self.book.syllables[token]), last, word, places, rimes)

    def _line(self, line: int, rimes: tuple[tuple[str, str, frozenset[str]], ...]) -> State:
        steps = self.form.lines[line].steps if line < len(self.form.lines) else ()
        held = self.asked.held.get(line)
        places = held.start if held is not None else frozenset((number, 0) for number in range(len(steps)))
        return State(line, At.START, 0, -1, -1, frozenset(places), rimes)

    def _words(self, state: State, plan: Line) -> Mask:
        """(V,) the words that may come next in a line of which nothing is given."""
        if plan.rhyme and state.col == 0:
            return self._ends.allowed(state.rimes, state.line)
        letter = self.asked.heads[state.line] if self.asked.heads else ""
        if plan.steps:
            words = self.book.plain(state.places, plan) & self._usable  # type: ignore[arg-type]
            if letter:
                words &= self.book.heads[letter] | ~self.book.whole(state.places, plan)  # type: ignore[arg-type]
        else:
            words = self.book.spoken & self._usable
            if letter and state.col >= LONGEST_LINE - SHORTEST_LINE:
                words &= self.book.heads[letter]
        if self.asked.tails and state.col == 0:
            words = words & self._ends.tailed(words, state.line)
        return words

    def _opening(self, line: int) -> Mask:
        """(V,) the words that may end a line, whatever its rhyme."""
        state, plan, held = self._line(line, ()), self.form.lines[line], self.asked.held.get(line)
        if held is not None:
            return held.words(state.places, "") & self._usable  # type: ignore[arg-type]
        fit = self.book.plain(state.places, plan) if plan.steps else self.book.spoken  # type: ignore[arg-type]
        return fit & self._usable

    def _of_held(self, state: State, plan: Line, held: Held) -> Mask:
        """(V,) what may come next in a line of which text is given."""
        threads: frozenset[tuple[int, int, int]] = state.places  # type: ignore[assignment]
        letter = self.asked.heads[state.line] if self.asked.heads and held.open_head else ""
        opening = state.at in (At.START, At.MARK) and state.col == 0
        if opening and held.open_end and state.at == At.START and (closing := self._must_stop(state.line)):
            return self._only(closing)
        whole = held.whole(threads) and not opening
        if whole and (plan.steps or not held.free(threads)):
            return self._over(state)
        allowed = np.zeros(len(self.book.vocabulary), np.bool_)
        if held.free(threads):
            marks, _ = self.book.of_kinds[state.at]
            if opening and plan.rhyme and held.open_end:
                words = self._ends.allowed(state.rimes, state.line)
            else:
                words = held.words(threads, letter) & self._usable
                words = self._ends.tailed(words, state.line) if opening and self.asked.tails else words
            allowed = self._joined(state, marks | words, words)
        fixed = held.fixed(threads)
        allowed[[token for token in fixed if state.at != At.MARK or token not in self._marks]] = True
        ended = whole and self._may_end(state) and (Kind.END in FOLLOWS[state.at] or not held.open_head)
        return allowed | self._over(state) if ended else allowed

    def _joined(self, state: State, allowed: Mask, words: Mask) -> Mask:
        """What verse joins of what is allowed, no word with itself; or all of it where that is nothing."""
        joins, plan = self.book.joins, self.form.lines[state.line]
        kept = allowed & joins.before(state.last)
        if state.word >= 0:
            kept[state.word] = False
        if plan.steps and state.col and state.line not in self.asked.held:
            kept &= joins.opens | ~(words & self.book.whole(state.places, plan))  # type: ignore[arg-type]
        return kept if kept.any() else allowed

    def _filled(self, state: State, plan: Line) -> bool:
        return state.at != At.START and any(filled == len(plan.steps[number]) for number, filled in state.places)

    def _may_end(self, state: State) -> bool:
        """Whether a line without a template may end here: long enough, with its letter and a fitting first word."""
        if state.col < SHORTEST_LINE and state.line not in self.asked.held:
            return False
        letter = self.asked.heads[state.line] if self.asked.heads else ""
        right = not letter or bool(self.book.heads[letter][state.last])
        return right and (state.col >= LONGEST_LINE or bool(self.book.joins.opens[state.last]))

    def _must_stop(self, line: int) -> list[int]:
        """The marks of which one has to end the line: at the poem's end, and at a stanza's."""
        if line + 1 == len(self.form.lines):
            return self._closing
        return self._marks if line + 1 in self.form.breaks else []

    def _only(self, tokens: list[int]) -> Mask:
        allowed = np.zeros(len(self.book.vocabulary), np.bool_)
        allowed[tokens] = True
        return allowed

    def _over(self, state: State) -> Mask:
        after = state.line + 1
        return self._only([END if after == len(self.form.lines) else STANZA if after in self.form.breaks else BREAK])

    def _check_heads(self) -> None:
        short = [tokens for stresses, tokens in self.book.classes.items() if stresses <= {"m", "f"}]
        usable = self._only(np.concatenate([*short, np.zeros(0, np.int64)]).astype(np.int64).tolist()) & self._usable
        for line, letter in enumerate(self.asked.heads):
            held = self.asked.held.get(line)
            if (held is None or held.open_head) and not (usable & self.book.heads[letter]).any():
                raise WishError(f"acrostic, line {line + 1}: no line can begin with {letter!r}",
                                "no free word of one syllable does", "change the acrostic")  # fmt: skip
