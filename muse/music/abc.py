"""ABC notation read: voices, ties, tuplets, broken rhythm, accidentals, chords, overlays, chord symbols and lyrics.

Not read: repeats (taken as written, once), grace notes, the second verse. What is no ABC stands in `Tune.faults`, with
line and column; a collection is read over them. Source: the ABC music standard 2.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from muse.errors import InputError, UsageError
from muse.music.abc_voice import SIGNS, STEPS, Voice
from muse.music.files.parts import Sound, grid
from muse.music.theory import Meter

LONGEST = 1 << 17
"""Characters of one tune."""
_CIRCLE = "FCGDAEB"
MODES = {"": 0, "maj": 0, "ion": 0, "m": -3, "min": -3, "aeo": -3, "dor": -2, "phr": -4, "lyd": 1, "mix": -1, "loc": -5}
"""Sharps beside those of the major key on the same tonic."""


@dataclass(slots=True)
class Tune:
    """One tune as read.

    Attributes:
        sharps: of the key signature, flats negative. tonic: pitch class, None where the key names none; mode: as MODES.
        meter: None where the file says "none".
        tempo: quarter notes a minute, or None.
        voices: by name, (tick, duration, pitch, 5) in order, of chords the first note.
        bars: by voice, the ticks of its bar lines. length: by voice, ticks in all.
        sounds: by voice, every note. names: of voices, as people read them.
        symbols: (ticks, chord symbol), in the order of the file.
        faults: (line, column, what is wrong there).
    """

    title: str = ""
    sharps: int = 0
    tonic: int | None = None
    mode: str = ""
    meter: Meter | None = None
    tempo: float | None = None
    voices: dict[str, list[tuple[int, int, int, int]]] = field(default_factory=dict)
    bars: dict[str, list[int]] = field(default_factory=dict)
    length: dict[str, int] = field(default_factory=dict)
    sounds: dict[str, list[Sound]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    symbols: list[tuple[float, str]] = field(default_factory=list)
    faults: list[tuple[int, int, str]] = field(default_factory=list)


def blocks(text: str) -> Iterator[tuple[int, str]]:
    """The tunes of a file as text, each with the number of its first line."""
    starts = [match.start() for match in re.finditer(r"(?m)^X:", text)]
    for begin, end in zip(starts, [*starts[1:], len(text)], strict=False):
        yield 1 + text.count("\n", 0, begin), text[begin:end]


def tunes(text: str) -> Iterator[Tune]:
    """The tunes of an ABC file; one that cannot be read is left out."""
    for _, block in blocks(text):
        try:
            yield parse(block)
        except (InputError, UsageError):
            continue


def parse(text: str, first: int = 1) -> Tune:
    """One tune.

    Args:
        first: the number of its first line, for errors.

    Raises:
        InputError: no key, a length that is none, a note outside of MIDI's, or too long.
        UsageError: a meter off the grid.
    """
    if len(text) > LONGEST:
        raise InputError("the tune is too long", f"it has more than {LONGEST:,} characters", "cut it into parts")
    reader = _Reader()
    for number, raw in enumerate(text.splitlines(), first):
        try:
            reader.line(raw, number)
        except (InputError, UsageError) as error:
            raise type(error)(f"line {number}: {error.what}", error.why, error.next_step) from error
    return reader.tune_read()


class _Reader:
    """Reads a tune line by line."""

    def __init__(self) -> None:
        self.tune = Tune()
        self.unit: float | None = None
        self.voice = "1"
        self.voices: dict[str, Voice] = {}
        self.signature: dict[str, int] = {}
        self.moved: dict[str, int] = {}
        self.order: list[str] = []
        self.begun = False

    def line(self, raw: str, number: int) -> None:
        line = raw.split("%")[0].rstrip()
        lead = len(line) - len(line.lstrip())
        line = line.lstrip()
        start = re.match(r"([A-Za-z]):(?![|:])(.*)", line)
        if start:
            self.field(start[1], start[2].strip())
        elif line and self.begun:
            column = lead + 1
            for part in re.split(r"(?=\[V:)", line):
                if named := re.match(r"\[V:\s*([^\]\s]+)[^\]]*\]", part):
                    self.choose(named[1])
                    column, part = column + named.end(), part[named.end() :]
                for name, value in self.reader().read(part, number, column):
                    self.field(name, value)
                column += len(part)
        elif line:
            self.tune.faults.append((number, lead + 1, "music stands before the K: field"))

    def choose(self, voice: str) -> None:
        self.voice = voice
        if voice not in self.order:
            self.order.append(voice)

    def reader(self) -> Voice:
        if self.voice not in self.voices:
            usual = 0.25 if self.tune.meter is not None and self.tune.meter.bar < 36 else 0.5
            unit = usual if self.unit is None else self.unit
            moved = self.moved.get(self.voice, self.moved.get("", 0))
            self.voices[self.voice] = Voice(self.tune, unit, self.signature, moved)
        return self.voices[self.voice]

    def field(self, name: str, value: str) -> None:
        """A field of the head, of the body, or inside a line."""
        tune = self.tune
        if name == "T" and not tune.title:
            tune.title = value
        elif name == "M" and value != "none":
            meter = Meter.parse(value)
            tune.meter = tune.meter or meter
        elif name == "L":
            self.unit = 4 * _fraction(value)
            if self.begun:
                self.reader().unit = self.unit
        elif name == "Q":
            tune.tempo = tune.tempo or _tempo(value)
        elif name == "V":
            self.named(value)
        elif name == "K":
            self.key(value)
        elif name == "w" and self.begun:
            self.reader().sing(value)

    def named(self, value: str) -> None:
        """Choose a voice, and read what is said of it."""
        self.choose(value.split()[0] if value else self.voice)
        if called := re.search(r"\b(?:name|nm)=(?:\"([^\"]*)\"|(\S+))", value):
            self.tune.names[self.voice] = (called[1] or called[2] or "").strip()
        self.move(self.voice, value)

    def named_order(self, voice: str) -> int:
        return self.order.index(voice) if voice in self.order else -1

    def move(self, voice: str, value: str) -> None:
        octave, steps = re.search(r"\boctave=(-?\d)\b", value), re.search(r"\btranspose=(-?\d{1,2})\b", value)
        if octave or steps:
            self.moved[voice] = 12 * int(octave[1] if octave else 0) + int(steps[1] if steps else 0)

    def key(self, value: str) -> None:
        match = re.match(r"([A-G])([#b]?)\s*([A-Za-z]*)", value)
        sharps, mode = 0, ""
        if match is not None:
            mode = match[3].lower()[:3]
            mode = mode if mode in MODES else ""
            sharps = _CIRCLE.index(match[1]) - 1 + 7 * {"#": 1, "b": -1, "": 0}[match[2]] + MODES[mode]
        elif value.startswith(("HP", "Hp")):
            sharps = 2
        sharps = max(-7, min(7, sharps))
        self.signature = {step: 1 for step in _CIRCLE[: max(0, sharps)]}
        self.signature |= {step: -1 for step in _CIRCLE[::-1][: max(0, -sharps)]}
        for sign, step in re.findall(r"(?<!\S)(\^\^|__|[_^=])([A-Ga-g])(?!\S)", value):
            self.signature[step.upper()] = SIGNS[sign]
        if self.begun:
            self.reader().signature = self.signature
            return
        self.begun = True
        self.tune.sharps, self.tune.mode = sharps, mode
        self.tune.tonic = None if match is None else (STEPS[match[1]] + {"#": 1, "b": -1, "": 0}[match[2]]) % 12
        self.move("", value)

    def tune_read(self) -> Tune:
        if not self.begun:
            raise InputError("not an ABC tune", "it has no K: field", "give the key, such as K:G")
        tune = self.tune
        for name in sorted(self.voices, key=self.named_order):
            reader = self.voices[name]
            if reader.closed() == 0 and not reader.firsts:
                continue
            tune.length[name] = grid(reader.closed())
            tune.sounds[name] = reader.sounds
            tune.bars[name] = [grid(at) for at in reader.lines]
            tune.voices[name] = _line(reader)
        return tune


def _line(reader: Voice) -> list[tuple[int, int, int, int]]:
    """The first note of each chord of the first layer, ties merged, on the grid."""
    found: list[list[float]] = []
    for first in reader.firsts:
        sound = reader.sounds[first]
        if sound.voice[0] > 1:
            continue
        if sound.tied and found and found[-1][1] == sound.at and found[-1][2] == sound.pitch:
            found[-1][1] += sound.ticks
        else:
            found.append([sound.at, sound.at + sound.ticks, sound.pitch])
    cells = [(grid(begin), grid(end), int(pitch)) for begin, end, pitch in found]
    return [(begin, end - begin, pitch, 5) for begin, end, pitch in cells if end > begin]


def _fraction(text: str) -> float:
    match = re.fullmatch(r"(\d{1,4})(?:/(\d{1,4}))?", text.replace(" ", ""))
    if match is None or int(match[2] or 1) == 0 or int(match[1]) == 0:
        raise InputError(f"not a length in ABC: {text[:40]!r}", "", "write it like 1/8")
    return int(match[1]) / int(match[2] or 1)


def _tempo(text: str) -> float | None:
    """Quarter notes a minute of Q:1/4=100, also of several lengths (Q:1/4 3/8=80); Q:100 alone counts quarters."""
    match = re.search(r"((?:\d{1,4}/\d{1,4}\s*)+)=\s*(\d{1,4})", text)
    if match:
        return 4 * sum(map(_fraction, match[1].split())) * int(match[2]) or None
    alone = re.fullmatch(r"\d{1,4}", text.strip())
    return float(text) or None if alone else None
