"""A piece as an object of music21 or pretty_midi, and back, with nothing of its music lost.

What a score cannot say stands with the notes of music21 in their `editorial`. pretty_midi knows no voices, its lyrics
have no tracks, and it keeps no markers: chord symbols are its text events; a lyric is of the first tracks with notes
at its time.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from muse.errors import InputError, UsageError
from muse.music import chords
from muse.music.files import symbols
from muse.music.files.parts import Head, Part, Sound, grid, key_of, piece_of
from muse.music.piece import Note, Piece
from muse.music.theory import BEAT, Chord, Meter

if TYPE_CHECKING:
    import music21
    import pretty_midi

_UNSAID = "muse"
"""Key in `editorial` of what notation says otherwise: the voice, some syllables, pitch and length of drums."""


def to_music21(piece: Piece) -> music21.stream.Score:
    """The score: one part a track (two staves for a keyboard), measures with ties, chords, lyrics, velocities."""
    from muse.music import score

    found = score.to_music21(piece)
    for track, staves in zip(piece.tracks, _grouped(found), strict=True):
        notes: dict[tuple[int, int], list[Note]] = {}
        for note in track.notes:
            notes.setdefault((note.tick, 0 if track.drums else note.pitch), []).append(note)
        for sound, written in _sounds(staves):
            here = notes.get((grid(sound.at), 0 if track.drums else sound.pitch), [])
            if sound.tied or not here:
                continue
            note = here.pop(0)
            written.volume.velocity = note.velocity
            unsaid: dict[str, Any] = {"voice": note.voice}
            if sound.lyric != note.lyric:
                unsaid["lyric"] = note.lyric
            if track.drums:
                unsaid |= {"ticks": note.duration, "pitch": note.pitch}
            written.editorial[_UNSAID] = unsaid
    return found


def from_music21(score: music21.stream.Score) -> Piece:
    """The piece of a music21 score.

    Raises:
        InputError: it has no notes, or a meter off the grid.
    """
    parts, found = [], []
    for staves in _grouped(score):
        instrument = staves[0].getInstrument(returnDefault=True)
        drums = "UnpitchedPercussion" in instrument.classSet or instrument.midiChannel == 9
        sounds = [sound for sound, _ in _sounds(staves)]
        name = str(getattr(staves[0], "partName", "") or instrument.partName or "")
        parts.append(Part(name, int(instrument.midiProgram or 0), drums, sounds))
        found += [chord for staff in staves for chord in _symbols(staff)]
    return piece_of("the music21 score", _head(score), parts, found)


def to_pretty_midi(piece: Piece) -> pretty_midi.PrettyMIDI:
    """The piece as pretty_midi reads its MIDI file, chord symbols as text events."""
    import pretty_midi

    found = pretty_midi.PrettyMIDI(io.BytesIO(piece.midi()))
    second = 60 / (piece.tempo * BEAT)
    found.text_events = [pretty_midi.Text(chord.name(piece.key), chord.tick * second) for chord in piece.chords]
    return found


def from_pretty_midi(midi: pretty_midi.PrettyMIDI, title: str = "Untitled") -> Piece:
    """The piece of a pretty_midi object.

    Raises:
        InputError: it has no notes, or too many.
    """
    from muse.music.midi import read

    data = io.BytesIO()
    midi.write(data)
    piece = read(data.getvalue(), title)
    tracks = [list(track.notes) for track in piece.tracks]
    sung: dict[int, list[str]] = {}
    for lyric in midi.lyrics:
        sung.setdefault(_tick(midi, lyric.time), []).append(lyric.text)
    for tick, words in sung.items():
        begun = [notes for notes in tracks if any(note.tick == tick for note in notes)]
        for notes, word in zip(begun, words, strict=False):
            at = max((note.pitch, index) for index, note in enumerate(notes) if note.tick == tick)[1]
            notes[at] = replace(notes[at], lyric=word)
    named = ((chords.symbol(event.text), _tick(midi, event.time)) for event in midi.text_events)
    found = tuple(replace(chord, tick=tick) for chord, tick in named if chord is not None)
    made = tuple(
        replace(track, notes=tuple(Note(n.tick, n.pitch, n.duration, n.velocity, 0, n.lyric) for n in notes))
        for track, notes in zip(piece.tracks, tracks, strict=True)
    )
    return replace(piece, tracks=made, chords=found or piece.chords)


def _tick(midi: pretty_midi.PrettyMIDI, seconds: float) -> int:
    ticks: int = midi.time_to_tick(seconds)
    found: int = round(ticks * BEAT / midi.resolution)
    return found


def _grouped(score: music21.stream.Score) -> list[list[Any]]:
    """The parts of a score, the staves of one instrument together."""
    found: list[list[Any]] = []
    for part in list(getattr(score, "parts", ())) or [score]:
        stem = str(part.id).partition("-Staff")[0]
        if found and "PartStaff" in part.classSet and str(found[-1][0].id).partition("-Staff")[0] == stem:
            found[-1].append(part)
        else:
            found.append([part])
    return found


def _sounds(staves: list[Any]) -> Iterator[tuple[Sound, Any]]:
    """Every note of an instrument with the object that it is in music21."""
    for staff in staves:
        for event in staff.recurse().notes:
            if "ChordSymbol" in event.classSet or event.duration.isGrace:
                continue
            members = list(event.notes) if hasattr(event, "notes") and event.notes else [event]
            at, ticks = (float(BEAT * length) for length in (event.getOffsetInHierarchy(staff), event.quarterLength))
            for index, member in enumerate(members):
                top = index == len(members) - 1 if len(members) > 1 else True
                yield _sound(event, member, at, ticks, sung=top), member


def _sound(event: Any, member: Any, at: float, ticks: float, sung: bool) -> Sound:
    unsaid = member.editorial.get(_UNSAID, {})
    tie = member.tie or event.tie
    velocity = member.volume.velocity or event.volume.velocity or 80
    voice = (1, str(unsaid.get("voice", 0)))
    lyric = unsaid.get("lyric", _syllable(event) if sung else "")
    tied = tie is not None and tie.type in ("stop", "continue")
    pitch = unsaid["pitch"] if "pitch" in unsaid else _pitch(member)
    return Sound(at, unsaid.get("ticks", ticks), pitch, voice, int(velocity), lyric, tied)


def _pitch(member: Any) -> int:
    if hasattr(member, "pitch"):
        return int(member.pitch.midi)
    stored = getattr(member, "storedInstrument", None)
    drum = getattr(stored, "percMapPitch", None)
    return int(drum if drum is not None else member.displayPitch().midi)


def _syllable(event: Any) -> str:
    first = next((lyric for lyric in event.lyrics if lyric.number == 1), None)
    if first is None or not first.text:
        return ""
    return str(first.text) + "-" * (first.syllabic in ("begin", "middle") and not first.text.endswith("-"))


def _symbols(staff: Any) -> Iterator[Chord]:
    from music21 import harmony

    for symbol in staff.recurse().getElementsByClass(harmony.ChordSymbol):
        if isinstance(symbol, harmony.NoChord) or symbol.root() is None:
            continue
        bass = symbol.bass()
        low = bass.pitchClass if bass is not None and bass.pitchClass != symbol.root().pitchClass else -1
        found = symbols.chord(symbol.root().pitchClass, symbol.chordKind or "other", symbol.chordKindStr or "", low)
        if found is not None:
            yield replace(found, tick=grid(float(BEAT * symbol.getOffsetInHierarchy(staff))))


def _head(score: Any) -> Head:
    """Title, key, meter, tempo and pickup, where they stand first."""
    found = Head(str(score.metadata.bestTitle or "Untitled") if score.metadata else "Untitled")
    meters = list(score.recurse().getElementsByClass("TimeSignature"))
    if meters:
        try:
            found.meter = Meter.parse(f"{meters[0].numerator}/{meters[0].denominator}")
        except UsageError as error:
            raise InputError("cannot read the music21 score", f"{error.what} {error.why}") from error
    signatures = list(score.recurse().getElementsByClass("KeySignature"))
    if signatures:
        found.sharps = int(signatures[0].sharps)
        if hasattr(signatures[0], "tonic"):
            found.key = key_of(signatures[0].tonic.pitchClass, str(signatures[0].mode))
    marks = list(score.recurse().getElementsByClass("MetronomeMark"))
    if marks:
        found.tempo = float(marks[0].getQuarterBPM() or 120.0)
    measures = list(_grouped(score)[0][0].getElementsByClass("Measure"))
    if measures:
        first = float(BEAT * measures[0].duration.quarterLength)
        found.pickup = first if 0 < first < found.meter.bar else 0.0
    found.length = float(BEAT * score.highestTime)
    return found
