"""The rules of part-writing over a whole file: what is broken, and how much there was to break."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from muse.music.heard import Heard
from muse.music.referee import counterpoint, leaps, tendencies
from muse.music.referee.breaks import Break, told
from muse.music.referee.chords import marked, on_strong_beats
from muse.music.referee.names import Tonality
from muse.music.referee.places import Bars, lines, moments
from muse.terms import Promise

RULES = (*counterpoint.RULES, *tendencies.RULES, *leaps.RULES)
"""Names of all rules."""
_MOST_MOMENTS = 10_000


@dataclass(frozen=True, slots=True)
class Part:
    """What the rules say of a file.

    Attributes:
        voices: names of the voices that were judged.
        chords: moments at which a note begins while two or more voices sound.
        notes: notes of the voices.
        cut: whether only the beginning was judged, since it is very long.
    """

    voices: tuple[str, ...]
    chords: int
    notes: int
    breaks: tuple[Break, ...]
    cut: bool = False

    def count(self, *rules: str) -> int:
        """How often any of some rules is broken."""
        return sum(one.rule in rules for one in self.breaks)


def judge(heard: Heard, bars: Bars, key: Tonality) -> Part:
    """Every rule, over all voices that sing one note at a time."""
    voices = lines(heard)
    every = moments(voices)
    row = every[:_MOST_MOMENTS]
    limit = row[-1].tick if len(every) > len(row) else None
    if limit is not None:
        voices = tuple(type(line)(line.name, tuple(n for n in line.notes if n[0] <= limit)) for line in voices)
    breaks = [*counterpoint.between(voices, row, bars, key), *tendencies.leading(voices, row, bars, key),
              *leaps.inside(voices, bars, key)]  # fmt: skip
    breaks.sort(key=lambda one: (one.place.bar, one.place.beat))
    chords = sum(sum(note is not None for note in moment.notes) > 1 for moment in row)
    notes = sum(len(line.notes) for line in voices)
    return Part(tuple(line.name for line in voices), chords, notes, tuple(breaks), limit is not None)


def findings(heard: Heard, part: Part, bars: Bars, full: bool) -> list[str]:
    """The part in lines: what was judged, then each rule that is broken, then the notes on strong beats."""
    if not part.voices:
        return ["no voice sings one note at a time: nothing to judge by the rules of part-writing"]
    drums = len(heard.pitched) > len(part.voices)
    names = ", ".join(part.voices)
    found = [
        f"rules: {part.chords} chords, {part.notes} notes of {names}" + (" (of other tracks none)" if drums else "")
    ]
    if part.cut:
        found.append(f"only the first {_MOST_MOMENTS:,} chords were judged")
    found += told(part.breaks, RULES, part.chords, full) or ["no rule is broken"]
    spans = marked(heard)
    if spans:
        inside, count = on_strong_beats(heard.pitched[:1], spans, bars)
        if count:
            found.append(f"chord tones on strong beats: {inside} of {count} ({inside / count:.0%}) of the tune")
    return found


def promises(part: Part, asked: str) -> list[Promise]:
    """Of four voices: no crossings, no parallels, which under strict rules is a promise and else only a hope."""
    crossings, parallels = part.count(counterpoint.CROSSING), part.count(*counterpoint.PARALLELS)
    strict = asked == "strict"
    hope = "none" if strict else "none where avoidable"
    kept = parallels == 0
    return [
        Promise("no crossing voices", "none", str(crossings), crossings == 0),
        Promise("no parallel fifths or octaves", hope, str(parallels), kept if kept or strict else "relaxed"),
    ]


def rates(parts: Sequence[Part]) -> dict[str, Fraction]:
    """Breaks of each rule in 100 chords over several files."""
    counts: Counter[str] = Counter(one.rule for part in parts for one in part.breaks)
    chords = max(1, sum(part.chords for part in parts))
    return {rule: Fraction(100 * counts[rule], chords) for rule in RULES}
