"""Which words may end a rhymed line: so that every later line of its rhyme still finds one of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from muse.errors import WishError
from muse.poem.english.book import Book, Mask
from muse.poem.english.form import Form

if TYPE_CHECKING:
    from muse.poem.english.lock import Asked

Rimes = tuple[tuple[str, str, frozenset[str]], ...]
"""(letter, rime, onsets used) of each rhyme begun, in order."""
Able = dict[str, dict[str, list[int]]]
"""Words that may end a line, by rime and by the consonants before it."""


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
        self._alike: dict[object, Able] = {}
        self._of_line = {at: self._able(at) for at, line in enumerate(form.lines) if line.rhyme and not self._given(at)}
        self._letters: dict[str, list[int]] = {}
        for at in self._of_line:
            self._letters.setdefault(form.lines[at].rhyme, []).append(at)
        self._begin = {letter: self._beginnings(letter) for letter in self._letters}
        self._opening: dict[int, Mask] = {}
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
        begun = {name: (rime, used) for name, rime, used in rimes}
        able = self._of_line[line]
        if letter in begun:
            return self._mask(self._following(line, *begun[letter]))
        taken = {rime for rime, _ in begun.values()}
        if self._few:
            left = [
                set(found) - taken for other, found in self._begin.items() if other not in begun and other != letter
            ]
            rimes_left = [rime for rime in self._begin[letter] if rime not in taken]
            free = [rime for rime in rimes_left if _distinct(sorted((one - {rime} for one in left), key=len))]
            return self._mask(chain.from_iterable(self._following(line, rime, frozenset()) for rime in free))
        if line not in self._opening:
            every = (self._following(line, rime, frozenset()) for rime in self._begin[letter])
            self._opening[line] = self._mask(chain.from_iterable(every))
        found = self._opening[line].copy()
        for rime in taken:
            found[list(chain.from_iterable(able.get(rime, {}).values()))] = False
        return found

    def taken(self, rimes: Rimes, line: int, token: int) -> tuple[str, Rimes]:
        """The rime that a word has at the end of a line, and all rhymes with it."""
        letter = self.form.lines[line].rhyme
        for at, (name, rime, used) in enumerate(rimes):
            if name == letter:
                now = (letter, rime, used | {self.book.onset(token, rime)})
                return rime, (*rimes[:at], now, *rimes[at + 1 :])
        known = {rime for _, rime, _ in rimes}
        begin, ends = self._begin[letter], self.book.ends
        rime = next(rime for rime in begin if rime not in known and (token, rime) in ends)
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

    def _mask(self, tokens: Iterable[int]) -> Mask:
        found = np.zeros(len(self.book.vocabulary), np.bool_)
        found[list(tokens)] = True
        return found

    def _able(self, line: int) -> Able:
        """By rime, the words that may end a line; lines of which the same is asked share one answer."""
        plan, held, asked = self.form.lines[line], self.asked.held.get(line), self.asked
        tail = asked.tails[line : line + 1]
        key = (plan.steps, bool(asked.heads), tail, held, asked.blocked)
        plain = not (asked.heads or tail or held)
        kept = self.book.kept if plain else self._alike
        if key not in kept:
            endings: dict[frozenset[tuple[int, int]], bool] = {}
            found: Able = {}
            for (token, rime), end in self.book.ends.items():
                after = self.book.ended(token, rime, plan)
                if after not in endings:
                    room = not asked.heads or all(filled < len(plan.steps[number]) for number, filled in after)
                    endings[after] = room and (bool(after) if held is None else bool(held.ended(after)))
                if endings[after] and self._usable[token] and (not tail or self.book.tails[tail][token]):
                    found.setdefault(rime, {}).setdefault(end.onset, []).append(token)
            kept[key] = found
        able: Able = kept[key]
        return able

    def _beginnings(self, letter: str) -> tuple[str, ...]:
        """The rimes that have words enough for the free lines of a letter."""
        given = {name: (rime, used) for name, rime, used in self.asked.rimes}
        lines = self._letters[letter]
        rimes = (given[letter][0],) if letter in given else tuple(self._of_line[lines[0]])
        used = given[letter][1] if letter in given else frozenset()
        return tuple(rime for rime in rimes if self._matches(lines, rime, used))

    def _matches(self, lines: Sequence[int], rime: str, used: frozenset[str]) -> bool:
        """Whether each of some lines can end with a word of its own."""
        sets = sorted((self._of_line[at].get(rime, {}).keys() - used for at in lines), key=len)
        return all(len(found) > at for at, found in enumerate(sets)) or _distinct(sets)

    def _following(self, line: int, rime: str, used: frozenset[str]) -> list[int]:
        """The words with a rime that may end a line, so that the later lines of its letter find one too."""
        later = [at for at in self._letters[self.form.lines[line].rhyme] if at > line]
        able = self._of_line[line].get(rime, {})
        alike = all(self._of_line[at] is self._of_line[line] for at in later)
        enough = alike and len(able.keys() - used) > len(later)
        return [
            token
            for onset, tokens in able.items()
            if onset not in used and (enough or self._matches(later, rime, used | {onset}))
            for token in tokens
        ]


def _distinct(sets: Sequence[set[str]], used: frozenset[str] = frozenset()) -> bool:
    """Whether one member can be taken of each set, no two alike."""
    return not sets or any(_distinct(sets[1:], used | {one}) for one in sets[0] - used)
