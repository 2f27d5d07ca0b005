"""Erasing: outside the hole not a byte differs, inside it looks like what is around it, and no seam shows."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image

from muse.art.gan import generator
from muse.art.vae import inpaint
from muse.errors import InputError, UsageError

_, VAE = generator.random_bundles(0)


def ground(height: int = 72, width: int = 96) -> np.ndarray:
    """A slope of light with a little grain."""
    slope = np.linspace(60, 180, width)[None, :, None] + np.random.default_rng(0).normal(0, 4, (height, width, 1))
    return np.clip(slope + np.array([0, 10, 30]), 0, 255).astype(np.uint8)


def test_a_spot_is_closed_over_and_all_else_stays() -> None:
    clean = ground()
    spotted = clean.copy()
    hole = inpaint.mask_of((40, 26, 18, 16), 72, 96)
    spotted[hole] = (255, 0, 0)
    done = inpaint.erased(spotted, VAE, hole)
    assert (done[~hole] == clean[~hole]).all()
    assert np.abs(done[hole].astype(int) - clean[hole]).mean() < 30
    assert done[hole].std(0).min() > 1, "grain is brought along"


def test_a_large_picture_is_mended_at_its_own_size(monkeypatch: pytest.MonkeyPatch) -> None:
    clean = np.asarray(Image.fromarray(ground()).resize((480, 360)))
    hole = inpaint.mask_of((200, 150, 90, 60), 360, 480)
    monkeypatch.setattr(inpaint, "SHORT", 112)
    done = inpaint.erased(np.where(hole[..., None], 0, clean).astype(np.uint8), VAE, hole)
    assert (done[~hole] == clean[~hole]).all() and np.abs(done[hole].astype(int) - clean[hole]).mean() < 30


def test_a_membrane_keeps_what_is_known_and_lies_between_it() -> None:
    x = torch.linspace(0, 1, 32).expand(1, 1, 32, 32).clone()
    mask = torch.zeros(1, 1, 32, 32)
    mask[..., 8:24, 8:24] = 1
    filled = inpaint.membrane(torch.where(mask > 0, torch.full((), 9.0), x), mask)
    assert torch.equal(filled[mask == 0], x[mask == 0])
    assert (filled[mask > 0] >= 0).all() and (filled - x).abs()[mask > 0].mean() < 0.1


def test_content_is_gathered_from_like_places() -> None:
    own = torch.zeros(2, 12, 12)
    own[0, :, 6:] = 1.0
    gone = torch.zeros(12, 12, dtype=torch.bool)
    gone[4:8, 4:8] = True
    content, source = inpaint.gathered(torch.where(gone, torch.full((), 5.0), own), torch.zeros(3, 12, 12), gone)
    assert torch.allclose(content, own, atol=0.35)
    assert not gone[source[..., 0], source[..., 1]].any()


def test_masks_are_rectangles_or_white_in_a_file() -> None:
    drawn = np.zeros((20, 30), np.uint8)
    drawn[5:9, 10:14] = 255
    out = BytesIO()
    Image.fromarray(drawn).save(out, "PNG")
    assert (inpaint.mask_of(out.getvalue(), 20, 30) == inpaint.mask_of((10, 5, 4, 4), 20, 30)).all()


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: inpaint.mask_of((0, 0, 31, 5), 20, 30), UsageError),
        (lambda: inpaint.mask_of((-1, 0, 3, 5), 20, 30), UsageError),
        (lambda: inpaint.mask_of((0, 0, 0, 5), 20, 30), UsageError),
        (lambda: inpaint.mask_of(b"no picture", 20, 30), InputError),
        (lambda: inpaint.erased(ground(), VAE, np.zeros((72, 96), bool)), UsageError),
        (lambda: inpaint.erased(ground(), VAE, np.ones((72, 90), bool)), UsageError),
        (lambda: inpaint.erased(ground(), VAE, np.ones((72, 96), bool)), UsageError),
    ],
)
def test_refusals(call, error) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error):
        call()
