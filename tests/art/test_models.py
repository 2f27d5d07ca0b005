"""VAE, generator, judge and their blocks: shapes, invariances, determinism, refusals."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from muse.art import condition
from muse.art.gan import discriminator, generator
from muse.art.gan.augment import adapted, augment, shifted
from muse.art.vae import model as vae
from muse.bundle import Bundle
from muse.errors import BundleError, UsageError, WishError
from muse.nn import conv
from muse.terms import Mood

GAN, VAE = generator.random_bundles(0)
GREY = (np.array([[50.0, 0, 0]]), np.array([1.0]))


def test_instance_normalisation_has_the_right_slope() -> None:
    x = torch.randn(2, 3, 4, 5, dtype=torch.float64, requires_grad=True)
    y = conv.normalize_instance(x.float())
    assert torch.allclose(y.mean((2, 3)), torch.zeros(2, 3), atol=1e-5)
    weight = torch.randn(2, 3, 4, 5)
    (found,) = torch.autograd.grad((y * weight).sum(), x)
    variance, mean = torch.var_mean(x, (2, 3), keepdim=True, correction=0)
    (wanted,) = torch.autograd.grad((((x - mean) * torch.rsqrt(variance + 1e-4)) * weight).sum(), x)
    assert torch.allclose(found, wanted, atol=1e-4)


@pytest.mark.parametrize("batch", [1, 3, 4, 16])
def test_minibatch_deviation_is_nil_for_equal_pictures(batch: int) -> None:
    x = torch.randn(1, 2, 4, 4).expand(batch, -1, -1, -1)
    y = conv.MinibatchDeviation()(x)
    assert y.shape == (batch, 3, 4, 4) and y[:, 2].abs().max() < 1e-3


def test_blocks_keep_and_change_sizes() -> None:
    x, c = torch.randn(2, 8, 8, 8), torch.randn(2, 5)
    assert conv.FilmBlock(8, 6, 5, up=True)(x, c).shape == (2, 6, 16, 16)
    assert conv.DownBlock(8, 6)(x).shape == (2, 6, 4, 4)
    assert conv.StyleBlock(8, 5)(x, c).shape == x.shape == conv.InstanceBlock(8)(x).shape


@pytest.mark.parametrize("side", [16, 64, 72])
def test_the_vae_takes_any_multiple_of_eight(side: int) -> None:
    model = vae.load(VAE)
    x = torch.rand(1, 3, side, 64) * 2 - 1
    content, style = model.encode(x)
    assert content.shape == (1, 8, side // 8, 8) and style.shape == (1, 64)
    y = model.decode(content, style)
    assert y.shape == x.shape and y.abs().max() <= 1


def test_content_forgets_colour_and_contrast() -> None:
    model, x = vae.load(VAE), torch.rand(1, 3, 64, 64)
    a, b = model.content(x)[0], model.content(0.5 * x + 0.1)[0]
    c = model.content(torch.rand(1, 3, 64, 64))[0]
    assert (a - b).abs().mean() < 0.5 * (a - c).abs().mean()


def test_pixels_survive_the_tensor_form() -> None:
    pixels = np.arange(256, dtype=np.uint8)[:192].reshape(1, 8, 8, 3)
    assert (vae.to_pixels(vae.to_tensor(pixels)) == pixels).all()


def test_slerp_keeps_its_ends_and_its_length() -> None:
    a, b = torch.randn(2, 8, 4, 4), torch.randn(2, 8, 4, 4)
    assert torch.allclose(vae.slerp(a, b, 0.0), a, atol=1e-5) and torch.allclose(vae.slerp(a, b, 1.0), b, atol=1e-5)
    assert vae.slerp(a, b, 0.5).flatten(1).norm(dim=1).min() > 0.9 * min(
        a.flatten(1).norm(dim=1).min(), b.flatten(1).norm(dim=1).min()
    )
    assert torch.allclose(vae.slerp(a, a, 0.3), a, atol=1e-5)


def test_a_seed_paints_the_same_picture_alone_and_in_company() -> None:
    many = generator.generate(GAN, VAE, "ink", GREY, Mood(energy=0.5), [5, 6, 7])
    one = generator.generate(GAN, VAE, "ink", GREY, Mood(energy=0.5), [7])
    assert many.shape == (3, 128, 128, 3) and many.dtype == np.uint8
    assert (many[2] == one[0]).all() and (many[0] != many[1]).any()


def test_conditions_and_truncation_matter() -> None:
    plain = generator.latents(GAN, "ink", None, None, [1])[0]
    assert not torch.equal(plain, generator.latents(GAN, "oil", None, None, [1])[0])
    assert not torch.equal(plain, generator.latents(GAN, "ink", GREY, None, [1])[0])
    assert not torch.equal(plain, generator.latents(GAN, "ink", None, Mood(energy=0.5), [1])[0])
    assert not torch.equal(plain, generator.latents(GAN, "ink", None, None, [1], 1.0)[0])


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: generator.generate(GAN, VAE, "inc", None, None, [1]), UsageError),
        (lambda: generator.generate(GAN, VAE, "ink", None, None, [1], 2.0), UsageError),
        (lambda: generator.generate(GAN, VAE, "ink", (np.zeros((0, 3)), np.zeros(0)), None, [1]), WishError),
        (lambda: generator.generate(GAN, VAE, "ink", (np.zeros((2, 3)), np.ones(1)), None, [1]), WishError),
        (lambda: generator.generate(VAE, VAE, "ink", None, None, [1]), BundleError),
        (lambda: vae.load(GAN), BundleError),
        (lambda: vae.load(Bundle({}, VAE.card)), BundleError),
        (lambda: generator.load(Bundle({}, GAN.card)), BundleError),
    ],
)
def test_refusals(call, error) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error):
        call()


def test_the_judge_and_the_reader() -> None:
    s = generator.GanSettings.load("tiny")
    content, style = torch.randn(4, 8, 16, 16), torch.randn(4, 64)
    label, values, present = torch.tensor([0, 1, 2, 9]), torch.randn(4, condition.SIZE), torch.ones(4, 2)
    score = discriminator.Discriminator(s)(content, style, label, values, present)
    read, logits = discriminator.Reader(s)(content, style)
    assert score.shape == (4,) and read.shape == (4, condition.SIZE) and logits.shape == (4, 9)


def test_an_absent_condition_is_not_looked_at() -> None:
    encoder = generator.ConditionEncoder(generator.GanSettings.load("tiny"), 16)
    told = [encoder(torch.tensor([1]), torch.randn(1, condition.SIZE), torch.zeros(1, 2)) for _ in range(2)]
    assert torch.equal(*told)


def test_augmentation() -> None:
    content, style = torch.randn(6, 2, 8, 8), torch.randn(6, 4)
    same = augment(content, style, 0.0)
    assert same[0] is content and same[1] is style
    changed = augment(content, style, 0.5)
    assert changed[0].shape == content.shape and changed[1].shape == style.shape
    moved = shifted(content, torch.tensor([[0, 0], [1, 0], [0, -1], [2, 2], [0, 0], [0, 0]]))
    assert torch.equal(moved[0], content[0]) and torch.equal(moved[1, :, :-1], content[1, :, 1:])
    assert torch.equal(moved[2, :, :, 1:], content[2, :, :, :-1])


@pytest.mark.parametrize(("overfit", "wanted"), [(0.9, 0.15), (0.1, 0.05)])
def test_the_probability_follows_overfitting(overfit: float, wanted: float) -> None:
    assert adapted(0.1, overfit) == pytest.approx(wanted)
    assert adapted(0.5, 0.9) == 0.5 and adapted(0.0, 0.0) == 0.0


def test_palettes_become_numbers() -> None:
    one = condition.palette_vector([[50.0, 10, 0]], [1.0])
    assert one.shape == (condition.PALETTE_SIZE,)
    assert one.reshape(5, 4)[:, 3].sum() == pytest.approx(2.0)
    values, present = condition.vector(None, Mood(warmth=0.5))
    assert present.tolist() == [0, 1] and values[condition.PALETTE_SIZE + 3] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("axis", "low", "high"),
    [
        ("valence", np.zeros(3), np.full(3, 250)),
        ("warmth", np.array([20, 60, 220]), np.array([230, 150, 40])),
    ],
)
def test_moods_of_plain_pictures(axis: str, low: np.ndarray, high: np.ndarray) -> None:
    moods = [condition.mood_of(np.broadcast_to(c, (128, 128, 3)).astype(np.uint8)) for c in (low, high)]
    assert getattr(moods[0], axis) < 0 < getattr(moods[1], axis)


def test_edges_are_energy() -> None:
    flat = np.full((128, 128, 3), 128, np.uint8)
    busy = np.random.default_rng(0).integers(0, 256, (128, 128, 3)).astype(np.uint8)
    for axis in ("energy", "tension", "density"):
        assert getattr(condition.mood_of(flat), axis) < 0 < getattr(condition.mood_of(busy), axis)
