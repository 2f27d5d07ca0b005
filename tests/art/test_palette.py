"""Colours: conversions, the palette of a picture, palettes that are given, and moving a picture onto one."""

import numpy as np
import pytest

from muse.art import colour, palette
from muse.errors import UsageError


def test_lab_and_back_for_every_corner_of_the_cube() -> None:
    grid = np.stack(np.meshgrid(*[np.linspace(0, 1, 9)] * 3), -1).reshape(-1, 3).astype(np.float32)
    assert np.abs(colour.to_rgb(colour.to_lab(grid)) - grid).max() < 2e-3


@pytest.mark.parametrize(("code", "wanted"), [("#ff0000", (53.2, 80.1, 67.2)), ("#808080", (53.6, 0, 0))])
def test_lab_of_known_colours(code: str, wanted: tuple[float, ...]) -> None:
    assert np.abs(colour.lab_of((code,))[0] - wanted).max() < 0.2


def test_every_named_palette_is_five_colours_that_survive_lab() -> None:
    for name, colours in palette.PALETTES.items():
        assert len(colours) == 5, name
        assert colour.hex_of(colour.lab_of(colours)) == colours, name


def test_the_palette_of_a_picture_is_its_colours_of_a_picture_and_their_shares() -> None:
    tones = np.array([[0.1, 0.1, 0.2], [0.8, 0.2, 0.1], [0.9, 0.9, 0.8]], np.float32)
    picture = np.repeat(np.repeat(tones[np.arange(90) * 3 // 90][None], 90, 0), 1, 1)
    found, weights = palette.palette_of(picture, 3)
    assert colour.delta_e(palette.ordered(found), colour.to_lab(tones)).max() < 3
    assert weights.sum() == pytest.approx(1) and weights.min() > 0.25


def test_palettes_are_the_same_twice_and_for_one_flat_colour() -> None:
    rng = np.random.default_rng(1)
    picture = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    assert np.array_equal(palette.palette_of(picture)[0], palette.palette_of(picture)[0])
    flat, weights = palette.palette_of(np.full((8, 8, 3), 0.4, np.float32))
    assert np.isfinite(flat).all() and weights.sum() == pytest.approx(1)


def test_colours_are_read_from_names_lists_and_strings() -> None:
    assert palette.hexes("autumn") == palette.PALETTES["autumn"]
    assert palette.hexes(("#ABC", "102030")) == ("#aabbcc", "#102030")
    assert palette.hexes(("jade",)) == palette.PALETTES["jade"]


@pytest.mark.parametrize("text", ["atumn", "#12", "", "#000 " * 13])
def test_no_colours_are_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        palette.hexes(text)


def test_a_near_name_is_suggested() -> None:
    with pytest.raises(UsageError, match='did you mean "autumn"'):
        palette.hexes("atumn")


@pytest.mark.parametrize("name", ["autumn", "sea", "mono", "neon"])
def test_a_picture_moved_onto_a_palette_is_near_it(name: str) -> None:
    rng = np.random.default_rng(3)
    soft = rng.random((16, 16, 3)).repeat(4, 0).repeat(4, 1).astype(np.float32)
    moved = palette.toward(soft, palette.PALETTES[name], 0.9)
    before, after = (palette.distance(p, palette.PALETTES[name]) for p in (soft, moved))
    assert after < before and after < 16
    assert moved.min() >= 0 and moved.max() <= 1


def test_light_stays_light_when_colours_move() -> None:
    ramp = np.linspace(0, 1, 32, dtype=np.float32)[:, None, None].repeat(32, 1).repeat(3, 2)
    light = colour.to_lab(palette.toward(ramp, palette.PALETTES["ember"], 1.0))[:, 0, 0]
    assert (np.diff(light) > -0.5).all()


def test_strength_nothing_moves_nothing() -> None:
    picture = np.random.default_rng(0).random((8, 8, 3)).astype(np.float32)
    assert np.abs(palette.toward(picture, ("#ff0000",), 0.0) - picture).max() < 3e-3


def test_bytes_and_floats_are_the_same_colours() -> None:
    pixels = np.random.default_rng(5).integers(0, 256, (9, 9, 3), dtype=np.uint8)
    assert np.abs(colour.to_lab(pixels) - colour.to_lab(pixels / 255)).max() < 1e-3
    assert np.array_equal(colour.to_bytes(colour.to_lab(pixels)), pixels)


@pytest.mark.parametrize("colours", [("#c33322",), ("#000000",), ("#ffffff",), ("#20c4d9", "#20d9c4")])
def test_a_palette_of_one_lightness_is_given_shades_and_tints(colours: tuple[str, ...]) -> None:
    full = palette.whole(colours)
    light = colour.lab_of(full)[:, 0]
    assert set(colours) <= set(full) and (np.diff(light) > 0).all() and np.ptp(light) > 70
    assert palette.whole(full) == full


def test_a_palette_that_spans_is_left_as_it_is() -> None:
    assert palette.whole(palette.PALETTES["autumn"]) == palette.PALETTES["autumn"]
