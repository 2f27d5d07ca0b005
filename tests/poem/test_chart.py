from xml.etree import ElementTree

import pytest

from muse.errors import UsageError
from muse.poem.chart import chart
from muse.poem.english.hearing import fall
from muse.poem.poem import Poem

SVG = "{http://www.w3.org/2000/svg}"
TOWER = ("白日依山尽", "黄河入海流", "欲穷千里目", "更上一层楼")
CURFEW = (
    "The curfew tolls the knell of parting day,", "The lowing herd winds slowly o'er the lea,",
    "The ploughman homeward plods his weary way,", "And leaves the world to darkness and to me.",
)  # fmt: skip


def read(poem: Poem) -> tuple[str, list[str], list[str]]:
    """What a chart says, the texts on it, the signs on it."""
    root = ElementTree.fromstring(chart(poem))
    uses = [str(use.get("href"))[6:] for use in root.iter(f"{SVG}use") if "#sign" in str(use.get("href"))]
    return str(root.findtext(f"{SVG}desc")), [text.text or "" for text in root.iter(f"{SVG}text")], uses


def test_tones_pattern_and_rhyme() -> None:
    said, texts, signs = read(Poem("登鹳雀楼", TOWER, "五绝"))
    first, second, _, fourth = said.split("\n")
    assert first == "白●日●依○山○尽●" and second == "黄○河○入●海●流○ △十一尤"
    assert fourth.startswith("更◐") and "五绝 · 平水韵" in texts and texts.count("十一尤") == 2
    assert [sign for sign in signs if sign == "wrong"] == ["wrong"], "the legend alone"
    assert texts.count("平") + texts.count("仄") + texts.count("中") == 20


def test_broken_places_are_told_by_shape_and_words() -> None:
    said, texts, signs = read(Poem("坏", (TOWER[0], "黄河入大海", *TOWER[2:]), "五绝"))
    assert "海●(rhyme)" in said and "rhyme" in texts and signs.count("wrong") == 3
    lines = ("一曲新词酒一杯", "去年天气旧亭台", "夕阳西下几时回", "无可奈何花落去", "似曾相识燕归来", "小园香径独徘徊")
    said, texts, signs = read(Poem("疑", lines, "词", tune="浣溪沙", stanzas=(3,)))
    assert "几◐(tone?)" in said and "台○(rhyme)" in said and texts.count("? tone") == 2


def test_a_song_and_what_has_no_form() -> None:
    lines = ("常记溪亭日暮", "沉醉不知归路", "兴尽晚回舟", "误入藕花深处", "争渡", "争渡", "惊起一滩鸥鹭")
    said, texts, _ = read(Poem("梦", lines, "词", tune="如梦令"))
    assert "词 · 如梦令 · 词林正韵" in texts and said.count("△") >= 5
    free, texts, _ = read(Poem("无", ("白日", "黄河入海"), ""))
    assert free.startswith("白●日●") and "中" not in texts
    assert read(Poem("?", TOWER, "no form", tune="no tune"))[0] == read(Poem("?", TOWER, "五绝"))[0]


def test_beats_and_rhymes_of_english() -> None:
    said, texts, signs = read(Poem("Elegy", CURFEW, "quatrains", "en"))
    lines = said.split("\n")
    assert lines[0].startswith("The curfew tolls the knell of parting day, | x / x / x / x / x / | A")
    assert [text for text in texts if text in "AB"] == ["A", "B", "A", "B"] and signs.count("wrong") == 5
    assert "10 syllables where 8 or 9 are asked" in lines[0]
    assert fall(CURFEW[2], "iambic", 5)[1] == ("ploughman", (True, False))
    bad, *_ = read(Poem("", (*CURFEW[:3], "And leaves the world to sorrow and to song."), "quatrains", "en"))
    assert "song does not rhyme with lea" in bad


def test_free_verse_shows_the_rhymes_it_has() -> None:
    said, *_ = read(Poem("Free", ("I saw the sea", "And sand 42", "And I was free", "Шла"), "free", "en"))
    assert [line.split(" | ")[-1] == "A" for line in said.split("\n")] == [True, False, True, False]


def test_what_has_no_chart() -> None:
    for poem in (Poem("记", ("江南的雨。",), "prose"), Poem("Зима", ("Мороз и солнце",), "", "ru")):
        with pytest.raises(UsageError):
            chart(poem)
        assert "chart.svg" not in poem.files() and "poem.svg" in poem.files()


def test_the_same_poem_gives_the_same_chart() -> None:
    assert chart(Poem("登", TOWER, "五绝")) == chart(Poem("登", TOWER, "五绝"))
