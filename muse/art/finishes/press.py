"""Prints at native size: flat colour with drawn borders, cut paper, woodblock with a key block.

Colours are few and come from the picture (k-means in Lab); each pixel takes the nearest, decided after enlarging the
soft memberships, so that borders are smooth curves at any size and never staircases.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops
from scipy import ndimage

from muse.art.colour import to_lab, to_rgb
from muse.art.finishes.lines import inked, ridges, trace
from muse.art.finishes.texture import (
    Field,
    Shape,
    bands,
    blur,
    luma,
    noise,
    paper,
    resized,
    scaled,
    shape_of,
    shrunk,
    strip,
    unit,
)
from muse.art.palette import palette_of

SIDE = 512


@dataclass(frozen=True, slots=True)
class Block:
    """How a print is made.

    Attributes:
        inks: number of flat colours.
        shade: share of the picture's own gradation kept inside a colour (0 flat, 1 all).
        smooth: how far borders are rounded, in parts of the side.
        key: strength of the black key block, 0 for none; `line` is its widest line, `count` how many are tried.
        wood: strength of the grain of the block.
        tooth: strength of the paper.
        lift: shadow that each colour throws on the one beneath, as cut paper does, 0 for none.
    """

    inks: int = 9
    shade: float = 0.35
    smooth: float = 0.003
    key: float = 0.9
    line: float = 0.004
    count: int = 420
    wood: float = 0.5
    tooth: float = 0.7
    lift: float = 0.0


def flat(plate: Field, shape: Shape, seed: int, block: Block) -> Image.Image:
    """An RGB print (height, width) in few colours after ``plate`` (H, W, 3)."""
    pixels = unit(shape)
    small = shrunk(plate, SIDE)
    colours, _ = palette_of(small, block.inks)
    colours = colours[np.argsort(colours[:, 0], kind="stable")]
    members = _members(small, colours, max(0.6, block.smooth * SIDE))
    tones = to_rgb(colours)
    sheet = np.asarray(paper(shape, seed, fibres=1500 if block.tooth else 0)) if block.tooth else None
    rings = _rings(scaled(shape, pixels // 2), seed) if block.wood else None
    speck = (
        noise(scaled(shape, pixels // 2), pixels / 240, seed, "speck", octaves=4, falloff=0.75) if block.wood else None
    )
    shadow = _shadows(members, block.lift) if block.lift else None
    ground = tones[int(np.argmax(luma(tones)))]
    out = np.empty((*shape, 3), np.uint8)
    sharp = np.float32(max(3.0, pixels / SIDE * 2.6))
    for top, bottom in bands(shape[0]):
        colour = _inked(members, tones, shape, top, bottom, sharp)
        if block.shade:
            soft = strip(plate, shape, top, bottom)
            colour += block.shade * (soft - colour)
        if shadow is not None:
            colour *= 1 - strip(shadow, shape, top, bottom)[..., None]
        if rings is not None and speck is not None:
            worn = strip(rings, shape, top, bottom)
            spots = np.clip(strip(speck, shape, top, bottom) - 1.95, 0, 1) * 0.35
            fade = block.wood * (0.055 * worn + spots)
            colour += np.clip(fade, -0.08, 0.5)[..., None] * (ground - colour + 0.02)
        if sheet is not None:
            colour *= (1 + block.tooth * 0.0035 * (sheet[top:bottom].astype(np.float32) - 128))[..., None]
        out[top:bottom] = np.clip(colour * 255 + 0.5, 0, 255)
    image = Image.fromarray(out)
    if block.key:
        force, angle = ridges(plate, 1.1, 4.0)
        ink = inked(trace(force, angle, seed, block.count), shape, seed, block.line, block.key, sheet)
        image = _overprint(image, ink, _darkest(tones))
    return image


def _inked(members: list[Field], tones: Field, shape: Shape, top: int, bottom: int, sharp: np.float32) -> Field:
    """Rows of a print: each pixel in the colour whose membership leads there, borders one pixel soft."""
    scale = shape_of(members[0])[0] / shape[0]
    rows = slice(max(0, int(top * scale) - 3), int(bottom * scale) + 4)
    found = [(strip(m, shape, top, bottom), tone) for m, tone in zip(members, tones, strict=True) if m[rows].any()]
    first = np.full((bottom - top, shape[1]), -1, np.float32)
    second = first.copy()
    for share, _ in found:
        np.maximum(second, np.minimum(first, share), out=second)
        np.maximum(first, share, out=first)
    middle = np.maximum(second, 0) * np.float32(0.5) + first * np.float32(0.5)
    colour, total = np.zeros((bottom - top, shape[1], 3), np.float32), np.full_like(first, 1e-3)
    for share, tone in found:
        lead = np.clip((share - middle) * sharp + np.float32(0.5), 0, 1)
        total += lead
        colour += lead[..., None] * tone
    colour /= total[..., None]
    return colour


def _members(small: Field, colours: Field, smooth: float) -> list[Field]:
    """For each colour (H, W): soft membership of each pixel, borders rounded by ``smooth`` pixels."""
    seen = to_lab(small)
    far = np.stack([((seen - colour) ** 2).sum(-1) for colour in colours])
    near = far.argmin(0)
    return [blur((near == k).astype(np.float32), smooth) for k in range(len(colours))]


def _shadows(members: list[Field], lift: float) -> Field:
    """(H, W) how much light is lost where a lighter paper, laid over the darker ones, throws its shadow."""
    reach = 0.006 * SIDE
    lost = np.zeros_like(members[0])
    above = np.zeros_like(lost)
    for share in reversed(members):
        moved = ndimage.shift(blur(above, reach), (reach, reach), order=1, mode="nearest")
        lost = np.maximum(lost, lift * moved * np.clip(share * 2 - 0.5, 0, 1))
        above = above + share
    return lost


def _rings(shape: Shape, seed: int) -> Field:
    """The grain of a cherry block: long wavering lines, mean 0."""
    side, small = unit(shape), scaled(shape, 256)
    bend = resized(noise(small, 120, seed, "bend", octaves=3), shape) * side * 0.02
    fine = noise((shape[0], max(8, side // 40)), 9, seed, "fibre", octaves=2)
    rows = np.arange(shape[0], dtype=np.float32)[:, None]
    along = resized(noise(small, 24, seed, "along", octaves=2), shape)
    lines = np.sin((rows + bend) * np.float32(2 * np.pi / max(6.0, side / 170)) + along)
    return np.asarray(lines * 0.5 + resized(fine, shape) * 0.55, np.float32)


def _overprint(image: Image.Image, ink: Image.Image, tone: Field) -> Image.Image:
    """A picture multiplied by ink of a colour where ``ink`` (L) is dark."""
    tables = [[int(255 * (tone[c] + (1 - tone[c]) * v / 255)) for v in range(256)] for c in range(3)]
    return ImageChops.multiply(image, Image.merge("RGB", [ink.point(table) for table in tables]))


def _darkest(tones: Field) -> Field:
    tone = tones[int(np.argmin(luma(tones)))]
    return np.asarray(np.clip(tone * 0.45, 0.03, 0.2), np.float32)
