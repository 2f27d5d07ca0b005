"""What is laid beneath lettering so that it can be read: a soft veil in the picture's hue, or the plate of a print."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from muse.art.colour import lab_of, to_lab, to_rgb
from muse.art.finishes.texture import Field
from muse.art.letters.layout import Block

PLATES = {"geometric": "band", "tarot": "band", "ukiyo-e": "cartouche"}
PLAIN = 0.2  # below this strength a veil does, even for a print
BASE = 160

Box = tuple[float, float, float, float]


def tones(palette: Sequence[str]) -> tuple[Field, Field]:
    """The light and the dark of a palette, pushed far enough apart for reading."""
    colours = lab_of(tuple(palette))
    light, dark = colours[int(np.argmax(colours[:, 0]))].copy(), colours[int(np.argmin(colours[:, 0]))].copy()
    light[0], dark[0] = max(light[0], 95.0), min(dark[0], 10.0)
    light[1:] *= 0.5
    dark[1:] *= 0.6
    return to_rgb(light), to_rgb(dark)


def toned(picture: Field, cover: Image.Image, lightness: float) -> Field:
    """The colour of a veil: the picture's own hue beneath it, at a lightness."""
    weight = np.asarray(cover.resize(picture.shape[1::-1]), np.float32)[..., None] + 1
    mean = to_lab((picture * weight).sum(axis=(0, 1)) / weight.sum())
    mean[0] = lightness
    mean[1:] *= 0.6
    return to_rgb(mean)


def veil(blocks: Sequence[Block], side: int) -> Image.Image:
    """L picture (side × side): full beneath the texts, fading out softly around them."""
    field = np.zeros((BASE, BASE), np.float32)
    for block in blocks:
        sheet = Image.new("L", (BASE, BASE))
        pad = block.size * (0.30 if block.role == "title" else 0.55)
        left, top, right, bottom = block.box(BASE)
        reach = max(1, round(pad * BASE))
        room = (left - reach, top - reach, right + reach, bottom + reach)
        ImageDraw.Draw(sheet).rounded_rectangle(room, reach, fill=255)
        soft = sheet.filter(ImageFilter.GaussianBlur(max(1.2, (pad * 0.8 + 0.012) * BASE)))
        field = np.maximum(field, np.asarray(soft, np.float32))
    field = np.clip(field * 1.35, 0, 255)
    return Image.fromarray(field.astype(np.uint8)).resize((side, side), Image.Resampling.BICUBIC)


def veiled(image: Image.Image, blocks: Sequence[Block], ground: Field, strength: float) -> Image.Image:
    """A copy of the picture with a veil of a colour and strength beneath the texts."""
    done = image.copy()
    if strength > 0:
        cover = veil(blocks, image.width).point([round(v * min(1.0, strength)) for v in range(256)])
        done.paste(rgb_bytes(ground), (0, 0), cover)
    return done


def plated(image: Image.Image, blocks: Sequence[Block], style: str, ground: Field, ink: Field) -> Image.Image:
    """A copy of the picture with plates beneath its texts: a band from edge to edge, or a bordered cartouche."""
    done, pixels = image.copy(), image.width
    tone = to_lab(ground)
    tone[0] = float(np.clip(tone[0], 0, 91)) if tone[0] > 50 else max(float(tone[0]), 12.0)
    ground = to_rgb(tone)
    pen = ImageDraw.Draw(done)
    rule = max(1, round(pixels * 0.0022))
    for left, top, right, bottom in _groups(blocks):
        if PLATES[style] == "band" and bottom - top < 0.42:
            low, high = (0.0 if top < 0.12 else top - 0.035), (1.0 if bottom > 0.88 else bottom + 0.035)
            box = (-2 * rule, round(low * pixels), pixels + 2 * rule, round(high * pixels))
            pen.rectangle(box, fill=rgb_bytes(ground))
            inner = [y for y, edge in ((box[1] + 3 * rule, low > 0), (box[3] - 3 * rule, high < 1)) if edge]
            for y in inner:
                pen.line((0, y, pixels, y), fill=rgb_bytes(ink), width=rule)
            continue
        box = tuple(round(v * pixels) for v in (left - 0.028, top - 0.028, right + 0.028, bottom + 0.028))  # type: ignore[assignment]
        pen.rectangle(box, fill=rgb_bytes(ground))
        inset = 3 * rule
        frame = (box[0] + inset, box[1] + inset, box[2] - inset, box[3] - inset)
        pen.rectangle(frame, outline=rgb_bytes(ink), width=rule)
    return Image.blend(image, done, 0.97)


def _groups(blocks: Sequence[Block], near: float = 0.075) -> list[Box]:
    """The boxes around texts that stand together."""
    boxes: list[Box] = [(b.left, b.top, b.left + b.width, b.top + b.height) for b in blocks]
    merged = True
    while merged:
        merged = False
        for i in range(len(boxes)):
            for j in range(i + 1, len(boxes)):
                a, b = boxes[i], boxes[j]
                if a[0] - near < b[2] and b[0] - near < a[2] and a[1] - near < b[3] and b[1] - near < a[3]:
                    boxes[i] = (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))
                    del boxes[j]
                    merged = True
                    break
            if merged:
                break
    return boxes


def rgb_bytes(colour: Field) -> tuple[int, int, int]:
    """An sRGB colour in [0, 1] as three whole numbers."""
    red, green, blue = (round(float(v) * 255) for v in colour)
    return red, green, blue
