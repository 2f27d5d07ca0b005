"""From latents of the melody VAE to a line of notes that keeps every rule given: rhythm, contour, scale, range."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from muse.errors import WishError
from muse.music.cells import STEP, Grid, free_slots
from muse.music.chain import NEVER, Floats, draw_path, draw_rhythm
from muse.music.piece import Note
from muse.music.vae import KINDS, MelodyVae
from muse.music.windows import HOLD, LOW, METERS, ONSET, PAD, PITCHES, REST, SILENT, SLOTS, STEPS

WINDOW = 16  # cells read at a time, the most the model learned from
GROUP = 4  # cells that keep their number of notes


@dataclass(frozen=True, slots=True)
class Strike:
    """A note to be given a pitch: where it stands on the grid (row · 16 + slot), and what it may be.

    Attributes:
        tick: in the piece.
        original: the pitch that stood there, always allowed; None where nothing did.
        sign: up 1, down −1 or same 0 from the note before; None where free.
    """

    place: int
    tick: int
    original: int | None = None
    sign: int | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What a new line keeps.

    Attributes:
        scale: pitch classes.
        low, high: MIDI pitches, both allowed.
        temperature: of the draw.
        last: the pitch of the last note, or None.
        welcome: (tick, pitch) → log weight added, −inf forbids; for harmony and for voices below.
    """

    scale: frozenset[int]
    low: int
    high: int
    temperature: float = 1.0
    last: int | None = None
    welcome: Callable[[int, int], float] | None = None


def windows_of(count: int) -> list[slice]:
    return [slice(first, min(first + WINDOW, count)) for first in range(0, count, WINDOW)]


def whole(array: NDArray[np.int64]) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(array))[None]


@torch.no_grad()
def encode(model: MelodyVae, grid: Grid) -> NDArray[np.float32]:
    """(N, Z): the posterior means of the cells; the meter of a window is that of its first cell."""
    found = []
    for part in windows_of(len(grid.cells)):
        meter = torch.tensor([grid.cells[part.start].meter])
        found.append(model.encode(whole(grid.kind[part]), whole(grid.pitch[part]), meter).mu[0].numpy())
    return np.concatenate(found)


@torch.no_grad()
def draw_kinds(
    model: MelodyVae,
    grid: Grid,
    z: NDArray[np.float32],
    fixed: NDArray[np.bool_],
    uniforms: Floats,
    temperature: float,
    tied: frozenset[int] = frozenset(),
    *,
    count: bool = True,
) -> NDArray[np.int64]:
    """(N, 16): a new rhythm on the cells of `grid`.

    Args:
        z: (N, Z) latents.
        fixed: (N,) cells whose rhythm stays.
        uniforms: (N, 16) in [0, 1).
        count: keep the number of notes of each four cells.
        tied: rows that begin a window with a note held over from the one before: it stays so.
    """
    free, kind = free_slots(grid), grid.kind.copy()
    for part in windows_of(len(grid.cells)):
        rows = range(part.start, part.stop)
        meter = torch.tensor([grid.cells[part.start].meter])
        features = model.rhythm_features(torch.from_numpy(z[part].astype(np.float32))[None], meter)[0]
        real = [(row, slot) for row in rows for slot in range(STEPS[METERS[grid.cells[row].meter]])]
        contexts = np.empty((len(real), 3, 3, 2), np.int64)
        contexts[..., 0], contexts[..., 1] = np.arange(3)[:, None], np.arange(3)[None, :]
        for index, (row, slot) in enumerate(real):
            padded = STEPS[METERS[grid.cells[row].meter]] < SLOTS and row > part.start
            for back in (0, 1):
                if slot <= back and (padded or row == part.start):
                    contexts[index, ..., back] = PAD if padded else KINDS
        places = torch.tensor([(row - part.start) * SLOTS + slot for row, slot in real])
        expanded = features[places][:, None, None, :].expand(-1, 3, 3, -1)
        moves = model.kind_logits(expanded, torch.from_numpy(contexts)).double().numpy() / temperature
        moves -= np.logaddexp.reduce(moves, axis=-1, keepdims=True)
        for index, (row, slot) in enumerate(real):
            if index == 0:
                moves[index, ..., HOLD] = NEVER
            moves[index, REST, :, HOLD] = NEVER
            if not free[row, slot] or fixed[row] or (index == 0 and row in tied):
                only = REST if not free[row, slot] else int(grid.kind[row, slot])
                moves[index, ..., [k for k in range(3) if k != only]] = NEVER
                moves[index, ..., only] = 0.0
        if part.stop in tied:
            moves[-1, ..., REST] = NEVER
        given = (REST, REST)
        for first in range(part.start, part.stop, GROUP):
            members = [index for index, (row, _) in enumerate(real) if first <= row < first + GROUP]
            chosen = np.array([uniforms[real[index]] for index in members])
            struck = int((grid.kind[first : min(first + GROUP, part.stop)] == ONSET).sum()) if count else None
            path = draw_rhythm(moves[members], chosen, struck, given)
            if path is None:
                raise WishError("no rhythm fits", "the bars do not hold as many notes", "lock the rhythm")
            for index, drawn in zip(members, path, strict=True):
                kind[real[index]] = drawn
            given = (path[-1], path[-2])
    return kind


@torch.no_grad()
def draw_pitches(
    model: MelodyVae,
    grid: Grid,
    kind: NDArray[np.int64],
    z: NDArray[np.float32],
    strikes: Sequence[Strike],
    rules: Rules,
    uniforms: Floats,
) -> list[int]:
    """A MIDI pitch for each strike, drawn exactly under the rules; uniforms: (n,) in [0, 1).

    Raises:
        WishError: no line keeps all rules.
    """
    if not strikes:
        return []
    features = []
    for part in windows_of(len(grid.cells)):
        meter = torch.tensor([grid.cells[part.start].meter])
        latent = torch.from_numpy(z[part].astype(np.float32))[None]
        features.append(model.pitch_features(latent, whole(kind[part]), meter)[0])
    picked = torch.cat(features)[torch.tensor([strike.place for strike in strikes])]
    before = torch.arange(PITCHES)
    last = torch.stack([before, torch.full_like(before, SILENT)], dim=-1)
    moves = np.empty((len(strikes), PITCHES, PITCHES))
    for first in range(0, len(strikes), 64):
        chunk = picked[first : first + 64]
        expanded = chunk[:, None, :].expand(-1, PITCHES, -1)
        logits = model.pitch_logits(expanded, last[None].expand(len(chunk), -1, -1))
        moves[first : first + 64] = logits.double().numpy()
    start = model.pitch_logits(picked[0], torch.tensor([SILENT, SILENT])).double().numpy()
    midi = np.arange(PITCHES) + LOW - grid.shift
    fits = np.isin(midi % 12, list(rules.scale)) & (midi >= rules.low) & (midi <= rules.high)
    step = np.sign(np.arange(PITCHES)[None, :] - np.arange(PITCHES)[:, None])
    for index, strike in enumerate(strikes):
        weight = np.where(fits, 0.0, NEVER)
        if rules.welcome is not None:
            weight = weight + np.array([rules.welcome(strike.tick, int(pitch)) for pitch in midi])
        if strike.original is not None:
            weight[midi == strike.original] = 0.0
        if index == len(strikes) - 1 and rules.last is not None:
            weight[midi != rules.last] = NEVER
            weight[midi == rules.last] = 0.0
        moves[index] = (moves[index] + weight) / rules.temperature
        if index == 0:
            start = (start + weight) / rules.temperature
        if strike.sign is not None:
            moves[index][step != strike.sign] = NEVER
    path = draw_path(start, moves[1:], uniforms)
    if path is None:
        raise WishError("no line keeps all that is locked", "range, scale and contour leave no way", "unlock one")
    return [int(midi[index]) for index in path]


def strikes_of(grid: Grid, kind: NDArray[np.int64]) -> list[Strike]:
    """The notes of a rhythm on the grid; `original` is what the grid has sounding there."""
    found = []
    for row, slot in np.argwhere(kind == ONSET).tolist():
        heard = int(grid.pitch[row, slot])
        original = None if heard == SILENT else heard + LOW - grid.shift
        found.append(Strike(row * SLOTS + slot, grid.cells[row].tick + slot * STEP, original))
    return found


def notes_of(
    grid: Grid, kind: NDArray[np.int64], pitches: Sequence[int], line: Sequence[Note], tied: frozenset[int]
) -> tuple[Note, ...]:
    """The notes of a drawn rhythm; velocity from the old note before; ties over window edges closed again."""
    found: list[Note] = []
    order = iter(pitches)
    loud = {note.tick: note.velocity for note in line}
    ticks = sorted(loud)
    open_until = -1
    for row, cell in enumerate(grid.cells):
        for slot in range(cell.steps):
            tick = cell.tick + slot * STEP
            if kind[row, slot] == ONSET:
                pitch = next(order)
                joined = row in tied and slot == 0 and bool(found) and found[-1].pitch == pitch and open_until == tick
                if not joined:
                    index = max(0, int(np.searchsorted(ticks, tick, side="right")) - 1)
                    found.append(Note(tick, pitch, 0, loud[ticks[index]] if ticks else 80))
            if kind[row, slot] in (ONSET, HOLD):
                found[-1] = Note(
                    found[-1].tick, found[-1].pitch, tick + STEP - found[-1].tick, found[-1].velocity
                )  # fmt: skip
                open_until = tick + STEP
    return tuple(found)
