"""Poems as people write them down: titles, authors, stanzas, scripts, prose; and wishes read from the page."""

from __future__ import annotations

import pytest

from muse.poem.referee import read, recognise
from muse.poem.referee.wished import promises

TOWER = ("白日依山尽", "黄河入海流", "欲穷千里目", "更上一层楼")
BODY = "白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (BODY, ""),
        (f"登鹳雀楼\n\n{BODY}", "登鹳雀楼"),
        (f"登鹳雀楼\n王之涣\n{BODY}", "登鹳雀楼"),
        (f"《登鹳雀楼》\n[唐] 王之涣\n\n{BODY}", "登鹳雀楼"),
        ("登鹳雀楼\n白日依山尽\n黄河入海流\n欲穷千里目\n更上一层楼", "登鹳雀楼"),
        ("白日依山尽\n\n黄河入海流\n\n欲穷千里目\n\n更上一层楼", ""),
        (f"登鹳雀楼\r\n\r\n{BODY}\r\n", "登鹳雀楼"),
    ],
)
def test_what_stands_above_a_poem_is_its_title(text: str, title: str) -> None:
    sheet = read(text)
    assert (sheet.lines, sheet.title) == (TOWER, title)


def test_lines_of_pinyin_are_left_out_and_said() -> None:
    sheet = read("春\n\nbái rì yī shān jìn\n白日依山尽，\n黄河入海流。\n欲穷千里目，\n更上一层楼。")
    assert sheet.lines == TOWER and sheet.notes == ("1 lines without Chinese characters were left out",)


def test_stanzas_are_paragraphs() -> None:
    sheet = read(
        "浣溪沙·春恨\n\n一曲新词酒一杯，去年天气旧亭台。夕阳西下几时回？\n\n无可奈何花落去，似曾相识燕归来。小园香径独徘徊。"
    )
    assert sheet.title == "浣溪沙 春恨" and sheet.stanzas == (3,) and len(sheet.lines) == 6
    assert recognise(sheet.lines, sheet.title) == recognise(sheet.lines) == "词"


def test_forms_that_have_none() -> None:
    story = "从前有一座山，山里有一座庙，庙里有一个老和尚和一个小和尚。有一天，老和尚对小和尚说，我们应该下山去看看。"
    assert recognise(read(story).lines) == "prose"
    assert recognise(["江天"] * 3) == "" == recognise([]) == recognise(["月" * 1000])
    assert recognise(["白日依山a", "黄河入海流"]) == ""
    assert recognise(["月" * 5] * 2000) == ""


def _kept(**request: object) -> list[bool | str]:
    return [promise.kept for promise in promises(TOWER, request).promises]


def test_wishes_that_a_finger_can_check() -> None:
    assert _kept(first_line="白日依山盡，") == [True] and _kept(first_line="黄河入海流") == [False]
    assert _kept(reply_to="白日依山尽") == [True]
    assert _kept(keywords=["河", "2:海", "1：海", "月"]) == [True, True, False, False]
    assert _kept(keywords="河,海") == [True, True]
    assert _kept(forbid=["月", "层楼"]) == [True, False]
    assert (
        _kept(acrostic="白黄欲更") == [True] and _kept(acrostic="白欲") == [True] and _kept(acrostic="黄白") == [False]
    )
    assert _kept(acrostic="尽流目楼", acrostic_at="tail") == [True]
    assert _kept(acrostic="白河千层", acrostic_at="diagonal") == [True]
    assert _kept(lock=["白日＿＿尽", "", "4:更上□□楼"]) == [True, True]
    assert _kept(lock="白日＿尽//欲穷") == [False, False]
    assert _kept(lock=["9:白"]) == [False]
    assert _kept() == [] == _kept(keywords=[], lock=["", ""], first_line=None, theme="月")


def test_wishes_of_english_verse() -> None:
    lines = ["The sea is wide, the night is long,", "And in the dark I hear a song."]
    request = {"first_line": "The sea is wide, the night is long", "keywords": ["Dark"], "acrostic": "Ta",
               "lock": ["2:And in the ___ I hear"], "forbid": ["moon"]}  # fmt: skip
    kept = {promise.name: promise.kept for promise in promises(lines, request).promises}
    assert kept == {
        "first line": True, "keyword": True, "line 2": False, "acrostic (head)": True, "forbidden": True,
    }  # fmt: skip
    assert promises(lines, {"lock": ["2:And in the ___ song"]}).valid is True
