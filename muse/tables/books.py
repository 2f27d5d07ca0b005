"""The rhyme books of Chinese verse, each as what it says of a character: its tones and the rhymes that it is in.

Source: `pingshui.txt`, `cilin.txt` and `xinyun.txt` beside this file; their heads name where they come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from muse.tables import rhyme

BOOKS = {"pingshui": "平水韵", "cilin": "词林正韵", "xinyun": "中华新韵"}


@dataclass(frozen=True, slots=True, order=True)
class Sound:
    """One reading of a character.

    Attributes:
        level: 平, not 仄.
        rhyme: 七阳 of 平水韵; 第二部平, 第二部仄 or 第十五部入 of 词林正韵; 十唐平 or 十唐仄 of 中华新韵.
    """

    level: bool
    rhyme: str


@cache
def sounds(book: str) -> Mapping[str, frozenset[Sound]]:
    """Of each character all its readings, by one of BOOKS.

    >>> sorted(sound.rhyme for sound in sounds("cilin")["看"])
    ['第七部仄', '第七部平']
    """
    found: dict[str, set[Sound]] = {}
    for sound, characters in _rows(book):
        for character in characters:
            found.setdefault(character, set()).add(sound)
    return {character: frozenset(known) for character, known in found.items()}


def family(name: str, book: str) -> str:
    """What rhymes of both tones may share: the part of 词林正韵, the rhyme of 中华新韵; of 平水韵 the group itself.

    >>> family("第二部平", "cilin")
    '第二部'
    """
    return name if book == "pingshui" else name[:-1]


@cache
def _rows(book: str) -> tuple[tuple[Sound, str], ...]:
    if book == "pingshui":
        return tuple((Sound(reading.level, reading.group), characters) for reading, characters in rhyme.book())
    lines = Path(__file__).with_name(f"{book}.txt").read_text(encoding="utf-8").splitlines()
    parts = [line.split(" ") for line in lines if line and not line.startswith("#")]
    return tuple((Sound(tone == "平", name + tone), characters) for name, tone, characters in parts)
