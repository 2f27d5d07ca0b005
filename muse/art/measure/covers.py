"""How good generated pictures are: everything that `muse eval cover` prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from muse.art import condition
from muse.art.corpus import Pictures
from muse.art.gan import generator
from muse.art.measure import dials
from muse.art.measure.distances import kid, kid_interval, manifold
from muse.art.measure.features import SIDE, Pixels, network, squares
from muse.art.measure.ground import Ground, ground, setting
from muse.art.paint import CoverRequest, paint
from muse.art.sizes import size_of
from muse.art.vae.model import load as load_vae
from muse.bundle import Bundle
from muse.errors import CorpusError
from muse.terms import Theme

FINISHED, PIXELS = 60, 512
LEAST = 8


def covers(
    gan: Bundle, vae: Bundle, pictures: Pictures, chosen: npt.NDArray[np.int64], seed: int = 0
) -> dict[str, Any]:
    """Figures of a cover bundle against the chosen real pictures.

    As many pictures are painted as there are real ones of classes that it knows, told their class alone, over its
    whole range (truncation 1). `finished_…` are covers as users get them, without words: the mood of a real picture
    asked in its style, the best of six candidates finished at 512 pixels and shrunk to 128 again.

    Raises:
        CorpusError: fewer than eight pictures of classes that the bundle knows.
    """
    known = set(gan.card["vocabulary"])
    chosen = np.array([i for i in chosen if pictures.items[int(i)].style in known], dtype=np.int64)
    if len(chosen) < LEAST:
        raise CorpusError("too few pictures to measure on", f"{len(chosen)} of its classes", f"give at least {LEAST}")
    styles = [pictures.items[int(i)].style for i in chosen]
    floor = ground(pictures, chosen, network(load_vae(vae)), seed)
    reals = squares(pictures, chosen)
    found = floor.against(floor.network(painted(gan, vae, styles, seed)), floor.labels)
    classes = found.pop("per_class")
    colour, colour_by_style = dials.palettes(gan, vae, reals, styles)
    for style, values in colour_by_style.items():
        classes.setdefault(style, {}).update(values)
    return {
        **setting(floor),
        "truncation": 1.0,
        **found,
        **floor.ends(min(64, len(chosen))),
        **colour,
        **dials.moods(gan, vae, sorted(set(styles))),
        **_finished(gan, vae, floor, reals, styles, seed),
        "per_class": classes,
    }


def painted(gan: Bundle, vae: Bundle, styles: Sequence[str], seed: int = 0) -> Pixels:
    """(N, 128, 128, 3) a picture for each style in turn, told that alone."""
    seeds = range(1000 * seed, 1000 * seed + len(styles))
    made: dict[int, Pixels] = {}
    for style in dict.fromkeys(styles):
        places = [n for n, other in enumerate(styles) if other == style]
        found = generator.generate(gan, vae, style, None, None, [seeds[n] for n in places], 1.0)
        made.update(zip(places, found, strict=True))
    return np.stack([made[n] for n in range(len(styles))])


def finished(gan: Bundle, vae: Bundle, reals: Pixels, styles: Sequence[str], seed: int = 0) -> Pixels:
    """(N, 128, 128, 3) finished covers without words, in the style and mood of each of these pictures."""
    made = []
    for n, (real, style) in enumerate(zip(reals, styles, strict=True)):
        request = CoverRequest(
            Theme(""), condition.mood_of(real), style=style, size=size_of(PIXELS), seed=1000 * seed + n
        )
        image = paint(request, gan, vae).image
        made.append(np.asarray(image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS)))
    return np.stack(made)


def _finished(
    gan: Bundle, vae: Bundle, ground: Ground, reals: Pixels, styles: Sequence[str], seed: int
) -> dict[str, Any]:
    places = np.linspace(0, len(reals) - 1, min(FINISHED, len(reals))).astype(int)
    made = ground.network(finished(gan, vae, reals[places], [styles[n] for n in places], seed))
    right = ground.judge(made) == ground.labels[places]
    low, high = kid_interval(ground.real, made, seed)
    return {
        "finished": len(places),
        "finished_kid": kid(ground.real, made),
        "finished_kid_low_high": [low, high],
        "finished_precision": manifold(ground.real, made)["precision"],
        "finished_class_accuracy": float(right.mean()),
    }
