"""Leading tones: those that do not rise to the tonic, and those that two voices share.

Source: Aldwell and Schachter, chapters 5 and 7. Only where the dominant (V, V7, vii°) goes to the tonic or to the
sixth degree; an inner voice may fall to the fifth of the tonic chord. Judged in one key, so that what belongs to
another key on the way is passed over, not blamed.
"""

from __future__ import annotations

from collections.abc import Sequence

from muse.music.referee.breaks import Break
from muse.music.referee.names import Tonality, pitch_name
from muse.music.referee.places import Bars, Line, Moment

UNRESOLVED, DOUBLED = "unresolved leading tone", "doubled leading tone"
RULES = (UNRESOLVED, DOUBLED)
_DOMINANT = frozenset((2, 5, 7, 11))
_TONIC = frozenset((0, 3, 4, 7))
_SIXTH = (frozenset((0, 4, 9)), frozenset((0, 3, 8)))


def leading(voices: Sequence[Line], moments: Sequence[Moment], bars: Bars, key: Tonality) -> list[Break]:
    """Every break of RULES."""
    found = []
    doubled = False
    for index, moment in enumerate(moments):
        steps = _steps(moment, key)
        dominant = 11 in steps and len(steps) > 1 and steps <= _DOMINANT
        holders = [at for at, note in enumerate(moment.notes) if note is not None and (note[2] - key.tonic) % 12 == 11]
        if dominant and len(holders) > 1 and not doubled:
            names = tuple(voices[at].name for at in holders)
            found.append(Break(DOUBLED, bars.at(moment.tick), names, _named(moment, holders)))
        doubled = dominant and len(holders) > 1
        for at in holders if dominant else ():
            after = _next(moments, index, at)
            if after is None:
                continue
            before, then = moment.notes[at], after.notes[at]
            goal = _steps(after, key)
            home = 0 in goal and (goal <= _TONIC or goal in _SIXTH)
            if before is None or then is None or not home:
                continue
            step = then[2] - before[2]
            if step == 1 or (step == -4 and 0 < at < len(voices) - 1):
                continue
            words = f"{pitch_name(before[2])} to {pitch_name(then[2])}"
            found.append(Break(UNRESOLVED, bars.at(after.tick), (voices[at].name,), words))
    return found


def _steps(moment: Moment, key: Tonality) -> frozenset[int]:
    """What sounds, in semitones above the tonic."""
    return frozenset((note[2] - key.tonic) % 12 for note in moment.notes if note is not None)


def _next(moments: Sequence[Moment], index: int, voice: int) -> Moment | None:
    """The moment at which a voice moves on from what it sings, if that is the next thing that changes the harmony."""
    note = moments[index].notes[voice]
    after = moments[index + 1] if index + 1 < len(moments) else None
    if note is None or after is None or after.notes[voice] is None or after.notes[voice] == note:
        return None
    return None if after.notes[voice][2] == note[2] else after  # type: ignore[index]


def _named(moment: Moment, holders: Sequence[int]) -> str:
    return " and ".join(pitch_name(note[2]) for at in holders if (note := moment.notes[at]) is not None)
