"""The small picture of a request: one seed, one picture.

A seed's picture is the same in a grid, under a finished cover and at the beginning of a canvas loop, so a seed that was
picked from a grid is all that is needed. Where several candidates are asked for, further seeds are tried, and the one
whose picture is best becomes the seed of the work.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

from muse.art import kin
from muse.art import mood as moods
from muse.art import palette as colours
from muse.art.colour import hex_of, lab_of, to_lab
from muse.art.finishes.texture import Field, array_of, luma
from muse.art.gan import explore
from muse.art.gan.directions import directions, moved
from muse.art.gan.generator import Start, class_number, load, render, start
from muse.art.letters import layout
from muse.bundle import Bundle
from muse.seed import derive

if TYPE_CHECKING:
    from muse.art.paint import CoverRequest

Pixels = npt.NDArray[np.uint8]
SEEDS = 2**31
ASKED, SUITED = 0.9, 0.6
"""How far colours are moved onto a palette that was asked for, and onto one that suits."""


@dataclass(frozen=True, slots=True)
class Look:
    """Where in the generator's range a picture is looked for.

    Attributes:
        truncation: 0 the mean picture of its style, 1 the model's whole range.
        like: the seed of the picture near which to stay; None for anywhere.
        amount: how far from it, 0 is itself and 1 anywhere.
        colours: the seed of the picture whose colours and texture are taken; None for its own.
        directions: steps along the bundle's directions, in deviations.
    """

    truncation: float = 0.8
    like: int | None = None
    amount: float = 0.3
    colours: int | None = None
    directions: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, eq=False)
class Sketch:
    """A small picture (H, W, 3) uint8 with the plan it follows, its seed and its start."""

    seed: int
    plan: moods.Plan
    begun: Start
    picture: Pixels


def best(request: CoverRequest, gan: Bundle, vae: Bundle) -> Sketch:
    """The sketch of the request's seed, or of the best of as many seeds as it has candidates.

    Raises:
        UsageError: an unknown style, palette, finish or direction, or a number out of bounds.
    """
    seeds = [request.seed, *(derive(request.seed, "picture", k) % SEEDS for k in range(1, request.candidates))]
    made = [sketch(replace(request, seed=seed), gan, vae) for seed in seeds]
    return max(made, key=lambda each: score(each.picture, each.plan)) if len(made) > 1 else made[0]


def sketch(request: CoverRequest, gan: Bundle, vae: Bundle) -> Sketch:
    """The small picture of a request's seed; candidates are not heard.

    Raises:
        UsageError: as `best`.
    """
    look, model = request.look, load(gan)
    home = request.seed if look.like is None else look.like
    plan = planned(request, home, gan)

    def at(seed: int) -> Start:
        label = class_number(gan, plan.style)
        begun = start(model, label, plan.condition(), plan.mood, derive(seed, "picture", 0), look.truncation)
        return explore.shaped(begun, *request.size.cells, derive(seed, "picture", "shape"))

    begun = at(home)
    if look.like is not None:
        begun = explore.toward(begun, at(request.seed), look.amount)
    if look.colours is not None:
        other = planned(request, look.colours, gan)
        plan = replace(plan, palette=other.palette, weights=other.weights, name=other.name)
        begun = explore.mixed(begun, at(look.colours))
    picture = painted(gan, vae, begun)
    if look.directions:
        before = picture
        begun = moved(begun, directions(gan, vae), dict(look.directions))
        picture = painted(gan, vae, begun)
        if request.palette is None:
            plan = replace(plan, palette=followed(plan.palette, before, picture))
    return Sketch(request.seed, replace(plan, reasons=(*plan.reasons, *_told(look))), begun, picture)


def planned(request: CoverRequest, seed: int, gan: Bundle) -> moods.Plan:
    """Style, palette and finish of a request under a seed, of the classes of a bundle."""
    return kin.plan(
        gan,
        request.mood,
        request.features,
        request.theme,
        style=request.style,
        palette=request.palette,
        finish=request.finish,
        seed=seed,
        asked=request.asked,
    )


def painted(gan: Bundle, vae: Bundle, begun: Start) -> Pixels:
    """(H, W, 3): the picture of a start."""
    picture: Pixels = render(vae, *explore.filled(load(gan), [begun]))[0]
    return picture


def coloured(picture: Pixels, plan: moods.Plan, asked: bool) -> Pixels:
    """A picture (H, W, 3) with its colours moved towards the plan's palette, farther if it was asked for."""
    bright: Field = picture.astype(np.float32) / np.float32(255)
    return np.asarray(colours.toward(bright, plan.palette, ASKED if asked else SUITED) * 255 + 0.5, np.uint8)


def followed(palette: tuple[str, ...], before: Pixels, after: Pixels) -> tuple[str, ...]:
    """A palette that goes with a picture as it changes: lighter with it, warmer with it, of more contrast with it.

    >>> grey = np.full((8, 8, 3), 100, np.uint8)
    >>> followed(("#404040", "#808080"), grey, grey)
    ('#404040', '#808080')
    """
    old, new = (to_lab(picture).reshape(-1, 3) for picture in (before, after))
    tones = lab_of(palette)
    stretch = float(np.clip((new[:, 0].std() + 1) / (old[:, 0].std() + 1), 0.6, 1.6))
    middle = tones[:, 0].mean()
    tones[:, 0] = np.clip(middle + stretch * (tones[:, 0] - middle), 0, 100)
    return hex_of(tones + (new.mean(0) - old.mean(0)))


def score(picture: Pixels, plan: moods.Plan) -> float:
    """How good a picture (H, W, 3) is to finish: near the palette, light and dark, with room for words."""
    light = luma(picture.astype(np.float32) / np.float32(255))
    busy = layout.busyness(array_of(Image.fromarray(picture).resize((96, 96))))
    off = colours.distance(picture, plan.palette)
    quiet = float(np.quantile(busy.reshape(12, 8, 12, 8).mean(axis=(1, 3)), 0.2))
    detail = float(np.clip(np.abs(np.diff(light, axis=0)).mean() * 40, 0, 1))
    return -off / 14 + 2.2 * min(float(light.std()), 0.25) / 0.25 + 0.6 * detail - 0.6 * quiet


def _told(look: Look) -> tuple[str, ...]:
    near = () if look.like is None else (f"near seed {look.like}, {look.amount:g} of the way to anywhere",)
    colours_of = () if look.colours is None else (f"colours of seed {look.colours}",)
    return (*near, *colours_of, *(f"{name} {far:+g}".replace("-", "−") for name, far in look.directions))
