"""Sung words, read from the lyric events of a file."""

from __future__ import annotations

from typing import Any

import pytest
from written import tune, written

from muse.music import referee
from muse.terms import Kept

WORDS = [(0, "Twin-"), (1, "kle"), (2, "lit-"), (3, "tle")]
LINES = tune(60, 62, 64, 60, 67, 62, 64, 60)


def verdict(words: Any, name: str, notes: Any = None, **asked: Any) -> Kept | None:
    report = referee.check(written(notes or tune(60, 60, 67, 67), lyrics=words), asked)
    return next((promise.kept for promise in report.promises if promise.name == name), None)


def test_every_syllable_on_a_note() -> None:
    asked = ["Twin", "kle", "lit", "tle"]
    assert verdict(WORDS, "lyrics", lyrics=asked) is True
    assert verdict(WORDS, "lyrics", lyrics="Twinkle, little") is True
    assert verdict(WORDS[:3], "lyrics", lyrics=asked) is False
    assert verdict([*WORDS[:2], WORDS[3], (2, "lit-")][::-1], "lyrics", lyrics=asked) is True  # order of time
    assert verdict([(0, "kle"), (1, "Twin-"), *WORDS[2:]], "lyrics", lyrics=asked) is False
    assert verdict([*WORDS[:3], (3.5, "tle")], "lyrics", lyrics=asked) is False  # where no note begins
    assert verdict((), "lyrics", lyrics=asked) is False


def test_a_syllable_on_two_notes() -> None:
    slurred = [(0, "江"), (1, "_"), (2, "水"), (3, "流")]
    assert verdict(slurred, "lyrics", lyrics=["江", "水", "流"]) is True
    assert verdict(slurred, "lyrics", lyrics=["江", "江", "水", "流"]) is False


@pytest.mark.parametrize(("marks", "kept"), [("1010", True), ("0101", "relaxed"), ("1111", True)])
def test_stress(marks: str, kept: Kept) -> None:
    assert verdict(WORDS, "stress", stress=list(marks)) is kept
    assert verdict(WORDS[:3], "stress", stress=list(marks)) is False


@pytest.mark.parametrize(
    ("pitches", "kept"),
    [((60, 64, 62, 62), True), ((64, 60, 62, 64), "relaxed"), ((60, 60, 60, 60), True)],
)
def test_tones(pitches: Any, kept: Kept) -> None:
    words = [(at, text) for at, text in enumerate("春眠不觉")]
    assert verdict(words, "tones", tune(*pitches), tones=[["level", "oblique", "oblique", "level"]]) is kept
    assert verdict(words, "tones", tune(*pitches), tones=[["level", "oblique"]]) is False


def test_tones_across_lines_are_free() -> None:
    words = [(at, text) for at, text in enumerate("春眠不觉")]
    lines = [["level", "level"], ["oblique", "oblique"]]
    assert verdict(words, "tones", tune(64, 64, 60, 60), tones=lines) is True


def test_rhymes_have_one_cadence() -> None:
    words = [(at, str(at)) for at in range(8)]
    lines = [[4, "a"], [4, "a"]]
    assert verdict(words, "rhyme cadences", LINES, rhymes=lines) is True
    assert verdict(words, "rhyme cadences", LINES, rhymes=[[4, "a"], [4, "b"]]) is True
    other = tune(60, 62, 64, 62, 67, 62, 64, 60)
    assert verdict(words, "rhyme cadences", other, rhymes=lines) == "relaxed"
    assert verdict(words, "rhyme cadences", other, rhymes=[[4, "a"], [3, "a"]]) is False


def test_singers_breathe() -> None:
    words = [(at, str(at)) for at in range(4)]
    assert (
        verdict(words, "breath", {"Melody": [(0, 1, 60), (1, 0.5, 62), (2, 1, 60), (3, 1, 60)]}, breath=[2, 2]) is True
    )
    assert verdict(words, "breath", tune(60, 62, 64, 65), breath=[2, 2]) is False
    held = {"Melody": [(0, 1, 60), (1, 2, 62), (3, 1, 60), (4, 1, 60)]}
    assert verdict([(0, "a"), (1, "b"), (3, "c"), (4, "d")], "breath", held, breath=[2, 2]) is True
