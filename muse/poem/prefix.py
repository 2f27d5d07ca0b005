"""What may stand before a poem: form, era, mood, themes, keywords, title and more, each but the form optional.

    <begin> <form> [<tune>] [<era>] [<author>] [<mood>…] [<theme>…] [<rhyme>] [<length>] [<key> 明 月]… [<title> 夜 泊]
    <separator>

A tune without a mark of its own is spelled out; an author, a rhyme or an era without one is left out.

Prefix tokens stand in row 0 at columns FIRST_COLUMN and on, so that their distance from the poem's own tokens is
one that no two tokens of the poem have; the separator stands where the break of a "line 0" would. A keyword of one
line stands in the row of that line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from muse.errors import UsageError, did_you_mean
from muse.poem.vocabulary import BEGIN, FORMS, KEY, SEPARATOR, TITLE, UNKNOWN, Vocabulary
from muse.tables.han import HAN
from muse.tables.simplified import simplify
from muse.terms import Mood

FIRST_COLUMN = 8
COLUMNS = 32
TITLE_MOST = 10
LONGEST = 40
TUNE_MOST, KEYS_MOST = 5, 4

# Characters that carry a mood in classical verse, chosen by hand for muse (CC0): two lists an axis.
_LEXICON = {
    "valence": (
        "喜欢乐笑欣悦快佳好庆祥瑞福荣香芳妍娇媚暖晴明春华酒醉歌舞贺寿康宁安丰熟",
        "愁悲泪哀恨怨忧伤苦痛哭啼孤独寂寞凄惨凉寒冷枯残败衰病老死亡坟墓别离断肠破荒废暮霜惆怅憔悴",
    ),
    "energy": (
        "战马剑刀戈弓箭鼓旗军兵将胡虏杀雷霆怒奔驰飞腾涛浪狂豪壮雄鹏龙虎鲸啸吼烽火惊骤急猛掣击",
        "静闲眠卧睡坐禅僧幽寂默淡清微细轻柔缓懒慵隐深竹琴茶梦钟梵澹泊悠闭掩",
    ),
}
_NUMBER = "[一二三四五六七八九十百]+"
_MOOD_CUT = {"valence": 0.045, "energy": 0.035}


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one prefix; an empty one is left out.

    Attributes:
        mood: −1, 0 or 1 each: (valence, energy).
        keys: words of one or two characters.
        title: Han characters only.
        tune, author: names.
        rhyme: a group of 平水韵 such as "十一尤", a part of 词林正韵 such as "第三部" for a 词.
        length: 小令, 中调 or 长调.
        key_rows: for each keyword the line, from 1, that holds it; 0, or nothing, where any may.
    """

    form: str
    era: str = ""
    mood: tuple[int, int] = (0, 0)
    themes: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    title: str = ""
    tune: str = ""
    author: str = ""
    rhyme: str = ""
    length: str = ""
    key_rows: tuple[int, ...] = ()


def tokens_of(fields: Fields, vocabulary: Vocabulary) -> list[tuple[int, int]]:
    """The prefix as (token, row); characters that the model does not know are left out of keywords and title.

    Raises:
        UsageError: an unknown form.
    """
    form = vocabulary.mark("form", fields.form)
    if form is None:
        raise UsageError(f"unknown form {fields.form!r}", "", did_you_mean(fields.form, FORMS))
    tokens = [BEGIN, form]
    if fields.tune:
        named = vocabulary.mark("tune", fields.tune)
        tokens += [vocabulary.ids["<tune>"], *_known(fields.tune, vocabulary)[:TUNE_MOST]] if named is None else [named]
    marks = [("era", fields.era), ("author", fields.author)]
    marks += [("mood", f"{'+' if sign > 0 else '-'}{axis}")
              for axis, sign in zip(_LEXICON, fields.mood, strict=True) if sign]  # fmt: skip
    marks += [("theme", theme) for theme in fields.themes[:2]]
    marks += [("rhyme", fields.rhyme), ("length", fields.length)]
    tokens += [token for kind, name in marks if (token := vocabulary.mark(kind, name)) is not None]
    placed = [(token, 0) for token in tokens]
    for number, key in enumerate(fields.keys[:KEYS_MOST]):
        if known := _known(key[:2], vocabulary):
            row = fields.key_rows[number] if number < len(fields.key_rows) else 0
            placed += [(token, row) for token in (KEY, *known)]
    title = _known(fields.title, vocabulary)[:TITLE_MOST]
    room = LONGEST - len(placed) - 2
    placed += [(token, 0) for token in (TITLE, *title[:room])] if title and room > 0 else []
    return [*placed, (SEPARATOR, 0)]


def _known(text: str, vocabulary: Vocabulary) -> list[int]:
    return [token for token in vocabulary.encode(text) if token != UNKNOWN]


def places(tokens: list[int], width: int) -> tuple[list[int], list[int]]:
    """(rows, columns) of a prefix before lines of `width` characters."""
    columns = [min(FIRST_COLUMN + index, COLUMNS - 1) for index in range(len(tokens) - 1)]
    return [0] * len(tokens), [*columns, width]


def clean_title(title: str) -> str:
    """The title's Han characters, simplified, without 其二, 三首, 并序 and what stands in brackets.

    >>> clean_title("秋興八首 其一（并序）")
    '秋兴'
    """
    title = re.sub(r"[（(《〈].*?[)）》〉]", "", title)
    title = "".join(HAN.findall(simplify(title)))
    title = re.sub(f"(?:{_NUMBER}首)?(?:其{_NUMBER}|{_NUMBER})?$", "", title) or title
    return re.sub(f"(?:并序|并引|有序|{_NUMBER}首|{_NUMBER}[绝韵])$", "", title) or title


def mood_characters(axis: str) -> tuple[str, str]:
    """The characters that carry "valence" or "energy": those that add to it, those that take from it."""
    return _LEXICON[axis]


def mood_weights(vocabulary: Vocabulary) -> npt.NDArray[np.float32]:
    """weights: (2, V), +1 or −1 where a character carries valence or energy."""
    weights = np.zeros((2, len(vocabulary)), np.float32)
    for axis, (plus, minus) in enumerate(_LEXICON.values()):
        weights[axis, [token for token in vocabulary.encode(plus) if token != UNKNOWN]] = 1
        weights[axis, [token for token in vocabulary.encode(minus) if token != UNKNOWN]] = -1
    return weights


def mood_of(tokens: npt.NDArray[np.integer], weights: npt.NDArray[np.float32]) -> npt.NDArray[np.int8]:
    """(N, 2) of −1, 0, 1 for poems (N, characters): the mean weight of the characters, cut at a threshold."""
    mean = weights[:, tokens].mean(-1).T
    cut = np.array(list(_MOOD_CUT.values()), np.float32)
    signs: npt.NDArray[np.int8] = (np.sign(mean) * (np.abs(mean) >= cut)).astype(np.int8)
    return signs


def mood_signs(mood: Mood) -> tuple[int, int]:
    """The mood marks for a mood that was asked for."""
    return tuple(int(np.sign(value)) if abs(value) >= 0.2 else 0 for value in (mood.valence, mood.energy))  # type: ignore[return-value]
