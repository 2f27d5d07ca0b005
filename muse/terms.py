"""The few values that cross the walls between rooms: plain, frozen, without behaviour of their own field."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

Language = Literal["zh", "en", "none"]
Kept = Literal[True, False, "relaxed", "depends"]


@dataclass(frozen=True, slots=True)
class Theme:
    """What a work is about.

    Attributes:
        text: as the user wrote it, cleaned of control characters.
        language: "zh", "en", or "none" where nothing was recognised.
        words: the words of the text that the lexicon knows.
        zh: Chinese imagery for them, strongest first.
        en: English words for them.
        season: "spring", "summer", "autumn", "winter" or "".
    """

    text: str
    language: Language = "none"
    words: tuple[str, ...] = ()
    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()
    season: str = ""


@dataclass(frozen=True, slots=True)
class Mood:
    """How a work feels; every axis in [−1, 1], 0 is neutral."""

    valence: float = 0.0
    energy: float = 0.0
    tension: float = 0.0
    warmth: float = 0.0
    density: float = 0.0

    def __post_init__(self) -> None:
        for axis in fields(self):
            value = float(getattr(self, axis.name))
            object.__setattr__(self, axis.name, min(1.0, max(-1.0, value)))

    @classmethod
    def neutral(cls) -> Mood:
        return cls()

    def mix(self, other: Mood, weight: float) -> Mood:
        """This mood, moved by `weight` in [0, 1] towards another."""
        pairs = {a.name: (getattr(self, a.name), getattr(other, a.name)) for a in fields(self)}
        return Mood(**{name: (1 - weight) * mine + weight * theirs for name, (mine, theirs) in pairs.items()})

    def as_dict(self) -> dict[str, float]:
        return {axis.name: round(getattr(self, axis.name), 4) for axis in fields(self)}


@dataclass(frozen=True, slots=True)
class Syllable:
    """One syllable to be sung.

    Attributes:
        text: the character, or the letters of an English syllable.
        line: index of its line in the poem.
        accent: tone ("level", "oblique") in Chinese, stress ("0", "1", "2") in English.
        rhyme: the rhyme class at a line's end, else "".
        pause: whether its line breathes after it: a caesura, or a mark.
    """

    text: str
    line: int
    accent: str = ""
    rhyme: str = ""
    pause: bool = False


@dataclass(frozen=True, slots=True)
class Lyrics:
    """A poem to be sung.

    Attributes:
        stanzas: the lines that begin another stanza.
    """

    syllables: tuple[Syllable, ...] = ()
    stanzas: tuple[int, ...] = ()

    @property
    def lines(self) -> int:
        return len({syllable.line for syllable in self.syllables})


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of a melody, for a line of verse to be sung to: a syllable a note.

    Attributes:
        accents: of each note, 1 where it is stronger than a note beside it and not weaker than the other, −1 where it
            is weaker, 0 where it is neither.
        steps: of each note, whether it lies above (1) or below (−1) the one before it, 0 at the phrase's beginning.
        cadence: a name for how it ends; phrases of one name end alike.
    """

    accents: tuple[int, ...]
    steps: tuple[int, ...]
    cadence: str = ""


@dataclass(frozen=True, slots=True)
class Features:
    """What a finished work says of itself, so that another art can follow it.

    Attributes:
        mode: "major", "minor" or another mode's name.
        tempo: quarter notes a minute.
        beats: beat times in seconds.
        density: notes a beat.
        register: mean MIDI pitch.
        energy: one value in [0, 1] a bar.
        season, imagery, language: of a poem.
    """

    mode: str = ""
    tempo: float | None = None
    beats: tuple[float, ...] = ()
    density: float | None = None
    register: float | None = None
    energy: tuple[float, ...] = ()
    season: str = ""
    imagery: tuple[str, ...] = ()
    language: Language = "none"


@dataclass(frozen=True, slots=True)
class Promise:
    """One thing that was asked of a work, and what was found in it."""

    name: str
    asked: str
    found: str
    kept: Kept


@dataclass(frozen=True, slots=True)
class Report:
    """The promises of a work, each read from the finished work, and what else was noticed."""

    promises: tuple[Promise, ...] = ()
    findings: tuple[str, ...] = field(default=())

    @property
    def valid(self) -> Literal[True, False, "depends"]:
        """False if a promise is broken, "depends" if one hangs on the reading, else True."""
        verdicts = {promise.kept for promise in self.promises}
        if False in verdicts:
            return False
        return "depends" if "depends" in verdicts else True

    def __add__(self, other: Report) -> Report:
        return Report(self.promises + other.promises, self.findings + other.findings)

    def as_dict(self) -> dict[str, Any]:
        return {
            "valid": self.valid,
            "promises": [asdict(promise) for promise in self.promises],
            "findings": list(self.findings),
        }


def joined(reports: Iterable[Report]) -> Report:
    """All reports as one."""
    total = Report()
    for report in reports:
        total = total + report
    return total
