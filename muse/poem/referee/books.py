"""The books a verse is judged by: the readings of each character, as level or oblique tone and rhyme group.

- pingshui, 平水韵: 106 groups of Middle Chinese.
- cilin, 词林正韵: 19 parts for 词, the entering tones apart.
- xinyun, 中华新韵: 14 rhymes of modern Mandarin; 阴平 and 阳平 are level, 上声 and 去声 oblique.

Source: the tables in muse/tables; their heads say where each comes from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from muse.errors import UsageError, did_you_mean

TITLES = {"pingshui": "平水韵", "cilin": "词林正韵", "xinyun": "中华新韵"}
_TABLES = Path(__file__).parents[2] / "tables"
_NEIGHBOURS = ("东冬", "江阳", "支微齐", "鱼虞", "佳灰", "真文元", "元寒删先", "萧肴豪", "歌麻", "庚青蒸", "覃盐咸")


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a character."""

    level: bool
    group: str


@dataclass(frozen=True, eq=False)
class Book:
    """A rule book.

    Attributes:
        name: "pingshui", "cilin", "xinyun", or that of a table of one's own.
        look: the readings of a character, () where the book lacks it.
        neighbours: the last characters of groups that may stand for each other in a first line.
    """

    name: str
    look: Callable[[str], tuple[Reading, ...]]
    neighbours: tuple[str, ...] = ()
    _kept: dict[str, tuple[Reading, ...]] = field(default_factory=dict, repr=False)
    _tones: dict[str, str] = field(default_factory=dict, repr=False)

    def readings(self, character: str) -> tuple[Reading, ...]:
        """The readings of a character as it stands, else of its simplified form, else ()."""
        if character not in self._kept:
            self._kept[character] = self.look(character) or self.look(usual(character))
        return self._kept[character]

    def tones(self, line: str) -> str:
        """For each character 平, 仄, or 中 where it can be either or is not known.

        >>> book("pingshui").tones("白日依山看")
        '仄仄平平中'
        """
        known = self._tones
        for character in line:
            if character not in known:
                levels = {reading.level for reading in self.readings(character)}
                known[character] = "中" if len(levels) != 1 else "平" if True in levels else "仄"
        return "".join([known[character] for character in line])

    def near(self, group: str, best: str) -> bool:
        """Whether a first line in `group` may open a poem in `best`."""
        if group in ("", best):
            return True
        return any(group[-1] in near and best[-1:] in near for near in self.neighbours)


@cache
def book(name: str) -> Book:
    """A rule book by its name.

    Raises:
        UsageError: there is none.
    """
    if name not in TITLES:
        raise UsageError(f"no rhyme book named {name!r}", "", did_you_mean(name, TITLES))
    table = _table(name)
    return Book(name, lambda character: table.get(character, ()), _NEIGHBOURS if name == "pingshui" else ())


def usual(text: str) -> str:
    """The text in simplified script and usual forms, of the same length."""
    return text.translate(_script())


@cache
def _script() -> dict[int, str]:
    pairs: dict[int, str] = {}
    for name in ("variants", "simplified"):
        for line in _rows(name):
            pairs |= {ord(pair[0]): pair[1] for pair in line.split()}
    return pairs


@cache
def simplified() -> frozenset[str]:
    """The characters that only simplified script has."""
    return frozenset(_script().values()) - frozenset(map(chr, _script()))


def _rows(name: str) -> list[str]:
    lines = (_TABLES / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _table(name: str) -> dict[str, tuple[Reading, ...]]:
    found: dict[str, tuple[Reading, ...]] = {}
    for line in _rows(name):
        group, tone, characters = line.split()
        reading = Reading(tone == "平", group)
        for character in characters:
            known = found.get(character, ())
            if reading not in known:
                found[character] = (*known, reading)
    return found
