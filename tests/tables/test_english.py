"""Pronunciations: the table, its rules, stress and rime."""

from __future__ import annotations

import time

import pytest

from muse.tables import english, english_letters
from muse.tables.english import pronunciations


def said(word: str) -> list[str]:
    return [" ".join(reading.phones) for reading in pronunciations(word)]


def test_every_code_is_one_character_and_names_one_phone() -> None:
    assert len(english.CODE) == 24 + 45
    assert len(english.PHONE) == len(english.CODE)
    assert not set(english.PHONE) & set(" \n\0")


def test_the_table_is_small_sorted_and_quick() -> None:
    english._table.cache_clear()
    begun = time.process_time()
    words = english.words()
    assert time.process_time() - begun < 0.2, "60 ms on an idle core"
    assert len(words) > 120_000
    assert words == sorted(set(words))


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("sea", "S IY1"), ("Winds", "W AY1 N D Z"), ("o’er", "AO1 R"), ("glow'd", "G L OW1 D"), ("kiss'd", "K IH1 S T"),
        ("kindled'st", "K IH1 N D AH0 L D S T"), ("moonlit", "M UW1 N L IH2 T"), ("honour", "AA1 N ER0"),
        ("o'ershadow", "AO2 R SH AE1 D OW2"), ("wand'ring", "W AA1 N D R IH0 NG"),
        ("whispereth", "W IH1 S P ER0 AH0 TH"),
    ],
)  # fmt: skip
def test_words_and_rules(word: str, phones: str) -> None:
    assert phones in said(word)


def test_a_reading_by_rule_says_so_and_an_unknown_word_has_none() -> None:
    assert {reading.source for reading in pronunciations("sea")} == {"dictionary"}
    assert {reading.source for reading in pronunciations("whispereth")} == {"rule"}
    assert pronunciations("xzqv") == ()


def test_readings_that_verse_does_not_know_are_left_out() -> None:
    assert said("our") == ["AW1 R"]
    assert len(english.listed("our")) > 1
    assert len(said("heaven")) == 2


def test_stress_rime_and_onset() -> None:
    (reading,) = pronunciations("delight")
    assert (reading.stress, reading.onset) == ("01", english.CODE["L"])
    assert {reading.rime for reading in pronunciations("night")} == {reading.rime}
    (memory,) = [reading for reading in pronunciations("memory") if len(reading.stress) == 3]
    assert memory.stress[0] == "1"
    assert memory.tail in {other.rime for other in pronunciations("sea")}
    assert memory.rime not in {other.rime for other in pronunciations("sea")}


def test_rime_is_blind_to_the_degree_of_stress() -> None:
    (one,), two = pronunciations("flower's"[:6])[:1], pronunciations("power")
    assert one.rime in {reading.rime for reading in two}


def test_both_readings_of_a_word_are_kept() -> None:
    assert {reading.rime for reading in pronunciations("wind")} >= {
        pronunciations("kind")[0].rime, pronunciations("wind")[1].rime,
    }  # fmt: skip


def test_an_unknown_word_is_guessed_by_its_letters() -> None:
    (reading,) = english.guessed("glight")
    assert reading.source == "guess"
    assert reading.rime == pronunciations("night")[0].rime
    assert english.guessed("sea") == pronunciations("sea")
    assert english.guessed("") == english.guessed("'") == english.guessed("zqx") == ()


def test_guesses_have_one_primary_stress() -> None:
    for word in ("damayanti", "besprent", "eftsoons", "palanquins"):
        for reading in english.guessed(word):
            assert reading.stress.count("1") == 1


def test_grams_are_packed_and_read_back() -> None:
    a, b = chr(english_letters.FIRST), chr(english_letters.FIRST + 1)
    grams = {english_letters.EDGE: 4, a: 8, b: 2, a + b: 2, english_letters.EDGE + a: 4}
    model = english_letters.Letters(english_letters.pack([("a", "!"), ("b", "")], grams))
    assert {gram: round(number) for gram, number in model.count.items()} == grams
    assert model.said("ab") == "!"
    assert model.said("c") == ""
    whole = sum(model.chance(a, unit) for unit in (a, b, english_letters.EDGE))
    assert whole == pytest.approx(1, abs=0.02)
