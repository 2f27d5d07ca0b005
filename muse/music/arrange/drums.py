"""The drum kit: a beat for every meter, fills where a phrase ends."""

from __future__ import annotations

from collections.abc import Callable

from muse.music.arrange.frame import Frame
from muse.music.notes import Note

KICK, SIDE, SNARE, FLOOR_TOM, CLOSED, LOW_TOM, OPEN, HIGH_TOM, CRASH, RIDE = 36, 37, 38, 41, 42, 45, 46, 50, 49, 51
"""Percussion of General MIDI."""
PATTERNS = ("soft", "straight", "driving")
_LENGTH = 3
Hit = Callable[[int, int, int], None]
"""(tick, drum, how far behind the tune's loudness)."""


def play(frame: Frame) -> list[Note]:
    """The part of the drums, by drive: ride and side stick; kick, snare and hi-hat; the same with more between.

    The kick has the first stress of the bar, the snare the back beat: the second stroke of groups of two, the last
    stress of bars in threes. In the last bar of a phrase snare and toms run down the last group into a crash; the
    last bar of all has one stroke, with the tune's last note.
    """
    hits: dict[tuple[int, int], int] = {}

    def hit(tick: int, drum: int, less: int) -> None:
        if tick < frame.close or drum in (KICK, CRASH, RIDE):
            hits[tick, drum] = frame.velocity(tick, less)

    filled = False
    for bar in range(1, frame.bars + 1):
        start = frame.bar_start(bar)
        end = min(frame.length, start + frame.meter.bar)
        fill = bar in frame.holds and bar < frame.bars and frame.drive > 0
        last = bar == frame.bars
        stop = start + frame.pulse.groups[-1][0] if fill else end
        if len(frame.pulse.groups) == 1 and fill:
            stop = start + frame.pulse.step
        _beat(frame, start, min(stop, frame.close) if last else stop, hit)
        if (filled or bar == 1) and frame.drive and start < frame.close:
            hit(start, CRASH, 14)
        filled = fill
        if fill:
            _fill(frame, stop, end, hit)
        if last:
            hit(frame.close, KICK, 6)
            hit(frame.close, CRASH if frame.drive else RIDE, 14)
    return [
        Note(tick, drum, min(_LENGTH, max(1, frame.length - tick)), loud)
        for (tick, drum), loud in sorted(hits.items())
        if tick < frame.length
    ]


def _beat(frame: Frame, start: int, end: int, hit: Hit) -> None:
    """One bar's beat, as far as `end`."""
    groups = frame.pulse.groups
    paired = all(last - first == 2 * frame.pulse.step for first, last in groups)
    for stroke in frame.strokes(start, end):
        first = stroke.place == 0
        if frame.drive == 0:
            if first:
                hit(stroke.tick, RIDE, 26)
            if _back(stroke.place, stroke.group, len(groups), paired):
                hit(stroke.tick, SIDE, 26)
            if first and stroke.group == 0:
                hit(stroke.tick, KICK, 18)
            continue
        hit(stroke.tick, CLOSED, 20 if first else 26)
        half = frame.pulse.step // 2
        if frame.pulse.step == 12 and (frame.drive == 2 or frame.tempo < 126) and stroke.tick + half < end:
            hit(stroke.tick + half, CLOSED, 30)
        if _back(stroke.place, stroke.group, len(groups), paired):
            hit(stroke.tick, SNARE, 8)
        elif first and (stroke.group == 0 or paired or stroke.group % 2 == 0):
            hit(stroke.tick, KICK, 6)
        if frame.drive == 2 and paired and stroke.group % 2 == 1 and first and stroke.tick - half >= start:
            hit(stroke.tick - half, KICK, 14)


def _back(place: int, group: int, groups: int, paired: bool) -> bool:
    """Whether the back beat falls on a stroke of the bar."""
    if paired:
        return place == 1
    if groups == 1:
        return place == 2
    return place == 0 and group == groups - 1


def _fill(frame: Frame, start: int, end: int, hit: Hit) -> None:
    """Snare, then the toms downwards, in eighths, or 16ths where much moves."""
    step = 3 if frame.drive == 2 and frame.tempo < 140 else 6
    step = min(step, frame.pulse.step)
    ticks = range(start, end, step)
    drums = (SNARE, HIGH_TOM, LOW_TOM, FLOOR_TOM)
    for number, tick in enumerate(ticks):
        hit(tick, drums[number * len(drums) // len(ticks)], 10 - number // 2)
    hit(start, KICK, 8)
