"""What is laid beneath lettering so that it can be read: a soft veil in the picture's hue, or a plate with the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw
from scipy.special import ndtr

from muse.art.colour import lab_of, to_lab, to_rgb
from muse.art.finishes.texture import Field
from muse.art.letters.layout import Block, Frame

PLATES = {"geometric": "band", "tarot": "band", "ukiyo-e": "cartouche", "ink": "cartouche"}
VEILED = {"geometric": 0.2, "tarot": 0.0, "ukiyo-e": 0.2}
MOST_VEILED = 0.62
"""The strongest veil, in the styles that are not named: beyond it a plate looks more meant."""
NEAR = 0.075


@dataclass(frozen=True, slots=True)
class Group:
    """Texts that stand together, and the box around them in parts of the shorter side."""

    blocks: tuple[Block, ...]
    left: float
    top: float
    right: float
    bottom: float

    @property
    def down(self) -> bool:
        return any(block.down for block in self.blocks)


def groups(blocks: Sequence[Block]) -> list[Group]:
    """The texts that stand nearer than NEAR to one another, together."""
    out: list[Group] = []
    for block in blocks:
        group = Group((block,), block.left, block.top, block.right, block.bottom)
        while touching := [other for other in out if _close(group, other)]:
            out = [other for other in out if other not in touching]
            both = [group, *touching]
            group = Group(
                tuple(part for one in both for part in one.blocks),
                min(g.left for g in both), min(g.top for g in both),
                max(g.right for g in both), max(g.bottom for g in both),
            )  # fmt: skip
        out.append(group)
    return out


def _close(a: Group, b: Group) -> bool:
    across = a.left - NEAR < b.right and b.left - NEAR < a.right
    return across and a.top - NEAR < b.bottom and b.top - NEAR < a.bottom


def tones(palette: Sequence[str]) -> tuple[Field, Field]:
    """The light and the dark of a palette, pushed far enough apart for reading."""
    colours = lab_of(tuple(palette))
    light, dark = colours[int(np.argmax(colours[:, 0]))].copy(), colours[int(np.argmin(colours[:, 0]))].copy()
    light[0], dark[0] = max(light[0], 95.0), min(dark[0], 10.0)
    light[1:] *= 0.5
    dark[1:] *= 0.6
    return to_rgb(light), to_rgb(dark)


def toned(part: Field, lightness: float) -> Field:
    """The colour of a veil over a part of a picture (H, W, 3): its own hue, at a lightness."""
    mean = to_lab(part.mean(axis=(0, 1)))
    mean[0] = lightness
    mean[1:] *= 0.6
    return to_rgb(mean)


def veil(group: Group, space: Frame, scale: float) -> Field:
    """(H, W) in [0, 1]: full beneath the texts, fading out softly, but not towards an edge of the picture nearby.

    Args:
        scale: pixels of the picture's shorter side.
    """
    soft = float(np.clip(0.35 * min(group.right - group.left, group.bottom - group.top), 0.035, 0.085))
    rows, columns = round(space.height * scale), round(space.width * scale)
    y, x = (np.arange(rows) + 0.5) / scale, (np.arange(columns) + 0.5) / scale
    down = _faded(y, group.top, group.bottom, space.height, soft)
    across = _faded(x, group.left, group.right, space.width, soft)
    return np.outer(down, across).astype(np.float32)


def _faded(at: Field, low: float, high: float, end: float, soft: float) -> Field:
    """1 from low to high, falling off within about three widths of `soft`; 1 up to an edge that is near."""
    pad = 1.3 * soft
    rise = np.ones_like(at) if low < 0.16 else ndtr((at - low + pad) / soft)
    fall = np.ones_like(at) if end - high < 0.16 else ndtr((high + pad - at) / soft)
    return np.asarray(np.minimum(1.0, 1.12 * rise * fall), np.float32)


def veiled(image: Image.Image, cover: Field, ground: Field, strength: float) -> None:
    """Lay a veil of a colour and strength on the picture, in place."""
    mask = Image.fromarray((cover * (255 * min(1.0, strength)) + 0.5).astype(np.uint8))
    box = mask.getbbox()
    if box is not None:
        image.paste(rgb_bytes(ground), box, mask.crop(box))


def plated(image: Image.Image, group: Group, space: Frame, style: str, ground: Field, ink: Field) -> str:
    """Lay a plate beneath texts, in place: a band from edge to edge for rows, a bordered cartouche for other texts.

    Returns:
        What was laid.
    """
    scale = min(image.size)
    tone = to_lab(ground)
    tone[0] = float(np.clip(tone[0], 0, 92)) if tone[0] > 50 else max(float(tone[0]), 11.0)
    fill, line = rgb_bytes(to_rgb(tone)), rgb_bytes(ink)
    pen = ImageDraw.Draw(image)
    rule = max(1, round(scale * 0.0022))
    kind = "cartouche" if group.down or group.bottom - group.top > 0.5 else PLATES.get(style, "band")
    if kind == "band":
        top_edge, foot_edge = group.top < 0.4 * space.height and group.top < 0.3, space.height - group.bottom < 0.3
        pad = 0.05
        low = 0.0 if top_edge else group.top - pad
        high = space.height if foot_edge and not top_edge else group.bottom + pad
        box = (0, round(low * scale), image.width, round(high * scale))
        pen.rectangle(box, fill=fill)
        if style in PLATES:
            for y, free in ((box[1] + 3 * rule, low > 0), (box[3] - 3 * rule, high < space.height)):
                if free:
                    pen.line((0, y, image.width, y), fill=line, width=rule)
        return kind
    pad = 0.034
    box = tuple(round(v * scale) for v in (group.left - pad, group.top - pad, group.right + pad, group.bottom + pad))  # type: ignore[assignment]
    pen.rectangle(box, fill=fill)
    inset = 3 * rule
    pen.rectangle((box[0] + inset, box[1] + inset, box[2] - inset, box[3] - inset), outline=line, width=rule)
    return kind


def rgb_bytes(colour: Field) -> tuple[int, int, int]:
    """An sRGB colour in [0, 1] as three whole numbers."""
    red, green, blue = (round(float(v) * 255) for v in colour)
    return red, green, blue
