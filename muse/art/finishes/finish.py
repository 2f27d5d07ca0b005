"""From the model's small picture to a finished one at native size: which finish suits which style, and what mood does.

| finish | made of | suits |
|---|---|---|
| wash | ink wash on raw paper, brush lines, texture strokes | ink |
| watercolour | transparent washes with drying edges, a fine line | botanical |
| brush | strokes of oil with bristles and ridges on canvas | oil |
| silk | threads that flow along the forms, their sheen | flow |
| woodblock | flat colours, key block, grain of the wood | ukiyo-e |
| card | fewer colours, a heavy key block | tarot |
| flat | cut paper: clean curves, no line, soft shadows | geometric |
| riso | two or three spot colours in random grain, out of register | any; geometric when lively |
| halftone | black dots over flat inks | any; tarot when tense |
| stars | nebula filaments and stars | cosmic |
| threads | traced lines of light, bloom | fractal |
| film | calm enlargement with photographic grain | any; cosmic when tense |

| finish | energy | tension | density | else |
|---|---|---|---|---|
| wash | broader lines | drier, rougher, darker lines | more strokes and layers | |
| watercolour | broader lines | drier | more layers | |
| brush | broader, longer strokes | thicker, drier paint | finer detail | |
| silk | longer stitches | stronger threads | | valence: more sheen |
| woodblock, card | | heavier lines | more inks | |
| flat | | harder shadows | more papers | |
| riso | coarser grain, more uneven ink | further out of register | a third ink | |
| halftone | coarser dots | harder black | | |
| stars | | stronger filaments | more stars | |
| threads | broader lines | | more lines | valence: more bloom |
| film | | more grain | | warmth: more bloom |

A style has its own finish (STYLE_FINISH) unless its mood calls for another (FINISHES in `muse.art.moodtable`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image

from muse.art.finishes import brush, light, press, silk, spot, wash
from muse.art.finishes.texture import Field, Shape, scaled
from muse.art.finishes.upscale import enlarge
from muse.art.sizes import bounded
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
CRISP = {"wash": 0.75, "watercolour": 0.8, "stars": 0.35, "threads": 0.6, "film": 0.55, "silk": 0.8, "riso": 0.9}
BROAD = {"wash": 3.5, "flat": 4.5, "card": 4.0, "silk": 4.0}

Finish = Callable[[Field, Shape, int, Mood], Image.Image]


def _wash(plate: Field, shape: Shape, seed: int, mood: Mood) -> Image.Image:
    water = wash.Water(
        steps=6 + round(2 * mood.density), dry=0.55 + 0.25 * mood.tension, rough=0.034 + 0.012 * mood.tension,
        lines=0.8 + 0.12 * mood.tension, width=0.0058 + 0.0012 * mood.energy, count=300 + round(120 * mood.density),
        dabs=2600 + round(1400 * mood.density),
    )  # fmt: skip
    return wash.paint(plate, shape, seed, water)


def _watercolour(plate: Field, shape: Shape, seed: int, mood: Mood) -> Image.Image:
    water = wash.Water(
        steps=6 + round(2 * mood.density), dry=0.6 + 0.2 * mood.tension, edge=0.2, lines=0.55,
        width=0.0028 + 0.0008 * mood.energy, count=260,
    )  # fmt: skip
    return wash.paint(plate, shape, seed, water)


def _brush(plate: Field, shape: Shape, seed: int, mood: Mood) -> Image.Image:
    bold = 1 + 0.25 * mood.energy
    hand = brush.Hand(
        widths=tuple(width * bold for width in (0.07, 0.034, 0.016, 0.0085)), ratio=4.0 + mood.energy,
        detail=0.045 - 0.012 * mood.density, relief=1.3 + 0.4 * mood.tension, dry=0.5 + 0.2 * mood.tension,
    )  # fmt: skip
    return brush.paint(plate, shape, seed, hand)


def _silk(plate: Field, shape: Shape, seed: int, mood: Mood) -> Image.Image:
    cloth = silk.Cloth(
        thread=0.16 + 0.05 * mood.tension, stitch=0.006 + 0.003 * mood.energy, sheen=0.22 + 0.08 * mood.valence
    )
    return silk.weave(plate, shape, seed, cloth)


def _woodblock(plate: Field, shape: Shape, seed: int, mood: Mood) -> Image.Image:
    block = press.Block(inks=9 + round(2 * mood.density), key=0.9, line=0.004 + 0.0008 * mood.tension)
    return press.flat(plate, shape, seed, block)


def _card(plate: Field, shape: Shape, seed: int, mood: Mood) -> Image.Image:
    line = 0.006 + 0.001 * mood.tension
    block = press.Block(inks=8 + round(mood.density), shade=0.15, key=0.95, line=line, wood=0.3)
    return press.flat(plate, shape, seed, block)


def _flat(plate: Field, shape: Shape, seed: int, mood: Mood) -> Image.Image:
    block = press.Block(
        inks=8 + round(2 * mood.density), shade=0.0, smooth=0.0022, key=0.0, wood=0.0, tooth=0.5,
        lift=0.24 + 0.1 * mood.tension,
    )  # fmt: skip
    return press.flat(plate, shape, seed, block)


def _riso(plate: Field, shape: Shape, seed: int, mood: Mood) -> Image.Image:
    inks, grains = 2 if mood.density < -0.3 else 3, round(2200 - 600 * mood.energy)
    return spot.riso(
        plate, shape, seed, spot.Riso(inks, grains, 0.0014 + 0.0008 * mood.tension, 0.08 + 0.06 * mood.energy)
    )


def _halftone(plate: Field, shape: Shape, seed: int, mood: Mood) -> Image.Image:
    dots = spot.Dots(cell=0.0095 + 0.003 * mood.energy, contrast=1.0 + 0.35 * mood.tension)
    return spot.halftone(plate, shape, seed, dots)


def _stars(plate: Field, shape: Shape, seed: int, mood: Mood) -> Image.Image:
    lamp = light.Lamp(stars=2600 + round(1200 * mood.density), filaments=0.30 + 0.10 * mood.tension)
    return light.shine(plate, shape, seed, lamp)


def _threads(plate: Field, shape: Shape, seed: int, mood: Mood) -> Image.Image:
    lamp = light.Lamp(
        stars=400, peaks=False, filaments=0.15, threads=0.85, line=0.0026 + 0.0006 * mood.energy,
        count=500 + round(200 * mood.density), bloom=0.35 + 0.1 * mood.valence,
    )  # fmt: skip
    return light.shine(plate, shape, seed, lamp)


def _film(plate: Field, shape: Shape, seed: int, mood: Mood) -> Image.Image:
    return light.film(plate, shape, seed, 0.035 + 0.012 * mood.tension, 0.12 + 0.06 * mood.warmth)


FINISHES: dict[str, Finish] = {
    "wash": _wash,
    "watercolour": _watercolour,
    "brush": _brush,
    "silk": _silk,
    "woodblock": _woodblock,
    "card": _card,
    "flat": _flat,
    "riso": _riso,
    "halftone": _halftone,
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


def finish(
    picture: npt.NDArray[np.uint8], name: str, shape: int | Shape, seed: int, mood: Mood | None = None
) -> Image.Image:
    """An RGB picture, painted at native size after a small one (H, W, 3) uint8 of the same aspect.

    Args:
        name: a key of FINISHES.
        shape: (height, width) of the result, or its side; each 512 to 4096.
        seed: of every stroke and speck; the same seed gives the same bytes.
        mood: turns stroke, line and grain; neutral by default.

    Raises:
        UsageError: an unknown finish, or a size out of bounds.

    >>> finish(np.full((128, 128, 3), 200, np.uint8), "film", 512, seed=1).size
    (512, 512)
    """
    height, width = (shape, shape) if isinstance(shape, int) else shape
    bounded(width, height)
    name = known(name)
    side = min(1024, 1 << (min(height, width) * 2 // 3 - 1).bit_length())
    plate = enlarge(picture, scaled((height, width), side), CRISP.get(name, 1.0), BROAD.get(name, 3.0))
    return FINISHES[name](plate, (height, width), derive(seed, "finish", name), mood or Mood.neutral())
