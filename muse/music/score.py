"""The score: MusicXML 4.0 with chord symbols and lyrics, the same bytes every time; music21 reads it where asked to.

Source: W3C, MusicXML 4.0 reference, for the elements and their order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from muse.music.theory import BEAT, Chord, Key

if TYPE_CHECKING:
    import music21

    from muse.music.piece import Note, Piece, Track

_KINDS = {
    "": "major", "m": "minor", "dim": "diminished", "aug": "augmented", "7": "dominant", "maj7": "major-seventh",
    "m7": "minor-seventh", "m7b5": "half-diminished", "dim7": "diminished-seventh", "sus4": "suspended-fourth",
}  # fmt: skip
_HEADS = {
    96: ("breve", 0, False), 72: ("whole", 1, False), 48: ("whole", 0, False), 36: ("half", 1, False),
    24: ("half", 0, False), 18: ("quarter", 1, False), 12: ("quarter", 0, False), 9: ("eighth", 1, False),
    8: ("quarter", 0, True), 6: ("eighth", 0, False), 4: ("eighth", 0, True), 3: ("16th", 0, False),
    2: ("16th", 0, True), 1: ("32nd", 0, True),
}  # fmt: skip
"""Ticks that one note head can show, longest first: its type, its dots, and whether it is of a triplet."""
_BEAMS = {"eighth": 1, "16th": 2, "32nd": 3}
_ACCIDENTALS = {-1: "flat", 0: "natural", 1: "sharp"}
_CIRCLE = "FCGDAEB"
_TREBLE, _TENOR, _BASS = (
    "<sign>G</sign><line>2</line>",
    "<sign>G</sign><line>2</line><clef-octave-change>-1</clef-octave-change>",
    "<sign>F</sign><line>4</line>",
)


@dataclass(slots=True)
class Head:
    """A note, chord or rest as one head shows it.

    Attributes:
        at, ticks: where it stands, from the beginning of its bar line, and how long it is.
        notes: none for a rest, lowest first.
        begins, ends: False where it is tied to the head before, to the one after.
        marks: elements for its beams; tuplet: those for its triplet.
    """

    at: int
    ticks: int
    notes: Sequence[Note]
    begins: bool = True
    ends: bool = True
    marks: str = ""
    tuplet: str = ""


def to_music21(piece: Piece) -> music21.stream.Score:
    """The score as music21 reads it: one part a track, measures with ties over bar lines."""
    from music21 import converter, stream

    found = converter.parseData(musicxml(piece).decode(), format="musicxml")
    assert isinstance(found, stream.Score)
    return found


def musicxml(piece: Piece) -> bytes:
    """The piece as MusicXML 4.0, without date, random ids or the name of a machine."""
    title = _clean(piece.title)
    kind = '"-//Recordare//DTD MusicXML 4.0 Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd"'
    lines = [
        f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE score-partwise PUBLIC {kind}>',
        '<score-partwise version="4.0">',
        f"<work><work-title>{title}</work-title></work><movement-title>{title}</movement-title>",
        '<identification><creator type="composer">muse</creator><encoding><software>muse</software>'
        '<supports element="accidental" type="yes"/><supports element="beam" type="yes"/></encoding></identification>',
        "<part-list>",
    ]
    free = [channel for channel in range(1, 17) if channel != 10]
    for number, track in enumerate(piece.tracks, 1):
        name, channel = _clean(track.name), 10 if track.drums else free[(number - 1) % len(free)]
        lines.append(
            f'<score-part id="P{number}"><part-name>{name}</part-name>'
            f'<score-instrument id="P{number}-I1"><instrument-name>{name}</instrument-name></score-instrument>'
            f'<midi-instrument id="P{number}-I1"><midi-channel>{channel}</midi-channel>'
            f"<midi-program>{track.program + 1}</midi-program></midi-instrument></score-part>"
        )
    lines.append("</part-list>")
    for number, track in enumerate(piece.tracks, 1):
        lines.append(f'<part id="P{number}">')
        lines += _part(piece, track, first=number == 1)
        lines.append("</part>")
    return ("\n".join([*lines, "</score-partwise>"]) + "\n").encode()


def _part(piece: Piece, track: Track, first: bool) -> Iterator[str]:
    """The measures of a track; chord symbols and the tempo stand in the first part."""
    columns, signature = _columns(track), _signature(piece.key)
    edges = [*([0] if piece.pickup else []), *(piece.bar_start(bar) for bar in range(piece.bars)), piece.length]
    for number, (start, end) in enumerate(pairwise(edges), 0 if piece.pickup else 1):
        yield f'<measure number="{number}"' + (' implicit="yes">' if number == 0 else ">")
        if start == 0:
            yield _attributes(piece, track)
            if first:
                yield (
                    '<direction placement="above"><direction-type><metronome><beat-unit>quarter</beat-unit>'
                    f"<per-minute>{piece.tempo:g}</per-minute></metronome></direction-type>"
                    f'<sound tempo="{piece.tempo:g}"/></direction>'
                )
        line = end - piece.meter.bar  # before `start` where the bar is a pickup
        chords = [chord for chord in piece.chords if start <= chord.tick < end] if first else []
        heads = _heads(columns, start, end, line)
        _beam(heads, piece.meter.pulse)
        _join(heads)
        sounding: dict[tuple[str, int], int] = {}
        for head in heads:
            now = line + head.at
            yield from (_harmony(chord, piece.key, chord.tick - now) for chord in chords
                        if now <= chord.tick < now + head.ticks)  # fmt: skip
            yield from _written(head, piece.key, signature, sounding, whole=head.ticks == piece.meter.bar)
        yield "</measure>"


def _attributes(piece: Piece, track: Track) -> str:
    pitches = [note.pitch for note in track.notes] or [64]
    low = track.name == "Bass" or sum(pitches) / len(pitches) < 57
    clef = _TENOR if track.name == "Tenor" else _BASS if low else _TREBLE
    return (
        f"<attributes><divisions>{BEAT}</divisions>"
        f"<key><fifths>{piece.key.sharps}</fifths><mode>{piece.key.mode}</mode></key>"
        f"<time><beats>{piece.meter.beats}</beats><beat-type>{piece.meter.unit}</beat-type></time>"
        f"<clef>{clef}</clef></attributes>"
    )


def _columns(track: Track) -> list[tuple[int, int, list[Note]]]:
    """Notes that begin together as one chord, cut where the next begins: one rhythmic line."""
    starts: dict[int, list[Note]] = {}
    for note in track.notes:
        starts.setdefault(note.tick, []).append(note)
    return [
        (tick, min(max(note.end for note in starts[tick]), following), sorted(starts[tick]))
        for tick, following in pairwise([*sorted(starts), 1 << 40])
    ]


def _heads(columns: list[tuple[int, int, list[Note]]], start: int, end: int, line: int) -> list[Head]:
    """The heads that fill one bar."""
    found: list[Head] = []

    def put(a: int, b: int, notes: Sequence[Note], first: bool = True, last: bool = True) -> None:
        now = a
        for ticks in _lengths(b - a):
            found.append(Head(now - line, ticks, notes, first and now == a, last and now + ticks == b))
            now += ticks

    now = start
    for tick, stop, notes in columns:
        a, b = max(tick, start), min(stop, end)
        if a >= b:
            continue
        put(now, a, ())
        put(a, b, notes, a == tick, b == stop)
        now = b
    if now == start == line:
        return [Head(0, end - start, ())]
    put(now, end, ())
    return found


def _lengths(ticks: int) -> list[int]:
    """Ticks as a sum of lengths that one note head can show, longest first."""
    found = []
    while ticks:
        found.append(next(length for length in _HEADS if length <= ticks))
        ticks -= found[-1]
    return found


def _beam(heads: list[Head], pulse: int) -> None:
    """Join eighths and shorter notes of one beat by beams; a beam that would join nothing is a hook."""
    for (_, depth), run in groupby(heads, lambda head: (head.at // pulse, bool(head.notes) and _depth(head) > 0)):
        group = list(run)
        if not depth or len(group) < 2:
            continue
        for index, head in enumerate(group):
            for level in range(1, _depth(head) + 1):
                before = index > 0 and _depth(group[index - 1]) >= level
                after = index + 1 < len(group) and _depth(group[index + 1]) >= level
                kind = {(True, True): "continue", (False, True): "begin", (True, False): "end"}.get(
                    (before, after), "backward hook" if index else "forward hook"
                )
                head.marks += f'<beam number="{level}">{kind}</beam>'


def _depth(head: Head) -> int:
    """How many beams the head takes."""
    return _BEAMS.get(_HEADS[head.ticks][0], 0) if head.ticks in _HEADS else 0


def _join(heads: list[Head]) -> None:
    """Mark where the triplets of one beat begin and end."""
    for (_, triplet), run in groupby(heads, lambda head: (head.at // BEAT, _HEADS.get(head.ticks, ("", 0, False))[2])):
        group = list(run)
        if triplet:
            group[0].tuplet += '<tuplet type="start"/>'
            group[-1].tuplet += '<tuplet type="stop"/>'


def _written(
    head: Head, key: Key, signature: dict[str, int], sounding: dict[tuple[str, int], int], *, whole: bool
) -> Iterator[str]:
    """The note elements of a head.

    Args:
        signature: step → what the key signature makes of it.
        sounding: (step, octave) → what an accidental in this bar has made of it; what is shown here is added.
        whole: it fills its bar.
    """
    if not head.notes and whole:
        yield f'<note><rest measure="yes"/><duration>{head.ticks}</duration></note>'
        return
    kind, dots, triplet = _HEADS[head.ticks]
    times = ""
    if triplet:
        times = "<time-modification><actual-notes>3</actual-notes><normal-notes>2</normal-notes></time-modification>"
    ties = [mark for mark, tied in (("stop", not head.begins), ("start", not head.ends)) if tied and head.notes]
    tied, curves = "".join(f'<tie type="{m}"/>' for m in ties), "".join(f'<tied type="{m}"/>' for m in ties)
    length = f"<duration>{head.ticks}</duration>"
    shape = f"<type>{kind}</type>" + "<dot/>" * dots
    if not head.notes:
        notations = f"<notations>{head.tuplet}</notations>" if head.tuplet else ""
        yield f"<note><rest/>{length}{shape}{times}{notations}</note>"
    for index, note in enumerate(head.notes):
        step, alter, octave = _spelled(note.pitch, key)
        sign = ""
        if head.begins and sounding.get((step, octave), signature.get(step, 0)) != alter:
            sounding[step, octave] = alter
            sign = f"<accidental>{_ACCIDENTALS[alter]}</accidental>"
        pitch = f"<pitch><step>{step}</step>{_altered('alter', alter)}<octave>{octave}</octave></pitch>"
        joined = curves + (head.tuplet if index == 0 else "")
        notations = f"<notations>{joined}</notations>" if joined else ""
        text = _clean(note.lyric) if head.begins and index == 0 else ""
        lyric = f'<lyric number="1"><syllabic>single</syllabic><text>{text}</text></lyric>' if text else ""
        chord = "<chord/>" if index else ""
        marks = head.marks if index == 0 else ""
        yield f"<note>{chord}{pitch}{length}{tied}{shape}{sign}{times}{marks}{notations}{lyric}</note>"


def _harmony(chord: Chord, key: Key, offset: int) -> str:
    name = key.spell(chord.root)
    later = f"<offset>{offset}</offset>" if offset else ""
    return (
        f"<harmony><root><root-step>{name[0]}</root-step>{_altered('root-alter', _alter(name))}</root>"
        f'<kind text="{chord.quality}">{_KINDS[chord.quality]}</kind>{later}</harmony>'
    )


def _altered(element: str, alter: int) -> str:
    return f"<{element}>{alter}</{element}>" if alter else ""


def _alter(name: str) -> int:
    return {"#": 1, "b": -1}.get(name[1:], 0)


def _spelled(pitch: int, key: Key) -> tuple[str, int, int]:
    """(step, alter, octave) of a MIDI pitch in a key."""
    name = key.spell(pitch % 12)
    return name[0], _alter(name), pitch // 12 - 1


def _signature(key: Key) -> dict[str, int]:
    """Step → ±1 for those that the key signature alters."""
    sharps = key.sharps
    return {step: 1 for step in _CIRCLE[: max(0, sharps)]} | {step: -1 for step in _CIRCLE[::-1][: max(0, -sharps)]}


def _clean(text: str) -> str:
    """Text for XML, without the control characters that XML forbids."""
    return escape("".join(letter for letter in text if letter.isprintable()))
