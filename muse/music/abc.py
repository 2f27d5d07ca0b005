"""A small reader of ABC notation, for what hymnals use: several voices, ties, tuplets, broken rhythm, accidentals.

Not read: repeats (taken as written, once), grace notes, chords within a voice beyond their first note, overlays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from muse.errors import InputError, UsageError
from muse.music.theory import BEAT, Meter

_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SHARPS, _FLATS = "FCGDAEB", "BEADGCF"
_FIFTHS = {
    "C": 0,
    "G": 1,
    "D": 2,
    "A": 3,
    "E": 4,
    "B": 5,
    "F#": 6,
    "C#": 7,
    "F": -1,
    "Bb": -2,
    "Eb": -3,
    "Ab": -4,
    "Db": -5,
    "Gb": -6,
    "Cb": -7,
}
_MODES = {
    "": 0,
    "maj": 0,
    "ion": 0,
    "m": -3,
    "min": -3,
    "aeo": -3,
    "dor": -2,
    "phr": -4,
    "lyd": 1,
    "mix": -1,
    "loc": -5,
}
_TOKEN = re.compile(
    r"!(?P<mark>[^!]*)!|\"[^\"]*\"|\{[^}]*\}|\[(?P<field>[A-Za-z]):(?P<value>[^\]]*)\]|\((?P<tuplet>\d)(?::\d?)*"
    r"|(?P<chord>\[(?=[_^=A-Ga-g])[^\]]*\])(?P<chordlen>\d*/*\d*)"
    r"|(?P<acc>\^\^|__|[_^=])?(?P<note>[A-Ga-gzxZ])(?P<oct>[,']*)(?P<len>\d*/*\d*)"
    r"|(?P<broken>[<>]+)|(?P<tie>-)|(?P<bar>:*\|+[\]:|]*|\|\]|::)|(?P<other>.)"
)


@dataclass(slots=True)
class Tune:
    """One tune as read.

    Attributes:
        sharps: of the key signature, flats negative.
        meter: None where the file says "none".
        tempo: quarter notes a minute, or None.
        voices: by name, (tick, duration, pitch, 5) in order.
        bars: by voice, the ticks of its bar lines.
        length: by voice, ticks in all.
    """

    title: str = ""
    sharps: int = 0
    meter: Meter | None = None
    tempo: float | None = None
    voices: dict[str, list[tuple[int, int, int, int]]] = field(default_factory=dict)
    bars: dict[str, list[int]] = field(default_factory=dict)
    length: dict[str, int] = field(default_factory=dict)


class _Voice:
    """Reads one voice; what ABC remembers from note to note stands here."""

    def __init__(self, unit: Fraction, sharps: int) -> None:
        self.unit, self.sharps = unit, sharps
        self.now = Fraction(0)
        self.notes: list[list[Fraction | int]] = []
        self.lines: list[Fraction] = []
        self.accidentals: dict[str, int] = {}
        self.tied, self.broken = False, Fraction(1)
        self.tuplet: tuple[int, Fraction] = (0, Fraction(1))

    def read(self, text: str) -> list[tuple[str, str]]:
        """Take in a line of music; return the inline fields it holds."""
        fields = []
        for match in _TOKEN.finditer(text):
            if match["field"]:
                fields.append((match["field"], match["value"].strip()))
            elif match["tuplet"]:
                count = int(match["tuplet"])
                self.tuplet = (count, Fraction({2: 3, 4: 3, 8: 3}.get(count, 2), count))
            elif match["note"]:
                self._note(match["acc"], match["note"], match["oct"], match["len"])
            elif match["chord"]:
                inner = re.search(r"(\^\^|__|[_^=])?([A-Ga-g])([,']*)(\d*/*\d*)", match["chord"])
                if inner:
                    self._note(inner[1], inner[2], inner[3], match["chordlen"] or inner[4])
                    self.tied = "-" in match["chord"]
            elif match["tie"]:
                self.tied = True
            elif match["broken"]:
                share = Fraction(1, 2 ** len(match["broken"]))
                self._stretch(2 - share if match["broken"][0] == ">" else share)
            elif match["bar"]:
                self.accidentals = {}
                self.lines.append(self.now)
        return fields

    def _stretch(self, factor: Fraction) -> None:
        if self.notes and self.notes[-1][0] + self.notes[-1][1] == self.now:
            longer = Fraction(self.notes[-1][1]) * (factor - 1)
            self.notes[-1][1] += longer
            self.now += longer
        self.broken = 2 - factor

    def _note(self, accidental: str | None, letter: str, octave: str, length: str) -> None:
        duration = _length(length) * self.unit * self.broken
        self.broken = Fraction(1)
        left, ratio = self.tuplet
        if left:
            duration *= ratio
            self.tuplet = (left - 1, ratio)
        if letter in "zxZ":
            self.now += duration
            self.tied = False
            return
        place = letter.upper() + str(5 + letter.islower() + octave.count("'") - octave.count(","))
        if accidental:
            self.accidentals[place] = {"^": 1, "^^": 2, "_": -1, "__": -2, "=": 0}[accidental]
        step = letter.upper()
        signed = 1 if step in _SHARPS[: max(0, self.sharps)] else -1 if step in _FLATS[: max(0, -self.sharps)] else 0
        pitch = 12 * int(place[1:]) + _STEPS[step] + self.accidentals.get(place, signed)
        if (
            self.tied
            and self.notes
            and self.notes[-1][2] == pitch
            and self.notes[-1][0] + self.notes[-1][1] == self.now
        ):
            self.notes[-1][1] += duration
        else:
            self.notes.append([self.now, duration, pitch])
        self.tied = False
        self.now += duration


def tunes(text: str) -> Iterator[Tune]:
    """The tunes of an ABC file; one that cannot be read is left out."""
    for block in re.split(r"(?m)^(?=X:)", text):
        if block.startswith("X:"):
            try:
                yield parse(block)
            except (InputError, UsageError):
                continue


def parse(text: str) -> Tune:
    """One tune.

    Raises:
        InputError: no key, or a length that is none.
        UsageError: a meter off the grid.
    """
    tune, unit, voice = Tune(), None, "1"
    voices: dict[str, _Voice] = {}
    begun = False
    for raw in text.splitlines():
        line = raw.split("%")[0].strip()
        if not line:
            continue
        start = re.match(r"([A-Za-z]):(.*)", line)
        if start and start[1] not in "|":
            name, value = start[1], start[2].strip()
            if name == "T" and not tune.title:
                tune.title = value
            elif name == "M" and value != "none":
                tune.meter = Meter.parse(value)
            elif name == "L":
                unit = 4 * _fraction(value)
            elif name == "Q":
                tune.tempo = _tempo(value)
            elif name == "V":
                voice = value.split()[0] if value else voice
            elif name == "K":
                tune.sharps, begun = _key(value), True
            continue
        if not begun:
            continue
        named = re.match(r"\[V:\s*([^\]\s]+)[^\]]*\]", line)
        if named:
            voice, line = named[1], line[named.end() :]
        for name, value in re.findall(r"\[([LMK]):([^\]]*)\]", line[:40]):
            if name == "M" and tune.meter is None and value.strip() != "none":
                tune.meter = Meter.parse(value)
        if unit is None:
            unit = Fraction(1, 2)
        reader = voices.setdefault(voice, _Voice(unit, tune.sharps))
        for name, value in reader.read(line):
            if name == "Q" and tune.tempo is None:
                tune.tempo = _tempo(value)
    if not begun:
        raise InputError("not an ABC tune", "it has no K: field")
    for name, reader in voices.items():
        cells = [(_tick(n[0]), _tick(Fraction(n[0]) + n[1]), int(n[2])) for n in reader.notes]
        tune.voices[name] = [(a, b - a, pitch, 5) for a, b, pitch in cells if b > a]
        tune.bars[name] = [_tick(at) for at in reader.lines]
        tune.length[name] = _tick(reader.now)
    return tune


def _tick(quarters: Fraction | int) -> int:
    return int(quarters * BEAT + Fraction(1, 2))


def _fraction(text: str) -> Fraction:
    try:
        return Fraction(text.replace(" ", ""))
    except (ValueError, ZeroDivisionError) as error:
        raise InputError(f"not a length in ABC: {text!r}", str(error)) from error


def _length(text: str) -> Fraction:
    """2, 3/2, /2, / and // as ABC writes lengths."""
    upper, _, lower = text.partition("/")
    bottom = int(lower.strip("/")) if lower.strip("/") else 2 ** text.count("/")
    return Fraction(int(upper or 1), bottom or 1)


def _tempo(text: str) -> float | None:
    match = re.search(r"(\d+/\d+)\s*=\s*(\d+)", text)
    return float(4 * _fraction(match[1]) * int(match[2])) if match else None


def _key(text: str) -> int:
    match = re.match(r"([A-G][#b]?)\s*([A-Za-z]*)", text)
    if match is None or match[1] not in _FIFTHS:
        return 0
    return max(-7, min(7, _FIFTHS[match[1]] + _MODES.get(match[2].lower()[:3], 0)))
