"""Whatever the logits, what the automaton lets through is regular: by the referee, which shares no code with it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muse.errors import WishError
from muse.poem.automaton import Demands, automaton
from muse.poem.form import FORMS, OPENINGS, Opening
from muse.poem.referee import judge
from muse.poem.score import regulated
from muse.poem.sounds import BLOCKED, BOTH, DOUBLED, LEVEL, NEVER, OBLIQUE, Characters
from muse.poem.vocabulary import BREAK, Vocabulary
from muse.tables.rhyme import readings
from muse.walk import State, Walk

FEW = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))


def walk(rule: Walk, random: np.random.Generator, sharpness: float = 0.0) -> tuple[list[State], list[int]]:
    """States and tokens of one poem; a sharp walk always comes back to the same few characters where it may."""
    taste = random.random(rule.size) ** np.exp(sharpness)
    states, tokens = [rule.start()], []
    while not rule.done(states[-1]):
        allowed = rule.mask(states[-1])
        assert allowed.any()
        tokens.append(int(np.where(allowed, taste * random.random(rule.size), -1).argmax()))
        states.append(rule.advance(states[-1], tokens[-1]))
    return states, tokens


def lines_of(tokens: list[int], vocabulary: Vocabulary) -> list[str]:
    return "".join("\n" if token == BREAK else vocabulary.tokens[token] for token in tokens).split("\n")


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("name", FORMS)
@FEW
@given(seed=st.integers(0, 2**32), sharpness=st.sampled_from([0.0, 3.0, 6.0]))
def test_every_walk_is_a_regular_poem(
    vocabulary: Vocabulary, name: str, strict: bool, seed: int, sharpness: float
) -> None:
    form = FORMS[name]
    rule = automaton(regulated(name), characters(vocabulary, strict))
    _, tokens = walk(rule, np.random.default_rng(seed), sharpness)
    lines = lines_of(tokens, vocabulary)
    assert [len(line) for line in lines] == [form.width] * form.lines
    verdict = judge(lines, name).valid
    assert verdict is True if strict else verdict in (True, "depends")
    assert not set("".join(lines)) & set(BLOCKED)
    ends = [line[-1] for line in lines[1::2]]
    assert len(set(ends)) == len(ends)


_KEPT: dict[tuple[int, bool], Characters] = {}


def characters(vocabulary: Vocabulary, strict: bool) -> Characters:
    key = (id(vocabulary), strict)
    if key not in _KEPT:
        _KEPT[key] = Characters.build(vocabulary, strict)
    return _KEPT[key]


@FEW
@given(seed=st.integers(0, 2**32))
def test_places_breaks_and_immutable_states(vocabulary: Vocabulary, seed: int) -> None:
    rule = automaton(regulated("七绝"), characters(vocabulary, True))
    states, tokens = walk(rule, np.random.default_rng(seed))
    assert [rule.place(state) for state in states[:-1]] == [
        (line, col) for line in range(1, 5) for col in range(8) if (line, col) != (4, 7)
    ]
    for state, token, after in zip(states, tokens, states[1:], strict=False):
        assert rule.advance(state, token) == after
        if rule.place(state)[1] == 7:
            assert np.flatnonzero(rule.mask(state)).tolist() == [BREAK]
        else:
            assert not rule.mask(state)[: vocabulary.first].any()


@FEW
@given(seed=st.integers(0, 2**32))
def test_characters_come_back_only_as_doubles(vocabulary: Vocabulary, seed: int) -> None:
    rule = automaton(regulated("七律"), characters(vocabulary, True))
    _, tokens = walk(rule, np.random.default_rng(seed), 6.0)
    for line in lines_of(tokens, vocabulary):
        for place, character in enumerate(line):
            if line.count(character) > 1:
                assert character in (line[place - 1 : place], line[place + 1 : place + 2])
    once = [t for i, t in enumerate(tokens) if t != BREAK and (i == 0 or tokens[i - 1] != t)]
    assert len(set(once)) == len(once)


def test_a_poor_vocabulary_is_walked_to_the_end_as_well() -> None:
    """Few rhyme words, and none to spare: the automaton keeps them for the places that rhyme."""
    few = Vocabulary.of(["东红公翁通同" + "月日一石白叶落雪客竹玉色碧夕入出" + "天心人家山花春秋"], least=1)
    rule = automaton(regulated("七律"), Characters.build(few))
    assert not rule.tables().remembers.any()
    for seed in range(40):
        _, tokens = walk(rule, np.random.default_rng(seed), 3.0)
        assert judge(lines_of(tokens, few), "七律").valid is True


def test_scarce_rhymes_are_spared_where_nothing_may_come_back() -> None:
    oblique = (
        "月日一石白叶落雪客竹玉色碧夕入出木目足足烛曲束宿六陆肉熟菊腹福木秃哭独读鹿禄绿粟俗续浴欲玉狱录足促局触烛属"
    )
    level = "天心人家山花春秋游楼舟流头愁眠年烟前船泉莲边娘香光霜长阳忙郎床黄凉伤堂章房方王"
    few = Vocabulary.of(["东红公" + oblique + level], least=1)
    rule = automaton(regulated("五绝"), Characters.build(few), Demands(rhymes={"a": frozenset({"一东"})}))
    assert rule.tables().remembers.any()
    for seed in range(60):
        _, tokens = walk(rule, np.random.default_rng(seed), 4.0)
        assert judge(lines_of(tokens, few), "五绝").valid is True


def test_no_rhyme_group_is_large_enough() -> None:
    with pytest.raises(WishError, match="rhyme"):
        automaton(regulated("七律"), Characters.build(Vocabulary.of(["东风月日"], least=1)))


def test_opening_and_rhyme_can_be_chosen(vocabulary: Vocabulary) -> None:
    for opening in OPENINGS:
        wish = Demands(rhymes={"a": frozenset({"七阳"})})
        rule = automaton(regulated("五律", (opening,)), characters(vocabulary, True), wish)
        _, tokens = walk(rule, np.random.default_rng(3))
        report = judge(lines_of(tokens, vocabulary), "五律")
        assert report.valid is True
        found = {promise.name: promise.found for promise in report.promises}
        assert ("平起" if opening.level else "仄起") in found["tones"]
        assert "七阳" in found["rhyme"]


def test_what_is_never_written(vocabulary: Vocabulary) -> None:
    kept = characters(vocabulary, True)
    ids = vocabulary.ids
    assert all(kept.classes[ids[c]] == NEVER for c in BLOCKED if c in ids)
    assert set(kept.classes[: vocabulary.first]) == {NEVER}
    both = [c for c in "看为长空" if c in ids]
    assert both and all(
        kept.classes[ids[c]] == BOTH and not any(found[ids[c]] for found in kept.rhymes.values()) for c in both
    )


@pytest.mark.parametrize("strict", [True, False])
def test_what_the_rhyme_book_says_of_each_character(vocabulary: Vocabulary, strict: bool) -> None:
    kept = characters(vocabulary, strict)
    for token, character in enumerate(vocabulary.tokens):
        known = () if character in BLOCKED or token < vocabulary.first else readings(character)
        tones = {reading.level for reading in known}
        kind = {frozenset(): NEVER, frozenset({True}): LEVEL, frozenset({False}): OBLIQUE}.get(frozenset(tones), BOTH)
        assert kept.classes[token] == kind
        rhymes = {reading.group for reading in known}
        if strict and len(rhymes) > 1:
            rhymes = set()
        assert {group for group, tokens in kept.rhymes.items() if tokens[token]} == rhymes
        assert bool(kept.doubled[token]) == (token >= vocabulary.first and character in DOUBLED)


def test_strict_takes_a_double_reading_only_where_both_fit(vocabulary: Vocabulary) -> None:
    opened = regulated("五绝", (Opening(True, False),))
    rule = automaton(opened, characters(vocabulary, True))
    start = rule.start()
    both = vocabulary.ids["看"]
    assert rule.mask(start)[both]  # place 1 of 平平平仄仄 is free
    level = vocabulary.ids["天"]
    assert not rule.mask(rule.advance(start, level))[both]  # place 2 is not
    either = automaton(regulated("五绝"), characters(vocabulary, False))
    assert either.mask(either.advance(start, level))[both]
