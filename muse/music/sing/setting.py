"""A poem set: the exact rhythm of its syllables, what the tune's pitches must keep, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from muse.errors import InputError, UsageError, WishError, did_you_mean
from muse.music.sing.lines import Line, cadences, is_tonal, lines_of
from muse.music.sing.plan import Layout, laid
from muse.music.sing.tones import FREE, directions
from muse.music.theory import BEAT, Meter
from muse.seed import stream
from muse.terms import Lyrics

TONES = ("weight", "hard", "free")
MOST_BARS = 256
SLUR = BEAT
"""Ticks of the shortest note that may be sung as two."""
STUCK = 2
"""Notes that a strophe may hold still for the tones of two texts; where it would be more, a line gets its own tune."""


@dataclass(frozen=True, slots=True)
class Sung:
    """A note to be sung.

    Attributes:
        syllable: its index in the lyrics.
        more: whether it is a further note of its syllable.
    """

    tick: int
    duration: int
    syllable: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """A line as it is sung.

    Attributes:
        start: the tick of its first bar line, pickup included.
        bars: its whole bars.
        notes: its notes.
    """

    line: Line
    start: int
    bars: int
    notes: tuple[Sung, ...]


@dataclass(frozen=True)
class Setting:
    """What a poem asks of a tune.

    Attributes:
        bars: whole bars of the piece; pickup: ticks before the first.
        steps: for each note after the first, the ways that it may go from the one before.
        repeats: note → an earlier one whose pitch it takes.
        echoes: bar → an earlier bar, both from 1, all of whose notes it repeats.
        tones: as asked for.
        reasons: why it is so, a line each.
    """

    lyrics: Lyrics
    meter: Meter
    bars: int
    pickup: int
    phrases: tuple[Phrase, ...]
    steps: tuple[frozenset[int], ...]
    repeats: Mapping[int, int]
    echoes: Mapping[int, int]
    tones: str
    reasons: tuple[str, ...]

    @property
    def notes(self) -> tuple[Sung, ...]:
        return tuple(note for phrase in self.phrases for note in phrase.notes)

    @property
    def rhythm(self) -> tuple[tuple[int, int], ...]:
        """(tick, duration) of each note of the tune."""
        return tuple((note.tick, note.duration) for note in self.notes)

    @property
    def ends(self) -> tuple[int, ...]:
        """The tick after the last note of each line."""
        return tuple(phrase.notes[-1].tick + phrase.notes[-1].duration for phrase in self.phrases)

    @property
    def words(self) -> tuple[str, ...]:
        """The text of each note: its syllable, "_" where one goes on."""
        return tuple("_" if note.more else self.lyrics.syllables[note.syllable].text for note in self.notes)


def setting(
    lyrics: Lyrics, *, meter: Meter | None = None, bars: int | None = None, melisma: float = 0.0,
    tones: str = "weight", seed: int = 0,
) -> Setting:  # fmt: skip
    """The setting of a poem: one syllable a note, each line in whole bars with a breath at its end.

    Args:
        meter, bars: None for those that suit the poem.
        melisma: the share, in 0..1, of syllables on a beat's length or more that are sung on two notes.
        tones: "hard" where the tune never goes against the tones; else they bind nothing.
        seed: draws among rhythms that are about as good.

    Raises:
        InputError: there is nothing to sing.
        UsageError: tones or melisma are none.
        WishError: the poem does not fit meter or bars, or is too long.
    """
    if tones not in TONES:
        raise UsageError(f"unknown manner of tones {tones!r}", "", did_you_mean(tones, TONES))
    if not 0 <= melisma <= 1:
        raise UsageError(f"a melisma of {melisma:g}", "it is a share", "give a number from 0 to 1")
    lines = lines_of(lyrics)
    if not lines:
        raise InputError("nothing to sing", "the lyrics have no syllable", "give lines of Chinese or English")
    tonal = is_tonal(lyrics)
    layout = laid(lines, tonal, meter, bars, seed)
    if sum(layout.bars) > MOST_BARS:
        raise WishError(f"the poem takes {sum(layout.bars)} bars", f"a piece has at most {MOST_BARS}", "sing a part")
    phrases, shared = _phrases(lines, layout, melisma, seed)
    pickup = phrases[0].start
    wanted = _steps(phrases, lyrics) if tones == "hard" and tonal else [FREE] * (sum(map(_count, phrases)) - 1)
    repeats, steps = _repeats(phrases, wanted)
    reasons = _reasons(phrases, layout, shared, repeats, asked=(meter is not None, bars is not None))
    return Setting(lyrics, layout.meter, sum(layout.bars), pickup, phrases, tuple(steps), repeats,
                   _echoes(phrases, repeats, layout.meter, pickup), tones, reasons)  # fmt: skip


def _phrases(
    lines: Sequence[Line], layout: Layout, melisma: float, seed: int
) -> tuple[tuple[Phrase, ...], tuple[bool, ...]]:
    """The lines with their notes, and which of them share their rhythm."""
    rhythms = [layout.rhythm(line) for line in lines]
    pickup = max(0, -rhythms[0][0][0][0]) * layout.unit
    start, found = pickup, []
    for line, bars, (rhythm, _) in zip(lines, layout.bars, rhythms, strict=True):
        notes = [
            Sung(start + place * layout.unit, length * layout.unit, line.first + at)
            for at, (place, length) in enumerate(rhythm)
        ]
        found.append(Phrase(line, start, bars, tuple(_slurred(notes, start, melisma, seed))))
        start += bars * layout.meter.bar
    return tuple(found), tuple(shared for _, shared in rhythms)


def _slurred(notes: Sequence[Sung], start: int, share: float, seed: int) -> list[Sung]:
    """The notes with some of the long ones parted in two; the last two, the cadence, stay whole.

    Which are parted depends on where they stand in the line, so that lines of one rhythm keep it.
    """
    able = [at for at, note in enumerate(notes[:-2]) if note.duration >= SLUR and note.duration % 2 == 0]
    chance = {at: stream(seed, "melisma", notes[at].tick - start, notes[at].duration).random() for at in able}
    chosen = set(sorted(able, key=lambda at: (-notes[at].duration, chance[at]))[: round(share * len(able))])
    found = []
    for at, note in enumerate(notes):
        if at not in chosen:
            found.append(note)
            continue
        first = note.duration // 2 if note.duration % 4 == 0 else note.duration * 2 // 3
        found += [Sung(note.tick, first, note.syllable),
                  Sung(note.tick + first, note.duration - first, note.syllable, more=True)]  # fmt: skip
    return found


def _steps(phrases: Sequence[Phrase], lyrics: Lyrics) -> list[frozenset[int]]:
    """The ways that the tones allow into each note but the first; into another line, or within a syllable, any."""
    notes = [(phrase.line.at, note) for phrase in phrases for note in phrase.notes]
    said = lyrics.syllables
    return [
        FREE if line != other or after.more else directions(said[before.syllable].accent, said[after.syllable].accent)
        for (line, before), (other, after) in pairwise(notes)
    ]


def _repeats(phrases: Sequence[Phrase], steps: list[frozenset[int]]) -> tuple[dict[int, int], list[frozenset[int]]]:
    """(note → the earlier one whose pitch it takes, the steps that are left).

    A line that is sung to the tune of another takes, at each moment, the pitch that sounds there; the last two notes
    of lines that end alike are the same. Steps that are repeated must suit both texts: what one forbids is forbidden.
    """
    ends = cadences([phrase.line for phrase in phrases])
    first = [sum(_count(phrase) for phrase in phrases[:at]) for at in range(len(phrases))]
    found: dict[int, int] = {}
    steps = list(steps)
    for at, phrase in enumerate(phrases):
        model, end = phrase.line.model, ends[at]
        if model >= 0 and phrases[model].bars == phrase.bars:
            pairs = _sounding(phrases[model], phrase)
            whole = {first[at] + one: first[model] + other for one, other in pairs}
            merged = _merged(steps, whole)
            if sum(merged[note] == {0} for note in merged) <= STUCK:
                found |= whole
                _bind(steps, merged, whole)
        if end != at:
            tail = min(2, _count(phrase), _count(phrases[end]))
            last, other = first[at] + _count(phrase) - 1, first[end] + _count(phrases[end]) - 1
            alike = {last - back: other - back for back in range(tail)}
            found |= alike
            _bind(steps, _merged(steps, alike), alike)
    return found, steps


def _merged(steps: Sequence[frozenset[int]], pairs: Mapping[int, int]) -> dict[int, frozenset[int]]:
    """Of notes that repeat both a note and the one before it, the steps that suit both."""
    return {
        note: steps[note - 1] & steps[other - 1] if other else steps[note - 1]
        for note, other in pairs.items()
        if pairs.get(note - 1, -2) == other - 1
    }


def _bind(steps: list[frozenset[int]], merged: Mapping[int, frozenset[int]], pairs: Mapping[int, int]) -> None:
    for note, ways in merged.items():
        steps[note - 1] = steps[pairs[note] - 1] = ways


def _sounding(model: Phrase, phrase: Phrase) -> list[tuple[int, int]]:
    """(note of a line, note of its model that sounds at the same moment)."""
    found = []
    for at, note in enumerate(phrase.notes):
        moment = note.tick - phrase.start
        before = [other for other, one in enumerate(model.notes) if one.tick - model.start <= moment]
        if before:
            found.append((at, before[-1]))
    return found


def _echoes(phrases: Sequence[Phrase], repeats: Mapping[int, int], meter: Meter, pickup: int) -> dict[int, int]:
    """Bars all of whose notes repeat, in order and in time, all those of an earlier bar."""
    notes = [note for phrase in phrases for note in phrase.notes]
    bars: dict[int, list[int]] = {}
    for at, note in enumerate(notes):
        bars.setdefault((note.tick - pickup) // meter.bar + 1, []).append(at)
    found = {}
    for bar, members in bars.items():
        others = [repeats.get(at, -1) for at in members]
        source = (notes[others[0]].tick - pickup) // meter.bar + 1 if others[0] >= 0 else bar
        same = 0 < source < bar and others == bars[source]
        shift = (bar - source) * meter.bar
        if same and all(notes[at].tick - notes[other].tick == shift and notes[at].duration == notes[other].duration
                        for at, other in zip(members, others, strict=True)):  # fmt: skip
            found[bar] = source
    return found


def _reasons(
    phrases: Sequence[Phrase], layout: Layout, shared: Sequence[bool], repeats: Mapping[int, int],
    asked: tuple[bool, bool],
) -> tuple[str, ...]:  # fmt: skip
    """Why the setting is as it is."""
    sizes = sorted(set(layout.bars))
    a_line = " or ".join(map(str, sizes))
    found = [
        f"{layout.meter}: {'as asked' if asked[0] else 'the stresses fall best in it'}",
        f"{sum(layout.bars)} bars: {a_line} a line{', as asked' if asked[1] else ''}",
    ]
    upbeats = [phrase.line.number + 1 for phrase in phrases if phrase.notes[0].tick < phrase.start]
    if upbeats:
        found.append(f"upbeat in {_named(upbeats)}: they begin unstressed")
    models = {phrase.line.number + 1: at for phrase in phrases if (at := _model(phrases, phrase, repeats)) is not None}
    if models:
        tunes = [phrases[at].line.number + 1 for at in models.values()]
        found.append(f"{_named(list(models))} to the tune of {_named(tunes)}")
    if alone := [phrase.line.number + 1 for phrase, one in zip(phrases, shared, strict=True) if not one]:
        found.append(f"a rhythm of its own for {_named(alone)}: the stresses ask for it")
    rhymes: dict[int, list[int]] = {}
    for at, end in enumerate(cadences([phrase.line for phrase in phrases])):
        rhymes.setdefault(end, []).append(phrases[at].line.number + 1)
    found += [f"{_named(some)} end alike" for some in rhymes.values() if len(some) > 1]
    return tuple(found)


def _model(phrases: Sequence[Phrase], phrase: Phrase, repeats: Mapping[int, int]) -> int | None:
    """The line whose tune a line has, but for its cadence."""
    first = sum(map(_count, phrases[: phrase.line.at]))
    return phrase.line.model if phrase.line.model >= 0 and first in repeats else None


def _named(lines: Sequence[int]) -> str:
    """
    >>> _named([1, 2, 3, 5])
    'lines 1-3, 5'
    """
    runs: list[list[int]] = []
    for line in lines:
        if runs and line == runs[-1][-1] + 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    named = [f"{run[0]}-{run[-1]}" if run[1:] else str(run[0]) for run in runs]
    return f"line{'s' * (len(lines) > 1)} {', '.join(named)}"


def _count(phrase: Phrase) -> int:
    return len(phrase.notes)
