"""`muse check` of poems: by script, by title, by recipe; what it refuses, and how soon."""

from __future__ import annotations

import json
import random
import time
from contextlib import suppress
from pathlib import Path

import pytest

from muse.errors import InputError, MuseError, UsageError
from muse.terms import Report
from muse.verbs.check import check, check_files
from muse.verbs.verdict import LARGEST, judged, read
from muse.work import Recipe

TOWER = "登鹳雀楼\n王之涣\n\n白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。\n"
HAIKU = "Pond\n\nAn old silent pond\nA frog jumps into the pond\nSplash! Silence again\n"


def of(text: str, request: dict[str, object] | None = None, form: str | None = None) -> Report:
    return judged("a.txt", text.encode(), request or {}, form)


def test_each_rule_book_has_its_verdict() -> None:
    report = of(TOWER)
    assert report.valid is True
    assert [finding[:5] for finding in report.findings[-3:]] == ["under"] * 3
    assert report.findings[-3] == "under 平水韵 (pingshui): valid"
    broken = of(TOWER.replace("楼。", "山。"))
    (line,) = [finding for finding in broken.findings if finding.startswith("under 平水韵")]
    assert "invalid (rhyme: line 4, place 5: 山 is 十五删 (level), wanted 十一尤 (rhyme))" in line


def test_traditional_and_mixed_script_are_mapped_and_said() -> None:
    for text in (
        "白日依山盡，黃河入海流。欲窮千里目，更上一層樓。",
        "白日依山尽，黃河入海流。欲穷千里目，更上一層楼。",
    ):
        report = of(text)
        assert report.valid is True
        assert sum("script, read as" in finding and "黃黄" in finding for finding in report.findings) == 1


def test_a_title_names_the_tune() -> None:
    text = "青箬笠，绿蓑衣。"
    poem = "渔歌子·其一\n\n西塞山前白鹭飞，桃花流水鳜鱼肥。" + text + "斜风细雨不须归。"
    assert of(poem).promises[0].found == "词 渔歌子"
    assert of(poem).valid == "depends"
    assert of(poem.replace("渔歌子·其一", "江上")).promises[0].found in ("词 渔歌子", "词 渔父")
    assert of(poem, {"form": "词", "tune": "如梦令"}).valid is False


def test_the_recipe_says_what_was_asked() -> None:
    assert of(TOWER, {"form": "七绝"}).valid is False
    assert of(TOWER, {"form": "五绝", "rhyme_book": "xinyun"}).promises[-1].asked.endswith("of xinyun")
    wished = of(TOWER, {"form": "五绝", "keywords": ["2:河"], "first_line": "白日依山尽", "forbid": ["月"], "lock": []})
    assert wished.valid is True
    assert {promise.name for promise in wished.promises} >= {"keyword", "first line", "forbidden"}
    assert of(TOWER, {"keywords": ["月"]}).valid is False
    assert of(TOWER, {"form": "五绝"}, "七绝").valid is False
    with pytest.raises(UsageError, match="七律"):
        of(TOWER, form="七律诗")


def test_english_verse_has_its_own_judge() -> None:
    report = of(HAIKU, form="haiku")
    assert report.promises[0].name == "form" and report.valid is True
    assert read("a.txt", HAIKU.encode()).lines[0] == "An old silent pond"
    assert of(HAIKU.replace("silent ", ""), form="haiku").valid is False
    assert of("Белеет парус одинокой\nВ тумане моря голубом").findings[-1].startswith("no rule of verse")


def test_prose_is_said_to_be_prose() -> None:
    assert of("江天。\n\n月下。", {"form": "prose"}).valid is True


def test_the_two_files_of_a_poem_must_tell_the_same() -> None:
    lines = ["白日依山尽", "黄河入海流", "欲穷千里目", "更上一层楼"]
    poem = {"lines": lines, "title": "登鹳雀楼", "form": "五绝", "language": "zh", "schema": 1}
    files = {"poem.txt": TOWER.encode(), "poem.json": json.dumps(poem).encode()}
    recipe = Recipe("poem", 7, {"theme": "楼", "form": "五绝"})
    assert check_files(files, recipe).valid is True
    files["poem.json"] = json.dumps(poem | {"lines": lines[::-1]}).encode()
    kept = {promise.name: promise.kept for promise in check_files(files, recipe).promises}
    assert kept["poem.json"] is False
    told = judged("poem.json", json.dumps(poem | {"stanzas": [2, "x", 900], "tune": 3}).encode(), {})
    assert told.valid is True


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\n \n", b"\x00" * 100, b"\xff\xfe\x00", "\ud800月".encode("utf-8", "surrogatepass"), "，。".encode(),
        "白日\u202e依山".encode(), "月".encode() * 400_000, b"a" * 10_000_000, ("月" * 5 + "\n").encode() * 100_000,
        "🌙🌙".encode(),
    ],
)  # fmt: skip
def test_bad_texts_are_refused_at_once(data: bytes) -> None:
    start = time.process_time()
    with pytest.raises(InputError):
        judged("a.txt", data, {})
    assert time.process_time() - start < 0.1


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"[1]",
        b"[" * 5000,
        b'{"lines": 3}',
        b'{"lines": []}',
        b'{"lines": ["\\ud800"]}',
        b'{"lines": ["a\\u202eb"]}',
    ],
)
def test_bad_json_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        judged("poem.json", data, {})


def test_the_largest_texts_are_judged_soon() -> None:
    of(TOWER)  # reads the tables
    for unit in ("月", "月花山水日，", "床前明月光，疑是地上霜。\n", "一二三，一二三四，一二三四五，\n", "a ", "\n"):
        data = (unit.encode() * (LARGEST // len(unit.encode())))[:LARGEST]
        start = time.process_time()
        with suppress(MuseError):
            judged("a.txt", data, {})
        assert time.process_time() - start < 0.5, unit


def test_noise() -> None:
    random_ = random.Random(4)
    signs = [*"月江不，。\n\n《》·：a1 -'_＿", "é", "\u0301", "𪚥", "水调歌头", "\t", "渔歌子", "樓"]
    for _ in range(400):
        text = "".join(random_.choice(signs) for _ in range(random_.randrange(80)))
        request = {"keywords": [text[:3]], "lock": text[:9], "acrostic": text[3:6], "first_line": text[:5]}
        try:
            report = of(text, request if random_.random() < 0.5 else {})
        except MuseError as error:
            assert error.what
        else:
            assert report.valid in (True, False, "depends")


def test_a_file_on_disk(tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text(TOWER, "utf-8")
    report = check(tmp_path / "own.txt")
    assert report.valid is True
    assert set(report.as_dict()) == {"valid", "promises", "findings"}
    assert check(tmp_path / "own.txt", form="七绝").valid is False
