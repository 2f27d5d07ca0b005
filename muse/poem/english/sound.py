"""What a model's whole words sound like, for the automaton: stress, rime and onset of each reading; what fits where."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from muse.poem.english.vocabulary import INNER, LETTERS, Vocabulary
from muse.tables.english import Pronunciation, guessed, listing, pronunciations

LIGHT = frozenset(("a", "an", "the"))
"""Words that never stand in a strong place."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to say a word.

    Attributes:
        stress: a digit a syllable; a word of one syllable has "m", a small one "f", an article "l".
        rime, onset: see `muse.tables.english.Pronunciation`.
        weak: syllables after the last primary stress; −1 where there is none.
        vowel: whether it begins with one.
    """

    stress: str
    rime: str
    onset: str
    weak: int
    vowel: bool = False


@cache
def readings(word: str) -> tuple[Reading, ...]:
    """The readings of a word in small letters, each once; () where neither dictionary nor rule knows it.

    >>> [reading.stress for reading in readings("delight")], [reading.stress for reading in readings("the")]
    (['01'], ['l', 'l'])
    """
    return _read(word, pronunciations(word))


@cache
def heard(word: str) -> tuple[Reading, ...]:
    """The same, by the letters alone where neither dictionary nor rule knows the word."""
    return _read(word, guessed(word))


def _read(word: str, ways: Iterable[Pronunciation]) -> tuple[Reading, ...]:
    found: dict[Reading, None] = {}
    for said in ways:
        stress = said.stress
        if len(stress) == 1:
            stress = "l" if word in LIGHT else "f" if word in listing("small") else "m"
        if stress:
            weak = 0 if len(stress) == 1 else len(stress) - 1 - stress.rfind("1") if "1" in stress else -1
            found[Reading(stress, said.rime, said.onset, weak, said.code[0] < "N")] = None
    return tuple(found)


def fits(stress: str, slots: str) -> bool:
    """Whether a reading may fill these places, one character each: S strong, w weak, x either.

    In a longer word a primary stress stands strong; a syllable without stress stands weak, or strong where neither
    neighbour in the word has the primary stress (me-mo-RY). A secondary stress stands anywhere.

    >>> fits("100", "SwS"), fits("10", "wS"), fits("l", "S"), fits("m", "w")
    (True, False, False, True)
    """
    for at, (digit, slot) in enumerate(zip(stress, slots, strict=True)):
        if slot == "x":
            continue
        if slot == "w" and digit == "1":
            return False
        if slot == "S":
            beside = "1" in stress[max(0, at - 1) : at + 2]
            if digit == "l" or (digit == "0" and beside):
                return False
    return True


@dataclass(frozen=True)
class Sounds:
    """The readings of every token that is a whole word; () for all others, which no metered line takes.

    Attributes:
        of: by token.
    """

    of: tuple[tuple[Reading, ...], ...]

    @classmethod
    def made(cls, vocabulary: Vocabulary, strict: bool) -> Sounds:
        """strict: only words of which all readings have as many syllables."""
        found: list[tuple[Reading, ...]] = [()] * len(vocabulary)
        for token in vocabulary.words:
            said = readings(vocabulary.tokens[token].lower())
            if not strict or len({len(reading.stress) for reading in said}) == 1:
                found[token] = said
        return cls(tuple(found))


def syllables(vocabulary: Vocabulary) -> npt.NDArray[np.uint8]:
    """(V,) how many syllables a token counts for its place in a line: of its first reading, or groups of vowels."""
    count = np.zeros(len(vocabulary), np.uint8)
    for token in range(vocabulary.first, len(vocabulary)):
        text = vocabulary.tokens[token]
        if text.startswith("<"):
            continue
        readings = () if text.startswith(INNER) or text in set(LETTERS) - {"a"} else pronunciations(text)
        count[token] = len(readings[0].stress) if readings else len(re.findall("[aeiouy]+", text.lower()))
    return count
