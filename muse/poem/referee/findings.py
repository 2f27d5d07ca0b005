"""What the judge finds, in words: places that break a rule, and how far a rule holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from muse.poem.referee.books import Book, Reading
from muse.terms import Kept, Promise, Report


@dataclass(frozen=True, slots=True, order=True)
class Break:
    """A place that breaks a rule; line and place count from 1.

    Attributes:
        rule: "tone", "tail", "lone level", "rhyme", "end" or "same character".
        sure: it breaks the rule under every reading.
    """

    line: int
    place: int
    character: str
    wanted: str
    found: str
    rule: str
    sure: bool = True

    def __str__(self) -> str:
        at = f"line {self.line}, place {self.place}: {self.character}"
        return f"{at} is {self.found}, wanted {self.wanted} ({self.rule})"


@dataclass(frozen=True, slots=True)
class Judged:
    """What a form's judge found.

    Attributes:
        wanted: for each line the tones that its form asks for: 平, 仄, or 中 for either.
        rhymes: for each line the group that its end must have, or "".
    """

    promises: tuple[Promise, ...]
    breaks: tuple[Break, ...] = ()
    notes: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    rhymes: tuple[str, ...] = ()

    def report(self) -> Report:
        return Report(self.promises, (*map(str, self.breaks), *self.notes))


def named(level: bool) -> str:
    """ "level" or "oblique"."""
    return "level" if level else "oblique"


def told(readings: Iterable[Reading]) -> str:
    """The readings of a character, in words."""
    return " or ".join(f"{one.group or 'unknown'} ({named(one.level)})" for one in readings)


def say(kept: Kept, detail: str = "") -> str:
    """How far a rule holds, after a detail such as the rhyme group."""
    found = "broken" if kept is False else f"holds under {'every reading' if kept is True else 'some readings'}"
    return f"{detail}: {found}" if detail else found


def unknown(lines: Sequence[str], book: Book) -> list[str]:
    """A finding for each character that no reading is known of."""
    lost = sorted({character for line in lines for character in line if not book.readings(character)})
    return [f"no reading of {character} is known: counted as either tone" for character in lost]


def worst(kept: Iterable[Kept]) -> Kept:
    """False if one is, else "depends" if one does, else True."""
    found = set(kept)
    return False if False in found else "depends" if "depends" in found else True
