"""Whether a cover does as it is told: colours asked and found, mood asked and measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from muse.art import condition
from muse.art import palette as colours
from muse.art.colour import hex_of
from muse.art.gan import generator
from muse.art.measure.features import Pixels
from muse.art.sketch import ASKED
from muse.bundle import Bundle
from muse.terms import Mood

TRUNCATION = 0.8
PALETTES = 90
LEVELS = (-0.9, -0.45, 0.0, 0.45, 0.9)
SEEDS = 4


def palettes(
    gan: Bundle, vae: Bundle, reals: Pixels, styles: Sequence[str], most: int = PALETTES
) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """Median ΔE between palettes asked and found, and the same by style: real pictures' palettes, each in its style.

    `palette_delta_e` is what it takes to move the five weighted colours found onto those asked, as the generator
    painted; `…_corrected` after the correction that a cover with a wished palette goes through; `palette_blend_…` is
    the median over the pixels of ΔE to the palette's colours and the blends between neighbours, which is what the
    report of a cover promises.
    """
    rows: dict[str, list[list[float]]] = {}
    for n in np.linspace(0, len(reals) - 1, min(most, len(reals))).astype(int):
        asked = colours.palette_of(reals[n])
        picture = generator.generate(gan, vae, styles[n], asked, None, [int(n)], TRUNCATION)[0]
        named = hex_of(asked[0])
        moved = colours.toward(picture.astype(np.float32) / np.float32(255), named, ASKED)
        mended = np.asarray(colours.onto(Image.fromarray((moved * 255 + 0.5).astype(np.uint8)), named))
        rows.setdefault(styles[n], []).append(
            [colours.palette_distance(*asked, *colours.palette_of(p)) for p in (picture, mended)]
            + [colours.distance(p, named) for p in (picture, mended)]
        )
    names = (
        "palette_delta_e", "palette_delta_e_corrected", "palette_blend_delta_e", "palette_blend_delta_e_corrected",
    )  # fmt: skip

    def medians(found: list[list[float]]) -> dict[str, float]:
        return dict(zip(names, np.median(np.array(found), axis=0).tolist(), strict=True))

    return medians([row for found in rows.values() for row in found]), {s: medians(found) for s, found in rows.items()}


def moods(gan: Bundle, vae: Bundle, styles: Sequence[str], seeds: int = SEEDS) -> dict[str, Any]:
    """Spearman's rank correlation of a Mood axis asked, the others neutral, with what the pictures show.

    Over all pictures (five levels, each with the same seeds) of a style, and the mean of that over the styles.
    `mood_spearman` is against the axis's own measure of pixels, `energy_edge_density` that of the energy asked with
    the share of squares that hold an edge.
    """
    edges = condition.AXES.index("density")
    found: dict[str, list[float]] = {axis: [] for axis in condition.AXES}
    dense = []
    for axis in condition.AXES:
        for style in styles:
            asked, shown = [], []
            for level in LEVELS:
                made = generator.generate(gan, vae, style, None, Mood(**{axis: level}), range(seeds), TRUNCATION)
                asked += [level] * len(made)
                shown += [condition.measured(picture) for picture in made]
            table = np.array(shown)
            found[axis].append(spearman(asked, table[:, condition.AXES.index(axis)]))
            if axis == "energy":
                dense.append(spearman(asked, table[:, edges]))
    return {
        "mood_spearman": {axis: float(np.mean(values)) for axis, values in found.items()},
        "energy_edge_density": float(np.mean(dense)),
    }


def spearman(a: npt.ArrayLike, b: npt.ArrayLike) -> float:
    """Spearman's rank correlation; 0 where one side does not vary.

    >>> spearman([1, 2, 3], [10, 20, 15])
    0.5
    """
    one, other = _ranks(a), _ranks(b)
    if one.std() == 0 or other.std() == 0:
        return 0.0
    return round(float(np.corrcoef(one, other)[0, 1]), 12)


def _ranks(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Ranks from 1, equal values sharing the mean of theirs."""
    _, place, counts = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    shared: npt.NDArray[np.float64] = (counts.cumsum() - (counts - 1) / 2)[place]
    return shared
