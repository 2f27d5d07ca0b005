"""Variations of a piece's melody, and paths between two melodies, in the latent space of the melody VAE."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from muse.bundle import Bundle
from muse.errors import InputError, UsageError, did_you_mean
from muse.music.blend import blend
from muse.music.cells import STEP, Grid, cells_of, gridded, harmony_at, melody_line, off_grid, parts
from muse.music.chain import NEVER
from muse.music.piece import Note, Piece
from muse.music.reconstruct import restore
from muse.music.redraw import WINDOW, Rules, Strike, draw_kinds, draw_pitches, encode, notes_of, strikes_of
from muse.music.vae import MelodyVae
from muse.music.windows import SLOTS
from muse.seed import stream
from muse.terms import Promise, Report
from muse.work import Recipe

__all__ = ["LOCKS", "Likeness", "blend", "contour", "likeness", "vary"]
LOCKS = ("rhythm", "contour")
_TRIES = 4
_MOST_BARS = 1024


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two lines are, each in [0, 1]: slots with the same pitch sounding, shared onsets (F1), their mean."""

    pitch: float
    rhythm: float

    @property
    def overall(self) -> float:
        return (self.pitch + self.rhythm) / 2

    def __str__(self) -> str:
        return f"similarity {self.overall:.2f} (pitch {self.pitch:.2f}, rhythm {self.rhythm:.2f})"


def likeness(line: Sequence[Note], other: Sequence[Note]) -> Likeness:
    """Compare two lines on the grid of sixteenths.

    >>> likeness([Note(0, 60, 12)], [Note(0, 60, 12)]).overall
    1.0
    """
    if not line or not other:
        return Likeness(float(not line and not other), float(not line and not other))
    end = max(line[-1].end, other[-1].end) // STEP + 1
    rolls = np.zeros((2, end), np.int64)
    for roll, notes in zip(rolls, (line, other), strict=True):
        for note in notes:
            roll[note.tick // STEP : max(note.tick // STEP + 1, note.end // STEP)] = note.pitch + 1
    sounding = (rolls > 0).any(axis=0)
    mine, others = {note.tick for note in line}, {note.tick for note in other}
    return Likeness(float((rolls[0] == rolls[1])[sounding].mean()), 2 * len(mine & others) / (len(mine) + len(others)))


def contour(line: Sequence[Note]) -> list[int]:
    """Up 1, down −1, same 0, from each note to the next."""
    return [int(np.sign(b.pitch - a.pitch)) for a, b in pairwise(line)]


def vary(
    piece: Piece, bundle: Bundle, amount: float, lock: Sequence[str] = (), count: int = 1, seed: int = 0
) -> list[Piece]:
    """Variations of the melody; everything else of the piece stays.

    The latent of each bar is turned towards noise; bars that were alike get the same
    noise, so that a form stays a form. The last bar keeps its rhythm and the last note its pitch. What is locked is a
    hard condition of the draw, so it holds exactly; a free rhythm keeps the number of notes of each four bars.

    Args:
        amount: 0 gives the piece back; 1 keeps only what is locked, the scale, the range and the cadence.
        lock: "rhythm" (onsets and durations), "contour" (up, down, same from note to note), or both.

    Raises:
        UsageError: amount, lock or count is out of bounds.
        InputError: the piece has no melody. WishError: nothing fits the locks.
    """
    _check(amount, lock, count)
    model = restore(bundle)
    recipe = Recipe(
        "vary", seed, {"amount": amount, "lock": list(lock), "count": count}, {bundle.name: bundle.sha256},
        credits=_credits(bundle),
    )  # fmt: skip
    found: list[Piece] = []
    lines = [melody_line(piece.melody)[0]]
    for index in range(count):
        made = None
        for attempt in range(_TRIES):
            line, kept = _variation(piece, model, amount, tuple(lock), seed, index, attempt)
            made = _finished(piece, line, kept, amount, tuple(lock))
            if amount == 0 or line not in lines:
                break
        assert made is not None
        lines.append(line)
        found.append(made.with_recipe(replace(recipe, index=index)))
    return found


def _check(amount: float, lock: Sequence[str], count: int) -> None:
    if not 0 <= amount <= 1:
        raise UsageError(f"amount is {amount}", "it goes from 0 (as it is) to 1 (anew)", "give 0.3, say")
    for name in lock:
        if name not in LOCKS:
            raise UsageError(f"cannot lock {name!r}", "", did_you_mean(name, LOCKS))
    if count < 1:
        raise UsageError(f"count is {count}", "at least one variation is made", "give 1 or more")


def _credits(bundle: Bundle) -> tuple[str, ...]:
    return tuple(f"{row['name']}: {row['attribution']}, {row['licence']}" for row in bundle.card.get("data", ()))


def _line_and_grid(piece: Piece) -> tuple[tuple[Note, ...], Grid]:
    line, _ = melody_line(piece.melody)
    end = max(piece.length, line[-1].end)
    if end > _MOST_BARS * piece.meter.bar:
        raise InputError(f"{piece.title!r} is too long", f"up to {_MOST_BARS} bars are varied", "cut it into parts")
    return line, gridded(line, cells_of(piece.meter, piece.pickup, end), WINDOW)


def _variation(
    piece: Piece, model: MelodyVae, amount: float, lock: tuple[str, ...], seed: int, index: int, attempt: int
) -> tuple[tuple[Note, ...], tuple[str, ...]]:
    """A new line, and notes for the report on what was kept beyond the wish."""
    line, grid = _line_and_grid(piece)
    if amount == 0:
        return line, ()
    keep_rhythm, keep_contour, notes = "rhythm" in lock, "contour" in lock, []
    if not keep_rhythm and any(note.lyric for note in line):
        keep_rhythm = True
        notes.append("the rhythm is kept, for the melody carries words")
    if not keep_rhythm and (lost := off_grid(line)):
        keep_rhythm = True
        notes.append(f"the rhythm is kept, for {lost} of {len(line)} notes begin off the sixteenths")
    mu = encode(model, grid)
    alike = _alike(grid)
    z = turned(mu, noise(mu.shape, alike, seed, index, attempt), amount, model.settings.rhythm_latent)
    temperature = 0.25 + 0.75 * amount
    dice = _dice(alike, seed, index, attempt)
    rules = _rules(piece, line, temperature)
    signs = contour(line)
    if keep_rhythm:
        strikes = [
            Strike(_place(grid, note.tick), note.tick, note.pitch, signs[i - 1] if keep_contour and i else None)
            for i, note in enumerate(line)
        ]
        pitches = draw_pitches(model, grid, grid.kind, z, strikes, rules, _of(dice[1], strikes))
        return tuple(replace(note, pitch=pitch) for note, pitch in zip(line, pitches, strict=True)), tuple(notes)
    tied = frozenset(
        row for row in range(WINDOW, len(grid.cells), WINDOW)
        if any(note.tick < grid.cells[row].tick < note.end for note in line)
    )  # fmt: skip
    fixed = np.zeros(len(grid.cells), bool)
    fixed[_place(grid, line[-1].tick) // SLOTS :] = True
    kind = draw_kinds(model, grid, z, fixed, dice[0], temperature, tied)
    strikes = strikes_of(grid, kind)
    if keep_contour:
        old = strikes_of(grid, grid.kind)
        heard = [strike.original or 0 for strike in old]
        steps = [None, *(int(np.sign(b - a)) for a, b in pairwise(heard))]
        strikes = [
            replace(strike, original=before, sign=sign)
            for strike, before, sign in zip(strikes, heard, steps, strict=True)
        ]
    pitches = draw_pitches(model, grid, kind, z, strikes, rules, _of(dice[1], strikes))
    return notes_of(grid, kind, pitches, line, tied), tuple(notes)


def turned(mu: NDArray[np.float32], eps: NDArray[np.float32], amount: float, rhythm: int) -> NDArray[np.float32]:
    """Latents turned towards noise: as far from the origin as before, on the whole; the first `rhythm` are rhythm.

    Rhythm turns by `amount` of a right angle, pitch by its root, which spreads the measured similarity evenly.
    """
    angle = np.full(mu.shape[1], math.sqrt(amount))
    angle[:rhythm] = amount
    return (np.cos(angle * math.pi / 2) * mu + np.sin(angle * math.pi / 2) * eps).astype(np.float32)


def noise(shape: tuple[int, ...], alike: Sequence[int], seed: int, index: int, attempt: int) -> NDArray[np.float32]:
    """(N, Z) unit noise: half common to all bars, half a bar's own; equal bars get equal noise."""
    common = stream(seed, "vary", index, attempt, "common").standard_normal(shape[1])
    own = {bar: stream(seed, "vary", index, attempt, "bar", bar).standard_normal(shape[1]) for bar in set(alike)}
    return np.stack([(common + own[bar]) / math.sqrt(2) for bar in alike]).astype(np.float32)


def _alike(grid: Grid) -> list[int]:
    """For each cell the first cell that looks the same."""
    first: dict[bytes, int] = {}
    looks = [grid.kind[row].tobytes() + grid.pitch[row].tobytes() for row in range(len(grid.cells))]
    return [first.setdefault(look, row) for row, look in enumerate(looks)]


def _dice(alike: Sequence[int], seed: int, index: int, attempt: int) -> NDArray[np.float64]:
    """(2, N, 16) uniforms for kinds and pitches; equal bars get equal ones."""
    own = {bar: stream(seed, "dice", index, attempt, bar).random((2, SLOTS)) for bar in set(alike)}
    return np.stack([own[bar] for bar in alike], axis=1)


def _of(dice: NDArray[np.float64], strikes: Sequence[Strike]) -> NDArray[np.float64]:
    return dice.reshape(-1)[np.array([strike.place for strike in strikes], np.int64)]


def _place(grid: Grid, tick: int) -> int:
    """Where a tick lies on the grid: row · 16 + slot."""
    tick = (tick + STEP // 2) // STEP * STEP
    row = max(0, bisect_right([cell.tick for cell in grid.cells], tick) - 1)
    return row * SLOTS + min((tick - grid.cells[row].tick) // STEP, grid.cells[row].steps - 1)


def _rules(piece: Piece, line: Sequence[Note], temperature: float) -> Rules:
    low, high = min(note.pitch for note in line), max(note.pitch for note in line)
    if high - low < 8:
        low, high = low - 2, high + 2
    return Rules(piece.key.scale, low, high, temperature, line[-1].pitch, welcome_of(piece, line))


def welcome_of(piece: Piece, line: Sequence[Note]) -> Callable[[int, int], float]:
    """Log weights by harmony: chord tones on beats, no semitone against another voice, and none below a lower voice."""
    others = harmony_at(piece, piece.melody)
    chord_ticks = [chord.tick for chord in piece.chords]
    starts = [note.tick for note in line]
    memory: dict[int, tuple[frozenset[int], list[int], int]] = {}

    def around(tick: int) -> tuple[frozenset[int], list[int], int]:
        if tick not in memory:
            at = bisect_right(chord_ticks, tick) - 1
            tones = piece.chords[at].pitch_classes if at >= 0 else frozenset()
            sounding = [pitch for start, end, pitch in others if start <= tick < end]
            old = line[max(0, bisect_right(starts, tick) - 1)].pitch
            memory[tick] = tones, sounding, max((pitch for pitch in sounding if pitch < old), default=-1)
        return memory[tick]

    def welcome(tick: int, pitch: int) -> float:
        tones, sounding, floor = around(tick)
        if pitch <= floor:
            return NEVER
        strong = (tick - piece.pickup) % piece.meter.pulse == 0
        weight = 0.0
        if tones and strong:
            weight += 1.5 if pitch % 12 in tones else -0.5
        if any((pitch - other) % 12 in (1, 11) for other in sounding):
            weight -= 2.5 if strong else 1.0
        return weight

    return welcome


def _finished(
    piece: Piece, line: tuple[Note, ...], kept: tuple[str, ...], amount: float, lock: tuple[str, ...]
) -> Piece:
    """The piece with another line, and what was promised against what is there."""
    old, beside = melody_line(piece.melody)
    tracks = piece.tracks
    if line != old:
        changed = replace(piece.melody, notes=tuple(sorted((*line, *beside))))
        tracks = tuple(changed if track is piece.melody else track for track in piece.tracks)
    alike = likeness(old, line)
    promises = []
    if "rhythm" in lock:
        same = [(n.tick, n.duration) for n in line] == [(n.tick, n.duration) for n in old]
        promises.append(Promise("rhythm", "as it was", "the same" if same else "changed", same))
    if "contour" in lock:
        same = contour(line) == contour(old)
        promises.append(Promise("contour", "as it was", "the same" if same else "changed", same))
    strange = {note.pitch for note in line if note.pitch % 12 not in piece.key.scale} - {note.pitch for note in old}
    promises.append(Promise("scale", str(piece.key), f"{len(strange)} new notes outside it", not strange))
    cadence = bool(line) and line[-1].pitch == old[-1].pitch
    promises.append(Promise("last note", "as it was", "the same" if cadence else "changed", cadence))
    findings = [f"amount {amount:g}: {alike}"]
    if amount > 0 and line == old:
        findings.append("no other melody was drawn at this amount; raise it")
    if amount > 0 and (reading := parts(piece.meter)[2]):
        findings.append(reading)
    report = Report(tuple(promises), (*findings, *kept))
    return replace(piece, tracks=tracks, report=report, plan=(*piece.plan, findings[0]))
