"""One voice of a tune in ABC: what the notation remembers from note to note."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from muse.errors import InputError
from muse.music.files.parts import Sound
from muse.music.theory import BEAT

if TYPE_CHECKING:
    from muse.music.abc import Tune

STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SIGNS = {"^": 1, "^^": 2, "_": -1, "__": -2, "=": 0}
_TOKEN = re.compile(
    r"![^!]{0,80}!|\{[^}]{0,200}\}|\"(?P<symbol>[^\"]{0,200})\"|\[(?P<field>[A-Za-z]):(?P<value>[^\]]{0,200})\]"
    r"|\((?P<tuplet>\d)(?::(?P<into>\d?))?(?::(?P<over>\d{0,2}))?"
    r"|\[(?P<chord>(?=[_^=A-Ga-g\"!])[^\]|]{1,200})\](?P<chordlen>\d{0,4}/*\d{0,4})"
    r"|(?P<acc>\^\^|__|[_^=])?(?P<note>[A-Ga-gzxZX])(?P<oct>[,']*)(?P<len>\d{0,4}/{0,6}\d{0,4})"
    r"|(?P<broken>>{1,3}|<{1,3})|(?P<tie>-)|(?P<bar>:*\|+[\]:|]*\d?(?:[-,]\d)*|\|\]|::+|\[\||\[\d)|(?P<layer>&)"
    r"|(?P<fine>[\s().~\\`*;$HIJKLMNOPQRSTUVWhijklmnopqrstuvw]|y\d*)|(?P<other>.)"
)
_INNER = re.compile(r"(?P<acc>\^\^|__|[_^=])?(?P<note>[A-Ga-g])(?P<oct>[,']*)(?P<len>\d{0,4}/{0,6}\d{0,4})(?P<tie>-?)")
_SYLLABLE = re.compile(r"[^\s\-_*|]+|[-_*|]")


class Voice:
    """Reads one voice; what ABC remembers from note to note stands here."""

    def __init__(self, tune: Tune, unit: float, signature: dict[str, int], moved: int) -> None:
        self.tune, self.unit, self.signature, self.moved = tune, unit, signature, moved
        self.now = self.begun = 0.0
        self.sounds: list[Sound] = []
        self.firsts: list[int] = []  # where each note or chord begins in `sounds`
        self.lines: list[float] = []
        self.sung = 0  # where in `firsts` the line of music began that lyrics stand under
        self.accidentals: dict[str, int] = {}
        self.ties: dict[str, int] = {}
        self.pending: dict[str, int] = {}
        self.last: tuple[int, float] = (0, 0.0)
        self.broken = 1.0
        self.tuplet: tuple[int, float] = (0, 1.0)
        self.layer, self.reached = 0, 0.0

    def read(self, text: str, line: int, column: int) -> Iterator[tuple[str, str]]:
        """Take in a line of music; give the inline fields as they come."""
        self.sung = len(self.firsts)
        for match in _TOKEN.finditer(text):
            kind = match.lastgroup
            if match["field"]:
                yield match["field"], match["value"].strip()
            elif match["symbol"] is not None:
                self.tune.symbols.append((self.now, match["symbol"].strip()))
            elif match["tuplet"]:
                self._begin_tuplet(match)
            elif match["note"]:
                self._notes([match], match["len"])
            elif match["chord"]:
                inner = list(_INNER.finditer(match["chord"]))
                if inner:
                    self._notes(inner, match["chordlen"] or inner[0]["len"])
                    self.pending = {
                        p: at for p, at in self.ties.items() if any(m["tie"] for m in inner if _place(m) == p)
                    }
            elif match["tie"]:
                self.pending = dict(self.ties)
            elif match["broken"]:
                share = 0.5 ** len(match["broken"])
                self._stretch(2 - share if match["broken"][0] == ">" else share)
            elif match["bar"]:
                self._bar()
            elif kind == "layer":
                self.reached = max(self.reached, self.now)
                self.now, self.layer = self.begun, self.layer + 1
            elif kind == "other":
                self.tune.faults.append((line, column + match.start(), f"{match['other']!r} means nothing here"))

    def _bar(self) -> None:
        self.accidentals, self.layer = {}, 0
        self.now = self.begun = self.reached = max(self.now, self.reached)
        self.lines.append(self.now)

    def _begin_tuplet(self, match: re.Match[str]) -> None:
        count = int(match["tuplet"])
        compound = self.tune.meter is not None and self.tune.meter.compound
        usual = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}.get(count, 3 if compound else 2)
        into = int(match["into"] or usual)
        self.tuplet = (int(match["over"] or count), into / count if count else 1.0)

    def _stretch(self, factor: float) -> None:
        first, before = self.last
        longer = before * (factor - 1)
        for sound in self.sounds[first:]:
            sound.ticks += longer
        self.now += longer
        self.broken = 2 - factor

    def _notes(self, found: list[re.Match[str]], length: str) -> None:
        """A note, a rest, or the notes of a chord."""
        ticks = _length(length) * self.unit * BEAT * self.broken
        self.broken = 1.0
        left, ratio = self.tuplet
        if left:
            ticks *= ratio
            self.tuplet = (left - 1, ratio)
        if found[0]["note"] in "ZX":
            bar = self.tune.meter.bar if self.tune.meter is not None else 4 * BEAT
            ticks = bar * _length(length)
        self.last = (len(self.sounds), ticks)
        ties, self.pending = self.pending, {}
        self.ties = {}
        if found[0]["note"] not in "zxZX":
            self.firsts.append(len(self.sounds))
            for match in found:
                self._sound(match, ticks, ties)
        self.now += ticks

    def _sound(self, match: re.Match[str], ticks: float, ties: dict[str, int]) -> None:
        place, step = _place(match), match["note"].upper()
        if match["acc"]:
            self.accidentals[place] = SIGNS[match["acc"]]
        pitch = (
            12 * int(place[1:]) + STEPS[step] + self.accidentals.get(place, self.signature.get(step, 0)) + self.moved
        )
        if place in ties and not match["acc"]:  # an accidental holds over the bar line where the note does
            pitch = ties[place]
        if not 0 <= pitch < 128:
            raise InputError("a note of the tune lies outside of MIDI's pitches", match[0])
        self.ties[place] = pitch
        tied = ties.get(place) == pitch
        self.sounds.append(Sound(self.now, ticks, pitch, (1 + self.layer, "1"), tied=tied))

    def sing(self, text: str) -> None:
        """Lay a line of lyrics under the notes of the line of music before it."""
        under = iter(self.firsts[self.sung :])
        self.sung = len(self.firsts)  # a second line of lyrics is the second verse
        sung: Sound | None = None
        text = re.sub(r"^\s*\d+\.[~\s]*", "", text)
        for match in _SYLLABLE.finditer(text.replace("\\-", "‑")):
            syllable = match[0]
            if syllable == "|":
                continue
            if syllable == "-":
                if sung is not None and not sung.lyric.endswith("-"):
                    sung.lyric += "-"
                continue
            first = next((at for at in under if not self.sounds[at].tied), None)
            if first is None:
                return
            if syllable != "*":
                sound = self.sounds[first]
                sound.lyric = syllable if syllable == "_" else syllable.replace("~", " ").replace("‑", "-")
                sung = sound if syllable != "_" else sung

    def closed(self) -> float:
        self.now = max(self.now, self.reached)
        return self.now


def _place(match: re.Match[str]) -> str:
    """The letter and the octave of a note, which an accidental holds for."""
    letter = match["note"]
    return letter.upper() + str(5 + letter.islower() + match["oct"].count("'") - match["oct"].count(","))


def _length(text: str) -> float:
    """2, 3/2, /2, / and // as ABC writes lengths."""
    upper, _, lower = text.partition("/")
    bottom = int(lower.strip("/")) if lower.strip("/") else 2 ** text.count("/")
    return int(upper or 1) / (bottom or 1)
