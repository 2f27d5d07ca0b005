"""The theme lexicon: its file, its readings, and what strange text does to it."""

from __future__ import annotations

import random
import subprocess
import sys
import time

import pytest

from muse.errors import UsageError
from muse.tables.lexicon import LONGEST, clean, concepts, interpret, labels
from muse.tables.simplified import simplify
from muse.tables.words import HAN, lexicon
from muse.terms import Mood


def test_the_file_is_large_and_sound() -> None:
    chinese = [word for concept in concepts() for word in concept.zh]
    english = [word for concept in concepts() for word in concept.en]
    assert len(chinese) == len(set(chinese)) >= 400
    assert len(english) == len(set(english)) >= 500
    assert all(all(HAN.match(char) for char in word) for word in chinese)
    assert all(word.isascii() and word == word.lower() for word in english)
    assert all(simplify(word) == word for word in chinese)
    assert {concept.season for concept in concepts()} == {"", "spring", "summer", "autumn", "winter"}
    assert all(concept.keywords and concept.zh and concept.en for concept in concepts())
    assert set(lexicon().emoji.values()) <= set(lexicon().index)


@pytest.mark.parametrize(
    ("text", "words", "season"),
    [
        ("秋江夜泊", ("秋江", "夜泊"), "autumn"),
        ("楓橋夜泊", ("枫", "桥", "夜泊"), "autumn"),
        ("autumn river", ("autumn river",), "autumn"),
        ("Rivers in WINTER", ("river", "winter"), "winter"),
        ("cold-food festival", ("cold food festival",), "spring"),
        ("ｍｏｏｎ", ("moon",), ""),
        ("🌙🌊", ("moon", "wave"), ""),
        ("春天 and love", ("春天", "love"), "spring"),
    ],
)
def test_words_are_found(text: str, words: tuple[str, ...], season: str) -> None:
    theme = interpret(text).theme
    assert theme.words == words
    assert theme.season == season


@pytest.mark.parametrize(
    ("text", "keywords"),
    [
        ("autumn", "秋"),
        ("river", "江"),
        ("moon", "月"),
        ("love", "相思"),
        ("the wild geese", "雁"),
        ("frontiers", "边塞"),
    ],
)
def test_english_leads_to_chinese_imagery(text: str, keywords: str) -> None:
    reading = interpret(text)
    assert reading.theme.language == "en"
    assert keywords in reading.theme.zh


@pytest.mark.parametrize(
    ("sad", "glad"),
    [("grief", "joy"), ("悲", "喜"), ("夜半", "旭日"), ("storm", "calm"), ("not happy", "happy"), ("不乐", "乐")],
)
def test_moods_point_the_right_way(sad: str, glad: str) -> None:
    assert interpret(sad).mood.valence < interpret(glad).mood.valence


def test_energy_warmth_and_weights() -> None:
    assert interpret("tempest").mood.energy > 0.5 > -0.5 > interpret("stillness").mood.energy
    assert interpret("snow").mood.warmth < 0 < interpret("summer heat").mood.warmth
    assert interpret("very warm").mood.warmth >= interpret("warm").mood.warmth > interpret("slightly warm").mood.warmth
    assert interpret("rain rain rain").mood == interpret("rain").mood
    assert "月" not in interpret("a night without moon").theme.zh


def test_an_unknown_word_is_neutral_and_said() -> None:
    reading = interpret("blorf")
    assert reading.mood == Mood.neutral()
    assert reading.notes == ('"blorf" is not in the lexicon: neutral mood',)
    assert interpret("犇犇的春天").notes == ('"犇犇" is not in the lexicon: no effect on the mood',)
    assert interpret("1984").notes == ("no word of the theme is in the lexicon: neutral mood",)
    assert "and 3 more are" in interpret("aaq bbq ccq ddq eeq ffq ggq hhq").notes[0]


def test_labels_and_script() -> None:
    assert "送别" in labels("渭城送別")
    assert simplify("萬里長江") == "万里长江"
    assert len(simplify("臺灣髮發")) == 4


@pytest.mark.parametrize("text", ["", "   ", "\u202e", "\ud800", "\x00\x01", "\ue000", "\ufe0f"])
def test_empty_themes_are_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        interpret(text)
    assert caught.value.exit_code == 2
    assert caught.value.next_step


def test_a_huge_theme_is_refused_at_once() -> None:
    start = time.process_time()
    with pytest.raises(UsageError):
        interpret("月" * 10_000_000)
    assert time.process_time() - start < 0.1


@pytest.mark.parametrize(
    "text", ["月" * LONGEST, "a" * LONGEST, "no " * 3333, "- " * 5000, "a\u0301" * 5000, "'" * LONGEST]
)
def test_long_themes_are_read_in_time(text: str) -> None:
    start = time.process_time()
    interpret(text)
    assert time.process_time() - start < 1.0


def test_strange_characters_are_dropped_and_said() -> None:
    reading = interpret("autumn\u202e\x00 \ud800river\u200b")
    assert reading.theme.text == "autumn river"
    assert any("cannot be printed" in note for note in reading.notes)
    assert clean("Z" + "\u0301" * 50).count("\u0301") <= 2
    assert not interpret("  autumn \n river ").notes


def test_noise_never_breaks_it() -> None:
    random_ = random.Random(7)
    pools = ["秋江夜月不极的", "abc -'’._", "🌙❤\ufe0f🦄", "\u202e\u0000\ud800\udfff\n", "éßÅя字あ한", "\u0301\u20dd"]
    for _ in range(2000):
        text = "".join(random_.choice(random_.choice(pools)) for _ in range(random_.randrange(1, 40)))
        try:
            reading = interpret(text)
        except UsageError:
            continue
        reading.theme.text.encode()
        reading.explain().encode()
        assert all(-1 <= axis <= 1 for axis in reading.mood.as_dict().values())


def test_the_lexicon_waits_for_nothing_large() -> None:
    code = (
        "import sys; from muse.tables.lexicon import interpret; interpret('秋江夜泊');"
        "print('torch' in sys.modules, 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
