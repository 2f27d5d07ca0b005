"""What a finished draft is measured by: parallels, crossings, leaps, repetition; counted, never enforced here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from muse.music.events import Draft
from muse.music.theory import BEAT

PERFECT = (0, 7)


@dataclass(frozen=True, slots=True)
class Count:
    """What the rules found.

    Attributes:
        moments: moments where any voice begins a note.
        parallels: perfect fifths, octaves and unisons that two voices carry over by moving alike.
        crossings: moments where a lower voice sounds above a higher one.
        leaps: steps of the voices beyond a sixth, and tritones.
        stuck: notes that repeat the pitch of the two before.
        wide: moments where soprano and alto, or alto and tenor, are more than an octave apart.
    """

    moments: int = 0
    parallels: int = 0
    crossings: int = 0
    leaps: int = 0
    stuck: int = 0
    wide: int = 0


def moves_in_parallel(before: tuple[int, int], after: tuple[int, int]) -> bool:
    """True where two voices move from a perfect interval to the same one in parallel; octaves count as unisons.

    >>> moves_in_parallel((67, 60), (69, 62)), moves_in_parallel((67, 60), (67, 60))
    (True, False)
    """
    upper, lower = before
    if after[0] == upper or after[1] == lower:
        return False
    interval = (upper - lower) % 12
    return interval in PERFECT and (after[0] - after[1]) % 12 == interval


def sounding(draft: Draft) -> list[tuple[int, tuple[int | None, ...]]]:
    """(tick, pitch of each voice or None) at every moment where a note begins or ends."""
    ticks = sorted(
        {edge for voice in draft.voices for tick, duration, _, _ in voice for edge in (tick, tick + duration)}
    )
    found = []
    places = [0] * len(draft.voices)
    for tick in ticks:
        row: list[int | None] = []
        for index, voice in enumerate(draft.voices):
            while places[index] + 1 < len(voice) and voice[places[index] + 1][0] <= tick:
                places[index] += 1
            note = voice[places[index]] if voice else None
            row.append(note[2] if note is not None and note[0] <= tick < note[0] + note[1] else None)
        if any(pitch is not None for pitch in row):
            found.append((tick, tuple(row)))
    return found


def count(draft: Draft) -> Count:
    """All counts of a draft."""
    found: Counter[str] = Counter()
    moments = sounding(draft)
    for _, row in moments:
        for upper, lower in pairwise(row):
            found["crossings"] += upper is not None and lower is not None and lower > upper
        for upper, lower in pairwise(row[:3]):
            found["wide"] += upper is not None and lower is not None and upper - lower > 12
    for (_, before), (_, after) in pairwise(moments):
        for a in range(len(before)):
            for b in range(a + 1, len(before)):
                four = (before[a], before[b], after[a], after[b])
                if None not in four:
                    found["parallels"] += moves_in_parallel((four[0], four[1]), (four[2], four[3]))  # type: ignore[arg-type]
    for voice in draft.voices:
        pitches = [pitch for _, _, pitch, _ in voice]
        steps = [abs(b - a) for a, b in pairwise(pitches)]
        found["leaps"] += sum(step > 9 or step == 6 for step in steps)
        found["stuck"] += sum(a == b == 0 for a, b in pairwise(steps))
    return Count(len(moments), *(found[name] for name in ("parallels", "crossings", "leaps", "stuck", "wide")))


def fault(draft: Draft) -> float:
    """One number for choosing among candidates: what a listener would mind, each thing weighed once, per bar."""
    counts = count(draft)
    bars = max(1, draft.bars)
    top = draft.voices[0]
    voices = max(1, len(draft.voices))
    pitches = [pitch for _, _, pitch, _ in top]
    stuck = sum(a == b == c for a, b, c in zip(pitches, pitches[1:], pitches[2:], strict=False))
    local = counts.parallels * 1.0 + counts.crossings * 0.5 + counts.leaps * 0.35 / voices + stuck * 0.25
    found = (local + counts.wide * 0.05 + _dull(top) + _hollow(draft)) / bars + 0.2 * _weak_ending(draft)
    return found + 0.08 * _flat(draft) + 0.1 * _circling(draft)


def bars_of(draft: Draft) -> list[tuple[tuple[int, int], ...]]:
    """(tick of the bar, pitch) of the tune's notes, bar by bar."""
    found: list[list[tuple[int, int]]] = [[] for _ in range(draft.bars + 1)]
    for tick, _, pitch, _ in draft.voices[0]:
        bar, inside = divmod(tick - draft.pickup, draft.meter.bar)
        found[bar + 1].append((inside, pitch))
    return [tuple(bar) for bar in found[1:]]


def _flat(draft: Draft) -> float:
    """By how many semitones the tune stays under a major sixth, in the mean over stretches of eight bars."""
    bars = [[pitch for _, pitch in bar] for bar in bars_of(draft)]
    if len(bars) < 4:
        return 0.0
    gaps = []
    for begin in range(0, len(bars), 8):
        pitches = [pitch for bar in bars[begin : begin + 8] for pitch in bar]
        if pitches and len(bars) - begin >= 4:
            gaps.append(max(0, 9 - (max(pitches) - min(pitches))))
    return sum(gaps) / max(1, len(gaps))


def _circling(draft: Draft) -> float:
    """How often two bars of a tune come three times in a row."""
    bars = bars_of(draft)
    return float(
        sum(bars[at : at + 2] == bars[at + 2 : at + 4] == bars[at + 4 : at + 6] for at in range(len(bars) - 5))
    )


def _weak_ending(draft: Draft) -> float:
    """1 where the last step does not lead to the tonic: no dominant or subdominant bass under four parts, a tune that
    jumps, the lowered seventh in minor; parts of it add up to at most 2."""
    moments = [row for _, row in sounding(draft)][:-1]
    if len(moments) < 2 or None in moments[-2] or None in moments[-1]:
        return 0.0
    before = [(pitch - draft.key.tonic) % 12 for pitch in moments[-2] if pitch is not None]
    weak = 0.5 * (abs((moments[-1][0] or 0) - (moments[-2][0] or 0)) > 5)
    weak += 0.5 * (draft.key.mode == "minor" and 10 in before)
    if len(before) == 4:
        weak += 1.0 * (before[-1] not in (7, 11, 5, 2)) + 0.5 * (before[-1] not in (7, 11))
    return weak


def _dull(voice: Sequence[tuple[int, int, int, int]]) -> float:
    """How much of a tune is the same two notes back and forth, or one pitch."""
    pitches = [pitch for _, _, pitch, _ in voice]
    back = sum(pitches[i] == pitches[i + 2] and pitches[i + 1] == pitches[i + 3] for i in range(len(pitches) - 3))
    return 0.25 * back


def _hollow(draft: Draft) -> float:
    """Four-part beats that hold fewer than three pitch classes or a bare dissonance on a strong beat."""
    if len(draft.voices) < 4:
        return 0.0
    poor = 0.0
    for tick, row in sounding(draft):
        if None in row or (tick - draft.pickup) % BEAT:
            continue
        classes = {pitch % 12 for pitch in row if pitch is not None}
        poor += 0.25 * (len(classes) < 3)
        bass = row[-1] or 0
        poor += 0.3 * any(
            (pitch - bass) % 12 in (1, 6, 11) for pitch in row[:-1] if pitch is not None and len(classes) < 4
        )
    return poor
