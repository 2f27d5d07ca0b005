"""Ink wash and watercolour at native size: washes with drying edges, pigment in the grain of the paper, dry strokes.

A wash is built in optical density (how much light the paper loses), so that layers multiply as glazes do. Density is
laid down in steps whose borders follow it with the roughness of the paper; just inside each border pigment gathers.

Source: Curtis et al., "Computer-generated watercolor" (1997), effects a, c and d of figure 1, here as functions of the
density field in place of a fluid simulation (deviation: seconds, not hours).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops
from scipy import ndimage

from muse.art.finishes.lines import dabs, inked, ridges, trace
from muse.art.finishes.texture import Field, Shape, bands, luma, noise, paper, resized, scaled, shape_of, strip, unit


@dataclass(frozen=True, slots=True)
class Water:
    """How wet, how grainy.

    Attributes:
        steps: layers of wash from paper to the deepest tone.
        dry: share of the tone that is laid in steps (the rest flows smoothly).
        edge: how much pigment gathers at a drying border.
        grain: how much of it settles in the paper.
        rough: raggedness of borders, in density.
        chroma: 0 for black ink only, 1 for the colours as they are.
        lines: strength of the brush lines drawn over the wash.
        width: of the widest brush line, a part of the picture's side.
        count: lines tried.
        dabs: texture strokes tried, 0 for none.
        dry_lines: whether they skip over the heights of the paper.
        sheet: paper colour (sRGB 0..1), or None for the picture's own lightest tone.
    """

    steps: int = 6
    dry: float = 0.6
    edge: float = 0.16
    grain: float = 0.10
    rough: float = 0.036
    chroma: float = 1.0
    lines: float = 0.8
    width: float = 0.0075
    count: int = 300
    dabs: int = 0
    dry_lines: bool = True
    sheet: tuple[float, float, float] | None = None


def paint(plate: Field, shape: Shape, seed: int, water: Water) -> Image.Image:
    """An RGB picture (height, width) washed after ``plate`` (H, W, 3)."""
    sheet = np.array(water.sheet, np.float32) if water.sheet else sheet_of(plate)
    plate = _bled(plate, seed)
    depth = -np.log(np.clip(plate / sheet, 0.02, 1.0))
    total = luma(depth)
    if water.chroma < 1:
        depth = water.chroma * depth + (1 - water.chroma) * total[..., None]
    top = max(0.35, float(np.quantile(total, 0.995)))
    ragged = noise(scaled(shape, unit(shape) // 2), unit(shape) / 45, seed, "ragged", octaves=5, falloff=0.62)
    wet = 1 / (1 + np.exp(-2.0 * noise(scaled(shape, 256), 64, seed, "wet", octaves=3)))
    relief = paper(shape, seed)
    tooth = np.asarray(relief)
    ink = None
    if water.lines:
        force, angle = ridges(plate)
        lines = trace(force, angle, seed, water.count)
        ink = inked(lines, shape, seed, water.width, water.lines, tooth if water.dry_lines else None)
        if water.dabs:
            dark = np.clip(resized(total, shape_of(force)) / top, 0, 1)
            ink = ImageChops.multiply(ink, dabs(force, angle, dark, shape, seed, water.dabs, water.lines, tooth))
    out = np.empty((*shape, 3), np.uint8)
    for first, last in bands(shape[0]):
        density = strip(total, shape, first, last)
        bumps = (tooth[first:last].astype(np.float32) - 128) / 12
        torn = strip(ragged, shape, first, last) + 0.5 * bumps
        x = density / top + water.rough * torn * np.clip(density / top * 6, 0, 1)
        laid = np.zeros_like(x)
        for k in range(water.steps):
            at = (k + 0.45) / water.steps
            ramp = np.clip((x - at) / 0.018 + 0.5, 0, 1)
            rim = np.clip(1 - np.abs(x - at - 0.022) / 0.022, 0, 1)
            laid += (ramp + water.edge * rim) / water.steps
        share = water.dry * strip(wet, shape, first, last)
        mixed = np.clip(share * laid + (1 - share) * x, 0, 1.5) * top
        mixed *= 1 - water.grain * bumps
        ratio = np.clip(mixed / np.maximum(density, 0.03), 0, 3)[..., None]
        shade = sheet * np.exp(-strip(depth, shape, first, last) * ratio)
        shade *= (1 + bumps * 0.012)[..., None]
        out[first:last] = np.clip(shade * 255 + 0.5, 0, 255)
    image = Image.fromarray(out)
    if ink is not None:
        image = ImageChops.multiply(image, Image.merge("RGB", (ink,) * 3))
    return image


def sheet_of(plate: Field) -> Field:
    """The colour of the paper: the picture's lightest tones, never dark, never glaring."""
    light = luma(plate)
    tone = plate[light >= np.quantile(light, 0.95)].mean(axis=0)
    warm = np.array([0.965, 0.945, 0.90], np.float32)
    lift = float(np.clip((0.80 - luma(tone)) / 0.5, 0, 1))
    tone = tone * (1 - lift) + warm * lift
    return np.asarray(np.clip(tone, 0.55, 0.985), np.float32)


def _bled(plate: Field, seed: int) -> Field:
    """Colours shifted a little along slow currents, as they creep in wet paper."""
    shape = shape_of(plate)
    side = unit(shape)
    dy = noise(shape, side / 18, seed, "creep y", octaves=4, falloff=0.6) * side * 0.0035
    dx = noise(shape, side / 18, seed, "creep x", octaves=4, falloff=0.6) * side * 0.0035
    row, col = np.mgrid[0 : shape[0], 0 : shape[1]]
    at = np.stack([row + dy, col + dx])
    moved = [ndimage.map_coordinates(plate[..., c], at, order=1, mode="nearest") for c in range(3)]
    return np.stack(moved, -1).astype(np.float32)
