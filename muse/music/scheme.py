"""What a piece must keep, in the model's own terms: the tables behind the automaton."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from muse.errors import WishError
from muse.music import harmony
from muse.music import vocabulary as words
from muse.music.events import LINES, PARTS, Cell, Draft
from muse.music.theory import QUALITIES, Key, Meter, Mode
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
    """What is promised. Pitches are relative, as the vocabulary has them; bars count from 1, the pickup is 0; ticks
    count from the beginning of the piece unless they are said to be of a bar.

    Attributes:
        ranges: lowest and highest relative pitch of each voice.
        grid: ticks of the bar where notes may begin.
        final: tick of the last bar where the last notes begin.
        pickup: ticks before the first bar line.
        holds: phrase-end bars, with the last tick of the bar where a note may begin.
        echoes: bars that repeat earlier ones.
        strict: the rules of four voices hold.
        leap: widest leap of any voice; None for the usual ones.
        density: fewest and most notes of the tune in a bar.
        plan: (tick, chord token) of a progression.
        given: a draft in relative pitches, kept but for the cells that are `open`.
        open: cells to be written; None for all.
        rhythm, steps, repeats, phrases: as in `muse.music.composer.PieceRequest`.
    """

    task: str
    mode: Mode
    meter: Meter
    bars: int
    ranges: tuple[tuple[int, int], ...]
    grid: tuple[int, ...]
    final: int
    pickup: int = 0
    holds: Mapping[int, int] = field(default_factory=dict)
    echoes: Mapping[int, Echo] = field(default_factory=dict)
    strict: bool = True
    ending: Ending = "authentic"
    leap: int | None = None
    density: tuple[int, int] | None = None
    plan: tuple[tuple[int, int], ...] = ()
    given: Draft | None = None
    open: frozenset[Cell] | None = None
    rhythm: tuple[tuple[int, int], ...] = ()
    steps: tuple[frozenset[int], ...] = ()
    repeats: Mapping[int, int] = field(default_factory=dict)
    phrases: tuple[int, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        return LINES[self.task]

    @property
    def first(self) -> int:
        """The first bar: 0 where there is a pickup."""
        return 0 if self.pickup else 1

    @property
    def length(self) -> int:
        """Ticks of the piece."""
        return self.pickup + self.bars * self.meter.bar

    def start(self, bar: int) -> int:
        """The tick of the piece where a bar's line stands; below 0 for the pickup."""
        return self.pickup + (bar - 1) * self.meter.bar

    def bar_of(self, tick: int) -> int:
        """The bar in which a tick of the piece lies."""
        return (tick - self.pickup) // self.meter.bar + 1

    def parts(self, bar: int) -> tuple[str, ...]:
        """What is written in a bar, in the order of its slices."""
        every = PARTS[self.task]
        return every if self.open is None else tuple(part for part in every if (bar, part) in self.open)

    @cached_property
    def scale(self) -> frozenset[int]:
        return Key(0, self.mode).scale

    @cached_property
    def triad(self) -> frozenset[int]:
        return Key(0, self.mode).triad

    @cached_property
    def dominant(self) -> frozenset[int]:
        """The triad on the fifth degree as far as the mode has it; where it has no fifth, that on the seventh."""
        raised = 11 if 11 in self.scale else 10
        fifth = 2 if 2 in self.scale else 1
        return frozenset((7, raised, fifth) if 7 in self.scale else (10, 2, 5)) & self.scale

    @cached_property
    def subdominant(self) -> frozenset[int]:
        return frozenset((5, 9 if 9 in self.scale else 8, 0)) & self.scale

    @cached_property
    def stops(self) -> frozenset[int]:
        """Pitch classes on which a phrase may rest: those of the tonic and the dominant triad."""
        return self.triad | self.dominant

    @cached_property
    def last(self) -> frozenset[int]:
        """Pitch classes of the last chord."""
        return self.triad if self.ending in ("authentic", "plagal") else self.dominant

    @cached_property
    def approach(self) -> frozenset[int]:
        """Pitch classes of the chord before the last; empty where it may be any."""
        return {
            "authentic": self.dominant | ({5} & self.scale), "plagal": self.subdominant,
            "half": (self.triad | self.subdominant | {9 if 9 in self.scale else 8}) & self.scale - {7, 11},
        }.get(self.ending, frozenset())  # fmt: skip

    @cached_property
    def footing(self) -> frozenset[int]:
        """Pitch classes of the bass in the chord before the last; empty where it may be any."""
        if self.ending == "authentic":
            return frozenset({7, 11} & self.approach)
        return frozenset({5} & self.approach) if self.ending == "plagal" else frozenset()

    @cached_property
    def tones(self) -> tuple[tuple[int, ...], ...]:
        """Scale pitches in the range of each voice, rising."""
        return tuple(tuple(p for p in range(low, high + 1) if p % 12 in self.scale) for low, high in self.ranges)

    @cached_property
    def finals(self) -> tuple[tuple[int, ...], ...]:
        """Pitches of the last chord: its root in the outer voices where it is the tonic, else in the lowest."""
        lowest, root = len(self.lines) - 1, 0 if 0 in self.last else 7 if 7 in self.last else min(self.last)
        rooted = {lowest} if lowest else set()
        if self.last == self.triad:
            rooted |= {0}
        return tuple(
            tuple(p for p in tones if (p % 12 == root if index in rooted else p % 12 in self.last))
            for index, tones in enumerate(self.tones)
        )

    @cached_property
    def chords(self) -> dict[int, frozenset[int]]:
        """Chord tokens that hold notes of the scale only, with their pitch classes."""
        found = {}
        few = len(self.scale) == 5
        for index, name in enumerate(words.CHORDS):
            root, _, quality = name.partition(":")
            classes = frozenset((int(root) + step) % 12 for step in QUALITIES[quality])
            if classes <= self.scale and quality not in (("aug", "dim7") if few else ("aug", "sus4", "dim7")):
                found[words.NO_CHORD + 1 + index] = classes
        return found

    def rooted(self, root: int) -> tuple[int, ...]:
        """Chord tokens on a degree, the plainest first."""
        return tuple(
            token
            for quality in ("", "m", "dim", "sus4", "7", "m7", "m7b5", "maj7")
            if (token := words.chord(root, quality)) in self.chords
        )

    @cached_property
    def tonic(self) -> int:
        """The token of the tonic triad."""
        plain = words.chord(0, "m" if Key(0, self.mode).near == "minor" else "")
        return next(iter(self.rooted(0)), plain)

    @cached_property
    def closes(self) -> tuple[int, ...]:
        """Chord tokens on which the piece may end."""
        return (self.tonic,) if self.last == self.triad else self.rooted(7)[:1] or self.rooted(10)[:1] or (self.tonic,)

    @cached_property
    def leads(self) -> tuple[int, ...]:
        """Chord tokens that may come before the last chord; empty where any may."""
        if self.ending == "half":
            return tuple(token for token, classes in self.chords.items() if not classes & {7, 11})
        root = {"authentic": 7 if 7 in self.scale else 10, "plagal": 5}.get(self.ending)
        return () if root is None else self.rooted(root)

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
                    else f"the {line} cannot reach the last chord",
                    f"it spans {max(0, high - low)} semitones with {len(tones)} notes of the key; it takes "
                    f"{least} or more, with the last note among them",
                    "widen the range",
                )
        for sets in (self.tones, self.finals):
            below = -1
            for index in range(len(sets) - 1, -1, -1):
                fitting = [pitch for pitch in sets[index] if pitch >= below]
                if not fitting:
                    raise WishError(
                        f"the {self.lines[index]} would have to sing below the {self.lines[index + 1]}",
                        "the ranges leave no room for voices that do not cross",
                        "give ranges that fall from voice to voice",
                    )
                below = fitting[0]


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
