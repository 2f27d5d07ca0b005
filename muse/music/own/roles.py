"""What a piece is to the composer: four voices, a tune with chords, or a tune alone; its key and meter found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from muse.music.events import LINES, USUAL, Draft
from muse.music.own.found import Found, Ints, Track
from muse.music.records import Record, Voice, fits, measured, signature_key
from muse.music.theory import BEAT, Chord, Key, Meter
from muse.music.vocabulary import LONGEST_BAR, METERS, WINDOWS

LEAST = 16
"""Notes of a tune; fewer teach nothing."""
CORPUS = "own"
_ALONE = 0.05
"""Share of its notes that may sound into the next one, or with another, in a part that is one voice."""
_TUNE = ("melod", "lead", "vocal", "voice", "sopran", "sing", "cant", "solo", "tune", "violin", "flute")
_PERFORMED = 0.1
"""Share of notes off the grid from which on a track is taken for played, not written."""
_SIXTEENTH, _TRIPLET = BEAT // 4, BEAT // 3
_NAMED = ("4/4", "3/4", "6/8")
"""Meters that are looked for where a file names none."""


def record_of(found: Found) -> Record | str:
    """The record of a piece, or why it is none."""
    pitched = [track for track in found.tracks if not track.drums and len(track.notes)]
    if not pitched:
        return "it has no pitched notes"
    meter = found.meter
    if meter is None or meter.bar <= BEAT:  # bars of a beat say nothing
        meter = meter_of(pitched)
    if str(meter) not in METERS or meter.bar > LONGEST_BAR:
        return f"the meter {meter} is none that the composer knows"
    if not 0 <= found.pickup < meter.bar:
        return "its pickup is longer than a bar"
    draft = _satb(found, pitched, meter) or _tune(found, pitched, meter)
    if isinstance(draft, str):
        return draft
    return Record(measured(draft, found.tempo), CORPUS, found.title, found.group)


def _satb(found: Found, pitched: Sequence[Track], meter: Meter) -> Draft | None:
    """Four parts of one voice each, the highest first, in the ranges of singers."""
    if len(pitched) != 4 or not all(alone(track.notes) and len(track.notes) >= LEAST // 2 for track in pitched):
        return None
    tracks = sorted(pitched, key=lambda track: -float(np.average(track.notes[:, 2], weights=track.notes[:, 1])))
    if min(len(track.notes) for track in tracks) * 6 < max(len(track.notes) for track in tracks):
        return None
    voices = tuple(line(steady(track.notes)) for track in tracks)
    key = found.key or key_of(voices)
    draft = Draft("satb", key, meter, voices, found.length, found.pickup, (), (("style", "hymn"),))
    return draft if fits(draft) else None


def _tune(found: Found, pitched: Sequence[Track], meter: Meter) -> Draft | str:
    """The tune: the top line of the track that carries it, with the chords that the file names."""
    voice = line(steady(melody_of(pitched).notes))
    if len(voice) < LEAST:
        return f"its tune has {len(voice)} notes, and {LEAST} are learned from"
    if len({pitch for _, _, pitch, _ in voice}) < 4:
        return "its tune has fewer than four pitches"
    key = found.key or key_of([line(track.notes) for track in pitched])
    chords = tuple(chord for chord in _alike(found.chords) if chord.tick < found.length)
    task = "lead" if len(chords) > 1 else "melody"
    style = (("style", "song" if task == "lead" or len(pitched) == 1 else "instrumental"),)
    draft = Draft(task, key, meter, (voice,), found.length, found.pickup, chords if task == "lead" else (), style)
    return _in_range(draft)


def _in_range(draft: Draft) -> Draft | str:
    """The tune moved by octaves to the height of tunes."""
    mean = float(np.mean([pitch for _, _, pitch, _ in draft.voices[0]]))
    octaves = 12 * round((68 - mean) / 12)
    for up in (octaves, octaves + 12, octaves - 12):
        voice = tuple((tick, length, pitch + up, loud) for tick, length, pitch, loud in draft.voices[0])
        moved = replace(draft, voices=(voice,))
        if fits(moved):
            return moved
    low, high = WINDOWS[LINES[draft.task][0]]
    return f"its tune spans more than the {high - low} semitones of the composer"


def _alike(chords: Sequence[Chord]) -> list[Chord]:
    """Chords as the model knows them: without bass and colour, none like the one before."""
    found: list[Chord] = []
    for chord in chords:
        if not found or (found[-1].root, found[-1].quality) != (chord.root, chord.quality):
            found.append(Chord(chord.tick, chord.root, chord.quality))
    return found


def alone(notes: Ints) -> bool:
    """Whether a track is one voice: hardly a note sounds with another."""
    over = notes[1:, 0] < notes[:-1, 0] + notes[:-1, 1] - 1
    return bool(over.sum() <= _ALONE * len(notes))


def melody_of(tracks: Sequence[Track]) -> Track:
    """The track that carries the tune: by its name, else the highest of those that sing.

    A track sings where it is (nearly) one voice and has as many notes as others; without any, the highest of all.
    """
    for word in _TUNE:
        for track in tracks:
            if word in track.name.lower() and len(track.notes) >= LEAST:
                return track
    most = max(len(track.notes) for track in tracks)
    singing = [track for track in tracks if 4 * len(track.notes) >= most and alone(track.notes)]
    return max(singing or tracks, key=lambda track: float(np.median(track.notes[:, 2])))


def steady(notes: Ints) -> Ints:
    """The notes of a performance on the nearest sixteenths; what was written lies on the grid already."""
    stray = (notes[:, 0] % _SIXTEENTH != 0) & (notes[:, 0] % _TRIPLET != 0)
    if stray.mean() <= _PERFORMED:
        return notes
    begins, ends = ((at + 1) // _SIXTEENTH * _SIXTEENTH for at in (notes[:, 0], notes[:, 0] + notes[:, 1]))
    found = np.stack([begins, np.maximum(ends - begins, _SIXTEENTH), notes[:, 2]], axis=1)
    return found[np.lexsort((found[:, 2], found[:, 0]))]


def line(notes: Ints) -> Voice:
    """The highest note at every moment where one begins, cut where the next begins."""
    last = np.append(notes[1:, 0] != notes[:-1, 0], True)
    tops = notes[last]
    ends = np.append(tops[1:, 0], np.int64(1) << 40)
    lengths = np.minimum(tops[:, 1], ends - tops[:, 0])
    rows = zip(tops[:, 0].tolist(), lengths.tolist(), tops[:, 2].tolist(), strict=True)
    return tuple((tick, length, pitch, USUAL) for tick, length, pitch in rows)


def key_of(voices: Sequence[Voice]) -> Key:
    """The key that the notes of all voices suggest; the last of the lowest one counts for its tonic."""
    return signature_key(sorted(voices, key=lambda voice: -sum(note[2] for note in voice) / len(voice)), None)


def meter_of(tracks: Sequence[Track]) -> Meter:
    """The likeliest of three meters: the one on whose bar lines and beats most and longest notes begin."""
    notes = np.concatenate([track.notes for track in tracks])
    weights = np.minimum(notes[:, 1], 4 * BEAT).astype(float)
    best, found = -np.inf, Meter(4, 4)
    for name in _NAMED:
        meter = Meter.parse(name)
        on_bar = weights[notes[:, 0] % meter.bar == 0].sum() / weights.sum() * (meter.bar / BEAT)
        on_beat = weights[notes[:, 0] % meter.pulse == 0].sum() / weights.sum() * (meter.pulse / BEAT)
        worth = on_bar + 0.5 * on_beat
        if worth > best + 1e-9:
            best, found = worth, meter
    return found
