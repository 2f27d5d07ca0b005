"""The rule books, above all that of modern Mandarin; and places for a chart."""

from __future__ import annotations

import pytest

from muse.errors import UsageError
from muse.poem.referee import judge, scansion, under, verdict
from muse.poem.referee.books import book, usual


@pytest.mark.parametrize(
    ("characters", "group"),
    [
        ("妈家瓜牙娃", "一麻"), ("波多歌窝", "二波"), ("街爷靴月", "三皆"), ("开怀外", "四开"), ("威归飞", "五微"),
        ("豪宵摇", "六豪"), ("流游侯", "七尤"), ("寒天烟圆娟弯", "八寒"), ("文音军云春", "九文"), ("唐阳王光", "十唐"),
        ("耕英东雄翁", "十一庚"), ("齐衣儿鱼居吕", "十二齐"), ("枝日丝", "十三支"), ("姑屋", "十四姑"),
    ],
)  # fmt: skip
def test_the_fourteen_rhymes(characters: str, group: str) -> None:
    assert {one.group for character in characters for one in book("xinyun").readings(character)} == {group}


def test_modern_tones() -> None:
    modern = book("xinyun")
    assert modern.tones("春眠不觉晓") == "平平仄中仄"  # 觉 is jué and jiào; 不 is never level for being said bú
    assert {(one.level, one.group) for one in modern.readings("看")} == {(True, "八寒"), (False, "八寒")}
    assert {one.group for one in modern.readings("白")} >= {"四开"} and True in {
        one.level for one in modern.readings("白")
    }
    assert modern.readings("🌙") == () == modern.readings("A")


def test_books_differ() -> None:
    """竹 and 白 entered of old and are level today; 东 and 冬 were two rhymes and are one."""
    tables = under(["白日依山尽", "黄河入海东", "欲穷千里目", "更上一层冬"])
    assert [verdict(tables[name].report()) for name in ("pingshui", "cilin")] == ["invalid", "valid"]
    assert "十一庚" in next(promise.found for promise in tables["xinyun"].promises if promise.name == "rhyme")
    assert set(tables) == {"pingshui", "cilin", "xinyun"}
    lines = ["白日依山尽", "黄河入海流", "欲穷千里目", "更上一层楼"]
    assert verdict(judge([lines[0], "竹河入海流", *lines[2:]], "五绝", "pingshui")) == "invalid"  # 竹: 仄平仄仄平
    assert verdict(judge([lines[0], "竹河入海流", *lines[2:]], "五绝", "xinyun")) != "invalid"


def test_the_second_group_of_a_first_line_is_of_the_old_book_only() -> None:
    assert book("pingshui").near("十三元", "十四寒") and not book("pingshui").near("一东", "七阳")
    assert not book("xinyun").near("五微", "十二齐")
    with pytest.raises(UsageError, match="xinyun"):
        book("xinyn")


def test_both_scripts_are_read() -> None:
    assert usual("樓黃葢") == "楼黄盖"
    old = judge("白日依山盡,黃河入海流。欲窮千里目,更上一層樓。")
    new = judge("白日依山尽,黄河入海流。欲穷千里目,更上一层楼。")
    assert old.promises == new.promises and old.valid is True
    assert not new.findings and len(old.findings) == 1 and "樓楼" in old.findings[0]
    assert judge("白日依山盡,黃河入海流。欲窮千里木,更上一層樓。").findings[0].startswith("traditional script") is False


def test_scansion_says_what_stands_at_each_place() -> None:
    found = scansion("白日依山尽,黄河入海流。欲穷千里目,更上一层留。")
    assert (found.form, found.book, len(found.lines)) == ("五绝", "pingshui", 4)
    first, last = found.lines[0][1], found.lines[3][4]
    assert (first.character, first.tones, first.wanted, first.broken) == ("日", frozenset({False}), False, "")
    assert (last.rhyme, last.broken, last.sure, last.wanted) == ("十一尤", "rhyme", False, True)
    wrong = scansion("白日依山尽,黄河入海流。欲穷千里目,更上一层山。").lines[3][4]
    assert (wrong.broken, wrong.sure) == ("rhyme", True)
    assert found.lines[0][0].wanted is None
    tune = scansion("西塞山前白鹭飞,桃花流水鳜鱼肥。青箬笠,绿蓑衣。斜风细雨不须归。", "词", tune="渔歌子")
    assert [place.rhyme for place in (line[-1] for line in tune.lines)] == ["第三部", "第三部", "", "第三部", "第三部"]
    assert scansion("江天").lines == () or all(
        place.wanted is None for line in scansion("江天").lines for place in line
    )
