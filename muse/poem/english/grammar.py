"""Which token may follow which in a line, whatever its words: what the automaton knows beside meter and rhyme.

Kinds of tokens: INNER pieces, words that BEGIN (whole ones and beginning pieces), marks, and the four ends of a line.
A line is written backward here: its last mark, then its words from the last to the first, each from its last piece.
"""

from __future__ import annotations

from enum import IntEnum
from functools import cache

import numpy as np
import numpy.typing as npt

from muse.poem.english.text import CAPITAL, HYPHEN, MARKS
from muse.poem.english.vocabulary import BREAK, END, INNER, STANZA, Vocabulary


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
