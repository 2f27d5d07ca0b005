"""What the voices may do at a moment, from what sounded before; and what gives way where nothing is left."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, partial
from typing import NamedTuple

from muse.music.bitsets import EVERY, bits
from muse.music.counterpoint import Beyond, Frame, Harmony, fits, singable, within
from muse.music.scheme import Scheme
from muse.music.timeline import Timeline, Tune

GAVE_WAY = ("", "repetition", "repetition", "singable steps", "chord tones", "voice leading")
"""What is let go at each tier: pins of the lower voices, all pins, manners of single voices, chord notes, all rules."""
_LAST_TIER = len(GAVE_WAY) - 1
_DOMINANT = bits((2, 5, 7, 11))


class Standing(NamedTuple):
    """What the voices come from.

    Attributes:
        row: pitch that sounds in each voice just before, −1 for silence.
        last: the pitch each voice sang last.
        before: what sounded when last a note began.
        left: how many notes the tune may still begin in the bar, where these are counted.
        pins: voice → the pitch that it should take, −1 for silence.
        tune: what the first voice does.
        waits: voices that should say nothing new.
        starts: the pitches from which the tune can repeat a figure.
    """

    row: tuple[int, ...]
    last: tuple[int, ...]
    before: tuple[int, ...]
    left: int
    pins: Mapping[int, int]
    tune: Tune
    waits: frozenset[int] = frozenset()
    starts: int = EVERY


class Frames:
    """Frames of one scheme."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme, self.time = scheme, Timeline.of(scheme)
        self.ruled = scheme.strict and scheme.task == "satb"
        self._reached: dict[tuple[int, int, tuple[int, ...]], bool] = {}
        leaps, minor = self.time.leaps, scheme.mode == "minor"
        self._near = [within(leap) for leap in leaps]
        self._sung = [
            singable(line, leap, minor) if self.ruled else near
            for line, leap, near in zip(scheme.lines, leaps, self._near, strict=True)
        ]

    @cached_property
    def harmony(self) -> Harmony:
        """What may sound on strong beats in four parts: the chords of the key, and the fourth for a third."""
        scale = self.scheme.scale
        chords = set(self.scheme.chords.values())
        for root in scale:
            for steps in ((0, 5, 7), (0, 3, 6, 9), (0,)):
                classes = frozenset((root + step) % 12 for step in steps)
                if classes <= scale:
                    chords.add(classes)
        return Harmony(frozenset(chords))

    def first(self, at: int, standing: Standing) -> Frame:
        """The frame of the first tier at which all voices find a note."""
        for tier in range(0 if standing.pins or standing.waits or standing.starts != EVERY else 2, _LAST_TIER):
            if tier == 3 and not self.ruled:
                continue
            frame = self.frame(at, standing, tier)
            if fits(frame, 0, (), 0, self.beyond(tier)):
                return frame
        return self.frame(at, standing, _LAST_TIER)

    def beyond(self, tier: int) -> Beyond:
        return partial(self._reaches, max(tier, 2))

    def _reaches(self, tier: int, goal: int, row: tuple[int, ...]) -> bool:
        """Whether a slice at the goal can follow what sounds."""
        just = self.time.moments[goal].now - 1
        bar = self.scheme.bar_of(just)
        if self.scheme.given is not None:
            sung = [self.time.sung(voice, just) for voice in range(len(row))]
            row = tuple(
                pitch if self.time.open(voice, bar) else note.pitch if note is not None else -1
                for voice, (pitch, note) in enumerate(zip(row, sung, strict=True))
            )
        key = (tier, goal, row)
        if key not in self._reached:
            standing = Standing(row, row, row, max(self.time.levels - 1, 0), {}, self.time.moments[goal].tune)
            self._reached[key] = fits(self.frame(goal, standing, tier), 0, (), 0, partial(self._reaches, tier))
        return self._reached[key]

    def frame(self, at: int, standing: Standing, tier: int) -> Frame:
        """The frame of a moment, with all that holds at a tier."""
        time, scheme = self.time, self.scheme
        moment = time.moments[at]
        row, last, before, left, pins, kind, waits, starts = standing
        near = self._sung if tier < 3 else self._near
        opens = time.ranges[moment.bar][0] == at  # of a border too: its bar has no moments of its own before it
        strikes, holds, silent, fixed = [], [], 0, 0
        manners = self.ruled and tier < 3
        leading = manners and _dominates(before)
        for voice in range(len(row)):
            note = time.sung(voice, moment.now)
            written = time.open(voice, moment.bar)
            if not written or note is not None:
                strikes.append(0)
                holds.append(1 << note.pitch if note is not None else 0)
                own = written or (opens and time.open(voice, moment.bar - 1))
                fixed |= (not own) << voice
                silent |= (note is None) << voice
                continue
            held = row[voice]
            if tier < 4 or (voice == 0 and tier < _LAST_TIER and (scheme.rhythm or scheme.leap or time.levels)):
                alive = time.alive[voice][at]
                stays = alive[left if voice == 0 else 0]
                moves = stays if len(alive) == 1 or voice else alive[left - 1] if left else 0
            else:
                stays = moves = time.tones[voice]
                if voice == 0 and time.levels and not left and held >= 0:
                    moves = 0
            if last[voice] >= 0 and tier < _LAST_TIER:
                moves &= near[voice][last[voice]]
            if voice == 0 and moment.note > 0 and scheme.steps and last[0] >= 0 and tier < _LAST_TIER:
                moves &= _onward(last[0], scheme.steps[moment.note - 1])
            if manners:
                if voice and before[voice - 1] >= 0:
                    moves &= (2 << before[voice - 1]) - 1
                if voice + 1 < len(row) and before[voice + 1] >= 0:
                    moves &= -1 << before[voice + 1]
                if leading and held >= 0 and held == before[voice] and held % 12 == 11:
                    outer = voice in (0, len(row) - 1)
                    moves &= 3 << held | (0 if outer else 1 << held - 4)
            stays = stays & 1 << held if held >= 0 and (voice, moment.now) not in time.ends else 0
            quiet = False
            if voice == 0:
                if kind is Tune.STRIKES:
                    stays = 0
                elif kind is Tune.RESTS:
                    moves = stays = 0
                    quiet = True
                elif kind is Tune.WAITS:
                    moves, quiet = 0, held < 0
                else:
                    quiet = scheme.task != "satb" and not opens and last[0] >= 0 and tier < _LAST_TIER
                    if held < 0 and opens and last[0] >= 0 and not moves:
                        quiet = True
            elif voice in waits and tier == 0 and stays:
                moves = 0
            if voice == 0 and tier < 2:
                moves, stays = moves & starts, stays & starts
            if voice in pins and (tier == 0 or (tier == 1 and voice == 0)):
                pin = pins[voice]
                if pin < 0:
                    moves = stays = 0
                    quiet = True
                else:
                    moves, stays, quiet = moves & 1 << pin, stays & 1 << pin, False
            strikes.append(moves)
            holds.append(stays)
            silent |= quiet << voice
        goal = next((goal for goal in time.ahead if goal > at), -1) if self.ruled and tier < 4 else -1
        if goal >= 0 and time.moments[goal].now - moment.now > 2 * scheme.meter.bar:
            goal = -1
        strong = self.ruled and tier < 4 and moment.strong and not moment.chord
        return Frame(
            tuple(strikes), tuple(holds), silent, fixed, before, self.ruled and tier < _LAST_TIER, manners,
            self.harmony if strong else None, self._needed(at) if manners else 0, goal, tier,
        )  # fmt: skip

    def _needed(self, at: int) -> int:
        """Root and third of the chords with which four parts end, so that they are heard as what they are."""
        if at not in self.time.goals or self.time.moments[at].chord:
            return 0
        scheme = self.scheme
        if at == self.time.goals[-1]:
            chord: frozenset[int] = scheme.last
        else:
            chord = scheme.approach if scheme.ending in ("authentic", "plagal") else frozenset()
        thirds = {3, 4} if chord == scheme.triad else {8, 9} if 0 in chord else {10, 11}
        roots = frozenset() if chord == scheme.triad else {5} if 0 in chord else {7}
        return bits((thirds | roots) & chord)


def _onward(pitch: int, directions: frozenset[int]) -> int:
    """The pitches that lie in some directions from a pitch."""
    same = 1 << pitch
    return (
        (-2 * same if 1 in directions else 0) | (same - 1 if -1 in directions else 0) | (same if 0 in directions else 0)
    )


def _dominates(row: tuple[int, ...]) -> bool:
    """Whether what sounds is a dominant, so that its leading tones rise."""
    classes = bits(pitch % 12 for pitch in row if pitch >= 0)
    return not classes & ~_DOMINANT and classes.bit_count() > 1
