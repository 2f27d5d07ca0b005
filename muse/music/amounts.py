"""The dial of amounts: how far latents are turned for each, so that the similarity goes evenly down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from muse.music.dials import line_of
from muse.music.harmony import likeliest_key
from muse.music.latents import Drawing
from muse.music.leeway import leeway
from muse.music.line import likeness, tune_of
from muse.music.locks import Locks
from muse.music.piece import Piece, Track
from muse.music.plain import Vae
from muse.music.theory import Meter
from muse.music.windows import METERS, Bars

AMOUNTS = np.linspace(0, 1, 11)
_TURNS = np.array([0.0, 0.03, 0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0])


def turn_at(card: Mapping[str, Any], amount: float) -> float:
    """How far the latents are turned at an amount; evenly where the card of the bundle does not say."""
    return float(np.interp(amount, AMOUNTS, card.get("turns", AMOUNTS)))


def alike_at(card: Mapping[str, Any], amount: float) -> float | None:
    """The similarity that was measured at an amount, on average; None where the card does not say."""
    return float(np.interp(amount, AMOUNTS, card["alike"])) if "alike" in card else None


def calibrated(model: Vae, tunes: Sequence[Piece], each: int = 4) -> dict[str, list[float]]:
    """For a card: `turns` at 0, 0.1 … 1 that bring the similarity evenly down, and the similarity `alike` there.

    Nothing where there are no tunes.
    """
    if not tunes:
        return {}
    ways = [leeway(tune, tune_of(tune), Locks(), {}) for tune in tunes]
    found = []
    for turn in _TURNS[1:].tolist():
        drawn = [(way.tune.line, Drawing(model, way, turn, 0.0, 0).lines(range(each), 0)) for way in ways]
        found.append(float(np.mean([likeness(old, line).overall for old, lines in drawn for line in lines])))
    falling = np.minimum.accumulate([1.0, *found])
    wanted = 1 + AMOUNTS * (falling[-1] - 1)
    turns = np.interp(wanted, falling[::-1], _TURNS[::-1])
    turns[0], turns[-1] = 0.0, 1.0
    return {"turns": turns.round(4).tolist(), "alike": wanted.round(4).tolist()}


def windows_as_pieces(bars: Bars, length: int, most: int) -> list[Piece]:
    """Windows of a corpus as pieces, spread over it."""
    starts = bars.starts(length)
    starts = starts[np.linspace(0, len(starts) - 1, min(most, len(starts))).astype(np.int64)]
    kinds, pitches = (part.astype(np.int64) for part in bars.windows(starts, length))
    found = []
    for start, kind, pitch in zip(starts, kinds, pitches, strict=True):
        meter = int(bars.meter[start])
        notes = tuple(line_of(kind, pitch, meter))
        track = Track("Melody", 0, notes)
        found.append(Piece("", likeliest_key(notes), Meter.parse(METERS[meter]), 100.0, length, (track,)))
    return found
