"""Cadences: how phrases end, and how a piece does.

A phrase is held to end where the tune rests for half a beat or more, or stays for two beats and half as long again as
its usual note. Source of the names: Aldwell and Schachter, chapters 8 and 9; W. Caplin, "Classical Form", chapter 3.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from muse.music.heard import Heard, Sound
from muse.music.referee.chords import Span, marked, sounded
from muse.music.referee.names import Tonality
from muse.music.referee.places import Bars, Place

PERFECT, AUTHENTIC, HALF, PLAGAL, DECEPTIVE, OPEN = (
    "perfect authentic", "authentic", "half", "plagal", "deceptive", "open",
)  # fmt: skip
_DOMINANTS = {7, 11}
_SUBDOMINANTS = {5, 2}


@dataclass(frozen=True, slots=True)
class Cadence:
    """The end of a phrase: where its last note begins, and its kind."""

    place: Place
    kind: str

    def __str__(self) -> str:
        return f"{self.kind} cadence at {self.place}"


def cadences(heard: Heard, bars: Bars, key: Tonality) -> list[Cadence]:
    """The ends of phrases of the first voice that are cadences of a known kind."""
    tune = top(heard)
    spans = marked(heard) or sounded(heard, bars)
    if not spans:
        return []
    ends = [Cadence(bars.place(note.start), kind(note, spans, key)) for note in phrase_ends(tune, bars)]
    return [one for one in ends if one.kind != OPEN]


def top(heard: Heard) -> list[Sound]:
    """The tune: of the first pitched voice the highest note at each time where one begins."""
    notes: dict[Fraction, Sound] = {}
    for sound in heard.pitched[0].sounds if heard.pitched else ():
        if sound.start not in notes or sound.pitch > notes[sound.start].pitch:
            notes[sound.start] = sound
    return [notes[time] for time in sorted(notes)]


def phrase_ends(tune: Sequence[Sound], bars: Bars) -> list[Sound]:
    """The notes with which phrases end, the last note of all among them."""
    lengths = sorted(sound.end - sound.start for sound in tune)
    usual = lengths[len(lengths) // 2] if lengths else Fraction(1)
    found = []
    for index, sound in enumerate(tune):
        pulse = bars.pulse(sound.start)
        long = sound.end - sound.start >= max(2 * pulse, usual * Fraction(3, 2))
        rests = index + 1 < len(tune) and tune[index + 1].start - sound.end >= pulse / 2
        if long or rests or index == len(tune) - 1:
            found.append(sound)
    return found


def kind(note: Sound, spans: Sequence[Span], key: Tonality) -> str:
    """How the phrase ends that ends with a note: by the last chord under it and the one with another root before."""
    at = bisect_left(spans, note.end, key=lambda span: span.start) - 1
    if at < 0:
        return OPEN
    last = spans[at]
    before = next((spans[back] for back in range(at - 1, -1, -1) if spans[back].chord.root != last.chord.root), None)
    goal = (last.chord.root - key.tonic) % 12
    origin = (before.chord.root - key.tonic) % 12 if before else None
    if goal == 0:
        if origin in _DOMINANTS:
            rooted = before is not None and before.bass in (None, before.chord.root) and last.bass in (None, key.tonic)
            return PERFECT if rooted and origin == 7 and note.pitch % 12 == key.tonic else AUTHENTIC
        return PLAGAL if origin in _SUBDOMINANTS else OPEN
    if goal == 7:
        return HALF
    return DECEPTIVE if goal in (8, 9) and origin == 7 else OPEN


def ending(heard: Heard, bars: Bars, key: Tonality) -> frozenset[str]:
    """All kinds of ending that the last notes can be called; of a tune alone by its last note."""
    tune = top(heard)
    if not tune:
        return frozenset()
    final = (tune[-1].pitch - key.tonic) % 12
    spans = marked(heard) or sounded(heard, bars)
    if len(heard.pitched) == 1 and not heard.markers and not heard.pitched[0].together:
        return frozenset({AUTHENTIC, PLAGAL} if final == 0 else {HALF, OPEN} if final in (2, 7, 11) else {OPEN})
    last = max(tune, key=lambda sound: sound.end)
    found = kind(last, spans, key) if spans else OPEN
    kinds = {AUTHENTIC, PERFECT} if found == PERFECT else {found} - {OPEN}
    lowest = min(sound.pitch for voice in heard.pitched for sound in voice.sounds if sound.end == last.end)
    home = lowest % 12 == key.tonic and bool(spans) and spans[-1].chord.root == key.tonic
    return frozenset(kinds if home else kinds | {OPEN})
