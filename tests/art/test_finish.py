"""Finishes: any size and aspect, colour kept, native detail, no seams, moods heard, the same bytes for a seed."""

import resource
import subprocess
import sys
from functools import cache

import numpy as np
import pytest
from PIL import Image

from muse.art.finishes import finish, press, silk, spot, texture, upscale
from muse.art.finishes.finish import FINISHES, STYLE_FINISH
from muse.errors import UsageError
from muse.terms import Mood

NAMES = list(FINISHES)
LOUD = Mood(valence=0.9, energy=0.9, tension=0.9, warmth=0.9, density=0.9)
COARSE = ("riso", "halftone")  # their inks are few, so colours are kept less


@cache
def scene() -> np.ndarray:
    """A small soft picture: sky, hills, a sun."""
    y, x = np.mgrid[0:128, 0:128] / 128
    sky = np.stack([0.55 + 0.3 * y, 0.6 + 0.2 * y, 0.75 - 0.2 * y], -1)
    hill = (y > 0.62 + 0.1 * np.sin(x * 9))[..., None]
    picture = np.where(hill, np.array([0.2, 0.35, 0.25]), sky)
    sun = (np.hypot(x - 0.7, y - 0.3) < 0.1)[..., None]
    return (np.where(sun, np.array([0.95, 0.5, 0.3]), picture) * 255).astype(np.uint8)


@cache
def drawn(name: str, seed: int = 3) -> Image.Image:
    return finish.finish(scene(), name, 520, seed)


def grey(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("L"), float)


@pytest.mark.parametrize("name", NAMES)
def test_each_finish_keeps_the_colours_and_adds_detail_of_its_own(name: str) -> None:
    done = drawn(name)
    assert done.mode == "RGB" and done.size == (520, 520)
    away = np.abs(np.asarray(done.resize((8, 8), Image.Resampling.BOX), int)
                  - np.asarray(Image.fromarray(scene()).resize((8, 8), Image.Resampling.BOX), int))  # fmt: skip
    assert np.median(away) < (70 if name in COARSE else 30)
    plain = grey(Image.fromarray(scene()).resize((520, 520), Image.Resampling.BICUBIC))
    sharp = [np.abs(np.diff(picture, axis=0)).mean() for picture in (grey(done), plain)]
    assert sharp[0] > sharp[1] * 1.05


@pytest.mark.parametrize("name", NAMES)
def test_on_a_broad_picture_marks_are_as_large_as_on_a_square_one(name: str) -> None:
    square = grey(drawn(name))
    broad = finish.finish(np.concatenate([scene(), scene()[:, :32]], 1), name, (520, 650), seed=3)
    assert broad.size == (650, 520)
    rough = [np.abs(np.diff(part, axis=0)).mean() for part in (square, grey(broad)[:, :520], grey(broad)[:, 130:])]
    assert max(rough) < 1.5 * min(rough)


@pytest.mark.parametrize("name", ["brush", "silk", "stars"])
def test_a_tall_picture_is_whole(name: str) -> None:
    done = finish.finish(np.ascontiguousarray(scene()[:, 28:100]), name, (910, 512), seed=3)
    assert done.size == (512, 910) and grey(done)[-60:].std() > 1


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_pixels_and_another_seed_others(name: str) -> None:
    again = finish.finish(scene(), name, 520, seed=3)
    assert drawn(name).tobytes() == again.tobytes() != drawn(name, 2).tobytes()


@pytest.mark.parametrize("name", NAMES)
def test_the_mood_is_heard(name: str) -> None:
    assert np.abs(grey(drawn(name)) - grey(finish.finish(scene(), name, 520, 3, LOUD))).mean() > 0.3


@pytest.mark.parametrize("name", NAMES)
def test_no_seam_lies_where_one_band_ends(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows on both sides of a band's end differ no more than other rows do."""
    monkeypatch.setattr(texture.bands, "__defaults__", (100,))
    steps = np.abs(np.diff(grey(finish.finish(scene(), name, 520, seed=3)), axis=0)).mean(1)
    near = np.stack([steps[[k - 6, k - 4, k + 4, k + 6]] for k in (99, 199, 299, 399)])
    assert (steps[[99, 199, 299, 399]] <= near.max(1) * 1.6 + 1).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [0, 255])
def test_a_flat_picture_has_no_trouble(name: str, value: int) -> None:
    done = finish.finish(np.full((128, 128, 3), value, np.uint8), name, 512, seed=1, mood=LOUD)
    assert done.size == (512, 512)


@pytest.mark.parametrize("shape", [0, 511, 4097, (512, 4097), (512, 2049)])
def test_sizes_out_of_bounds_are_refused(shape: int | tuple[int, int]) -> None:
    with pytest.raises(UsageError, match=r"512 to 4096|4 times"):
        finish.finish(scene(), "film", shape, seed=1)


def test_an_unknown_finish_is_refused() -> None:
    with pytest.raises(UsageError, match='did you mean "brush"'):
        finish.finish(scene(), "brusch", 512, seed=1)


def test_each_style_has_a_finish() -> None:
    assert set(STYLE_FINISH.values()) <= set(FINISHES)


@pytest.mark.parametrize("name", ["wash", "woodblock", "silk"])
def test_memory_is_bounded(name: str) -> None:
    """The finishes that hold most at once, at a quarter of the area of a cover, in a process of their own."""
    code = (
        "import numpy as np, resource; from muse.art.finishes import finish;"
        "small = np.random.default_rng(0).integers(0, 255, (128, 128, 3), np.uint8);"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        f"finish.finish(small, {name!r}, 1500, 1);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) * resource.getpagesize() / 4096 < 260_000  # kilobytes


def test_enlarging_keeps_an_edge_narrow() -> None:
    step = np.zeros((32, 32, 3), np.uint8)
    step[:, 16:] = 255
    row = upscale.enlarge(step, (256, 256))[128, :, 0]
    soft = np.asarray(Image.fromarray(step).resize((256, 256), Image.Resampling.BICUBIC))[128, :, 0] / 255
    width = [int(((r > 0.1) & (r < 0.9)).sum()) for r in (row, soft)]
    assert width[0] < width[1]


def test_directions_follow_stripes() -> None:
    y, x = np.mgrid[0:64, 0:64].astype(np.float32)
    for turn in (0.0, 0.6, 1.4):
        stripes = 0.5 + 0.5 * np.sin((x * -np.sin(turn) + y * np.cos(turn)) * 0.8)
        angle, sure = texture.directions(stripes.astype(np.float32), 3.0)
        assert abs(np.sin(angle[32, 32] - turn)) < 0.06 and sure[32, 32] > 0.7


def test_silk_runs_along_the_stripes_of_a_picture() -> None:
    y = np.mgrid[0:128, 0:128][0]
    stripes = np.repeat((127 + 60 * np.sin(y * 0.4)).astype(np.float32)[..., None] / 255, 3, -1)
    done = grey(silk.weave(stripes, (512, 512), 1, silk.Cloth(thread=0.4, sheen=0.0)))
    along = done - done.mean(1, keepdims=True)  # without the stripes themselves
    assert np.abs(np.diff(along, axis=0)).mean() > 1.3 * np.abs(np.diff(along, axis=1)).mean()


def test_noise_is_the_same_for_its_names_centred_and_of_any_shape() -> None:
    one, two = texture.noise((128, 96), 20, 1, "a"), texture.noise((128, 96), 20, 1, "b")
    assert np.array_equal(one, texture.noise((128, 96), 20, 1, "a")) and not np.array_equal(one, two)
    assert one.shape == (128, 96) and abs(float(one.mean())) < 0.6


def test_strips_are_the_rows_of_the_whole() -> None:
    field = texture.noise((64, 48), 10, 1, "x")
    whole = texture.resized(field, (300, 225))
    parts = np.concatenate([texture.strip(field, (300, 225), a, b) for a, b in texture.bands(300, 70)])
    assert np.abs(whole - parts).max() < 1e-4


def test_halftone_dots_are_larger_where_it_is_darker() -> None:
    plate = np.tile(np.linspace(0.05, 0.95, 256, dtype=np.float32)[None, :, None], (256, 1, 3))
    done = grey(spot.halftone(plate, (512, 512), 1, spot.Dots()))
    black = [(part < 90).mean() for part in np.split(done, 4, axis=1)]
    assert black == sorted(black, reverse=True) and black[0] > 0.7 and black[-1] < 0.1


def test_a_risograph_of_two_inks_has_fewer_colours_than_one_of_three() -> None:
    plate = upscale.enlarge(scene(), (256, 256))
    two, three = (np.asarray(spot.riso(plate, (512, 512), 1, spot.Riso(inks=n))).reshape(-1, 3) // 64 for n in (2, 3))
    assert len(np.unique(two, axis=0)) < len(np.unique(three, axis=0))


def test_cut_paper_throws_a_shadow_only_on_what_lies_beneath() -> None:
    plate = np.full((128, 128, 3), 0.25, np.float32)
    plate[32:96, 32:96] = 0.85
    done = grey(press.flat(plate, (512, 512), 1, press.Block(inks=2, shade=0, key=0, wood=0, tooth=0, lift=0.4)))
    assert done[256, 388] < done[256, 480] - 8 and abs(done[256, 256] - done[200, 200]) < 3
