"""What drafts are ranked by: each term tells what it is meant to tell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from muse.bundle import Bundle
from muse.poem.draft import Draft, drafts, plain
from muse.poem.parallel import inner, paired
from muse.poem.plan import plan
from muse.poem.rank import IMAGERY, KEPT, REPEAT, pairing, rank, score, weakest
from muse.poem.vocabulary import Vocabulary
from muse.poem.wishes import Wishes
from muse.tables.lexicon import interpret


@pytest.fixture(scope="module")
def draft(bundle: Bundle) -> Draft:
    reading = interpret("秋江夜泊")
    asked = plan(Wishes(reading.theme, reading.mood, form="七律", keywords=("2:月",)), bundle, 0)
    return drafts([asked], [3], bundle)[0]


def test_a_draft_has_a_figure_for_each_token(draft: Draft) -> None:
    assert len(draft.body.tokens) == len(draft.wished) == len(draft.own)
    assert int(draft.own.sum()) == 56 and (draft.wished < 0).all()


def test_the_weakest_couplet_counts(draft: Draft) -> None:
    even = np.where(draft.own, 1.0, 0.0)
    row = np.array(draft.body.row)
    assert weakest(draft, even) == 1.0
    assert weakest(draft, np.where(row == 5, 0.0, even)) == pytest.approx(0.5)  # line 5, the first of couplet 3


def test_repetition_imagery_and_keywords(draft: Draft) -> None:
    form = draft.wished.copy()
    same = replace(draft, lines=(draft.lines[0],) * 8)
    alike = 1 - len(set(same.text)) / 56 - (1 - len(set(draft.text)) / 56)
    assert rank(draft, form) - rank(same, form) == pytest.approx(
        REPEAT * alike + KEPT * _kept(draft) - KEPT * _kept(same)
    )
    assert rank(draft, form, draft.text[0]) - rank(draft, form) == pytest.approx(IMAGERY)
    with_it = replace(draft, lines=(draft.lines[0], "月" + draft.lines[1][1:], *draft.lines[2:]))
    assert _kept(with_it) == 1


def _kept(draft: Draft) -> int:
    return int("月" in draft.lines[1])


def test_which_couplets_are_to_be_paired() -> None:
    lines = [f"{number}" for number in range(12)]
    assert inner(lines[:8], "七律") == [("2", "3"), ("4", "5")]
    assert len(inner(lines, "五排")) == 4
    assert inner(lines[:2], "对联") == [("0", "1")] and inner(lines[:4], "七绝") == inner(lines[:6], "词") == []
    song = ["一" * 7] * 3 + ["二" * 7, "三" * 7, "四" * 7]
    assert inner(song, "词", "浣溪沙") == [("二" * 7, "三" * 7)]


def test_like_embeddings_answer_each_other(bundle: Bundle, vocabulary: Vocabulary, draft: Draft) -> None:
    weights = dict(bundle.weights)
    table = weights["tokens.weight"].astype(np.float32).copy()
    for one, other in zip("春山", "秋水", strict=True):
        table[vocabulary.ids[other]] = table[vocabulary.ids[one]]
    close = Bundle({**weights, "tokens.weight": table.astype(np.float16)}, bundle.card)
    assert paired("春山", "秋水", close) > 5 > abs(paired("春山", "水秋", close))
    assert paired("春山", "春山", close) == paired("", "", close) == 0  # the same word is no answer
    assert pairing(draft, bundle) == pytest.approx(
        np.mean([paired(upper, lower, bundle) for upper, lower in inner(draft.lines, "七律")])
    )


def test_scores_are_those_of_the_terms(bundle: Bundle, draft: Draft) -> None:
    (whole,) = score([draft], bundle)
    (form,) = plain([draft], bundle)
    assert whole == pytest.approx(rank(draft, form) + 0.6 * pairing(draft, bundle))
