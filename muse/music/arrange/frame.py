"""What all players of an accompaniment go by: chords, the tune above them, strokes and loudness."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from muse.music.arrange.pulse import Pulse, pulse
from muse.music.chords import tones
from muse.music.notes import Note
from muse.music.theory import Chord, Key, Meter

PHRASE = 4
"""Bars of a phrase, where no form says otherwise."""


class Span(NamedTuple):
    """A chord inside one bar: from `start` to `end`; `after` holds next, itself at the end."""

    start: int
    end: int
    chord: Chord
    after: Chord


class Stroke(NamedTuple):
    """A place to strike: `place` counts the strokes of its group, `group` the groups of its bar."""

    tick: int
    end: int
    place: int
    group: int


@dataclass(frozen=True, eq=False)
class Frame:
    """A tune and its chords, as its accompanists see them.

    Attributes:
        tune: the tune's notes, in order.
        length: ticks in all, the pickup included.
        drive: how much moves: 0 held, 1 in strokes, 2 running.
        loudness: mean velocity of the tune.
        holds: bars, from 1, where a phrase ends.
        padded: some players hold the chords, so that others need not.
    """

    key: Key
    meter: Meter
    tune: Sequence[Note]
    chords: Sequence[Chord]
    length: int
    pickup: int = 0
    drive: int = 1
    tempo: float = 100.0
    loudness: int = 80
    seed: int = 0
    holds: frozenset[int] = field(default_factory=frozenset)
    padded: bool = False

    @property
    def bars(self) -> int:
        return -(-(self.length - self.pickup) // self.meter.bar)

    @cached_property
    def pulse(self) -> Pulse:
        return pulse(self.meter)

    @cached_property
    def roof(self) -> int:
        """The pitch below which chords stay, so that the tune has its own register: a fourth under its mean."""
        weight = sum(note.duration for note in self.tune) or 1
        mean = sum(note.pitch * note.duration for note in self.tune) / weight if self.tune else 72
        return round(min(74, max(55, mean - 5)))

    @cached_property
    def close(self) -> int:
        """The tick of the last chord: what begins with the tune's last note, or the last bar; from there all hold."""
        last = self.tune[-1].tick if self.tune else self.length
        return max(self.bar_start(self.bars), min(last, self.chords[-1].tick) if self.chords else last)

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """The chords cut at the bar lines."""
        found = []
        edges = [*(chord.tick for chord in self.chords[1:]), self.length][: len(self.chords)]
        for index, (chord, end) in enumerate(zip(self.chords, edges, strict=True)):
            start = chord.tick
            while start < end:
                line = self.pickup if start < self.pickup else self.bar_start(self.bar(start) + 1)
                stop = min(end, line)
                after = self.chords[min(index + 1, len(self.chords) - 1)] if stop == end else chord
                found.append(Span(start, stop, chord, after))
                start = stop
        return tuple(found)

    def bar(self, tick: int) -> int:
        """The bar of a tick, from 1; 0 is the pickup."""
        return (tick - self.pickup) // self.meter.bar + 1

    def bar_start(self, bar: int) -> int:
        return self.pickup + (bar - 1) * self.meter.bar

    def ceiling(self, start: int, end: int) -> int:
        """The lowest pitch of the tune between two ticks; where it rests, the last one before."""
        sounding = [note.pitch for note in self.tune if note.tick < end and note.end > start]
        if sounding:
            return min(sounding)
        before = [note.pitch for note in self.tune if note.tick < start]
        return before[-1] if before else 72

    def strokes(self, start: int, end: int) -> Iterator[Stroke]:
        """The strokes from one tick to another of the same bar."""
        line = self.pickup + (start - self.pickup) // self.meter.bar * self.meter.bar
        for number, (first, last) in enumerate(self.pulse.groups):
            for place, tick in enumerate(range(line + first, line + last, self.pulse.step)):
                if start <= tick < end:
                    yield Stroke(tick, min(end, tick + self.pulse.step), place, number)

    def stresses(self, start: int, end: int) -> list[tuple[int, int]]:
        """Where the groups between two ticks of a bar begin and end; the first begins at `start`."""
        begins = [start, *(stroke.tick for stroke in self.strokes(start, end) if not stroke.place)]
        begins = list(dict.fromkeys(begins))
        return list(zip(begins, [*begins[1:], end], strict=True))

    def velocity(self, tick: int, less: int) -> int:
        """How loud a player is who stays so far behind the tune."""
        return velocity(tick, self.meter, self.pickup, self.loudness - less, self.length)


def velocity(tick: int, meter: Meter, pickup: int, loudness: int, length: int) -> int:
    """How loud a note is that begins at a tick, in [1, 127]: by its beat, with an arch over each four bars and another
    over the whole, whose height is at two thirds."""
    place = (tick - pickup) % meter.bar
    accent = 6 if place == 0 else 2 if place % meter.pulse == 0 else -4
    phrase = PHRASE * meter.bar
    along = ((tick - pickup) % phrase) / phrase
    arch = round(8 * (1 - abs(2 * along - 1.1)) - 4)
    whole = round(5 - 11 * abs(tick / max(1, length) - 0.65))
    return min(127, max(1, loudness + accent + arch + whole))


def lowest(chord: Chord, low: int, before: int | None = None, reach: int = 19) -> int:
    """The chord's bass in the octave above `low`, or nearest to the bass before, less than `reach` semitones up."""
    wanted = chord.bass if chord.bass >= 0 else chord.root
    choices = [pitch for pitch in range(low, low + reach) if pitch % 12 == wanted]
    return choices[0] if before is None else min(choices, key=lambda pitch: (abs(pitch - before), pitch))


def voiced(chord: Chord, before: Sequence[int], low: int, ceiling: int, count: int) -> tuple[int, ...]:
    """So many notes of a chord, from `low` up to below `ceiling` where they can be, nearest to the voicing before.

    Of a chord with more notes the fifth goes first, then the root, which the bass has; one with fewer is doubled.
    """
    steps = list(tones(chord))
    for spare in (7, 0, 4, 3):
        if len(steps) > count and spare in steps:
            steps.remove(spare)
    classes = sorted({(chord.root + step) % 12 for step in steps[:count]})
    ceiling = max(ceiling, low + 12)
    choices = []
    for base in range(low, ceiling):
        if base % 12 in classes:
            pitches: list[int] = []
            while len(pitches) < count:
                found = base if not pitches else pitches[-1] + 1
                pitches.append(next(p for p in range(found, found + 12) if p % 12 in classes))
            choices.append(tuple(pitches))
    target = tuple(before) if len(before) == count else tuple(range(ceiling - 4 * count, ceiling, 4))
    return min(
        choices,
        key=lambda notes: (
            max(0, notes[-1] - ceiling + 1),
            sum(abs(a - b) for a, b in zip(notes, target, strict=False)) + 0.3 * max(0, ceiling - 12 - notes[-1]),
            notes,
        ),
    )


def struck(pitches: Sequence[int], start: int, end: int, loud: int) -> list[Note]:
    """Pitches that sound together."""
    return [Note(start, pitch, end - start, loud) for pitch in pitches if end > start]
