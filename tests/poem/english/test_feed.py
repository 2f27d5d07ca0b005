"""English poems as batches: what stands where, what is scored, and that a batch hangs on its step alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from muse.errors import CorpusError, UsageError
from muse.nn.language import UNSCORED
from muse.poem.english.corpus import Verse
from muse.poem.english.draft import text_of
from muse.poem.english.feed import VerseFeed, collate, lay, syllables
from muse.poem.english.prefix import FIRST_COLUMN, LONGEST, Fields, Order, encode, era_of
from muse.poem.english.vocabulary import BREAK, END, SEPARATOR, STANZA, Vocabulary


@pytest.mark.parametrize("order", ["backward", "forward"])
def test_the_layout_reads_back_as_the_poem(verses: list[Verse], vocabulary: Vocabulary, order: Order) -> None:
    sounds = syllables(vocabulary)
    for verse in verses:
        laid = lay(verse.lines, verse.breaks, vocabulary, sounds, order)
        text = text_of(laid.tokens.astype(np.int64), vocabulary, order)
        assert text.split("\n\n")[0].splitlines() == list(verse.texts[: verse.breaks[0] if verse.breaks else None])
        assert laid.row.max() == len(verse.lines)


def test_backward_lines_begin_with_their_end_and_columns_count_syllables(
    verses: list[Verse], vocabulary: Vocabulary
) -> None:
    laid = lay(verses[0].lines, verses[0].breaks, vocabulary, syllables(vocabulary), "backward")
    names = [vocabulary.tokens[token] for token in laid.tokens]
    assert names[:5] == [",", "grey", "and", "cold", "is"]
    assert laid.col[:5].tolist() == [0, 0, 1, 2, 3]
    ends = [at for at, token in enumerate(laid.tokens) if token in (BREAK, STANZA, END)]
    assert [int(laid.tokens[at]) for at in ends] == [BREAK] * 3 + [STANZA] + [BREAK] * 3 + [END]
    assert laid.col[ends[0]] == 8


def test_syllables_of_words_pieces_and_marks(vocabulary: Vocabulary) -> None:
    count = {vocabulary.tokens[token]: int(number) for token, number in enumerate(syllables(vocabulary))}
    assert [count[name] for name in ("winter", "sea", "##e", "##z", ",", "<begin>")] == [2, 1, 1, 0, 0, 0]


def test_every_token_after_the_separator_is_scored(verses: list[Verse], vocabulary: Vocabulary) -> None:
    sounds = syllables(vocabulary)
    laid = [lay(verse.lines, verse.breaks, vocabulary, sounds, "backward") for verse in verses]
    prefixes = [encode(Fields("verse"), vocabulary), encode(Fields("verse", "ABAB"), vocabulary)]
    batch = collate(laid[:2], prefixes)
    for row, (poem, prefix) in enumerate(zip(laid, prefixes, strict=False)):
        scored = batch.target[row] != UNSCORED
        assert batch.target[row][scored].tolist() == poem.tokens.tolist()
        assert int(scored.nonzero()[0]) == prefix.index(SEPARATOR)
        assert batch.tokens[row, 1:][scored[:-1]].tolist() == poem.tokens[: int(scored[:-1].sum())].tolist()
        assert batch.row[row, : len(prefix)].tolist() == [0] * len(prefix)
        assert batch.col[row, len(prefix) - 1] == FIRST_COLUMN + len(prefix) - 1


def test_a_prefix_holds_what_it_is_asked_and_has_a_bound(vocabulary: Vocabulary) -> None:
    fields = Fields(
        "sonnet", "petrarchan", "iambic", "5", "1800", "A. Muse", (1, -1), ("sea", "love"), ("winter",), "snow"
    )
    names = [vocabulary.tokens[token] for token in encode(fields, vocabulary)]
    assert names == [
        "<begin>", "<form:sonnet>", "<scheme:petrarchan>", "<feet:iambic>", "<length:5>", "<era:1800>",
        "<author:A. Muse>", "<mood:+valence>", "<mood:-energy>", "<theme:sea>", "<theme:love>",
        "<key>", "winter", "<title>", "snow", "<separator>",
    ]  # fmt: skip
    assert len(encode(Fields("sonnet", keys=("z" * 30,) * 4, title="q" * 39), vocabulary)) <= LONGEST
    with pytest.raises(UsageError, match="sonet"):
        encode(Fields("sonet"), vocabulary)
    assert [era_of(year) for year in (0, 1799, 1800, 1850, 1913)] == ["", "1700", "1800", "1850", "1900"]


def test_a_batch_hangs_on_its_step_alone_and_an_epoch_takes_every_poem(
    verses: list[Verse], vocabulary: Vocabulary
) -> None:
    def feed() -> VerseFeed:
        return VerseFeed(verses * 5, vocabulary, tokens=300, seed=3, plain=0.2, order="backward")

    one, two = feed(), feed()
    assert torch.equal(two.batch(7, 0, 0, 1).tokens, one.batch(7, 0, 0, 1).tokens)
    assert not torch.equal(one.batch(0, 0, 0, 1).tokens, one.batch(0, 1, 0, 1).tokens)
    taken = np.concatenate(one._epoch(0))
    assert sorted(taken.tolist()) == list(range(15))
    assert one.batch(0, 0, 0, 2).tokens.shape == one.batch(0, 0, 0, 1).tokens.shape


def test_without_a_poem_there_is_no_feed(vocabulary: Vocabulary) -> None:
    with pytest.raises(CorpusError):
        VerseFeed([], vocabulary, tokens=300, seed=3, plain=0.2, order="backward")
