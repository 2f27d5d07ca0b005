"""Steps inside a voice that are hard to sing: tritones, augmented seconds, sevenths, more than an octave.

Source: Aldwell and Schachter, chapter 5. Across a rest nothing is counted. A tritone that
turns back by a step, as a diminished fifth should, is none.
"""

from __future__ import annotations

from collections.abc import Sequence

from muse.music.referee.breaks import Break
from muse.music.referee.names import Tonality, pitch_name
from muse.music.referee.places import REST, Bars, Line

RULES = ("leap of a tritone", "augmented second", "leap of a seventh", "leap beyond an octave")


def inside(voices: Sequence[Line], bars: Bars, key: Tonality) -> list[Break]:
    """Every break of RULES, voice by voice."""
    found = []
    for line in voices:
        for index in range(1, len(line.notes)):
            (_, end, a), (start, _, b) = line.notes[index - 1 : index + 1]
            if start - end >= REST:
                continue
            after = line.notes[index + 1][2] if index + 1 < len(line.notes) else None
            rule = _rule(a, b, after, key)
            if rule:
                found.append(Break(rule, bars.at(start), (line.name,), f"{pitch_name(a, key)} to {pitch_name(b, key)}"))
    return found


def _rule(a: int, b: int, after: int | None, key: Tonality) -> str:
    step = abs(b - a)
    if step > 12:
        return RULES[3]
    if step in (10, 11):
        return RULES[2]
    if step == 6 and (after is None or not 0 < (after - b) * (1 if a > b else -1) <= 2):
        return RULES[0]
    if step == 3 and key.mode == "minor" and {(a - key.tonic) % 12, (b - key.tonic) % 12} == {8, 11}:
        return RULES[1]
    return ""
