"""Form: sections of a tune that return, told by comparing bar with bar."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

from muse.music.heard import Heard, Voice
from muse.music.referee.places import Bars
from muse.terms import Promise

RETURNS = 0.5
"""Share of the bars of a section, its last one aside, that must come back note for note when its letter does."""
VARIED = 0.25
"""The same where the letter is marked as varied: A'."""
_NAMED = {
    "verse-chorus": "VCVC", "rondo": "ABACA", "binary": "AABB", "ternary": "ABA", "period": "AA'", "bar form": "AAB",
    "song": "AABA",
}  # fmt: skip
_LONG_SONG = 40  # bars from which a song of verses and choruses has a bridge
_STANZAS = (8, 4)  # bars of a strophe
_MOST = 64  # sections of a form in letters

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
Bar = tuple[tuple[Fraction, Fraction, int], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A letter and its full bars, first and last, from 1."""

    letter: str
    first: int
    last: int

    @property
    def base(self) -> str:
        return self.letter.rstrip("'")


def sections(asked: Any, bars: int) -> list[Section]:
    """The sections of a form, [] of what is none.

    Args:
        asked: letters ("AABA"), equally long, the last one with the bars left over; a name ("verse-chorus", "rondo",
            "strophic" …); or [[letter, first bar, last bar], …].
    """
    if not isinstance(asked, str):
        try:
            return [Section(str(letter), int(first), int(last)) for letter, first, last in asked]
        except (TypeError, ValueError):
            return []
    name = asked.strip().lower().replace("–", "-").replace("verse chorus", "verse-chorus")
    pattern = _NAMED.get(name, asked.strip().replace("’", "'").replace("′", "'"))
    if name == "verse-chorus" and bars >= _LONG_SONG:
        pattern = "VCVCBC"
    if name in ("strophic", "through"):
        long = next((size for size in _STANZAS if bars >= 2 * size), max(1, bars // 2))
        pattern = "A" * max(2, bars // long) if name == "strophic" else _LETTERS[: min(26, -(-bars // long))]
    letters = re.findall(r"[A-Z]'*", pattern)
    if not letters or "".join(letters) != pattern or len(letters) > min(bars, _MOST):
        return []
    size = bars // len(letters)
    starts = [index * size + 1 for index in range(len(letters))]
    return [Section(one, at, end - 1) for one, at, end in zip(letters, starts, [*starts[1:], bars + 1], strict=True)]


def by_bar(voice: Voice, bars: Bars) -> dict[int, Bar]:
    """What a voice plays in each bar: (time in the bar, length, pitch) of each note that begins there."""
    found: dict[int, list[tuple[Fraction, Fraction, int]]] = defaultdict(list)
    for sound in voice.sounds:
        bar = bars.place(sound.start).bar
        found[bar].append((sound.start - bars.start(bar), sound.end - sound.start, sound.pitch))
    return {bar: tuple(notes) for bar, notes in found.items()}


def likeness(tune: dict[int, Bar], one: Section, other: Section, *, rhythm: bool = False, last: bool = False) -> float:
    """The share of bars in which two sections have the same tune, or the same rhythm; the last bar aside or not."""
    count = min(one.last - one.first, other.last - other.first) + last or 1
    same = 0
    for at in range(count):
        pair = [tune.get(section.first + at, ()) for section in (one, other)]
        if rhythm:
            same += [note[:2] for note in pair[0]] == [note[:2] for note in pair[1]]
        else:
            same += pair[0] == pair[1]
    return same / count


def promise(heard: Heard, bars: Bars, asked: Any, total: int, chords: bool = False) -> Promise:
    """Sections with one letter bring the same tune again, those with another are not the same in more than half.

    Args:
        chords: a progression was asked too, under which the rhythm alone may return.
    """
    plan = sections(asked, total)
    name = asked if isinstance(asked, str) else " ".join(one.letter for one in plan)
    if not plan or not heard.pitched:
        return Promise("form", str(name or asked), "no form" if not plan else "no tune", False)
    tune = by_bar(heard.pitched[0], bars)
    faults, shares = [], []
    for one, other in combinations(plan, 2):
        share = likeness(tune, one, other)
        if one.base == other.base:
            if other.first == other.last == total:
                continue  # a single bar, which has the ending
            if chords:
                share = max(share, likeness(tune, one, other, rhythm=True))
            shares.append(share)
            if share < (VARIED if one.letter != other.letter else RETURNS):
                faults.append(f"bars {other.first} to {other.last} bring back {share:.0%} of {one.first} to {one.last}")
        elif (share := likeness(tune, one, other, last=True)) > RETURNS and one.last > one.first:
            faults.append(f"bars {other.first} to {other.last} are {share:.0%} those of {one.first} to {one.last}")
    found = f"{min(shares):.0%} or more of what returns is the same" if shares else "nothing returns"
    return Promise("form", str(name), "; ".join(faults[:3]) or found, not faults)
