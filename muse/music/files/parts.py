"""What the readers of scores have in common: sounds at exact times, joined and rounded, become a piece."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import cast

from muse.errors import InputError
from muse.music.harmony import likeliest_key
from muse.music.piece import Note, Piece, Track
from muse.music.records import signature_key
from muse.music.theory import SCALES, Chord, Key, Meter, Mode

MOST_NOTES = 200_000
LONGEST = 1 << 24
"""Ticks of ours that a piece may last: a month at 120 BPM."""
MOST_BARS = 100_000
_NEAR = 0.01
_MOST_VOICES = 16


@dataclass(slots=True)
class Sound:
    """A note as a score writes it.

    Attributes:
        at, ticks: in ticks of ours, not yet rounded.
        voice: staff and name of its voice, in the order of the height where the score numbers them so.
        tied: it goes on with the note of its pitch that ends where it begins.
    """

    at: float
    ticks: float
    pitch: int
    voice: tuple[int, str] = (1, "1")
    velocity: int = 80
    lyric: str = ""
    tied: bool = False


@dataclass(slots=True)
class Part:
    """The sounds of one instrument or singer, in the order of the score."""

    name: str = ""
    program: int = 0
    drums: bool = False
    sounds: list[Sound] = field(default_factory=list)


@dataclass(slots=True)
class Head:
    """What a score says once.

    Attributes:
        sharps: of the first key signature, None where there is none; key: where the score names it.
        length: ticks that the score fills; pickup: ticks before its first bar line.
    """

    title: str
    meter: Meter = field(default_factory=lambda: Meter(4, 4))
    key: Key | None = None
    sharps: int | None = None
    tempo: float = 120.0
    pickup: float = 0.0
    length: float = 0.0


def piece_of(place: str, head: Head, parts: Iterable[Part], chords: Iterable[Chord] = ()) -> Piece:
    """The piece; a part without notes is no track.

    Args:
        chords: in any order; of those on one tick the last holds, and of those alike in a row the first.

    Raises:
        InputError: it has no notes, too many, or is too long.
    """
    tracks = tuple(
        Track(part.name or f"Track {number}", part.program, _notes(part.sounds), part.drums)
        for number, part in enumerate(parts, 1) if part.sounds
    )  # fmt: skip
    count = sum(len(track.notes) for track in tracks)
    if not 0 < count <= MOST_NOTES:
        raise InputError(f"cannot read {place}", f"it holds {count:,} notes, and 1 to {MOST_NOTES:,} are read")
    end = max(round(head.length), max(note.end for track in tracks for note in track.notes))
    pickup = round(head.pickup) if 0 < head.pickup < head.meter.bar else 0
    bars = max(1, -(-(end - pickup) // head.meter.bar))
    if end > LONGEST or bars > MOST_BARS:
        raise InputError(f"cannot read {place}", f"it is longer than {MOST_BARS:,} bars", "cut it into parts")
    key = head.key or _key(tracks, head.sharps)
    tempo = min(1000.0, max(1.0, head.tempo))
    return Piece(head.title, key, head.meter, tempo, bars, tracks, pickup, in_order(chords, end))


def key_of(tonic: int, mode: str) -> Key:
    """The key of a mode by its name; of one that muse has no name for, major or minor as its third is."""
    if mode in SCALES:
        return Key(tonic, cast(Mode, mode))
    return Key(tonic, "minor" if mode in ("aeolian", "dorian", "phrygian") else "major")


def grid(ticks: float) -> int:
    """The nearest tick, a half upward; what floats lose of a third is made up for."""
    return int(ticks + 0.5 + 1e-6)


def in_order(chords: Iterable[Chord], end: int) -> tuple[Chord, ...]:
    """Chords by tick, one a tick, none like the one before."""
    last = {chord.tick: chord for chord in chords if 0 <= chord.tick < end}
    found: list[Chord] = []
    for tick in sorted(last):
        if not found or found[-1].name(Key(0)) != last[tick].name(Key(0)):
            found.append(last[tick])
    return tuple(found)


def _notes(sounds: Sequence[Sound]) -> tuple[Note, ...]:
    """Sounds with ties merged, rounded to the grid, their voices counted from the highest."""
    ranks = {
        voice: min(rank, _MOST_VOICES - 1) for rank, voice in enumerate(sorted({s.voice for s in sounds}, key=_rank))
    }
    joined: list[Sound] = []
    latest: dict[int, Sound] = {}
    for sound in sorted(sounds, key=lambda sound: sound.at):
        before = latest.get(sound.pitch)
        if sound.tied and before is not None and abs(before.at + before.ticks - sound.at) < _NEAR:
            before.ticks += sound.ticks
        else:
            joined.append(sound)
            latest[sound.pitch] = sound
    notes = []
    for sound in joined:
        start, stop = grid(sound.at), grid(sound.at + sound.ticks)
        rank = ranks[sound.voice]
        notes.append(Note(start, sound.pitch, max(1, stop - start), sound.velocity, rank, sound.lyric))
    return tuple(sorted(notes))


def _rank(voice: tuple[int, str]) -> tuple[int, int, str]:
    staff, name = voice
    return staff, int(name) if name.isdecimal() and len(name) < 5 else 10_000, name


def _key(tracks: Sequence[Track], sharps: int | None) -> Key:
    """The likeliest key, of those two that have the signature where there is one."""
    pitched = [track for track in tracks if not track.drums]
    voices = [[(n.tick, n.duration, n.pitch, 0) for n in track.notes] for track in pitched]
    if sharps is None or not voices:
        return likeliest_key(note for track in pitched for note in track.notes)
    lowest = min(voices, key=lambda voice: sum(note[2] for note in voice) / len(voice))
    return signature_key([*(voice for voice in voices if voice is not lowest), lowest], sharps)
