"""The tables behind mood.py: for styles and palettes the words, moods, themes of verse and reasons that speak for them.

Written for muse; every line is an opinion, and says why it is held.
"""

from __future__ import annotations

from dataclasses import dataclass

Moves = tuple[float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Style:
    """What speaks for a style: words of a theme, leanings towards valence, energy, tension, warmth, density; and why.

    `light` is how far its palette leans to its light end (paper) or its dark one (night).
    """

    name: str
    words: str
    mood: Moves
    light: float
    why: str


@dataclass(frozen=True, slots=True)
class Shade:
    """What speaks for a palette: its place in (valence, energy, warmth), words, and the styles it suits, "" for all."""

    place: tuple[float, float, float]
    words: str
    suits: str = ""


STYLES = {
    "ink": Style(
        "ink wash",
        "山 江 河 湖 溪 舟 泊 钓 渔 雾 烟 雨 竹 松 寺 僧 隐 雪 云 雁 鹤 秋 月 夜 归 渡 泉 峰 禅 茶 村 田 亭 塞 孤 客 "
        "樵 梧桐 霜 别 送别 故人 边塞 竹林 瀑布 "
        "mountain mountains hills river mist fog rain bamboo pine temple boat lake hermit monk snow crane tea zen "
        "valley stream ferry cloud waterfall solitude silence stillness winter autumn lonely loneliness meditation "
        "heron bamboos lakes rivers pines clouds",
        (0.0, -0.5, -0.1, -0.2, -0.5), 0.5, "water, mountains and much left empty: quiet, cool, spare",
    ),
    "botanical": Style(
        "botanical watercolour",
        "花 梅 桃 莲 荷 兰 菊 果 叶 草 柳 园 春 蝶 蜂 苔 樱 杏 李 芳 红豆 牡丹 莺 兰花 向日葵 玫瑰 百合 蘑菇 果园 "
        "苹果 菊花 水仙 "
        "flower flowers blossom rose roses garden fruit leaf leaves orchard apple plum spring bee butterfly meadow "
        "lily seed herb vine petal bloom lotus peach april may innocence childhood lullaby birth bird birds green "
        "hope orchid orchids iris tulip daisy poppy poppies violet lavender sunflower sunflowers mushroom mushrooms "
        "fern ivy lemon pear cherry grape olive herbs vines petals blossoms gardens",
        (0.5, -0.3, -0.4, 0.2, -0.2), 1.2, "one living thing on light paper: tender and glad",
    ),
    "cosmic": Style(
        "deep sky",
        "星 银河 宇宙 天河 北斗 流星 太空 苍穹 月球 火箭 永恒 星空 星河 星云 行星 彗星 宇航 天文 "
        "star stars galaxy space universe cosmos cosmic nebula planet orbit comet sky moon eclipse infinity "
        "satellite night midnight aurora heaven heavens eternity astronaut void distance moonlight starlight "
        "constellation constellations supernova meteor meteors mars saturn jupiter venus lunar solar celestial "
        "interstellar cosmonaut rocket asteroid milky planets galaxies comets",
        (0.0, 0.0, 0.2, -0.4, -0.2), -1.3, "depth and night: cold, wide, neither sad nor glad",
    ),
    "ukiyo-e": Style(
        "woodblock print",
        "海 浪 潮 帆 港 岛 驿 伞 桥 关 旅 路 富士 端午 龙舟 元宵 灯节 除夕 海浪 大海 波浪 "
        "wave waves sea ocean bridge harbour harbor journey road island sail sailor tide travel traveller coast "
        "storm shore voyage ship umbrella lighthouse tsunami fuji japan rainy beach bridges fisherman fishing pier "
        "lantern lanterns kimono geisha samurai tides islands ships sails",
        (0.1, 0.2, 0.1, 0.0, 0.2), 0.3, "sea, road and weather, told by line: lively, clear",
    ),
    "oil": Style(
        "oil painting",
        "爱 酒 醉 宫 王 战 君 母 泪 宴 婚 家 城 闺 相思 思念 丰收 团圆 肖像 烛 烛光 国王 女王 麦田 静物 "
        "love mother father portrait king queen war harvest home homesick farewell wine memory memories lover child "
        "friend friends evening tears ballad grief sorrow woman man feast battle summer hymn prayer psalm church "
        "goodbye parting old soldier rage anger heart kiss desire bread requiem mourning loss joy wedding family "
        "golden candle candles candlelight table violin ballroom theatre queens kings lovers",
        (0.0, 0.1, 0.2, 0.4, 0.3), -0.3, "people and what they feel: warm, full, weighty",
    ),
    "geometric": Style(
        "cut paper",
        "机 数 城市 都市 霓虹 地铁 代码 电子 楼 光 节拍 几何 圆 三角 电音 数字 "
        "machine city electric future number numbers logic grid pulse neon party disco street computer robot glass "
        "architecture rhythm geometry subway modern jazz funk traffic factory tokyo festival carnival play game "
        "techno circle circles square squares triangle cube line lines pixel pixels digital synth metro skyline "
        "machines cities",
        (0.3, 0.6, -0.2, 0.1, 0.2), 0.2, "edges and beat: bright, quick, of the town",
    ),
    "flow": Style(
        "flowing strokes",
        "风 梦 舞 流 火 沙 歌 飞 漂 醉舞 自由 琴 飘 舞蹈 丝 羽 "
        "wind dream dreams dreaming dance dancing fire flow drift breath desert song smoke flight silk swim current "
        "fly sleep freedom waltz music melody run running flame whisper breeze ballet ribbon feather dune dunes "
        "swirl winds flames",
        (0.1, 0.3, 0.0, 0.1, 0.0), 0.0, "what moves and has no outline: wind, dance, dream",
    ),
    "fractal": Style(
        "threads of light",
        "镜 幻 雷 迷宫 混沌 闪电 冰 冥想 虚空 灵 水晶 无限 螺旋 万花筒 "
        "infinite mirror echo mind chaos lightning labyrinth maze thought frost crystal spiral electric thunder "
        "light ghost soul consciousness memory time madness fever anxiety fear signal code network ice prism "
        "kaleidoscope fractal recursion crystals mirrors spirals",
        (-0.2, 0.3, 0.6, -0.2, 0.3), -1.2, "what turns into itself: strained, dense, electric",
    ),
    "tarot": Style(
        "tarot card",
        "命 运 鬼 神 仙 塔 巫 剑 龙 侠 妖 占卜 魔 凤 咒 塔罗 命运 愚人 占星 "
        "fate destiny fortune magic fool tower death devil witch sword dragon knight prophecy myth legend angel "
        "judgement saint wheel ritual curse oracle god gods demon hero quest kingdom crown blood spell card cards "
        "tarot priestess emperor empress magician temperance chariot hanged zodiac",
        (-0.2, 0.2, 0.5, 0.2, 0.4), 0.0, "signs and old stories: grave, full, strange",
    ),
}  # fmt: skip

FEELINGS = (
    "silence stillness solitude lonely loneliness meditation winter autumn spring summer night midnight evening memory "
    "memories time light old joy grief sorrow hope love joyful quiet slow young 春 夏 秋 冬 夜 心 孤 静"
)
"""Words that name a feeling, an hour or a season: for a style they count half as much as a thing that is seen."""

LANGUAGE: dict[str, dict[str, float]] = {
    "zh": {"ink": 0.5, "botanical": 0.1, "ukiyo-e": 0.1},
    "en": {"oil": 0.1},
    "none": {},
}
"""Head start of a style by the theme's language: a Chinese poem was written with the brush that paints ink."""

LABELS: dict[str, tuple[str, str]] = {
    "送别": ("ink", "dusk ink-mist"),
    "思乡": ("ink", "ink-night autumn"),
    "边塞": ("ink oil", "earth ember"),
    "山水": ("ink", "blue-green jade"),
    "田园": ("ink", "forest jade"),
    "春": ("botanical", "spring"),
    "夏": ("botanical", "summer"),
    "秋": ("ink", "autumn"),
    "冬": ("ink", "winter"),
    "咏梅": ("botanical", "rose ink-mist"),
    "咏物": ("botanical", "jade"),
    "月夜": ("ink", "ink-night"),
    "雨": ("ink", "ink-mist"),
    "饮酒": ("ink", "vermilion gold"),
    "怀古": ("ink", "earth"),
    "闺怨": ("oil botanical", "rose"),
    "禅理": ("ink", "jade ink-mist"),
    "仙道": ("ink tarot", "blue-green"),
    "悼亡": ("ink", "mono"),
    "酬赠": ("ink", "jade"),
    "忧国": ("ink oil", "ember earth"),
    "隐逸": ("ink", "jade forest"),
    "节序": ("ukiyo-e", "vermilion"),
    "爱情": ("oil", "rose"),
}
"""A theme of classical verse: the styles and palettes in which it is painted. Parting is painted at dusk, the frontier
in sand and fire, the past in the colour of earth, mountains and water in blue and green since the Tang."""

PALETTES = {
    "ink-night": Shade((-0.4, -0.5, -0.3), "夜 月 泊 宵 night moon dark midnight moonlight", "ink oil"),
    "ink-mist": Shade((0.0, -0.6, -0.1), "雾 烟 云 雨 mist fog cloud rain stillness meditation", "ink"),
    "blue-green": Shade((0.3, 0.0, 0.1), "山 青 绿 峰 仙 mountain mountains hills valley", "ink ukiyo-e"),
    "autumn": Shade((-0.1, -0.1, 0.6), "秋 枫 菊 落叶 重阳 丰收 autumn fall harvest october november leaf leaves"),
    "spring": Shade(
        (0.7, 0.1, 0.3), "春 桃 杏 柳 樱 芳 spring blossom april may easter birth childhood",
        "ink oil botanical ukiyo-e flow geometric",
    ),
    "summer": Shade(
        (0.7, 0.5, 0.3), "夏 荷 莲 蝉 summer july lotus beach hope joy play", "oil botanical ukiyo-e flow geometric "
        "tarot"
    ),
    "winter": Shade((-0.1, -0.4, -0.7), "冬 雪 冰 寒 霜 winter snow ice frost december cold"),
    "dusk": Shade(
        (-0.1, 0.1, 0.5), "暮 夕 晚 斜阳 黄昏 dusk evening sunset twilight farewell goodbye parting memory homesick "
        "fate",
        "ink oil ukiyo-e flow cosmic fractal geometric tarot",
    ),
    "dawn": Shade(
        (0.4, -0.2, 0.2), "晓 晨 朝 曙 dawn morning sunrise daybreak lullaby",
        "ink oil botanical ukiyo-e flow geometric cosmic",
    ),
    "ember": Shade(
        (-0.4, 0.8, 0.8), "火 战 血 烽 怒 fire war blood rage burn ember anger battle flame hell devil",
        "ink oil tarot fractal cosmic flow geometric",
    ),
    "sea": Shade(
        (0.0, 0.1, -0.6), "海 江 湖 水 潮 浪 sea ocean water wave waves lake river storm ship swim",
        "ukiyo-e oil flow geometric fractal ink",
    ),
    "forest": Shade(
        (0.1, -0.2, 0.0), "林 竹 松 草 田 村 forest wood woods tree trees bamboo grass moss green meadow",
        "ink oil botanical flow geometric tarot",
    ),
    "nebula": Shade(
        (0.1, 0.3, 0.2), "梦 幻 银河 宇宙 dream dreams galaxy nebula magic universe aurora", "cosmic fractal flow"
    ),
    "star-cold": Shade(
        (-0.3, -0.2, -0.7), "星 夜 霜 月 star stars night space lonely moon cold void distance "
        "astronaut", "cosmic fractal"
    ),
    "indigo": Shade(
        (0.0, 0.1, -0.2), "浪 蓝 夜 旅 路 雷 blue journey rain road travel night jazz umbrella lonely storm thunder "
        "lightning",
        "ukiyo-e geometric oil flow fractal tarot",
    ),
    "vermilion": Shade(
        (0.4, 0.6, 0.7), "红 节 喜 宴 庆 婚 酒 red festival dance wedding carnival feast",
        "ink ukiyo-e tarot geometric oil flow",
    ),
    "jade": Shade(
        (0.3, -0.4, 0.0), "玉 茶 禅 寺 溪 竹 隐 jade tea zen temple calm stream garden peace leaf",
        "ink botanical ukiyo-e flow geometric",
    ),
    "gold": Shade(
        (0.3, 0.2, 0.8), "金 王 宫 佛 稻 光 hymn prayer church gold golden king queen sun palace honey crown god "
        "angel bread harvest light",
        "oil tarot cosmic fractal flow geometric ink",
    ),
    "rose": Shade(
        (0.4, -0.1, 0.5), "爱 花 闺 恋 梅 相思 红豆 love rose roses heart kiss tender plum lover mother petal desire",
        "oil botanical flow geometric cosmic fractal",
    ),
    "neon": Shade(
        (0.2, 0.9, -0.1), "电 霓虹 都市 城市 机 electric neon city machine club party disco future computer robot "
        "tokyo",
        "geometric flow fractal cosmic",
    ),
    "earth": Shade(
        (0.0, -0.2, 0.4), "土 路 田 古 塞 漠 沙 家 earth road desert old ruin ruins dust home homesick soldier fate "
        "myth legend",
        "ink oil ukiyo-e tarot botanical flow geometric",
    ),
    "mono": Shade(
        (-0.5, -0.1, -0.1), "无 空 黑 白 死 丧 nothing empty silence grief death grey ghost mourning loss requiem "
        "fear",
        "ink geometric fractal flow oil",
    ),
}  # fmt: skip

FINISHES: dict[str, tuple[str, str, float, str]] = {
    "geometric": ("riso", "energy", 0.5, "two or three inks in dots, out of register: the quick print of the street"),
    "flow": ("brush", "energy", 0.6, "bold strokes for what moves hard"),
    "tarot": ("halftone", "tension", 0.6, "black dots over flat inks: the poster on the wall"),
    "cosmic": ("film", "tension", 0.7, "grain in the dark, nothing drawn over it"),
}
"""For a style: another finish than its own, the axis of the mood that must reach a value for it, and why."""
