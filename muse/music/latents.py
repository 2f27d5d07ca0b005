"""From a tune's latents, turned towards noise and moved along dials, to new tunes; many at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from muse.music.cells import Grid
from muse.music.chain import Floats
from muse.music.leeway import Leeway
from muse.music.piece import Note
from muse.music.plain import Vae
from muse.music.redraw import draw_kinds, draw_pitches, encode
from muse.music.windows import SLOTS
from muse.seed import stream

_AT_ONCE = 4096  # notes


class Drawing:
    """New tunes for one.

    Args:
        turn: how far the latents are turned towards noise, from 0, not at all, to 1, a right angle.
        push: (Z,) added to the latents of every bar that may change.
    """

    def __init__(self, model: Vae, way: Leeway, turn: float, push: Floats | float, seed: int) -> None:
        self.model, self.way, self.turn, self.push, self.seed = model, way, turn, push, seed
        self.mu, self.alike = encode(model, way.grid), _alike(way.grid)

    def lines(self, indices: Sequence[int], attempt: int) -> list[tuple[Note, ...]]:
        """A new line for each index; the same one for the same index and attempt."""
        size = max(1, _AT_ONCE // max(1, len(self.way.tune.line)))
        parts = [indices[first : first + size] for first in range(0, len(indices), size)]
        return [line for part in parts for line in self._lines(part, attempt)]

    def _lines(self, indices: Sequence[int], attempt: int) -> list[tuple[Note, ...]]:
        way = self.way
        eps = np.stack([_noise(self.mu.shape, self.alike, self.seed, index, attempt) for index in indices])
        dice = np.stack([_dice(self.alike, self.seed, index, attempt) for index in indices])
        moved = turned(self.mu, eps, self.turn, self.model.rhythm) + self.push
        z = np.where(way.still[:, None], self.mu, moved)
        temperature = 0.25 + 0.75 * self.turn
        kind = np.repeat(way.grid.kind[None], len(z), axis=0)
        if not way.held.all():
            kind = draw_kinds(
                self.model, way.grid, z, way.held, dice[:, 0], temperature, way.tied,
                more=way.more, syncopation=way.syncopation,
            )  # fmt: skip
        strikes = way.strikes(kind)
        chances = np.take_along_axis(dice[:, 1].reshape(len(z), -1), strikes.place, axis=1)
        rules = replace(way.rules, temperature=temperature)
        pitches = draw_pitches(self.model, way.grid, kind, z, strikes, rules, chances)
        return [way.line(kind[row], strikes, row, pitches[row]) for row in range(len(z))]


def turned(mu: Floats, eps: Floats, turn: float, rhythm: int) -> Floats:
    """Latents turned towards noise: as far from the origin as before, on the whole; the first `rhythm` are rhythm.

    Rhythm turns by `turn` of a right angle, pitch by its root, since a rhythm is sooner another one than a line is.
    """
    angle = np.full(mu.shape[-1], math.sqrt(turn) * math.pi / 2)
    angle[:rhythm] = turn * math.pi / 2
    found: Floats = np.cos(angle) * mu + np.sin(angle) * eps
    return found


def _noise(shape: tuple[int, ...], alike: Sequence[int], seed: int, index: int, attempt: int) -> Floats:
    """(N, Z) unit noise: half common to all bars, half a bar's own; equal bars get equal noise."""
    common = stream(seed, "vary", index, attempt, "common").standard_normal(shape[1])
    own = {bar: stream(seed, "vary", index, attempt, "bar", bar).standard_normal(shape[1]) for bar in set(alike)}
    return np.stack([(common + own[bar]) / math.sqrt(2) for bar in alike])


def _dice(alike: Sequence[int], seed: int, index: int, attempt: int) -> Floats:
    """(2, N, 16) uniforms for kinds and pitches; equal bars get equal ones."""
    own = {bar: stream(seed, "dice", index, attempt, bar).random((2, SLOTS)) for bar in set(alike)}
    return np.stack([own[bar] for bar in alike], axis=1)


def _alike(grid: Grid) -> list[int]:
    """For each cell the first cell that looks the same."""
    first: dict[bytes, int] = {}
    looks = [grid.kind[row].tobytes() + grid.pitch[row].tobytes() for row in range(len(grid.cells))]
    return [first.setdefault(look, row) for row, look in enumerate(looks)]
