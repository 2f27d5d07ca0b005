"""When something comes: which moments of a bar may or must have a slice, and when the bar may end."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from muse.music import echoes
from muse.music import vocabulary as words
from muse.music.bitsets import bits, of_classes
from muse.music.counterpoint import Frame
from muse.music.echoes import Content
from muse.music.frames import Frames
from muse.music.scheme import Scheme
from muse.music.timeline import Tune, classes_of


class State(NamedTuple):
    """Where the writing is.

    Attributes:
        bar: the bar under way; the one before the first at the start.
        at: the moment under way, −1 before the first of a pickup.
        turn: the part of the bar that speaks next.
        row: relative pitch that sounds in each voice, −1 for silence.
        last: the pitch each voice sang last, −1 for none.
        before: what sounded when last a note began, before this moment.
        chord: token of the chord that holds.
        changed: whether something new was said in this slice.
        struck: whether a note began in this slice.
        frame: what the voices may do in this slice.
        tune: pitches of the tune's notes, where its rhythm is given.
        said: what was said in this bar.
        log: bar → what was said in it, from the first bar written.
        relaxed: (bar, wish) that gave way.
    """

    bar: int
    at: int
    turn: int
    row: tuple[int, ...]
    last: tuple[int, ...]
    before: tuple[int, ...]
    chord: int
    changed: bool
    struck: bool
    frame: Frame | None
    tune: tuple[int, ...]
    said: Content
    log: tuple[tuple[int, Content], ...]
    relaxed: tuple[tuple[int, str], ...]
    ended: bool


class Pace:
    """The moments of one scheme, state by state."""

    def __init__(self, frames: Frames) -> None:
        self.frames, self.time, self.scheme = frames, frames.time, frames.scheme
        self.voices = len(frames.scheme.lines)

    def next_bar(self, bar: int) -> int:
        """The next bar in which something is written."""
        bar += 1
        while bar <= self.scheme.bars and not self.scheme.parts(bar):
            bar += 1
        return bar

    def leaving(self, state: State) -> int:
        """The next moments of the bar, the next bar, or the end."""
        following = self.next_bar(state.bar)
        away = 1 << (words.END if following > self.scheme.bars else words.bar(self.scheme.bars - following + 1))
        if state.bar < self.scheme.first:
            return away
        found, end, source = 0, self.time.ranges[state.bar][1], self.source(state)
        missing = self.missing(state)
        room = sum(self.strikes(at, source) for at in range(state.at + 1, end)) if missing > 0 else 0
        for at in range(state.at + 1, end):
            if self.speaks(state, at, source):
                found |= 1 << words.at(self.time.moments[at].tick)
                if self.must(state, at, source) or not self.passes(state, at):
                    return found
            if missing > 0 and self.strikes(at, source):
                if room <= missing:
                    return found
                room -= 1
        toward = self.toward(state)
        return found if found and toward >= 0 and abs(state.row[0] - toward) > self.time.leaps[0] else found | away

    def toward(self, state: State) -> int:
        """The first note of the next bar where it repeats an earlier one, else −1."""
        echo = self.scheme.echoes.get(state.bar + 1)
        if echo is None or echo.likeness != "whole":
            return -1
        said = state.said if echo.source == state.bar else dict(state.log).get(echo.source, ())
        pattern = echoes.notes(said) or echoes.notes(echoes.given(self.scheme, echo.source))
        return pattern[0][1] if pattern else -1

    def speaks(self, state: State, at: int, source: tuple[str, Content] | None) -> bool:
        """Whether anything can be said at a moment."""
        parts, moment = self.scheme.parts(state.bar), self.time.moments[at]
        if moment.forced:
            return True
        if source is not None and source[0] == "whole":
            return echoes.at(source[1], moment.tick)
        if self.scheme.task == "satb" and parts != ("soprano",):
            return True
        if "chords" in parts and moment.tick in self.scheme.slots:
            return True
        if self.scheme.lines[0] not in parts or moment.tune is Tune.WAITS:
            return False
        if source is not None:
            return echoes.tune(source[1], moment.tick) is not None
        return moment.tune is not Tune.MAY or not self.time.levels or self.left(state) > 0 or state.row[0] >= 0

    def must(self, state: State, at: int, source: tuple[str, Content] | None) -> bool:
        """Whether a slice has to stand at a moment."""
        moment = self.time.moments[at]
        if source is None or moment.forced:
            return moment.forced
        return source[0] == "whole" or echoes.tune(source[1], moment.tick) is not None

    def passes(self, state: State, at: int) -> bool:
        """Whether all voices may sing on through a moment without a word."""
        moment, time = self.time.moments[at], self.time
        row = list(state.row)
        for voice in range(self.voices):
            if not time.open(voice, moment.bar):
                note = time.sung(voice, moment.now)
                row[voice] = note.pitch if note is not None else -1
            elif row[voice] >= 0:
                alive = time.alive[voice][at]
                if not alive[self.left(state) if voice == 0 and len(alive) > 1 else 0] >> row[voice] & 1:
                    return False
        if self.scheme.task == "lead":
            told = row[0] < 0 or state.chord == words.NO_CHORD or "melody" not in self.scheme.parts(moment.bar)
            return told or not moment.strong or bool(members_of(state.chord) >> row[0] & 1)
        if not self.frames.ruled:
            return True
        if any(0 <= row[upper] < row[lower] for lower in range(self.voices) for upper in range(lower)):
            return False
        classes = bits(pitch % 12 for pitch in row if pitch >= 0)
        return not moment.strong or bool(moment.chord) or self.frames.harmony.holds(classes)

    def strikes(self, at: int, source: tuple[str, Content] | None) -> bool:
        """Whether the tune may begin a note at a moment."""
        moment = self.time.moments[at]
        if source is not None and not moment.forced:
            pitch = echoes.tune(source[1], moment.tick)
            return pitch is not None and pitch >= 0
        return moment.tune in (Tune.MAY, Tune.STRIKES)

    def missing(self, state: State) -> int:
        """Notes of the tune that this bar still lacks."""
        density = self.scheme.density
        if density is None or not self.time.open(0, state.bar) or state.bar in (0, self.scheme.bars):
            return 0
        return density[0] - _struck(state.said)

    def left(self, state: State) -> int:
        """How many notes the tune may still begin in this bar, where these are counted."""
        return max(0, self.time.levels - _struck(state.said))

    def source(self, state: State) -> tuple[str, Content] | None:
        """(likeness, content) of the bar that this one repeats."""
        echo = self.scheme.echoes.get(state.bar)
        if echo is None:
            return None
        written = dict(state.log).get(echo.source, ())
        content = tuple(sorted((*written, *echoes.given(self.scheme, echo.source))))
        return (echo.likeness, content) if content else None


@lru_cache(maxsize=16)
def frames_of(scheme: Scheme) -> Frames:
    return Frames(scheme)


@lru_cache(maxsize=256)
def members_of(chord: int) -> int:
    """All pitches of a chord token."""
    return of_classes(classes_of(chord))


def _struck(said: Content) -> int:
    """Notes of the tune that began in a bar."""
    return sum(who == 0 and what >= 0 for _, who, what in said)
