"""Pairs that verse does not join: what grammar forbids is there, what verse does is not."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from muse.tables import english_pairs
from muse.tables.english_pairs import EDGE, joins, pack, table


@pytest.mark.parametrize(
    ("first", "second"),
    [("the", "of"), ("the", "the"), ("my", "thy"), ("the", ","), ("of", "."), ("and", EDGE), ("to", "is"), ("a", EDGE)],
)
def test_what_is_never_joined(first: str, second: str) -> None:
    assert not joins(first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [("the", "sea"), ("of", "the"), ("i", "am"), ("sea", EDGE), (EDGE, "and"), ("gloomth", "of"), ("love", ",")],
)
def test_what_is_joined(first: str, second: str) -> None:
    assert joins(first, second)


def test_lines_of_people_are_joined() -> None:
    lines = [
        "shall i compare thee to a summer's day ?", "thou art more lovely and more temperate :",
        "rough winds do shake the darling buds of may ,", "the curfew tolls the knell of parting day ,",
        "she walks in beauty , like the night", "because i could not stop for death —",
    ]  # fmt: skip
    pairs = [pair for line in lines for row in [[EDGE, *line.split(), EDGE]] for pair in pairwise(row)]
    assert [pair for pair in pairs if not joins(*pair)] == []


def test_the_table_is_packed_and_read_back(monkeypatch: pytest.MonkeyPatch) -> None:
    words, forbidden = table()
    assert forbidden.shape == (len(words), len(words)) and 10_000 < forbidden.sum() < 40_000
    packed = pack(list(words), forbidden)
    monkeypatch.setattr(english_pairs.Path, "read_bytes", lambda self: packed)
    again, same = table.__wrapped__()
    assert again == words and np.array_equal(same, forbidden)
