"""Long-range form, on tunes whose form is known."""

from __future__ import annotations

import numpy as np
import pytest

from muse.music.shape import FURTHEST, by_distance, error, shape
from muse.music.theory import Meter

A = [(0, 24, 60), (24, 12, 62), (36, 12, 64)]
B = [(0, 12, 67), (12, 12, 65), (24, 24, 64)]
C = [(0, 12, 71), (12, 12, 72), (24, 24, 64)]  # the rhythm of B, and one of its notes
FOUR = Meter(4, 4)


def tune(*bars: list[tuple[int, int, int]], pickup: int = 0) -> list[tuple[int, int, int]]:
    return [(pickup + 48 * at + tick, length, pitch) for at, bar in enumerate(bars) for tick, length, pitch in bar]


def test_a_form_is_read_off() -> None:
    found = shape(tune(A, B, A, C), FOUR, 0, 192)
    assert found.melody[0].tolist() == [1, 0, 1, 0]
    assert found.melody[1, 3] == pytest.approx(1 / 5) and found.rhythm[1, 3] == 1
    assert found.repeated() == pytest.approx(1 / 3) and found.repeated("rhythm") == pytest.approx(2 / 3)
    assert found.loop == 1 and (found.melody == found.melody.T).all()


def test_a_loop_is_counted_and_a_pickup_is_not_a_bar() -> None:
    found = shape([(0, 12, 50), *tune(A, B, B, B, pickup=12)], FOUR, 12, 12 + 4 * 48 + 10)
    assert len(found) == 4 and found.loop == 3
    assert shape([], FOUR, 0, 0).loop == 0 and np.isnan(shape(A, FOUR, 0, 48).repeated())


def test_silent_bars_are_alike() -> None:
    assert shape(A, FOUR, 0, 144).melody.tolist() == [[1, 0, 0], [0, 1, 1], [0, 1, 1]]


def test_likeness_by_distance_shows_the_period() -> None:
    period = shape(tune(*[A, B, C, A] * 6), FOUR, 0, 24 * 48)
    along = by_distance([period])
    assert len(along) == FURTHEST and along[3] == along[7] == along[15] == 1 > along[0] > 0
    short = by_distance([shape(tune(A, B), FOUR, 0, 96)])
    assert short[0] == 0 and np.isnan(short[1:]).all()
    both = by_distance([period, shape(tune(A, B), FOUR, 0, 96)])
    assert both[0] == pytest.approx(along[0] * 23 / 24) and both[1] == along[1]


def test_the_error_is_that_of_the_shared_distances() -> None:
    one, other = np.array([0.5, 0.2, np.nan]), np.array([0.1, np.nan, 0.3])
    assert error(one, other) == pytest.approx(0.4) and error(one, one) == 0
    assert np.isnan(error(np.array([np.nan]), np.array([1.0])))
