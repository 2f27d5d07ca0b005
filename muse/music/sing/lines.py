"""Which lines of a poem are sung alike: those of one shape to one rhythm, those of a strophe to one tune, rhymes to one
cadence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from muse.terms import Lyrics, Syllable

NEAR = 2
"""By how many syllables two lines of one tune may differ."""
CHINESE_STROPHE = 4
"""Lines of a strophe where a Chinese poem in lines of one width has no stanzas: its tones come round after four."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a poem.

    Attributes:
        number: of the line in the poem; at: its place among the sung lines.
        first: index of its first syllable in the lyrics.
        stanza, row: its stanza, and its place there.
        model: the earlier line to whose tune it is sung, or −1.
    """

    number: int
    at: int
    first: int
    syllables: tuple[Syllable, ...]
    stanza: int
    row: int
    model: int = -1

    @property
    def size(self) -> int:
        return len(self.syllables)

    @property
    def rhyme(self) -> str:
        return self.syllables[-1].rhyme

    @property
    def shape(self) -> tuple[int, int, bool]:
        """Lines of equal shape share a rhythm: syllables, odd or even line of the stanza, feminine ending."""
        ends = [one.accent for one in self.syllables[-2:]]
        return self.size, self.row % 2, ends == ["1", "0"]


def is_tonal(lyrics: Lyrics) -> bool:
    """Whether the syllables have tones."""
    return any(one.accent in ("level", "oblique") for one in lyrics.syllables)


def lines_of(lyrics: Lyrics) -> tuple[Line, ...]:
    """The lines that have something to sing, each with its model.

    A line takes the tune of the line in the same place of the first stanza that has as many lines; where none has, of
    the line as far from the end of the first stanza, if that has as many syllables.
    """
    grouped = [(number, tuple(found)) for number, found in groupby(lyrics.syllables, lambda one: one.line)]
    stanzas = list(lyrics.stanzas)
    if not stanzas and is_tonal(lyrics) and len({len(line) for _, line in grouped}) == 1:
        stanzas = [grouped[at][0] for at in range(CHINESE_STROPHE, len(grouped), CHINESE_STROPHE)]
        stanzas = stanzas if len(grouped) % CHINESE_STROPHE == 0 else []
    found: list[Line] = []
    first = 0
    for at, (number, syllables) in enumerate(grouped):
        stanza = sum(begin <= number for begin in stanzas)
        row = sum(line.stanza == stanza for line in found)
        found.append(Line(number, at, first, syllables, stanza, row))
        first += len(syllables)
    return tuple(Line(one.number, one.at, one.first, one.syllables, one.stanza, one.row, _model(one, found))
                 for one in found)  # fmt: skip


def _model(line: Line, lines: Sequence[Line]) -> int:
    heights = [sum(one.stanza == stanza for one in lines) for stanza in range(line.stanza + 1)]
    alike = heights.index(heights[-1])
    row, exact = line.row, False
    if alike == line.stanza:
        alike, row, exact = 0, line.row - heights[-1] + heights[0], True
    for one in lines:
        if line.stanza and one.stanza == alike and one.row == row and one.size:
            return one.at if abs(one.size - line.size) <= (0 if exact else NEAR) else -1
    return -1


def cadences(lines: Sequence[Line]) -> tuple[int, ...]:
    """For each line the first that ends alike: those of one rhyme do, and those of one tune."""
    group = list(range(len(lines)))

    def root(at: int) -> int:
        while group[at] != at:
            at = group[at]
        return at

    rhymes: dict[str, int] = {}
    for line in lines:
        others = [line.model] if line.model >= 0 else []
        if line.rhyme:
            others.append(rhymes.setdefault(line.rhyme, line.at))
        for other in others:
            low, high = sorted((root(line.at), root(other)))
            group[high] = low
    return tuple(root(at) for at in range(len(lines)))
