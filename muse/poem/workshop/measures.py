"""Two scores of a finished poem, each a mean a line, so that a dial can be read off: how bright, and how dense it is.

- valence: Σ valence of the words of the theme lexicon (−1 to 1 each, `muse.tables.lexicon`); of Chinese verse also
  +½ for each bright and −½ for each sad character of the prefix's lists (`muse.poem.prefix.mood_characters`).
- density: images − particles. Chinese images are the characters of IMAGES, things that can be seen or heard; particles
  are those of PARTICLES, which only join, deny or ask. English images are words that the theme lexicon knows,
  particles the small words of `muse.tables.english`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from muse.errors import UsageError, did_you_mean
from muse.poem.prefix import mood_characters
from muse.tables.english import listing
from muse.tables.words import find

# Two lists chosen by hand for muse (CC0).
IMAGES = frozenset(
    "山水江河海湖溪泉涧潭池塘波浪潮沙洲岸石岩峰岭峦谷崖云霞烟雾雨露霜雪冰风雷虹天日月星斗辰汉夜晨夕春秋冬夏花草木树林竹松柏梅兰"
    "菊荷莲桃李杏梨柳杨桐枫桂槐桑麻藤萝苔苗稻麦叶枝根蕊瓣香鸟雁燕莺鹤鹭鸥鸦鹊蝉蝶蜂萤蛙鱼龙虎马牛羊犬鸡猿鹿楼台亭阁轩窗门户墙"
    "院庭阶桥路径村城郭塞关寺庵塔舟船帆桨车轮鞍剑弓刀旗鼓钟磬琴瑟笛箫筝弦灯烛火炉酒杯壶茶书卷笔墨纸画衣袖裳冠巾簪镜枕席帘屏幕扇"
    "玉金珠银霄宫殿坟碑田园圃篱笠蓑钓网樵渔僧客翁童妾眉鬓发泪血骨肠"
)
PARTICLES = frozenset(
    "之乎者也矣焉哉兮而且则乃遂因以於于与及其此彼是非不未无莫勿休否岂宁何谁孰安那曾已既将欲若如似犹尚还复又亦更最甚太但只唯惟空徒"
    "自各皆俱都相可能须应当合得为所把被教令使虽纵况即便方才却便的了着过些个么吗呢"
)
AXES = ("density", "valence")
REACH = {"density": 2.0, "valence": 0.9}
"""How far a full turn of a dial asks to move the score."""


def read_dial(dial: Mapping[str, float]) -> dict[str, float]:
    """The axes of a dial that are turned, each in [−1, 1].

    Raises:
        UsageError: an unknown axis, or a value that is no such number.
    """
    found = {}
    for name, value in dial.items():
        if name not in AXES:
            raise UsageError(f"unknown dial {name!r}", "a poem has " + " and ".join(AXES), did_you_mean(name, AXES))
        if isinstance(value, bool) or not isinstance(value, int | float) or not -1 <= value <= 1:
            raise UsageError(f"{name}={value!r} is out of bounds", "a dial goes from −1 to 1", f"try {name}=0.5")
        if value:
            found[name] = float(value)
    return found


def measured(lines: Sequence[str], language: str) -> dict[str, float]:
    """Density and valence of a poem.

    >>> bright, sad = measured(["春风花正香"], "zh"), measured(["孤坟暮雨愁"], "zh")
    >>> bright["valence"] > 0 > sad["valence"]
    True
    """
    return {axis: sum(weight(line, axis, language) for line in lines) / max(1, len(lines)) for axis in AXES}


def weight(text: str, axis: str, language: str) -> float:
    """What some text adds to a score."""
    if axis == "density":
        if language == "zh":
            return float(sum(one in IMAGES for one in text) - sum(one in PARTICLES for one in text))
        small = listing("small")
        return float(len(find(text)[0]) - sum(word.strip(".,;:!?—") in small for word in text.lower().split()))
    told = sum(match.concept.mood.valence * match.weight for match in find(text)[0])
    if language != "zh":
        return told
    bright, sad = mood_characters("valence")
    return told + 0.5 * (sum(one in bright for one in text) - sum(one in sad for one in text))


def against(axis: str, value: float) -> str:
    """Chinese characters that are not to be written while a dial is turned so."""
    bright, sad = mood_characters("valence")
    if axis == "valence":
        return sad if value > 0 else bright
    return "".join(sorted(PARTICLES)) if value > 0 else ""
