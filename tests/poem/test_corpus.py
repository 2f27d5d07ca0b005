import json
import lzma
from pathlib import Path

import pytest

from muse.errors import CorpusError, InputError
from muse.poem.corpus import PoemRecord, read, split_of

LINES = ["白日依山尽", "黄河入海流", "欲穷千里目", "更上一层楼"]


def put(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_the_samples(sample: Path) -> None:
    found = list(read(sample))
    assert {record.form for record in found} == {"五绝", "七绝", "五律", "七律"}
    for name in ("tang-song", "yuan-ming-qing"):
        assert len(list(read(sample.parent.parent / name))) >= 24


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonl", json.dumps({"title": "登鹳雀楼", "lines": LINES})),
        (
            "a.json",
            json.dumps([{"title": "登鹳雀楼", "paragraphs": ["白日依山尽，黄河入海流。", "欲穷千里目，更上一层楼。"]}]),
        ),
        ("a.txt", "登鹳雀楼\n白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。\n"),
        ("a.txt", "# 登鹳雀楼\n\n"[:6] + "\n" + "\n".join(LINES)),
    ],
)
def test_formats(tmp_path: Path, name: str, text: str) -> None:
    (record,) = read(put(tmp_path / name, text))
    assert record == PoemRecord(tuple(LINES), "五绝", "登鹳雀楼")
    packed = tmp_path / "b.jsonl.xz"
    packed.write_bytes(lzma.compress(json.dumps({"lines": LINES}).encode()))
    assert [r.text for r in read(packed)] == ["".join(LINES)]


def test_several_poems_in_a_text_and_other_shapes_passed_over(tmp_path: Path) -> None:
    text = "\n\n".join(["，".join(LINES), "床前明月光", "甲\n" + "\n".join(LINES[::-1])])
    assert len(list(read(put(tmp_path / "a.txt", text)))) == 2


def test_traditional_script_is_made_simplified(tmp_path: Path) -> None:
    value = [{"title": "登鸛雀樓", "paragraphs": ["白日依山盡，黃河入海流。", "欲窮千里目，更上一層樓。"]}]
    (record,) = read(put(tmp_path / "a.json", json.dumps(value)))
    assert record.lines == tuple(LINES)
    assert record.title == "登鹳雀楼"


def test_splits_part_the_corpus(tmp_path: Path, sample: Path) -> None:
    whole = [record.lines for record in read(sample)]
    parts = [[record.lines for record in read(sample, split)] for split in ("train", "valid", "test")]  # type: ignore[arg-type]
    assert sorted(lines for part in parts for lines in part) == sorted(whole)
    assert {split_of(lines) for lines in parts[0]} == {"train"}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jsonl", b"{"),
        ("a.json", b"[" * 100_000),
        ("a.txt", b"\xff\xfe\x00"),
        ("a.jsonl.xz", b"not xz"),
        ("a.jsonl.xz", lzma.compress(b'{"lines": []}')[:-8]),
        ("a.txt", b"no verse here"),
        ("a.json", b'{"lines": [1, 2], "title": 3}'),
        ("a.json", b'{"paragraphs": "x"}'),
        ("a.jsonl", b'"\\ud800"'),
        ("a.jsonl", b""),
    ],
)
def test_bad_files_give_named_errors(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises((CorpusError, InputError)):
        list(read(tmp_path / name))


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no corpus"):
        list(read(tmp_path / "none"))
    with pytest.raises(CorpusError, match="no poem"):
        list(read(tmp_path))
