"""The light and colour that pictures of a style class have on the average, and a picture brought to them.

The mean style code of a class decodes to something paler than its pictures are, as every mean is. What it leaves of
the way is gone here: mean and deviation of each channel of Lab.

Source: Reinhard et al., "Color transfer between images" (2001), in Lab. The figures are those of the pictures that
muse's bundles learned from, at most 200 of each class.
"""

from __future__ import annotations

import numpy as np

from muse.art.colour import to_bytes, to_lab
from muse.art.vae.frame import Pixels

Tone = tuple[tuple[float, ...], tuple[float, ...]]
"""Mean and deviation of L*, a*, b*."""

TONES: dict[str, Tone] = {
    "ink": ((53.3, 3.3, 17.4), (10.9, 3.4, 6.6)),
    "oil": ((38.7, 3.0, 12.2), (17.0, 6.1, 9.5)),
    "ukiyo-e": ((61.3, -3.0, 8.3), (20.1, 5.9, 11.7)),
    "cosmic": ((13.6, 2.3, 0.5), (14.8, 4.0, 5.5)),
    "botanical": ((85.3, 4.3, 20.9), (19.2, 12.9, 12.9)),
    "geometric": ((55.2, 3.6, 2.7), (17.8, 20.5, 19.4)),
    "flow": ((52.8, 3.3, 1.7), (14.1, 15.9, 15.6)),
    "fractal": ((17.8, 0.2, 1.3), (13.9, 7.2, 7.2)),
    "tarot": ((51.5, 4.4, 8.9), (22.8, 10.6, 12.0)),
}


def tone_of(pixels: Pixels) -> Tone:
    """The tone of a picture.

    >>> tone_of(np.zeros((4, 4, 3), np.uint8))
    ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    """
    lab = to_lab(pixels).reshape(-1, 3).astype(np.float64)
    return tuple(lab.mean(0).round(6).tolist()), tuple(lab.std(0).round(6).tolist())


def toned(pixels: Pixels, tone: Tone, strength: float = 1.0) -> Pixels:
    """The picture with its tone moved by a part of the way to another; what has no deviation gets none."""
    lab = to_lab(pixels)
    mean, spread = (np.array(part, np.float32) for part in tone_of(pixels))
    goal, width = (np.array(part, np.float32) for part in tone)
    moved = (lab - mean) * (width / np.maximum(spread, 2.0)) + goal
    return to_bytes(lab + np.float32(strength) * (moved - lab))
