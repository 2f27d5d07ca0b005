"""English poems on the desk: what is kept stays, what is written keeps the form, and what is told is so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from muse.bundle import Bundle
from muse.errors import InputError, UsageError, WishError
from muse.nn.writer import Prompt
from muse.poem.english.model import writer
from muse.poem.english.referee import judge
from muse.poem.english.text import parts, words_of
from muse.poem.english.write import write
from muse.poem.poem import Poem
from muse.poem.wishes import Wishes
from muse.poem.workshop.english.alternatives import alternatives, joined, placed, span
from muse.poem.workshop.english.desk import Desk
from muse.poem.workshop.english.dial import turn
from muse.poem.workshop.english.explaining import explain
from muse.poem.workshop.english.rewriting import locked, rewrite
from muse.poem.workshop.former import chosen
from muse.terms import Theme

PLAIN = Wishes(Theme(""), candidates=3)
BLAKE = """The Tyger

Tyger Tyger, burning bright,
In the forests of the night;
What immortal hand or eye,
Could frame thy fearful symmetry?"""
BROKEN = """A stanza

The golden river ran away,
The stars of summer fell upon the hill,
And in the garden of the day
Is 1984 ever still."""


def made(bundle: Bundle, form: str, seed: int = 7) -> Poem:
    (poem,) = write(Wishes(Theme("sea"), form=form, candidates=1), bundle, [seed])
    return poem


def said(line: str) -> list[str]:
    return words_of(parts(line) or ())


@pytest.mark.parametrize("form", ["sonnet", "ballad", "limerick", "couplets", "haiku", "blank", "free"])
def test_named_lines_are_new_and_all_else_stays(verse_bundle: Bundle, form: str) -> None:
    poem = made(verse_bundle, form)
    (new,) = rewrite(poem, [2], (), PLAIN, verse_bundle, [3])
    assert said(new.lines[1]) != said(poem.lines[1])
    assert [*new.lines[:1], *new.lines[2:]] == [*poem.lines[:1], *poem.lines[2:]]
    assert (new.form, new.title, new.stanzas, new.report.valid) == (poem.form, poem.title, poem.stanzas, True)


def test_a_rhyme_holds_though_both_its_lines_are_new(verse_bundle: Bundle) -> None:
    poem = made(verse_bundle, "couplets")
    desk = Desk.of(poem, PLAIN, verse_bundle)
    (new,) = rewrite(poem, [1, 2], (), PLAIN, verse_bundle, [3])
    again = Desk.of(new, PLAIN, verse_bundle)
    assert [rime[:2] for rime in again.rimes] == [rime[:2] for rime in desk.rimes]


def test_words_stay_in_their_line(verse_bundle: Bundle) -> None:
    assert locked("O, the silver moon is high.", ["silver moon", "o"]) == "O, ___ silver moon ___"
    poem = made(verse_bundle, "blank")
    word = said(poem.lines[1])[-1]
    (new,) = rewrite(poem, [2], (word,), PLAIN, verse_bundle, [3])
    assert said(new.lines[1])[-1] == word and new.lines[1] != poem.lines[1]
    with pytest.raises(WishError, match="does not hold"):
        next(rewrite(poem, [2], ("zebra",), PLAIN, verse_bundle, [3]))


def test_kept_lines_that_break_the_form_stay_and_are_told(verse_bundle: Bundle) -> None:
    poem = replace(Poem.from_text(BROKEN), form="quatrains")
    (new,) = rewrite(poem, [3], (), PLAIN, verse_bundle, [3])
    assert [new.lines[at] for at in (0, 1, 3)] == [poem.lines[at] for at in (0, 1, 3)]
    assert any("line 2 is kept and breaks the meter" in finding for finding in new.report.findings)


def test_a_poem_of_no_form_is_rewritten_as_free_verse(verse_bundle: Bundle) -> None:
    poem = Poem.from_text(BLAKE)
    (new,) = rewrite(poem, [2], (), PLAIN, verse_bundle, [3])
    assert new.form == "free" and new.lines[0] == poem.lines[0] and new.lines[1] != poem.lines[1]
    with pytest.raises(InputError, match="prose"):
        next(rewrite(replace(poem, form="prose"), [2], (), PLAIN, verse_bundle, [3]))
    with pytest.raises(UsageError, match="no line 9"):
        chosen(poem, [9])
    with pytest.raises(UsageError, match="nothing is left"):
        next(rewrite(poem, [2], said(poem.lines[1]), PLAIN, verse_bundle, [3]))


@pytest.mark.parametrize("line", [1, 4, 8])
def test_alternatives_differ_and_fit(verse_bundle: Bundle, line: int) -> None:
    poem = made(verse_bundle, "couplets")
    found = alternatives(poem, line, None, 4, PLAIN, verse_bundle, 1)
    assert len({tuple(said(one.line)) for one in found} | {tuple(said(poem.lines[line - 1]))}) == len(found) + 1 > 2
    for one in found:
        lines = [*poem.lines[: line - 1], one.line, *poem.lines[line:]]
        assert judge(lines, "couplets").valid is True
        assert one.rhyme == "AABBCCDD"[line - 1] and any(fact.startswith("rhymes with") for fact in one.why)


def test_alternatives_for_words(verse_bundle: Bundle) -> None:
    poem = made(verse_bundle, "blank")
    words = poem.lines[0].split()
    found = alternatives(poem, 1, (2, 2), 2, PLAIN, verse_bundle, 1)
    for one in found:
        assert said(one.line)[:1] == said(words[0]) and said(one.line)[-1] == said(words[-1])[0]
        assert one.text in one.line and one.text != " ".join(words[1:3])
    assert span(words, 1, said(words[1])[0])[1] == 1
    for wrong in ("zebra", (0, 1), (len(words), 2)):
        with pytest.raises(UsageError, match="line 1"):
            span(words, 1, wrong)


def test_the_worth_of_an_alternative_is_that_of_the_line_in_its_place(verse_bundle: Bundle) -> None:
    poem = made(verse_bundle, "couplets")
    (one,) = alternatives(poem, 8, None, 1, PLAIN, verse_bundle, 1)
    desk = Desk.of(poem, PLAIN, verse_bundle)
    plan = desk.plan(range(7))
    from muse.poem.english.draft import prompt

    before = joined(prompt(plan.fields, desk.book.vocabulary, "backward"), *(placed(desk, at) for at in range(7)))
    other = Desk.of(replace(poem, lines=(*poem.lines[:7], one.line)), PLAIN, verse_bundle)
    texts = [placed(other, 7), placed(desk, 7)]
    scores = [score.mean() for score in writer(verse_bundle).score([before] * 2, texts)]
    assert one.nats == pytest.approx(scores[0], abs=1e-5) and one.gain == pytest.approx(scores[0] - scores[1], abs=1e-5)


def test_a_dial_keeps_the_form_and_the_ends_of_lines(verse_bundle: Bundle) -> None:
    poem = made(verse_bundle, "couplets")
    (new,) = turn(poem, {"valence": -0.8}, None, (), PLAIN, verse_bundle, [3])
    assert new.report.valid is True and new.lines != poem.lines
    assert [said(line)[-1] for line in new.lines] == [said(line)[-1] for line in poem.lines]


def test_an_explanation_counts_what_the_form_leaves(verse_bundle: Bundle) -> None:
    poem = made(verse_bundle, "sonnet")
    told = explain(poem, PLAIN, verse_bundle)
    assert told.notes == () and len(told.places) == sum(len(said(line)) for line in poem.lines)
    for place in told.places:
        assert place.fits and place.allowed + sum(place.removed.values()) <= told.vocabulary
        assert 0 < place.free <= place.masked <= 1 and place.rank_allowed <= place.rank
        assert len(place.wanted) == len(place.sound) and set(place.wanted) <= {"S", "w"}
    assert [place.rhyme for place in told.places if place.rhyme] == list("ABABCDCDEFEFGG")


def test_the_probabilities_are_those_of_the_model(verse_bundle: Bundle) -> None:
    from muse.poem.english.draft import prompt

    poem = made(verse_bundle, "haiku")
    desk = Desk.of(poem, PLAIN, verse_bundle)
    told = explain(poem, PLAIN, verse_bundle)
    last = placed(desk, 0)
    scores = writer(verse_bundle).score([prompt(desk.plan(()).fields, desk.book.vocabulary, "backward")], [last])[0]
    words = [place for place in told.places if place.line == 1][::-1]
    kinds = [at for at, token in enumerate(last.tokens) if desk.book.spoken[token]]
    assert [word.free for word in words] == pytest.approx(np.exp(scores[kinds]).tolist(), rel=1e-4)


def test_an_explanation_of_words_that_muse_would_not_have_written(verse_bundle: Bundle) -> None:
    told = explain(Poem.from_text(BLAKE), replace(PLAIN, strict=False), verse_bundle)
    assert any("symmetry" in note for note in told.notes)
    assert all(place.masked == 0 for place in told.places if not place.fits)
    assert "✗" in told.text() and told.as_dict()["form"] == "free"


def test_a_prompt_is_joined_in_order() -> None:
    assert joined(Prompt((1,), (0,), (0,)), Prompt((2, 3), (1, 1), (0, 1))) == Prompt((1, 2, 3), (0, 1, 1), (0, 0, 1))
