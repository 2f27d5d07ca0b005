"""Music cut into what can be written: bars, rhythmic lines, and note heads with their beams and triplets.

Nothing is lost: notes of one voice that begin together and end apart, or overlap, become lines of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import NamedTuple

from muse.music.notes import Music, Note
from muse.music.theory import BEAT, Meter

SHAPES = {
    96: ("breve", 0, False), 72: ("whole", 1, False), 48: ("whole", 0, False), 36: ("half", 1, False),
    24: ("half", 0, False), 18: ("quarter", 1, False), 16: ("half", 0, True), 12: ("quarter", 0, False),
    9: ("eighth", 1, False), 8: ("quarter", 0, True), 6: ("eighth", 0, False), 4: ("eighth", 0, True),
    3: ("16th", 0, False), 2: ("16th", 0, True), 1: ("32nd", 0, True),
}  # fmt: skip
"""Ticks that one note head can show, longest first: its type, its dots, and whether it is of a triplet."""
_PLAIN = tuple(ticks for ticks, (_, _, triplet) in SHAPES.items() if not triplet)
_TRIPLET = tuple(ticks for ticks, (_, _, triplet) in SHAPES.items() if triplet)
_BEAMS = {"eighth": 1, "16th": 2, "32nd": 3}


class Bar(NamedTuple):
    """A bar: its number (0 for a pickup), its first tick and its end.

    `line` is where its first beat is or, before a pickup, would be.
    """

    number: int
    start: int
    end: int
    line: int


class Column(NamedTuple):
    """Notes that begin and end together, lowest first."""

    tick: int
    end: int
    notes: tuple[Note, ...]


Line = list[Column]
"""Columns one after another, as one voice can play them."""


@dataclass(slots=True)
class Head:
    """A note, chord or rest as one head shows it.

    Attributes:
        at, ticks: where it stands, from the beginning of its bar line, and how long it is.
        notes: none for a rest, lowest first.
        begins, ends: False where it is tied to the head before, to the one after.
        beams: by level, what its beams do there: "begin", "continue", "end", "forward hook", "backward hook".
        opens, closes: whether a triplet begins or ends with it.
    """

    at: int
    ticks: int
    notes: Sequence[Note] = ()
    begins: bool = True
    ends: bool = True
    beams: list[str] = field(default_factory=list)
    opens: bool = False
    closes: bool = False

    @property
    def shape(self) -> tuple[str, int, bool]:
        """Its type, its dots, and whether it is of a triplet; a rest of a whole bar has any length."""
        return SHAPES.get(self.ticks, ("whole", 0, False))


def bars(music: Music) -> list[Bar]:
    """The bars, pickup first, as many as the notes need."""
    end = max([music.length, *(note.end for note in music.notes)])
    size = music.meter.bar
    starts = range(music.pickup, max(end, music.pickup + 1), size)
    found = [Bar(number, start, start + size, start) for number, start in enumerate(starts, 1)]
    return [*([Bar(0, 0, music.pickup, music.pickup - size)] if music.pickup else []), *found]


def lines(notes: Iterable[Note]) -> list[Line]:
    """The rhythmic lines of some notes, those of the highest voice first."""
    found: list[Line] = []
    for _, voice in groupby(sorted(notes, key=lambda note: (note.voice, note.tick)), lambda note: note.voice):
        mine: list[Line] = []
        starts: dict[tuple[int, int], list[Note]] = {}
        for note in voice:
            starts.setdefault((note.tick, note.end), []).append(note)
        columns = [Column(tick, end, tuple(sorted(chord))) for (tick, end), chord in starts.items()]
        for column in sorted(columns, key=lambda column: (column.tick, -column.notes[-1].pitch)):
            free = next((line for line in mine if line[-1].end <= column.tick), None)
            if free is None:
                mine.append([column])
            else:
                free.append(column)
        found += mine
    return found


def heads(line: Line, bar: Bar, meter: Meter) -> list[Head]:
    """The heads of a line that fill one bar; one rest where it is empty."""
    found: list[Head] = []

    def put(a: int, b: int, notes: Sequence[Note] = (), first: bool = True, last: bool = True) -> None:
        now = a
        for ticks in lengths(a - bar.line, b - a, meter):
            found.append(Head(now - bar.line, ticks, notes, first and now == a, last and now + ticks == b))
            now += ticks

    now = bar.start
    for tick, stop, notes in line:
        a, b = max(tick, bar.start), min(stop, bar.end)
        if a >= b:
            continue
        put(now, a)
        put(a, b, notes, a == tick, b == stop)
        now = b
    if now == bar.start == bar.line == bar.end - meter.bar:
        return [Head(0, meter.bar)]
    put(now, bar.end)
    _beam(found, meter.pulse)
    _join(found)
    return found


def lengths(at: int, ticks: int, meter: Meter) -> Iterator[int]:
    """How long the heads are that show a note from a place in its bar, the first first.

    >>> list(lengths(18, 12, Meter(4, 4))), list(lengths(4, 20, Meter(4, 4))), list(lengths(12, 12, Meter(6, 8)))
    ([12], [8, 12], [6, 6])
    """
    if ticks in (8, 16) and at % 8 == 0 and at % (2 * BEAT) + ticks <= 2 * BEAT and not meter.compound:
        yield ticks  # of three quarters in the time of two
        return
    end = at + ticks
    beat = meter.pulse if meter.compound else BEAT
    while at < end:
        most, place = end - at, at % beat
        crossing = place + most > beat
        if crossing and (meter.compound or place % 6) and place:
            most = beat - place
        elif crossing and end % 3:  # it ends within a triplet
            most = (end - 1) // BEAT * BEAT - at or most
        known = _TRIPLET if at % 3 or (at + most) % 3 or most % 3 else _PLAIN
        size = next(length for length in (*known, 1) if length <= most)
        yield size
        at += size


def _beam(found: list[Head], pulse: int) -> None:
    """Join eighths and shorter notes of one beat by beams; a beam that would join nothing is a hook."""
    for (_, short), run in groupby(found, lambda head: (head.at // pulse, bool(head.notes) and _depth(head) > 0)):
        group = list(run)
        if not short or len(group) < 2:
            continue
        for index, head in enumerate(group):
            for level in range(1, _depth(head) + 1):
                before = index > 0 and _depth(group[index - 1]) >= level
                after = index + 1 < len(group) and _depth(group[index + 1]) >= level
                hook = "backward hook" if index else "forward hook"
                kinds = {(True, True): "continue", (False, True): "begin", (True, False): "end"}
                head.beams.append(kinds.get((before, after), hook))


def _depth(head: Head) -> int:
    """How many beams the head takes."""
    return _BEAMS.get(head.shape[0], 0)


def _join(found: list[Head]) -> None:
    """Mark where triplets begin and end: each as soon as it fills beats."""
    opened: Head | None = None
    for head, after in pairwise([*found, Head(0, 0)]):
        if not head.shape[2]:
            continue
        if opened is None:
            head.opens, opened = True, head
        if (head.at + head.ticks - opened.at) % BEAT == 0 or not after.shape[2]:
            head.closes, opened = True, None
