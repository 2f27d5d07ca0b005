"""Dials: directions in the latent space along which a tune gets denser, wider, more syncopated, more leaping, brighter.

Source: attribute vectors of Roberts et al. 2018, section 5.4; here all five are fitted together by least squares, so
that each moves its attribute while the others stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from muse.dials import dials_of
from muse.music.cells import STEP
from muse.music.piece import Note
from muse.music.plain import Floats, Vae
from muse.music.theory import Meter
from muse.music.windows import HOLD, LOW, METERS, ONSET, STEPS, Bars

DIALS: Mapping[str, str] = {
    "density": "notes a bar", "range": "semitones", "syncopation": "a note", "leaps": "of the steps",
    "brightness": "MIDI pitch on average",
}  # fmt: skip
"""Name → the unit in which it is measured."""
RHYTHMIC = ("density", "syncopation")
_WINDOW = 4  # bars


def attributes(line: Sequence[Note], meter: Meter, pickup: int = 0) -> dict[str, float]:
    """What the dials move, measured: notes a bar, semitones from lowest to highest, syncopation of a note, share of
    steps wider than a second, mean pitch by duration.

    Source: Longuet-Higgins and Lee 1984 for syncopation: a note that sounds on, or leaves silence, over a place
    stronger than its own, by how many levels (bar, half bar, beat, eighth, sixteenth).
    """
    ticks = np.array([note.tick for note in line])
    pitch = np.array([note.pitch for note in line])
    length = np.array([note.duration for note in line])
    steps = np.abs(np.diff(pitch))
    bars = max(1, -(-(int(ticks[-1]) + int(length[-1]) - pickup) // meter.bar))
    return {
        "density": len(line) / bars,
        "range": float(pitch.max() - pitch.min()),
        "syncopation": float(_syncopation(ticks - pickup, meter)),
        "leaps": float((steps > 2).mean()) if len(steps) else 0.0,
        "brightness": float((pitch * length).sum() / length.sum()),
    }


def _syncopation(ticks: NDArray[np.int64], meter: Meter) -> float:
    place = np.arange(int(ticks.min()) // STEP, int(ticks.max()) // STEP + 2) * STEP
    levels = (meter.bar, meter.half, meter.pulse, 2 * STEP)
    strength = sum((place % level == 0).astype(np.int64) for level in levels)
    strength[place % meter.bar == 0] = len(levels)
    at = ticks // STEP - place[0] // STEP
    passed = [strength[a + 1 : b].max(initial=0) for a, b in pairwise(at.tolist())]
    return float(np.maximum(np.array(passed, np.int64) - strength[at[:-1]], 0).sum() / len(ticks))


def read_dials(dials: Mapping[str, float] | Sequence[str]) -> dict[str, float]:
    """Dials from {"density": 0.5} or ["density=+0.5"].

    Raises:
        UsageError: an unknown dial, or a value outside [−1, 1].
    """
    return dials_of(dials, DIALS)


def directions(model: Vae, bars: Bars, most: int = 4096) -> Floats:
    """(5, Z), of length 1: which way a bar's latents move with each attribute, the others held.

    Args:
        bars: of the training part; `most` windows of four bars, or fewer, spread over them, are read.
    """
    length = next((length for length in (_WINDOW, 2, 1) if len(bars.starts(length))), 1)
    starts = bars.starts(length)
    starts = starts[np.linspace(0, len(starts) - 1, min(most, len(starts))).astype(np.int64)]
    heard, found, meters = [], [], []
    for meter in range(len(METERS)):
        mine = starts[bars.meter[starts] == meter]
        for first in range(0, len(mine), 128):
            kind, pitch = (part.astype(np.int64) for part in bars.windows(mine[first : first + 128], length))
            found.append(model.encode(kind, pitch, meter).mean(axis=1))
            lines = [line_of(kind[row], pitch[row], meter) for row in range(len(kind))]
            heard += [list(attributes(line, Meter.parse(METERS[meter])).values()) for line in lines]
            meters += [meter] * len(lines)
    measured = np.array(heard)
    scaled = (measured - measured.mean(0)) / np.maximum(measured.std(0), 1e-6)
    entry = np.concatenate([scaled, np.eye(len(METERS))[meters]], axis=1)
    fitted = np.linalg.lstsq(entry, np.concatenate(found), rcond=None)[0][: len(DIALS)]
    along: Floats = fitted / np.maximum(np.linalg.norm(fitted, axis=1, keepdims=True), 1e-9)
    return along


def line_of(kind: NDArray[np.int64], pitch: NDArray[np.int64], meter: int) -> list[Note]:
    """The notes of a window; kind, pitch: (N, 16)."""
    used = STEPS[METERS[meter]]
    notes: list[Note] = []
    flat = zip(kind[:, :used].ravel().tolist(), pitch[:, :used].ravel().tolist(), strict=True)
    for slot, (what, height) in enumerate(flat):
        if what == ONSET:
            notes.append(Note(slot * STEP, height + LOW, STEP))
        elif what == HOLD:
            notes[-1] = Note(notes[-1].tick, notes[-1].pitch, notes[-1].duration + STEP)
    return notes
