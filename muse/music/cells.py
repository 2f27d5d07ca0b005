"""A melody of any meter cut into cells that the melody VAE reads: bars of 4/4, 3/4 or 6/8, and parts of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from muse.music.piece import Note, Piece, Track
from muse.music.theory import BEAT, Meter
from muse.music.windows import HIGH, HOLD, LOW, METERS, ONSET, PAD, REST, SILENT, SLOTS, STEPS

STEP = BEAT // 4  # ticks of a sixteenth


@dataclass(frozen=True, slots=True)
class Cell:
    """A stretch of a piece that is read as one bar.

    Attributes:
        tick: where it begins; negative where a pickup is filled up with silence.
        steps: how many sixteenths of the bar it uses; the rest of the bar is silent.
        meter: index into METERS.
    """

    tick: int
    steps: int
    meter: int


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells with what sounds in them: kind, pitch (N, 16) int64 as in `windows.Bars`; pitches moved by `shift`."""

    cells: tuple[Cell, ...]
    kind: NDArray[np.int64]
    pitch: NDArray[np.int64]
    shift: int = 0


def parts(meter: Meter) -> tuple[tuple[tuple[int, int], ...], int, str]:
    """How bars of a meter are read: the (steps, meter index) of each cell, over how many bars, and a word on it.

    >>> parts(Meter(4, 4))
    (((16, 0),), 1, '')
    >>> parts(Meter(5, 4))[2]
    'a bar of 5/4 is read as 3/4 + 8/16'
    """
    steps = meter.bar // STEP
    four, three, six = (METERS.index(name) for name in METERS)
    whole = {16: four, 12: six if meter.compound else three}
    if steps in whole:
        return ((steps, whole[steps]),), 1, ""
    if steps == 8:
        return ((16, four),), 2, f"two bars of {meter} are read as one of 4/4"
    if steps == 6:
        return ((12, six),), 2, f"two bars of {meter} are read as one of 6/8"
    if steps == 24:
        index = six if meter.compound else three
        return ((12, index), (12, index)), 1, f"a bar of {meter} is read as two of {METERS[index]}"
    if steps == 32:
        return ((16, four), (16, four)), 1, f"a bar of {meter} is read as two of 4/4"
    size, index = (12, six) if meter.compound else (12, three) if steps % 12 <= 8 and steps > 16 else (16, four)
    cells = [(min(size, steps - first), index) for first in range(0, steps, size)]
    names = [METERS[index] if used == STEPS[METERS[index]] else f"{used}/16" for used, index in cells]
    return tuple(cells), 1, f"a bar of {meter} is read as " + " + ".join(names)


def cells_of(meter: Meter, pickup: int, end: int) -> tuple[Cell, ...]:
    """The cells from before the first note to the tick `end`."""
    shape, bars, _ = parts(meter)
    tick = pickup - bars * meter.bar if pickup else 0
    found = []
    while tick < end:
        for used, index in shape:
            found.append(Cell(tick, used, index))
            tick += used * STEP
    return tuple(cell for cell in found if cell.tick < end and cell.tick + cell.steps * STEP > 0)


def octave(line: Sequence[Note]) -> int:
    """Semitones, whole octaves, that bring a line into the model's range as far as can be."""
    low, high = min(note.pitch for note in line), max(note.pitch for note in line)
    if low >= LOW and high <= HIGH:
        return 0
    return 12 * round(((LOW + HIGH) / 2 - (low + high) / 2) / 12)


def gridded(line: Sequence[Note], cells: tuple[Cell, ...], window: int) -> Grid:
    """What sounds in the cells, times rounded to sixteenths; a note is struck again where a window begins."""
    shift = octave(line) if line else 0
    starts = [(note.tick + STEP // 2) // STEP for note in line]
    kind = np.full((len(cells), SLOTS), PAD, np.int64)
    pitch = np.full((len(cells), SLOTS), SILENT, np.int64)
    for row, cell in enumerate(cells):
        kind[row, : STEPS[METERS[cell.meter]]] = REST
        for slot in range(cell.steps):
            step = cell.tick // STEP + slot
            index = bisect_right(starts, step) - 1
            if index < 0:
                continue
            note = line[index]
            if step < max((note.end + STEP // 2) // STEP, starts[index] + 1):
                begins = step == starts[index] or (row % window == 0 and slot == 0)
                kind[row, slot] = ONSET if begins else HOLD
                pitch[row, slot] = min(max(note.pitch + shift, LOW), HIGH) - LOW
    return Grid(cells, kind, pitch, shift)


def free_slots(grid: Grid) -> NDArray[np.bool_]:
    """(N, 16) bool: the slots that lie in the piece, where notes may be."""
    slot = np.arange(SLOTS)
    rows = [(slot < cell.steps) & (cell.tick + slot * STEP >= 0) for cell in grid.cells]
    return np.array(rows).reshape(-1, SLOTS)


def place_of(grid: Grid, tick: int) -> int:
    """Where a tick, rounded to sixteenths, lies on the grid: row · 16 + slot."""
    tick = (tick + STEP // 2) // STEP * STEP
    row = max(0, bisect_right([cell.tick for cell in grid.cells], tick) - 1)
    return row * SLOTS + min((tick - grid.cells[row].tick) // STEP, grid.cells[row].steps - 1)


def ticks_of(grid: Grid) -> NDArray[np.int64]:
    """(N, 16): the tick where each slot begins."""
    return np.array([cell.tick for cell in grid.cells])[:, None] + np.arange(SLOTS) * STEP


def harmony_at(piece: Piece, apart: Track, beside: Sequence[Note] = ()) -> list[tuple[int, int, int]]:
    """(tick, end, pitch) of the notes of all other pitched tracks, and of some `beside` the tune in its own."""
    others = [note for track in piece.tracks if track is not apart and not track.drums for note in track.notes]
    return sorted((note.tick, note.end, note.pitch) for note in (*others, *beside))
