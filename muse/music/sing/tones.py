"""Tones and tune: whether the melody goes the way of the words.

The rule. Within a line, between two syllables of unlike tone, the tune should go the way the voice goes: up from a
level (平) to an oblique (仄) one, down from an oblique to a level one. To go the other way is *contrary*; to stay is
neither and does no harm. Between two syllables of one class, and from line to line, the tune is free. Where a syllable
has several notes, its last one leads on. The *agreement* is the share of telling pairs that are not contrary.

Level is the lower of the two, as the singing and chanting of classical verse has it; whether a syllable is level is
told by the rhyme tables (平水韵), not by its Mandarin tone, which has lost the oblique tones that ended in a stop.

Source: Chao Yuen Ren, interview of 1974 (Bancroft Library), pp. 160-161: level tones low or descending, the others
higher or shorter, after the classical tradition; Ladd and Kirby, Tone-melody matching in tone-language singing (2020,
The Oxford Handbook of Language Prosody): in most tone languages that were studied, contrary motion is what is avoided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

FREE = frozenset({-1, 0, 1})
RISE, FALL = frozenset({0, 1}), frozenset({-1, 0})


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a tune agrees with the tones of its words.

    Attributes:
        pairs: of neighbours of unlike tone.
        alike: those that the tune follows; contrary: those that it goes against.
    """

    pairs: int
    alike: int
    contrary: int

    @property
    def share(self) -> float:
        """Of the pairs, those that are not contrary."""
        return 1 - self.contrary / self.pairs if self.pairs else 1.0


def directions(before: str, after: str) -> frozenset[int]:
    """Ways (−1 down, 0 none, 1 up) in which a tune may go from one tone to another.

    >>> sorted(directions("level", "oblique")), sorted(directions("level", "level"))
    ([0, 1], [-1, 0, 1])
    """
    return {("level", "oblique"): RISE, ("oblique", "level"): FALL}.get((before, after), FREE)


def agreement(lines: Sequence[Sequence[tuple[str, int, int]]]) -> Agreement:
    """The agreement of lines of (tone, first pitch, last pitch) a syllable.

    >>> agreement([[("level", 60, 60), ("oblique", 64, 64), ("level", 65, 65)]])
    Agreement(pairs=2, alike=1, contrary=1)
    """
    pairs = alike = contrary = 0
    for line in lines:
        for (tone, _, leaves), (other, comes, _) in pairwise(line):
            way = directions(tone, other)
            if way == FREE:
                continue
            step = (comes > leaves) - (comes < leaves)
            pairs += 1
            alike += step != 0 and step in way
            contrary += step not in way
    return Agreement(pairs, alike, contrary)
