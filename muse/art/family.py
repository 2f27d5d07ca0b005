"""Whether covers are of one family: how far apart their palettes and their style codes lie, beside random covers.

Covers of an album share a style class, a palette and the latent that steers the generator; layouts are their own, and
each is moved a little by its own mood. What came of it is measured from the finished pictures: palettes by the colour
difference that moves one onto the other (k-means, optimal transport), hands by the distance between the style codes
that the picture VAE reads. The random covers are of as many themes and seeds; `benchmarks/cover_family.py` measures
them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from PIL import Image

from muse.art.palette import palette_distance, palette_of
from muse.bundle import Bundle
from muse.terms import Promise, Report

SIDE = 128
RANDOM_PALETTE, RANDOM_HAND = 36.8, 3.4
"""Mean pairwise distances of finished covers of 24 themes; of one theme under 11 seeds they are 10.4 and 0.95, within
the family of an album of ten tracks 4.4 and 0.5."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Mean distances between all pairs of some covers.

    Attributes:
        palette: ΔE that moves one palette onto another.
        hand: Euclidean distance of style codes.
    """

    palette: float
    hand: float


def likeness(covers: Sequence[Image.Image], vae: Bundle) -> Likeness:
    """How far apart covers lie, two at least; all are looked at in one size, so a large one is not finer than a small.

    Args:
        vae: the bundle image-vae, whose style encoder reads the hand.
    """
    import torch

    from muse.art.vae.model import load, to_tensor

    small = [np.asarray(cover.resize((SIDE, SIDE), Image.Resampling.BOX)) for cover in covers]
    palettes = [palette_of(picture) for picture in small]
    model = load(vae)
    with torch.no_grad():  # one by one, so that a batch changes nothing
        codes = [model.encode(to_tensor(picture[None]))[1][0].double().numpy() for picture in small]
    pairs = list(combinations(range(len(small)), 2))
    return Likeness(
        float(np.mean([palette_distance(*palettes[a], *palettes[b]) for a, b in pairs])),
        float(np.mean([np.linalg.norm(codes[a] - codes[b]) for a, b in pairs])),
    )


def report(covers: Sequence[Image.Image], vae: Bundle) -> Report:
    """What is promised of the covers of an album, and what was found: nearer to each other than random ones."""
    found = likeness(covers, vae)
    promises = (
        ("palettes of the covers", "ΔE", found.palette, RANDOM_PALETTE),
        ("hands of the covers", "style codes", found.hand, RANDOM_HAND),
    )
    return Report(
        tuple(
            Promise(name, f"{what} nearer than random covers' {far:.1f}", f"{value:.1f}", value < far or "relaxed")
            for name, what, value, far in promises
        )
    )
