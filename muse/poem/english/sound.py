"""What a model's whole words sound like, for the automaton: stress, rime and onset of each reading; what fits where."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from muse.poem.english.vocabulary import Vocabulary
from muse.tables.english import listing, pronunciations

LIGHT = frozenset(("a", "an", "the"))
"""Words that never stand in a strong place."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to say a word.

    Attributes:
        stress: a digit a syllable; a word of one syllable has "m", a small one "f", an article "l".
        rime, onset: see `muse.tables.english.Pronunciation`.
        weak: syllables after the last primary stress; −1 where there is none.
    """

    stress: str
    rime: str
    onset: str
    weak: int


@cache
def readings(word: str) -> tuple[Reading, ...]:
    """The readings of a word in small letters, each once; () where neither dictionary nor rule knows it.

    >>> [reading.stress for reading in readings("delight")], [reading.stress for reading in readings("the")]
    (['01'], ['l', 'l'])
    """
    found: dict[Reading, None] = {}
    for said in pronunciations(word):
        stress = said.stress
        if len(stress) == 1:
            stress = "l" if word in LIGHT else "f" if word in listing("small") else "m"
        if stress:
            weak = 0 if len(stress) == 1 else len(stress) - 1 - stress.rfind("1") if "1" in stress else -1
            found[Reading(stress, said.rime, said.onset, weak)] = None
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
