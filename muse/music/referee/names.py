"""Names of pitches, keys, modes, chords and Roman numerals as numbers: the referee's own tables.

Source of the modes: Glarean's twelve less those on B; 宫商角徵羽 as the five rotations of the anhemitonic scale.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_SIGNS = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1, "##": 2, "bb": -2}
_LINE = "FCGDAEB"
_FIFTHS = {0: 0, 7: 1, 2: 2, 9: 3, 4: 4, 11: 5, 6: 6, 5: -1, 10: -2, 3: -3, 8: -4, 1: -5}
_TONICS = {"major": 0, "dorian": 2, "phrygian": 4, "lydian": -1, "mixolydian": 1, "minor": 3, "aeolian": 3, "ionian": 0,
           "locrian": 5}  # fmt: skip
_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_MINOR = (0, 2, 3, 5, 7, 8, 10)
_FIVE = (0, 2, 4, 7, 9)
# Of each mode: how far its tonic lies above that of the major scale with the same notes, and whether it has five.
_MODES = {
    "major": (0, False), "ionian": (0, False), "dorian": (2, False), "phrygian": (4, False), "lydian": (5, False),
    "mixolydian": (7, False), "minor": (9, False), "aeolian": (9, False), "locrian": (11, False),
    "宫": (0, True), "商": (2, True), "角": (4, True), "徵": (7, True), "羽": (9, True),
}  # fmt: skip
_ALIASES = {
    "": "major", "maj": "major", "min": "minor", "m": "minor", "宮": "宫", "徴": "徵", "pentatonic": "宫",
    "major pentatonic": "宫", "minor pentatonic": "羽", "gong": "宫",
    "shang": "商", "jue": "角", "zhi": "徵", "yu": "羽",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tonality:
    """A tonic (pitch class) and a mode."""

    tonic: int
    mode: str

    @property
    def scale(self) -> frozenset[int]:
        """Pitch classes above the tonic; minor with both sixths and sevenths."""
        offset, five = _MODES[self.mode]
        steps = frozenset((step - offset) % 12 for step in (_FIVE if five else _MAJOR))
        return steps | {9, 11} if self.mode == "minor" else steps

    @property
    def degrees(self) -> tuple[int, ...]:
        """Seven steps above the tonic, minor natural; of modes with five notes those of major or minor."""
        offset, five = _MODES[self.mode]
        if five:
            return _MINOR if self.minor else _MAJOR
        return tuple(sorted((step - offset) % 12 for step in _MAJOR))

    @property
    def seven(self) -> str:
        """The mode with seven notes that is spelled alike."""
        return self.mode if self.mode in _TONICS else "minor" if self.minor else "major"

    @property
    def minor(self) -> bool:
        """Whether the third above the tonic is a minor one."""
        return 4 not in self.scale and 3 in self.scale

    @property
    def plain(self) -> bool:
        return self.mode in ("major", "minor")

    @property
    def signature(self) -> int:
        """The tonic of the major scale with the same notes."""
        return (self.tonic - _MODES[self.mode][0]) % 12

    @property
    def leading(self) -> int:
        return (self.tonic + 11) % 12

    def __str__(self) -> str:
        return f"{NAMES[self.tonic]} {self.mode}"


def tonality(text: str) -> Tonality | None:
    """The key of "D minor", "Bb", "f#m", "D dorian", "G 徵", "A minor pentatonic"; None where it is none.

    >>> str(tonality("bb")), str(tonality("A minor pentatonic")), tonality("H flat")
    ('Bb major', 'A 羽', None)
    """
    match = re.fullmatch(r"\s*([A-Ga-g])(?:\s*(sharp|flat)\b|([#♯b♭]?))\s*-?\s*(.*?)\s*", text)
    if match is None:
        return None
    sign = {"sharp": 1, "flat": -1}.get(match[2] or "", _SIGNS[match[3] or ""])
    mode = " ".join(match[4].lower().removesuffix("调").removesuffix("調").split())
    mode = _ALIASES.get(mode, mode)
    return Tonality((LETTERS[match[1].upper()] + sign) % 12, mode) if mode in _MODES else None


def spelled(pitch_class: int, key: Tonality) -> str:
    """The name of a pitch class in a key, by its nearest place on the line of fifths."""
    tonic = _FIFTHS[Tonality(key.tonic, key.seven).signature] + _TONICS[key.seven]
    place = next(fifth for fifth in range(tonic - 5, tonic + 7) if fifth * 7 % 12 == pitch_class)
    sign, letter = divmod(place + 1, 7)
    return _LINE[letter] + ("#" * sign if sign > 0 else "b" * -sign)


def pitch_name(midi: int, key: Tonality | None = None) -> str:
    """ "Bb3" of 58; as it is spelled in a key, if one is given.

    >>> pitch_name(58), pitch_name(58, Tonality(11, "minor"))
    ('Bb3', 'A#3')
    """
    return f"{spelled(midi % 12, key) if key else NAMES[midi % 12]}{midi // 12 - 1}"


def pitch(text: str) -> int | None:
    """The MIDI pitch of "C4", "Bb3" or "60"."""
    match = re.fullmatch(r"\s*([A-Ga-g])([#♯b♭]?)(-?\d)\s*", text)
    if match is None:
        return int(text) if text.strip().isdecimal() else None
    return LETTERS[match[1].upper()] + _SIGNS[match[2]] + 12 * (int(match[3]) + 1)


# What may stand after the root of a chord symbol → semitones above it.
_QUALITIES = {
    "": (0, 4, 7), "maj": (0, 4, 7), "m": (0, 3, 7), "min": (0, 3, 7), "-": (0, 3, 7), "dim": (0, 3, 6),
    "°": (0, 3, 6), "o": (0, 3, 6), "aug": (0, 4, 8), "+": (0, 4, 8), "5": (0, 7), "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "7": (0, 4, 7, 10), "maj7": (0, 4, 7, 11), "M7": (0, 4, 7, 11), "Δ": (0, 4, 7, 11), "m7": (0, 3, 7, 10),
    "min7": (0, 3, 7, 10), "-7": (0, 3, 7, 10), "mmaj7": (0, 3, 7, 11), "mM7": (0, 3, 7, 11), "m7b5": (0, 3, 6, 10),
    "ø": (0, 3, 6, 10), "ø7": (0, 3, 6, 10), "dim7": (0, 3, 6, 9), "°7": (0, 3, 6, 9), "o7": (0, 3, 6, 9),
    "7sus4": (0, 5, 7, 10), "sus4": (0, 5, 7), "sus": (0, 5, 7), "sus2": (0, 2, 7), "add9": (0, 2, 4, 7),
    "9": (0, 2, 4, 7, 10), "m9": (0, 2, 3, 7, 10), "maj9": (0, 2, 4, 7, 11), "13": (0, 4, 7, 9, 10),
    "aug7": (0, 4, 8, 10), "+7": (0, 4, 8, 10), "7b9": (0, 1, 4, 7, 10),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Symbol:
    """A chord: its root and its pitch classes."""

    root: int
    classes: frozenset[int]

    @property
    def triad(self) -> frozenset[int]:
        """The classes less sevenths, ninths and the like."""
        upper = {(self.root + step) % 12 for step in (3, 4, 5, 6, 7, 8)}
        return frozenset({self.root} | self.classes & upper)

    def means(self, other: Symbol) -> bool:
        """The same root and triad, and a seventh in both or in neither."""
        seventh = [{(one.root + step) % 12 for step in (9, 10, 11)} & one.classes for one in (self, other)]
        return self.root == other.root and self.triad == other.triad and bool(seventh[0]) == bool(seventh[1])


def symbol(text: str) -> Symbol | None:
    """The chord of "F#m7b5" or "C/E"; None where it is none."""
    match = re.fullmatch(r"([A-G])([#♯b♭]?)([^/]*)(?:/[A-G][#♯b♭]?)?", text.strip())
    if match is None or match[3] not in _QUALITIES:
        return None
    root = (LETTERS[match[1]] + _SIGNS[match[2]]) % 12
    return Symbol(root, frozenset((root + step) % 12 for step in _QUALITIES[match[3]]))


_DEGREES = {"I": 0, "II": 1, "III": 2, "IV": 3, "V": 4, "VI": 5, "VII": 6}


def numeral(text: str, key: Tonality) -> Symbol | None:
    """The chord of a Roman numeral in a key: "V7", "bVII", "vii°", "V/V", "ii65"; None where it is none.

    Degrees are those of the mode, minor natural, but vii° in minor stands on the leading tone; a sign before the
    numeral counts from the major scale. A plain 7 is the seventh of the scale, on V the minor one.
    """
    head, slash, target = text.strip().partition("/")
    if slash:
        base = numeral(target, key)
        minor = base is not None and (base.root + 3) % 12 in base.classes
        return None if base is None else numeral(head, Tonality(base.root, "minor" if minor else "major"))
    match = re.fullmatch(r"([#♯b♭]?)([IViv]+)(maj7|M7|[°oø+]?)(7|65|43|42|2|64|6|)", head)
    if match is None or match[2].upper() not in _DEGREES or match[2] not in (match[2].upper(), match[2].lower()):
        return None
    degree, lower = _DEGREES[match[2].upper()], match[2].islower()
    natural = key.degrees
    step = _MAJOR[degree] + _SIGNS[match[1]] if match[1] else natural[degree]
    if key.mode == "minor" and not match[1] and degree == 6 and lower and match[3] in ("°", "o", "ø"):
        step = 11
    fifth = 6 if match[3] in ("°", "o", "ø") else 8 if match[3] == "+" else 7
    steps = {0, 3 if lower else 4, fifth}
    if match[3] in ("maj7", "M7"):
        steps.add(11)
    elif match[4] in ("7", "65", "43", "42", "2"):
        above = (natural[(degree + 6) % 7] - step) % 12
        if match[3] in ("°", "o"):
            above = 9
        elif match[3] == "ø" or degree == 4:
            above = 10
        steps.add(above)
    root = (key.tonic + step) % 12
    return Symbol(root, frozenset((root + one) % 12 for one in steps))
