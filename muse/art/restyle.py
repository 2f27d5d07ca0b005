"""A picture of any size in another style: by the VAE's style codes, or painted anew by the generator, then finished.

The networks work at half a megapixel at most, in one pass. What the style code leaves of the way to the light and
colour of its class is gone in Lab (`muse.art.tones`). A style class is then painted at native size in its own
finish (ink wash, oil, woodblock …), strokes following the forms of the picture; the style of another picture has no
finish of its own, and there the fine light of the photo is given back.
"""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image

from muse.art.condition import mood_of
from muse.art.finishes.finish import STYLE_FINISH, finish
from muse.art.gan.repaint import repainted
from muse.art.sizes import LARGEST, SMALLEST, STEEPEST
from muse.art.tones import TONES, tone_of, toned
from muse.art.vae.frame import Pixels, at_work, detailed, padded, pixels_of, recoloured, sized
from muse.art.vae.model import load, to_tensor
from muse.art.vae.swap import style_code, swapped
from muse.bundle import Bundle
from muse.errors import UsageError
from muse.terms import Mood

NO_FINISH = "none"
PAINTED = 384
"""Short side of a picture that the generator paints, in pixels: thrice that of those it learned from."""
SEEN = 128
"""Side of the square whose mood is measured."""
PLATE = 320
"""Short side of what a finish is painted after: large enough for the forms of a photo, too small for its texture."""


def restyled(
    picture: bytes | Pixels,
    vae: Bundle,
    style: str | bytes | Pixels,
    strength: float = 0.8,
    keep_colour: bool = False,
    *,
    gan: Bundle | None = None,
    surface: str | None = None,
    seed: int = 0,
) -> Pixels:
    """The picture in a style, (H, W, 3) uint8, its size unchanged.

    Args:
        picture: a PNG, JPEG or WebP file, or its pixels.
        vae: the bundle image-vae.
        style: a style class ("ink"), or another picture whose style is taken.
        strength: 0 gives the picture back, 1 is all style; in [0, 1].
        keep_colour: take the light from the result and the colours from the picture.
        gan: the bundle cover-gan, to have the picture painted anew by it; it knows classes alone.
        surface: a finish, or "none"; by default that of the class, and none for the style of a picture.
        seed: of the generator's brush and of the finish.

    Raises:
        UsageError: an unknown style or finish, a strength out of bounds, or a picture as style for the generator.
        InputError: a picture that cannot be read.
    """
    if not 0 <= strength <= 1:
        raise UsageError(f"strength {strength} is out of bounds", "", "choose one in [0, 1]")
    if gan is not None and not isinstance(style, str):
        raise UsageError("the generator paints style classes", "a picture was given as style", "use by='vae'")
    pixels = pixels_of(picture)
    code = style_code(vae, style)
    if strength == 0:
        return pixels.copy()
    work = at_work(pixels)
    if gan is None:
        tone = TONES.get(style) if isinstance(style, str) else tone_of(at_work(pixels_of(style), SEEN))
        made = swapped(load(vae), work, strength, code)
        made = toned(made, tone, strength) if tone else made
    else:
        made = by_gan(work, vae, gan, str(style), strength, seed)
    surface = surface or (STYLE_FINISH.get(style, NO_FINISH) if isinstance(style, str) else NO_FINISH)
    if surface == NO_FINISH:
        made = detailed(made, work, pixels)
        return recoloured(made, pixels) if keep_colour else made
    plate = at_work(recoloured(made, work) if keep_colour else made, PLATE)
    painted = _painted(plate, pixels.shape[0], pixels.shape[1], surface, seed, mood_of(sized(work, SEEN, SEEN)))
    if strength == 1:
        return painted
    under = detailed(made, work, pixels)
    return np.asarray(Image.blend(Image.fromarray(under), Image.fromarray(painted), strength))


def by_gan(work: Pixels, vae: Bundle, gan: Bundle, style: str, strength: float, seed: int) -> Pixels:
    """The picture, its codes moved towards those that the generator paints after its content."""
    model = load(vae)
    small = at_work(work, PAINTED)
    with torch.no_grad():
        content = model.content(padded(to_tensor(small[None])))[0]
        content, code = repainted(gan, content, style, mood_of(sized(small, SEEN, SEEN)), seed)
    return sized(swapped(model, small, strength, code, content), *work.shape[:2])


def _painted(plate: Pixels, height: int, width: int, surface: str, seed: int, mood: Mood) -> Pixels:
    """The plate painted at native size, or at the nearest size that finishes know."""
    short, long = sorted((height, width))
    scale = min(max(1.0, SMALLEST / max(short, long / STEEPEST)), LARGEST / long)
    rows, columns = max(1, round(height * scale)), max(1, round(width * scale))
    least = max(SMALLEST, -(-max(rows, columns) // STEEPEST))
    shape = max(rows, least), max(columns, least)
    part = plate.shape[1] / columns
    high, wide = (round((n - m) * part) for n, m in zip(shape, (rows, columns), strict=True))
    full = np.pad(plate, ((0, high), (0, wide), (0, 0)), mode="reflect")
    done = np.asarray(finish(full, surface, shape, seed, mood))[:rows, :columns]
    return sized(done, height, width)
