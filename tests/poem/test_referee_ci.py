"""词 under judgement: poems that are known, and every joint reading of made ones."""

from __future__ import annotations

import itertools
import json
import lzma
import os
import random
from collections import Counter
from pathlib import Path

import pytest

from muse.poem.referee import ci, judge, recognise, split, titled, tunes, verdict
from muse.poem.referee.books import Book, Reading, book
from muse.poem.referee.tunes import Shape

EARLY = "昨夜雨疏风骤。浓睡不消残酒。试问卷帘人,却道海棠依旧。知否。知否。应是绿肥红瘦。"  # 李清照
FISHER = "西塞山前白鹭飞,桃花流水鳜鱼肥。青箬笠,绿蓑衣。斜风细雨不须归。"  # 张志和
WINE = "明月几时有,把酒问青天。不知天上宫阙,今夕是何年。我欲乘风归去,又恐琼楼玉宇,高处不胜寒。起舞弄清影,何似在人间。\
转朱阁,低绮户,照无眠。不应有恨,何事长向别时圆。人有悲欢离合,月有阴晴圆缺,此事古难全。但愿人长久,千里共婵娟。"


def test_the_table() -> None:
    every = [shape for those in tunes.shapes().values() for shape in those]
    assert len({shape.tune for shape in every}) >= 300
    for size, those in tunes.shapes().items():
        for shape in those:
            assert sum(map(len, shape.lines)) == size
            assert len(shape.rhyme) == len(shape.lines) and any(shape.rhyme)
            assert all(0 < at < len(shape.lines) for at in shape.stanzas)
    assert [line for line in tunes.shapes_of("渔歌子")[0].lines][2:4] == ["平仄仄", "仄平平"]
    assert tunes.shapes_of("西江月")[0].rhyme == ("", "a", "a", "b") * 2
    assert tunes.shapes_of("菩萨蛮")[0].stanzas == (4,)


@pytest.mark.parametrize(
    ("text", "tune"), [(EARLY, "如梦令"), (FISHER, "渔歌子"), (WINE, "水调歌头")], ids=["如梦令", "渔歌子", "水调歌头"]
)
def test_known_poems(text: str, tune: str) -> None:
    report = judge(text, "词", tune=tune)
    assert report.valid in (True, "depends"), report
    assert recognise(split(text)) == "词"
    shape = ci.nearest(split(text), book("cilin"))
    assert shape is not None and shape.tune in (tune, "宴桃源", "忆仙姿", "渔父")
    assert judge(text).promises[0].found.startswith("词")


def test_each_place_and_each_rhyme_is_named() -> None:
    lines = split(FISHER)
    (shape,) = tunes.fitting(lines, "渔歌子")
    for number, (line, wish) in enumerate(zip(lines, shape.lines, strict=True)):
        for place, sign in enumerate(wish):
            if sign == "中":
                continue
            wrong = "入" if sign == "平" else "同"
            changed = [*lines]
            changed[number] = line[:place] + wrong + line[place + 1 :]
            report = judge(changed, tune="渔歌子")
            assert report.valid is False
            assert any(
                finding.startswith(f"line {number + 1}, place {place + 1}: {wrong}") for finding in report.findings
            )
    report = judge([*lines[:-1], "斜风细雨不须东"], tune="渔歌子")
    kept = {promise.name: promise.kept for promise in report.promises}
    assert kept["rhyme"] is False and kept["tones"] is not False
    assert any(finding.startswith("line 5, place 7: 东 is 第一部") for finding in report.findings)


def test_entering_tones_rhyme_apart() -> None:
    lines = split(EARLY)
    assert judge([*lines[:-1], "应是绿肥红落"], tune="如梦令").valid is False  # 药, in a poem of 宥 and 有


def test_shape_and_stanzas() -> None:
    lines = split(WINE)
    assert judge(lines, tune="水调歌头", stanzas=(9,)).valid == "depends"
    assert judge(lines, tune="水调歌头", stanzas=(8,)).valid is False
    joined = [*lines[:2], lines[2] + lines[3], *lines[4:]]  # two lines run into one
    assert judge(joined, tune="水调歌头").valid == "depends"
    report = judge(lines[:-1], tune="水调歌头")
    assert report.valid is False and report.promises[1].name == "shape"
    moved = [*lines[:4], "我欲乘", "风归去又恐琼楼玉宇", *lines[6:]]
    (shape,) = [promise for promise in judge(moved, tune="水调歌头").promises if promise.name == "shape"]
    assert shape.kept == "depends"
    assert judge(["月" * 5] * 7, "词").valid is False
    assert judge(["月" * 5] * 7, "词").promises[0].asked == "词"


def test_lines_that_poets_pair_are_scored() -> None:
    (shape,) = [shape for shape in tunes.shapes_of("浣溪沙") if shape.widths == "7 7 7 7 7 7"]
    assert tunes.paired(shape) == (3,)
    text = "一曲新词酒一杯,去年天气旧亭台。夕阳西下几时回。无可奈何花落去,似曾相识燕归来。小园香径独徘徊。"  # 晏殊
    report = judge(text, tune="浣溪沙")
    (note,) = [finding for finding in report.findings if "对句" in finding]
    assert note.startswith("parallelism (对句) of lines 4 and 5: 0.9")
    known = {(shape.tune, shape.widths) for those in tunes.shapes().values() for shape in those}
    assert set(tunes._pairs()) <= known


def test_titles_name_tunes() -> None:
    assert tunes.named_in("《减字木兰花》") == "减字木兰花"
    assert tunes.named_in("木兰花慢·彭城") == "木兰花慢"
    assert tunes.named_in("登鹳雀楼") == ""
    assert titled("漁歌子·其一", split(FISHER)) == "渔歌子"
    assert titled("水调歌头", split(FISHER)) == ""


def _oracle(text: str, shape: Shape, table: dict[str, tuple[Reading, ...]]) -> str:
    ends = list(itertools.accumulate(map(len, shape.lines)))
    asked = "".join(shape.lines)
    results = []
    for reading in itertools.product(*(table[character] for character in text)):
        tones = all(sign == "中" or one.level == (sign == "平") for sign, one in zip(asked, reading, strict=True))
        rhymes: dict[str, set[Reading]] = {}
        for end, letter in zip(ends, shape.rhyme, strict=True):
            if letter:
                rhymes.setdefault(letter, set()).add(reading[end - 1])
        results.append(tones and all(len(found) == 1 for found in rhymes.values()))
    return "valid" if all(results) else "depends" if any(results) else "invalid"


def test_against_every_joint_reading() -> None:
    level, part = Reading(True, "第一部"), Reading(False, "第一部")
    entering, other = Reading(False, "第十五部"), Reading(True, "第二部")
    table = {
        "甲": (level,), "乙": (part,), "丙": (entering,), "丁": (level, part), "戊": (level, other),
        "己": (part, entering), "庚": (other,),
    }  # fmt: skip
    own = Book("own", lambda character: table.get(character, ()))
    random_ = random.Random(5)
    short = [shape for size, those in tunes.shapes().items() for shape in those if size <= 44 and shape.poems > 30]
    seen: Counter[str] = Counter()
    for _ in range(3000):
        shape = random_.choice(short)
        text = [{"平": "甲", "仄": "乙", "中": random_.choice("甲乙")}[sign] for sign in "".join(shape.lines)]
        ends = list(itertools.accumulate(map(len, shape.lines)))
        for _ in range(random_.randrange(4)):
            place = random_.choice(ends) - 1 if random_.random() < 0.7 else random_.randrange(len(text))
            text[place] = random_.choice("丁戊己甲乙丙庚")
        cuts = [0, *ends]
        lines = ["".join(text[a:b]) for a, b in itertools.pairwise(cuts)]
        found = verdict(ci._under(lines, own, shape, ()).report())
        assert found == _oracle("".join(text), shape, table), (shape.tune, lines)
        seen[found] += 1
    assert min(seen[name] for name in ("valid", "depends", "invalid")) > 200, seen


@pytest.mark.skipif("MUSE_DATA" not in os.environ, reason="MUSE_DATA is not set")
def test_poems_of_the_corpus_lie_upon_their_tunes() -> None:
    """Nine of ten have a shape of their tune; half of these keep every place; the shape tells the tune."""
    path = Path(os.environ["MUSE_DATA"]) / "poetry" / "zh_ci.jsonl.xz"
    counts: Counter[str] = Counter()
    known = set(tunes.names())
    with lzma.open(path, "rt", encoding="utf-8") as stream:
        for line in itertools.islice(stream, 0, None, 60):
            poem = json.loads(line)
            if poem["tune"] in known:
                counts["all"] += 1
                if tunes.fitting(poem["lines"], poem["tune"]):
                    counts["shape"] += 1
                    counts["kept"] += judge(poem["lines"], tune=poem["tune"]).valid is not False
                    shape = ci.nearest(poem["lines"], book("cilin"))
                    counts["told"] += shape is not None and shape.tune == poem["tune"]
    assert counts["shape"] > 0.88 * counts["all"]
    assert counts["kept"] > 0.5 * counts["shape"]
    assert counts["told"] > 0.88 * counts["shape"]
