"""What a piece must keep, in the model's own terms: the tables behind the automaton."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from muse.errors import WishError
from muse.music import harmony
from muse.music import vocabulary as words
from muse.music.events import LINES
from muse.music.theory import QUALITIES, SCALES, Meter, Mode
from muse.seed import stream

PHRASE = 4
"""Bars of a phrase."""


Ending = Literal["authentic", "half", "plagal", "open"]
"""How a piece ends: on the tonic from the dominant or the subdominant, on the dominant, or on any chord's notes."""
Likeness = Literal["whole", "rhythm", "figure"]


@dataclass(frozen=True, slots=True)
class Echo:
    """A bar that repeats an earlier one.

    Attributes:
        likeness: "whole": all of it; "rhythm": when the tune's notes begin; "figure": its rhythm and its steps along
            the scale, from any note.
    """

    source: int
    likeness: Likeness = "whole"


@dataclass(frozen=True, eq=False)
class Scheme:
    """The tables; pitches are relative, as the vocabulary has them, bars count from 1.

    Attributes:
        ranges: lowest and highest relative pitch of each voice.
        grid: ticks of the bar where notes may begin.
        final: tick in the last bar where the last notes begin.
        holds: phrase-end bars, with the last tick where a note may begin.
        echoes: bars that repeat earlier ones.
        parallels: True where parallel fifths and octaves are kept out.
    """

    task: str
    mode: Mode
    meter: Meter
    bars: int
    ranges: tuple[tuple[int, int], ...]
    grid: tuple[int, ...]
    final: int
    holds: Mapping[int, int] = field(default_factory=dict)
    echoes: Mapping[int, Echo] = field(default_factory=dict)
    parallels: bool = True

    @property
    def lines(self) -> tuple[str, ...]:
        return LINES[self.task]

    @cached_property
    def scale(self) -> frozenset[int]:
        return frozenset(SCALES[self.mode])

    @cached_property
    def triad(self) -> frozenset[int]:
        return frozenset((0, 3, 7) if self.mode == "minor" else (0, 4, 7))

    @cached_property
    def stops(self) -> frozenset[int]:
        """Pitch classes on which a phrase may rest: those of the tonic and the dominant triad."""
        return self.triad | {7, 11, 2}

    @cached_property
    def tones(self) -> tuple[tuple[int, ...], ...]:
        """Scale pitches in the range of each voice, rising."""
        return tuple(tuple(p for p in range(low, high + 1) if p % 12 in self.scale) for low, high in self.ranges)

    @cached_property
    def finals(self) -> tuple[tuple[int, ...], ...]:
        """Pitches of the last chord: the tonic in the outer voices, its triad between."""
        outer = (0, len(self.lines) - 1)
        return tuple(
            tuple(p for p in tones if p % 12 == 0)
            if index in outer
            else tuple(p for p in tones if p % 12 in self.triad)
            for index, tones in enumerate(self.tones)
        )

    @cached_property
    def floors(self) -> tuple[int, ...]:
        """The lowest pitch of each voice above which the voices below still have room, for any chord."""
        return lowest(self.tones)

    @cached_property
    def final_floors(self) -> tuple[int, ...]:
        return lowest(self.finals)

    @cached_property
    def chords(self) -> dict[int, frozenset[int]]:
        """Chord tokens that hold notes of the scale only, with their pitch classes."""
        found = {}
        for index, name in enumerate(words.CHORDS):
            root, _, quality = name.partition(":")
            classes = frozenset((int(root) + step) % 12 for step in QUALITIES[quality])
            if classes <= self.scale and quality not in ("aug", "sus4", "dim7"):
                found[words.BASE["chord"] + index] = classes
        return found

    @cached_property
    def tonic(self) -> int:
        """The token of the tonic triad."""
        return words.chord(0, "m" if self.mode == "minor" else "")

    @cached_property
    def slots(self) -> tuple[int, ...]:
        return harmony.slots(self.meter)

    def check(self) -> None:
        """Raises WishError where the voices have no room."""
        for line, (low, high), tones, finals in zip(self.lines, self.ranges, self.tones, self.finals, strict=True):
            least = 12 if self.task == "satb" else 7
            if high - low < least or not finals:
                raise WishError(
                    f"the range of the {line} is too narrow"
                    if high - low < least
                    else f"the {line} cannot reach the tonic",
                    f"it spans {max(0, high - low)} semitones with {len(tones)} notes of the key; it takes "
                    f"{least} or more, with the tonic among them",
                    "widen the range",
                )
        for sets in (self.tones, self.finals):
            floors = lowest(sets)
            for index, line in enumerate(self.lines):
                if not any(p >= floors[index] for p in sets[index]) or floors[index] > 10_000:
                    raise WishError(
                        f"the {line} would have to sing below the {self.lines[min(index + 1, len(self.lines) - 1)]}",
                        "the ranges leave no room for voices that do not cross",
                        "give ranges that fall from voice to voice",
                    )  # fmt: skip


def lowest(sets: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """For each voice the lowest pitch that leaves the voices below it a pitch that is not higher."""
    floors = [0] * len(sets)
    below = -1
    for index in range(len(sets) - 1, -1, -1):
        fitting = [pitch for pitch in sets[index] if pitch >= below]
        floors[index] = below = fitting[0] if fitting else 1 << 20
    return tuple(floors)


def grid_of(meter: Meter, busy: bool, task: str) -> tuple[int, ...]:
    """Where notes may begin: eighths, 16ths where a tune is busy."""
    step = 3 if busy and task != "satb" else 6
    return tuple(range(0, meter.bar, step))


def rest_tick(meter: Meter) -> int:
    """The last tick of a phrase-end bar where a note may begin: it then lasts two beats, or half of two."""
    pulses = meter.bar // meter.pulse
    if pulses <= 1:
        return 0
    return meter.bar - 2 * meter.pulse if pulses >= 3 else meter.pulse


def form(task: str, bars: int, meter: Meter, seed: int) -> tuple[dict[int, int], dict[int, Echo]]:
    """(holds, echoes): phrases of four bars; a tune's later phrases repeat the beginning of earlier ones.

    Four-part pieces are through-composed. A tune follows A A' B A', A B A B' and the like: a returning phrase repeats
    its first two bars whole; inside a phrase the third bar may take the rhythm of the first.
    """
    hold = rest_tick(meter)
    holds = {bar: hold for bar in range(PHRASE, bars, PHRASE)}
    if task == "satb" or bars < PHRASE:
        return holds, {}
    draw = stream(seed, "form")
    phrases = -(-bars // PHRASE)
    patterns = {1: ("A",), 2: ("AA", "AB"), 3: ("ABA", "AAB"), 4: ("AABA", "ABAC", "AABB", "ABAB")}
    choices = patterns.get(phrases, ("AABA",))
    pattern = choices[int(draw.integers(len(choices)))]
    echoes: dict[int, Echo] = {}
    first: dict[str, int] = {}
    for phrase in range(phrases):
        letter = pattern[phrase % len(pattern)] if phrases <= 4 else "AABACCBA"[phrase % 8]
        begin = phrase * PHRASE + 1
        if letter in first:
            copied = 3 if draw.random() < 0.4 else 2
            for step in range(min(copied, bars - begin)):
                echoes[begin + step] = Echo(first[letter] + step)
        else:
            first[letter] = begin
            chance = draw.random()
            if begin + 2 < bars and chance < 0.65:
                echoes[begin + 2] = Echo(begin, "rhythm")
            if letter != "A" and begin + 1 < bars and 0.3 < chance < 0.8:
                echoes[begin + 1] = Echo(begin, "rhythm")
    return holds, {bar: echo for bar, echo in echoes.items() if bar < bars and bar not in holds}
