"""Where things stand in the music: bars, beats, strong beats; voices that sing one note at a time; moments."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from muse.music.heard import Heard, Sound, Voice

GRID = 12
"""Ticks of a quarter note in moments."""
REST = 6
"""Ticks of silence in a voice that part what comes before from what comes after."""
_MOST_VOICES = 8
_SLACK = 2  # ticks by which a note may run into the next one of a line
_STEADY = 0.75  # share of moments at which a track of chords must have the same number of notes to be read as voices


@dataclass(frozen=True, slots=True)
class Place:
    """A bar (0 is the pickup) and a beat in it, which counts from 1 in the lower number of the meter."""

    bar: int
    beat: Fraction

    def __str__(self) -> str:
        beat = f"{float(self.beat):.2f}".rstrip("0").rstrip(".")
        return f"bar {self.bar}, beat {beat}"


class Bars:
    """The bar lines of a file, through all its changes of meter."""

    def __init__(self, heard: Heard) -> None:
        meters = list(heard.meters)
        if not meters or meters[0][0] > 0:
            meters.insert(0, (Fraction(0), 4, 4))
        self._starts: list[Fraction] = []
        self._rows: list[tuple[int, int, int]] = []  # first bar, beats, unit
        bar = 0 if heard.pickup else 1
        for time, beats, unit in meters:
            if self._starts:
                last_bar, last_beats, last_unit = self._rows[-1]
                length = Fraction(4 * last_beats, last_unit)
                bar = last_bar + -((self._starts[-1] - time) // length)
            self._starts.append(time)
            self._rows.append((bar, beats, unit))

    def _at(self, time: Fraction) -> tuple[Fraction, int, int, int]:
        index = max(0, bisect_right(self._starts, time) - 1)
        return (self._starts[index], *self._rows[index])

    def place(self, time: Fraction) -> Place:
        start, bar, beats, unit = self._at(time)
        full, rest = divmod(time - start, Fraction(4 * beats, unit))
        return Place(bar + int(full), 1 + rest * unit / 4)

    def at(self, tick: int) -> Place:
        """The place of a tick of a `Moment`."""
        return self.place(Fraction(tick, GRID))

    def start(self, bar: int) -> Fraction:
        """Where a bar begins."""
        index = max(0, bisect_right(self._rows, bar, key=lambda row: row[0]) - 1)
        first, beats, unit = self._rows[index]
        return self._starts[index] + (bar - first) * Fraction(4 * beats, unit)

    def pulse(self, time: Fraction) -> Fraction:
        """Quarter notes of the felt beat: a dotted quarter in 6/8."""
        _, _, beats, unit = self._at(time)
        return Fraction(12 if unit >= 8 and beats % 3 == 0 and beats > 3 else 4, unit)

    def weight(self, time: Fraction) -> int:
        """3 at a bar line, 2 in the middle of a bar of two or four beats, 1 on another beat, 0 between."""
        start, _, beats, unit = self._at(time)
        length = Fraction(4 * beats, unit)
        inside = (time - start) % length
        if not inside:
            return 3
        pulse = self.pulse(time)
        if inside % pulse:
            return 0
        return 2 if inside * 2 == length else 1

    def strong(self, time: Fraction) -> bool:
        """Bar lines; the middle of a bar of four or more beats, or of 2/2; every dotted beat."""
        start, _, beats, unit = self._at(time)
        length = Fraction(4 * beats, unit)
        inside = (time - start) % length
        if inside and self.pulse(time) * unit == 12:
            return not inside % self.pulse(time)
        halved = beats % 2 == 0 and (beats >= 4 or unit <= 2)
        return not inside or (halved and inside * 2 == length)


@dataclass(frozen=True, slots=True)
class Line:
    """A voice that sings one note at a time: (first tick, tick after it, pitch)."""

    name: str
    notes: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """What sounds when a note begins; a note of `lines`, or None where that voice is silent."""

    tick: int
    notes: tuple[tuple[int, int, int] | None, ...]


def ticks(sound: Sound) -> tuple[int, int, int]:
    """A sound on the grid, at least one tick long."""
    start, end = (
        (2 * GRID * time.numerator + time.denominator) // (2 * time.denominator) for time in (sound.start, sound.end)
    )
    return start, max(start + 1, end), sound.pitch


def lines(heard: Heard) -> tuple[Line, ...]:
    """The voices, highest first by their order in the file; tracks of steady chords are read as voices by height.

    Drums, tracks in which notes sound together freely, and all after the eighth voice are left out.
    """
    found: list[Line] = []
    for voice in heard.pitched:
        notes = [ticks(sound) for sound in voice.sounds]
        alone = _alone(notes)
        if alone is not None:
            found.append(Line(voice.name, alone))
        else:
            found += _by_height(voice, notes)
        if len(found) >= _MOST_VOICES:
            break
    return tuple(found[:_MOST_VOICES])


def _alone(notes: Sequence[tuple[int, int, int]]) -> tuple[tuple[int, int, int], ...] | None:
    """The notes, ends cut where the next begins; None where more than a hair sounds together."""
    found: list[tuple[int, int, int]] = []
    for note in notes:
        if found and found[-1][1] > note[0]:
            start, end, pitch = found[-1]
            if end - note[0] > _SLACK or note[0] <= start:
                return None
            found[-1] = (start, note[0], pitch)
        found.append(note)
    return tuple(found)


def _by_height(voice: Voice, notes: Sequence[tuple[int, int, int]]) -> list[Line]:
    """Two to four voices of a track that has as many notes nearly all along."""
    rows = _sounding(notes)
    counts = Counter(len(row) for _, row in rows if row)
    if not counts:
        return []
    size, often = counts.most_common(1)[0]
    if not 2 <= size <= 4 or often < _STEADY * sum(counts.values()):
        return []
    columns: list[dict[tuple[int, int, int], None]] = [{} for _ in range(size)]
    placed: dict[tuple[int, int, int], int] = {}
    for _, row in rows:
        if len(row) == size:
            for rank, note in enumerate(sorted(row, key=lambda one: -one[2])):
                if placed.setdefault(note, rank) == rank:
                    columns[rank][note] = None
    found = []
    for rank, column in enumerate(columns):
        alone = _alone(sorted(column))
        if alone is None:
            return []
        found.append(Line(f"{voice.name} {rank + 1}", alone))
    return found


def _sounding(notes: Sequence[tuple[int, int, int]]) -> list[tuple[int, list[tuple[int, int, int]]]]:
    """(tick, notes that sound) wherever a note of a track begins; at most 16 sound, of more the row is empty."""
    found: list[tuple[int, list[tuple[int, int, int]]]] = []
    held: list[tuple[int, int, int]] = []
    for note in notes:
        held = [one for one in held if one[1] > note[0]]
        held.append(note)
        if found and found[-1][0] == note[0]:
            found.pop()
        found.append((note[0], list(held) if len(held) <= 16 else []))
        if len(held) > 64:
            return []
    return found


def moments(voices: Sequence[Line]) -> list[Moment]:
    """Every tick where a note of a voice begins, with what sounds in each."""
    begins = sorted({note[0] for line in voices for note in line.notes})
    places = [0] * len(voices)
    found = []
    for tick in begins:
        row: list[tuple[int, int, int] | None] = []
        for index, line in enumerate(voices):
            at = places[index]
            while at + 1 < len(line.notes) and line.notes[at + 1][0] <= tick:
                at += 1
            places[index] = at
            note = line.notes[at] if line.notes else None
            row.append(note if note is not None and note[0] <= tick < note[1] else None)
        found.append(Moment(tick, tuple(row)))
    return found
