"""The four forms of regulated verse, and the tone patterns that each of their lines may have.

Rules (王力《诗词格律》; the same as the corpora's `regular` mark, with 孤平 avoided):

- Places 2, 4 (and 6) of a line alternate; an odd line that ends 平平平仄仄 may end 平平仄平仄 instead.
- Place 2 is opposed within a couplet (对) and kept from couplet to couplet (粘).
- Even lines end level and rhyme in one group of 平水韵; odd lines end oblique, but the first may end level and rhyme.
- No line ends in three level tones (三平尾); 平平仄仄平 keeps two level tones side by side
  before its end (no 孤平).

A tone is True where it is level (平), False where oblique (仄).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product

Pattern = tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """One form: so many lines of so many characters."""

    name: str
    latin: str
    lines: int
    width: int

    @property
    def characters(self) -> int:
        return self.lines * self.width

    def rhymed(self, line: int) -> bool:
        """Whether a line, counted from 0, always rhymes."""
        return line % 2 == 1

    def patterns(self, opening: Opening, line: int) -> frozenset[Pattern]:
        """All tone patterns of a line, counted from 0, in a poem that opens so."""
        second = opening.level == (line % 4 in (0, 3))
        level_end = self.rhymed(line) or (line == 0 and opening.rhymed)
        return _patterns(self.width, second, level_end, line % 2 == 0)


@dataclass(frozen=True, slots=True)
class Opening:
    """How a poem opens.

    Attributes:
        level: place 2 of the first line is level (平起), not oblique (仄起).
        rhymed: the first line rhymes.
    """

    level: bool
    rhymed: bool

    @property
    def name(self) -> str:
        return f"{'平' if self.level else '仄'}起首句{'' if self.rhymed else '不'}入韵"


FORMS = {
    form.name: form
    for form in (
        Form("五绝", "wujue", 4, 5),
        Form("七绝", "qijue", 4, 7),
        Form("五律", "wulv", 8, 5),
        Form("七律", "qilv", 8, 7),
    )
}
OPENINGS = tuple(Opening(level, rhymed) for level, rhymed in product((False, True), (False, True)))


def shape(lines: int, width: int) -> Form | None:
    """The form with so many lines of so many characters."""
    return next((form for form in FORMS.values() if (form.lines, form.width) == (lines, width)), None)


@cache
def _patterns(width: int, second: bool, level_end: bool, odd: bool) -> frozenset[Pattern]:
    return frozenset(p for p in product((False, True), repeat=width) if _fits(p, second, level_end, odd))


def _fits(pattern: Pattern, second: bool, level_end: bool, odd: bool) -> bool:
    width = len(pattern)
    if pattern[-1] != level_end or pattern[-3:] == (True, True, True):
        return False
    alternating = all(pattern[place] == (second == (place % 4 == 1)) for place in range(1, width, 2))
    if not alternating:
        twisted = odd and not level_end and pattern[-5:] == (True, True, False, True, False)
        before = all(pattern[place] == (second == (place % 4 == 1)) for place in range(1, width - 2, 2))
        return twisted and before
    lone = level_end and pattern[-2] is False and not pattern[-5] and pattern[-4] and not pattern[-3]
    return not lone
