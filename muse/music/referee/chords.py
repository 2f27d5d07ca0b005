"""The chords of a file: as its markers name them, or as its notes sound; and how the notes keep to them."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from muse.music.heard import Heard, Voice
from muse.music.referee.names import Symbol, symbol
from muse.music.referee.places import Bars

_SHAPES = {
    "": (0, 4, 7), "m": (0, 3, 7), "dim": (0, 3, 6), "aug": (0, 4, 8), "7": (0, 4, 7, 10), "m7": (0, 3, 7, 10),
    "maj7": (0, 4, 7, 11), "m7b5": (0, 3, 6, 10), "dim7": (0, 3, 6, 9), "sus4": (0, 5, 7),
}  # fmt: skip
_EXTRA = {"": 0.0, "m": 0.0, "7": 0.05, "dim": 0.1}
_MOST_SPANS = 4_000


@dataclass(frozen=True, slots=True)
class Span:
    """A chord from one time to another, in quarter notes; its bass is a pitch class, or None where none is known."""

    start: Fraction
    end: Fraction
    chord: Symbol
    bass: int | None = None


def marked(heard: Heard) -> list[Span]:
    """The chords that the markers name, each to the next one; markers with other words are passed over."""
    named = {time: chord for time, text in heard.markers if (chord := symbol(text)) is not None}
    times = sorted(named)
    return [
        Span(time, end, named[time])
        for time, end in zip(times, [*times[1:], max(heard.last, times[-1])] if times else [], strict=True)
    ]


def sounded(heard: Heard, bars: Bars) -> list[Span]:
    """The chord of the notes of each beat, neighbours that are the same as one; beats without a chord are left out.

    Of a very long file the beginning is read.
    """
    shares: dict[int, dict[int, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    basses: dict[int, int] = {}
    edges = _beats(heard, bars)
    for voice in heard.pitched:
        for sound in voice.sounds:
            beat = max(0, bisect_right(edges, sound.start) - 1)
            while beat + 1 < len(edges) and edges[beat] < sound.end:
                share = min(sound.end, edges[beat + 1]) - max(sound.start, edges[beat])
                shares[beat][sound.pitch % 12] += share
                basses[beat] = min(basses.get(beat, 128), sound.pitch)
                beat += 1
    found: list[Span] = []
    for beat in sorted(shares):
        chord = named(shares[beat], basses[beat] % 12)
        if chord is None:
            continue
        start, end, bass = edges[beat], edges[beat + 1], basses[beat] % 12
        if found and (found[-1].chord, found[-1].bass, found[-1].end) == (chord, bass, start):
            start = found.pop().start
        found.append(Span(start, end, chord, bass))
    return found


def _beats(heard: Heard, bars: Bars) -> list[Fraction]:
    edges, last = [Fraction(0)], heard.last
    if heard.pickup:
        edges.append(heard.pickup)
    while edges[-1] < last and len(edges) < _MOST_SPANS:
        edges.append(edges[-1] + bars.pulse(edges[-1]))
    return edges


def named(shares: dict[int, Fraction], bass: int) -> Symbol | None:
    """The chord on one of the sounding classes that holds most of them, less what it lacks; a root in the bass counts.

    None where no chord holds two of three parts of it, or fewer than two classes sound.
    """
    total = float(sum(shares.values()))
    if len(shares) < 2 or not total:
        return None
    ranked = []
    for root in shares:
        for shape, steps in _SHAPES.items():
            classes = frozenset((root + step) % 12 for step in steps)
            inside = float(sum(share for one, share in shares.items() if one in classes)) / total
            lacking = sum(one not in shares for one in classes) / len(classes)
            score = inside - 0.4 * lacking + 0.15 * (bass == root) - _EXTRA.get(shape, 0.15)
            ranked.append((round(score, 9), inside, -root, Symbol(root, classes)))
    best = max(ranked, key=lambda one: one[:3])
    return best[3] if best[1] >= 2 / 3 else None


def on_strong_beats(voices: Sequence[Voice], spans: Sequence[Span], bars: Bars) -> tuple[int, int]:
    """(notes that belong to their chord, notes) among those that begin on a strong beat, or on that of a new chord."""
    starts = [span.start for span in spans]
    changes = set(starts)
    inside = total = 0
    for voice in voices:
        for sound in voice.sounds:
            if not (bars.strong(sound.start) or (sound.start in changes and bars.weight(sound.start))):
                continue
            index = bisect_right(starts, sound.start) - 1
            if index >= 0 and sound.start < spans[index].end:
                total += 1
                inside += sound.pitch % 12 in spans[index].chord.classes
    return inside, total
