"""What a cover shows, in words, for those who cannot see it: from what is known of it, and where its light lies.

It says how the picture was made, its colours, where it is light and where there is most to see, its mood, and what is
written on it. It does not say what the picture shows, since nothing here knows that.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from muse.art.colour import lab_of
from muse.terms import Mood

LONGEST = 250
_MOST = 60
STYLES = {
    "ink": ("in the manner of an ink-wash landscape", "水墨山水风格"),
    "oil": ("in the manner of an old oil painting", "古典油画风格"),
    "ukiyo-e": ("in the manner of a Japanese woodblock print", "浮世绘版画风格"),
    "cosmic": ("like a photograph of deep space", "深空星云风格"),
    "botanical": ("in the manner of a botanical watercolour", "植物水彩画风格"),
    "geometric": ("of cut-paper shapes", "剪纸几何风格"),
    "flow": ("of flowing strokes", "流动笔触的抽象风格"),
    "fractal": ("of branching threads of light", "分形光线的抽象风格"),
    "tarot": ("in the manner of a tarot card", "塔罗牌风格"),
}
# name: (English, Chinese); the hues by the angle where each ends, in degrees of Lab
_HUES = (
    (20, "rose", "玫瑰红"), (48, "red", "红"), (68, "orange", "橙"), (98, "yellow", "黄"), (125, "olive", "黄绿"),
    (165, "green", "绿"), (215, "teal", "青"), (303, "blue", "蓝"), (322, "violet", "紫"), (345, "magenta", "洋红"),
    (360, "rose", "玫瑰红"),
)  # fmt: skip
_MOODS = {
    "valence": (("sorrowful", "忧伤"), ("joyful", "欢悦")),
    "energy": (("quiet", "宁静"), ("lively", "热烈")),
    "tension": (("at ease", "舒缓"), ("tense", "紧张")),
    "warmth": (("cool", "清冷"), ("warm", "温暖")),
    "density": (("sparse", "疏朗"), ("dense", "繁密")),
}
_PLACES = (
    ("at the upper left", "左上"), ("at the top", "上方"), ("at the upper right", "右上"),
    ("on the left", "左侧"), ("in the middle", "中央"), ("on the right", "右侧"),
    ("at the lower left", "左下"), ("at the bottom", "下方"), ("at the lower right", "右下"),
)  # fmt: skip

_ROLES = {
    "title": ("title", "题"), "artist": ("artist", "署名"), "verse": ("verse", "题诗"), "seal": ("seal", "钤印"),
}  # fmt: skip


def alt(
    image: Image.Image,
    style: str,
    palette: Sequence[str],
    mood: Mood,
    texts: Sequence[tuple[str, str, tuple[int, int, int, int]]],
    chinese: bool = False,
) -> str:
    """A description of at most LONGEST characters, in English or Chinese.

    >>> alt(Image.new("RGB", (64, 64)), "ink", ("#101820", "#f2efe4"), Mood(energy=-0.6), ())[:52]
    'Cover in the manner of an ink-wash landscape: near-b'

    Args:
        texts: (role, text, box in pixels) of what is written on it.
    """
    light, full = _seen(image)
    written = [(role, _short(text), _PLACES[_cell(box, image.size)][chinese]) for role, text, box in texts]
    named = list(dict.fromkeys(name_of(tone)[chinese] for tone in palette))[:3]
    feels = _spoken(mood, chinese)
    how = STYLES.get(style, ("", ""))[chinese]
    where = _where(light, full, chinese)
    if chinese:
        parts = [f"{how}的封面" if how else "一幅图画", f"以{'、'.join(named)}色为主" if named else "", *where]
        head = "，".join(filter(None, [*parts, f"气氛{feels}" if feels else ""])) + "。"
        said = [f"{place}{_ROLES[role][1]}“{text}”" for role, text, place in written if role in _ROLES]
        tail = "，".join(said) + "。" if said else ""
    else:
        head = " ".join(filter(None, ("Cover" if how else "A picture", how)))
        head += f": {_listed(named)}" if named else ""
        head += "".join(f"; {part}" for part in (*where, f"{feels} in mood" if feels else "") if part) + "."
        said = [f"{_ROLES[role][0]} “{text}” {place}" for role, text, place in written if role in _ROLES]
        tail = f" Lettered: {', '.join(said)}." if said else ""
    whole = head + tail
    return whole if len(whole) <= LONGEST else whole[: LONGEST - 1] + "…"


def name_of(tone: str) -> tuple[str, str]:
    """A colour in words, English and Chinese.

    >>> name_of("#0d1a3a"), name_of("#f0ece0"), name_of("#b8321f")
    (('dark blue', '深蓝'), ('off-white', '米白'), ('red', '红'))
    """
    light, a, b = (float(value) for value in lab_of([tone])[0])
    strength, way = float(np.hypot(a, b)), float(np.degrees(np.arctan2(b, a))) % 360
    if strength < (4 if light > 88 else 9) or light < 7:
        return _grey(light)
    if light > 88 and strength < 22:
        return ("off-white", "米白") if 40 < way < 125 else ("pale " + _hue(way)[0], "淡" + _hue(way)[1])
    if 40 < way < 100 and light < 62 and strength < 60:
        return ("dark brown", "深褐") if light < 32 else ("brown", "褐")
    if 55 < way < 105 and strength < 45:
        return ("sand", "沙黄")
    english, chinese = _hue(way)
    if light < 32:
        return f"dark {english}", f"深{chinese}"
    return (f"pale {english}", f"浅{chinese}") if light > 72 and strength < 40 else (english, chinese)


def _hue(way: float) -> tuple[str, str]:
    return next((english, chinese) for end, english, chinese in _HUES if way <= end)


def _grey(light: float) -> tuple[str, str]:
    for end, english, chinese in (
        (14, "near-black", "墨黑"), (38, "dark grey", "深灰"), (64, "grey", "灰"), (88, "pale grey", "浅灰"),
    ):  # fmt: skip
        if light < end:
            return english, chinese
    return "white", "白"


def _spoken(mood: Mood, chinese: bool) -> str:
    """The two strongest sides of a mood, if any is strong."""
    axes = sorted(mood.as_dict().items(), key=lambda pair: -abs(pair[1]))[:2]
    found = [_MOODS[axis][value > 0][chinese] for axis, value in axes if abs(value) >= 0.2]
    return ("而" if chinese else " and ").join(found)


def _seen(image: Image.Image) -> tuple[int | None, int | None]:
    """Of the nine parts of a picture the lightest, and the one with most edges; None where none stands out."""
    grey = np.asarray(image.convert("L").resize((48, 48), Image.Resampling.BOX), np.float32)
    edges = np.hypot(*np.gradient(grey))
    return _top(_parts(grey), 12.0), _top(_parts(edges), 0.5 * float(edges.mean()) + 1.0)


def _where(light: int | None, full: int | None, chinese: bool) -> list[str]:
    """Where it is lightest, and where there is most to see."""
    if light is not None and light == full:
        place = _PLACES[light][chinese]
        return [f"{place}最亮，景物也多" if chinese else f"brightest and fullest {place}"]
    found = ((light, "{}最亮", "brightest {}"), (full, "景物多在{}", "fullest {}"))
    return [(zh if chinese else en).format(_PLACES[at][chinese]) for at, zh, en in found if at is not None]


def _parts(grid: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    found: npt.NDArray[np.float32] = grid.reshape(3, 16, 3, 16).mean((1, 3)).ravel()
    return found


def _top(parts: npt.NDArray[np.float32], lead: float) -> int | None:
    """The place of the largest part, if it leads their median by so much."""
    place = int(parts.argmax())
    return place if float(parts[place] - np.median(parts)) >= lead else None


def _cell(box: tuple[int, int, int, int], size: tuple[int, int]) -> int:
    """In which of the nine parts the middle of a box lies."""
    across, down = (min(2, max(0, int(1.5 * (box[k] + box[k + 2]) / size[k]))) for k in (0, 1))
    return 3 * down + across


def _short(text: str) -> str:
    return text if len(text) <= _MOST else text[: _MOST - 1] + "…"


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
