"""The guitar under a tune: arpeggios that ring, and strumming."""

from __future__ import annotations

from muse.music.arrange.frame import Frame, Span, lowest, struck, voiced
from muse.music.notes import Note

PATTERNS = ("arpeggio", "strum")
_LOW, _UPPER = 40, 50
_SOFTER = 12


def pattern(frame: Frame, chance: float) -> str:
    """Picked where little moves, strummed where much does; between the two `chance` in [0, 1) chooses."""
    return PATTERNS[int(chance < (0.0, 0.5, 0.8)[frame.drive])]


def play(frame: Frame, chosen: str, share: int, *, bass: bool) -> list[Note]:
    """The part of the guitar: at most four strings at once, the lowest its bass.

    Args:
        chosen: one of PATTERNS.
        share: most notes at once.
        bass: it plays the chord's bass; where a bass player does, three strings above.
    """
    notes: list[Note] = []
    strings: tuple[int, ...] = ()
    low: int | None = None
    for span in frame.spans:
        ceiling = min(frame.ceiling(span.start, span.end), frame.roof)
        upper = max(1, min(3, share - (bass and share > 1)))
        low = lowest(span.chord, _LOW, low) if bass else None
        strings = voiced(span.chord, strings, max(_UPPER, (low or 0) + 1), ceiling, upper)
        if span.end > frame.close:
            full = strings if low is None or share == 1 else (low, *strings)
            notes += struck(full, span.start, span.end, frame.velocity(span.start, _SOFTER))
        elif chosen == "strum":
            notes += _strum(frame, span, strings, low, share)
        else:
            notes += _arpeggio(frame, span, strings, low, share)
    return notes


def _arpeggio(frame: Frame, span: Span, strings: tuple[int, ...], low: int | None, share: int) -> list[Note]:
    """Thumb, then the fingers up and back, in eighths; each string rings until it is plucked again or the stress ends.

    Where so many may not sound at once, each note ends with the next.
    """
    step = min(6, frame.pulse.step)
    rings = share > len(strings)
    notes = []
    for start, end in frame.stresses(span.start, span.end):
        plucked: dict[int, int] = {}
        for number, tick in enumerate(range(start, end, step)):
            if number == 0 and low is not None:
                pitch = low
            else:
                around = (*range(len(strings)), *range(len(strings) - 2, 0, -1))
                pitch = strings[around[(number - (low is not None)) % len(around)]]
            if pitch in plucked:
                begun = plucked.pop(pitch)
                notes += struck([pitch], begun, tick, frame.velocity(begun, _SOFTER + 4))
            if rings:
                plucked[pitch] = tick
            else:
                notes += struck([pitch], tick, min(end, tick + step), frame.velocity(tick, _SOFTER + 4))
        for pitch, begun in plucked.items():
            notes += struck([pitch], begun, end, frame.velocity(begun, _SOFTER + (0 if begun == start else 4)))
    return notes


def _strum(frame: Frame, span: Span, strings: tuple[int, ...], low: int | None, share: int) -> list[Note]:
    """Down on the stresses and strokes, up between them where much moves: the upper strings, softer."""
    half = frame.pulse.step // 2
    notes = []
    for start, end in frame.stresses(span.start, span.end):
        for stroke in frame.strokes(start, end):
            first = stroke.tick == start
            if not first and frame.drive == 0:
                continue
            full = strings if low is None or share == 1 or not first else (low, *strings)
            upstroke = frame.drive == 2 and half >= 6 and not first
            stop = end if frame.drive == 0 else stroke.tick + half if upstroke else stroke.end
            notes += struck(full, stroke.tick, stop, frame.velocity(stroke.tick, _SOFTER + (0 if first else 5)))
            if upstroke:
                upper = strings[-2:]
                notes += struck(upper, stroke.tick + half, stroke.end, frame.velocity(stroke.tick + half, _SOFTER + 8))
    return notes
