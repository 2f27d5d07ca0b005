"""Tunes for settings without a model: random walks on a scale that keep to what the setting asks."""

from __future__ import annotations

import numpy as np

from muse.music.notes import Note, Track
from muse.music.piece import Piece
from muse.music.sing import Setting
from muse.music.theory import Key

LEAP = 4


def walk(setting: Setting, seed: int = 0, *, obeys: bool = True, key: str = "C major") -> Piece:
    """A tune in the rhythm of a setting; with `obeys`, one that keeps its steps and its repeats.

    It looks one note ahead; where it still runs into a wall, it begins again.
    """
    named, draw = Key.parse(key), np.random.default_rng(seed)
    scale = [pitch for pitch in range(60, 80) if pitch % 12 in named.scale]
    for _ in range(400):
        places = _walked(setting, len(scale), draw, obeys)
        if places:
            break
    notes = tuple(
        Note(tick, scale[at], long) for (tick, long), at in zip(setting.rhythm, places, strict=True)
    )  # fmt: skip
    return Piece("Song", named, setting.meter, 90.0, setting.bars, (Track("Melody", 73, notes),), setting.pickup)


def _walked(setting: Setting, size: int, draw: np.random.Generator, obeys: bool) -> list[int]:
    places: list[int] = []
    for note in range(len(setting.rhythm)):
        ways = setting.steps[note - 1] if obeys and note else {-1, 0, 1}
        able = [at for at in range(size) if not places or abs(at - places[-1]) <= LEAP]
        if obeys and note in setting.repeats:
            able = [places[setting.repeats[note]]]
        if obeys and note + 1 in setting.repeats and setting.repeats[note + 1] < note:
            goal = places[setting.repeats[note + 1]]
            able = [at for at in able if _sign(goal - at) in setting.steps[note]]
        able = [at for at in able if not places or _sign(at - places[-1]) in ways]
        if not able:
            return []
        places.append(int(draw.choice(able)))
    return places


def _sign(step: int) -> int:
    return (step > 0) - (step < 0)
