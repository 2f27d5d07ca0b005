"""The tunes of 词 and their shapes: for each line its tones, whether and with what it rhymes, and how it ends.

Source: `tunes.txt` beside this file; its head names where it comes from and the licences.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from muse.errors import UsageError, did_you_mean
from muse.tables.han import HAN
from muse.tables.simplified import simplify

SMALL, MIDDLE = 58, 90
"""The most characters of a 小令 and of a 中调; longer ones are 长调."""

_ALSO = {
    "忆江南": "江南好 望江梅 谢秋娘",
    "相见欢": "上西楼 西楼子 秋夜月",
    "贺新郎": "乳燕飞 金缕词 金缕歌",
    "念奴娇": "百字谣 大江词",
    "采桑子": "丑奴儿令 罗敷艳歌",
    "水调歌头": "元会曲 凯歌 台城游",
    "满江红": "上江虹",
    "西江月": "白苹香 步虚词 江月令",
    "菩萨蛮": "子夜歌 巫山一片云",
    "虞美人": "一江春水",
    "清平乐": "忆萝月 醉东风",
    "水龙吟": "龙吟曲 小楼连苑",
    "沁园春": "寿星明",
    "满庭芳": "锁阳台 潇湘夜雨",
    "鹧鸪天": "剪朝霞",
    "鹊桥仙": "广寒秋 金风玉露相逢曲",
    "蝶恋花": "卷珠帘 一箩金",
    "苏幕遮": "鬓云松 鬓云松令",
    "生查子": "楚云深",
    "霜天晓角": "月当窗",
    "钗头凤": "折红英 玉珑璁",
    "阮郎归": "碧桃春",
    "长相思": "双红豆 吴山青 忆多娇",
    "十六字令": "归字谣",
    "青玉案": "横塘路 西湖路",
    "卜算子": "缺月挂疏桐 百尺楼 楚天遥",
    "点绛唇": "南浦月 点樱桃",
}
OTHER_NAMES = {other: name for name, others in _ALSO.items() for other in others.split()}
"""Names under which poets knew some of them besides those of the table."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One line of a tune.

    Attributes:
        signs: 平 level, 仄 oblique, 中 either, for each place.
        rhyme: the letter of the rhyme that it ends in, or "".
        mark: 。 ， or 、
    """

    signs: str
    rhyme: str
    mark: str


@dataclass(frozen=True, slots=True)
class Shape:
    """One of the shapes that a tune is written in.

    Attributes:
        count: how many poems of the corpus have it.
        stanzas: the lines, from 0, that begin another stanza.
    """

    tune: str
    count: int
    lines: tuple[Clause, ...]
    stanzas: tuple[int, ...]

    @property
    def characters(self) -> int:
        return sum(len(line.signs) for line in self.lines)

    @property
    def closes(self) -> tuple[bool, ...]:
        """Whether each line ends a sentence."""
        return tuple(line.mark == "。" for line in self.lines)

    @property
    def length(self) -> str:
        """小令, 中调 or 长调."""
        return "小令" if self.characters <= SMALL else "中调" if self.characters <= MIDDLE else "长调"


@cache
def tunes() -> Mapping[str, tuple[Shape, ...]]:
    """The shapes of each tune, commonest first."""
    found: dict[str, tuple[Shape, ...]] = {}
    for line in Path(__file__).with_name("tunes.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, count, pattern = line.split(" ")
            found[name] = (*found.get(name, ()), _shape(name, int(count), pattern))
    return found


def shapes(name: str) -> tuple[Shape, ...]:
    """The shapes of a tune by any of its names, in either script; what stands behind a dot is passed over.

    Raises:
        UsageError: no tune of that name.

    >>> shapes("浣溪沙·春")[0].lines[0]
    Clause(signs='中仄平平仄仄平', rhyme='a', mark='。')
    """
    known = tunes()
    key = next(iter(HAN.findall(name)), name.strip())
    key = key if key in known else simplify(key)
    key = OTHER_NAMES.get(key, key)
    if key not in known:
        if close := [one for one in (*known, *OTHER_NAMES) if key and (key in one or one in key)]:
            raise UsageError(f"unknown tune {name!r}", "", f"did you mean {', '.join(close[:3])}?")
        hint = did_you_mean(key, (*known, *OTHER_NAMES))
        if not hint.startswith("did"):
            hint = f"choose one of {len(known)} such as " + "、".join(list(known)[:8])
        raise UsageError(f"unknown tune {name!r}", "the table of tunes does not hold it", hint)
    return known[key]


@cache
def pairs() -> Mapping[tuple[str, tuple[int, ...]], tuple[int, ...]]:
    """For a tune and the widths of its lines the lines, from 0, that poets pair (对句) with the next.

    >>> pairs()["浣溪沙", (7,) * 6]
    (3,)
    """
    found = {}
    for line in Path(__file__).with_name("tune_pairs.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            shape, _, first = line.partition(":")
            name, *widths = shape.split()
            found[name, tuple(map(int, widths))] = tuple(int(number) - 1 for number in first.split())
    return found


def _shape(name: str, count: int, pattern: str) -> Shape:
    lines: list[Clause] = []
    stanzas: list[int] = []
    for part in pattern.split("/"):
        stanzas.append(len(lines))
        lines += [Clause(*found) for found in re.findall("([平仄中]+)([a-z]?)([。，、])", part)]
    return Shape(name, count, tuple(lines), tuple(stanzas[1:]))
