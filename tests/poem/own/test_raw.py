"""Files of many kinds as raw records; what cannot be read is noted and passed over."""

import json
import lzma
from pathlib import Path

import pytest

from muse.errors import CorpusError, MuseError
from muse.poem.own.raw import Raw, looks_like_prose, read
from muse.poem.own.text import clean, text_of

LINES = ("白日依山尽，黄河入海流。", "欲穷千里目，更上一层楼。")
ENGLISH = "The sea is wide\nand so is love\n\nand so the night\nthat stands above"


def found(path: Path) -> tuple[list[Raw], list[tuple[str, str]]]:
    notes: list[tuple[str, str]] = []
    records = list(read(path, lambda where, why: notes.append((where, why)), looks_like_prose))
    return records, notes


def put(path: Path, data: str | bytes) -> Path:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.txt", "登鹳雀楼\n[唐] 王之涣\n" + "\n".join(LINES)),
        ("a.txt", "# 登鹳雀楼\n\n作者：王之涣\n" + "\n".join(LINES)),
        ("a.txt", "《登鹳雀楼》\n王之涣\n\n"[:-1] + "\n".join(LINES)),
        ("a.json", json.dumps({"poems": [{"题目": "登鹳雀楼", "作者": "王之涣", "正文": "\n".join(LINES)}]})),
        ("a.jsonl", json.dumps({"title": "登鹳雀楼", "author": "王之涣", "paragraphs": LINES})),
        ("a.csv", 'Title,Author,Text\n登鹳雀楼,王之涣,"' + "\n".join(LINES) + '"\n'),
        ("a.tsv", "标题\t诗人\t内容\n登鹳雀楼\t王之涣\t" + " / ".join(LINES)),
    ],
)
def test_every_kind_says_the_same(name: str, text: str, tmp_path: Path) -> None:
    (one,), notes = found(put(tmp_path / name, text))
    assert (one.title, one.author, one.lines, notes) == ("登鹳雀楼", "王之涣", LINES, [])
    (again,), _ = found(put(tmp_path / f"{name}.xz", lzma.compress(text.encode())))
    assert again.lines == LINES


def test_encodings(tmp_path: Path) -> None:
    text = "\n".join(LINES)
    for encoding, named in (("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16"), ("gb18030", "GB18030")):
        (one,), notes = found(put(tmp_path / "a.txt", text.encode(encoding)))
        assert one.lines == LINES
        assert notes == ([] if named == "UTF-8" else [("", f"a.txt was read as {named}")])


def test_stanzas_and_titles_in_plain_text(tmp_path: Path) -> None:
    one_each, _ = found(put(tmp_path / "a.txt", ENGLISH))
    assert [one.lines for one in one_each] == [
        ("The sea is wide", "and so is love"),
        ("and so the night", "that stands above"),
    ]
    for mark in ("\n\n\n\n", "\n\n***\n\n", "\n\n---\n"):
        records, _ = found(put(tmp_path / "a.txt", ENGLISH + mark + "Second\n\n" + ENGLISH))
        assert [len(one.stanzas) for one in records] == [2, 2]
        assert records[1].title == "Second"
    titled, _ = found(put(tmp_path / "a.txt", "First\n\n" + ENGLISH + "\n\nSecond\n\n" + ENGLISH))
    assert [(one.title, one.where, len(one.stanzas)) for one in titled] == [
        ("First", "a.txt:1", 2), ("Second", "a.txt:9", 2)]  # fmt: skip
    first, _ = found(put(tmp_path / "a.txt", "I wandered lonely as a cloud\nThat floats on high,\nWhen all at once.\n"))
    assert first[0].title == "" and len(first[0].lines) == 3


def test_stories(tmp_path: Path) -> None:
    story = "Once there was a fox. " * 8
    text = f"The Fox\n\n{story}\n\n{story}\n\n***\n\n{story}\nIt ends.\n"
    (one, other), _ = found(put(tmp_path / "a.txt", text))
    assert (one.title, len(one.lines)) == ("The Fox", 2)
    assert other.title == "" and other.lines[-1].endswith("It ends.")
    assert looks_like_prose("这是一个很长的故事里面没有一句短的话，" * 9) and not looks_like_prose(ENGLISH)


def test_bad_records_are_noted_with_their_place(tmp_path: Path) -> None:
    lines = ['{"text": "a\\nb"}', "{", "[1]", '{"title": "none"}', '{"text": "\\ud800c\\u202ed"}', '{"lines": [1]}']
    records, notes = found(put(tmp_path / "a.jsonl", "\n".join(lines)))
    assert [one.lines for one in records] == [("a", "b"), ("cd",)]
    assert [where for where, _ in notes] == ["a.jsonl:2", "a.jsonl:3", "a.jsonl:4", "a.jsonl:6"]
    put(tmp_path / "b.json", b"[" * 100_000)
    put(tmp_path / "c.txt", b"\x00\x01" * 400)
    put(tmp_path / "d.csv", "name,when\nx,y\n")
    put(tmp_path / "e.csv", "title,text\na,b,c\nd,e\n")
    put(tmp_path / "f.docx", b"PK")
    records, notes = found(tmp_path)
    assert len(records) == 3
    assert {"b.json", "c.txt", "d.csv", "e.csv:2"} <= {where for where, _ in notes}


def test_text_that_is_none(tmp_path: Path) -> None:
    for data in (b"\xff\xff\xff", b"\x00" * 100, b"\xfe\xff\xd8\x00"):
        with pytest.raises(CorpusError, match="cannot read"):
            text_of(put(tmp_path / "a.txt", data))
    assert clean("a\u202eb\u200bc\r\nd") == ("abc\nd", 2)
    with pytest.raises(MuseError):
        found(put(tmp_path / "b.jsonl.xz", b"not xz"))
    with pytest.raises(CorpusError, match="no poem file"):
        found(put(tmp_path / "a.pdf", b"x"))


def test_a_megabyte_in_one_line_is_quick(tmp_path: Path) -> None:
    found(put(tmp_path / "a.txt", "月" * 350_000))
    found(put(tmp_path / "a.jsonl", "月" * 350_000))
    with pytest.raises(CorpusError, match=r"a\.csv"):
        found(put(tmp_path / "a.csv", "月" * 350_000))
