"""Dials of a picture: light, warmth, contrast, texture, each turned alone while the others stay where they are.

The VAE's style code moves all four at once, so it is no dial. These are plain operations in Lab (a curve, a stretch
about the mean, a shift, the fine part stronger or weaker) whose four amounts are found together, so that what a dial
names is moved by the step asked and the other three figures, measured on the picture, are held.

| dial | measured as | a whole turn |
|---|---|---|
| light | mean of L* | 16 |
| warmth | mean of b* plus half of a* | 14 |
| contrast | logarithm of the deviation of the coarse L* | a factor of 1.6 |
| texture | logarithm of the mean size of the fine L* | a factor of 2 |

A picture goes as far as its black, its white and its edges let it: texture about half of what is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy.ndimage import gaussian_filter

from muse.art.colour import Field, to_bytes, to_lab
from muse.art.vae.frame import Pixels, at_work, bands
from muse.dials import dials_of

DIALS = ("light", "warmth", "contrast", "texture")
TURN = np.array([16.0, 14.0, np.log(1.6), np.log(2.0)])
SMALL = 192
ROUNDS, PROBE = 8, 0.02
FARTHEST = np.array([3.0, 3.0, 3.0, 1.0])
NAMED = 2.0
"""How much what a dial names counts beside each figure that is to stay."""
FINE = 2.0
STRONG = 9.0
"""Steps of L* above which the fine part is an edge, left as it is so that no halo grows beside it."""

Floats = npt.NDArray[np.float64]


def turned(pixels: Pixels, dials: Mapping[str, float]) -> Pixels:
    """The picture (H, W, 3) uint8 with its dials turned, each from −1 to 1 and 0 where it is not named.

    >>> grey = np.tile(np.arange(40, 168, 2, np.uint8)[:, None, None], (1, 64, 3))
    >>> bool(turned(grey, {"light": 0.5}).mean() > grey.mean())
    True

    Raises:
        UsageError: an unknown dial, or one out of bounds.
    """
    asked = read_dials(dials)
    if not any(asked.values()):
        return pixels.copy()
    lab = to_lab(at_work(pixels, SMALL))
    base = np.asarray(gaussian_filter(lab[..., 0], FINE), np.float32)
    start = figures(lab, base)
    turn = np.array([asked.get(name, 0.0) for name in DIALS])
    goal, weight = start + TURN * turn, np.where(turn == 0, 1.0, NAMED)
    middle = float(base.mean())

    def apart(amounts: Floats) -> Floats:
        return np.asarray((figures(*_moved(lab, base, middle, amounts)) - goal) / TURN * weight)

    found, damp = np.zeros(len(DIALS)), 1e-3
    here = apart(found)
    for _ in range(ROUNDS):  # Levenberg-Marquardt: some pictures cannot go as far as is asked
        slope = np.stack([(apart(found + PROBE * way) - here) / PROBE for way in np.eye(len(DIALS))], 1)
        step = np.linalg.solve(slope.T @ slope + damp * np.eye(len(DIALS)), slope.T @ here)
        trial = (found - step).clip(-FARTHEST, FARTHEST)
        there = apart(trial)
        if there @ there < here @ here:
            found, here, damp = trial, there, damp / 4
        else:
            damp *= 16
    height, width = pixels.shape[:2]
    whole = np.asarray(Image.fromarray(base).resize((width, height), Image.Resampling.BICUBIC))
    out = np.empty_like(pixels)
    for band in bands(height):
        out[band] = to_bytes(_moved(to_lab(pixels[band]), whole[band], middle, found)[0])
    return out


def figures(lab: Field, base: Field) -> Floats:
    """Light, warmth, contrast and texture of a picture (H, W, 3) in Lab whose coarse lightness is `base`."""
    fine = np.abs(lab[..., 0] - base).mean()
    warm = lab[..., 2].mean() + 0.5 * lab[..., 1].mean()
    return np.array([lab[..., 0].mean(), warm, np.log(base.std() + 0.5), np.log(fine + 0.05)], np.float64)


def read_dials(dials: Mapping[str, float] | Sequence[str]) -> dict[str, float]:
    """Dials from {"light": 0.5} or ["light=+0.5"].

    Raises:
        UsageError: an unknown dial, or a value outside [−1, 1].
    """
    return dials_of(dials, DIALS)


def _moved(lab: Field, base: Field, middle: float, amounts: Floats) -> tuple[Field, Field]:
    """Lab moved by four amounts (light, warmth, contrast, texture), and its coarse lightness moved likewise."""
    light, warm, contrast, texture = amounts
    fine = lab[..., 0] - base
    stretch = np.float32(np.exp(texture) - 1) * np.exp(-((fine / STRONG) ** 2))
    soft = _curved(base, light, contrast, middle)
    moved = lab.copy()
    moved[..., 0] = np.clip(_curved(base + fine, light, contrast, middle) + stretch * fine, 0, 100)
    moved[..., 1] += np.float32(0.35 * 12 * warm)
    moved[..., 2] += np.float32(12 * warm)
    return moved, soft


def _curved(value: Field, light: float, contrast: float, middle: float) -> Field:
    """L* stretched about the mean and bent up or down."""
    stretched = np.clip(middle + (value - middle) * np.float32(np.exp(contrast)), 0, 100)
    return np.asarray(100 * (stretched / 100) ** np.float32(np.exp(-light)), np.float32)
