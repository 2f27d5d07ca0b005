"""Form: sections of a tune that return, told by comparing bar with bar."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

from muse.music.heard import Heard, Voice
from muse.music.referee.places import Bars
from muse.terms import Promise

RETURNS = 0.5
"""Share of the bars of a section that must come back note for note when its letter does."""
VARIED = 0.25
"""The same where the letter is marked as varied: A'."""

Bar = tuple[tuple[Fraction, Fraction, int], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A letter and its full bars, first and last, from 1."""

    letter: str
    first: int
    last: int

    @property
    def base(self) -> str:
        return self.letter.rstrip("'′")


def sections(asked: Any, bars: int) -> list[Section]:
    """The sections of "AABA", each as long, or of [[letter, first, last], …]; [] of anything else."""
    if isinstance(asked, str):
        letters = re.findall(r"[A-Za-z]['′]?", asked.replace(" ", ""))
        if not letters or "".join(letters) != asked.replace(" ", ""):
            return []
        edges = [round(index * bars / len(letters)) for index in range(len(letters) + 1)]
        return [Section(one, edges[at] + 1, edges[at + 1]) for at, one in enumerate(letters)]
    try:
        return [Section(str(letter), int(first), int(last)) for letter, first, last in asked]
    except (TypeError, ValueError):
        return []


def by_bar(voice: Voice, bars: Bars) -> dict[int, Bar]:
    """What a voice plays in each bar: (time in the bar, length, pitch) of each note that begins there."""
    found: dict[int, list[tuple[Fraction, Fraction, int]]] = defaultdict(list)
    for sound in voice.sounds:
        bar = bars.place(sound.start).bar
        found[bar].append((sound.start - bars.start(bar), sound.end - sound.start, sound.pitch))
    return {bar: tuple(notes) for bar, notes in found.items()}


def likeness(tune: dict[int, Bar], one: Section, other: Section) -> float:
    """The share of bars, side by side, in which two sections have the same tune."""
    count = min(one.last - one.first, other.last - other.first) + 1
    same = sum(tune.get(one.first + at) == tune.get(other.first + at) and one.first + at in tune for at in range(count))
    return same / max(1, count)


def promise(heard: Heard, bars: Bars, asked: Any, total: int) -> Promise:
    """Sections with one letter bring the same tune again, those with another do not."""
    plan = sections(asked, total)
    name = asked if isinstance(asked, str) else " ".join(one.letter for one in plan)
    if not plan or not heard.pitched:
        return Promise("form", str(name or asked), "no form" if not plan else "no tune", False)
    tune = by_bar(heard.pitched[0], bars)
    faults = []
    shares = []
    for one, other in combinations(plan, 2):
        share = likeness(tune, one, other)
        if one.base == other.base:
            shares.append(share)
            varied = one.letter != other.letter
            if share < (VARIED if varied else RETURNS):
                faults.append(f"bars {other.first} to {other.last} bring back {share:.0%} of {one.first} to {one.last}")
        elif share >= RETURNS and one.last - one.first >= 1:
            faults.append(f"bars {other.first} to {other.last} are {share:.0%} those of {one.first} to {one.last}")
    found = _told(plan, tune) if not shares else f"what returns is the same in {min(shares):.0%} of its bars or more"
    return Promise("form", str(name), "; ".join(faults[:3]) or found, not faults)


def _told(plan: Sequence[Section], tune: dict[int, Bar]) -> str:
    return f"{len(plan)} sections, none of which returns" if tune else "no tune"
