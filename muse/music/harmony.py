"""Reading harmony: the likeliest key of some notes, chords under a melody or in four parts."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from muse.music.theory import QUALITIES, Chord, Key, Meter

if TYPE_CHECKING:
    from muse.music.piece import Note

_KRUMHANSL = {
    "major": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    "minor": (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}


def key_scores(histogram: np.ndarray) -> dict[Key, float]:
    """Correlation of a pitch-class histogram with each key's profile.

    Source: Krumhansl and Schmuckler, in Krumhansl 1990, "Cognitive Foundations of Musical Pitch", table 2.1.
    """
    scores = {}
    centred = histogram - histogram.mean()
    size = float(np.linalg.norm(centred)) or 1.0
    for mode, profile in _KRUMHANSL.items():
        shape = np.array(profile) - np.mean(profile)
        shape /= np.linalg.norm(shape)
        for tonic in range(12):
            key = Key(tonic, "minor" if mode == "minor" else "major")
            scores[key] = float(centred @ np.roll(shape, tonic)) / size
    return scores


def likeliest_key(notes: Iterable[Note]) -> Key:
    """The key whose profile fits the notes best, weighted by duration.

    >>> from muse.music.piece import Note
    >>> str(likeliest_key([Note(0, 62, 12), Note(12, 65, 12), Note(24, 69, 12), Note(36, 61, 12)]))
    'D minor'
    """
    histogram = np.zeros(12)
    for note in notes:
        histogram[note.pitch % 12] += note.duration
    scores = key_scores(histogram)
    return max(scores, key=lambda key: (round(scores[key], 9), -key.tonic, key.mode))


def slots(meter: Meter) -> tuple[int, ...]:
    """Where chords may change inside a bar: its beginning, and its half where a bar is long enough for two."""
    return (0, meter.half) if meter.bar >= 36 and 0 < meter.half < meter.bar else (0,)


def slot_starts(meter: Meter, pickup: int, length: int) -> list[int]:
    """Ticks of all chord slots of a piece, the first at 0."""
    starts = {0}
    for line in range(pickup, length, meter.bar):
        starts |= {line + slot for slot in slots(meter) if line + slot < length}
    return sorted(starts)


_READ = ("", "m", "dim", "7", "m7", "maj7", "m7b5")
_SHAPES = np.array(
    [[1.0 if (pc - root) % 12 in QUALITIES[q] else 0.0 for pc in range(12)] for root in range(12) for q in _READ]
)
_SIZES = _SHAPES.sum(1)
_PRIOR = np.array([{"": 0.0, "m": 0.0, "7": -0.05, "dim": -0.12}.get(q, -0.1) for _ in range(12) for q in _READ])


def read_chords(
    voices: Sequence[Sequence[tuple[int, int, int, int]]], meter: Meter, pickup: int, length: int
) -> tuple[Chord, ...]:
    """The chords that sound in four parts, one a slot, repeats left out.

    A slot's chord is the one that holds most of the sounding time, less what it holds beside the chord and what
    it lacks; a bass note that is its root counts for it.
    """
    starts = slot_starts(meter, pickup, length)
    weights = np.zeros((len(starts), 12))
    bass = np.zeros((len(starts), 12))
    ends = [*starts[1:], length]
    for index, voice in enumerate(voices):
        for tick, duration, pitch, _ in voice:
            for slot in range(bisect_right(starts, tick) - 1, len(starts)):
                share = min(tick + duration, ends[slot]) - max(tick, starts[slot])
                if share <= 0:
                    break
                weights[slot, pitch % 12] += share * (1.5 if tick <= starts[slot] else 1.0)
                if index == len(voices) - 1:
                    bass[slot, pitch % 12] += share
    chords: list[Chord] = []
    for slot, start in enumerate(starts):
        total = weights[slot].sum()
        if not total:
            continue
        inside = _SHAPES @ weights[slot] / total
        lacking = (_SHAPES * (weights[slot] == 0)).sum(1) / _SIZES
        roots = np.repeat(bass[slot] / max(1.0, bass[slot].sum()), len(_READ))
        best = int(np.argmax(np.round(inside - 0.4 * lacking + 0.15 * roots + _PRIOR, 9)))
        chord = Chord(start, best // len(_READ), _READ[best % len(_READ)])
        if not chords or (chord.root, chord.quality) != (chords[-1].root, chords[-1].quality):
            chords.append(chord)
    return tuple(chords)


_MAJOR_STEPS = ((0, ""), (2, "m"), (4, "m"), (5, ""), (7, ""), (7, "7"), (9, "m"), (2, "m7"))
_MINOR_STEPS = ((0, "m"), (2, "m7b5"), (3, ""), (5, "m"), (7, ""), (7, "7"), (8, ""), (10, ""))
_MOVES = {  # how welcome a step from one function to another is, in the units of note overlap
    "T": {"T": -0.10, "S": 0.12, "D": 0.10}, "S": {"T": 0.0, "S": -0.05, "D": 0.20},
    "D": {"T": 0.25, "S": -0.20, "D": 0.0},
}  # fmt: skip
_FUNCTION = {0: "T", 2: "S", 3: "T", 4: "T", 5: "S", 7: "D", 8: "T", 9: "T", 10: "D"}
_RARE = {2: 0.05, 3: 0.06, 4: 0.15, 10: 0.08}


def harmonise(
    voice: Sequence[tuple[int, int, int, int]], key: Key, meter: Meter, pickup: int, length: int
) -> tuple[Chord, ...]:
    """Diatonic chords under a melody: the path of least cost by Viterbi's algorithm.

    Each slot (half a bar, a bar where bars are short) takes a triad or a dominant seventh of the key. A chord gains
    the share of the slot's melody that it holds, notes on the slot's beginning counting double; steps between tonic,
    subdominant and dominant cost or gain by a small table; the piece begins and ends on the tonic where the melody
    allows. A pickup has no chord.
    """
    starts = [start for start in slot_starts(meter, pickup, length) if start >= pickup]
    steps = _MINOR_STEPS if key.mode == "minor" else _MAJOR_STEPS
    chords = [Chord(0, (key.tonic + step) % 12, quality) for step, quality in steps]
    gains = np.zeros((len(starts), len(chords)))
    ends = [*starts[1:], length]
    for slot, (start, end) in enumerate(zip(starts, ends, strict=True)):
        weights = np.zeros(12)
        for tick, duration, pitch, _ in voice:
            share = min(tick + duration, end) - max(tick, start)
            if share > 0:
                weights[pitch % 12] += share * (2.0 if tick <= start < tick + duration else 1.0)
        total = weights.sum() or 1.0
        for index, chord in enumerate(chords):
            held = sum(weights[pc] for pc in chord.pitch_classes) / total
            gains[slot, index] = 1.6 * held - _RARE.get(steps[index][0], 0.0) - 0.04 * (chord.quality not in ("", "m"))
    gains[0] += np.array([0.4 if step == 0 else 0.0 for step, _ in steps])
    gains[-1] += np.array([1.0 if step == 0 else 0.0 for step, _ in steps])
    moves = np.array(
        [[_MOVES[_FUNCTION[a]][_FUNCTION[b]] + (0.05 if (a, p) == (b, q) else 0.0) for b, q in steps] for a, p in steps]
    )
    best, back = gains[0], []
    for slot in range(1, len(starts)):
        total_gain = best[:, None] + moves
        back.append(total_gain.argmax(0))
        best = total_gain.max(0) + gains[slot]
    path = [int(best.argmax())]
    for step_back in reversed(back):
        path.append(int(step_back[path[-1]]))
    found: list[Chord] = []
    for start, index in zip(starts, reversed(path), strict=True):
        chord = Chord(start, chords[index].root, chords[index].quality)
        if not found or (chord.root, chord.quality) != (found[-1].root, found[-1].quality):
            found.append(chord)
    return tuple(found)
