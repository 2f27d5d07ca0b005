"""What is learned from a corpus: its language, forms, split, and what is passed over."""

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse.errors import CorpusError, MuseError, UsageError
from muse.poem.corpus import PoemRecord
from muse.poem.own.chinese import record_of
from muse.poem.own.lessons import gather
from muse.poem.own.raw import Raw
from muse.poem.own.script import language_of, languages, script_of


def test_chinese_poems_with_their_forms(chinese: Path, records: list[PoemRecord]) -> None:
    lessons = gather(chinese)
    assert (lessons.language, lessons.room, lessons.form) == ("zh", "zh", "verse")
    assert len(lessons.train) + len(lessons.held) == lessons.counts["poems"] == len(records)
    assert len(lessons.held) == max(1, len(records) // 10)
    assert {record.form for record in lessons.train + lessons.held} == {"五绝", "七绝", "五律", "七律"}
    assert lessons.counts["left out: it stood there before"] == 1
    assert any(f"{chinese.name}:{len(records) + 1}" in note for note in lessons.notes)
    again = gather(chinese)
    assert again.held == lessons.held and not set(map(str, lessons.held)) & set(map(str, lessons.train))


@pytest.mark.parametrize(
    ("lines", "title", "form", "tune"),
    [
        (("白日依山盡，黃河入海流。", "欲窮千里目，更上一層樓。"), "", "五绝", ""),
        (("一曲新词酒一杯，去年天气旧亭台。夕阳西下几时回？",), "浣溪沙·春", "词", "浣溪沙"),
        (("春风大雅能容物", "秋水文章不染尘"), "", "对联", ""),
        (("关关雎鸠，在河之洲。", "窈窕淑女，君子好逑。"), "关雎", "词", ""),
    ],
)
def test_forms_by_shape_and_tune(lines: tuple[str, ...], title: str, form: str, tune: str) -> None:
    found = record_of(Raw("a", (lines,), title))
    assert isinstance(found, PoemRecord)
    assert (found.form, found.tune) == (form, tune)
    assert not found.closes or (len(found.closes) == len(found.lines) and found.closes[-1])


@pytest.mark.parametrize(
    "text", ["春眠□觉晓，处处闻啼鸟。", "春眠ABC，处处闻啼鸟。", "春", "春" * 40 + "，" + "鸟" * 40]
)
def test_what_is_no_verse_says_why(text: str) -> None:
    assert isinstance(record_of(Raw("a", ((text,),))), str)


def test_traditional_characters_are_said(tmp_path: Path, records: list[PoemRecord]) -> None:
    text = (
        "\n\n".join("，".join(one.lines) for one in records)
        + "\n\n白日依山盡，黃河入海流。\n欲窮千里目，更上一層樓。\n"
    )
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    assert any("traditional" in note for note in gather(tmp_path).notes)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Мороз и солнце; день чудесный", "ru"),
        ("Садок вишневий коло хати, її світлиця", "uk"),
        ("古池や蛙飛びこむ水の音", "ja"),
        ("قفا نبك من ذكرى حبيب ومنزل", "ar"),
        ("मैं नीर भरी दुख की बदली", "hi"),
        ("The night is on the hill and in the sea", "en"),
        ("Sous le pont Mirabeau coule la Seine", "und-Latn"),
        ("床前明月光", "zh"),
        ("1 2 3 — !", ""),
    ],
)
def test_languages(text: str, code: str) -> None:
    assert language_of(text) == code


def test_short_lines_are_judged_together() -> None:
    assert languages(["A sea", "of the night and the day in the sea", "Мороз"]) == ["en", "en", "ru"]
    assert script_of("\ud800") == ""


def test_other_languages_are_passed_over(verse: Path, tmp_path: Path) -> None:
    text = verse.read_text(encoding="utf-8") + "\n\n\n\nThe sea is in the night\nand on the hill\n"
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    lessons = gather(tmp_path)
    assert (lessons.language, lessons.room, lessons.counts["poems"]) == ("ru", "script", 40)
    assert lessons.counts["left out: it is not in the language of the others"] == 1
    assert {tuple(map(len, piece.stanzas)) for piece in lessons.train} == {(4, 4)}
    with pytest.raises(UsageError, match="'zh'"):
        gather(tmp_path, room="zh")


def test_stories(stories: Path) -> None:
    lessons = gather(stories)
    assert (lessons.language, lessons.room, lessons.form) == ("en", "script", "prose")
    assert lessons.counts["poems"] >= 20
    assert gather(stories, form="prose").train == lessons.train


def test_too_few_poems_are_refused_with_what_was_wrong(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "a\\nb"}\n{\n', encoding="utf-8")
    with pytest.raises(CorpusError, match="8 are needed") as caught:
        gather(tmp_path)
    assert "a.jsonl:2" in str(caught.value)


@given(st.lists(st.one_of(st.text(), st.integers(), st.dictionaries(st.text(), st.text()), st.lists(st.text()))))
@settings(max_examples=60)
def test_any_json_gives_named_errors_only(tmp_path_factory: pytest.TempPathFactory, values: list[object]) -> None:
    path = tmp_path_factory.mktemp("any") / "a.json"
    path.write_text(json.dumps([*values, {"text": values}]), encoding="utf-8")
    with contextlib.suppress(MuseError):
        gather(path, least=1)
