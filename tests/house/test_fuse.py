"""The binary fuse filter: every key is found, strangers as seldom as promised, and damage is seen before it is used."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse.fuse import Fuse, mixed


def words(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2**64, count, np.uint64)


@settings(max_examples=60, deadline=None)
@given(keys=st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=300), bits=st.integers(1, 16), near=st.booleans())
def test_every_key_is_found(keys: list[int], bits: int, near: bool) -> None:
    wanted = np.array([key % 997 if near else key for key in keys], np.uint64)
    fuse = Fuse.of(wanted, bits)
    assert fuse.whole and fuse.holds(wanted).all()
    again = Fuse.of(np.concatenate([wanted[::-1], wanted]), bits)
    assert again.cells.tobytes() == fuse.cells.tobytes() and again.seed == fuse.seed


@pytest.mark.parametrize("bits", [3, 7, 8, 11])
def test_strangers_are_taken_for_known_as_seldom_as_promised(bits: int) -> None:
    fuse = Fuse.of(words(60_000), bits)
    share = fuse.holds(words(400_000, 1)).mean()
    assert share == pytest.approx(2.0**-bits, rel=0.2)
    assert len(fuse.cells) * 8 < 60_000 * bits * 1.16


def test_the_shape_of_a_question_is_kept() -> None:
    fuse = Fuse.of(words(90), 9)
    assert fuse.holds(words(90).reshape(9, 10)).shape == (9, 10)
    assert fuse.holds(np.zeros(0, np.uint64)).shape == (0,)


def test_mixing_loses_nothing() -> None:
    some = np.concatenate([np.arange(5000, dtype=np.uint64), words(5000)])
    assert len(np.unique(mixed(some))) == 10_000


def test_damage_is_seen() -> None:
    good = Fuse.of(words(500), 8)
    assert good.whole
    for bad in (
        replace(good, cells=good.cells[:-1]),
        replace(good, cells=good.cells.astype(np.uint16)),
        replace(good, cells=good.cells[None]),
        replace(good, bits=0),
        replace(good, bits=17),
        replace(good, segment=good.segment - 1),
        replace(good, segment=0),
        replace(good, segments=1 << 40),
        replace(good, seed=-1),
    ):
        assert not bad.whole
