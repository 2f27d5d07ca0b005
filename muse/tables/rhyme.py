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
def book() -> tuple[tuple[Reading, str], ...]:
    """The groups in the order of the book, each as one reading with all characters that have it."""
    lines = Path(__file__).with_name("pingshui.txt").read_text(encoding="utf-8").splitlines()
    parts = [line.split(" ") for line in lines if line and not line.startswith("#")]
    return tuple((Reading(group, tone), characters) for group, tone, characters in parts)  # type: ignore[arg-type]


@cache
def readings(character: str) -> tuple[Reading, ...]:
    """All readings of a character; () where the book does not know it.

    >>> [reading.group for reading in readings("看")]
    ['十四寒', '十五翰']
    """
    return tuple(reading for reading, characters in book() if character in characters)
