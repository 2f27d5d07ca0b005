"""Which token may follow which in a line, whatever its words: what the automaton knows beside meter and rhyme.

Kinds of tokens: INNER pieces, words that BEGIN (whole ones and beginning pieces), marks, and the four ends of a line.
A line is written backward here: its last mark, then its words from the last to the first, each from its last piece.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

from muse.poem.english.text import CAPITAL, HYPHEN, MARKS
from muse.poem.english.vocabulary import BREAK, END, INNER, STANZA, Vocabulary
from muse.tables.english_pairs import EDGE, table


class Kind(IntEnum):
    """What a token is; OTHER is never written."""

    OTHER, BEGIN, NAMED, INNER, CAPITAL, HYPHEN, MARK, END = range(8)


class At(IntEnum):
    """What was written last in the line."""

    START, MARK, INNER, BEGIN, NAMED, CAPITAL, HYPHEN = range(7)


_WORD = (Kind.BEGIN, Kind.NAMED, Kind.INNER)
FOLLOWS: dict[At, tuple[Kind, ...]] = {
    At.START: (Kind.MARK, *_WORD),
    At.MARK: _WORD,
    At.INNER: (Kind.INNER, Kind.BEGIN),
    At.BEGIN: (Kind.MARK, Kind.HYPHEN, Kind.CAPITAL, Kind.END, *_WORD),
    At.NAMED: (Kind.MARK, Kind.HYPHEN, Kind.END, *_WORD),
    At.CAPITAL: (Kind.MARK, Kind.HYPHEN, *_WORD),
    At.HYPHEN: _WORD,
}
AFTER = {Kind.MARK: At.MARK, Kind.INNER: At.INNER, Kind.BEGIN: At.BEGIN, Kind.NAMED: At.NAMED, Kind.CAPITAL: At.CAPITAL,
         Kind.HYPHEN: At.HYPHEN, Kind.END: At.START}  # fmt: skip


@cache
def kinds(vocabulary: Vocabulary) -> npt.NDArray[np.uint8]:
    """(V,) the Kind of each token."""
    found = np.full(len(vocabulary), Kind.OTHER, np.uint8)
    found[[BREAK, STANZA, END]] = Kind.END
    for token in range(vocabulary.first, len(vocabulary)):
        text = vocabulary.tokens[token]
        if text.startswith(INNER):
            found[token] = Kind.INNER
        elif not text.startswith("<"):
            found[token] = Kind.BEGIN if text == text.lower() else Kind.NAMED
    found[[vocabulary.ids[mark] for mark in MARKS]] = Kind.MARK
    found[[vocabulary.ids[CAPITAL], vocabulary.ids[HYPHEN]]] = Kind.CAPITAL, Kind.HYPHEN
    return found


class Joins:
    """Which tokens verse joins with the one on their right, by `muse.tables.english_pairs` and by "a" and "an"."""

    def __init__(self, vocabulary: Vocabulary, vowels: Sequence[bool | None]) -> None:
        """
        Args:
            vowels: (V,) whether a token begins with the sound of a vowel; None where that is not known.
        """
        numbers, self._forbidden = table()
        texts = [text.lower() for text in vocabulary.tokens]
        self._number = np.array([numbers.get(text, -1) for text in texts], np.int64)
        self._vowels, self._edge = vowels, numbers[EDGE]
        self._articles = [vocabulary.ids.get(word) for word in ("a", "an")]
        self._kept: dict[int, npt.NDArray[np.bool_]] = {}

    def before(self, token: int) -> npt.NDArray[np.bool_]:
        """(V,) what may stand on the left of a token; of the end of a line, where it is −1."""
        if token not in self._kept:
            number = self._edge if token < 0 else int(self._number[token])
            found = np.ones(len(self._number), np.bool_)
            if number >= 0:
                found = (self._number < 0) | ~self._forbidden[self._number, number]
            vowel = None if token < 0 else self._vowels[token]
            for article, wrong in zip(self._articles, (True, False), strict=True):
                if vowel is wrong and article is not None:
                    found[article] = False
            self._kept[token] = found
        return self._kept[token]

    @cached_property
    def opens(self) -> npt.NDArray[np.bool_]:
        """(V,) what may begin a line."""
        found: npt.NDArray[np.bool_] = (self._number < 0) | ~self._forbidden[self._edge, self._number]
        return found
