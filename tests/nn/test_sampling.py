"""Drawing: the right odds, never a masked token, and a rule that another program can follow."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse.errors import MuseError, UsageError
from muse.nn.sampling import Sampling, draw
from muse.seed import stream


def logits_of(*odds: float) -> np.ndarray:
    return np.log(np.array([odds], dtype=np.float32))


def support(how: Sampling, *odds: float) -> set[int]:
    """Tokens that an even sweep of numbers can reach."""
    sweep = np.linspace(0, 1, 2000, endpoint=False)
    rows = np.repeat(logits_of(*odds), len(sweep), 0)
    return set(draw(rows, np.ones_like(rows, dtype=bool), how, sweep).tokens.tolist())


def test_odds_are_the_models_own() -> None:
    odds = np.array([0.05, 0.15, 0.3, 0.5])
    rows = np.repeat(logits_of(*odds), 20_000, 0)
    drawn = draw(rows, np.ones_like(rows, dtype=bool), Sampling(), stream(1).random(20_000))
    seen = np.bincount(drawn.tokens, minlength=4)
    assert (((seen - odds * 20_000) ** 2) / (odds * 20_000)).sum() < 16.3  # chi-square, 3 degrees, p = 0.001
    np.testing.assert_allclose(drawn.free, np.log(odds)[drawn.tokens], atol=1e-6)


def test_temperature_sharpens() -> None:
    rows = np.repeat(logits_of(0.2, 0.8), 20_000, 0)
    drawn = draw(rows, np.ones_like(rows, dtype=bool), Sampling(temperature=0.5), stream(2).random(20_000))
    assert abs(drawn.tokens.mean() - 0.64 / 0.68) < 0.01
    assert support(Sampling(temperature=0), 0.2, 0.5, 0.3) == {1}


def test_truncations() -> None:
    odds = (0.1, 0.4, 0.05, 0.3, 0.15)
    assert support(Sampling(), *odds) == {0, 1, 2, 3, 4}
    assert support(Sampling(top_k=2), *odds) == {1, 3}
    assert support(Sampling(top_k=9), *odds) == {0, 1, 2, 3, 4}
    assert support(Sampling(top_p=0.65), *odds) == {1, 3}
    assert support(Sampling(top_p=0.71), *odds) == {1, 3, 4}
    assert support(Sampling(top_p=1e-9), *odds) == {1}
    assert support(Sampling(min_p=0.3), *odds) == {1, 3, 4}
    assert support(Sampling(top_k=3, top_p=0.5), *odds) == {1, 3}


@pytest.mark.parametrize("spread", [0.01, 3.0])
def test_top_p_on_a_large_vocabulary_is_the_sorted_one(spread: float) -> None:
    logits = stream(5).normal(size=(6, 3000), scale=spread).astype(np.float32)
    how, share = Sampling(top_p=0.9), 0.9
    reached = [set(), set(), set(), set(), set(), set()]
    for number in np.linspace(0, 1, 400, endpoint=False):
        drawn = draw(logits, np.ones_like(logits, dtype=bool), how, np.full(6, number))
        for line, token in enumerate(drawn.tokens):
            reached[line].add(int(token))
    for line in range(6):
        probability = np.exp(logits[line].astype(np.float64))
        probability /= probability.sum()
        order = np.argsort(-probability)
        nucleus = set(order[: int((np.cumsum(probability[order]) < share).sum()) + 1].tolist())
        assert reached[line] <= nucleus


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 2**32),
    st.floats(0, 4),
    st.integers(0, 8),
    st.floats(0.01, 1),
    st.floats(0, 1),
    st.sampled_from([0.0, 0.3, 1 - 2**-53]),
    st.sampled_from([1.0, 50.0, 1e4]),
)
def test_masked_tokens_are_never_drawn(
    seed: int, temperature: float, top_k: int, top_p: float, min_p: float, number: float, spread: float
) -> None:
    chance = stream(seed)
    logits = (chance.normal(size=(5, 12)) * spread).astype(np.float32)
    allowed = chance.random((5, 12)) < 0.3
    allowed[np.arange(5), chance.integers(0, 12, 5)] = True
    drawn = draw(logits, allowed, Sampling(temperature, top_k, top_p, min_p), np.full(5, number))
    assert allowed[np.arange(5), drawn.tokens].all()
    assert (drawn.free <= 1e-4).all() and (drawn.masked >= drawn.free - 1e-4).all()  # exp in fp32
    single = allowed.sum(1) == 1
    assert np.abs(drawn.masked[single]).max(initial=0) < 1e-9


def test_the_rule_can_be_replayed() -> None:
    """Weights in token order and fp64; the first cumulative one above u times the sum."""
    chance = stream(3)
    logits = chance.normal(size=(64, 300), scale=3).astype(np.float32)
    allowed = chance.random((64, 300)) < 0.5
    numbers = chance.random(64)
    drawn = draw(logits, allowed, Sampling(temperature=0.8), numbers)
    for line in range(64):
        ids = np.flatnonzero(allowed[line])
        values = logits[line, ids]
        weights = np.exp((values - values.max()).astype(np.float64) / 0.8)
        reached = np.cumsum(weights)
        assert ids[np.searchsorted(reached, numbers[line] * reached[-1], side="right")] == drawn.tokens[line]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_logits_that_are_no_numbers_raise(bad: float) -> None:
    logits = np.zeros((2, 4), dtype=np.float32)
    logits[1, 2] = bad
    with pytest.raises(MuseError, match="not numbers"):
        draw(logits, np.ones((2, 4), dtype=bool), Sampling(), np.zeros(2))


def test_bounds() -> None:
    for wrong in ({"temperature": -1.0}, {"top_k": -1}, {"top_p": 0.0}, {"min_p": 1.5}, {"temperature": float("nan")}):
        with pytest.raises(UsageError, match=next(iter(wrong))):
            Sampling(**wrong)
