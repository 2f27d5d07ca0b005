"""The glyphs of a block as masks in pixels, and what they are on the finished picture: contrast, em, stroke."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from muse.art.finishes.texture import Field, array_of
from muse.art.letters import fonts
from muse.art.letters.layout import Block, Box
from muse.fonts.faces import BRUSH, NOTO

SOLID = 250
"""Coverage, of 255, from which a pixel is wholly ink."""
_DETAIL = 72
"""Em in pixels at which contrast is measured; larger letters are sampled, not averaged."""

Glyph = tuple[str, str, float, float]
"""Character, face, x of its beginning and y of its base line, in pixels."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One line of text: its mask (L), where the mask's corner lies on the picture, and its em in pixels."""

    mask: Image.Image
    left: int
    top: int
    size: float

    @property
    def box(self) -> Box:
        """The box around the ink on the picture."""
        left, top, right, bottom = self.mask.getbbox() or (0, 0, 1, 1)
        return self.left + left, self.top + top, self.left + right, self.top + bottom

    @property
    def area(self) -> Box:
        """The box of the whole mask on the picture: the ink and what surrounds it."""
        return self.left, self.top, self.left + self.mask.width, self.top + self.mask.height


def marks(block: Block, scale: float) -> list[Mark]:
    """The lines of a block as masks, where the picture's shorter side has so many pixels."""
    lines = _columns(block, scale) if block.down else _rows(block, scale)
    return [drawn(glyphs, block.size * scale, block.voice.bold) for glyphs in lines if glyphs]


def _rows(block: Block, scale: float) -> Iterator[list[Glyph]]:
    rows, size = block.rows, block.size * scale
    for k, row in enumerate(rows):
        spare = block.width * scale - row.width * size
        x = block.left * scale + {"left": 0.0, "centre": 0.5, "right": 1.0}[block.align] * spare - row.left * size
        y = block.top * scale + (k * block.leading - rows[0].top) * size
        yield [(char, face, x + at * size, y) for char, face, at in row.glyphs if char != " "]


def _columns(block: Block, scale: float) -> Iterator[list[Glyph]]:
    size = block.size * scale
    for k, line in enumerate(block.lines):
        middle = block.right * scale - size * (0.5 + k * block.leading)
        tops = (block.top * scale + i * size * (1 + block.voice.tracking) for i in range(len(line)))
        yield [squared(char, block.voice, size, middle, top + size / 2) for char, top in zip(line, tops, strict=True)]


def squared(char: str, voice: fonts.Voice, size: float, x: float, y: float) -> Glyph:
    """One character in the middle of a square around (x, y)."""
    face = voice.face(char, True)
    return char, face, x - fonts.advance(face, char) * size / 2, y + size * (0.36 if face == BRUSH else 0.38)


def drawn(glyphs: list[Glyph], size: float, bold: float) -> Mark:
    """Glyphs as a mask, with room around them in which contrast is measured; small ones are drawn finer, then reduced.

    Args:
        size: em in pixels.
        bold: stroke added around each glyph of Noto, in em.
    """
    fine = 4 if size < 48 else 2 if size < 160 else 1
    reach = round(size * 0.4) + 4
    boxes = [tuple(edge * size for edge in fonts.ink(face, char)) for char, face, *_ in glyphs]
    left = int(min(x + box[0] for box, (_, _, x, _) in zip(boxes, glyphs, strict=True))) - reach
    top = int(min(y + box[1] for box, (_, _, _, y) in zip(boxes, glyphs, strict=True))) - reach
    right = int(max(x + box[2] for box, (_, _, x, _) in zip(boxes, glyphs, strict=True))) + 1 + reach
    bottom = int(max(y + box[3] for box, (_, _, _, y) in zip(boxes, glyphs, strict=True))) + 1 + reach
    mask = Image.new("L", ((right - left) * fine, (bottom - top) * fine))
    pen = ImageDraw.Draw(mask)
    em = max(1, round(size * fine))
    for char, face, x, y in glyphs:
        stroke = round(bold * em) if face == NOTO else 0
        spot = ((x - left) * fine, (y - top) * fine)
        pen.text(spot, char, fill=255, font=fonts.font(face, em), anchor="ls", stroke_width=stroke)
    return Mark(mask.reduce(fine) if fine > 1 else mask, left, top, size)


def luminance(picture: npt.ArrayLike) -> Field:
    """(...,) WCAG relative luminance of sRGB in [0, 1].

    Source: WCAG 2.2, "relative luminance".
    """
    colour = np.asarray(picture, np.float32)
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722], np.float32), np.float32)


def ratios(ground: Field, ink: float) -> Field:
    """(...,) WCAG contrast of luminances to that of the ink."""
    return np.asarray((np.maximum(ground, ink) + 0.05) / (np.minimum(ground, ink) + 0.05), np.float32)


def contrast(image: Image.Image, mark: Mark) -> float:
    """Contrast of a line's glyphs, as they came out, with the pixels around them: the 5th percentile over those."""
    step = max(1, round(mark.size / _DETAIL))
    cover = Image.fromarray(np.asarray(mark.mask)[::step, ::step])
    tone = luminance(array_of(image.crop(mark.area))[::step, ::step])
    seen = np.asarray(cover)
    glyph = seen >= min(SOLID, int(seen.max()))
    reach = mark.size / step
    near = np.asarray(cover.filter(ImageFilter.GaussianBlur(0.12 * reach))) > 2
    around = near & (np.asarray(cover.filter(ImageFilter.MaxFilter(3))) < 3)
    inside = _inside(mark.area, image.size, step)[: seen.shape[0], : seen.shape[1]]
    glyph, around = glyph & inside, around & inside
    if not glyph.any() or not around.any():
        return 1.0
    return float(np.quantile(ratios(tone[around], float(np.median(tone[glyph]))), 0.05))


def _inside(area: Box, size: tuple[int, int], step: int) -> npt.NDArray[np.bool_]:
    """Which sampled pixels of an area lie on the picture."""
    x, y = np.arange(area[0], area[2], step), np.arange(area[1], area[3], step)
    return ((y >= 0) & (y < size[1]))[:, None] & ((x >= 0) & (x < size[0]))


def stroke(marks: list[Mark]) -> float:
    """How broad the strokes of some lines are on average, in pixels: twice the ink for its outline."""
    ink, edge = 0.0, 0.0
    for mark in marks:
        cover = np.asarray(mark.mask, np.float32) / 255
        gy, gx = np.gradient(cover)
        ink, edge = ink + float(cover.sum()), edge + float(np.hypot(gx, gy).sum())
    return 2 * ink / max(edge, 1e-6)
