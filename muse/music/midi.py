"""Standard MIDI Files read, each bound checked and all times rounded to our grid; `muse.music.smf` writes them."""

from __future__ import annotations

import io
import math
from bisect import bisect_right
from pathlib import Path
from typing import Any

from muse.errors import InputError, UsageError
from muse.files import read_capped
from muse.music.harmony import likeliest_key, parse_chord
from muse.music.piece import Note, Piece, Track
from muse.music.smf import DIVISION, MARK
from muse.music.theory import BEAT, Chord, Key, Meter
from muse.terms import Report
from muse.work import Recipe

LARGEST = 8 << 20
_MOST_TRACKS = 128
_MOST_NOTES = 200_000
_MOST_TICKS = 1 << 28
Words = dict[tuple[str, int], str]
"""Lyrics by the name of their track and their MIDI tick; the bulk reader leaves them out."""


def read(source: Path | str | bytes, title: str = "") -> Piece:
    """A piece from a MIDI file of type 0 or 1, rounded to the grid of twelve ticks a quarter.

    Key, meter and tempo are the first that the file names; without them the key is the likeliest for the
    notes, the meter 4/4 and the tempo 120. One track of the file is one track of the piece.

    Raises:
        InputError: not MIDI, cut, of type 2, too large, or without notes; in bounded time.
    """
    name = title or (Path(source).stem if not isinstance(source, bytes) else "piece")
    place = str(source) if not isinstance(source, bytes) else "the MIDI data"
    data = source if isinstance(source, bytes) else read_capped(source, LARGEST)
    division, words = _check(data, place)
    import symusic

    try:
        score: Any = symusic.Score.from_midi(data)
    except Exception as error:  # symusic raises several kinds of its own for damaged files
        raise InputError(f"cannot read {place}", f"the MIDI is damaged: {error}", "export it again") from error
    count = sum(len(track.notes) for track in score.tracks)
    if not 0 < count <= _MOST_NOTES:
        raise InputError(f"cannot read {place}", f"it holds {count:,} notes, and 1 to {_MOST_NOTES:,} are read")
    if max(note.time + note.duration for track in score.tracks for note in track.notes) >= _MOST_TICKS:
        raise InputError(f"cannot read {place}", f"it is longer than {_MOST_TICKS:,} ticks", "cut it into parts")
    sounding = [track for track in score.tracks if track.notes]
    tracks = tuple(_read_track(track, index, division, words) for index, track in enumerate(sounding))
    meter, pickup = _read_meter(score, division)
    key = _read_key(score, tracks)
    tempo = round(float(score.tempos[0].qpm), 3) if score.tempos else 120.0
    if not math.isfinite(tempo) or not 1 <= tempo <= 1000:
        tempo = min(1000.0, max(1.0, tempo)) if math.isfinite(tempo) else 120.0
    end = max(note.end for track in tracks for note in track.notes)
    bars = max(1, -(-(end - pickup) // meter.bar))
    chords = _read_chords(score, division, key)
    return Piece(name, key, meter, tempo, bars, tracks, pickup, chords, (), Recipe("read", 0), Report())


def recipe_line(data: bytes) -> str:
    """The text muse wrote into a MIDI file about its making, or ""."""
    import mido

    file = mido.MidiFile(file=io.BytesIO(data), charset="utf-8")
    for message in file.tracks[0] if file.tracks else ():
        if message.type == "text" and message.text.startswith(MARK):
            return str(message.text[len(MARK) :])
    return ""


def _check(data: bytes, place: str) -> tuple[int, Words]:
    """Ticks a quarter and the lyrics, after a walk over the chunks bounded by the bytes there, not by their claims."""

    def refuse(why: str, next_step: str = "give a Standard MIDI File of type 0 or 1") -> InputError:
        return InputError(f"cannot read {place}", why, next_step)

    if len(data) > LARGEST:
        raise refuse(f"it has more than {LARGEST:,} bytes", "cut it into parts")
    if len(data) < 14 or data[:4] != b"MThd":
        raise refuse("it is not a MIDI file")
    kind, tracks, division = (int.from_bytes(data[i : i + 2], "big") for i in (8, 10, 12))
    if int.from_bytes(data[4:8], "big") != 6:
        raise refuse("its header is damaged")
    if kind > 1:
        raise refuse(f"it is of type {kind}", "save it as type 0 or 1")
    if division & 0x8000 or division == 0:
        raise refuse("its time is in SMPTE frames, not in beats", "export it with ticks a quarter note")
    if not 1 <= tracks <= _MOST_TRACKS:
        raise refuse(f"it says that it has {tracks:,} tracks, and 1 to {_MOST_TRACKS} are read")
    position, found = 14, 0
    words: Words = {}
    while position < len(data) and found < tracks:
        size = int.from_bytes(data[position + 4 : position + 8], "big")
        if position + 8 + size > len(data):
            raise refuse("it is cut: a track is longer than the file", "copy it again")
        if data[position : position + 4] == b"MTrk":
            found += 1
            ticks = _walk(data[position + 8 : position + 8 + size], words)
            if ticks >= _MOST_TICKS * max(1, division // DIVISION):
                raise refuse(f"a track is longer than {_MOST_TICKS:,} ticks", "cut it into parts")
        position += 8 + size
    if found < tracks:
        raise refuse(f"it is cut: {found} of {tracks} tracks are there", "copy it again")
    return division, words


def _walk(track: bytes, words: Words) -> int:
    """The sum of a track's delta times, its lyrics put into `words`; stops where its events make no sense."""
    position, total, status, size, name = 0, 0, 0, len(track), ""

    def number() -> int:
        nonlocal position
        value = 0
        for _ in range(4):
            if position >= size:
                return value
            byte = track[position]
            position += 1
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                break
        return value

    while position < size:
        total += number()
        if position >= size:
            break
        if track[position] & 0x80:
            status = track[position]
            position += 1
        if status == 0xFF:
            kind = track[position] if position < size else 0
            position += 1
            length = number()
            if kind in (3, 5):
                text = track[position : position + min(length, 256)].decode(errors="replace").strip()
                if kind == 3:
                    name = text
                else:
                    words[name, total] = text
            position += length
        elif status in (0xF0, 0xF7):
            position += number()
        elif status & 0xF0 in (0xC0, 0xD0):
            position += 1
        elif status >= 0x80:
            position += 2
        else:
            break
    return total


def _grid(ticks: int, division: int) -> int:
    return (int(ticks) * BEAT * 2 + division) // (2 * division)


def _read_track(track: Any, index: int, division: int, words: Words) -> Track:
    notes = []
    for note in track.notes:
        start = _grid(note.time, division)
        length = max(1, _grid(note.time + note.duration, division) - start)
        velocity = min(127, max(1, int(note.velocity)))
        lyric = words.get((str(track.name).strip(), int(note.time)), "")
        notes.append(Note(start, int(note.pitch), length, velocity, 0, lyric))
    name = str(track.name).strip() or f"Track {index + 1}"
    return Track(name, int(track.program) % 128, tuple(sorted(notes)), bool(track.is_drum))


def _read_meter(score: Any, division: int) -> tuple[Meter, int]:
    """The first meter; a short first bar before a change of meter is a pickup."""
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


def _read_key(score: Any, tracks: tuple[Track, ...]) -> Key:
    pitched = [note for track in tracks if not track.drums for note in track.notes]
    if score.key_signatures:
        first = min(score.key_signatures, key=lambda event: int(event.time))
        major = (int(first.key) * 7) % 12
        if -7 <= int(first.key) <= 7 and int(first.tonality) in (0, 1):
            minor = int(first.tonality) == 1
            return Key((major + 9) % 12, "minor") if minor else Key(major, "major")
    return likeliest_key(pitched)


def _read_chords(score: Any, division: int, key: Key) -> tuple[Chord, ...]:
    chords: dict[int, Chord] = {}
    for event in sorted(score.markers, key=lambda event: int(event.time)):
        found = parse_chord(str(event.text))
        if found is not None:
            tick = _grid(event.time, division)
            chords[tick] = Chord(tick, *found)
    ticks = sorted(chords)
    return tuple(chords[tick] for i, tick in enumerate(ticks) if bisect_right(ticks, tick) == i + 1)
