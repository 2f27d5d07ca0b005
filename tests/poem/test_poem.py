import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse.errors import InputError
from muse.poem.layout import Verse, across, upright
from muse.poem.poem import Poem
from muse.poem.prosody import lyrics, pinyin, rhyme_group, scan
from muse.tables.rhyme import book, readings

LINES = ("白日依山尽", "黄河入海流", "欲穷千里目", "更上一层楼")
POEM = Poem("登鹳雀楼", LINES, "五绝", season="autumn", imagery=("白日", "黄河"))


def test_files_read_back() -> None:
    files = POEM.files()
    assert sorted(files) == ["chart.svg", "poem-vertical.txt", "poem.json", "poem.svg", "poem.txt"]
    assert files == POEM.files()
    for again in (Poem.from_dict(json.loads(files["poem.json"])), Poem.from_text(files["poem.txt"].decode())):
        assert (again.title, again.lines, again.form, again.rhyme) == ("登鹳雀楼", LINES, "五绝", "十一尤")
    shown = Poem("登鹳雀楼", LINES, "五绝", shown=True)
    assert Poem.from_text(shown.text()).lines == LINES
    assert json.loads(shown.files()["poem.json"])["pinyin"][0] == ["bái", "rì", "yī", "shān", "jǐn"]
    assert Poem.from_dict(json.loads(shown.files()["poem.json"])).shown


def test_text() -> None:
    assert POEM.text() == "登鹳雀楼\n\n白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。"
    rows = POEM.text(vertical=True).split("\n")
    assert rows[0] == "更　欲　黄　白　　　登" and len(rows) == 5
    assert upright(Verse(()), "Ab c").replace("\u3000", "") == "Ａ\nｂ\n\nｃ"
    assert across(Verse(LINES[:1])) == "白日依山尽，"
    assert across(Verse(("一曲新词", "去年天气", "几时回"), stanzas=(1,), closes=(True, False, True))).split("\n") == [
        "一曲新词。", "", "去年天气，几时回。"
    ]  # fmt: skip
    song = Poem("秋", LINES, "词", tune="浣溪沙", stanzas=(2,))
    assert song.text().split("\n")[0] == "浣溪沙·秋" and "\n\n欲穷" in song.text()
    kinds = Poem("登鹳雀楼", LINES, "五绝", sheets=("pdf", "png")).files()
    assert kinds["poem.pdf"][:5] == b"%PDF-" and kinds["poem.png"][1:4] == b"PNG"


@pytest.mark.parametrize(
    "value",
    [{}, {"lines": []}, {"lines": [1]}, {"lines": list(LINES), "schema": 99},
     {"lines": list(LINES), "title": 1}, {"lines": ["白" * 500]}, {"lines": "白日"}],
)  # fmt: skip
def test_what_is_no_poem(value: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Poem.from_dict(value)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(InputError):
        assert Poem.from_text(text).lines


def test_lyrics() -> None:
    found = lyrics(LINES)
    assert found.lines == 4 and len(found.syllables) == 20
    ends = [syllable for syllable in found.syllables if syllable.rhyme]
    assert [(syllable.text, syllable.rhyme) for syllable in ends] == [("流", "十一尤"), ("楼", "十一尤")]
    assert [syllable.accent for syllable in found.syllables[:5]] == ["oblique", "oblique", "level", "level", "oblique"]
    assert POEM.lyrics() == found


def test_scan_reads_doubtful_characters_as_the_form_asks() -> None:
    assert scan(["看"]) == ((True,),)
    assert scan(LINES)[0] == (False, False, True, True, False)
    assert rhyme_group(["月", "月"]) == ""
    assert pinyin(["明月"]) == (("míng", "yuè"),)
    assert [len(line) for line in pinyin(["𪉊𪎌月", "明"])] == [3, 1]


def test_the_rhyme_book() -> None:
    assert len(book()) == 106 and sum(reading.level for reading, _ in book()) == 30
    assert {reading.tone for reading in readings("看")} == {"平", "去"}
    assert readings("A") == ()
