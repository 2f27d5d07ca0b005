"""What of a tune may change, and how far: the tune on the grid, what stays of it, and the rules for new notes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from muse.errors import WishError
from muse.music.cells import STEP, Grid, cells_of, gridded, harmony_at, place_of, ticks_of
from muse.music.chain import NEVER, Ints
from muse.music.dials import RHYTHMIC
from muse.music.line import Tune
from muse.music.locks import Locks, bar_at, kept_bars, kept_notes
from muse.music.piece import Note, Piece
from muse.music.redraw import FREE, WINDOW, Rules, Strikes, notes_of, strikes_on
from muse.music.windows import SLOTS

_HIGHER, _WIDER = 7, 5  # semitones that a full turn of brightness and of range add to the range


@dataclass(frozen=True, slots=True)
class Leeway:
    """A tune and what may become of it.

    Attributes:
        timed: (n,) the notes of the tune that keep their place and length.
        kept: (n,) those of them that keep their pitch too.
        held: (N, 16) the slots of the grid whose rhythm stays.
        still: (N,) the cells where nothing may change.
        tied: rows that begin a window with a note held over from the one before.
        syncopation: the dial.
        contour: whether up, down and same from note to note stay.
        more: how many notes there are to be, times those there were.
        said: what stays beyond the wish, and why.
    """

    tune: Tune
    grid: Grid
    timed: NDArray[np.bool_]
    kept: NDArray[np.bool_]
    held: NDArray[np.bool_]
    still: NDArray[np.bool_]
    tied: frozenset[int]
    contour: bool
    syncopation: float
    more: float
    rules: Rules
    said: tuple[str, ...]

    def strikes(self, kind: Ints) -> Strikes:
        """The notes that want a pitch in rhythms (B, N, 16): those of the tune that are timed, and the new ones."""
        old = [note for note, timed in zip(self.tune.line, self.timed, strict=True) if timed]
        found = strikes_on(self.grid, kind, ~self.held, old, self.kept[self.timed])
        if not self.contour:
            return found
        was = strikes_on(self.grid, self.grid.kind[None], ~self.held, old, self.kept[self.timed])
        sign = np.full(found.sign.shape, FREE)
        sign[:, 1:] = np.sign(np.diff(was.original))
        return replace(found, sign=sign, original=np.broadcast_to(was.original, sign.shape))

    def line(self, kind: Ints, strikes: Strikes, row: int, pitches: Ints) -> tuple[Note, ...]:
        """The tune anew; kind: (N, 16), pitches: (n,) of line `row` of the strikes."""
        given = np.empty_like(pitches)
        given[strikes.order[row]] = pitches
        old = [(note, kept) for note, kept, timed in zip(self.tune.line, self.kept, self.timed, strict=True) if timed]
        found = [
            note if kept else replace(note, pitch=pitch)
            for (note, kept), pitch in zip(old, given[: len(old)].tolist(), strict=True)
        ]
        found += notes_of(self.grid, kind, ~self.held, given[len(old) :].tolist(), self.tune.line, self.tied)
        return tuple(sorted(found))


def leeway(piece: Piece, tune: Tune, locks: Locks, dials: Mapping[str, float]) -> Leeway:
    """What may become of a tune.

    Raises:
        WishError: what is asked moves what is locked.
    """
    line = tune.line
    end = max(piece.length, line[-1].end)
    grid = gridded(line, cells_of(piece.meter, piece.pickup, end), WINDOW)
    kept = kept_notes(piece, line, locks)
    timed, said = _timed(piece, line, grid, locks, kept)
    _contradictions(locks, dials, bool(timed.all()), said)
    bar = (ticks_of(grid) - piece.pickup) // piece.meter.bar + 1
    stays = np.isin(bar, list(kept_bars(piece, line, locks)))
    held = stays | _held(line, grid, timed)
    still = np.array([stays[row, : cell.steps].all() for row, cell in enumerate(grid.cells)])
    tied = frozenset(
        row for row in range(WINDOW, len(grid.cells), WINDOW)
        if any(note.tick < grid.cells[row].tick < note.end for note in line)
    )  # fmt: skip
    more = 2.0 ** dials.get("density", 0.0)
    rules, syncopation = _rules(piece, tune, dials), dials.get("syncopation", 0.0)
    return Leeway(
        tune, grid, timed, kept, held, still, tied, locks.contour, syncopation, more, rules, tuple(said)
    )  # fmt: skip


def _timed(
    piece: Piece, line: Sequence[Note], grid: Grid, locks: Locks, kept: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], list[str]]:
    """(n,): the notes that keep their time; and why, where nobody asked for it."""
    everything = np.ones(len(line), bool)
    close = place_of(grid, line[-1].tick) // SLOTS  # the last bar keeps its rhythm, so that the tune comes to rest
    last = np.array([place_of(grid, note.end - 1) // SLOTS >= close for note in line])
    if locks.rhythm:
        return everything, []
    if any(note.lyric for note in line):
        return everything, ["the rhythm is kept, for the melody carries words"]
    loose = [note for note in line if note.tick % STEP]
    if not loose:
        return kept | last, []
    said = f"{len(loose)} of {len(line)} notes begin off the sixteenths"
    if locks.contour:  # notes are told one from another by their order alone
        return everything, [f"the rhythm is kept, for {said}"]
    spoiled = {place_of(grid, note.tick) // SLOTS for note in loose}
    found = [
        not spoiled.isdisjoint(range(place_of(grid, note.tick) // SLOTS, place_of(grid, note.end - 1) // SLOTS + 1))
        for note in line
    ]
    bars = len({bar_at(piece, note.tick) for note in loose})
    return kept | last | np.array(found), [f"the rhythm of {bars} bars is kept, for {said}"]


def _contradictions(locks: Locks, dials: Mapping[str, float], all_timed: bool, said: Sequence[str]) -> None:
    for name in RHYTHMIC:
        if dials.get(name) and all_timed:
            alone = "the rhythm is locked" if locks.rhythm else "no bar is left whose rhythm may change"
            why = said[0] if said else alone
            raise WishError(f"{name} cannot be turned", why, f"unlock it, or leave the dial {name} alone")
    if dials.get("density") and locks.contour:
        why = "a contour goes from note to note, and their number would change"
        raise WishError("density cannot be turned", why, "unlock contour, or leave the dial density alone")


def _held(line: Sequence[Note], grid: Grid, timed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(N, 16): slots under timed notes, and all from the cell of the last note on."""
    ticks = ticks_of(grid)
    held = np.full(ticks.shape, bool(timed.all()))
    for note in (note for note, keeps in zip(line, timed, strict=True) if keeps):
        held |= (ticks + STEP > note.tick) & (ticks < note.end)
    held[place_of(grid, line[-1].tick) // SLOTS :] = True
    return held


def _rules(piece: Piece, tune: Tune, dials: Mapping[str, float]) -> Rules:
    low, high = min(note.pitch for note in tune.line), max(note.pitch for note in tune.line)
    if high - low < 8:
        low, high = low - 2, high + 2
    brighter, wider = dials.get("brightness", 0.0), max(0.0, dials.get("range", 0.0))
    low += round(min(0.0, brighter) * _HIGHER - wider * _WIDER)
    high += round(max(0.0, brighter) * _HIGHER + wider * _WIDER)
    welcome = welcome_of(piece, tune)
    return Rules(piece.key.scale, max(0, low), min(127, high), last=tune.line[-1].pitch, welcome=welcome, dials=dials)


def welcome_of(piece: Piece, tune: Tune) -> Callable[[int, int], float]:
    """Log weights by harmony: chord tones on beats, no semitone against another voice, and none below a lower voice."""
    others = harmony_at(piece, piece.tracks[tune.track], tune.beside)
    chord_ticks = [chord.tick for chord in piece.chords]
    starts = [note.tick for note in tune.line]
    memory: dict[int, tuple[frozenset[int], list[int], int]] = {}

    def around(tick: int) -> tuple[frozenset[int], list[int], int]:
        if tick not in memory:
            at = bisect_right(chord_ticks, tick) - 1
            tones = piece.chords[at].pitch_classes if at >= 0 else frozenset()
            sounding = [pitch for start, end, pitch in others if start <= tick < end]
            old = tune.line[max(0, bisect_right(starts, tick) - 1)].pitch
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
