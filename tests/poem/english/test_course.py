"""A tiny course over English verse: it learns, and its figures are what they say."""

from __future__ import annotations

import lzma
import math
from pathlib import Path

import pytest
import torch

from muse.bundle import Bundle
from muse.nn.transformer import Transformer
from muse.poem.english.corpus import Verse
from muse.poem.english.course import RUN, course
from muse.poem.english.look import SHOWN, look
from muse.poem.english.measure import bits, deepspeare, distinct, measure
from muse.poem.english.model import VerseSettings, shape
from muse.poem.english.vocabulary import Vocabulary
from muse.settings import RunSettings


def test_it_learns_and_looks(corpus: Path) -> None:
    run = RunSettings.of({**RUN[""], **RUN["tiny"], "batch": 400, "steps": 30, "warmup": 5})
    made = course(VerseSettings.load("tiny"), run, corpus)
    assert made.feed.size()["lines"] == 20
    losses = [made.objective.step([made.feed.batch(step, 0, 0, 1)], step)["loss"] for step in range(30)]
    assert losses[-1] < 0.7 * losses[0]
    figures = made.objective.figures(30)
    assert figures["bits_per_char"] < figures["bits_per_word"] < 20
    assert figures["loss"] == pytest.approx(figures["bits_per_word"] * math.log(2))
    text = made.objective.sample(30)["poems.txt"].decode()
    assert all(f"[{fields.form}]" in text for fields in SHOWN)


def test_an_untrained_model_costs_what_chance_does(verses: list[Verse], vocabulary: Vocabulary) -> None:
    model = Transformer(shape(VerseSettings.load("tiny"), vocabulary)).eval()
    with torch.no_grad():
        model.tokens.weight.zero_()
    figures = bits(model, vocabulary, verses, "backward")
    assert figures["nats_per_token"] == pytest.approx(math.log(len(vocabulary)), rel=1e-4)
    assert figures["words"] == sum(len(text.replace("-", " ").split()) for verse in verses for text in verse.texts)


def test_what_is_looked_at_is_made_of_whole_words(vocabulary: Vocabulary) -> None:
    torch.manual_seed(0)
    model = Transformer(shape(VerseSettings.load("tiny"), vocabulary)).eval()
    for line in look(model, vocabulary, "backward", 1).splitlines():
        assert "^" not in line and "#" not in line and "<" not in line
        assert not line or line[0].isupper() or line[0] in "['"


def test_sonnets_of_deepspeare_are_read_as_verse(tmp_path: Path) -> None:
    text = "the king 's assum 'd art , <eos> to day <eos>\nthe £ <eos>\n"
    (tmp_path / "a.txt.xz").write_bytes(lzma.compress(text.encode()))
    ((verse, tokens),) = deepspeare(tmp_path / "a.txt.xz")
    assert verse.texts == ("The king's assum'd art,", "To day")
    assert tokens == 11


def test_sonnets_that_leaked_into_the_training_part_are_left_out_of_the_clean_figures(
    tmp_path: Path, verse_bundle: Bundle
) -> None:
    known, fresh = "the sea is cold <eos> the land is dark <eos>", "the night is old <eos> the hill is still <eos>"
    (tmp_path / "sonnet_train.txt").write_text(known)
    (tmp_path / "sonnet_valid.txt").write_text(f"{known}\n{fresh}\n")
    figures = measure(verse_bundle, tmp_path / "sonnet_valid.txt")
    assert (figures["poems"], figures["poems_clean"]) == (2, 1)
    assert figures["bits_per_token"] * 20 == pytest.approx(figures["bits_per_word"] * 16)
    assert "poems_clean" not in measure(verse_bundle, tmp_path / "sonnet_train.txt")


def test_a_bundle_is_measured_on_a_corpus(corpus: Path, verse_bundle: Bundle) -> None:
    figures = measure(verse_bundle, corpus, limit=2)
    assert figures["poems"] == 2 and figures["bits_per_word"] > 5 and figures["bits_per_char"] > 1


def test_distinct_counts_pairs_within_lines() -> None:
    assert distinct([["The sea, the sea"], ["The sea"]]) == 2 / 4
