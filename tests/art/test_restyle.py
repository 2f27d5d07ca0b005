"""Restyle and morph: nothing lost at the ends, any size, no seams, clear refusals."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from muse.art.colour import to_lab
from muse.art.gan import generator
from muse.art.vae import restyle
from muse.errors import InputError, UsageError

_, VAE = generator.random_bundles(0)


def picture(height: int, width: int, seed: int = 0) -> np.ndarray:
    small = np.random.default_rng(seed).integers(0, 256, (4, 4, 3)).astype(np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


@pytest.mark.parametrize("shape", [(1, 1), (17, 40), (64, 64), (700, 300)])
def test_any_size_keeps_its_size(shape: tuple[int, int]) -> None:
    done = restyle.restyled(picture(*shape), VAE, "ink", 0.5)
    assert done.shape == (*shape, 3) and done.dtype == np.uint8


def test_strength_nought_is_the_picture() -> None:
    original = picture(50, 60)
    assert (restyle.restyled(original, VAE, "ink", 0.0) == original).all()


def test_files_are_taken_too() -> None:
    out = BytesIO()
    Image.fromarray(picture(32, 32)).save(out, "PNG")
    assert (
        restyle.restyled(out.getvalue(), VAE, out.getvalue()) == restyle.restyled(picture(32, 32), VAE, picture(32, 32))
    ).all()


def test_colours_can_be_kept() -> None:
    original = picture(40, 40)
    kept, free = (restyle.restyled(original, VAE, "cosmic", 1.0, keep) for keep in (True, False))
    away = [np.abs(to_lab(p)[..., 1:] - to_lab(original)[..., 1:]).mean() for p in (kept, free)]
    assert away[0] < away[1]


def test_tiles_cover_everything_and_overlap() -> None:
    seen = np.zeros((1000, 500), int)
    for top, left, bottom, right in restyle.tiles(1000, 500):
        assert bottom - top <= restyle.TILE and right - left <= restyle.TILE
        seen[top:bottom, left:right] += 1
    assert seen.min() >= 1 and seen.max() > 1


def test_a_morph_begins_and_ends_with_its_pictures() -> None:
    a, b = picture(48, 64), picture(64, 48, 1)
    path = restyle.morphed(a, b, VAE, 4)
    assert len(path) == 4 and all(p.shape == a.shape for p in path)
    assert np.abs(path[0].astype(int) - a).max() <= 1
    assert np.abs(path[-1].astype(int) - restyle._fitted(b, 48, 64)).max() <= 1


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: restyle.restyled(picture(16, 16), VAE, "no style"), UsageError),
        (lambda: restyle.restyled(picture(16, 16), VAE, "ink", 1.5), UsageError),
        (lambda: restyle.restyled(b"no picture", VAE, "ink"), InputError),
        (lambda: restyle.morphed(picture(16, 16), picture(16, 16), VAE, 1), UsageError),
    ],
)
def test_refusals(call, error) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error):
        call()
