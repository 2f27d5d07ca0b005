"""Scores of all forms: every poem that follows one is what the referee, which shares no code, calls it."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest

from muse.poem.automaton import Demands, NoWay, automaton
from muse.poem.form import FORMS
from muse.poem.referee import judge
from muse.poem.score import Line, Score, bits, couplet, of_signs, regulated, reply, song
from muse.poem.sounds import Characters
from muse.poem.vocabulary import Vocabulary
from muse.tables.tunes import shapes, tunes
from muse.walk import Walk

_KEPT: dict[tuple[str, bool], Characters] = {}


def known(vocabulary: Vocabulary, book: str = "pingshui", strict: bool = True) -> Characters:
    if (book, strict) not in _KEPT:
        _KEPT[book, strict] = Characters.build(vocabulary, strict, book)
    return _KEPT[book, strict]


def written(rule: Walk, vocabulary: Vocabulary, score: Score, seed: int) -> list[str]:
    random, state, text = np.random.default_rng(seed), rule.start(), ""
    while not rule.done(state):
        allowed = rule.mask(state)
        assert allowed.any()
        token = int(np.where(allowed, random.random(rule.size), -1).argmax())
        text += vocabulary.decode([token])
        state = rule.advance(state, token)
    ends = np.cumsum([0, *score.widths]).tolist()
    return [text[begin:end] for begin, end in pairwise(ends)]


def test_patterns_as_bits() -> None:
    assert of_signs("平中") == bits([(True, True), (True, False)]) == 0b1100
    assert bits(product((True, False), repeat=3)) == 2**8 - 1


@pytest.mark.parametrize("book", ["pingshui", "cilin", "xinyun"])
@pytest.mark.parametrize("form", [*FORMS, "五排12", "七排10"])
def test_verse_by_each_rhyme_book(vocabulary: Vocabulary, form: str, book: str) -> None:
    score = regulated(form)
    rule = automaton(score, known(vocabulary, book))
    for seed in range(3):
        lines = written(rule, vocabulary, score, seed)
        assert judge(lines, score.form, book).valid is True, lines  # type: ignore[arg-type]


@pytest.mark.parametrize("name", [*list(tunes())[::9], "菩萨蛮", "西江月", "定风波", "酷相思", "两同心"])
def test_songs_to_their_tunes(vocabulary: Vocabulary, name: str) -> None:
    for shape in shapes(name):
        for score in song(shape):
            lines = written(automaton(score, known(vocabulary, "cilin")), vocabulary, score, 1)
            found = judge(lines, "词", tune=name, stanzas=shape.stanzas)
            assert found.valid is True, (lines, found)


@pytest.mark.parametrize("book", ["pingshui", "xinyun"])
@pytest.mark.parametrize("name", ["菩萨蛮", "西江月", "满江红", "虞美人"])
def test_songs_by_other_books(vocabulary: Vocabulary, name: str, book: str) -> None:
    (score,) = song(shapes(name)[0], book)
    lines = written(automaton(score, known(vocabulary, book)), vocabulary, score, 2)
    assert judge(lines, "词", book, tune=name).valid is True, lines  # type: ignore[arg-type]


def test_the_alternating_rhyme_of_one_part(vocabulary: Vocabulary) -> None:
    """西江月: its oblique rhymes are of the part of the level ones."""
    (score,) = song(shapes("西江月")[0])
    rule, characters = automaton(score, known(vocabulary, "cilin")), known(vocabulary, "cilin")
    for seed in range(5):
        lines = written(rule, vocabulary, score, seed)
        parts = {sound.rhyme[:-1] for line in (1, 2, 3, 5, 6, 7) for sound in characters.readings(lines[line][-1])}
        assert len(parts) == 1


def test_normal_mode_fits_under_some_reading(vocabulary: Vocabulary) -> None:
    for score, book in ((regulated("七绝"), "pingshui"), (song(shapes("浣溪沙")[0])[0], "cilin")):
        rule = automaton(score, known(vocabulary, book, False))
        for seed in range(5):
            lines = written(rule, vocabulary, score, seed)
            assert judge(lines, score.form, tune=score.tune).valid in (True, "depends")


@pytest.mark.parametrize("width", [2, 3, 4, 5, 6, 7, 9, 11])
def test_couplets(vocabulary: Vocabulary, width: int) -> None:
    score = couplet(width)
    for seed in range(3):
        lines = written(automaton(score, known(vocabulary)), vocabulary, score, seed)
        assert judge(lines, "对联").valid is True and not set(lines[0]) & set(lines[1])


@pytest.mark.parametrize("line", ["海阔凭鱼跃", "烟锁池塘柳", "风声雨声读书声入耳", "月落"])
def test_a_reply_is_opposed(vocabulary: Vocabulary, line: str) -> None:
    characters = known(vocabulary)
    score = reply([characters.tones(one) for one in line])
    fixed = {(0, place): one for place, one in enumerate(line)}
    rule = automaton(score, characters, Demands(fixed))
    second = written(rule, vocabulary, score, 0)[1]
    for place in range(1, len(line), 2):
        one, other = characters.tones(line[place]), characters.tones(second[place])
        assert len(one) == 2 or not one or other == {not tone for tone in one}
    assert not set(line) & set(second)


def test_given_characters_stand_where_they_are_given(vocabulary: Vocabulary) -> None:
    score, characters = regulated("七绝"), known(vocabulary)
    fixed = {(0, 0): "春", (1, 0): "江", (2, 0): "花", (3, 0): "月", (3, 6): "家"}
    rule = automaton(score, characters, Demands(fixed))
    for seed in range(5):
        lines = written(rule, vocabulary, score, seed)
        assert {at: lines[at[0]][at[1]] for at in fixed} == fixed
        assert all("".join(lines).count(one) == 1 for one in fixed.values())  # and nowhere else
        assert judge(lines, "七绝").valid is True


def test_forbidden_words_are_in_no_line(vocabulary: Vocabulary) -> None:
    """A vocabulary in which they would come at once; what leads to them before a given character is cut off."""
    score, characters = regulated("五绝"), known(vocabulary)
    rule = automaton(score, characters, Demands({(0, 1): "风"}, ("春风", "风山", "山水人")))
    random = np.random.default_rng(0)
    for _ in range(40):
        state, text = rule.start(), ""
        while not rule.done(state):
            allowed = rule.mask(state)
            taste = np.where([token in "春风山水人家" for token in vocabulary.tokens], 5, 1)
            token = int(np.where(allowed, taste * random.random(rule.size), -1).argmax())
            text += vocabulary.tokens[token] if token >= vocabulary.first else "\n"
            state = rule.advance(state, token)
        assert not any(word in text for word in ("春风", "风山", "山水人"))


def test_a_wall_is_told_by_its_place(vocabulary: Vocabulary) -> None:
    with pytest.raises(NoWay) as caught:
        automaton(regulated("五绝"), known(vocabulary), Demands({(1, 1): "日", (1, 3): "月"}))
    assert caught.value.at == (1, 3)


def test_letters_under_way_at_once_have_bits_of_their_own(vocabulary: Vocabulary) -> None:
    """Rhymes abab: narrowing the one leaves the other as it is."""
    level = Line(of_signs("中中中平"), "a"), Line(of_signs("中中中平"), "b")
    base = song(shapes("菩萨蛮")[0])[0].outline
    outline = type(base)(base.form, (4,) * 4, (False, True, False, True))
    score = Score("词", outline, ((*level, *level),), False)
    characters = known(vocabulary, "cilin")
    seen = set()
    for seed in range(8):
        lines = written(automaton(score, characters), vocabulary, score, seed)
        parts = [{sound.rhyme for sound in characters.readings(line[-1])} for line in lines]
        assert parts[0] == parts[2] and parts[1] == parts[3]
        seen.add(parts[0] == parts[1])
    assert False in seen
