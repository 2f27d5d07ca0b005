"""How the judge hears a line: the same whatever order it is asked in, quick on hostile text, exact about the place."""

from __future__ import annotations

import time

import pytest

from muse.poem.english.hearing import broken, chime, fall, scan, spoken


def test_a_hostile_word_is_refused_at_once() -> None:
    spoken("gloomth")  # the tables are read
    begun = time.process_time()
    assert spoken("x" * 1_000_000) == ()
    assert spoken("4") == ()
    assert time.process_time() - begun < 0.1


@pytest.mark.parametrize(
    ("line", "kind", "size", "kept"),
    [
        ("There once was a man by the sea", "triple", 3, True), ("In a boat on the sea", "triple", 2, True),
        ("There once was a man by the silver", "triple", 3, True), ("The man is old", "triple", 3, False),
        ("An old silent pond", "counted", 5, True), ("An old pond", "counted", 5, False), ("Anything", "free", 0, True),
    ],
)  # fmt: skip
def test_other_meters(line: str, kind: str, size: int, kept: bool) -> None:
    assert scan(line, kind, size) is kept


def test_what_is_broken_is_said_for_every_kind() -> None:
    assert broken("An old pond", "counted", 5) == "3 syllables where 5 are asked"
    assert "syllables where" in broken("The man is old", "triple", 3)
    assert broken("A frog jumps in the 8 ponds", "counted", 7) == "'8' cannot be said"


def test_rhyme_is_the_same_both_ways() -> None:
    words = ("sea", "memory", "wind", "kind", "love", "move", "night", "knight", "gloomth")
    assert all(chime(one, other) == chime(other, one) for one in words for other in words)


def test_the_fall_of_a_line_has_a_beat_for_each_foot() -> None:
    beats = [beat for _, carried in fall("The curfew tolls the knell of parting day", "iambic", 5) for beat in carried]
    assert beats == [False, True] * 5
