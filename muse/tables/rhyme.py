"""The rhyme book: every character's readings as (group, tone) of the 106 groups of 平水韵.

Source: `pingshui.txt` beside this file; its head names where it comes from and the licences.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

Tone = Literal["平", "上", "去", "入"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a character.

    Attributes:
        group: such as "一东".
        tone: 平, 上, 去 or 入; the last three are oblique (仄).
    """

    group: str
    tone: Tone

    @property
    def level(self) -> bool:
        return self.tone == "平"


@cache
def groups() -> tuple[Reading, ...]:
    """The groups, in the order of the book."""
    return tuple(_book()[0])


@cache
def _book() -> tuple[list[Reading], dict[str, tuple[Reading, ...]]]:
    found: dict[str, list[Reading]] = {}
    order: list[Reading] = []
    for line in Path(__file__).with_name("pingshui.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            group, tone, characters = line.split(" ")
            reading = Reading(group, tone)  # type: ignore[arg-type]
            order.append(reading)
            for character in characters:
                found.setdefault(character, []).append(reading)
    return order, {character: tuple(readings) for character, readings in found.items()}


def readings(character: str) -> tuple[Reading, ...]:
    """All readings of a character; () where the book does not know it.

    >>> [reading.group for reading in readings("看")]
    ['十四寒', '十五翰']
    """
    return _book()[1].get(character, ())
