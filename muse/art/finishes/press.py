"""Prints at native size: flat colour with drawn borders, woodblock with a key block, risograph screens.

Colours are few and come from the picture (k-means in Lab); each pixel takes the nearest, decided after enlarging the
soft memberships, so that borders are smooth curves at any size and never staircases.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops

from muse.art.colour import to_lab, to_rgb
from muse.art.finishes.lines import inked, ridges, trace
from muse.art.finishes.texture import Field, bands, blur, grain, luma, noise, paper, resized, strip
from muse.art.palette import palette_of


@dataclass(frozen=True, slots=True)
class Block:
    """How a print is made.

    Attributes:
        inks: number of flat colours.
        shade: share of the picture's own gradation kept inside a colour (0 flat, 1 all).
        smooth: how far borders are rounded, in parts of the side.
        key: strength of the black key block, 0 for none; `line` is its widest line.
        wood: strength of the grain of the block.
        shift: misregistration of the colours, in parts of the side.
        tooth: strength of the paper.
    """

    inks: int = 9
    shade: float = 0.35
    smooth: float = 0.003
    key: float = 0.9
    line: float = 0.004
    count: int = 420
    wood: float = 0.5
    shift: float = 0.0
    tooth: float = 0.7


def flat(plate: Field, pixels: int, seed: int, block: Block) -> Image.Image:
    """An RGB print (pixels × pixels) in few colours after ``plate`` (H, H, 3)."""
    side = 512
    small = resized(plate, side, how=Image.Resampling.BOX)
    colours, _ = palette_of(small, block.inks)
    members = _members(small, colours, max(0.6, block.smooth * side))
    tones = to_rgb(colours)
    sheet = np.asarray(paper(pixels, seed, fibres=1500 if block.tooth else 0)) if block.tooth else None
    rings = _rings(pixels // 2, seed) if block.wood else None
    speck = noise(pixels // 2, pixels / 160, seed, "speck", octaves=4, falloff=0.75) if block.wood else None
    ground = tones[int(np.argmax(luma(tones)))]
    out = np.empty((pixels, pixels, 3), np.uint8)
    sharp = np.float32(max(3.0, pixels / side * 2.6))
    for top, bottom in bands(pixels):
        share = strip(members, pixels, top, bottom)
        share = share - np.partition(share, -2, axis=-1)[..., -2:].mean(axis=-1, keepdims=True)
        share = np.clip(share * sharp + 0.5, 0, 1)
        share /= np.maximum(share.sum(axis=-1, keepdims=True), 1e-3)
        colour = share @ tones
        if block.shade:
            soft = strip(plate, pixels, top, bottom)
            colour += block.shade * (soft - colour)
        if rings is not None and speck is not None:
            worn = strip(rings, pixels, top, bottom)
            spots = np.clip(strip(speck, pixels, top, bottom) - 1.75, 0, 1) * 0.5
            fade = block.wood * (0.055 * worn + spots)
            colour += np.clip(fade, -0.08, 0.5)[..., None] * (ground - colour + 0.02)
        if sheet is not None:
            colour *= (1 + block.tooth * 0.0035 * (sheet[top:bottom].astype(np.float32) - 128))[..., None]
        out[top:bottom] = np.clip(colour * 255 + 0.5, 0, 255)
    image = Image.fromarray(out)
    if block.key:
        force, angle = ridges(plate, 1.1, 4.0)
        ink = inked(trace(force, angle, seed, block.count), pixels, seed, block.line, block.key, sheet)
        image = _overprint(image, ink, _darkest(tones))
    return image


def riso(
    plate: Field,
    pixels: int,
    seed: int,
    inks: tuple[tuple[float, float, float], ...] | None = None,
    ruling: float = 0.0066,
) -> Image.Image:
    """An RGB risograph (pixels × pixels): two or three spot colours, each with its screen, a little out of register.

    Args:
        inks: spot colours (sRGB 0..1), the darkest last; None takes them from the picture.
        ruling: width of a screen cell, a part of the side.
    """
    side = 512
    small = resized(plate, side, how=Image.Resampling.BOX)
    colours = np.array(inks, np.float32) if inks else _spots(small)
    sheet = paper(pixels, seed, fibres=900)
    base = np.array([0.965, 0.95, 0.915], np.float32)
    amounts = _separate(small, colours, base)
    rng = np.random.Generator(np.random.Philox(key=seed))
    shift = rng.normal(0, 0.0011, (len(colours), 2)) * pixels
    turns = np.radians([75, 15, 45, 0][: len(colours)])
    cell = np.float32(max(4.0, ruling * pixels))
    tooth = np.asarray(sheet)
    x = np.arange(pixels, dtype=np.float32)[None, :]
    out = np.empty((pixels, pixels, 3), np.uint8)
    for top, bottom in bands(pixels):
        y = np.arange(top, bottom, dtype=np.float32)[:, None]
        bump = (tooth[top:bottom].astype(np.float32) - 128) / 12
        colour = np.broadcast_to(base, (bottom - top, pixels, 3)).copy()
        colour *= (1 + 0.02 * bump)[..., None]
        speck = grain(bottom - top, pixels, seed, "riso", top)
        for k, tone in enumerate(colours):
            cos, sin = np.cos(turns[k]), np.sin(turns[k])
            u = ((x + shift[k, 0]) * cos + (y + shift[k, 1]) * sin) * (2 * np.pi / cell)
            v = ((y + shift[k, 1]) * cos - (x + shift[k, 0]) * sin) * (2 * np.pi / cell)
            screen = (np.cos(u) + np.cos(v)) * 0.25 + 0.5
            amount = strip(amounts[..., k], pixels, top, bottom)
            cover = np.clip((amount * 1.12 - 0.06 - (1 - screen) * 0.94) * cell * 0.62 + 0.5, 0, 1)
            cover *= np.clip(0.93 - 0.045 * bump + 0.03 * speck, 0.3, 1)
            colour *= 1 - cover[..., None] * (1 - tone)
        out[top:bottom] = np.clip(colour * 255 + 0.5, 0, 255)
    return Image.fromarray(out)


def _members(small: Field, colours: Field, smooth: float) -> Field:
    """(H, W, inks) soft membership of each pixel, borders rounded by ``smooth`` pixels."""
    seen = to_lab(small)
    far = np.stack([((seen - colour) ** 2).sum(-1) for colour in colours], -1)
    near = (far == far.min(-1, keepdims=True)).astype(np.float32)
    return np.stack([blur(near[..., k], smooth) for k in range(len(colours))], -1)


def _rings(side: int, seed: int) -> Field:
    """The grain of a cherry block: long wavering lines, mean 0."""
    bend = resized(noise(256, 120, seed, "bend", octaves=3), side) * side * 0.02
    fine = noise(side, 9, seed, "fibre", octaves=2)
    rows = np.arange(side, dtype=np.float32)[:, None]
    along = resized(noise(256, 24, seed, "along", octaves=2), side)
    lines = np.sin((rows + bend) * np.float32(2 * np.pi / max(6.0, side / 170)) + along)
    stretched = resized(fine[:, : max(8, side // 40)], side, side)
    return np.asarray(lines * 0.5 + stretched * 0.55, np.float32)


def _overprint(image: Image.Image, ink: Image.Image, tone: Field) -> Image.Image:
    """A picture multiplied by ink of a colour where ``ink`` (L) is dark."""
    tables = [[int(255 * (tone[c] + (1 - tone[c]) * v / 255)) for v in range(256)] for c in range(3)]
    return ImageChops.multiply(image, Image.merge("RGB", [ink.point(table) for table in tables]))


def _darkest(tones: Field) -> Field:
    tone = tones[int(np.argmin(luma(tones)))]
    return np.asarray(np.clip(tone * 0.45, 0.03, 0.2), np.float32)


def _spots(small: Field) -> Field:
    """Three inks for a picture: its two most different vivid colours, and its darkest tone deepened."""
    colours, weights = palette_of(small, 7)
    chroma = np.hypot(colours[:, 1], colours[:, 2])
    first = int(np.argmax(chroma * (weights + 0.05)))
    apart = np.hypot(colours[:, 1] - colours[first, 1], colours[:, 2] - colours[first, 2])
    second = int(np.argmax(apart * (0.25 + chroma / (chroma.max() + 1)) * (weights + 0.05) ** 0.5))
    vivid = colours[[first, second]].copy()
    vivid[:, 1:] *= np.clip(52 / (np.hypot(vivid[:, 1], vivid[:, 2]) + 1e-3), 1, 2.4)[:, None]
    vivid[:, 0] = np.clip(vivid[:, 0], 52, 84)
    dark = colours[int(np.argmin(colours[:, 0]))].copy()
    dark[0] = min(dark[0], 24)
    return np.clip(to_rgb(np.vstack([vivid, dark])), 0.03, 0.97)


def _separate(small: Field, inks: Field, base: Field) -> Field:
    """(H, W, inks) amounts in 0..1 whose overprint comes nearest to the picture: non-negative steps in density."""
    wanted = -np.log(np.clip(small / base, 0.03, 1.0))
    layers = -np.log(np.clip(inks, 0.03, 1.0))
    amounts = np.full((*small.shape[:2], len(inks)), 0.3, np.float32)
    gram = layers @ layers.T
    rate = 1 / float(np.linalg.eigvalsh(gram).max())
    pull = wanted @ layers.T
    for _ in range(60):
        amounts = np.clip(amounts - rate * (amounts @ gram - pull), 0, 1)
    return np.asarray(amounts, np.float32)
