"""The tables behind mood.py: words and moods of styles and palettes. Written for muse; every line is an opinion."""

STYLE_NAMES = {
    "ink": "ink wash",
    "oil": "oil painting",
    "ukiyo-e": "woodblock print",
    "cosmic": "deep sky",
    "botanical": "botanical watercolour",
    "geometric": "cut paper",
    "flow": "flowing strokes",
    "fractal": "threads of light",
    "tarot": "tarot card",
}
# style: words of a theme that speak for it
STYLE_WORDS = {
    "ink": (
        "山 江 河 湖 溪 舟 泊 钓 渔 雾 烟 雨 竹 松 寺 僧 隐 雪 云 雁 鹤 秋 月 夜 归 渡 泉 峰 禅 茶 "
        "mountain river mist fog rain "
        "bamboo pine temple boat lake hermit monk snow crane tea zen valley stream ferry"
    ),
    "botanical": (
        "花 梅 桃 莲 荷 兰 菊 果 叶 草 柳 园 春 蝶 蜂 苔 樱 杏 "
        "flower blossom rose garden fruit leaf orchard apple plum "
        "spring bee meadow lily seed herb vine petal bloom lotus peach"
    ),
    "cosmic": (
        "星 银河 宇宙 天河 北斗 流星 太空 苍穹 star stars galaxy space universe cosmos cosmic nebula planet orbit "
        "comet sky moon eclipse infinity satellite"
    ),
    "ukiyo-e": (
        "海 浪 潮 桥 帆 驿 旅 港 岛 渡 关 路 伞 wave sea ocean bridge harbour harbor journey road island sail tide "
        "travel coast storm shore voyage ship"
    ),
    "oil": (
        "人 君 母 爱 酒 醉 宫 王 战 别 故人 闺 泪 宴 家 城 田 love mother portrait king queen war harvest city home "
        "farewell wine memory lover child friend winter evening tears ballad grief"
    ),
    "geometric": (
        "机 数 城 市 光 电 楼 machine city electric future number logic grid pulse neon dance street "
        "computer glass architecture rhythm geometry morning summer"
    ),
    "flow": (
        "风 梦 舞 流 火 沙 歌 飞 wind dream dance fire flow drift breath desert song smoke flight silk swim "
        "current river fly"
    ),
    "fractal": (
        "心 镜 幻 无 思 禅 雷 电 infinite mirror echo mind chaos lightning labyrinth thought frost crystal "
        "spiral electric storm light ghost"
    ),
    "tarot": (
        "命 运 鬼 神 仙 塔 巫 剑 龙 侠 fate fortune magic fool tower death devil witch sword dragon knight "
        "prophecy myth angel judgement saint wheel ritual"
    ),
}
# style: how much it leans towards valence, energy, tension, warmth, density
STYLE_MOODS = {
    "ink": (0.0, -0.5, -0.1, -0.2, -0.5),
    "botanical": (0.5, -0.2, -0.4, 0.3, -0.2),
    "cosmic": (0.0, 0.0, 0.2, -0.4, 0.0),
    "ukiyo-e": (0.1, 0.2, 0.1, 0.0, 0.2),
    "oil": (0.0, 0.1, 0.1, 0.4, 0.2),
    "geometric": (0.3, 0.5, -0.2, 0.1, 0.2),
    "flow": (0.1, 0.4, 0.1, 0.1, 0.1),
    "fractal": (-0.1, 0.3, 0.5, -0.2, 0.3),
    "tarot": (-0.1, 0.2, 0.5, 0.2, 0.3),
}
# language of the theme: style: head start
LANGUAGE: dict[str, dict[str, float]] = {
    "zh": {"ink": 0.7, "ukiyo-e": 0.15},
    "en": {"oil": 0.15},
    "none": {},
}
# palette: its place in (valence, energy, warmth), words that speak for it, the styles it suits ("" for all)
PALETTE_MOODS: dict[str, tuple[tuple[float, float, float], str, str]] = {
    "ink-night": (
        (-0.4, -0.5, -0.3),
        "夜 月 泊 night moon dark midnight",
        "ink oil",
    ),
    "ink-mist": (
        (0.0, -0.6, -0.1),
        "雾 烟 云 雨 mist fog cloud rain morning",
        "ink",
    ),
    "blue-green": (
        (0.3, 0.0, 0.1),
        "山 青 绿 峰 mountain hills valley",
        "ink ukiyo-e",
    ),
    "autumn": (
        (-0.1, -0.1, 0.6),
        "秋 枫 菊 落叶 重阳 霜 autumn fall harvest october leaf",
        "",
    ),
    "spring": (
        (0.7, 0.1, 0.3),
        "春 桃 杏 柳 樱 spring blossom april easter",
        "ink oil botanical ukiyo-e flow geometric",
    ),
    "summer": (
        (0.7, 0.5, 0.3),
        "夏 荷 莲 蝉 summer july lotus",
        "oil botanical ukiyo-e flow geometric tarot",
    ),
    "winter": (
        (-0.1, -0.4, -0.7),
        "冬 雪 冰 寒 霜 winter snow ice frost december cold",
        "",
    ),
    "dusk": (
        (-0.1, 0.1, 0.5),
        "暮 夕 晚 斜阳 黄昏 dusk evening sunset twilight",
        "oil ukiyo-e flow cosmic fractal geometric tarot",
    ),
    "dawn": (
        (0.4, -0.2, 0.2),
        "晓 晨 朝 曙 dawn morning sunrise daybreak",
        "ink oil botanical ukiyo-e flow geometric",
    ),
    "ember": (
        (-0.4, 0.8, 0.8),
        "火 战 血 烽 fire war blood rage burn ember anger",
        "oil tarot fractal cosmic flow geometric",
    ),
    "sea": (
        (0.0, 0.1, -0.6),
        "海 江 湖 水 潮 浪 sea ocean water wave lake river",
        "ukiyo-e oil flow geometric fractal ink",
    ),
    "forest": (
        (0.1, -0.2, 0.0),
        "林 竹 松 草 田 forest wood tree bamboo grass moss green",
        "ink oil botanical flow geometric",
    ),
    "nebula": (
        (0.1, 0.3, 0.2),
        "星 梦 幻 银河 star dream galaxy nebula magic love",
        "cosmic fractal flow",
    ),
    "star-cold": (
        (-0.3, -0.2, -0.7),
        "星 夜 霜 月 star night space lonely moon cold",
        "cosmic fractal",
    ),
    "indigo": (
        (0.1, 0.1, -0.2),
        "海 浪 蓝 夜 旅 blue wave journey rain road",
        "ukiyo-e geometric oil flow",
    ),
    "vermilion": (
        (0.4, 0.6, 0.7),
        "红 节 喜 宴 庆 red joy festival dance wedding",
        "ink ukiyo-e tarot geometric oil",
    ),
    "jade": (
        (0.3, -0.4, 0.0),
        "玉 茶 禅 寺 溪 竹 jade tea zen temple calm stream",
        "ink botanical ukiyo-e flow geometric",
    ),
    "gold": (
        (0.3, 0.2, 0.8),
        "金 王 宫 佛 稻 gold king sun palace honey crown",
        "oil tarot cosmic fractal flow geometric",
    ),
    "rose": (
        (0.4, -0.1, 0.5),
        "爱 花 闺 思 恋 梅 love rose heart kiss tender plum",
        "oil botanical flow geometric cosmic fractal",
    ),
    "neon": (
        (0.2, 0.9, -0.1),
        "电 城 市 机 electric neon city machine club party future",
        "geometric flow fractal cosmic",
    ),
    "earth": (
        (0.0, -0.2, 0.4),
        "土 路 田 古 塞 漠 沙 earth road desert old ruin dust home",
        "ink oil ukiyo-e tarot botanical flow geometric",
    ),
    "mono": (
        (-0.3, 0.0, 0.0),
        "无 空 黑 白 nothing empty silence grief death grey",
        "ink geometric fractal flow",
    ),
}
