"""Reading harmony: the likeliest key of some notes, chord names, chords under a melody or in four parts."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from muse.music.piece import Note
from muse.music.theory import QUALITIES, Key

_KRUMHANSL = {
    "major": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    "minor": (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}
_ROOTS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


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

    >>> str(likeliest_key([Note(0, 62, 12), Note(12, 65, 12), Note(24, 69, 12), Note(36, 61, 12)]))
    'D minor'
    """
    histogram = np.zeros(12)
    for note in notes:
        histogram[note.pitch % 12] += note.duration
    scores = key_scores(histogram)
    return max(scores, key=lambda key: (round(scores[key], 9), -key.tonic, key.mode))


def parse_chord(text: str) -> tuple[int, str] | None:
    """(root, quality) of a chord symbol of ours, or None.

    >>> parse_chord("F#m7b5"), parse_chord("Verse")
    ((6, 'm7b5'), None)
    """
    match = re.fullmatch(r"([A-G])([#b]?)(.*)", text.strip())
    if match is None or match[3] not in QUALITIES:
        return None
    return (_ROOTS[match[1]] + {"#": 1, "b": -1, "": 0}[match[2]]) % 12, match[3]
