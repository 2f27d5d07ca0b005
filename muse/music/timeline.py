"""A scheme laid out in time: the moments where something may begin, and what each voice may sing there so that
everything promised later can still be reached.

For each voice alone this is exact: going backward from the end, a pitch is kept where some way leads on from it, with
the leaps, directions and numbers of notes that are allowed. Where no pitch is left, the promises of that moment are
let go, one after the other, and named in `relaxed`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from muse.music import vocabulary as words
from muse.music.bitsets import EVERY, bits, near, of_classes
from muse.music.scheme import Scheme
from muse.music.theory import QUALITIES

LEAPS = {"melody": 9, "soprano": 9, "alto": 9, "tenor": 9, "bass": 12}
"""The widest leap of each voice where none is asked for."""


class Tune(Enum):
    """What the first voice does at a moment."""

    MAY = 0
    STRIKES = 1
    WAITS = 2
    RESTS = 3


class Moment(NamedTuple):
    """
    Attributes:
        tick: inside its bar.
        now: tick of the piece.
        strong: a strong beat, or where a chord of the progression begins.
        chord: pitches of the chord that is asked for; 0 for none.
        forced: True where a slice must stand.
        note: index of the tune's note that begins here where its rhythm is given, else −1.
    """

    bar: int
    tick: int
    now: int
    strong: bool
    chord: int
    forced: bool
    tune: Tune
    note: int = -1


class Sung(NamedTuple):
    """A given note: its first tick, the tick after it, its pitch."""

    start: int
    end: int
    pitch: int


@dataclass(frozen=True, eq=False)
class Timeline:
    """
    Attributes:
        moments: in order.
        index: (bar, tick of the bar) → moment.
        ranges: bar → first moment and the one after the last.
        given: for each voice its given notes, in order.
        tones: pitches of each voice: its scale in its range.
        wishes: for each voice and moment what it may take there, regarded alone.
        alive: for each voice and moment the same, so that all later wishes can be met; one set for each number of
            notes that the tune may still begin in the bar, a single one where these are not counted.
        leaps: of each voice.
        goals: the last chord, and that before it.
        borders: first moments of bars that are wholly given, after one that is not.
        ends: (voice, tick) where a given note that reaches into a written bar ends.
        relaxed: (bar, wish) that could not be kept.
    """

    scheme: Scheme
    moments: tuple[Moment, ...]
    index: dict[tuple[int, int], int]
    ranges: dict[int, tuple[int, int]]
    given: tuple[tuple[Sung, ...], ...]
    tones: tuple[int, ...]
    leaps: tuple[int, ...]
    goals: tuple[int, ...]
    borders: tuple[int, ...]
    ends: frozenset[tuple[int, int]]
    wishes: list[list[int]] = field(default_factory=list)
    alive: list[list[tuple[int, ...]]] = field(default_factory=list)
    relaxed: list[tuple[int, str]] = field(default_factory=list)

    @classmethod
    @lru_cache(maxsize=16)
    def of(cls, scheme: Scheme) -> Timeline:
        lines = scheme.lines
        given = tuple(
            tuple(Sung(tick, tick + length, pitch) for tick, length, pitch, _ in voice)
            for voice in (scheme.given.voices if scheme.given is not None else ((),) * len(lines))
        )
        ends = frozenset(
            (voice, note.end)
            for voice, notes in enumerate(given)
            for note in notes
            if note.end < scheme.length and lines[voice] in scheme.parts(scheme.bar_of(note.end))
            and lines[voice] in scheme.parts(scheme.bar_of(note.end - 1))
        )  # fmt: skip
        before, last = _cadence(scheme, given)
        moments: list[Moment] = []
        index, ranges, borders = {}, {}, []
        for bar in range(scheme.first, scheme.bars + 1):
            begin = len(moments)
            for moment in _moments(scheme, bar, given, {end for _, end in ends}, before, last):
                index[bar, moment.tick] = len(moments)
                moments.append(moment)
            ranges[bar] = (begin, len(moments))
            if not scheme.parts(bar) and scheme.parts(bar - 1) and bar > scheme.first:
                line = scheme.start(bar)
                first = [
                    note.start for voice in given for note in voice if line <= note.start < line + scheme.meter.bar
                ]
                if first:
                    borders.append(len(moments))
                    moments.append(Moment(bar, min(first) - line, min(first), False, 0, False, Tune.STRIKES))
        found = cls(
            scheme, tuple(moments), index, ranges, given,
            tuple(bits(tones) for tones in scheme.tones),
            tuple(scheme.leap or LEAPS[line] for line in lines),
            tuple(at for at, moment in enumerate(moments) if moment.now in (before, last) and moment.forced),
            tuple(borders), ends,
        )  # fmt: skip
        for voice in range(len(lines)):
            found.wishes.append([found._wish(voice, at, before, last) for at in range(len(moments))])
            found.alive.append(found._alive(voice))
        return found

    @property
    def levels(self) -> int:
        """The most notes that are counted in a bar, 0 where none are."""
        return self.scheme.density[1] if self.scheme.density else 0

    @property
    def ahead(self) -> tuple[int, ...]:
        """The moments whose slices are looked ahead to."""
        return tuple(sorted((*self.goals, *self.borders)))

    def open(self, voice: int, bar: int) -> bool:
        """True where a voice of a bar is written, not given."""
        return self.scheme.open is None or (bar, self.scheme.lines[voice]) in self.scheme.open

    def sung(self, voice: int, now: int) -> Sung | None:
        """The given note that sounds in a voice at a tick."""
        notes = self.given[voice]
        at = bisect_right(notes, now, key=_start) - 1
        return notes[at] if at >= 0 and notes[at].end > now else None

    def sung_last(self, voice: int, since: int, now: int) -> Sung | None:
        """The last given note of a voice that begins after one tick and before another."""
        notes = self.given[voice]
        at = bisect_left(notes, now, key=_start) - 1
        return notes[at] if at >= 0 and notes[at].start > since else None

    def last_sung(self, voice: int, now: int) -> int:
        """The pitch that a voice of given notes sang last before a tick, −1 for none."""
        at = bisect_left(self.given[voice], now, key=_start)
        return self.given[voice][at - 1].pitch if at else -1

    def _wish(self, voice: int, at: int, before: int, last: int) -> int:
        scheme, moment, tones = self.scheme, self.moments[at], self.tones[voice]
        if not self.open(voice, moment.bar):
            note = self.sung(voice, moment.now)
            return 1 << note.pitch if note is not None and note.start == moment.now else EVERY
        tied = self.sung(voice, moment.now)
        if tied is not None:
            return 1 << tied.pitch
        if voice == 0 and scheme.rhythm and not any(at <= moment.now < at + span for at, span in scheme.rhythm):
            return EVERY
        low, high = scheme.ranges[voice]
        if moment.chord:
            tones |= moment.chord & ((1 << high + 1) - (1 << low))
        wishes = [moment.chord] if moment.strong and moment.chord else []
        if moment.now == last:
            wishes.append(bits(scheme.finals[voice]))
        elif before <= moment.now < last and before >= 0 and scheme.approach and not moment.chord:
            lowest = scheme.task == "satb" and voice == len(scheme.lines) - 1
            wishes.append(of_classes((lowest and scheme.footing) or scheme.approach))
        elif voice == 0 and moment.tune is Tune.STRIKES and self._rests(moment):
            wishes.append(of_classes(scheme.stops))
        found = tones
        for wish in wishes:
            if found & wish:
                found &= wish
            else:
                self.relaxed.append((moment.bar, "chord tones"))
        return found

    def _copies(self, note: int) -> list[int]:
        """Moments of the tune's notes that take over the pitch of one."""
        again = {copy for copy, source in self.scheme.repeats.items() if source == note}
        return [at for at, moment in enumerate(self.moments) if moment.note in again] if again else []

    def _rests(self, moment: Moment) -> bool:
        """True where a phrase of the tune comes to rest."""
        scheme = self.scheme
        if moment.note >= 0:
            ends = scheme.rhythm[moment.note + 1][0] if moment.note + 1 < len(scheme.rhythm) else scheme.length + 1
            return any(moment.now < end <= ends for end in scheme.phrases)
        return scheme.holds.get(moment.bar) == moment.tick

    def _alive(self, voice: int) -> list[tuple[int, ...]]:
        scheme, leap = self.scheme, self.leaps[voice]
        counted = self.levels if voice == 0 else 0
        found: list[tuple[int, ...]] = [()] * len(self.moments)
        after: tuple[int, ...] = (EVERY,) * (counted + 1)
        later: Moment | None = None
        for at in range(len(self.moments) - 1, -1, -1):
            moment = self.moments[at]
            if not self.open(voice, moment.bar):
                wish = self.wishes[voice][at]
                if wish != EVERY:
                    after, later = (wish,) * (counted + 1), moment._replace(tune=Tune.STRIKES)
                found[at] = (EVERY,) * (counted + 1)
                continue
            directions = scheme.steps[later.note - 1] if later and later.note > 0 and scheme.steps and voice == 0 else (
                -1, 0, 1)  # fmt: skip
            tune = later.tune if later and (voice == 0 or not self.open(voice, later.bar)) else Tune.MAY
            renewed = later is not None and later.bar != moment.bar
            ways: list[int] = []
            for left in range(counted + 1):
                ways.append(_way(after, counted if renewed else left, bool(counted), tune, leap, directions))
            wish = self.wishes[voice][at]
            if voice == 0 and moment.note >= 0:
                for copy in self._copies(moment.note):
                    if wish & ways[-1] & found[copy][0]:
                        wish &= found[copy][0]
            if not wish & ways[-1]:
                wish = self.tones[voice]
                self.relaxed.append((moment.bar, "chord tones"))
            if not wish & ways[-1]:
                ways = [EVERY] * (counted + 1)
                self.relaxed.append((moment.bar, "steps" if directions != (-1, 0, 1) else "leaps"))
            self.wishes[voice][at] = wish
            after, later = tuple(wish & way for way in ways), moment
            found[at] = after
        return found


def _start(note: Sung) -> int:
    return note.start


def _way(after: tuple[int, ...], left: int, counted: bool, tune: Tune, leap: int, directions: Iterable[int]) -> int:
    """The pitches that lead on to a moment where `after` may sound, with so many notes left."""
    held = after[left] if tune is not Tune.STRIKES else 0
    if tune in (Tune.WAITS, Tune.RESTS) or (counted and not left):
        return held
    return held | near(after[left - 1] if counted else after[left], leap, directions)


def _cadence(scheme: Scheme, given: tuple[tuple[Sung, ...], ...]) -> tuple[int, int]:
    """(tick of the chord before the last, tick of the last), −1 where they are not ours to choose."""
    parts = scheme.parts(scheme.bars)
    if not parts:
        return -1, -1
    line, size = scheme.start(scheme.bars), scheme.meter.bar
    kept = [voice for voice, name in enumerate(scheme.lines) if name not in parts]
    onsets = [note for voice in kept for note in given[voice] if note.start >= line]
    if onsets:
        last = max(note.start for note in onsets)
        if not {note.pitch % 12 for note in onsets if note.start == last} <= scheme.last:
            return -1, -1
    elif kept:
        last = line
    elif scheme.rhythm:
        last = scheme.rhythm[-1][0]
    else:
        last = line + scheme.final
    if parts == ("chords",):
        last = line + max(slot for slot in scheme.slots if line + slot <= last)
    if scheme.rhythm and scheme.task == "melody":
        return scheme.rhythm[-2][0] if len(scheme.rhythm) > 1 else -1, last
    step = scheme.meter.pulse
    if parts == ("chords",):
        before = max((bar_line + slot for bar_line in (line - size, line) for slot in scheme.slots
                      if bar_line + slot < last), default=-1)  # fmt: skip
    else:
        before = last - step if (last - scheme.pickup) % step == 0 else last - (last - scheme.pickup) % step
    bar = (before - scheme.pickup) // size + 1
    whole = before >= scheme.pickup and bar >= 1 and scheme.parts(bar) == parts and bar not in scheme.echoes
    return (before if whole and bar not in scheme.holds else -1), last


def _moments(
    scheme: Scheme, bar: int, given: tuple[tuple[Sung, ...], ...], ends: set[int], before: int, last: int
) -> list[Moment]:
    """The moments of a bar, none where nothing is written in it."""
    parts, line, size = scheme.parts(bar), scheme.start(bar), scheme.meter.bar
    if not parts:
        return []
    low = 0 if bar else size - scheme.pickup
    final = last - line if last >= 0 and line <= last < line + size else None
    limit = final if final is not None else scheme.holds.get(bar)
    tune = scheme.lines[0] in parts
    strikes = {tick - line: note for note, (tick, _) in enumerate(scheme.rhythm) if line <= tick < line + size}
    rests = {tick + length - line for tick, length in scheme.rhythm} - set(strikes)
    ticks = {low}
    if scheme.rhythm and tune:
        ticks |= {*strikes, *(rest for rest in rests if 0 <= rest < size)}
        limit = final
    if "chords" in parts and bar:
        ticks |= {slot for slot in scheme.slots if slot >= low}
    if (tune and not scheme.rhythm) or (scheme.task == "satb" and parts != ("soprano",)):
        ticks |= {tick for tick in scheme.grid if tick >= low}
        ticks |= {limit} if limit is not None else set()
    if limit is not None:
        ticks = {tick for tick in ticks if tick <= limit or (tune and scheme.rhythm and tick in rests)}
    planned = scheme.plan if "chords" not in parts else ()
    changes = {tick - line for tick, _ in planned if line <= tick < line + size}
    if scheme.task == "satb" or parts == ("melody",):
        ticks |= {tick for tick in changes if tick >= low and (tune or scheme.task == "satb") and not scheme.rhythm}
        until = size if limit is None else limit + 1
        for voice, name in enumerate(scheme.lines):
            if name not in parts:
                ticks |= {note.start - line for note in given[voice] if low <= note.start - line < until}
    ticks |= {end - line for end in ends if line < end < line + size}
    strong = {*scheme.meter.strong, *changes}
    found = []
    for tick in sorted(ticks):
        now = line + tick
        kind = Tune.MAY
        if scheme.rhythm and tune:
            kind = Tune.STRIKES if tick in strikes else Tune.RESTS if tick in rests else Tune.WAITS
        elif tick == limit or (tick == low and (bar == scheme.first or bar - 1 in scheme.holds)):
            kind = Tune.STRIKES
        forced = tick == low or now in (before, last) or now in ends or (tune and kind in (Tune.STRIKES, Tune.RESTS))
        token = next((token for start, token in reversed(planned) if start <= now), 0)
        chord = of_classes(classes_of(token)) if token else 0
        found.append(Moment(bar, tick, now, tick in strong, chord, forced, kind, strikes.get(tick, -1)))
    return found


@lru_cache(maxsize=256)
def classes_of(token: int) -> frozenset[int]:
    """Pitch classes of a chord token."""
    if token == words.NO_CHORD:
        return frozenset()
    root, quality = divmod(token - words.NO_CHORD - 1, len(QUALITIES))
    return frozenset((root + step) % 12 for step in list(QUALITIES.values())[quality])
