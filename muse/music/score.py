"""The score: music21 and MusicXML, with chord symbols and lyrics, the same bytes every time."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from muse.music.theory import BEAT, Key

if TYPE_CHECKING:
    import music21

    from muse.music.piece import Note, Piece, Track

_KINDS = {
    "": "major",
    "m": "minor",
    "dim": "diminished",
    "aug": "augmented",
    "7": "dominant-seventh",
    "maj7": "major-seventh",
    "m7": "minor-seventh",
    "m7b5": "half-diminished-seventh",
    "dim7": "diminished-seventh",
    "sus4": "suspended-fourth",
}
_CHUNKS = (96, 72, 48, 36, 24, 18, 12, 9, 6, 4, 3, 2, 1)
_CLEFS = {"Bass": "BassClef", "Tenor": "Treble8vbClef"}


def to_music21(piece: Piece) -> music21.stream.Score:
    """A music21 score of the piece: one part a track, measures with ties over bar lines."""
    from music21 import clef, duration, harmony, instrument, key, metadata, meter, tempo
    from music21 import stream as streams

    stream: Any = streams

    score: music21.stream.Score = stream.Score(id="score")
    score.metadata = metadata.Metadata()
    score.metadata.title = piece.title
    score.metadata.composer = "muse"
    for index, track in enumerate(piece.tracks):
        part = stream.Part(id=f"P{index + 1}")
        part.partName = track.name
        player = instrument.instrumentFromMidiProgram(track.program)
        player.partName, player.partId, player.instrumentId = track.name, f"P{index + 1}", f"P{index + 1}-I1"
        part.insert(0, player)
        columns = _columns(track)
        for number, (start, end) in enumerate(_bars(piece)):
            measure = stream.Measure(number=number if piece.pickup else number + 1)
            if number == 0:
                measure.insert(0, key.Key(_name(piece.key), piece.key.mode))
                measure.insert(0, meter.TimeSignature(str(piece.meter)))
                kind = _CLEFS.get(track.name) or ("BassClef" if _mean(track) < 57 else "TrebleClef")
                measure.insert(0, getattr(clef, kind)())
                if index == 0:
                    measure.insert(0, tempo.MetronomeMark(number=piece.tempo))
                if piece.pickup:
                    measure.padAsAnacrusis()
            if index == 0:
                for chord in piece.chords:
                    if start <= chord.tick < end:
                        symbol = harmony.ChordSymbol(
                            root=_pitch_name(piece.key, chord.root), kind=_KINDS[chord.quality]
                        )
                        symbol.duration = duration.Duration(0)
                        measure.insert((chord.tick - start) / BEAT, symbol)
            for at, element in _fill(columns, start, end, piece.key):
                measure.insert(at, element)
            part.append(measure)
        score.insert(0, part)
    return score


def musicxml(piece: Piece) -> bytes:
    """The piece as MusicXML 4.0, without date, random ids or the name of a machine."""
    from music21.musicxml.m21ToXml import ScoreExporter

    text = ScoreExporter(to_music21(piece)).parse()
    from xml.etree import ElementTree

    data = ElementTree.tostring(text, encoding="unicode")
    data = re.sub(r"\s*<encoding-date>[^<]*</encoding-date>", "", data)
    data = re.sub(r"<software>[^<]*</software>", "<software>muse</software>", data)
    names: dict[str, str] = {}
    for found in re.findall(r'\bid="([^"]+)"', data):
        names.setdefault(found, f"X{len(names) + 1}")
    for old, new in names.items():
        data = re.sub(rf'(\bid|\bref)="{re.escape(old)}"', rf'\1="{new}"', data)
    kind = '"-//Recordare//DTD MusicXML 4.0 Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd"'
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE score-partwise PUBLIC {kind}>\n'
    return (head + data + "\n").encode()


def _bars(piece: Piece) -> list[tuple[int, int]]:
    lines = [*([0] if piece.pickup else []), *(piece.bar_start(bar) for bar in range(piece.bars)), piece.length]
    return list(pairwise(lines))


def _columns(track: Track) -> list[tuple[int, int, list[Note]]]:
    """Notes that begin together as one chord, cut where the next begins: one rhythmic line."""
    starts: dict[int, list[Note]] = {}
    for note in track.notes:
        starts.setdefault(note.tick, []).append(note)
    ticks = sorted(starts)
    return [
        (tick, min(max(note.end for note in starts[tick]), following), starts[tick])
        for tick, following in zip(ticks, [*ticks[1:], 1 << 40], strict=True)
    ]


def _fill(columns: list[tuple[int, int, list[Note]]], start: int, end: int, key: Key) -> list[tuple[float, Any]]:
    """(offset in quarters, note, chord or rest) that fill one bar."""
    from music21 import chord, duration, note
    from music21 import tie as ties

    tie: Any = ties

    found: list[tuple[float, Any]] = []
    now = start

    def put(a: int, b: int, notes: list[Note] | None, first: bool, last: bool) -> None:
        at = a
        for piece in _lengths(b - a):
            if notes is None:
                element: Any = note.Rest()
            else:
                pitches = [_spelled(one.pitch, key) for one in sorted(notes)]
                element = note.Note(pitches[0]) if len(pitches) == 1 else chord.Chord(pitches)
                begins, ends = first and at == a, last and at + piece == b
                if not (begins and ends):
                    element.tie = tie.Tie("start" if begins else "stop" if ends else "continue")
                if begins and notes[0].lyric:
                    element.lyric = notes[0].lyric
            element.duration = duration.Duration(piece / BEAT)
            found.append(((at - start) / BEAT, element))
            at += piece

    for tick, stop, notes in columns:
        a, b = max(tick, start), min(stop, end)
        if a >= b:
            continue
        if a > now:
            put(now, a, None, True, True)
        put(a, b, notes, a == tick, b == stop)
        now = b
    if now < end:
        put(now, end, None, True, True)
    return found


def _lengths(ticks: int) -> list[int]:
    """Ticks as a sum of lengths that one note head can show, longest first."""
    found = []
    while ticks:
        piece = next(length for length in _CHUNKS if length <= ticks)
        found.append(piece)
        ticks -= piece
    return found


def _mean(track: Track) -> float:
    return sum(note.pitch for note in track.notes) / len(track.notes) if track.notes else 64.0


def _name(key: Key) -> str:
    return str(key).split()[0].replace("b", "-")


def _pitch_name(key: Key, pitch_class: int) -> str:
    return key.spell(pitch_class).replace("b", "-")


def _spelled(pitch: int, key: Key) -> str:
    return f"{_pitch_name(key, pitch % 12)}{pitch // 12 - 1}"
