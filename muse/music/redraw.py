"""From latents of the melody VAE to lines of notes that keep every rule given: rhythm, contour, scale, range.

Many lines at once: B of them on one grid, of as many notes each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from muse.errors import WishError
from muse.music.cells import STEP, Grid, free_slots, place_of, ticks_of
from muse.music.chain import NEVER, Floats, Ints, draw_path, draw_rhythm, logsumexp
from muse.music.piece import Note
from muse.music.plain import KINDS, Vae
from muse.music.windows import HOLD, LOW, METERS, ONSET, PAD, PITCHES, REST, SILENT, SLOTS, STEPS

WINDOW = 16  # cells read at a time, the most the model learned from
GROUP = 4  # cells that keep their number of notes
FREE = 2  # the sign of a step that may go anywhere
NOTHING = -1  # the original where nothing sounded
_AT_ONCE = 2048
_TILT = {"brightness": 4.0, "range": 10.0, "leaps": 3.0, "syncopation": 2.0}
"""Nats that a full turn of a dial adds: an octave up, an octave off the middle, a leap, a note off the beat."""


@dataclass(frozen=True, slots=True)
class Strikes:
    """Notes to be given a pitch, n in each of B lines; arrays (B, n) int64.

    Attributes:
        place: on the grid, row · 16 + slot.
        tick: in the piece.
        original: the pitch that stood there, always allowed; NOTHING where none did.
        sign: up 1, down −1 or same 0 from the note before; FREE where it may go anywhere.
        fixed: whether the original stays.
        order: which each was before they were put in order of time: those given first, then the new ones.
    """

    place: Ints
    tick: Ints
    original: Ints
    sign: Ints
    fixed: NDArray[np.bool_]
    order: Ints


@dataclass(frozen=True, slots=True)
class Rules:
    """What new lines keep.

    Attributes:
        scale: pitch classes.
        low, high: MIDI pitches, both allowed.
        temperature: of the draw.
        last: the pitch of the last note, or None.
        welcome: (tick, pitch) → log weight added, −inf forbids; for harmony and for voices below.
        dials: brightness, range and leaps tilt the draw towards what they measure.
    """

    scale: frozenset[int]
    low: int
    high: int
    temperature: float = 1.0
    last: int | None = None
    welcome: Callable[[int, int], float] | None = None
    dials: Mapping[str, float] = field(default_factory=dict)


def windows_of(count: int) -> list[slice]:
    return [slice(first, min(first + WINDOW, count)) for first in range(0, count, WINDOW)]


def encode(model: Vae, grid: Grid) -> Floats:
    """(N, Z): the posterior means of the cells; the meter of a window is that of its first cell."""
    return np.concatenate([
        model.encode(grid.kind[part][None], grid.pitch[part][None], grid.cells[part.start].meter)[0]
        for part in windows_of(len(grid.cells))
    ])  # fmt: skip


def draw_kinds(
    model: Vae,
    grid: Grid,
    z: Floats,
    held: NDArray[np.bool_],
    uniforms: Floats,
    temperature: float,
    tied: frozenset[int] = frozenset(),
    *,
    more: float | None = 1.0,
    syncopation: float = 0.0,
) -> Ints:
    """(B, N, 16): new rhythms on the cells of `grid`.

    Args:
        z: (B, N, Z) latents.
        held: (N, 16) slots that stay as they are on the grid.
        uniforms: (B, N, 16) in [0, 1).
        tied: rows that begin a window with a note held over from the one before: it stays so.
        more: how many notes each four cells get, times what they had; None for any number.
        syncopation: the dial; tilts the draw towards notes off the beats.

    Raises:
        WishError: no rhythm holds so many notes.
    """
    inside = free_slots(grid)
    kind = np.repeat(grid.kind[None], len(z), axis=0)
    for part in windows_of(len(grid.cells)):
        rows = range(part.start, part.stop)
        features = model.rhythm_features(z[:, part], grid.cells[part.start].meter)
        real = [(row, slot) for row in rows for slot in range(STEPS[METERS[grid.cells[row].meter]])]
        places = [(row - part.start) * SLOTS + slot for row, slot in real]
        logits = model.kind_logits(features[:, places, None, None], _contexts(grid, real, part.start))
        logits[..., ONSET] += (syncopation * _TILT["syncopation"] * _off_beat(grid, real))[:, None, None]
        logits /= temperature
        moves = logits - logsumexp(logits)[..., None]
        for index, (row, slot) in enumerate(real):
            before = real[index - 1] if index else None
            if before is None or (held[before] and not held[row, slot]):  # what is held must not last longer
                moves[:, index, ..., HOLD] = NEVER
            moves[:, index, REST, :, HOLD] = NEVER
            if not inside[row, slot] or held[row, slot] or (before is None and row in tied):
                only = int(grid.kind[row, slot]) if inside[row, slot] else REST
                moves[:, index] = NEVER
                moves[:, index, ..., only] = 0.0
        if part.stop in tied:
            moves[:, -1, ..., REST] = NEVER
        given = (np.full(len(z), REST), np.full(len(z), REST))
        for first in range(part.start, part.stop, GROUP):
            members = [index for index, (row, _) in enumerate(real) if first <= row < first + GROUP]
            at = tuple(np.array([real[index] for index in members]).T)
            struck = None if more is None else _notes(grid, held, inside, at, more)
            path = draw_rhythm(moves[:, members], uniforms[:, at[0], at[1]], struck, given)
            if path is None:
                raise WishError("no rhythm fits", "the bars do not hold as many notes", "lock the rhythm")
            kind[:, at[0], at[1]] = path
            given = (path[:, -1], path[:, -2])
    return kind


def _contexts(grid: Grid, real: Sequence[tuple[int, int]], start: int) -> Ints:
    """(T, 3, 3, 2): the last two kinds as the model knows them, for each pair there may be."""
    found = np.empty((len(real), 3, 3, 2), np.int64)
    found[..., 0], found[..., 1] = np.arange(3)[:, None], np.arange(3)[None, :]
    for index, (row, slot) in enumerate(real):
        padded = STEPS[METERS[grid.cells[row].meter]] < SLOTS and row > start
        for back in (0, 1):
            if slot <= back and (padded or row == start):
                found[index, ..., back] = PAD if padded else KINDS
    return found


def _off_beat(grid: Grid, real: Sequence[tuple[int, int]]) -> Floats:
    """(T,): 1 for slots off the beat, −1 for those on it."""
    beats = [6 if METERS[grid.cells[row].meter] == "6/8" else 4 for row, _ in real]
    return np.array([-1.0 if slot % beat == 0 else 1.0 for (_, slot), beat in zip(real, beats, strict=True)])


def _notes(grid: Grid, held: NDArray[np.bool_], inside: NDArray[np.bool_], at: tuple[Ints, ...], more: float) -> int:
    """How many notes some slots are to hold: as many as they did, times `more`, as far as there is room."""
    struck, stays = grid.kind[at] == ONSET, held[at] | ~inside[at]
    least, most = int((struck & stays).sum()), int((struck & stays).sum() + (~stays).sum())
    asked = round(int(struck.sum()) * more)
    return min(max(asked, least, min(1, most)), most) if struck.any() else asked


def draw_pitches(
    model: Vae, grid: Grid, kind: Ints, z: Floats, strikes: Strikes, rules: Rules, uniforms: Floats
) -> Ints:
    """(B, n): a MIDI pitch for each strike, drawn exactly under the rules; uniforms: (B, n) in [0, 1).

    Raises:
        WishError: no line keeps all rules.
    """
    lines, count = strikes.place.shape
    if not count:
        return np.zeros((lines, 0), np.int64)
    features = np.concatenate([
        model.pitch_features(z[:, part], kind[:, part], grid.cells[part.start].meter)
        for part in windows_of(len(grid.cells))
    ], axis=1)  # fmt: skip
    picked = np.take_along_axis(features, strikes.place[..., None], axis=1)
    midi, weight = _weights(grid, strikes, rules)
    index = midi - LOW + grid.shift
    flat = picked.reshape(lines * count, -1)
    moves = np.concatenate([
        _log_odds(model.pitch_logits(flat[first : first + _AT_ONCE], index), index)
        for first in range(0, len(flat), _AT_ONCE)
    ]).reshape(lines, count, len(midi), len(midi))  # fmt: skip
    start = _log_odds(model.pitch_logits(picked[:, 0], np.array([SILENT])), index)[:, 0]
    step = np.sign(midi[None, :] - midi[:, None])
    leaps = rules.dials.get("leaps", 0.0) * _TILT["leaps"] * (np.abs(midi[None, :] - midi[:, None]) > 2)
    moves = (moves + weight[:, :, None] + leaps) / rules.temperature
    moves[(strikes.sign[..., None, None] != FREE) & (strikes.sign[..., None, None] != step)] = NEVER
    path = draw_path((start + weight[:, 0]) / rules.temperature, moves[:, 1:], uniforms)
    if path is None:
        raise WishError("no line keeps all that is locked", "range, scale and contour leave no way", "unlock one")
    return midi[path]


def _log_odds(logits: Floats, index: Ints) -> Floats:
    return (logits - logsumexp(logits)[..., None])[..., index]


def _weights(grid: Grid, strikes: Strikes, rules: Rules) -> tuple[Ints, Floats]:
    """(A,) the MIDI pitches that a line may take, and (B, n, A) what the rules add to each at each strike."""
    low, high = LOW - grid.shift, LOW - grid.shift + PITCHES - 1
    original = np.where(strikes.original == NOTHING, NOTHING, np.clip(strikes.original, low, high))
    every = np.arange(low, high + 1)
    fits = np.isin(every % 12, list(rules.scale)) & (every >= rules.low) & (every <= rules.high)
    midi = every[fits | np.isin(every, original) | (every == rules.last)]
    height = (midi - (rules.low + rules.high) / 2) / 12
    upward, outward = (rules.dials.get(name, 0.0) * _TILT[name] for name in ("brightness", "range"))
    tilt = upward * height + outward * np.abs(height)
    free = np.where(fits[midi - low], 0.0, NEVER)
    ticks, which = np.unique(strikes.tick, return_inverse=True)
    table = np.repeat(free[None], len(ticks), axis=0)
    if rules.welcome is not None:
        for row, tick in enumerate(ticks.tolist()):
            table[row] += [rules.welcome(tick, pitch) for pitch in midi.tolist()]
    weight = table[which.reshape(strikes.tick.shape)]
    stood = original[..., None] == midi
    weight[stood] = 0.0
    weight += tilt
    weight[strikes.fixed[..., None] & ~stood] = NEVER
    if rules.last is not None:
        weight[:, -1] = np.where(midi == rules.last, 0.0, NEVER)
    return midi, weight


def strikes_on(
    grid: Grid, kind: Ints, mine: NDArray[np.bool_], given: Sequence[Note], fixed: NDArray[np.bool_]
) -> Strikes:
    """The notes struck in the slots `mine` (N, 16) of rhythms (B, N, 16), as many in each, and those given besides.

    fixed: which of those given keep their pitch.
    """
    lines = len(kind)
    new = np.nonzero(((kind == ONSET) & mine).reshape(lines, -1))[1].reshape(lines, -1)
    heard = grid.pitch.reshape(-1)[new]
    stood = [place_of(grid, note.tick) for note in given], [n.tick for n in given], [n.pitch for n in given], fixed
    fresh = new, ticks_of(grid).reshape(-1)[new], np.where(heard == SILENT, NOTHING, heard + LOW - grid.shift)
    wide = [np.broadcast_to(np.array(values, np.int64), (lines, len(given))) for values in stood]
    place, tick, original, stays = (
        np.concatenate([a, b], axis=1) for a, b in zip(wide, (*fresh, np.zeros_like(new)), strict=True)
    )
    order = np.argsort(tick, axis=1, kind="stable")
    place, tick, original, stays = (np.take_along_axis(a, order, axis=1) for a in (place, tick, original, stays))
    return Strikes(place, tick, original, np.full_like(tick, FREE), stays.astype(bool), order)


def notes_of(
    grid: Grid, kind: Ints, mine: NDArray[np.bool_], pitches: Sequence[int], line: Sequence[Note], tied: frozenset[int]
) -> list[Note]:
    """The notes struck in the slots `mine` (N, 16) of a rhythm (N, 16); ties over window edges closed again.

    Velocity is that of the old note before.
    """
    found: list[Note] = []
    order = iter(pitches)
    ticks = [note.tick for note in line]
    open_until = -1
    for row, cell in enumerate(grid.cells):
        for slot in range(cell.steps):
            tick = cell.tick + slot * STEP
            if not mine[row, slot]:
                continue
            if kind[row, slot] == ONSET:
                pitch = next(order)
                joined = row in tied and slot == 0 and bool(found) and found[-1].pitch == pitch and open_until == tick
                if not joined:
                    index = max(0, int(np.searchsorted(ticks, tick, side="right")) - 1)
                    found.append(Note(tick, pitch, 0, line[index].velocity))
            if kind[row, slot] in (ONSET, HOLD):
                last = found[-1]
                found[-1] = Note(last.tick, last.pitch, tick + STEP - last.tick, last.velocity)
                open_until = tick + STEP
    return found
