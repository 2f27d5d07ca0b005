"""Keys, metres and chords as values, with their names; everything in ticks of a twelfth of a quarter note."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal, cast

from muse.errors import UsageError

BEAT = 12
"""Ticks of a quarter note: 16ths are 3, eighth triplets 4."""

Mode = Literal[
    "major", "minor", "dorian", "phrygian", "lydian", "mixolydian", "宫", "商", "角", "徵", "羽",
]  # fmt: skip
SCALES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10, 11), "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10), "lydian": (0, 2, 4, 6, 7, 9, 11), "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "宫": (0, 2, 4, 7, 9), "商": (0, 2, 5, 7, 10), "角": (0, 3, 5, 8, 10), "徵": (0, 2, 5, 7, 9),
    "羽": (0, 3, 5, 7, 10),
}  # fmt: skip
"""Pitch classes above the tonic; minor holds the natural and the raised seventh. 宫商角徵羽 are the five modes of the
pentatonic scale, each on one of its notes."""
_ABOVE = {"major": 0, "minor": 9, "dorian": 2, "phrygian": 4, "lydian": 5, "mixolydian": 7,
          "宫": 0, "商": 2, "角": 4, "徵": 7, "羽": 9}  # fmt: skip
"""How far each tonic lies above that of the major key with the same signature."""
_MODES: dict[str, Mode] = {
    "": "major", "maj": "major", "m": "minor", "min": "minor", "ionian": "major", "aeolian": "minor",
    "宮": "宫", "徴": "徵", "gong": "宫", "shang": "商", "jue": "角", "zhi": "徵", "yu": "羽", "pentatonic": "宫",
    "major pentatonic": "宫", "minor pentatonic": "羽",
}  # fmt: skip

_SHARP = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_FLAT = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_LETTER = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_MAJOR_FIFTHS = {0: 0, 7: 1, 2: 2, 9: 3, 4: 4, 11: 5, 6: 6, 5: -1, 10: -2, 3: -3, 8: -4, 1: -5}


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """A tonic (pitch class, C = 0) and a mode.

    >>> str(Key.parse("d minor")), Key.parse("Bb").sharps, str(Key.parse("e dorian")), str(Key.parse("G徵"))
    ('D minor', -2, 'E dorian', 'G 徵')
    """

    tonic: int
    mode: Mode = "major"

    @classmethod
    def parse(cls, text: str) -> Key:
        """A key from "D minor", "Bb", "F# major", "c#m", "E dorian", "G 徵", "A minor pentatonic".

        Raises:
            UsageError: the text names no key.
        """
        match = re.fullmatch(r"\s*([A-Ga-g])\s*(sharp\b|flat\b|[#♯b♭]?)\s*[- ]?\s*(.*?)(?:调|調)?\s*", text)
        name = " ".join(match[3].lower().split()) if match else ""
        mode = _MODES.get(name, name)
        if match is None or mode not in SCALES:
            raise UsageError(
                f"unknown key {text!r}",
                "" if match is None else f"modes are {', '.join(SCALES)}",
                'write it like "D minor", "Bb major", "F#", "E dorian" or "G 徵"',
            )
        shift = {"#": 1, "♯": 1, "sharp": 1, "b": -1, "♭": -1, "flat": -1}.get(match[2].strip(), 0)
        return cls((_LETTER[match[1].upper()] + shift) % 12, cast(Mode, mode))

    @property
    def sharps(self) -> int:
        """Sharps of the key signature, flats negative, in −6..6: F# major but Eb minor."""
        if self.mode == "minor" and self.tonic == 3:
            return -6
        return _MAJOR_FIFTHS[(self.tonic - _ABOVE[self.mode]) % 12]

    @property
    def near(self) -> Literal["major", "minor"]:
        """Which of major and minor the mode is nearest to: that with its third, or where it has none its sixth."""
        scale = SCALES[self.mode]
        return "minor" if 3 in scale or (4 not in scale and 9 not in scale) else "major"

    @property
    def scale(self) -> frozenset[int]:
        """Pitch classes of the key; minor with both sevenths."""
        return frozenset((self.tonic + step) % 12 for step in SCALES[self.mode])

    @property
    def triad(self) -> frozenset[int]:
        """Pitch classes of the tonic triad, as far as the mode has them."""
        third = 3 if self.near == "minor" else 4
        return frozenset((self.tonic + step) % 12 for step in (0, third, 7) if step in SCALES[self.mode])

    def spell(self, pitch_class: int) -> str:
        """The name of a pitch class in this key, with # or b."""
        raised = self.mode == "minor" and (pitch_class - self.tonic) % 12 == 11
        sharp = self.sharps > 0 or (self.sharps == 0 and (raised or pitch_class % 12 != 10))
        if raised and self.sharps > -3:
            sharp = True
        return (_SHARP if sharp else _FLAT)[pitch_class % 12]

    def __str__(self) -> str:
        sharp = self.sharps > 0 or (self.sharps == 0 and self.tonic != 10)
        return f"{(_SHARP if sharp else _FLAT)[self.tonic]} {self.mode}"


@dataclass(frozen=True, slots=True)
class Meter:
    """A time signature.

    >>> Meter.parse("6/8").bar, Meter.parse("6/8").pulse
    (36, 18)
    """

    beats: int
    unit: int

    @classmethod
    def parse(cls, text: str) -> Meter:
        """A meter from "3/4", "6/8", "C" or "C|".

        Raises:
            UsageError: not a time signature that fits the grid (unit 1, 2, 4, 8 or 16; bar of 1 to 8 quarters).
        """
        text = {"C": "4/4", "C|": "2/2"}.get(text.strip(), text)
        match = re.fullmatch(r"\s*(\d{1,3})\s*/\s*(\d{1,3})\s*", text)
        if match is None:
            raise UsageError(f"unknown meter {text!r}", "", 'write it like "3/4" or "6/8"')
        beats, unit = int(match[1]), int(match[2])
        if unit not in (1, 2, 4, 8, 16) or beats == 0:
            raise UsageError(
                f"no such meter: {text.strip()!r}", "the lower number is 1, 2, 4, 8 or 16, the upper at least 1"
            )
        meter = cls(beats, unit)
        if not BEAT <= meter.bar <= 8 * BEAT:
            raise UsageError(f"a bar of {text.strip()} does not fit", "a bar holds one to eight quarter notes")
        return meter

    @property
    def bar(self) -> int:
        """Ticks of a bar."""
        return self.beats * 4 * BEAT // self.unit

    @property
    def compound(self) -> bool:
        """True for 6/8, 9/8, 12/8: beats of three."""
        return self.unit >= 8 and self.beats % 3 == 0 and self.beats > 3

    @property
    def pulse(self) -> int:
        """Ticks of the felt beat: a dotted quarter in 6/8, a bar in 3/8, a half in 2/2."""
        whole = 4 * BEAT // self.unit
        if self.compound:
            return 3 * whole
        return self.bar if self.bar <= 18 else whole

    @property
    def half(self) -> int:
        """The tick where the later part of the bar begins, on a beat."""
        pulses = self.bar // self.pulse
        if pulses == 1:
            return self.bar
        return (pulses + 1) // 2 * self.pulse

    @property
    def strong(self) -> tuple[int, ...]:
        """Ticks of the strong beats: the bar line, the half of an even number of beats, each beat of three eighths."""
        if self.compound:
            return tuple(range(0, self.bar, self.pulse))
        halved = self.beats % 2 == 0 and (self.beats >= 4 or self.unit <= 2)
        return (0, self.bar // 2) if halved else (0,)

    def __str__(self) -> str:
        return f"{self.beats}/{self.unit}"


QUALITIES: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7), "m": (0, 3, 7), "dim": (0, 3, 6), "aug": (0, 4, 8), "7": (0, 4, 7, 10), "maj7": (0, 4, 7, 11),
    "m7": (0, 3, 7, 10), "m7b5": (0, 3, 6, 10), "dim7": (0, 3, 6, 9), "sus4": (0, 5, 7),
}  # fmt: skip
"""Chord quality as written after the root → semitones above it."""


@dataclass(frozen=True, slots=True, order=True)
class Chord:
    """A chord symbol that holds from its tick to the next one.

    Attributes:
        quality: one of QUALITIES.
        bass: pitch class of the lowest note; −1 for the root.
        written: the quality as it was asked for, where QUALITIES has only one near to it: "9", "sus2".
    """

    tick: int
    root: int
    quality: str = ""
    bass: int = -1
    written: str = ""

    @property
    def pitch_classes(self) -> frozenset[int]:
        return frozenset((self.root + step) % 12 for step in QUALITIES[self.quality])

    def moved(self, semitones: int) -> Chord:
        """The chord so many semitones higher."""
        bass = -1 if self.bass < 0 else (self.bass + semitones) % 12
        return replace(self, root=(self.root + semitones) % 12, bass=bass)

    def name(self, key: Key) -> str:
        """The symbol as printed: "F#m7b5", "C9/E"."""
        under = f"/{key.spell(self.bass)}" if self.bass >= 0 else ""
        return key.spell(self.root) + (self.written or self.quality) + under
