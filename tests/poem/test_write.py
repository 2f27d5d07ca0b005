import numpy as np
import pytest

from muse.bundle import Bundle
from muse.errors import BundleError, UsageError
from muse.poem.automaton import regulated
from muse.poem.corpus import PoemRecord
from muse.poem.course import thaw
from muse.poem.form import FORMS
from muse.poem.measure import bits, distinct, measure
from muse.poem.novelty import Lines, hashes
from muse.poem.prefix import Fields
from muse.poem.vocabulary import Vocabulary
from muse.poem.wishes import Wishes
from muse.poem.write import Draft, drafts, fields_of, form_for, plain_logprob, rank, title_of, write
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
    plain = drafts

    def counted(fields: list[Fields], *rest: object, **wishes: object) -> list[Draft]:
        asked.append(len(fields))
        return plain(fields, *rest, **wishes)  # type: ignore[arg-type]

    monkeypatch.setattr("muse.poem.write.drafts", counted)
    poems = write(request(candidates=30), bundle, range(10**6))
    for _ in range(3):
        next(poems)
    assert asked == [60, 60]


def test_one_candidate_needs_no_ranking(bundle: Bundle) -> None:
    (poem,) = write(request(form="五绝", candidates=1), bundle, [7])
    (draft,) = drafts([fields_of(request(), FORMS["五绝"])], [derive(7, "candidate", 0)], bundle)
    assert poem.lines == draft.lines


def test_normal_mode_says_so(bundle: Bundle) -> None:
    (poem,) = write(request(form="五律", strict=False), bundle, [7])
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
    gloomy = Wishes(Theme("月", "zh"), Mood(valence=-0.9, energy=0.9))
    assert fields_of(gloomy, FORMS["七绝"]).mood == (-1, 1)


def test_wrong_wishes(bundle: Bundle) -> None:
    with pytest.raises(UsageError):
        list(write(request(candidates=0), bundle, [7]))
    with pytest.raises(UsageError):
        list(write(request(form="十四行"), bundle, [7]))
    with pytest.raises(BundleError, match="writes no poems"):
        list(write(request(form="七绝"), Bundle({}, {**bundle.card, "kind": "music"}), [7]))


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
    assert "月" not in Lines.of([]) and not Lines.of([])
    again = Lines.thaw(Bundle({**bundle.weights, **index.weights()}, bundle.card))
    assert np.array_equal(again.offsets, index.offsets) and np.array_equal(again.low, index.low)


@pytest.mark.parametrize(
    "change",
    [
        {"novelty.low": np.zeros(2, np.uint8)},
        {"novelty.low": np.zeros(3, np.uint8)},
        {"novelty.low": np.zeros((1, 2), np.uint8)},
        {"novelty.low": np.zeros(2, np.float16)},
        {"novelty.counts": np.zeros(9, np.int32)},
        {"novelty.counts": np.full(1 << 16, np.nan, np.float32)},
        {"novelty.counts": np.array([2, -1] * (1 << 15), np.int32), "novelty.low": np.zeros(1 << 16, np.uint8)},
    ],
)
def test_a_damaged_index(bundle: Bundle, change: dict[str, np.ndarray]) -> None:
    with pytest.raises(BundleError, match="damaged"):
        Lines.thaw(Bundle({**bundle.weights, **change}, bundle.card))


def test_the_automaton_refuses_what_the_index_holds(vocabulary: Vocabulary) -> None:
    form = FORMS["五绝"]
    random = np.random.default_rng(0)
    guard = regulated(form, vocabulary)
    state, tokens = guard.start(), []
    while guard.place(state) != (2, 4):
        tokens.append(int(random.choice(np.flatnonzero(guard.mask(state)))))
        state = guard.advance(state, tokens[-1])
    choices = np.flatnonzero(guard.mask(state))
    lines = [vocabulary.decode([*tokens[-4:], int(c)]) for c in choices]

    def left(known: list[str]) -> list[int]:
        shut = regulated(form, vocabulary, refused=Lines.of(known).refused(vocabulary))
        there = shut.start()
        for token in tokens:
            there = shut.advance(there, token)
        return np.flatnonzero(shut.mask(there)).tolist()

    assert left(lines[:5]) == choices[5:].tolist()
    assert left(lines) == choices.tolist()  # the only way on is never blocked


def test_ranking(bundle: Bundle) -> None:
    made = drafts([Fields("七绝", title="春")] * 2 + [Fields("五律")], [1, 2, 3], bundle)
    plain = plain_logprob(made, bundle)
    wished = np.array([draft.wished for draft in made])
    assert (wished < 0).all() and (plain < 0).all()
    assert wished[2] == pytest.approx(plain[2], abs=1e-4)  # the form is all that was wished
    assert wished[0] != pytest.approx(plain[0], abs=1e-4)
    worse = plain.copy()
    worse[0] -= 0.1
    assert rank(made, worse, "")[0] > rank(made, plain, "")[0]
    first, other = ("".join(draft.lines) for draft in made[:2])
    praised = next(character for character in first if character not in other)
    gain = rank(made, plain, praised) - rank(made, plain, "")
    assert gain[0] > 0 and gain[1] == 0


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
