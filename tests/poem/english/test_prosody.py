"""English words as sung syllables: none lost, each with its stress, and a letter where lines rhyme."""

from __future__ import annotations

import re

import pytest

from muse.poem.english.prosody import cut, lyrics, rhymes
from muse.poem.poem import Poem

LINES = ["The wind is cold upon the hill,", "The night is on the sea,", "And little boats are lying still—",
         "But none's come home to me."]  # fmt: skip


def test_every_letter_is_sung_once() -> None:
    found = lyrics(LINES)
    for number, line in enumerate(LINES):
        sung = "".join(one.text.rstrip("-") for one in found.syllables if one.line == number)
        assert sung == re.sub(r"[^A-Za-z']", "", line)
    assert found.lines == 4


def test_stress_and_rhyme_are_told() -> None:
    found = [one for one in lyrics(LINES).syllables if one.line == 2]
    assert [one.text for one in found] == ["And", "lit-", "tle", "boats", "are", "ly-", "ing", "still"]
    assert [one.accent for one in found] == ["0", "1", "0", "1", "0", "1", "0", "1"]
    assert [one.rhyme for one in found] == [""] * 7 + ["a"]
    assert rhymes(LINES) == ("a", "b", "a", "b")
    assert rhymes(["sea", "stone", "wind"]) == ("", "", "")
    assert lyrics(["", "…"]).syllables == ()


@pytest.mark.parametrize(
    ("word", "count", "pieces"),
    [
        ("silver", 2, ["sil", "ver"]), ("stone", 1, ["stone"]), ("loved", 1, ["loved"]), ("wanted", 2, ["wan", "ted"]),
        ("reality", 4, ["re", "a", "li", "ty"]), ("mother", 2, ["mo", "ther"]), ("rhythm", 2, ["rhy", "thm"]),
        ("o'er", 1, ["o'er"]), ("whispers", 2, ["whis", "pers"]), ("ploughman", 2, ["plough", "man"]),
        ("homeward", 2, ["home", "ward"]), ("mournful", 2, ["mourn", "ful"]), ("children", 2, ["chil", "dren"]),
        ("little", 2, ["lit", "tle"]), ("kindly", 2, ["kind", "ly"]), ("singing", 2, ["sing", "ing"]),
    ],
)  # fmt: skip
def test_words_are_cut_between_vowels(word: str, count: int, pieces: list[str]) -> None:
    found = cut(word, count)
    assert "".join(found) == word and len(found) == count
    assert found == pieces or word == "rhythm"


def test_a_poem_sings_in_its_language() -> None:
    assert Poem("Sea", tuple(LINES), "ballad", "en").lyrics() == lyrics(LINES)
