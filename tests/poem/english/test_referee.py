"""The judge of English verse on verse by people, on broken verse, and on verse that hangs on the reading."""

from __future__ import annotations

import pytest

from muse.errors import InputError, UsageError
from muse.poem.english.hearing import broken, chime, scan, words
from muse.poem.english.referee import LONGEST, MOST_LINES, RULES, judge, looks_english, recognise

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


BLANK = """Of Man's first disobedience, and the fruit
Of that forbidden tree whose mortal taste
Brought death into the World, and all our woe,
With loss of Eden, till one greater Man"""
POPE = """A little learning is a dangerous thing;
Drink deep, or taste not the Pierian spring:
There shallow draughts intoxicate the brain,
And drinking largely sobers us again."""


def test_a_sonnet_is_known_and_its_rhymes_are_perfect() -> None:
    report = judge(SONNET)
    assert report.promises[0].found == "sonnet, 14 lines"
    assert [text for text in report.findings if text.startswith("rhyme")] == [
        "rhyme, lines 2 and 4: temperate, date: does not rhyme",
        "rhyme, lines 10 and 12: ow'st, grow'st: depends on the reading",
    ]
    assert [text for text in report.findings if text.startswith("meter")] == [
        "meter, line 2: depends on the reading",
        "meter, line 5: depends on the reading",
        "meter, line 7: syllable 7, 'sometime': its stress falls off, or there is no room for it on the beat",
    ]


def test_verse_of_people_is_recognised() -> None:
    assert recognise(BALLAD.splitlines()) == "ballad"
    assert judge(BALLAD).valid is True
    assert recognise(MARVELL.splitlines()) == "paired"
    assert recognise(LIMERICK.splitlines()) == "limerick"
    assert recognise(BLANK.splitlines()) == "blank"
    assert recognise(POPE.splitlines()) == "couplets"
    assert recognise(["The sky", "a thing", "I cannot say in any number of words at all"]) == "free"
    assert recognise([]) == "free"


def test_a_rhyme_on_the_same_word_is_none() -> None:
    report = judge(LIMERICK, "limerick")
    assert report.valid is False
    assert any("lines 1 and 5: beard, beard: is the same word" in text for text in report.findings)
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
    assert report.findings == ("form: sonnet has 14 lines, this poem 13",)
    with pytest.raises(UsageError, match="balad"):
        judge(BALLAD, "balad")
    assert set(RULES) > {"sonnet", "ballad"}


def test_what_is_no_poem_is_refused() -> None:
    for text in ("", "1234", "床前明月光", "\0\u202e"):
        if text != "1234":
            with pytest.raises(InputError, match="no line of English verse"):
                judge(text)
    with pytest.raises(InputError, match="too long"):
        judge("a" * (LONGEST + 1))
    with pytest.raises(InputError, match="too long"):
        judge("sea\n" * (MOST_LINES + 1))
    assert judge("a" * LONGEST).valid is True  # one line, no form: free verse


def test_words_that_are_guessed_are_tagged() -> None:
    report = judge(["The gloomth is cold upon the silent hill"] * 2, "blank")
    assert report.valid == "depends"
    assert "guess: gloomth is said G L UW1 M TH" in report.findings


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("The wind is cold upon the hill", "8 syllables where 10 or 11 are asked"),
        ("The wind is cold upon the silent garden wall", "12 syllables"),
        ("The silent is wind upon the cold hill", "syllable 6, 'upon'"),
        ("The 7 winds upon the silent hill", "'7' cannot be said"),
        ("Mountains and the sea are breaking on shores", "syllable 4, 'the': an article on the beat"),
    ],
)
def test_where_a_line_breaks(line: str, why: str) -> None:
    assert why in broken(line, "iambic", 5)


def test_english_is_told_from_other_tongues() -> None:
    assert looks_english(SONNET) and looks_english(LIMERICK)
    for text in (
        "Über allen Gipfeln ist Ruh, in allen Wipfeln",
        "床前明月光，疑是地上霜",
        "",
        "\0" * 50,
        "x" * 100_000,
    ):
        assert not looks_english(text)


def test_accents_and_curly_apostrophes_are_heard() -> None:
    assert words("The café’s learnèd æther") == ["the", "cafe's", "learned", "aether"]
