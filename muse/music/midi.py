"""Standard MIDI Files read, each bound checked and all times rounded to our grid; `muse.music.smf` writes them."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from muse.errors import InputError, UsageError
from muse.files import read_capped
from muse.music import chords
from muse.music.harmony import likeliest_key
from muse.music.notes import Note, Track
from muse.music.piece import Piece
from muse.music.smf import DIVISION, MARK
from muse.music.theory import BEAT, Chord, Key, Meter

LARGEST = 4 << 20
MOST_TRACKS = 128
MOST_NOTES = 100_000
_MOST_TICKS = 1 << 28
_MOST_BARS = 100_000
_NAME, _LYRIC, _CUE = 3, 5, 7
_LONGEST_TEXT = 256
Ints = npt.NDArray[np.int64]


@dataclass(slots=True)
class Said:
    """What the bytes of a file say that symusic does not tell.

    Attributes:
        division: MIDI ticks a quarter.
        words: lyrics by the name of their track and their MIDI tick.
        cues: (MIDI tick, text) of the first track: the sections of pieces that muse wrote.
        title: the name of the first track, where it has no notes.
        struck: events that begin or end a note.
    """

    division: int
    words: dict[tuple[str, int], str] = field(default_factory=dict)
    cues: list[tuple[int, str]] = field(default_factory=list)
    title: str = ""
    struck: int = 0


def read(source: Path | str | bytes, title: str = "", place: str = "") -> Piece:
    """A piece from a MIDI file of type 0 or 1, rounded to the grid of twelve ticks a quarter.

    Key, meter and tempo are the first that the file names; without them the key is the likeliest for the
    notes, the meter 4/4 and the tempo 120. One track of the file is one track of the piece.

    Args:
        place: the file's name, where its bytes are given.

    Raises:
        InputError: not MIDI, cut, of type 2, too large, or without notes; in bounded time.
    """
    if not isinstance(source, bytes):
        place = place or str(source)
        source = read_capped(source, LARGEST)
    name = title or (Path(place).stem if place else "piece")
    place = place or "the MIDI data"
    said = check(source, place)
    score = score_of(source, place)
    tracks = tuple(
        _track(track, notes, index, said) for index, (track, notes) in enumerate(sounding(score, said.division, place))
    )
    meter, pickup = meter_of(score, said.division)
    key = key_of(score) or likeliest_key(note for track in tracks if not track.drums for note in track.notes)
    bars = max(1, -(-(max(note.end for track in tracks for note in track.notes) - pickup) // meter.bar))
    if bars > _MOST_BARS:
        raise InputError(f"cannot read {place}", f"it is longer than {_MOST_BARS:,} bars", "cut it into parts")
    sections = []
    for tick, letter in said.cues:
        bar, within = divmod(_grid(tick, said.division) - pickup, meter.bar)
        if not within and 0 <= bar < bars:
            sections.append((bar, letter))
    return Piece(
        name, key, meter, tempo_of(score), bars, tracks, pickup, chords_of(score, said.division),
        sections=tuple(sections),
    )  # fmt: skip


def score_of(data: bytes, place: str) -> Any:
    """The file as symusic reads it.

    Raises:
        InputError: it is damaged, has no notes or too many.
    """
    import symusic

    try:
        found: Any = symusic.Score.from_midi(data)
    except Exception as error:  # symusic raises several kinds of its own for damaged files
        raise InputError(f"cannot read {place}", f"the MIDI is damaged: {error}", "export it again") from error
    count = sum(len(track.notes) for track in found.tracks)
    if not 0 < count <= MOST_NOTES:
        raise InputError(f"cannot read {place}", f"it holds {count:,} notes, and 1 to {MOST_NOTES:,} are read")
    return found


def sounding(score: Any, division: int, place: str = "the MIDI data") -> list[tuple[Any, Ints]]:
    """The tracks with notes, and these: (N, 4), tick, duration, pitch and velocity, in order of tick, then pitch.

    Raises:
        InputError: a note lies beyond 2^28 ticks.
    """
    found = []
    for track in score.tracks:
        notes = track.notes.numpy()
        begins, ends = notes["time"].astype(np.int64), notes["time"].astype(np.int64) + notes["duration"]
        if not len(begins):
            continue
        if begins.min() < 0 or ends.max() >= _MOST_TICKS:
            raise InputError(f"cannot read {place}", f"it is longer than {_MOST_TICKS:,} ticks", "cut it into parts")
        start, stop = ((at * BEAT * 2 + division) // (2 * division) for at in (begins, ends))
        loud = np.clip(notes["velocity"].astype(np.int64), 1, 127)
        table = np.stack([start, np.maximum(1, stop - start), notes["pitch"].astype(np.int64), loud], axis=1)
        found.append((track, table[np.lexsort((loud, table[:, 1], table[:, 2], start))]))
    return found


def recipe_line(data: bytes) -> str:
    """The text muse wrote into a MIDI file about its making, or ""."""
    import mido

    file = mido.MidiFile(file=io.BytesIO(data), charset="utf-8")
    for message in file.tracks[0] if file.tracks else ():
        if message.type == "text" and message.text.startswith(MARK):
            return str(message.text[len(MARK) :])
    return ""


def check(data: bytes, place: str, *, walk: bool = True) -> Said:
    """What the file says, after a walk over its chunks bounded by the bytes there, not by their claims.

    Args:
        walk: False looks at the head and the sizes of the tracks only, not at their events.

    Raises:
        InputError: not MIDI of type 0 or 1 in ticks a quarter, cut, or too large.
    """

    def refuse(why: str, next_step: str = "give a Standard MIDI File of type 0 or 1") -> InputError:
        return InputError(f"cannot read {place}", why, next_step)

    if len(data) > LARGEST:
        raise refuse(f"it has more than {LARGEST:,} bytes", "cut it into parts")
    if len(data) < 14 or data[:4] != b"MThd":
        raise refuse("it is not a MIDI file")
    kind, tracks, division = (int.from_bytes(data[i : i + 2], "big") for i in (8, 10, 12))
    if int.from_bytes(data[4:8], "big") != 6:
        raise refuse("its header is damaged at byte 4")
    if kind > 1:
        raise refuse(f"it is of type {kind}", "save it as type 0 or 1")
    if division & 0x8000 or division == 0:
        raise refuse("its time is in SMPTE frames, not in beats", "export it with ticks a quarter note")
    if not 1 <= tracks <= MOST_TRACKS:
        raise refuse(f"it says that it has {tracks:,} tracks, and 1 to {MOST_TRACKS} are read")
    position, found = 14, 0
    said = Said(division)
    while position < len(data) and found < tracks:
        size = int.from_bytes(data[position + 4 : position + 8], "big")
        if position + 8 + size > len(data):
            raise refuse(
                f"it is cut: the track that begins at byte {position:,} is longer than the file", "copy it again"
            )
        if data[position : position + 4] == b"MTrk":
            found += 1
            if walk:
                ticks = _walk(data[position + 8 : position + 8 + size], said, first=found == 1)
                if ticks >= _MOST_TICKS * max(1, division // DIVISION):
                    raise refuse(
                        f"the track at byte {position:,} is longer than {_MOST_TICKS:,} ticks", "cut it into parts"
                    )
        if said.struck > 2 * MOST_NOTES:
            raise refuse(f"it holds more than {MOST_NOTES:,} notes", "cut it into parts")
        position += 8 + size
    if found < tracks:
        raise refuse(f"it is cut: {found} of {tracks} tracks are there", "copy it again")
    return said


def _walk(track: bytes, said: Said, first: bool) -> int:
    """The sum of a track's delta times, its texts put into `said`; stops where its events make no sense."""
    position, total, status, size, name, struck = 0, 0, 0, len(track), "", 0
    while position < size and struck <= 2 * MOST_NOTES:
        delta = byte = track[position]
        position += 1
        if byte & 0x80:
            position -= 1
            delta, position = _number(track, position)
        total += delta
        if position >= size:
            break
        if track[position] & 0x80:
            status = track[position]
            position += 1
        if status == 0xFF:
            kind = track[position] if position < size else 0
            length, position = _number(track, position + 1)
            if kind in (_NAME, _LYRIC, _CUE):
                text = _text(track[position : position + min(length, _LONGEST_TEXT)])
                if kind == _NAME:
                    name = text
                elif kind == _LYRIC:
                    said.words[name, total] = text
                elif first:
                    said.cues.append((total, text))
            position += length
        elif status in (0xF0, 0xF7):
            length, position = _number(track, position)
            position += length
        elif 0xC0 <= status < 0xE0:
            position += 1
        elif status >= 0x80:
            struck += status < 0xA0
            position += 2
        else:
            break
    said.struck += struck
    if first and not struck:
        said.title = name
    return total


def _number(track: bytes, position: int) -> tuple[int, int]:
    """A number in groups of seven bits, four at most, and the place after it."""
    value = 0
    for byte in track[position : position + 4]:
        position += 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return value, position


def _text(data: bytes) -> str:
    """Text in UTF-8, else in Latin-1, which the standard leaves open."""
    try:
        return data.decode().strip()
    except UnicodeDecodeError:
        return data.decode("latin-1").strip()


def _grid(ticks: int, division: int) -> int:
    return (int(ticks) * BEAT * 2 + division) // (2 * division)


def _track(track: Any, table: Ints, index: int, said: Said) -> Track:
    name = str(track.name).strip()
    words = {_grid(tick, said.division): text for (of, tick), text in said.words.items() if of == name}
    rows = table.tolist()
    if words:
        tops = {tick: pitch for tick, _, pitch, _ in rows}  # of notes struck together the highest is sung
        notes = [Note(tick, pitch, length, loud, 0, words.get(tick, "") if tops[tick] == pitch else "")
                 for tick, length, pitch, loud in rows]  # fmt: skip
    else:
        notes = [Note(tick, pitch, length, loud) for tick, length, pitch, loud in rows]
    return Track(name or f"Track {index + 1}", int(track.program) % 128, tuple(notes), bool(track.is_drum))


def tempo_of(score: Any) -> float:
    """The first tempo, in quarter notes a minute, from 1 to 1000; 120 where none is said."""
    tempo = round(float(score.tempos[0].qpm), 3) if score.tempos else 120.0
    return min(1000.0, max(1.0, tempo)) if math.isfinite(tempo) else 120.0


def meter_of(score: Any, division: int) -> tuple[Meter, int]:
    """The first meter and the ticks of a pickup: a short first bar before a change of meter."""
    found, short = [], 0
    for event in sorted(score.time_signatures, key=lambda event: int(event.time)):
        tick = _grid(event.time, division)
        try:
            found.append((tick, Meter.parse(f"{event.numerator}/{event.denominator}")))
        except UsageError:
            if tick == 0:  # a pickup of less than a quarter
                short = 4 * BEAT * int(event.numerator) // max(1, int(event.denominator))
    if not found:
        return Meter(4, 4), 0
    if len(found) > 1 and found[0][0] == 0 and found[1][0] == found[0][1].bar < found[1][1].bar:
        return found[1][1], found[1][0]
    return found[0][1], short if 0 < short == found[0][0] < BEAT else 0


def key_of(score: Any) -> Key | None:
    """The first key that is named."""
    if not score.key_signatures:
        return None
    first = min(score.key_signatures, key=lambda event: int(event.time))
    if not (-7 <= int(first.key) <= 7 and int(first.tonality) in (0, 1)):
        return None
    major = (int(first.key) * 7) % 12
    return Key((major + 9) % 12, "minor") if int(first.tonality) == 1 else Key(major, "major")


def chords_of(score: Any, division: int) -> tuple[Chord, ...]:
    """The markers that are chord symbols."""
    found: dict[int, Chord] = {}
    marks: Iterable[Any] = sorted(score.markers, key=lambda event: int(event.time))
    for event in marks:
        chord = chords.symbol(str(event.text))
        if chord is not None:
            tick = _grid(event.time, division)
            found[tick] = replace(chord, tick=tick)
    return tuple(found[tick] for tick in sorted(found))
