"""Four voices at one moment: what each may sing so that those below it still find a note, by the rules."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from muse.music.bitsets import CLASSES, EVERY, PITCHES, bits, members


class Frame(NamedTuple):
    """A moment before anybody has sung.

    Attributes:
        strikes: for each voice the pitches it may strike.
        holds: for each voice the pitch it may hold, as a set of one or none.
        silent: bits of the voices that say nothing, or may rest.
        fixed: bits of the voices that are given; rules are for what is written.
        before: what sounded when last a note began, −1 for silence.
        pure: no parallels, no crossings.
        close: no wide gap between the upper voices, and one leading tone at the most.
        harmony: sets of pitch classes that may sound together, with all their subsets; None for any.
        needed: pitch classes of which all must sound, as bits.
        goal: the moment that must be reached next, −1 for none.
        tier: how much gave way; see `muse.music.frames.GAVE_WAY`.
    """

    strikes: tuple[int, ...]
    holds: tuple[int, ...]
    silent: int
    fixed: int
    before: tuple[int, ...]
    pure: bool = False
    close: bool = False
    harmony: Harmony | None = None
    needed: int = 0
    goal: int = -1
    tier: int = 0


class Harmony:
    """Which pitch classes may sound together: the subsets of some chords."""

    def __init__(self, chords: frozenset[frozenset[int]]) -> None:
        self._chords = tuple(bits(chord) for chord in chords)
        self._further: dict[int, int] = {}

    def holds(self, classes: int) -> bool:
        """True where all these pitch classes (as bits) are in one chord."""
        return any(not classes & ~chord for chord in self._chords)

    def further(self, classes: int) -> int:
        """The pitches that may join pitch classes."""
        if classes not in self._further:
            joined = 0
            for chord in self._chords:
                if not classes & ~chord:
                    joined |= chord
            self._further[classes] = sum(CLASSES[one] for one in members(joined))
        return self._further[classes]


Beyond = Callable[[int, tuple[int, ...]], bool]
"""(goal, row) → whether the goal can be reached from what sounds."""


def options(frame: Frame, voice: int, above: tuple[int, ...], classes: int) -> int:
    """The pitches a voice may sing, struck or held, under those above it; a voice below may yet be left without one.

    Args:
        above: pitches of the voices above, −1 for silence.
        classes: their pitch classes, as bits.
    """
    found = frame.strikes[voice] | frame.holds[voice]
    if frame.harmony is not None:
        found &= frame.harmony.further(classes)
    if not voice or not found:
        return found
    own = frame.fixed if frame.fixed >> voice & 1 else 0
    if frame.pure:
        held = frame.before[voice]
        for upper, after in enumerate(above):
            if after < 0 or own >> upper & 1:
                continue
            found &= (2 << after) - 1
            before = frame.before[upper]
            # two voices in an octave, unison or fifth that both move may not be in the same one again
            if held >= 0 and after != before >= 0 and (before - held) % 12 in (0, 7):
                found &= ~(CLASSES[(after - before + held) % 12] & ~(1 << held))
    if frame.close:
        if voice < 3 and above[-1] > 12 and not own:
            found &= -1 << above[-1] - 12
        if classes >> 11 & 1 and not own:
            found &= ~CLASSES[11]
    return found


def fits(frame: Frame, voice: int, above: tuple[int, ...], classes: int, beyond: Beyond) -> bool:
    """Whether all voices from this one down find a note."""
    if voice == len(frame.strikes):
        if frame.needed & ~classes:
            return False
        return frame.goal < 0 or beyond(frame.goal, above)
    found = options(frame, voice, above, classes)
    held = found & frame.holds[voice]
    if held:
        pitch = held.bit_length() - 1
        if fits(frame, voice + 1, (*above, pitch), classes | 1 << pitch % 12, beyond):
            return True
    for pitch in members(found & ~held):
        if fits(frame, voice + 1, (*above, pitch), classes | 1 << pitch % 12, beyond):
            return True
    return bool(frame.silent >> voice & 1) and fits(frame, voice + 1, (*above, -1), classes, beyond)


def kept(frame: Frame, voice: int, above: tuple[int, ...], beyond: Beyond) -> int:
    """The pitches of `options` after which all voices below still find a note."""
    classes = 0
    for pitch in above:
        if pitch >= 0:
            classes |= 1 << pitch % 12
    found = options(frame, voice, above, classes)
    if voice + 1 == len(frame.strikes) and not frame.needed and frame.goal < 0:
        return found
    return bits(
        pitch for pitch in members(found) if fits(frame, voice + 1, (*above, pitch), classes | 1 << pitch % 12, beyond)
    )


@lru_cache(maxsize=256)
def singable(line: str, leap: int, minor: bool) -> tuple[int, ...]:
    """For each pitch those that a voice of four reaches from it: no tritone, no seventh, no augmented second."""
    steps = [step for step in range(min(leap, 12) + 1) if step not in (6, 10, 11) and (step < 10 or line == "bass")]
    found = []
    for pitch in range(PITCHES):
        reached = {pitch + sign * step for step in steps for sign in (1, -1) if 0 <= pitch + sign * step < PITCHES}
        if minor:
            reached = {
                one for one in reached if not (abs(one - pitch) == 3 and {one % 12, pitch % 12} == {8, 11})
            }  # fmt: skip
        found.append(bits(reached))
    return tuple(found)


@lru_cache(maxsize=64)
def within(leap: int) -> tuple[int, ...]:
    """For each pitch those at most a leap away."""
    return tuple(((1 << 2 * leap + 1) - 1 << pitch) >> leap & EVERY for pitch in range(PITCHES))
