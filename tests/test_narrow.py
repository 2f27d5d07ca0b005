"""Weights in one byte: what is narrowed comes back exactly, and is near to what it was."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse.errors import BundleError
from muse.narrow import GROUP, narrow, packed, slim, widened
from muse.tensors import CODES, pack, unpack


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 700), st.floats(-6, 1.5), st.integers(0, 2**32 - 1))
def test_narrow_weights_come_back_exactly(size: int, power: float, seed: int) -> None:
    weights = (np.random.default_rng(seed).standard_normal(size) * 10.0**power).astype(np.float32)
    small = narrow(weights)
    parts = packed(small)
    assert parts is not None
    assert np.array_equal(widened(*parts, size), small) and np.array_equal(narrow(small), small)
    groups = np.zeros(-(-size // GROUP) * GROUP)
    groups[:size] = np.abs(weights)
    most = groups.reshape(-1, GROUP).max(1).repeat(GROUP)[:size]
    assert (np.abs(small.astype(np.float64) - weights) <= np.maximum(most / 226, 2.0**-22) * 1.0001).all()


def test_a_file_of_narrow_weights_is_half_as_long_and_reads_the_same() -> None:
    random = np.random.default_rng(3)
    wide = random.standard_normal((96, 130)).astype(np.float16)
    arrays = {"w": narrow(wide), "gain": np.ones(8, np.float16), "ids": np.arange(-4, 4, dtype=np.int8)}
    data = pack(arrays, "card")
    assert len(data) < len(pack({**arrays, "w": wide}, "card")) - wide.size * 0.9
    again, text = unpack(data, "a file")
    assert text == "card" and again.keys() == arrays.keys()
    for name, array in arrays.items():
        assert again[name].dtype == array.dtype and np.array_equal(again[name], array)
        assert not again[name].flags.writeable
    assert pack(again, "card") == data


def test_weights_that_do_not_fit_stay_as_they_are() -> None:
    assert packed(np.array([0.1, 0.2, 0.31], np.float16)) is None
    assert packed(np.array([np.nan], np.float16)) is None
    few = np.random.default_rng(0).standard_normal(100).astype(np.float32)
    assert np.array_equal(slim(few), few.astype(np.float16))


@pytest.mark.parametrize("codes", [np.zeros(3, np.uint8), np.zeros(2, np.int8), np.zeros((2, 1), np.uint8)])
def test_codes_that_do_not_fit_are_refused(codes: np.ndarray) -> None:
    data = pack({"w": np.zeros(100, np.int8), "w" + CODES: codes}, "card")
    with pytest.raises(BundleError, match="do not fit"):
        unpack(data, "a file")
