"""A vermilion seal with white characters, stamped on a Chinese cover."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw

from muse.art.finishes.texture import noise
from muse.art.letters import glyphs
from muse.art.letters.fonts import Voice
from muse.art.letters.glyphs import Mark
from muse.art.letters.layout import Block, Box
from muse.fonts.faces import NOTO

VERMILION, PAPER = (160, 30, 26), (250, 243, 230)
AIM = 5.0


def stamped(image: Image.Image, block: Block, scale: float, seed: int) -> tuple[Mark, Box, float]:
    """Stamp a seal in its block, in place, as worn as its characters can bear.

    Returns:
        Its characters, the box around them within the red, and their contrast to it.
    """
    left, top, right, bottom = block.box(scale)
    width, height = right - left, bottom - top
    shape = Image.new("L", (width * 4, height * 4))
    ImageDraw.Draw(shape).rounded_rectangle(
        (0, 0, 4 * width - 1, 4 * height - 1), round(block.size * scale * 0.5), fill=255
    )
    full = np.asarray(shape.reduce(4), np.float32) / 255
    side = max(width, height, 16)
    worn = noise((side, side), max(3.0, side / 9), seed, "seal", octaves=4, falloff=0.8)[:height, :width]
    sides = (left, top, right, bottom)
    ground = image.crop(sides)
    inset = max(3, round(min(width, height) * 0.1))  # red all around what is measured
    inner = (left + inset, top + inset, right - inset, bottom - inset)
    ratio, mark = 1.0, None
    for wear, bold in ((0.9, 0.02), (0.4, 0.03), (0.0, 0.04), (0.0, 0.06)):
        mark = _characters(block, inner, bold)
        cut = Image.new("L", (width, height))
        cut.paste(mark.mask, (mark.left - left, mark.top - top))
        red = full * np.clip(1 - wear * np.clip(worn - 1.25, 0, 1), 0, 1)
        trial = ground.copy()
        trial.paste(VERMILION, (0, 0), Image.fromarray((red * 255).astype(np.uint8)))
        trial.paste(PAPER, (0, 0), cut)
        image.paste(trial, (left, top))
        framed = replace(
            mark, mask=mark.mask.crop(_within(mark, inner)), left=max(mark.left, inner[0]), top=max(mark.top, inner[1])
        )
        ratio = glyphs.contrast(image, framed)
        if ratio >= AIM:
            break
    assert mark is not None
    return mark, inner, ratio


def _within(mark: Mark, box: Box) -> Box:
    """The part of a mark's mask that lies in a box of the picture."""
    area = mark.area
    return (
        max(0, box[0] - area[0]), max(0, box[1] - area[1]),
        min(area[2], box[2]) - area[0], min(area[3], box[3]) - area[1],
    )  # fmt: skip


def _characters(block: Block, box: Box, bold: float) -> Mark:
    """The characters, from right to left in columns of at most two, or three in one."""
    chars = block.lines[0]
    rows = 2 if len(chars) == 4 else len(chars)
    columns = -(-len(chars) // rows)
    wide, high = (box[2] - box[0]) / columns, (box[3] - box[1]) / rows
    voice = Voice(han=NOTO)
    size = min(wide, high)
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    set_ = []
    for i, char in enumerate(chars):
        column, row = divmod(i, rows)
        x, y = middle[0] + ((columns - 1) / 2 - column) * wide, middle[1] + (row - (rows - 1) / 2) * high
        set_.append(glyphs.squared(char, voice, size, x, y))
    return glyphs.drawn(set_, size, bold)
