"""Which words may end a rhymed line: so that every later line of its rhyme still finds one of its own."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from muse.errors import WishError
from muse.poem.english.book import Book, Mask
from muse.poem.english.form import Form

if TYPE_CHECKING:
    from muse.poem.english.automaton import Asked

Rimes = tuple[tuple[str, str, frozenset[str]], ...]
"""(letter, rime, onsets used) of each rhyme begun, in order."""


class Ends:
    """The rhymes of a form."""

    def __init__(self, form: Form, book: Book, asked: Asked, usable: Mask) -> None:
        """
        Args:
            usable: (V,) words that are not blocked.

        Raises:
            WishError: no rime has words enough for the lines of a letter.
        """
        self.form, self.book, self.asked, self._usable = form, book, asked, usable
        self._alike: dict[object, dict[str, tuple[int, ...]]] = {}
        self._of_line = {at: self._able(at) for at, line in enumerate(form.lines) if line.rhyme and not self._given(at)}
        self._letters: dict[str, list[int]] = {}
        for at in self._of_line:
            self._letters.setdefault(form.lines[at].rhyme, []).append(at)
        self._begin = {letter: self._beginnings(letter) for letter in self._letters}
        fixed = {letter: rime for letter, rime, _ in asked.rimes}
        self._few = any(len(found) <= len(self._letters) for found in self._begin.values())
        short = [letter for letter, found in self._begin.items() if not found]
        open_ones = [set(found) - set(fixed.values()) for letter, found in self._begin.items() if letter not in fixed]
        if short or not _distinct(sorted(open_ones, key=len)):
            letter = short[0] if short else min(self._begin, key=lambda one: len(self._begin[one]))
            lines = ", ".join(str(at + 1) for at in self._letters[letter])
            raise WishError(f"no rhyme for line {lines} of this {form.name}", "too few words rhyme as is wished",
                            "change the rhyme, the locked text, the acrostic or the forbidden words")  # fmt: skip

    def allowed(self, rimes: Rimes, line: int) -> Mask:
        """(V,) words that may end a line, where some rhymes have begun."""
        letter = self.form.lines[line].rhyme
        found = np.zeros(len(self.book.vocabulary), np.bool_)
        begun = {name: (rime, used) for name, rime, used in rimes}
        able = self._of_line[line]
        if letter in begun:
            rime, used = begun[letter]
            found[list(self._following(letter, line, rime, used))] = True
            return found
        taken = {rime for rime, _ in begun.values()}
        free = [rime for rime in self._begin[letter] if rime not in taken]
        if self._few:
            later = [
                set(self._begin[other]) - taken for other in self._letters if other not in begun and other != letter
            ]
            free = [rime for rime in free if _distinct(sorted((one - {rime} for one in later), key=len))]
        if len(set(map(id, (self._of_line[at] for at in self._letters[letter])))) == 1:
            found[list(chain.from_iterable(able[rime] for rime in free))] = True
        else:
            found[[token for rime in free for token in self._following(letter, line, rime, frozenset())]] = True
        return found

    def taken(self, rimes: Rimes, line: int, token: int) -> tuple[str, Rimes]:
        """The rime that a word has at the end of a line, and all rhymes with it."""
        letter = self.form.lines[line].rhyme
        for at, (name, rime, used) in enumerate(rimes):
            if name == letter:
                now = (letter, rime, used | {self.book.onset(token, rime)})
                return rime, (*rimes[:at], now, *rimes[at + 1 :])
        known = {rime for _, rime, _ in rimes}
        able = self._of_line[line]
        rime = next(rime for rime in self._begin[letter] if rime not in known and token in able.get(rime, ()))
        return rime, (*rimes, (letter, rime, frozenset((self.book.onset(token, rime),))))

    def tailed(self, words: Mask, line: int) -> Mask:
        """Those of some words that end with the letter that is asked of a line, or all where that is none."""
        kept = words & self.book.tails[self.asked.tails[line]]
        if not kept.any():
            raise WishError(f"acrostic, line {line + 1}: no line can end with {self.asked.tails[line]!r}",
                            "no word that fits there does", "change the acrostic")  # fmt: skip
        return kept

    def _given(self, line: int) -> bool:
        held = self.asked.held.get(line)
        return held is not None and not held.open_end

    def _able(self, line: int) -> dict[str, tuple[int, ...]]:
        """By rime, the words that may end a line; lines of which the same is asked share one answer."""
        plan, held, asked = self.form.lines[line], self.asked.held.get(line), self.asked
        head = asked.heads[line : line + 1]
        tail = asked.tails[line : line + 1]
        key = (plan.steps, bool(head), tail, held)
        if key not in self._alike:
            endings: dict[frozenset[tuple[int, int]], bool] = {}
            found = {}
            for rime, tokens in self.book.rhymes.items():
                kept = []
                for token in tokens:
                    after = self.book.ended(token, rime, plan)
                    if after not in endings:
                        room = not head or all(filled < len(plan.steps[number]) for number, filled in after)
                        endings[after] = room and (bool(after) if held is None else bool(held.ended(after)))
                    if endings[after] and self._usable[token] and (not tail or self.book.tails[tail][token]):
                        kept.append(token)
                if kept:
                    found[rime] = tuple(kept)
            self._alike[key] = found
        return self._alike[key]

    def _beginnings(self, letter: str) -> tuple[str, ...]:
        """The rimes that have words enough for the free lines of a letter."""
        given = {name: (rime, used) for name, rime, used in self.asked.rimes}
        lines = self._letters[letter]
        rimes = (given[letter][0],) if letter in given else tuple(self._of_line[lines[0]])
        used = given[letter][1] if letter in given else frozenset()
        return tuple(rime for rime in rimes if self._matches(lines, rime, used))

    def _matches(self, lines: Sequence[int], rime: str, used: frozenset[str]) -> bool:
        """Whether each of some lines can end with a word of its own."""
        sets = [{self.book.onset(token, rime) for token in self._of_line[at].get(rime, ())} - used for at in lines]
        sets.sort(key=len)
        if all(len(found) > at for at, found in enumerate(sets)):
            return True
        return _distinct(sets)

    def _following(self, letter: str, line: int, rime: str, used: frozenset[str]) -> list[int]:
        """The words that may end a line of a begun rhyme, so that the later lines of its letter find one too."""
        later = [at for at in self._letters[letter] if at > line]
        tokens = [(token, self.book.onset(token, rime)) for token in self._of_line[line].get(rime, ())]
        right = {onset: onset not in used and self._matches(later, rime, used | {onset}) for _, onset in tokens}
        return [token for token, onset in tokens if right[onset]]


def _distinct(sets: Sequence[set[str]], used: frozenset[str] = frozenset()) -> bool:
    """Whether one member can be taken of each set, no two alike."""
    return not sets or any(_distinct(sets[1:], used | {one}) for one in sets[0] - used)
