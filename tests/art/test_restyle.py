"""Restyle and morph: nothing lost at the ends, any size, no seams, clear refusals."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image

from muse.art import restyle, tones
from muse.art.colour import to_lab
from muse.art.corpus import STYLES
from muse.art.gan import generator, repaint
from muse.art.vae import frame, model, morph, swap
from muse.errors import InputError, UsageError

GAN, VAE = generator.random_bundles(0)
BARE = {"surface": restyle.NO_FINISH}


def picture(height: int, width: int, seed: int = 0) -> np.ndarray:
    small = np.random.default_rng(seed).integers(0, 256, (4, 4, 3)).astype(np.uint8)
    return np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


@pytest.mark.parametrize("shape", [(1, 1), (17, 40), (64, 64), (90, 700)])
@pytest.mark.parametrize("gan", [None, GAN], ids=["vae", "gan"])
def test_any_size_keeps_its_size(shape: tuple[int, int], gan: object) -> None:
    done = restyle.restyled(picture(*shape), VAE, "ink", 0.5, gan=gan, **BARE)  # type: ignore[arg-type]
    assert done.shape == (*shape, 3) and done.dtype == np.uint8


@pytest.mark.parametrize("shape", [(40, 60), (530, 512), (30, 140)])
def test_a_class_is_painted_in_its_finish_at_the_size_of_the_picture(shape: tuple[int, int]) -> None:
    bare, paper = (
        restyle.restyled(picture(*shape), VAE, "geometric", 1.0, surface=s) for s in (restyle.NO_FINISH, None)
    )
    assert paper.shape == (*shape, 3) and np.abs(paper.astype(int) - bare).mean() > 1


def test_strength_nought_is_the_picture_and_little_strength_is_near_it() -> None:
    original = picture(50, 60)
    assert (restyle.restyled(original, VAE, "ink", 0.0) == original).all()
    away = [np.abs(restyle.restyled(original, VAE, "ink", s, **BARE).astype(int) - original).mean() for s in (0.05, 1)]
    assert away[0] < 8 and away[0] < away[1] / 4


@pytest.mark.parametrize("gan", [None, GAN], ids=["vae", "gan"])
def test_the_same_seed_gives_the_same_picture(gan: object) -> None:
    one, same = (restyle.restyled(picture(64, 64), VAE, "ink", 1.0, gan=gan, seed=3, **BARE) for _ in range(2))  # type: ignore[arg-type]
    assert (one == same).all()


def test_files_are_taken_too() -> None:
    out = BytesIO()
    Image.fromarray(picture(32, 32)).save(out, "PNG")
    assert (
        restyle.restyled(out.getvalue(), VAE, out.getvalue()) == restyle.restyled(picture(32, 32), VAE, picture(32, 32))
    ).all()


@pytest.mark.parametrize("shape", [(40, 40), (530, 520)])
def test_colours_can_be_kept(shape: tuple[int, int]) -> None:
    original = picture(*shape)
    kept, free = (restyle.restyled(original, VAE, "cosmic", 1.0, keep, **BARE) for keep in (True, False))
    away = [np.abs(to_lab(p)[..., 1:] - to_lab(original)[..., 1:]).mean() for p in (kept, free)]
    assert away[0] < away[1]


def test_what_a_smaller_size_lost_comes_back() -> None:
    original = np.random.default_rng(1).integers(0, 256, (700, 600, 3)).astype(np.uint8)
    work = frame.at_work(original)
    assert min(work.shape[:2]) == frame.SHORT
    back = frame.detailed(work, work, original)
    light = [p.astype(float).mean(2) for p in (back, original, frame.sized(work, 700, 600))]
    assert np.abs(light[0] - light[1]).mean() < 0.3 * np.abs(light[2] - light[1]).mean()
    long = frame.at_work(np.zeros((300, 9000, 3), np.uint8))
    assert long.shape[0] * long.shape[1] <= 1.01 * frame.AREA


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_a_tone_is_come_to_by_its_part_of_the_way(strength: float) -> None:
    grey = np.clip(np.random.default_rng(0).normal(120, 25, (40, 40, 1)), 0, 255).astype(np.uint8).repeat(3, 2)
    goal = tones.TONES["ukiyo-e"]
    found, own = (np.array(tones.tone_of(p)[0]) for p in (tones.toned(grey, goal, strength), grey))
    assert np.abs(found - own - strength * (np.array(goal[0]) - own)).max() < 1.5


def test_every_class_has_a_tone_and_styles_of_pictures_bring_their_own() -> None:
    assert set(tones.TONES) == set(STYLES)
    red = np.full((64, 64, 3), (200, 30, 30), np.uint8)
    done = restyle.restyled(picture(64, 64), VAE, red, 1.0)
    assert tones.tone_of(done)[0][1] > 30


def test_the_generator_paints_a_map_of_any_size_without_seams() -> None:
    """A map of one content everywhere is painted alike everywhere away from its border: no tile shows."""
    even = torch.full((1, model.load(VAE).settings.content, 46, 70), 0.3)
    torch.manual_seed(0)
    content, style = repaint.repainted(GAN, even, "ink")
    assert content.shape == even.shape and style.shape == (1, model.load(VAE).settings.style)
    assert torch.isfinite(content).all()
    inner = content[..., 12:-12, 12:-12]
    steps = inner.diff(dim=3).abs().mean((0, 1, 2))
    assert steps.max() < 3 * steps.median() + 1e-4


def test_the_painting_follows_its_layout_class_and_seed() -> None:
    content = model.load(VAE).encode(model.to_tensor(picture(128, 128)[None]))[0]
    base, again, other, seed = (
        repaint.repainted(GAN, content, style, seed=n)[0]
        for style, n in (("ink", 1), ("ink", 1), ("oil", 1), ("ink", 2))
    )
    assert torch.equal(base, again) and not torch.equal(base, other) and not torch.equal(base, seed)
    assert not torch.equal(base, repaint.repainted(GAN, content.flip(3), "ink", seed=1)[0])


def test_a_morph_begins_and_ends_with_its_pictures() -> None:
    a, b = picture(48, 64), picture(64, 48, 1)
    path = morph.morphed(a, b, VAE, 4)
    assert len(path) == 4 and all(p.shape == a.shape for p in path)
    assert np.abs(path[0].astype(int) - a).max() <= 1
    assert np.abs(path[-1].astype(int) - frame.fitted(b, 48, 64)).max() <= 1


@pytest.mark.parametrize("keep", morph.KEEPS)
def test_a_morph_may_keep_forms_or_colours(keep: str) -> None:
    a, b = picture(48, 64), picture(48, 64, 1)
    path = morph.morphed(a, b, VAE, 3, keep)
    assert np.abs(path[0].astype(int) - a).max() <= 1
    assert np.abs(path[-1].astype(int) - b).mean() > 2


def test_latents_of_a_picture_fit_the_cells_asked() -> None:
    content, style = morph.latents_of(VAE, picture(90, 50), 12, 20)
    assert content.shape[2:] == (12, 20) and style.shape == swap.style_code(VAE, "ink").shape


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: restyle.restyled(picture(16, 16), VAE, "no style"), UsageError),
        (lambda: restyle.restyled(picture(16, 16), VAE, "ink", 1.5), UsageError),
        (lambda: restyle.restyled(picture(16, 16), VAE, "ink", surface="gloss"), UsageError),
        (lambda: restyle.restyled(picture(16, 16), VAE, picture(16, 16), gan=GAN), UsageError),
        (lambda: restyle.restyled(b"no picture", VAE, "ink"), InputError),
        (lambda: morph.morphed(picture(16, 16), picture(16, 16), VAE, 1), UsageError),
        (lambda: morph.morphed(picture(16, 16), picture(16, 16), VAE, 2, "colour"), UsageError),
    ],
)
def test_refusals(call, error) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error):
        call()
