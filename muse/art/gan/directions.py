"""Directions in the latent space that nobody labelled, named by what a step along them measurably changes.

The w of many made-up pictures, each less the mean of its class, are taken apart into principal components. Along each,
a few pictures of different classes are painted a step forward and a step back, and the figures of
`muse.art.condition.measured` are compared. A component takes the name of the figure that it moves farthest and most
surely, signed so that + gives more of it; each name is given once. A component that moves nothing surely keeps its
number, 1 for the widest.

Source: Härkönen et al., "GANSpace: discovering interpretable GAN controls" (2020); deviation: the names are measured,
where there they were given by looking.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from muse.art import condition
from muse.art.gan.generator import Generator, Start, load, start
from muse.art.vae import model as picture_vae
from muse.bundle import Bundle
from muse.errors import UsageError, did_you_mean
from muse.seed import torch_generator

COUNT = 8
SAMPLES = 2304
NAMES = ("light", "detail", "contrast", "warmth", "fullness")
"""What the figures of `condition.measured` are called here, in their order."""
STEP = 2.0
LEAST, SURE, PURE = 0.04, 0.75, 0.7
"""To be named, a step moves the figure by so much, in so many of the pictures, and no other figure much farther."""
FARTHEST = 4.0


@dataclass(frozen=True)
class Direction:
    """A way to go.

    Attributes:
        name: what there is more of, or a number.
        step: (w,) one deviation along it.
        effect: how far a step moves each figure of NAMES, in deviations over the training pictures.
    """

    name: str
    step: Tensor
    effect: tuple[float, ...]


def directions(gan: Bundle, vae: Bundle) -> dict[str, Direction]:
    """The directions of a bundle by name, the widest first; found at the first call, then kept with the bundle."""
    kept = gan.cache.get("directions")
    if kept is None:
        model = load(gan)
        steps = components(model)
        kept = gan.cache["directions"] = named(steps, effects(model, picture_vae.load(vae), steps))
    found: dict[str, Direction] = kept
    return found


@torch.no_grad()
def components(model: Generator, count: int = COUNT) -> Tensor:
    """(count, w) principal components of w inside a class, each as long as its deviation, the widest first."""
    s, layouts = model.settings, model.layouts
    each = SAMPLES // s.classes
    z = torch.randn(s.classes, each, s.z, generator=torch_generator(0, "directions")).to(model.start.device)
    parts = []
    for number in range(s.classes):
        own = layouts.values[layouts.label == number]
        values = (own if len(own) else layouts.values)[torch.arange(each) % max(len(own), 1)]
        label, told = torch.full((each,), number), torch.ones(each, 2)
        w = model.map(z[number], label.to(z.device), values, told.to(z.device)).double()
        parts.append(w - w.mean(0))
    spread, ways = torch.linalg.eigh(torch.cat(parts).T.cov())
    ways, spread = ways.flip(1).T[:count], spread.flip(0)[:count].clamp_min(0)
    signs = ways.gather(1, ways.abs().argmax(1, keepdim=True)).sign()
    steps: Tensor = (ways * signs * spread.sqrt()[:, None]).float()
    return steps


@torch.no_grad()
def effects(model: Generator, vae: picture_vae.Vae, steps: Tensor) -> npt.NDArray[np.float64]:
    """(classes, K, 5): what a step does to each figure of a picture of each class, in deviations.

    Only the middle of each picture is painted to the end, which is four times as fast.
    """
    found = []
    for number in range(model.settings.classes):
        begun = start(model, number, None, None, number, 0.8)
        w = begun.w + torch.cat([STEP * steps, -STEP * steps])
        fine, edge = torch.zeros(len(w), device=w.device), model.settings.grid // 4
        layout, noise = (part.expand(len(w), *part.shape) for part in (begun.layout, begun.noise))
        content, style = model.to_vae(*model.paint(w, layout, fine, noise))
        pixels = picture_vae.to_pixels(vae.decode(content[..., edge:-edge, edge:-edge], style))
        figures = np.array([condition.measured(picture) for picture in pixels]) / condition.SPREAD
        found.append((figures[: len(steps)] - figures[len(steps) :]) / (2 * STEP))
    return np.array(found)


def named(steps: Tensor, effect: npt.NDArray[np.float64]) -> dict[str, Direction]:
    """Directions by name, from their steps (K, w) and effects (P, K, 5)."""
    mean = effect.mean(0)
    agree = (np.sign(effect) == np.sign(mean)).mean(0)
    found = [Direction(str(k + 1), steps[k], tuple(map(float, mean[k]))) for k in range(len(steps))]
    order = np.argsort(-(np.abs(mean) * agree).reshape(-1), kind="stable")
    open_names = set(range(len(NAMES)))
    for k, figure in (divmod(int(place), len(NAMES)) for place in order):
        far = abs(mean[k, figure])
        sure = far >= LEAST and agree[k, figure] >= SURE
        if sure and far >= PURE * np.abs(mean[k]).max() and figure in open_names and found[k].name.isdigit():
            open_names.remove(figure)
            sign = float(np.sign(mean[k, figure]))
            found[k] = Direction(NAMES[figure], sign * steps[k], tuple(sign * part for part in found[k].effect))
    return {direction.name: direction for direction in found}


def read_directions(wish: Mapping[str, float] | str | Sequence[str]) -> dict[str, float]:
    """Steps from {"light": 1.5}, "light=+1.5" or several such texts.

    >>> read_directions("light=+1.5")
    {'light': 1.5}

    Raises:
        UsageError: one is no name and number, or goes too far.
    """
    texts = (wish,) if isinstance(wish, str) else wish
    pairs = texts.items() if isinstance(texts, Mapping) else [text.partition("=")[::2] for text in texts]
    found: dict[str, float] = {}
    for name, text in pairs:
        try:
            far = float(str(text).replace("−", "-"))
        except ValueError as error:
            raise UsageError(f"cannot read the direction {name}={text}", "", "write it like light=+1.5") from error
        if not abs(far) <= FARTHEST:
            raise UsageError(f"direction {name}={far:g}", f"−{FARTHEST:g} to {FARTHEST:g} are possible", "go less far")
        found[str(name).strip()] = far
    return found


def moved(begun: Start, known: Mapping[str, Direction], wishes: Mapping[str, float]) -> Start:
    """A start moved along directions by so many deviations each.

    Raises:
        UsageError: a direction that the bundle does not have.
    """
    w = begun.w
    for name, far in wishes.items():
        if name not in known:
            raise UsageError(f"unknown direction {name!r}", "", did_you_mean(name, known))
        w = w + far * known[name].step
    return replace(begun, w=w)
