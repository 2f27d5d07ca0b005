"""Dials: what is named moves, evenly and one way; what is not stays."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from muse.art import dials
from muse.art.colour import to_lab
from muse.errors import UsageError


def scene(seed: int, height: int = 96, width: int = 128) -> np.ndarray:
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(40, 200, (6, 8, 3)).astype(np.uint8)).resize((width, height), 3)
    return np.clip(np.asarray(small) + rng.normal(0, 6, (height, width, 1)), 0, 255).astype(np.uint8)


def measured(pixels: np.ndarray) -> np.ndarray:
    lab = to_lab(pixels)
    return dials.figures(lab, np.asarray(gaussian_filter(lab[..., 0], dials.FINE), np.float32))


@pytest.mark.parametrize("name", dials.DIALS)
def test_a_dial_moves_its_own_figure_and_holds_the_others(name: str) -> None:
    at = dials.DIALS.index(name)
    for seed in range(3):
        picture = scene(seed)
        turns = np.array([measured(dials.turned(picture, {name: value})) for value in (-0.6, -0.3, 0.0, 0.3, 0.6)])
        moved = (turns - turns[2]) / dials.TURN
        assert (np.diff(moved[:, at]) > 0.1).all()
        assert np.abs(np.delete(moved, at, 1)).max() < 0.2


def test_nought_is_the_picture_and_a_large_picture_moves_like_a_small_one() -> None:
    picture = scene(1)
    assert (dials.turned(picture, {"light": 0.0}) == picture).all()
    large = np.asarray(Image.fromarray(picture).resize((640, 480), Image.Resampling.BICUBIC))
    small, big = (dials.turned(p, {"light": 0.5}).astype(float).mean() - p.mean() for p in (picture, large))
    assert small == pytest.approx(big, abs=3) and big > 5


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_picture_of_one_colour_is_taken(shade: int) -> None:
    flat = np.full((9, 7, 3), shade, np.uint8)
    assert dials.turned(flat, dict.fromkeys(dials.DIALS, 1.0)).shape == flat.shape


@pytest.mark.parametrize("wish", [{"glow": 1}, {"light": 2}, {"light": True}, ["light"], ["light=much"]])
def test_refusals(wish: object) -> None:
    with pytest.raises(UsageError):
        dials.read_dials(wish)  # type: ignore[arg-type]


def test_dials_are_read_from_text() -> None:
    assert dials.read_dials(["light=+0.5", "warmth=−.25"]) == {"light": 0.5, "warmth": -0.25}
