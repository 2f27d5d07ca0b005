"""The piano under a tune: block chords, broken ones, waltz, stride."""

from __future__ import annotations

from itertools import cycle

from muse.music.arrange.frame import Frame, Span, lowest, struck, voiced
from muse.music.chords import tones
from muse.music.notes import Note

PATTERNS = ("block", "broken", "waltz", "stride")
_BASS, _LEFT, _CHORD = 36, 41, 48
_SOFTER = 10


def pattern(frame: Frame, chance: float) -> str:
    """The pattern that suits meter and drive; where several do, `chance` in [0, 1) chooses."""
    swinging = "waltz" if frame.pulse.triple else "stride"
    choices = {
        0: ("broken",),
        1: ("broken", swinging, "block") if frame.tempo < 112 else (swinging, "block", swinging),
        2: ("broken", swinging),
    }[frame.drive]
    if frame.padded:
        choices = tuple(name for name in choices if name != "block")
    return choices[int(chance * len(choices))]


def play(frame: Frame, chosen: str, share: int, *, bass: bool, solo: bool = False) -> list[Note]:
    """The part of the piano.

    Args:
        chosen: one of PATTERNS.
        share: most notes at once.
        bass: it plays the bass; where a bass player does, its chords alone.
        solo: it is the left hand of a piano whose right hand has the tune: within an octave and a third.
    """
    notes: list[Note] = []
    voicing: tuple[int, ...] = ()
    low: int | None = None
    roof = min(frame.roof, 64) if frame.padded else frame.roof
    for index, span in enumerate(frame.spans):
        ceiling = frame.ceiling(span.start, span.end)
        if solo:
            low = lowest(span.chord, _LEFT if chosen == "broken" else _LEFT + 2, low, 12)
            if low + 12 > ceiling and low >= 40:
                low -= 12
            voicing = _hand(span, low, max(1, min(4, share)))
        else:
            low = lowest(span.chord, _BASS, low) if bass else None
            upper = max(1, min(3, share - (share > 1 and bass)))
            voicing = voiced(span.chord, voicing, max(_CHORD, (low or 0) + 1), min(ceiling, roof), upper)
        last = span.end > frame.close
        if last or (chosen == "block" and frame.drive == 0):
            notes += _block(frame, span, voicing, low, share, whole=True)
        elif chosen == "block":
            notes += _block(frame, span, voicing, low, share)
        elif chosen == "broken":
            notes += _broken(frame, span, voicing, low, share, solo=solo)
        else:
            notes += _swinging(frame, span, voicing, low, share, odd=index % 2 == 1, stride=chosen == "stride")
    return notes


def _hand(span: Span, low: int, count: int) -> tuple[int, ...]:
    """A chord for one hand, from its bass up: root, fifth and tenth where that many are wanted, or close together."""
    steps = sorted((span.chord.root + step - low) % 12 for step in tones(span.chord))
    above = [low + step for step in steps if step]
    return (low, *above[: count - 1]) if count > 1 else (low,)


def _block(
    frame: Frame, span: Span, voicing: tuple[int, ...], low: int | None, share: int, *, whole: bool = False
) -> list[Note]:
    """The chord at once, again on each stress unless it is to hold."""
    notes = []
    full = voicing if low is None or low in voicing or share == 1 else (low, *voicing)
    for start, end in [(span.start, span.end)] if whole else frame.stresses(span.start, span.end):
        loud = frame.velocity(start, _SOFTER)
        notes += struck(full[:share], start, end, loud)
    return notes


def _broken(
    frame: Frame, span: Span, voicing: tuple[int, ...], low: int | None, share: int, *, solo: bool
) -> list[Note]:
    """The chord note by note, up and back again: in eighths, in calm pieces in strokes."""
    step = frame.pulse.step if frame.drive == 0 else min(6, frame.pulse.step)
    if solo:  # the hand opens: bass, fifth, octave, tenth
        root = voicing[0]
        fifth, tenth = voicing[min(2, len(voicing) - 1)], voicing[min(1, len(voicing) - 1)] + 12
        six = frame.pulse.triple and step < frame.pulse.step
        row = [
            root,
            fifth,
            root + 12,
            *([tenth, root + 12] if six else []),
            *([] if frame.pulse.triple and not six else [fifth]),
        ]
    else:
        order = (0, 2, 1, 2) if not frame.pulse.triple or step < frame.pulse.step else (0, 1, 2)
        row = [voicing[place % len(voicing)] for place in order]
        if low is not None and share == 1:
            row[0] = low
    notes = []
    if low is not None and not solo and share > 1:
        notes += struck([low], span.start, span.end, frame.velocity(span.start, _SOFTER))
    for start, end in frame.stresses(span.start, span.end):
        for tick, pitch in zip(range(start, end, step), cycle(row), strict=False):
            loud = frame.velocity(tick, _SOFTER + (2 if tick == start else 6))
            notes += struck([pitch], tick, min(end, tick + step), loud)
    return notes


def _swinging(
    frame: Frame, span: Span, voicing: tuple[int, ...], low: int | None, share: int, *, odd: bool, stride: bool
) -> list[Note]:
    """Bass on the stress, the chord on the other strokes: waltz in threes, stride in twos, its bass in turn a fifth."""
    notes = []
    stresses = frame.stresses(span.start, span.end)
    chord = [pitch for pitch in voicing if pitch != low][: max(1, share)] or list(voicing)
    for number, (start, end) in enumerate(stresses):
        for stroke in frame.strokes(start, end):
            if stroke.tick == start and low is not None:
                fifth = low - 5 if (number % 2 or (odd and len(stresses) == 1)) and _perfect(span) else low
                pitch = fifth if stride or fifth >= 36 else low
                notes += struck([pitch], start, stroke.end, frame.velocity(start, _SOFTER - 2))
            elif stroke.tick > start or low is None:
                notes += struck(chord, stroke.tick, stroke.end, frame.velocity(stroke.tick, _SOFTER + 6))
    return notes


def _perfect(span: Span) -> bool:
    """Whether the chord stands on its root and has a perfect fifth."""
    return span.chord.bass < 0 and 7 in tones(span.chord)
