"""Rules between two voices: parallels, hidden parallels, crossings, overlaps, spacing, and the ranges of four voices.

Source: E. Aldwell and C. Schachter, "Harmony and Voice Leading", chapters 5 and 6; S. Kostka and D. Payne, "Tonal
Harmony", chapter 5. Intervals are counted in semitones, since MIDI does not spell its notes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise

from muse.music.referee.breaks import Break
from muse.music.referee.names import Tonality, pitch_name
from muse.music.referee.places import REST, Bars, Line, Moment

PARALLELS = ("parallel fifths", "parallel octaves", "parallel unisons")
CONTRARY = ("fifths by contrary motion", "octaves by contrary motion")
HIDDEN = ("hidden fifths", "hidden octaves")
CROSSING, OVERLAP, SPACING, RANGE = "crossing", "overlap", "wide spacing", "out of range"
RULES = (*PARALLELS, *CONTRARY, *HIDDEN, CROSSING, OVERLAP, SPACING, RANGE)
"""Names of the rules, as they stand in a `Break`."""
COMPASS = ((60, 79), (55, 74), (48, 67), (40, 62))
"""Lowest and highest note of soprano, alto, tenor and bass by the textbook."""
_STEP = 2


def between(voices: Sequence[Line], moments: Sequence[Moment], bars: Bars, key: Tonality) -> list[Break]:
    """Every break of RULES, in order of time."""
    found: list[Break] = []
    names = [line.name for line in voices]
    pairs = list(combinations(range(len(voices)), 2))
    for before, after in pairwise(moments):
        for high, low in pairs:
            four = (before.notes[high], before.notes[low], after.notes[high], after.notes[low])
            if four[0] is None or four[1] is None or four[2] is None or four[3] is None:
                continue
            if four[2][0] - four[0][1] >= REST or four[3][0] - four[1][1] >= REST:
                continue
            a, b, c, d = (note[2] for note in four if note is not None)
            rule = _motion(a, b, c, d, outer=(high, low) == (0, len(voices) - 1))
            if rule:
                words = (
                    f"{pitch_name(a, key)} over {pitch_name(b, key)} to {pitch_name(c, key)} over {pitch_name(d, key)}"
                )
                found.append(Break(rule, bars.at(after.tick), (names[high], names[low]), words))
            if low == high + 1 and (d > a or c < b) and c >= d:
                words = (
                    f"{pitch_name(d, key)} after {pitch_name(a, key)}"
                    if d > a
                    else f"{pitch_name(c, key)} after {pitch_name(b, key)}"
                )
                found.append(Break(OVERLAP, bars.at(after.tick), (names[high], names[low]), words))
    found += _together(voices, moments, bars, key)
    if len(voices) == 4:
        found += _ranges(voices, bars, key)
    return sorted(found, key=lambda one: (one.place.bar, one.place.beat))


def _motion(a: int, b: int, c: int, d: int, *, outer: bool) -> str:
    """The rule broken where an upper voice goes from a to c and a lower one from b to d, or ""."""
    interval = (c - d) % 12
    if a == c or b == d or interval not in (0, 7):
        return ""
    same = (c > a) == (d > b)
    if (a - b) % 12 == interval:
        if not same:
            return CONTRARY[interval == 0]
        return PARALLELS[0] if interval else PARALLELS[2 if a == b and c == d else 1]
    return HIDDEN[interval == 0] if same and outer and abs(c - a) > _STEP else ""


def _together(voices: Sequence[Line], moments: Sequence[Moment], bars: Bars, key: Tonality) -> list[Break]:
    """Crossings, and more than an octave between two neighbours above the bass, each where it begins."""
    found = []
    for high, low in pairwise(range(len(voices))):
        crossed = wide = False
        for moment in moments:
            upper, lower = moment.notes[high], moment.notes[low]
            both = upper is not None and lower is not None
            gap = upper[2] - lower[2] if upper is not None and lower is not None else 0
            for rule, now, was in ((CROSSING, gap < 0, crossed),
                                   (SPACING, gap > 12 and len(voices) == 4 and low < 3, wide)):  # fmt: skip
                if now and not was and upper is not None and lower is not None:
                    words = f"{pitch_name(upper[2], key)} over {pitch_name(lower[2], key)}"
                    found.append(Break(rule, bars.at(moment.tick), (voices[high].name, voices[low].name), words))
            if both:
                crossed, wide = gap < 0, gap > 12
    return found


def _ranges(voices: Sequence[Line], bars: Bars, key: Tonality) -> list[Break]:
    """Notes of four voices beyond COMPASS; only of voices, not of four instruments."""
    known = [line.name.lower() for line in voices] == ["soprano", "alto", "tenor", "bass"]
    if not known:
        return []
    return [
        Break(RANGE, bars.at(start), (line.name,), pitch_name(pitch, key))
        for line, (low, high) in zip(voices, COMPASS, strict=True)
        for start, _, pitch in line.notes
        if not low <= pitch <= high
    ]
