"""Finishes: size, colour kept, native detail, the same bytes for the same seed."""

import numpy as np
import pytest
from PIL import Image

from muse.art import colour
from muse.art.finishes import finish, texture, upscale
from muse.errors import UsageError
from muse.terms import Mood


@pytest.fixture(scope="module")
def scene() -> np.ndarray:
    """A small soft picture: sky, hills, a sun."""
    y, x = np.mgrid[0:128, 0:128] / 128
    sky = np.stack([0.55 + 0.3 * y, 0.6 + 0.2 * y, 0.75 - 0.2 * y], -1)
    hill = (y > 0.62 + 0.1 * np.sin(x * 9))[..., None]
    picture = np.where(hill, np.array([0.2, 0.35, 0.25]), sky)
    sun = (np.hypot(x - 0.7, y - 0.3) < 0.1)[..., None]
    return (np.where(sun, np.array([0.95, 0.5, 0.3]), picture) * 255).astype(np.uint8)


@pytest.mark.parametrize("name", list(finish.FINISHES))
def test_each_finish_keeps_the_colours_and_adds_detail_of_its_own(name: str, scene: np.ndarray) -> None:
    done = finish.finish(scene, name, 640, seed=3)
    assert done.mode == "RGB" and done.size == (640, 640)
    away = np.abs(np.asarray(done.resize((8, 8), Image.Resampling.BOX), int)
                  - np.asarray(Image.fromarray(scene).resize((8, 8), Image.Resampling.BOX), int))  # fmt: skip
    assert np.median(away) < (60 if name == "riso" else 30)
    plain = np.asarray(Image.fromarray(scene).resize((640, 640), Image.Resampling.BICUBIC).convert("L"), float)
    sharp = [np.abs(np.diff(grey, axis=0)).mean() for grey in (np.asarray(done.convert("L"), float), plain)]
    assert sharp[0] > sharp[1] * (0.8 if name == "flat" else 1.05)


@pytest.mark.parametrize("name", ["brush", "wash", "woodblock", "stars"])
def test_the_same_seed_gives_the_same_pixels_and_another_seed_others(name: str, scene: np.ndarray) -> None:
    first, again, other = (finish.finish(scene, name, 512, seed=s).tobytes() for s in (1, 1, 2))
    assert first == again != other


@pytest.mark.parametrize("name", list(finish.FINISHES))
@pytest.mark.parametrize("value", [0, 255])
def test_a_flat_picture_has_no_trouble(name: str, value: int) -> None:
    done = finish.finish(np.full((128, 128, 3), value, np.uint8), name, 512, seed=1, mood=Mood(1, 1, 1, 1, 1))
    assert done.size == (512, 512)


@pytest.mark.parametrize("pixels", [0, 511, 4097])
def test_sizes_out_of_bounds_are_refused(pixels: int, scene: np.ndarray) -> None:
    with pytest.raises(UsageError, match="512 to 4096"):
        finish.finish(scene, "film", pixels, seed=1)


def test_an_unknown_finish_is_refused(scene: np.ndarray) -> None:
    with pytest.raises(UsageError, match='did you mean "brush"'):
        finish.finish(scene, "brusch", 512, seed=1)


def test_odd_sizes_work(scene: np.ndarray) -> None:
    assert finish.finish(scene, "wash", 777, seed=1).size == (777, 777)


def test_enlarging_keeps_an_edge_narrow() -> None:
    step = np.zeros((32, 32, 3), np.uint8)
    step[:, 16:] = 255
    row = upscale.enlarge(step, 256)[128, :, 0]
    soft = np.asarray(Image.fromarray(step).resize((256, 256), Image.Resampling.BICUBIC))[128, :, 0] / 255
    width = [int(((r > 0.1) & (r < 0.9)).sum()) for r in (row, soft)]
    assert width[0] < width[1]


def test_directions_follow_stripes() -> None:
    y, x = np.mgrid[0:64, 0:64].astype(np.float32)
    for turn in (0.0, 0.6, 1.4):
        stripes = 0.5 + 0.5 * np.sin((x * -np.sin(turn) + y * np.cos(turn)) * 0.8)
        angle, sure = texture.directions(stripes.astype(np.float32), 3.0)
        assert abs(np.sin(angle[32, 32] - turn)) < 0.06 and sure[32, 32] > 0.7


def test_noise_is_the_same_for_its_names_and_centred() -> None:
    one, two = texture.noise(128, 20, 1, "a"), texture.noise(128, 20, 1, "b")
    assert np.array_equal(one, texture.noise(128, 20, 1, "a")) and not np.array_equal(one, two)
    assert abs(float(one.mean())) < 0.6


def test_strips_are_the_rows_of_the_whole() -> None:
    field = texture.noise(64, 10, 1, "x")
    whole = texture.resized(field, 300)
    parts = np.concatenate([texture.strip(field, 300, a, b) for a, b in texture.bands(300, 70)])
    assert np.abs(whole - parts).max() < 1e-4


def test_risograph_takes_given_inks() -> None:
    from muse.art.finishes.press import riso

    plate = np.full((64, 64, 3), 0.3, np.float32)
    done = np.asarray(riso(plate, 512, 1, ((0.9, 0.2, 0.2), (0.1, 0.1, 0.1))))
    assert colour.delta_e(colour.to_lab(done.reshape(-1, 3)[:9] / 255), colour.to_lab([0.96, 0.95, 0.91])).max() > 5
