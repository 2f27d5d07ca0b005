"""A user's words, cleaned and read before any model is asked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING

from muse.errors import UsageError, did_you_mean
from muse.terms import Mood

if TYPE_CHECKING:
    from muse.tables.lexicon import Reading

LONGEST = 2_000
_PITCH = r"[A-Ga-g][#♯b♭]?-?\d|\d{1,3}"
_JOINERS = {"\u200c", "\u200d", "\ufe0e", "\ufe0f"}


def clean(text: object, name: str = "theme", longest: int = LONGEST) -> str:
    """The text on one line, composed (NFC), without control and direction marks.

    >>> clean("秋江\\u202e 夜泊\\x00")
    '秋江 夜泊'

    Raises:
        UsageError: nothing is left, it is too long, or it is not text.
    """
    if not isinstance(text, str):
        raise UsageError(f"the {name} is not text", f"it is a {type(text).__name__}", "give a string")
    if len(text) > longest:
        raise UsageError(
            f"the {name} is too long",
            f"it has {len(text):,} characters, {longest:,} are the limit",
            "give a word or a line",
        )
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise UsageError(f"the {name} is not proper text", "it holds bytes that are not UTF-8", "type it again")
    spaced = re.sub(r"\s+", " ", text)
    kept = "".join(c for c in spaced if c in _JOINERS or unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs"))
    kept = unicodedata.normalize("NFC", kept).strip()
    if not kept.strip("".join(_JOINERS) + " "):
        why = "it is empty" if not text.strip() else "only control characters were in it"
        raise UsageError(f"no {name}", why, 'give a word or a line, such as "秋江夜泊" or "autumn river"')
    return kept


def dropped(text: str) -> int:
    """How many control and direction marks `clean` takes out of a text."""
    return sum(unicodedata.category(c) in ("Cc", "Cf", "Co") and c not in _JOINERS and not c.isspace() for c in text)


def read_theme(text: str, mood: str | Mood | Mapping[str, float] | None = None) -> Reading:
    """What a theme means to muse: theme, mood and notes; a mood that was asked for takes the place of the one read."""
    from dataclasses import replace

    from muse.tables.lexicon import interpret

    reading = interpret(clean(text))
    lost = dropped(text)
    if lost:
        reading = replace(reading, notes=(*reading.notes, f"{lost} control characters were left out of the theme"))
    asked = read_mood(mood)
    return reading if asked is None else replace(reading, mood=asked)


def read_mood(mood: str | Mood | Mapping[str, float] | None) -> Mood | None:
    """A mood from a word ("calm", "悲"), from axes ("energy=-0.6,valence=0.3"), or from a mapping.

    >>> read_mood("energy=-0.6").energy
    -0.6

    Raises:
        UsageError: an axis or a word that muse does not know, or a value outside [−1, 1].
    """
    if mood is None or isinstance(mood, Mood):
        return mood
    if isinstance(mood, Mapping):
        return _axes({str(name): value for name, value in mood.items()})
    text = clean(mood, "mood", 200)
    if "=" in text:
        pairs = [part.partition("=") for part in re.split(r"[,;\s]+", text) if part]
        return _axes({name.strip(): value.strip() for name, _, value in pairs})
    from muse.tables.lexicon import interpret

    reading = interpret(text)
    if not reading.theme.words:
        raise UsageError(f"unknown mood {text!r}", "no word in it has a mood of its own", f"name axes: {_names()}")
    return reading.mood


def _axes(values: Mapping[str, object]) -> Mood:
    known = [axis.name for axis in fields(Mood)]
    numbers: dict[str, float] = {}
    for name, value in values.items():
        if name not in known:
            raise UsageError(f"unknown mood axis {name!r}", "", did_you_mean(name, known))
        try:
            numbers[name] = float(str(value))
        except ValueError as error:
            raise UsageError(
                f"{name}={value} is no number", "an axis goes from −1 to 1", f"name axes: {_names()}"
            ) from error
        if not -1 <= numbers[name] <= 1:
            raise UsageError(f"{name}={value} is out of bounds", "an axis goes from −1 to 1", f"name axes: {_names()}")
    return Mood(**numbers)


def _names() -> str:
    return ", ".join(f"{axis.name}=0.5" if not index else axis.name for index, axis in enumerate(fields(Mood)))


def whole(name: str, value: object, low: int, high: int) -> int:
    """A whole number inside its bounds.

    Raises:
        UsageError: it is not one.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise UsageError(f"{name} is {value!r}", "a whole number is needed", f"give one from {low:,} to {high:,}")
    if not low <= value <= high:
        raise UsageError(f"{name} {value:,} is out of bounds", "", f"give a number from {low:,} to {high:,}")
    return value


def part(name: str, value: object, low: float = 0.0, high: float = 1.0) -> float:
    """A number inside its bounds.

    Raises:
        UsageError: it is not one.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise UsageError(f"{name} {value!r} is out of bounds", "", f"give a number from {low:g} to {high:g}")
    return float(value)


def read_ranges(ranges: str | Mapping[str, str] | None, ensemble: str) -> dict[str, tuple[int, int]] | None:
    """voice → lowest and highest MIDI pitch, from "C4-A5" (the tune or soprano) or "soprano=C4-A5, bass=E2-C4".

    >>> read_ranges("C4-A5", "lead")
    {'melody': (60, 81)}

    Raises:
        UsageError: a pitch cannot be read, or the range is upside down.
    """
    if ranges is None:
        return None
    if isinstance(ranges, Mapping):
        pairs = [(str(voice), str(text)) for voice, text in ranges.items()]
    else:
        first = "soprano" if ensemble == "satb" else "melody"
        parts = [part.strip() for part in clean(ranges, "range", 200).split(",") if part.strip()]
        pairs = [
            (voice.strip(), text) if mark else (first, part)
            for part in parts
            for voice, mark, text in [part.partition("=")]
        ]
    found: dict[str, tuple[int, int]] = {}
    for voice, text in pairs:
        match = re.fullmatch(rf"\s*({_PITCH})\s*(?:-|–|\.\.|:)\s*({_PITCH})\s*", text)
        if match is None:
            raise UsageError(f"cannot read the range {text!r}", "", 'write it like "C4-A5" or "60-81"')
        low, high = pitch_of(match[1]), pitch_of(match[2])
        if not 0 <= low <= high < 128:
            raise UsageError(
                f"the range {text.strip()} cannot be",
                "the lower pitch comes first; C-1 to G9 can be had",
                'write it like "C4-A5"',
            )
        found[voice] = (low, high)
    return found


def pitch_of(text: str) -> int:
    """A MIDI pitch from its name; C4 is 60.

    >>> pitch_of("A4"), pitch_of("Bb3"), pitch_of("60")
    (69, 58, 60)
    """
    if text.isdigit():
        return int(text)
    match = re.fullmatch(r"([A-Ga-g])([#♯b♭]?)(-?\d)", text)
    if match is None:
        raise UsageError(f"unknown pitch {text!r}", "", 'write it like "C4" or "F#3"')
    step = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}[match[1].upper()]
    return step + {"#": 1, "♯": 1, "b": -1, "♭": -1}.get(match[2], 0) + 12 * (int(match[3]) + 1)
