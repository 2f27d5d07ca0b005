"""The judge of English verse on verse by people, on broken verse, and on verse that hangs on the reading."""

from __future__ import annotations

import pytest

from muse.errors import UsageError
from muse.poem.english.referee import RULES, chime, judge, recognise, scan

SONNET = """Shall I compare thee to a summer's day?
Thou art more lovely and more temperate:
Rough winds do shake the darling buds of May,
And summer's lease hath all too short a date:
Sometime too hot the eye of heaven shines,
And often is his gold complexion dimm'd;
And every fair from fair sometime declines,
By chance, or nature's changing course, untrimm'd;
But thy eternal summer shall not fade,
Nor lose possession of that fair thou ow'st;
Nor shall Death brag thou wander'st in his shade,
When in eternal lines to time thou grow'st:
So long as men can breathe or eyes can see,
So long lives this, and this gives life to thee."""
LIMERICK = """There was an old man with a beard
Who said, "It is just as I feared!
Two owls and a hen,
Four larks and a wren,
Have all built their nests in my beard!\""""
MARVELL = """Had we but world enough, and time,
This coyness, Lady, were no crime.
We would sit down and think which way
To walk and pass our long love's day."""
BALLAD = """The wind is cold upon the hill,
The night is on the sea,
And all the little boats are still,
And none comes home to me."""


def test_a_sonnet_is_known_and_its_rhymes_are_perfect() -> None:
    report = judge(SONNET)
    assert report.promises[0].found == "sonnet, 14 lines"
    assert [text for text in report.findings if text.startswith("rhyme")] == [
        "rhyme, lines 2 and 4: temperate, date: broken",
        "rhyme, lines 10 and 12: ow'st, grow'st: depends on the reading",
    ]
    broken = [text for text in report.findings if "broken" in text]
    assert len(broken) <= 3, broken


def test_verse_of_people_is_recognised() -> None:
    assert recognise(BALLAD.splitlines()) == "ballad"
    assert judge(BALLAD).valid is True
    assert recognise(MARVELL.splitlines()) == "paired"
    assert recognise(["The sky", "a thing", "I cannot say in any number of words at all"]) == "free"
    assert recognise([]) == "free"


def test_a_rhyme_on_the_same_word_is_none() -> None:
    report = judge(LIMERICK, "limerick")
    assert report.valid is False
    assert any("lines 1 and 5: beard, beard: broken" in text for text in report.findings)
    assert judge(LIMERICK.replace("in my beard", "where I sheared"), "limerick").valid is not False


@pytest.mark.parametrize(
    ("one", "other", "kept"),
    [
        ("night", "light", True), ("night", "knight", False), ("love", "above", True), ("love", "move", False),
        ("knowing", "flowing", True), ("going", "sing", False), ("sea", "memory", "depends"),
        ("wind", "kind", "depends"),
        ("bright", "grandlight", "depends"), ("day", "day", False),
        ("dimm'd", "untrimm'd", True),
    ],
)  # fmt: skip
def test_rhymes(one: str, other: str, kept: object) -> None:
    assert chime(one, other) == kept


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("The wind is cold upon the silent hill", True),
        ("Whisper the wind upon the silent hill", True),
        ("The wind is cold upon the silent meadow", True),
        ("The silent is wind upon the cold hill", False),
        ("The wind is cold upon the hill", False),
        ("Alone the wind delight the silent hill", True),
        ("Above garden the wind alone the hill", False),
        ("And heaven is upon the silent hill", "depends"),
    ],
)
def test_pentameter(line: str, kept: object) -> None:
    assert scan(line, "iambic", 5) == kept


def test_haiku_counts_and_free_verse_asks_nothing() -> None:
    haiku = ["The winter wind blows", "Over the cold silent hill", "Another dark night"]
    assert judge(haiku).promises[0].found == "haiku, 3 lines"
    assert judge(haiku).valid is True
    assert judge([haiku[1], *haiku[1:]], "haiku").valid is False
    assert judge(haiku, "free").valid is True


def test_the_wrong_number_of_lines_and_an_unknown_form() -> None:
    report = judge(SONNET.splitlines()[:13], "sonnet")
    assert (report.valid, report.promises[0].found) == (False, "13 lines")
    assert judge("", "couplets").valid is False
    with pytest.raises(UsageError, match="balad"):
        judge(BALLAD, "balad")
    assert set(RULES) > {"sonnet", "ballad"}
