"""Leading tones: those that do not rise to the tonic, and those that two voices share.

Source: Aldwell and Schachter, chapters 5 and 7. Only where the dominant (V, V7, vii°) goes to the tonic or to the
sixth degree, since elsewhere the note may be no leading tone; an inner voice may fall to the fifth of the tonic chord.
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
    goals: list[Moment | None] = [None] * len(moments)  # of each moment the first later one without the dominant
    for index in range(len(moments) - 2, -1, -1):
        after = moments[index + 1]
        goals[index] = goals[index + 1] if _dominant(after, key) else after
    doubled = False
    for index, moment in enumerate(moments):
        holders = [at for at, note in enumerate(moment.notes) if note is not None and note[2] % 12 == key.leading]
        if not holders or not _dominant(moment, key):
            doubled = False
            continue
        home = goals[index]
        if home is None or not _homely(home, key):
            continue
        if len(holders) > 1 and not doubled:
            names = tuple(voices[at].name for at in holders)
            found.append(Break(DOUBLED, bars.at(moment.tick), names, _named(moment, holders, key)))
        doubled = len(holders) > 1
        if moments[index + 1] is not home:
            continue
        for at in holders:
            before, then = moment.notes[at], home.notes[at]
            if before is None or then is None or before[2] == then[2]:
                continue
            step = then[2] - before[2]
            if step != 1 and (step != -4 or at in (0, len(voices) - 1)):
                words = f"{pitch_name(before[2], key)} to {pitch_name(then[2], key)}"
                found.append(Break(UNRESOLVED, bars.at(home.tick), (voices[at].name,), words))
    return found


def _dominant(moment: Moment, key: Tonality) -> bool:
    steps = _steps(moment, key)
    return len(steps) > 1 and 11 in steps and steps <= _DOMINANT


def _homely(moment: Moment, key: Tonality) -> bool:
    """Whether the tonic sounds, or the chord on the sixth degree."""
    steps = _steps(moment, key)
    return (0 in steps and steps <= _TONIC) or steps in _SIXTH


def _steps(moment: Moment, key: Tonality) -> frozenset[int]:
    """What sounds, in semitones above the tonic."""
    return frozenset((note[2] - key.tonic) % 12 for note in moment.notes if note is not None)


def _named(moment: Moment, holders: Sequence[int], key: Tonality) -> str:
    return " and ".join(pitch_name(note[2], key) for at in holders if (note := moment.notes[at]) is not None)
