"""The distances between sets of features, at their ends and against plain sums."""

from __future__ import annotations

import numpy as np
import pytest

from muse.art.measure.distances import kid, kid_interval, manifold, memorised, spread
from muse.art.measure.probe import probe

RNG = np.random.default_rng(0)


def test_kid_is_the_plain_sum_over_pairs() -> None:
    a, b = RNG.normal(size=(5, 3)), RNG.normal(size=(4, 3))

    def kernel(x: np.ndarray, y: np.ndarray) -> float:
        return float((x @ y / 3 + 1) ** 3)

    plain = (
        np.mean([kernel(a[i], a[j]) for i in range(5) for j in range(5) if i != j])
        + np.mean([kernel(b[i], b[j]) for i in range(4) for j in range(4) if i != j])
        - 2 * np.mean([kernel(x, y) for x in a for y in b])
    )
    assert kid(a, b) == pytest.approx(plain)


def test_kid_knows_same_from_other_and_how_sure_it_is() -> None:
    a, b, c = RNG.normal(size=(80, 16)), RNG.normal(size=(80, 16)), RNG.normal(size=(80, 16)) + 1
    assert abs(kid(a, b)) < 0.1 < kid(a, c)
    low, high = kid_interval(a, c)
    assert low < kid(a, c) < high
    few = np.mean([np.diff(kid_interval(a[n : n + 10], c[n : n + 10])) for n in range(0, 80, 10)])
    assert few > high - low
    assert kid_interval(a, c) == (low, high) != kid_interval(a, c, seed=1)


def test_the_interval_holds_zero_for_one_source() -> None:
    hits = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        low, high = kid_interval(rng.normal(size=(60, 8)), rng.normal(size=(60, 8)), seed)
        hits += low < 0 < high
    assert hits >= 16


def test_the_manifold_figures_at_their_ends() -> None:
    real = RNG.normal(size=(60, 4))
    same, far = manifold(real, real + 1e-9), manifold(real, real + 100)
    assert same["precision"] == same["recall"] == same["coverage"] == 1
    assert far["precision"] == far["recall"] == far["coverage"] == far["density"] == 0
    one = manifold(real, np.repeat(real[:1], 60, 0))
    assert one["precision"] == 1 and one["coverage"] < 0.5


def test_copies_are_found_out() -> None:
    train, held = RNG.normal(size=(60, 8)), RNG.normal(size=(40, 8))
    copied = memorised(train, held, train[:30])
    assert copied["memorised_share"] == 1 and copied["memorised_passed"] is False
    honest = memorised(train, held, held + 1e-6)
    assert honest["memorised_ratio"] == pytest.approx(1, abs=1e-3)
    far = np.concatenate([held + 3] * 5)
    assert memorised(train, held, far)["memorised_passed"] is True
    few = memorised(train, held, np.concatenate([far, train[:5]]))
    assert few["memorised_share"] == 5 / 205 and few["memorised_ratio"] > 1 and few["memorised_passed"] is False


def test_the_spread_is_a_share_of_the_real_one() -> None:
    real = RNG.normal(size=(40, 6))
    assert spread(real, 0.5 * real) == pytest.approx(0.5)
    assert spread(real, np.repeat(real[:1], 9, 0)) == pytest.approx(0, abs=1e-6)


def test_the_probe_learns() -> None:
    labels = np.arange(90) % 3
    features = RNG.normal(size=(90, 5)) + 3 * np.eye(5)[labels]
    assert (probe(features, labels, 3)(features) == labels).mean() > 0.9
