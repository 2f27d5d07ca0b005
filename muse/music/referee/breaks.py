"""A place in the music that breaks a rule, and many of them in few words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from muse.music.referee.places import Place

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Break:
    """A place that breaks a rule.

    Attributes:
        rule: one of `counterpoint.RULES`, `tendencies.RULES` or `leaps.RULES`.
        voices: the names of those concerned, from the top.
        detail: the notes, in words.
    """

    rule: str
    place: Place
    voices: tuple[str, ...]
    detail: str

    def __str__(self) -> str:
        return f"{self.place}: {self.rule}, {' and '.join(self.voices)} ({self.detail})"


def told(breaks: Sequence[Break], rules: Iterable[str], chords: int, full: bool) -> list[str]:
    """A line for each rule that is broken: how often, how often in 100 chords, and where; all places if `full`."""
    found = []
    for rule in rules:
        places = [one for one in breaks if one.rule == rule]
        if not places:
            continue
        line = f"{rule}: {len(places)}, {100 * len(places) / max(1, chords):.1f} in 100 chords"
        if not full:
            where = "; ".join(f"{one.place}" for one in places[:_SHOWN])
            line += f" ({where}{'; …' if len(places) > _SHOWN else ''})"
        found.append(line)
        if full:
            found += [f"  {one}" for one in places]
    return found
