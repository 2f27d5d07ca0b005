"""English poems from files: cleaned, parted, described."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from muse.errors import CorpusError
from muse.poem.english import scan
from muse.poem.english.blocked import BLOCKED
from muse.poem.english.corpus import LINES, Verse, parted, passages, read, split_of, tally
from muse.poem.english.text import parts, words_of

QUATRAIN = """The moon is on the meadow now
And silver is the stream
The bird is silent on the bough
And I begin to dream""".splitlines()
GERMAN = """Wer reitet so spaet durch Nacht und Wind
Es ist der Vater mit seinem Kind
Er hat den Knaben wohl in dem Arm""".splitlines()
ENGLISH = "sea land free sand night stone light bone rain hill plain still day way"
ITALIAN = "sea land sand free be stand hand key night stone wind light bone kind"


def written(folder: Path, *poems: object) -> Path:
    (folder / "en_verse.jsonl").write_text("\n".join(map(json.dumps, poems)), encoding="utf-8")
    return folder


def test_a_poem_is_described(verses: list[Verse]) -> None:
    sea = verses[0]
    assert (sea.title, sea.author, sea.year) == ("the winter sea", "A. Muse", 1871)
    assert sea.breaks == (4,)
    assert sea.texts[0] == "The winter sea is cold and grey,"
    assert (sea.foot, sea.opening) == ("iambic", True)
    assert verses[2].author == "B. Muse"
    assert (verses[2].form, verses[2].scheme, verses[2].title) == ("ballad", "ABAB", "")


def test_a_stanza_that_was_there_is_left_out(tmp_path: Path) -> None:
    again = {"lines": [line.upper() for line in QUATRAIN]}
    assert len(list(read(written(tmp_path, {"lines": QUATRAIN}, again)))) == 1


@pytest.mark.parametrize("line", ["It cost 15 pounds", f"A {min(BLOCKED)} in the street", "Μῆνιν ἄειδε θεά"])
def test_a_stanza_with_what_is_no_verse_or_wounds_is_left_out(tmp_path: Path, line: str) -> None:
    found = list(read(written(tmp_path, {"stanzas": [QUATRAIN, [line, *QUATRAIN[::-1]]]})))
    assert [verse.texts[0] for verse in found] == [QUATRAIN[0]]


def test_another_language_is_left_out(tmp_path: Path) -> None:
    found = read(written(tmp_path, {"lines": GERMAN}, {"lines": QUATRAIN}))
    assert [verse.texts[0] for verse in found] == [QUATRAIN[0]]


def test_a_long_poem_comes_in_passages() -> None:
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    stanza = [tuple(parts(f"And {words[at % 10]} came by the {words[at // 10]} hill.") or ()) for at in range(70)]
    found = list(passages([stanza], {}))
    assert [verse.opening for verse in found] == [True, False, False]
    assert max(len(verse.lines) for verse in found) <= LINES
    assert [line for verse in found for line in verse.lines] == stanza


def test_the_parts_do_not_overlap_and_are_by_the_hash(corpus: Path) -> None:
    assert sum(len(list(read(corpus, split))) for split in ("train", "valid", "test")) == len(list(parted(corpus)))
    assert split_of(QUATRAIN) == split_of(list(QUATRAIN))
    shares = [split_of([str(number)]) for number in range(5000)]
    assert 0.015 < shares.count("test") / 5000 < 0.025
    assert 0.006 < shares.count("valid") / 5000 < 0.014


def test_capitals_inside_lines_are_counted(verses: list[Verse]) -> None:
    count, capital = tally(verses)
    assert count["the"] > 5
    assert {"god", "love"} <= capital
    assert "and" not in capital


@pytest.mark.parametrize(
    ("ends", "scheme"),
    [
        ("sea land free sand", "ABAB"), ("sea free land sand", "AABB"), ("sea land sand free", "ABBA"),
        ("sea wind sky road", "none"), ("bough stream now dream", "ABAB"), ("sea land wind sand", "ABCB"),
        ("door hill memory till eternity", "ABCB"),
    ],
)  # fmt: skip
def test_schemes(ends: str, scheme: str) -> None:
    assert scan.scheme(ends.split(), ()) == scheme


def test_sonnets() -> None:
    english, italian = ENGLISH.split(), ITALIAN.split()
    assert scan.sonnet(english) == "shakespearean"
    assert scan.sonnet(italian) == "petrarchan"
    assert scan.sonnet(english[:7] + italian[7:]) == "other"


@pytest.mark.parametrize(
    ("lines", "feet"),
    [
        (["Shall I compare thee to a summer day", "The lovely roses whisper in the rain"], ("iambic", "5")),
        (["Tell me not in mournful numbers", "Singing river, silver water"], ("trochaic", "4")),
        (["And the sheen of their spears was like stars on the sea"], ("triple", "4")),
        (["It is an ancient mariner", "And he was stopping me"] * 2, ("iambic", "4-3")),
    ],
)
def test_feet(lines: list[str], feet: tuple[str, str]) -> None:
    assert scan.feet([words_of(parts(line) or ()) for line in lines]) == feet


def test_a_folder_without_verse_and_a_damaged_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no English verse"):
        list(read(tmp_path))
    (tmp_path / "en_verse.jsonl").write_bytes(b"{\xff")
    with pytest.raises(CorpusError, match="damaged"):
        list(read(tmp_path))
    (tmp_path / "en_verse.jsonl").unlink()
    (tmp_path / "en_verse.jsonl.xz").write_bytes(b"no xz")
    with pytest.raises(CorpusError, match="damaged"):
        list(read(tmp_path))
