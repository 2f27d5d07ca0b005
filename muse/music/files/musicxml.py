"""MusicXML 3 and 4, partwise and timewise, plain or packed (.mxl), as pieces.

Read: pitches that sound (transposing instruments too), chords, ties, voices, backup and forward, tuplets on the nearest
tick, key, meter and tempo where they stand first, chord symbols, the first verse. Repeats are not written out; grace
notes and cue notes are passed over. Source: W3C, MusicXML 4.0 reference.
"""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from muse.errors import InputError, UsageError
from muse.music.files import markup, symbols
from muse.music.files.markup import Element
from muse.music.files.parts import Head, Part, Sound, grid, key_of, piece_of
from muse.music.piece import Piece
from muse.music.theory import BEAT, Chord, Key, Meter

_FRAMES = ("score-partwise", "score-timewise", "part", "measure")
_IGNORED = ("notations", "print", "defaults", "credit", "beam", "stem", "accidental", "notehead", "identification")
_MODES = {"major": 0, "ionian": 0, "minor": 9, "aeolian": 9, "dorian": 2, "phrygian": 4, "lydian": 5, "mixolydian": 7}
"""Semitones from the tonic of the major key with the same signature to the tonic of a mode."""
_UNITS = {"whole": 48, "half": 24, "quarter": 12, "eighth": 6, "16th": 3}
_ENTRIES = 1000


def read(data: bytes, place: str = "the score", title: str = "") -> Piece:
    """The piece of a score.

    Raises:
        InputError: not MusicXML, damaged, with entities, too large, or without notes; byte, or part and measure named.
    """
    score = _Score(place, title)
    text = unpacked(data, place) if data[:2] == b"PK" else data
    for kind, element in markup.stream(text, place, _FRAMES, _IGNORED):
        if kind == "item":
            score.item(element)
        elif kind == "open":
            score.open(element)
        else:
            score.close(element)
    return score.piece()


def unpacked(data: bytes, place: str) -> bytes:
    """The score inside an .mxl archive.

    Raises:
        InputError: the archive is damaged, holds no score, or one that is too large.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if len(names) > _ENTRIES:
                raise InputError(f"cannot read {place}", f"its archive has more than {_ENTRIES:,} files")
            name = next((n for n in names if n.endswith((".musicxml", ".xml")) and not n.startswith("META-INF")), "")
            if "META-INF/container.xml" in names:
                with archive.open("META-INF/container.xml") as file:
                    named = _rooted(file.read(1 << 16), place)
                name = named if named in names else name
            if not name:
                raise InputError(f"cannot read {place}", "its archive holds no score", "export it as .musicxml")
            with archive.open(name) as file:
                found = file.read(markup.LARGEST + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError, ValueError) as error:
        raise InputError(
            f"cannot read {place}", f"its archive is damaged: {error}", "export the score again"
        ) from error
    if len(found) > markup.LARGEST:
        raise InputError(f"cannot read {place}", f"unpacked, it has more than {markup.LARGEST:,} bytes")
    return found


def _rooted(container: bytes, place: str) -> str:
    for _, element in markup.stream(container, f"the container of {place}", ("container", "rootfiles")):
        if element.name == "rootfile":
            return element.attributes.get("full-path", "")
    return ""


@dataclass(slots=True)
class _Staves:
    """A part while it is read.

    Attributes:
        divisions: units of duration a quarter. now: ticks from the beginning of the measure; begun: of the last note.
        reached: ticks that each measure fills. starts: of the sounds, the measure that each stands in.
        holds: voices whose syllable goes on over notes without one.
    """

    part: Part
    divisions: float = 1.0
    now: float = 0.0
    begun: float = 0.0
    velocity: int = 80
    transposed: int = 0
    reached: list[float] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    holds: set[tuple[int, str]] = field(default_factory=set)
    unpitched: dict[str, int] = field(default_factory=dict)


class _Score:
    """Takes in the events of a document and gives the piece."""

    def __init__(self, place: str, title: str) -> None:
        self.place, self.head = place, Head(title)
        self.root = self.movement = ""
        self.meters: list[Meter] = []
        self.tempo: float | None = None
        self.staves: dict[str, _Staves] = {}
        self.chords: list[tuple[int, float, Chord]] = []
        self.now: _Staves | None = None

    def refusal(self, why: str) -> InputError:
        where = ""
        if self.now is not None:
            where = f"part {self.now.part.name or '1'}, measure {len(self.now.reached)}: "
        return InputError(f"cannot read {self.place}", where + why, "export the score again")

    def open(self, element: Element) -> None:
        if not self.root:
            self.root = element.name
        if element.name == "part":
            self.now = self.staves.setdefault(element.attributes.get("id", ""), _Staves(Part()))
        if element.name == ("measure" if self.root == "score-partwise" else "part") and self.now is not None:
            self.now.now = self.now.begun = 0.0
            self.now.reached.append(0.0)

    def close(self, element: Element) -> None:
        if element.name == "part":
            self.now = None

    def item(self, element: Element) -> None:
        if not self.root:
            raise InputError(f"cannot read {self.place}", f"it is <{element.name}>, not a score", "give MusicXML")
        if element.name == "part-list":
            for part in element.all("score-part"):
                self.staves[part.attributes.get("id", "")] = self._listed(part)
        elif element.name == "work":
            self.head.title = self.head.title or element.said("work-title")
        elif element.name == "movement-title":
            self.movement = element.text.strip()
        elif self.now is not None and self.now.reached:
            self._inside(element, self.now)

    def _inside(self, element: Element, staves: _Staves) -> None:
        if element.name == "note":
            self._note(element, staves)
        elif element.name in ("backup", "forward"):
            ticks = self._ticks(element, staves)
            staves.now = max(0.0, staves.now + (ticks if element.name == "forward" else -ticks))
            staves.reached[-1] = max(staves.reached[-1], staves.now)
        elif element.name == "attributes":
            self._attributes(element, staves)
        elif element.name == "harmony":
            self._harmony(element, staves)
        elif element.name in ("direction", "sound"):
            self._direction(element, staves)

    def _listed(self, element: Element) -> _Staves:
        staves = _Staves(Part(element.said("part-name") or element.said("part-abbreviation")))
        for midi in element.all("midi-instrument"):
            program, drum = midi.said("midi-program"), midi.said("midi-unpitched")
            if program:
                staves.part.program = int(self._number(program, "midi-program", 1, 128)) - 1
            staves.part.drums |= midi.said("midi-channel") == "10"
            if drum:
                staves.unpitched[midi.attributes.get("id", "")] = int(self._number(drum, "midi-unpitched", 1, 128)) - 1
        return staves

    def _number(self, text: str, field: str, low: float, high: float) -> float:
        try:
            found = float(text)
        except ValueError:
            found = math.nan
        if not low <= found <= high:
            raise self.refusal(f"<{field}> is {text[:40]!r}, not a number from {low:g} to {high:g}")
        return found

    def _ticks(self, element: Element, staves: _Staves) -> float:
        return self._number(element.said("duration"), "duration", 0, 1e9) * BEAT / staves.divisions

    def _note(self, element: Element, staves: _Staves) -> None:
        names = {child.name for child in element.children}
        if "grace" in names:
            return
        ticks = self._ticks(element, staves)
        if "chord" not in names:
            staves.begun = staves.now
            staves.now += ticks
            staves.reached[-1] = max(staves.reached[-1], staves.now)
        staff = int(self._number(element.said("staff") or "1", "staff", 1, 1000))
        voice = (staff, element.said("voice")[:20] or "1")
        if "cue" in names or "rest" in names:
            staves.holds.discard(voice)
            return
        loud = element.attributes.get("dynamics")
        velocity = _velocity(self._number(loud, "note dynamics", 0, 1000)) if loud else staves.velocity
        tied = any(tie.attributes.get("type") == "stop" for tie in element.all("tie"))
        lyric = "" if tied or "chord" in names else self._lyric(element, staves, voice)
        staves.part.sounds.append(
            Sound(staves.begun, ticks, self._pitch(element, staves), voice, velocity, lyric, tied)
        )
        staves.starts.append(len(staves.reached) - 1)

    def _pitch(self, element: Element, staves: _Staves) -> int:
        pitch = element.find("pitch")
        if pitch is None:
            if element.find("unpitched") is None:
                raise self.refusal("a <note> has neither <pitch> nor <rest>")
            staves.part.drums = True
            instrument = element.find("instrument")
            return staves.unpitched.get(instrument.attributes.get("id", "") if instrument else "", 38)
        step, octave = pitch.said("step"), self._number(pitch.said("octave"), "octave", -1, 10)
        if step not in symbols.STEPS:
            raise self.refusal(f"<step> is {step[:40]!r}, not a letter from A to G")
        alter = round(self._number(pitch.said("alter") or "0", "alter", -4, 4))
        found = 12 * (int(octave) + 1) + symbols.STEPS[step] + alter + staves.transposed
        if not 0 <= found < 128:
            raise self.refusal(f"{step}{octave:g} lies outside of MIDI's pitches")
        return found

    def _lyric(self, element: Element, staves: _Staves, voice: tuple[int, str]) -> str:
        """The syllable of the first verse, with "-" where its word goes on; "_" where the one before goes on."""
        verses = element.all("lyric")
        verse = next((v for v in verses if v.attributes.get("number", "1") in ("1", "part1verse1")), None)
        if verse is None:
            return "_" if voice in staves.holds else ""
        extend = verse.find("extend")
        kind = "" if extend is None else extend.attributes.get("type", "start")
        text = " ".join(part.text.strip() for part in verse.all("text")).strip()
        goes_on = verse.said("syllabic") in ("begin", "middle")
        on = goes_on or kind in ("start", "continue")
        (staves.holds.add if on else staves.holds.discard)(voice)
        if not text:
            return "_" if kind else ""
        return text + "-" * (goes_on and not text.endswith("-"))

    def _attributes(self, element: Element, staves: _Staves) -> None:
        if divisions := element.said("divisions"):
            staves.divisions = self._number(divisions, "divisions", 1e-6, 1e9)
        if (moved := element.find("transpose")) is not None:
            octaves = self._number(moved.said("octave-change") or "0", "octave-change", -8, 8)
            staves.transposed = round(self._number(moved.said("chromatic") or "0", "chromatic", -60, 60) + 12 * octaves)
        if (time := element.find("time")) is not None and not self.meters:
            beats = [part for child in time.all("beats") for part in child.text.split("+")]
            if beats:
                total = sum(int(self._number(beat.strip(), "beats", 1, 99)) for beat in beats)
                try:
                    self.meters.append(Meter.parse(f"{total}/{time.said('beat-type')}"))
                except UsageError as error:
                    raise self.refusal(f"<time>: {error.what}, {error.why}") from error
        if (key := element.find("key")) is not None and self.head.sharps is None and key.said("fifths"):
            fifths = int(self._number(key.said("fifths"), "fifths", -11, 11)) + 7 * staves.transposed
            self.head.sharps = (fifths + 5) % 12 - 5
            self.head.key = _key(self.head.sharps, key.said("mode"))

    def _harmony(self, element: Element, staves: _Staves) -> None:
        step, kind = element.said("root", "root-step"), element.said("kind")
        if step not in symbols.STEPS:
            return
        bass = -1
        if (low := element.said("bass", "bass-step")) in symbols.STEPS:
            bass = (symbols.STEPS[low] + self._alter(element, "bass") + staves.transposed) % 12
        root = symbols.STEPS[step] + self._alter(element, "root") + staves.transposed
        sign = element.find("kind")
        found = symbols.chord(root, kind, sign.attributes.get("text", "") if sign is not None else "", bass)
        offset = self._number(element.said("offset") or "0", "offset", -1e9, 1e9) * BEAT / staves.divisions
        if found is not None:
            self.chords.append((len(staves.reached) - 1, max(0.0, staves.now + offset), found))

    def _alter(self, element: Element, of: str) -> int:
        return round(self._number(element.said(of, f"{of}-alter") or "0", f"{of}-alter", -4, 4))

    def _direction(self, element: Element, staves: _Staves) -> None:
        sound = element if element.name == "sound" else element.find("sound")
        said = {} if sound is None else sound.attributes
        if "dynamics" in said:
            staves.velocity = _velocity(self._number(said["dynamics"], "sound dynamics", 0, 1000))
        if self.tempo is not None:
            return
        if "tempo" in said:
            self.tempo = self._number(said["tempo"], "sound tempo", 0, 10_000) or None
        for kind in element.all("direction-type"):
            mark = kind.find("metronome")
            unit = _UNITS.get(mark.said("beat-unit"), 0) if mark is not None else 0
            if mark is not None and unit and mark.said("per-minute").replace(".", "", 1).isdecimal():
                dotted = 1.5 if mark.find("beat-unit-dot") is not None else 1.0
                self.tempo = self.tempo or float(mark.said("per-minute")) * unit * dotted / BEAT

    def piece(self) -> Piece:
        """Measures are as long as the longest part in them, and as the meter says where no part fills them."""
        if self.root not in _FRAMES[:2]:
            raise InputError(f"cannot read {self.place}", "it is no MusicXML score", "give MusicXML")
        meter = self.meters[0] if self.meters else Meter(4, 4)
        count = max((len(staves.reached) for staves in self.staves.values()), default=0)
        begins = [0.0]
        for number in range(count):
            filled = max(s.reached[number] if number < len(s.reached) else 0.0 for s in self.staves.values())
            begins.append(begins[-1] + (filled or meter.bar))
        for staves in self.staves.values():
            for sound, measure in zip(staves.part.sounds, staves.starts, strict=True):
                sound.at += begins[measure]
        chords = [replace(chord, tick=grid(begins[number] + at)) for number, at, chord in self.chords]
        head = replace(
            self.head, title=self.head.title or self.movement or "Untitled", meter=meter, tempo=self.tempo or 120.0,
            pickup=begins[1] if count else 0.0, length=begins[-1],
        )  # fmt: skip
        parts: Sequence[Part] = [staves.part for staves in self.staves.values()]
        return piece_of(self.place, head, parts, chords)


def _velocity(percent: float) -> int:
    """MusicXML tells loudness in percent of the MIDI velocity 90."""
    return min(127, max(1, round(percent * 0.9)))


def _key(sharps: int, mode: str) -> Key | None:
    """The key of a signature and a mode; None where the notes must tell it."""
    if mode not in _MODES:
        return None
    return key_of((7 * sharps + _MODES[mode]) % 12, mode)
