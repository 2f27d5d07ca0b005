import numpy as np
import pytest

from muse.bundle import Bundle
from muse.errors import BundleError, UsageError
from muse.poem.automaton import automaton
from muse.poem.corpus import PoemRecord
from muse.poem.draft import Draft, drafts, plain
from muse.poem.fields import title_of
from muse.poem.form import FORMS
from muse.poem.measure import bits, distinct, measure, thaw
from muse.poem.novelty import Index
from muse.poem.plan import Plan, plan
from muse.poem.rank import rank
from muse.poem.score import regulated
from muse.poem.sounds import Characters
from muse.poem.vocabulary import Vocabulary
from muse.poem.wishes import Wishes
from muse.poem.write import look, write
from muse.seed import derive
from muse.tables.lexicon import interpret
from muse.terms import Mood, Theme


def request(text: str = "秋江夜泊", **wishes: object) -> Wishes:
    reading = interpret(text)
    return Wishes(**{"theme": reading.theme, "mood": reading.mood, "candidates": 3, **wishes})  # type: ignore[arg-type]


@pytest.mark.parametrize("form", [*FORMS, "qilv"])
def test_a_poem_of_each_form(bundle: Bundle, form: str) -> None:
    (poem,) = write(request(form=form), bundle, [7])
    assert poem.report.valid is True
    assert poem.title == "秋江夜泊" and poem.form in FORMS
    assert poem.recipe.bundles == {"poem-test": bundle.sha256}
    assert poem.features.season == "autumn" and poem.features.language == "zh"


def test_same_seed_same_poem(bundle: Bundle) -> None:
    one, other, third = write(request(form="七绝"), bundle, [1, 1, 2])
    assert one.files() == other.files()
    assert one.lines != third.lines


def test_a_poem_does_not_hang_on_those_beside_it(bundle: Bundle) -> None:
    seeds = range(7, 7 + 40)
    several = list(write(request(), bundle, seeds))
    assert len({poem.lines for poem in several}) == 40 and len({poem.form for poem in several}) == 4
    assert [poem.recipe.seed for poem in several] == list(seeds)
    for number in (0, 20, 21, 39):
        (alone,) = write(request(), bundle, [seeds[number]])
        assert alone.files() == several[number].files()


def test_poems_come_as_they_are_written(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def counted(plans: list[Plan], *rest: object) -> list[Draft]:
        asked.append(len(plans))
        return drafts(plans, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr("muse.poem.write.drafts", counted)
    poems = write(request(candidates=30), bundle, range(10**6))
    for _ in range(3):
        next(poems)
    assert asked == [60, 60]


def test_one_candidate_needs_no_ranking(bundle: Bundle) -> None:
    (poem,) = write(request(form="五绝", candidates=1), bundle, [7])
    (draft,) = drafts([plan(request(form="五绝"), bundle, 7)], [derive(7, "candidate", 0)], bundle)
    assert poem.lines == draft.lines


def test_normal_mode_says_so(bundle: Bundle) -> None:
    (poem,) = write(request(form="五律", strict=False), bundle, [7])
    assert poem.report.valid in (True, "depends")
    assert any("two tones" in finding for finding in poem.report.findings)


def test_no_form_lets_the_seed_choose(bundle: Bundle) -> None:
    assert {plan(request(), bundle, seed).score.form for seed in range(40)} == set(FORMS)
    with pytest.raises(UsageError, match="qijue"):
        plan(request(form="qijeu"), bundle, 0)


def test_title_and_prefix(bundle: Bundle) -> None:
    assert title_of(request(title="无题")) == "无题"
    english = request("autumn river")
    assert all("\u4e00" <= character <= "\u9fff" for character in title_of(english))
    assert title_of(request("zzz")) == "zzz"
    nothing = plan(request("zzz", form="七绝"), bundle, 0).fields
    assert (nothing.keys, nothing.title, nothing.themes, nothing.mood) == ((), "", (), (0, 0))
    assert "送别" in plan(request("渭城送别"), bundle, 0).fields.themes
    gloomy = Wishes(Theme("月", "zh"), Mood(valence=-0.9, energy=0.9))
    assert plan(gloomy, bundle, 0).fields.mood == (-1, 1)


def test_wrong_wishes(bundle: Bundle) -> None:
    with pytest.raises(UsageError):
        list(write(request(candidates=0), bundle, [7]))
    with pytest.raises(UsageError):
        list(write(request(form="十四行"), bundle, [7]))
    with pytest.raises(BundleError, match="writes no poems"):
        list(write(request(form="七绝"), Bundle({}, {**bundle.card, "kind": "music"}), [7]))


def test_known_lines_are_never_written(bundle: Bundle) -> None:
    """All lines that the model would write become known; it then writes none of them."""
    plans = [plan(request(form="五绝", novel=False), bundle, 0)] * 4
    known = {line for draft in drafts(plans, [1, 2, 3, 4], bundle) for line in draft.lines}
    learned = Bundle({**bundle.weights, **Index.of(known).weights()}, bundle.card)
    after = drafts([plan(request(form="五绝"), learned, 0)] * 4, [1, 2, 3, 4], learned)
    assert not known & {line for draft in after for line in draft.lines}


def test_the_automaton_refuses_what_the_index_holds(vocabulary: Vocabulary) -> None:
    random = np.random.default_rng(0)
    characters = Characters.build(vocabulary)
    guard = automaton(regulated("五绝"), characters)
    state, tokens = guard.start(), []
    while guard.place(state) != (2, 4):
        tokens.append(int(random.choice(np.flatnonzero(guard.mask(state)))))
        state = guard.advance(state, tokens[-1])
    choices = np.flatnonzero(guard.mask(state))
    lines = [vocabulary.decode([*tokens[-4:], int(c)]) for c in choices]

    def left(known: list[str]) -> list[int]:
        shut = automaton(regulated("五绝"), characters, refused=Index.of(known).refused(vocabulary))
        there = shut.start()
        for token in tokens:
            there = shut.advance(there, token)
        return np.flatnonzero(shut.mask(there)).tolist()

    assert left(lines[:5]) == choices[5:].tolist()
    assert left(lines) == choices.tolist()  # the only way on is never blocked


def test_ranking(bundle: Bundle) -> None:
    spring = plan(request("春", form="七绝"), bundle, 0)
    bare = plan(request("zzz", form="五律", title=""), bundle, 0)
    made = drafts([spring, spring, bare], [1, 2, 3], bundle)
    without = plain(made, bundle)
    assert all((draft.wished < 0).all() and (form < 0).all() for draft, form in zip(made, without, strict=True))
    own = made[2].own
    assert made[2].wished[own] == pytest.approx(without[2][own], abs=1e-3)  # the form is all that was wished
    assert made[0].mean(made[0].wished) != pytest.approx(made[0].mean(without[0]), abs=1e-4)
    assert rank(made[0], without[0] - 0.1) > rank(made[0], without[0])
    praised = next(character for character in made[0].text if character not in made[1].text)
    assert rank(made[0], without[0], praised) > rank(made[0], without[0])
    assert rank(made[1], without[1], praised) == rank(made[1], without[1])


def test_a_look_at_the_training(bundle: Bundle, vocabulary: Vocabulary) -> None:
    from muse.poem.model import writer

    assert len(look(writer(bundle)[0], vocabulary, 7).split("\n\n")) >= 6


def test_measure(bundle: Bundle, records: list[PoemRecord], sample: object) -> None:
    found = measure(bundle, sample, limit=12)  # type: ignore[arg-type]
    assert found["poems"] == 12
    _, vocabulary = thaw(bundle)
    assert found["bits_per_char"] == pytest.approx(np.log2(len(vocabulary)), rel=0.1)
    strange = PoemRecord(("鿫" * 5,) * 4, "五绝")
    model, _ = thaw(bundle)
    assert bits(model, vocabulary, [strange])["bits_per_char"] > np.log2(len(vocabulary)) + 10


def test_distinct() -> None:
    assert distinct([["明月明月"]], 2) == pytest.approx(2 / 3)
    assert distinct([]) == 0


def test_a_poem_is_never_without_a_title(bundle: Bundle) -> None:
    blank = {"theme": Theme(""), "mood": Mood(), "candidates": 1}
    (poem,) = write(Wishes(**blank, form="五绝"), bundle, [7])  # type: ignore[arg-type]
    (song,) = write(Wishes(**blank, tune="浣溪沙"), bundle, [7])  # type: ignore[arg-type]
    assert poem.title == "无题"
    assert song.text().startswith("浣溪沙\n\n")


def test_given_lines_against_the_form_relax_all_that_they_break(bundle: Bundle) -> None:
    (poem,) = write(request(form="五绝", lock=("3:平平平平平",), strict=False), bundle, [7])
    kept = {promise.name: promise.kept for promise in poem.report.promises}
    assert kept["tones"] == kept["tail"] == "relaxed"
