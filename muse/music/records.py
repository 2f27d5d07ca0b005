"""A draft with its origin, and what can be told from its notes: key, density, energy, register."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from muse.music import harmony
from muse.music.events import LINES, Draft, shift
from muse.music.piece import Note
from muse.music.theory import BEAT, Key
from muse.music.vocabulary import WINDOWS

Voice = tuple[tuple[int, int, int, int], ...]

EDGES = {
    "density": (0.6, 1.0, 1.5, 2.2),
    "energy": (1.6, 2.1, 2.7, 3.5),
    "valence": (-0.4, -0.1, 0.1, 0.4),
    "register": (62.0, 66.0, 70.0, 74.0),
    "tempo": (66.0, 92.0, 116.0, 144.0),
}
"""Edges of the bins of the header's slots; see `measured`."""


@dataclass(frozen=True, slots=True)
class Record:
    """A draft and where it is from.

    Attributes:
        corpus: folder name in corpora/.
        group: what stays on one side of every split.
        bars_known: False for the chorales of JSB, whose bar lines and meter their file does not hold.
    """

    draft: Draft
    corpus: str
    title: str = ""
    group: str = ""
    bars_known: bool = True


def lead(record: Record) -> Record:
    """The record as melody with chords: read from four parts, found by rule under a single line."""
    draft = record.draft
    if draft.task == "satb":
        chords = harmony.read_chords(draft.voices, draft.meter, draft.pickup, draft.length)
    else:
        chords = harmony.harmonise(draft.voices[0], draft.key, draft.meter, draft.pickup, draft.length)
    return replace(record, draft=replace(draft, task="lead", voices=(draft.voices[0],), chords=chords))


def tune(record: Record) -> Record:
    """The top voice alone."""
    draft = record.draft
    return replace(record, draft=replace(draft, task="melody", voices=(draft.voices[0],), chords=()))


def skyline(notes: Sequence[Note]) -> Voice:
    """One line out of a track: of notes that sound together the highest, cut where the next begins."""
    tops: dict[int, Note] = {}
    for note in notes:
        if note.tick not in tops or note.pitch > tops[note.tick].pitch:
            tops[note.tick] = note
    ordered = [tops[tick] for tick in sorted(tops)]
    ends = [note.tick for note in ordered[1:]] + [1 << 30]
    return tuple(
        (n.tick, min(n.end, end) - n.tick, n.pitch, min(7, n.velocity // 16))
        for n, end in zip(ordered, ends, strict=True)
    )


def measured(draft: Draft, tempo: float | None = None) -> Draft:
    """The draft with the header slots that its notes say.

    density: onsets of the top voice a quarter. energy: its mean step in semitones. valence: how much better the major
    profile on the tonic fits than the minor one. register: its mean pitch after the move to C. tempo: if given.
    """
    top = draft.voices[0]
    if not top:
        return draft
    pitches = np.array([pitch for _, _, pitch, _ in top]) + shift(draft.key)
    histogram = np.zeros(12)
    for voice in draft.voices:
        for _, duration, pitch, _ in voice:
            histogram[pitch % 12] += duration
    scores = harmony.key_scores(histogram)
    values = {
        "density": len(top) * BEAT / max(1, draft.length),
        "energy": float(np.abs(np.diff(pitches)).mean()) if len(pitches) > 1 else 0.0,
        "valence": scores[Key(draft.key.tonic, "major")] - scores[Key(draft.key.tonic, "minor")],
        "register": float(pitches.mean()),
    }
    if tempo is not None:
        values["tempo"] = tempo
    said = {slot: value for slot, value in draft.header if slot not in values}
    said |= {slot: str(level(slot, value)) for slot, value in values.items()}
    order = ("style", "tempo", "density", "energy", "valence", "register")
    return replace(draft, header=tuple((slot, said[slot]) for slot in order if slot in said))


def level(slot: str, value: float) -> int:
    """The bin, 0 to 4, of a header slot's value."""
    return int(np.searchsorted(EDGES[slot], value, side="right"))


def fits(draft: Draft) -> bool:
    move = shift(draft.key)
    return draft.length > draft.pickup and all(
        WINDOWS[line][0] <= pitch + move <= WINDOWS[line][1]
        for line, voice in zip(LINES[draft.task], draft.voices, strict=True)
        for _, _, pitch, _ in voice
    )


def signature_key(voices: Sequence[Sequence[tuple[int, int, int, int]]], sharps: int | None) -> Key:
    """The major or minor key of a signature that fits the notes better, a last note on the tonic counting for it."""
    histogram = np.zeros(12)
    for voice in voices:
        for _, duration, pitch, _ in voice:
            histogram[pitch % 12] += duration
    scores = harmony.key_scores(histogram)
    last = voices[-1][-1][2] % 12 if voices[-1] else 0
    if sharps is not None:
        major = sharps * 7 % 12
        scores = {key: scores[key] for key in (Key(major, "major"), Key((major + 9) % 12, "minor"))}
    return max(scores, key=lambda key: (round(scores[key] + 0.3 * (key.tonic == last), 9), -key.tonic))


def mode_on(voices: Sequence[Sequence[tuple[int, int, int, int]]], tonic: int) -> Key:
    histogram = np.zeros(12)
    for voice in voices:
        for _, duration, pitch, _ in voice:
            histogram[pitch % 12] += duration
    scores = harmony.key_scores(histogram)
    major, minor = Key(tonic, "major"), Key(tonic, "minor")
    return major if scores[major] >= scores[minor] else minor
