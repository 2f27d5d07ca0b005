"""The bass: roots, roots and fifths, or walking."""

from __future__ import annotations

from muse.music.arrange.frame import Frame, Span, lowest, struck
from muse.music.chords import tones
from muse.music.notes import Note
from muse.music.theory import Chord

PATTERNS = ("root", "root-fifth", "walking")
_LOW, _HIGH = 28, 52
_SOFTER = 6


def pattern(frame: Frame, chance: float) -> str:
    """What suits the drive; where much moves in simple meters, `chance` in [0, 1) may let it walk."""
    if frame.drive == 0:
        return "root"
    walks = frame.pulse.step == 12 and not frame.pulse.triple
    return "walking" if walks and frame.drive == 2 and chance < 0.5 else "root-fifth"


def play(frame: Frame, chosen: str) -> list[Note]:
    """The part of the bass, one note at a time."""
    notes: list[Note] = []
    low: int | None = None
    spans = frame.spans
    for index, span in enumerate(spans):
        low = lowest(span.chord, _LOW, low if low is not None and low <= 43 else None)
        if span.end > frame.close or chosen == "root":
            notes += struck([low], span.start, span.end, frame.velocity(span.start, _SOFTER))
        elif chosen == "root-fifth":
            notes += _fifths(frame, span, low)
        else:
            following = spans[index + 1].chord if index + 1 < len(spans) else span.after
            notes += _walk(frame, span, low, lowest(following, _LOW, low))
    return notes


def _fifths(frame: Frame, span: Span, low: int) -> list[Note]:
    """The root on the first stress, the fifth on the next; where much moves, the root once more before each stress."""
    notes = []
    fifth = _fifth(span.chord, low)
    for number, (start, end) in enumerate(frame.stresses(span.start, span.end)):
        pitch = fifth if number % 2 else low
        lead = end - frame.pulse.step
        if frame.drive == 2 and lead > start and number % 2 == 0:
            notes += struck([pitch], start, lead, frame.velocity(start, _SOFTER))
            notes += struck([low], lead, end, frame.velocity(lead, _SOFTER + 4))
        else:
            notes += struck([pitch], start, end, frame.velocity(start, _SOFTER))
    return notes


def _fifth(chord: Chord, low: int) -> int:
    """The fifth of the chord under its root, or over it where that is too low; the bass of an inversion stays."""
    if chord.bass >= 0:
        return low
    step = next((step for step in tones(chord) if step in (6, 7, 8)), 0)
    return low - 12 + step if step and low - 12 + step >= _LOW else low + step


def _walk(frame: Frame, span: Span, low: int, goal: int) -> list[Note]:
    """A note a stroke: the root, then notes of chord and scale towards the next root, and a neighbour before it."""
    strokes = list(frame.strokes(span.start, span.end))
    if not strokes:
        return struck([low], span.start, span.end, frame.velocity(span.start, _SOFTER))
    row = [low]
    members = {(span.chord.root + step) % 12 for step in tones(span.chord)}
    up = goal > low or (goal == low and low < 38)
    while len(row) < len(strokes):
        left = len(strokes) - len(row)
        if left == 1:
            row.append(_approach(frame, row[-1], goal))
            continue
        wanted = members if left % 2 == 0 or left == 2 else frame.key.scale
        up = up if _LOW + 2 < row[-1] < _HIGH - 3 else row[-1] <= _LOW + 2
        span_up = range(row[-1] + 1, row[-1] + 6) if up else range(row[-1] - 1, row[-1] - 6, -1)
        row.append(next((pitch for pitch in span_up if pitch % 12 in wanted), row[-1]))
    return [
        note
        for stroke, pitch in zip(strokes, row, strict=True)
        for note in struck([pitch], stroke.tick, stroke.end, frame.velocity(stroke.tick, _SOFTER))
    ]


def _approach(frame: Frame, before: int, goal: int) -> int:
    """A neighbour of the goal, from the side where the line comes from: of the scale, or a semitone below."""
    above = goal + (1 if (goal + 1) % 12 in frame.key.scale else 2)
    below = goal - (2 if (goal - 2) % 12 in frame.key.scale and (goal - 1) % 12 not in frame.key.scale else 1)
    chosen = above if before > goal else below
    return chosen if chosen != before and chosen >= _LOW else above if chosen == below else below
