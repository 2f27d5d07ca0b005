"""Verse and prose of any script: shape, length and end hold whatever the weights are."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse.bundle import Bundle
from muse.errors import BundleError, UsageError, WishError
from muse.poem.novelty import Index
from muse.poem.script.shape import GRAM, Prose, State, Verse, repeated
from muse.poem.script.spelling import BREAK, END, STANZA, Spelling
from muse.poem.script.write import units, write
from muse.poem.wishes import Wishes
from muse.terms import Theme
from muse.verbs import learn, lessons

sys.path.insert(0, str(Path(__file__).parents[1] / "own"))
import random

from made_up import STEPS, russian, story


def trained(folder: Path, name: str, text: str) -> Bundle:
    (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    plan = learn.plan("poem", corpus=folder / f"{name}.txt", size="tiny", sets=STEPS, out=folder / name, name=name,
                      device="cpu")  # fmt: skip
    return Bundle.load(learn.carry_out(plan).path)


@pytest.fixture(scope="module")
def verse(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return trained(tmp_path_factory.mktemp("a"), "ru", "\n\n\n\n".join(russian(40)))


@pytest.fixture(scope="module")
def prose(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    draw = random.Random(4)
    return trained(tmp_path_factory.mktemp("b"), "stories", "\n\n***\n\n".join(story(draw) for _ in range(20)))


def ask(bundle: Bundle, seeds: tuple[int, ...] = (1, 2), **wishes: object) -> list[object]:
    return list(write(Wishes(Theme("мороз"), candidates=2, **wishes), bundle, seeds))  # type: ignore[arg-type]


def test_the_card(verse: Bundle, prose: Bundle) -> None:
    assert (verse.card["language"], verse.card["form"], prose.card["language"]) == ("ru", "verse", "en")
    assert verse.card["shapes"] == {"4-4": 36} and prose.card["form"] == "prose"
    assert verse.card["metrics"]["nats_per_char_after"] > 0 and verse.card["corpus"]["held"] == 4
    assert Index.thaw(verse)


@pytest.mark.parametrize("form", ["4-4", "1-2-3", "14", "2"])
def test_lines_and_stanzas_are_as_asked(verse: Bundle, form: str) -> None:
    sizes = list(map(int, form.split("-")))
    for poem in ask(verse, form=form):
        assert len(poem.lines) == sum(sizes) and all(poem.lines)  # type: ignore[attr-defined]
        assert list(poem.stanzas) == np.cumsum(sizes)[:-1].tolist()  # type: ignore[attr-defined]
        assert poem.report.promises[0].kept and poem.language == "ru" and poem.form == form  # type: ignore[attr-defined]


def test_a_form_is_drawn_from_the_corpus_or_free(verse: Bundle) -> None:
    assert {poem.form for poem in ask(verse)} == {"4-4"}  # type: ignore[attr-defined]
    for poem in ask(verse, form="free"):
        assert 4 <= len(poem.lines) <= 24  # type: ignore[attr-defined]
    assert [len(poem.lines) for poem in ask(verse, length="7", first_line="мороз и вечер")] == [7, 7]  # type: ignore[attr-defined]
    assert ask(verse, first_line="мороз и вечер")[0].lines[0] == "мороз и вечер"  # type: ignore[attr-defined]
    assert [poem.lines for poem in ask(verse)] == [poem.lines for poem in ask(verse)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("length", ["12", "60", "700"])
def test_a_story_has_its_length_and_ends(prose: Bundle, length: str) -> None:
    for poem in ask(prose, length=length, form="prose"):
        words = sum(len(line.split()) for line in poem.lines)  # type: ignore[attr-defined]
        assert 0.7 * int(length) <= words <= 1.7 * int(length) + 12
        assert poem.lines[-1].rstrip("”\"'»")[-1] in ".!?…" and poem.form == "prose"  # type: ignore[attr-defined]
        assert all(line.rstrip("”\"'»")[-1] in ".!?…" for line in poem.lines)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("wishes", "error"),
    [
        ({"form": "sonnet"}, UsageError),
        ({"form": "prose"}, UsageError),
        ({"form": "41"}, UsageError),
        ({"length": "many"}, UsageError),
        ({"rhyme": "ой"}, WishError),
        ({"acrostic": "мир"}, WishError),
        ({"forbid": tuple("аеиоуыэюя")}, None),
    ],
)
def test_wishes_that_cannot_be_met(verse: Bundle, wishes: dict[str, object], error: type[Exception] | None) -> None:
    if error is None:
        assert not any(set(line) & set("аеиоуыэюя") for poem in ask(verse, **wishes) for line in poem.lines)  # type: ignore[attr-defined]
        return
    with pytest.raises(error):
        ask(verse, **wishes)


def test_other_bundles(verse: Bundle, prose: Bundle) -> None:
    with pytest.raises(BundleError):
        ask(Bundle(verse.weights, {**verse.card, "tokenizer": None}))
    with pytest.raises(UsageError, match="stories"):
        ask(prose, form="4-4")


def test_a_bundle_is_measured_and_tuned(verse: Bundle, tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text(
        "\n\n\n\n".join(text.replace("мороз", "щегол") for text in russian(12)), encoding="utf-8"
    )
    figures = lessons.measure(verse, tmp_path / "b.txt", split="all")
    assert figures["poems"] == 12 and 0 < figures["bits_per_char"] < 12
    start = verse.save(tmp_path / "ru.safetensors")
    plan = learn.plan("poem", corpus=tmp_path, size="tiny", sets=STEPS, start=start, out=tmp_path / "run", device="cpu")
    card = learn.carry_out(plan).bundle.card
    assert card["metrics"]["nats_per_char_after"] < card["metrics"]["nats_per_char_before"]


@given(st.integers(0, 2**32), st.sampled_from([(4, 4), (3,), ()]))
@settings(max_examples=8)
def test_verse_never_runs_into_a_wall(seed: int, stanzas: tuple[int, ...]) -> None:
    spelling, draw = Spelling.learned(["мороз и солнце", "день чудесный."] * 20), np.random.default_rng(seed)
    rule = Verse(spelling, np.zeros(len(spelling), np.bool_), State(), stanzas, longest=5)
    state = rule.start()
    while not rule.done(state):
        choices = np.flatnonzero(rule.mask(state))
        assert len(choices)
        state = rule.advance(state, int(draw.choice(choices)))
    assert state.line == sum(stanzas) or (not stanzas and 4 <= state.line <= 24)
    pairs = zip(state.written, state.written[1:], strict=False)
    assert state.written[-1] == END and not any({a, b} <= {BREAK, STANZA, END} for a, b in pairs)


@given(st.integers(0, 2**32), st.integers(10, 40), st.sampled_from(["en", "ja"]))
@settings(max_examples=8)
def test_prose_always_ends_with_a_sentence(seed: int, wished: int, code: str) -> None:
    texts = {"en": ["The fox said: “No!” It ended."] * 20, "ja": ["古池や蛙飛びこむ。「水の音。」"] * 20}
    spelling, draw = Spelling.learned(texts[code]), np.random.default_rng(seed)
    rule = Prose(spelling, np.zeros(len(spelling), np.bool_), State(), wished, 10_000)
    state = rule.start()
    while not rule.done(state):
        choices = np.flatnonzero(rule.mask(state))
        assert len(choices)
        state = rule.advance(state, int(draw.choice(choices)))
    before = state.written[:-1]
    assert state.written[-1] == END and (spelling.stops[before[-1]] or spelling.closers[before[-1]])
    assert 0.8 * wished <= state.size <= 1.6 * wished + 20


def test_runs_of_tokens_do_not_come_again() -> None:
    run = tuple(range(100, 100 + GRAM))
    assert repeated((*run, 7 + END, *run[:-1])).tolist() == [run[-1]]
    assert len(repeated(run)) == 0 and len(repeated((*run, BREAK, *run[: GRAM - 2]))) == 0


def test_units() -> None:
    assert units("Мороз и солнце", False) == ["Мороз и солнце"]
    assert units("他来了。他说今天的天气真是很好。", True) == ["他说今天的天气真是很好。"]
