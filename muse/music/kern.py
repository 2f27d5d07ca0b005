"""Humdrum **kern: the parts of a score as notes on a grid of 24 ticks a quarter.

Ties are merged, grace notes dropped, repeats not written out. Where a part splits into two voices, or has chords, the
first voice and the first note are read, and the part says so. A duration that does not fit the grid makes the part
unfit, which it says too. Source: the **kern guide of the Humdrum toolkit; what muse does not need is passed over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from muse.errors import InputError

TICKS = 24
LARGEST = 1 << 24
LENGTH = re.compile(r"(\d+)(%\d+)?(\.*)")
_PITCH = re.compile(r"([a-gA-G])\1*")
_STEPS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_SHARPS = "fcgdaeb"


@dataclass(slots=True)
class Part:
    """One **kern spine.

    Attributes:
        name: the instrument as the score names it (*I").
        code: its instrument code (*Isoprn), "" if none.
        family: its class (*ICvox), "" if none.
        meters: every meter with the tick where it begins.
        sharps: of the first key signature, flats below zero; None if none is written.
        key: the first key as kern writes it ("c", "E-"), "" if none.
        notes: (pitch or 0 for a rest, ticks), one after another.
        bars: the ticks of the bar lines.
        chords, splits: whether notes sound together in it.
        fits: whether every duration lies on the grid.
    """

    name: str = ""
    code: str = ""
    family: str = ""
    meters: list[tuple[int, str]] = field(default_factory=list)
    sharps: int | None = None
    key: str = ""
    notes: list[tuple[int, int]] = field(default_factory=list)
    bars: list[int] = field(default_factory=list)
    chords: bool = False
    splits: bool = False
    fits: bool = True
    tied: bool = False

    @property
    def ticks(self) -> int:
        return sum(ticks for _, ticks in self.notes)


@dataclass(frozen=True, slots=True)
class Score:
    """The reference records (COM, OTL, AGN …) and the parts, from the lowest staff up as written."""

    records: dict[str, str]
    parts: tuple[Part, ...]


def read(text: str) -> Score:
    """The score.

    Raises:
        InputError: it is too large, or has no **kern spine.

    >>> read("**kern\\n*M4/4\\n4c\\n4r\\n2dd#\\n*-").parts[0].notes
    [(60, 24), (0, 24), (75, 48)]
    """
    if len(text) > LARGEST:
        raise InputError("the score is too large", f"it has more than {LARGEST:,} characters")
    records: dict[str, str] = {}
    parts: list[Part] = []
    spines: list[int] = []  # of each column: the part it belongs to, or -1
    for line in text.splitlines():
        if line.startswith("!!!"):
            key, _, value = line[3:].partition(":")
            records.setdefault(key.strip(), value.strip())
        elif line.startswith("**"):
            kinds = line.split("\t")
            spines = []
            for kind in kinds:
                spines.append(len(parts) if kind == "**kern" else -1)
                if kind == "**kern":
                    parts.append(Part())
        elif line and not line.startswith("!") and spines:
            fields = line.split("\t")
            if line.startswith("*"):
                _interpret(fields, spines, parts)
                spines = _spines(fields, spines, parts)
            else:
                _sound(fields, spines, parts)
    if not parts:
        raise InputError("this is no **kern score", "no **kern spine begins in it")
    return Score(records, tuple(parts))


def _interpret(fields: list[str], spines: list[int], parts: list[Part]) -> None:
    for text, spine in zip(fields, spines, strict=False):
        if spine < 0:
            continue
        part = parts[spine]
        if text.startswith('*I"'):
            part.name = part.name or text[3:]
        elif text.startswith("*IC"):
            part.family = part.family or text[3:]
        elif re.fullmatch(r"\*I[a-z]\w*", text):
            part.code = part.code or text[2:]
        elif re.fullmatch(r"\*M\d+/\d+", text):
            part.meters.append((part.ticks, text[2:]))
        elif text.startswith("*k[") and text.endswith("]") and part.sharps is None:
            inner = text[3:-1].replace("n", "")
            part.sharps = inner.count("#") - inner.count("-")
        elif (key := re.fullmatch(r"\*([A-Ga-g][#-]?):", text)) and not part.key:
            part.key = key[1]


def _spines(fields: list[str], spines: list[int], parts: list[Part]) -> list[int]:
    """The columns after a line of spine paths."""
    after: list[int] = []
    at = 0
    while at < min(len(fields), len(spines)):
        text, spine = fields[at], spines[at]
        if text == "*^":
            after += [spine, spine]
            if spine >= 0:
                parts[spine].splits = True
        elif text == "*v":
            after.append(spine)
            while at + 1 < len(fields) and fields[at + 1] == "*v" and at + 1 < len(spines) and spines[at + 1] == spine:
                at += 1
        elif text == "*-":
            pass
        elif text == "*+":
            after += [spine, -1]
        else:
            after.append(spine)
        at += 1
    return after


def _sound(fields: list[str], spines: list[int], parts: list[Part]) -> None:
    """A bar line or a line of notes; only the first column of each part is read."""
    seen: set[int] = set()
    for text, spine in zip(fields, spines, strict=False):
        if spine < 0 or spine in seen:
            continue
        seen.add(spine)
        part = parts[spine]
        if text.startswith("="):
            now = part.ticks
            if not part.bars or part.bars[-1] != now:
                part.bars.append(now)
        elif text not in (".", ""):
            _note(text, part)


def _note(text: str, part: Part) -> None:
    first, *others = text.split(" ")
    if "q" in first.lower():
        return
    part.chords |= bool(others)
    ticks = _ticks(first)
    if ticks is None:
        part.fits = False
        return
    pitch = 0 if "r" in first else midi(first)
    if pitch is None:
        part.fits = False
        return
    goes_on = "_" in first or "]" in first
    if goes_on and part.tied and part.notes and part.notes[-1][0] == pitch:
        part.notes[-1] = (pitch, part.notes[-1][1] + ticks)
    elif pitch == 0 and part.notes and part.notes[-1][0] == 0:
        part.notes[-1] = (0, part.notes[-1][1] + ticks)
    else:
        part.notes.append((pitch, ticks))
    part.tied = "[" in first or "_" in first


def _ticks(text: str) -> int | None:
    """The ticks of a token, None where it has no duration on the grid."""
    match = LENGTH.search(text)
    if match is None or len(match[1]) > 4 or len(match[3]) > 4:
        return None
    digits, dots = match[1], len(match[3])
    over = int(match[2][1:]) if match[2] and len(match[2]) < 5 else 1
    numerator, denominator = 4 * TICKS * over * (2 ** (dots + 1) - 1), 2**dots
    if set(digits) == {"0"}:
        numerator *= 2 ** len(digits)
    elif int(digits) > 0:
        denominator *= int(digits)
    return numerator // denominator if numerator % denominator == 0 else None


def midi(text: str) -> int | None:
    """The MIDI pitch of a token."""
    match = _PITCH.search(text)
    if match is None:
        return None
    letters = match[0]
    octave = 4 + len(letters) - 1 if letters[0].islower() else 3 - (len(letters) - 1)
    after = text[match.end() :]
    sign = len(after) - len(after.lstrip("#")) - (len(after) - len(after.lstrip("-")))
    pitch = 12 * (octave + 1) + _STEPS[letters[0].lower()] + sign
    return pitch if 0 < pitch < 128 else None
