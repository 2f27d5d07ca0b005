"""From the model's small picture to a finished one at native size: which finish suits which style and mood.

| finish | made of | suits |
|---|---|---|
| wash | ink wash on raw paper, brush lines, moss dots | ink |
| watercolour | transparent washes with drying edges, a fine line | botanical |
| brush | strokes of oil with bristles and ridges on canvas | oil |
| silk | long strokes that flow along the forms | flow |
| woodblock | flat colours, key block, grain of the wood | ukiyo-e |
| card | fewer colours, a heavy key block | tarot |
| flat | cut paper: clean curves, no line | geometric |
| riso | two or three spot colours in dots, out of register | any |
| stars | nebula filaments and stars | cosmic |
| threads | traced lines of light, bloom | fractal |
| film | calm enlargement with photographic grain | any |
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image

from muse.art.finishes import brush, light, press, wash
from muse.art.finishes.texture import Field
from muse.art.finishes.upscale import enlarge
from muse.errors import UsageError, did_you_mean
from muse.seed import derive
from muse.terms import Mood

STYLE_FINISH = {
    "ink": "wash",
    "oil": "brush",
    "ukiyo-e": "woodblock",
    "cosmic": "stars",
    "botanical": "watercolour",
    "geometric": "flat",
    "flow": "silk",
    "fractal": "threads",
    "tarot": "card",
}
CRISP = {"wash": 0.7, "watercolour": 0.8, "stars": 0.35, "threads": 0.6, "film": 0.55, "silk": 0.8, "riso": 0.9}
BROAD = {"wash": 5.0, "flat": 4.5, "card": 4.0, "silk": 4.0}
SMALLEST, LARGEST = 512, 4096

Finish = Callable[[Field, int, int, Mood], Image.Image]


def _wash(plate: Field, pixels: int, seed: int, mood: Mood) -> Image.Image:
    water = wash.Water(
        steps=6 + round(2 * mood.density), dry=0.55 + 0.25 * mood.tension, rough=0.034 + 0.012 * mood.tension,
        lines=0.8 + 0.12 * mood.tension, width=0.0058 + 0.0012 * mood.energy, count=300 + round(120 * mood.density),
        dabs=900 + round(500 * mood.density),
    )  # fmt: skip
    return wash.paint(plate, pixels, seed, water)


def _watercolour(plate: Field, pixels: int, seed: int, mood: Mood) -> Image.Image:
    water = wash.Water(dry=0.6 + 0.2 * mood.tension, edge=0.2, lines=0.55, width=0.0028, count=260)
    return wash.paint(plate, pixels, seed, water)


def _brush(plate: Field, pixels: int, seed: int, mood: Mood) -> Image.Image:
    bold = 1 + 0.25 * mood.energy
    hand = brush.Hand(
        widths=tuple(width * bold for width in (0.07, 0.034, 0.016, 0.0085)), ratio=4.0 + mood.energy,
        detail=0.045 - 0.012 * mood.density, relief=1.0 + 0.35 * mood.tension, dry=0.5 + 0.2 * mood.tension,
    )  # fmt: skip
    return brush.paint(plate, pixels, seed, hand)


def _silk(plate: Field, pixels: int, seed: int, mood: Mood) -> Image.Image:
    hand = brush.Hand(
        widths=(0.05, 0.022, 0.010, 0.0052),
        ratio=9 + 2 * mood.energy,
        dry=0.6,
        detail=0.03,
        relief=0.6,
        canvas=0.3,
        colour=0.03,
    )
    return brush.paint(plate, pixels, seed, hand)


def _woodblock(plate: Field, pixels: int, seed: int, mood: Mood) -> Image.Image:
    block = press.Block(inks=9 + round(2 * mood.density), key=0.9, line=0.004 + 0.0008 * mood.tension)
    return press.flat(plate, pixels, seed, block)


def _card(plate: Field, pixels: int, seed: int, mood: Mood) -> Image.Image:
    block = press.Block(inks=8, shade=0.15, key=0.95, line=0.006 + 0.001 * mood.tension, wood=0.3)
    return press.flat(plate, pixels, seed, block)


def _flat(plate: Field, pixels: int, seed: int, mood: Mood) -> Image.Image:
    return press.flat(plate, pixels, seed, press.Block(inks=10, shade=0.0, smooth=0.0022, key=0.0, wood=0.0))


def _riso(plate: Field, pixels: int, seed: int, mood: Mood) -> Image.Image:
    return press.riso(plate, pixels, seed, ruling=0.0066 + 0.0012 * mood.energy)


def _stars(plate: Field, pixels: int, seed: int, mood: Mood) -> Image.Image:
    lamp = light.Lamp(stars=2600 + round(1200 * mood.density), filaments=0.30 + 0.10 * mood.tension)
    return light.shine(plate, pixels, seed, lamp)


def _threads(plate: Field, pixels: int, seed: int, mood: Mood) -> Image.Image:
    lamp = light.Lamp(stars=400, peaks=False, filaments=0.15, threads=0.85, count=500 + round(200 * mood.density))
    return light.shine(plate, pixels, seed, lamp)


def _film(plate: Field, pixels: int, seed: int, mood: Mood) -> Image.Image:
    return light.film(plate, pixels, seed, 0.03 + 0.01 * mood.tension)


FINISHES: dict[str, Finish] = {
    "wash": _wash,
    "watercolour": _watercolour,
    "brush": _brush,
    "silk": _silk,
    "woodblock": _woodblock,
    "card": _card,
    "flat": _flat,
    "riso": _riso,
    "stars": _stars,
    "threads": _threads,
    "film": _film,
}


def known(name: str) -> str:
    """The name of a finish.

    Raises:
        UsageError: there is no such finish.
    """
    if name not in FINISHES:
        raise UsageError(f"unknown finish {name!r}", "", did_you_mean(name, FINISHES))
    return name


def finish(picture: npt.NDArray[np.uint8], name: str, pixels: int, seed: int, mood: Mood | None = None) -> Image.Image:
    """An RGB picture (pixels × pixels), painted after a small one (H, H, 3) uint8.

    Args:
        name: a key of FINISHES.
        pixels: side of the result, 512 to 4096.
        seed: of every stroke and speck; the same seed gives the same bytes.
        mood: turns stroke, line and grain; neutral by default.

    Raises:
        UsageError: an unknown finish, or a size out of bounds.

    >>> finish(np.full((128, 128, 3), 200, np.uint8), "film", 512, seed=1).size
    (512, 512)
    """
    if not SMALLEST <= pixels <= LARGEST:
        raise UsageError(f"{pixels} pixels", f"a cover has {SMALLEST} to {LARGEST}", "choose --pixels in these bounds")
    name = known(name)
    side = min(1024, 1 << (pixels * 2 // 3 - 1).bit_length())
    plate = enlarge(picture, side, CRISP.get(name, 1.0), BROAD.get(name, 3.0))
    return FINISHES[name](plate, pixels, derive(seed, "finish", name), mood or Mood.neutral())
