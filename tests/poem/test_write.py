import numpy as np
import pytest

from muse.bundle import Bundle
from muse.errors import BundleError, UsageError
from muse.poem.corpus import PoemRecord
from muse.poem.form import FORMS
from muse.poem.measure import bits, distinct, measure
from muse.poem.model import thaw
from muse.poem.novelty import Lines, Novel, hashes
from muse.poem.prefix import Fields
from muse.poem.write import PoemRequest, constraint, drafts, fields_of, form_for, title_of, write
from muse.tables.lexicon import interpret
from muse.terms import Mood, Theme


def request(text: str = "秋江夜泊", **wishes: object) -> PoemRequest:
    reading = interpret(text)
    return PoemRequest(**{"theme": reading.theme, "mood": reading.mood, "seed": 7, "candidates": 3, **wishes})  # type: ignore[arg-type]


@pytest.mark.parametrize("form", [*FORMS, "qilv"])
def test_a_poem_of_each_form(bundle: Bundle, form: str) -> None:
    (poem,) = write(request(form=form), bundle)
    assert poem.report.valid is True
    assert poem.title == "秋江夜泊" and poem.form in FORMS
    assert poem.recipe.bundles == {"poem-test": bundle.sha256}
    assert poem.features.season == "autumn" and poem.features.language == "zh"


def test_same_seed_same_poem(bundle: Bundle) -> None:
    one, other, third = (write(request(form="七绝", seed=seed), bundle)[0] for seed in (1, 1, 2))
    assert one.files() == other.files()
    assert one.lines != third.lines


def test_count(bundle: Bundle) -> None:
    several = write(request(form="五绝"), bundle, 3)
    assert len({poem.lines for poem in several}) == 3
    assert several[0].lines == write(request(form="五绝"), bundle)[0].lines


def test_normal_mode_says_so(bundle: Bundle) -> None:
    (poem,) = write(request(form="五律", strict=False), bundle)
    assert poem.report.valid in (True, "depends")
    assert any("two tones" in finding for finding in poem.report.findings)


def test_no_form_lets_the_seed_choose() -> None:
    assert {form_for(request(), seed).name for seed in range(40)} == set(FORMS)
    with pytest.raises(UsageError, match="qijue"):
        form_for(request(form="qijeu"), 0)


def test_title_and_prefix() -> None:
    assert title_of(request(title="无题")) == "无题"
    english = request("autumn river")
    assert all("\u4e00" <= character <= "\u9fff" for character in title_of(english))
    assert title_of(request("zzz")) == "zzz"
    assert fields_of(request("zzz"), FORMS["七绝"]) == Fields("七绝")
    assert "送别" in fields_of(request("渭城送别"), FORMS["七绝"]).themes
    gloomy = PoemRequest(Theme("月", "zh"), Mood(valence=-0.9, energy=0.9))
    assert fields_of(gloomy, FORMS["七绝"]).mood == (-1, 1)


def test_wrong_wishes(bundle: Bundle) -> None:
    with pytest.raises(UsageError):
        write(request(candidates=0), bundle)
    with pytest.raises(UsageError):
        write(request(form="十四行"), bundle)
    with pytest.raises(BundleError, match="writes no poems"):
        write(request(form="七绝"), Bundle({}, {**bundle.card, "kind": "music"}))


def test_known_lines_are_never_written(bundle: Bundle) -> None:
    """All lines that the model would write become known; it then writes none of them."""
    fields = [Fields("五绝")] * 4
    before = drafts(fields, [1, 2, 3, 4], bundle, novel=False)
    known = {line for draft in before for line in draft.lines}
    learned = Bundle({**bundle.weights, **Lines.of(known).weights()}, bundle.card)
    after = drafts(fields, [1, 2, 3, 4], learned, novel=True)
    assert not known & {line for draft in after for line in draft.lines}


def test_the_index_of_lines(bundle: Bundle, records: list[PoemRecord]) -> None:
    index = Lines.thaw(bundle)
    lines = {line for record in records for line in record.lines}
    assert all(line in index for line in lines)
    assert "" not in index
    others = [line[::-1] for line in lines if line[::-1] not in lines]
    assert sum(line in index for line in others) == 0
    assert len(np.unique(hashes(lines))) == len(lines)
    with pytest.raises(BundleError, match="damaged"):
        Lines.thaw(Bundle({**bundle.weights, "novelty.low": np.zeros(2, np.uint8)}, bundle.card))
    assert "月" not in Lines.of([])


def test_the_guard_agrees_with_the_index(bundle: Bundle) -> None:
    _, vocabulary = thaw(bundle)
    rule = constraint(bundle, FORMS["五绝"], vocabulary, True)
    random = np.random.default_rng(0)
    state = (rule.start(), ())
    tokens: list[int] = []
    guard = Novel(rule, vocabulary, Lines.of([]))
    while len(tokens) < 4:
        tokens.append(int(random.choice(np.flatnonzero(guard.mask(state)))))
        state = guard.advance(state, tokens[-1])
    choices = np.flatnonzero(guard.mask(state))
    forbidden = [vocabulary.decode([*tokens, int(c)]) for c in choices[:5]]
    shut = Novel(rule, vocabulary, Lines.of(forbidden)).mask(state)
    assert not shut[choices[:5]].any() and shut[choices[5:]].all()
    everything = Lines.of(vocabulary.decode([*tokens, int(c)]) for c in choices)
    assert Novel(rule, vocabulary, everything).mask(state).any()


def test_ranking_figures_are_log_probabilities(bundle: Bundle) -> None:
    for draft in drafts([Fields("七绝", title="春")] * 2, [1, 2], bundle):
        assert draft.wished < 0 and draft.plain < 0
    same = drafts([Fields("七绝")], [1], bundle)[0]
    assert same.wished == pytest.approx(same.plain, abs=1e-4)


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
