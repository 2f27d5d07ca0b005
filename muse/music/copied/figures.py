"""What is compared of a melody: figures of four notes in a row, the same in every key and at every tempo.

A note that is repeated counts once, with the time of all: not every corpus tells repeated notes from held ones, and
other words sung to a tune make no other tune. Rests belong to the note before them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from muse.music.piece import Note, Piece

NOTES = 4
"""Of a figure: three intervals, and the two ratios of their lengths."""
Words = npt.NDArray[np.uint64]
_FINENESS, _WIDEST = 2, 8


class Line(NamedTuple):
    """A melody without repeated notes.

    Attributes:
        onsets: (N,) float64, rising, in any unit.
        pitches: (N,) int64.
    """

    onsets: npt.NDArray[np.float64]
    pitches: npt.NDArray[np.int64]


def line_of(cells: Iterable[Sequence[Any]]) -> Line:
    """The line of a draft's voice: rows that begin with tick, duration, pitch, in order."""
    rows = np.array([(row[0], row[2]) for row in cells], np.float64).reshape(-1, 2)
    fresh = np.append(True, rows[1:, 1] != rows[:-1, 1])[: len(rows)]
    return Line(rows[fresh, 0], rows[fresh, 1].astype(np.int64))


def lines_of(piece: Piece) -> dict[str, Line]:
    """The melodies of a piece's pitched tracks by name: of each voice its upper notes, and its lower ones if others."""
    found: dict[str, Line] = {}
    for track in piece.tracks:
        for voice in sorted({note.voice for note in track.notes}) if not track.drums else ():
            own = [note for note in track.notes if note.voice == voice]
            name = track.name if not voice else f"{track.name}, voice {voice + 1}"
            name = name if name not in found else f"{name} ({len(found) + 1})"
            upper, lower = _edge(own, 1), _edge(own, -1)
            found[name] = line_of(upper)
            if lower != upper:
                found[f"{name}, below"] = line_of(lower)
    return found


def _edge(notes: Sequence[Note], side: int) -> list[tuple[int, int, int]]:
    """The notes that are the highest (side 1) or lowest (−1) of all that sound when they begin."""
    found: list[tuple[int, int, int]] = []
    until, outer = -1, 0
    for note in sorted(notes, key=lambda note: (note.tick, -side * note.pitch)):
        height = side * note.pitch
        if found and note.tick == found[-1][0]:
            continue
        if note.tick >= until or height >= outer:
            found.append((note.tick, note.duration, note.pitch))
            until, outer = note.end, height
    return found


def figures(line: Line) -> Words:
    """(N − NOTES + 1,) each figure as one number; none for a line of fewer than NOTES notes.

    A ratio is told apart in steps of a half octave of time, so that neither swing nor a player's hand changes it.
    """
    count = max(0, len(line.onsets) - NOTES + 1)
    found = np.zeros(count, np.uint64)
    if count:
        intervals, gaps = np.diff(line.pitches), np.diff(line.onsets)
        ratios = np.rint(_FINENESS * np.log2(gaps[1:] / gaps[:-1])).clip(-_WIDEST, _WIDEST).astype(np.int64) + _WIDEST
        for place in range(NOTES - 1):
            found |= (intervals[place : place + count] & 255).astype(np.uint64) << np.uint64(8 * place)
        for place in range(NOTES - 2):
            found |= ratios[place : place + count].astype(np.uint64) << np.uint64(8 * (NOTES - 1) + 5 * place)
    return found
