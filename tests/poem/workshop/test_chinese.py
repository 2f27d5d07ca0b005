"""Chinese poems on the desk: what is kept stays, what is written keeps the form, and what is told is so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from muse.bundle import Bundle
from muse.errors import InputError, UsageError, WishError
from muse.poem.plan import plan
from muse.poem.poem import Poem
from muse.poem.referee import judge
from muse.poem.referee.books import book
from muse.poem.wishes import Wishes
from muse.poem.workshop.alternatives import alternatives, tones
from muse.poem.workshop.desk import Desk
from muse.poem.workshop.dial import turn
from muse.poem.workshop.explaining import RULES, explain
from muse.poem.workshop.fit import fit
from muse.poem.workshop.measures import measured
from muse.poem.workshop.rewriting import rewrite
from muse.poem.workshop.span import span_of
from muse.poem.write import write
from muse.terms import Theme

PLAIN = Wishes(Theme(""), candidates=4)
FOREIGN = "静夜思\n\n床前明月光，疑是地上霜。\n举头望明月，低头思故乡。"
SONG = "浣溪沙\n\n一曲新词酒一杯，去年天气旧亭台。夕阳西下几时回。\n\n无可奈何花落去，似曾相识燕归来。小园香径独徘徊。"


def made(bundle: Bundle, form: str, seed: int = 7, **more: object) -> Poem:
    (poem,) = write(Wishes(Theme("秋"), form=form, candidates=1, **more), bundle, [seed])  # type: ignore[arg-type]
    return poem


@pytest.mark.parametrize("form", ["五绝", "七绝", "五律", "七律", "五排", "对联"])
def test_named_lines_are_new_and_all_else_stays(bundle: Bundle, form: str) -> None:
    poem = made(bundle, form)
    (new,) = rewrite(poem, [2], (), PLAIN, bundle, [3])
    assert new.lines[1] != poem.lines[1]
    assert [*new.lines[:1], *new.lines[2:]] == [*poem.lines[:1], *poem.lines[2:]]
    assert (new.form, new.title, new.report.valid) == (poem.form, poem.title, True)


def test_the_rhyme_of_the_poem_holds_though_all_of_it_is_new(bundle: Bundle) -> None:
    poem = made(bundle, "七绝")
    for new in rewrite(poem, None, (), PLAIN, bundle, [1, 2, 3]):
        assert new.rhyme == poem.rhyme and not set(new.lines) & set(poem.lines)


def test_a_song_keeps_its_tune_its_stanzas_and_its_rhyme(bundle: Bundle) -> None:
    poem = made(bundle, "词", tune="浣溪沙")
    (new,) = rewrite(poem, [1, 3], (), PLAIN, bundle, [3])
    assert (new.form, new.tune, new.stanzas, new.closes) == (poem.form, poem.tune, poem.stanzas, poem.closes)
    assert new.report.valid is True and new.lines[1] == poem.lines[1] and new.lines[3:] == poem.lines[3:]


def test_words_stay_where_they_stand(bundle: Bundle) -> None:
    poem = made(bundle, "七律")
    word = poem.lines[3][2:4]
    (new,) = rewrite(poem, [4], (word,), PLAIN, bundle, [3])
    assert new.lines[3][2:4] == word and new.lines[3] != poem.lines[3]
    with pytest.raises(WishError, match="does not hold"):
        next(rewrite(poem, [4], ("龘",), PLAIN, bundle, [3]))


def test_the_acrostic_of_a_poem_is_kept(bundle: Bundle) -> None:
    poem = made(bundle, "五绝", acrostic="春江花月")
    (new,) = rewrite(poem, None, (), replace(PLAIN, acrostic="春江花月"), bundle, [3])
    assert "".join(line[0] for line in new.lines) == "春江花月" and new.lines != poem.lines


def test_kept_text_that_breaks_the_form_stays_and_is_told(bundle: Bundle) -> None:
    poem = Poem.from_text(FOREIGN)
    (new,) = rewrite(poem, [2], (), PLAIN, bundle, [3])
    assert [new.lines[line] for line in (0, 2, 3)] == [poem.lines[line] for line in (0, 2, 3)]
    assert any("头 stands against the form and is kept" in finding for finding in new.report.findings)
    tones_of = [promise for promise in new.report.promises if promise.name == "tones"]
    assert tones_of and tones_of[0].kept in (False, "relaxed")


def test_characters_that_the_model_does_not_know_are_kept_and_told(bundle: Bundle) -> None:
    poem = made(bundle, "五绝")
    strange = replace(poem, lines=("龘" + poem.lines[0][1:], *poem.lines[1:]))
    (new,) = rewrite(strange, [2], (), PLAIN, bundle, [3])
    assert new.lines[0] == strange.lines[0]
    assert any("does not know: 龘" in finding for finding in new.report.findings)


@pytest.mark.parametrize("lines", [[0], [5], [-1], [], [True], ["2"]])
def test_wrong_numbers_of_lines(bundle: Bundle, lines: list[int]) -> None:
    with pytest.raises(UsageError, match="line"):
        next(rewrite(made(bundle, "五绝"), lines, (), PLAIN, bundle, [1]))


def test_nothing_to_write_and_no_form(bundle: Bundle) -> None:
    poem = made(bundle, "五绝")
    with pytest.raises(UsageError, match="nothing is left"):
        next(rewrite(poem, [1], (poem.lines[0],), PLAIN, bundle, [1]))
    with pytest.raises(InputError, match="no form"):
        next(rewrite(Poem.from_text("白日依山尽，黄河。入海流，欲穷千里目"), [1], (), PLAIN, bundle, [1]))
    with pytest.raises(InputError, match="no form"):
        fit(replace(poem, form="prose"))


def test_the_fit_finds_rhyme_and_faults() -> None:
    known = fit(Poem.from_text(FOREIGN))
    assert known.score.form == "五绝" and known.rhymes == {"a": "七阳"} and len(known.faults) == 2
    song = fit(Poem.from_text(SONG))
    assert song.score.tune == "浣溪沙" and {place for _, place in song.faults} == {6}
    assert "".join(known.wanted(3, place) for place in range(5)) in ("中平平仄平", "平平仄仄平", "中平中仄平")


@pytest.mark.parametrize("form", ["五绝", "七律"])
def test_alternatives_differ_and_fit(bundle: Bundle, form: str) -> None:
    poem = made(bundle, form)
    found = alternatives(poem, 2, None, 5, PLAIN, bundle, 1)
    lines = [one.line for one in found]
    assert len({*lines, poem.lines[1]}) == len(found) + 1 == 6
    for one in found:
        assert judge([poem.lines[0], one.line, *poem.lines[2:]], form).valid is True
        assert one.text == one.line and one.tones == tones(one.line, "pingshui") and one.rhyme == poem.rhyme
        assert any(fact.startswith("rhymes in") for fact in one.why)


def test_alternatives_for_a_word(bundle: Bundle) -> None:
    poem = made(bundle, "七绝")
    now = poem.lines[2]
    for word in (now[2:4], (3, 2)):
        found = alternatives(poem, 3, word, 4, PLAIN, bundle, 1)
        assert len({one.text for one in found}) == 4 and now[2:4] not in {one.text for one in found}
        assert all(one.line == now[:2] + one.text + now[4:] for one in found)
    for wrong in ("龘", (0, 2), (7, 2), (3, 0)):
        with pytest.raises(UsageError, match="line 3"):
            alternatives(poem, 3, wrong, 4, PLAIN, bundle, 1)


def test_the_worth_of_an_alternative_is_that_of_the_line_in_its_place(bundle: Bundle) -> None:
    from muse.poem.model import writer

    poem = made(bundle, "五绝")
    (one,) = alternatives(poem, 2, None, 1, PLAIN, bundle, 1)
    desk = Desk.of(poem, PLAIN, bundle)
    kept = {place: text for place, text in desk.every.items() if place[0] != 1}
    here = span_of(desk.plan(kept), 1, desk.every)
    by, vocabulary = writer(bundle)
    texts = [here.placed(tuple(vocabulary.encode(line))) for line in (one.line, poem.lines[1])]
    scores = [score.mean() for score in by.score([here.prompt] * 2, texts)]
    assert one.nats == pytest.approx(scores[0], abs=1e-5) and one.gain == pytest.approx(scores[0] - scores[1], abs=1e-5)


@pytest.mark.parametrize("dial", [{"valence": -1.0}, {"density": 0.5, "valence": 0.5}])
def test_a_dial_keeps_form_and_rhyme_words(bundle: Bundle, dial: dict[str, float]) -> None:
    poem = made(bundle, "五律")
    (new,) = turn(poem, dial, None, (), PLAIN, bundle, [3])
    assert new.report.valid is True and new.lines != poem.lines
    assert [line[-1] for line in new.lines[1::2]] == [line[-1] for line in poem.lines[1::2]]
    (part,) = turn(poem, dial, [3], (), PLAIN, bundle, [3])
    assert [*part.lines[:2], *part.lines[3:]] == [*poem.lines[:2], *poem.lines[3:]]


def test_dials_move_the_mean_of_poems(bundle: Bundle) -> None:
    """Though the model knows nothing: what is told of the measures is what chooses."""
    poems = [made(bundle, "七绝", seed) for seed in range(6)]
    for axis in ("valence", "density"):
        means = [np.mean([measured(poem.lines, "zh")[axis] for poem in poems])]
        for value in (-0.8, 0.8):
            moved = [next(turn(poem, {axis: value}, None, (), PLAIN, bundle, [3])) for poem in poems]
            means.append(np.mean([measured(poem.lines, "zh")[axis] for poem in moved]))
        assert means[1] < means[0] < means[2]


def test_an_explanation_counts_what_the_form_leaves(bundle: Bundle) -> None:
    poem = made(bundle, "五律")
    told = explain(poem, PLAIN, bundle)
    assert "".join(place.text for place in told.places) == "".join(poem.lines) and told.notes == ()
    for place in told.places:
        assert set(place.removed) == set(RULES) and place.fits
        assert place.allowed + sum(place.removed.values()) == told.vocabulary
        assert 0 < place.free <= place.masked <= 1 and place.rank_allowed <= place.rank
        assert bool(place.rhyme) == (place.place == 5 and (place.line % 2 == 0 or place.removed["rhyme"] > 0))
        assert place.wanted in ("中", place.sound)
    assert {place.rhyme for place in told.places if place.rhyme} == {poem.rhyme}


def test_an_explanation_agrees_with_the_automaton_and_the_model(bundle: Bundle) -> None:
    from muse.nn.writer import Prompt
    from muse.poem.model import writer

    poem = made(bundle, "五绝")
    asked = replace(PLAIN, form="五绝", title=poem.title, rhyme=poem.rhyme)
    told = explain(poem, PLAIN, bundle)
    way = plan(asked, bundle, 0)
    by, vocabulary = writer(bundle)
    first = vocabulary.encode(poem.lines[0])
    text = Prompt(tuple(first), (1,) * 5, tuple(range(5)))
    scores = np.exp(by.score([way.prompt()], [text])[0])
    assert [place.free for place in told.places[:5]] == pytest.approx(scores.tolist(), rel=1e-4)


def test_an_explanation_of_a_poem_that_breaks_its_form(bundle: Bundle) -> None:
    told = explain(Poem.from_text(FOREIGN), replace(PLAIN, strict=False), bundle)
    off = {(place.line, place.place) for place in told.places if not place.fits}
    assert {(2, 4), (3, 2)} <= off and len(told.notes) == len(off)
    assert all(place.masked == 0 and place.rank_allowed == 0 for place in told.places if not place.fits)
    assert "上" in told.text() and "✗" in told.text() and told.as_dict()["form"] == "五绝"


def test_tones_are_those_of_the_second_reading_of_the_book() -> None:
    names = {"平": "平", "仄": "仄", "中": "(平仄)"}
    text = "白日依山尽看霜"
    assert tones(text, "pingshui") == "".join(names[one] for one in book("pingshui").tones(text))
