"""Pictures made of light at native size: skies with stars and filaments, threads of light, film grain and bloom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageFilter
from scipy import ndimage

from muse.art.finishes.lines import inked, ridges, trace
from muse.art.finishes.texture import (
    BICUBIC,
    Field,
    Shape,
    bands,
    blur,
    grain,
    luma,
    noise,
    resized,
    scaled,
    shape_of,
    shrunk,
    strip,
    unit,
)
from muse.seed import stream


@dataclass(frozen=True, slots=True)
class Lamp:
    """What shines, and how.

    Attributes:
        stars: points of light strewn over the picture, 0 for none.
        peaks: whether the picture's own bright spots are drawn anew as stars.
        filaments: strength of fine structure in the bright parts.
        threads: strength of traced lines of light; `line` is the widest, `count` how many are tried.
        bloom: how far light spills over.
        grain: film grain, in parts of white.
    """

    stars: int = 2600
    peaks: bool = True
    filaments: float = 0.30
    threads: float = 0.0
    line: float = 0.0026
    count: int = 500
    bloom: float = 0.35
    grain: float = 0.012


def shine(plate: Field, shape: Shape, seed: int, lamp: Lamp) -> Image.Image:
    """An RGB picture (height, width) of light after ``plate`` (H, W, 3)."""
    side, pixels = unit(shape_of(plate)), unit(shape)
    light = luma(plate)
    detail = _filaments(scaled(shape, pixels // 2), seed) if lamp.filaments else None
    where = blur(np.clip((light - 0.05) * 4, 0, 1), side * 0.006)
    layer = _stars(plate, shape, seed, lamp) if lamp.stars or lamp.peaks else None
    threads = None
    if lamp.threads:
        force, angle = ridges(1 - plate, 0.9, 3.5)
        threads = ImageChops.invert(inked(trace(force, angle, seed, lamp.count), shape, seed, lamp.line, lamp.threads))
    out = np.empty((*shape, 3), np.uint8)
    tint = _vivid(plate)
    for top, bottom in bands(shape[0]):
        colour = strip(plate, shape, top, bottom)
        if detail is not None:
            fine = strip(detail, shape, top, bottom)
            colour *= np.exp(lamp.filaments * fine * strip(where, shape, top, bottom))[..., None]
        if threads is not None:
            ray = np.asarray(threads)[top:bottom, :, None].astype(np.float32) / 255
            colour += ray * (strip(tint, shape, top, bottom) - colour * 0.5)
        if lamp.grain:
            speck = grain(bottom - top, shape[1], seed, "film", top)
            colour += (lamp.grain * speck * (0.5 + luma(np.clip(colour, 0, 1))))[..., None]
        out[top:bottom] = np.clip(colour * 255 + 0.5, 0, 255)
    image = Image.fromarray(out)
    if layer is not None:
        image = ImageChops.screen(image, layer)
    if lamp.bloom:
        small = image.resize((shape[1] // 6, shape[0] // 6), Image.Resampling.BOX)
        bright = small.point([int(max(0, v - 95) * 1.2 * lamp.bloom) for v in range(256)] * 3)
        halo = bright.filter(ImageFilter.GaussianBlur(pixels / 6 * 0.012))
        wide = bright.filter(ImageFilter.GaussianBlur(pixels / 6 * 0.04)).point([int(v * 0.6) for v in range(256)] * 3)
        image = ImageChops.screen(image, ImageChops.screen(halo, wide).resize(image.size, BICUBIC))
    return image


def _filaments(shape: Shape, seed: int) -> Field:
    """Ridged noise bent by slow currents: the fine threads of a nebula, mean 0."""
    base = scaled(shape, 768)
    bend = [noise(base, 154, seed, "bend", axis, octaves=3) * 17 for axis in (0, 1)]
    raw = noise(base, 55, seed, "thread", octaves=6, falloff=0.62)
    fold = 1 - np.abs(raw) * 1.5
    row, col = np.mgrid[0 : base[0], 0 : base[1]].astype(np.float32)
    moved = ndimage.map_coordinates(fold, [row + bend[0], col + bend[1]], order=1, mode="reflect")
    cloud = resized(moved.astype(np.float32) - float(moved.mean()), shape)
    fine = noise(shape, unit(shape) / 90, seed, "dust", octaves=5, falloff=0.7)
    return cloud + 0.28 * fine


def _stars(plate: Field, shape: Shape, seed: int, lamp: Lamp) -> Image.Image:
    """Stars on black: strewn ones, denser where the picture shines, and the picture's own bright spots."""
    rng = stream(seed, "stars")
    pixels = unit(shape)
    layer = Image.new("RGB", shape[::-1])
    small = shrunk(plate, 128)
    cells = np.array(small.shape[:2])
    light = luma(small)
    spots, power, tone = [], [], []
    if lamp.stars:
        many = round(lamp.stars * shape[0] * shape[1] / pixels**2) * 3
        at = rng.random((many, 2))
        glow = blur(light, 5.0)[tuple((at * cells).astype(int).T)]
        at = at[rng.random(many) < 0.22 + 0.9 * glow][: many // 3]
        size = np.clip((1 - rng.random(len(at))) ** -0.55 * 0.16, 0, 1.35)
        spots += at.tolist()
        power += size.tolist()
        warm = rng.normal(0, 1, len(at))
        tone += [(1 - 0.12 * max(0, -w), 1 - 0.07 * abs(w), 1 - 0.22 * max(0, w)) for w in np.clip(warm, -1.5, 1.5)]
    if lamp.peaks:
        sharp = light - blur(light, 2.0)
        top = (ndimage.maximum_filter(light, 5) == light) & (sharp > 0.07) & (light > 0.22)
        for row, col in np.argwhere(top)[:160]:
            spots.append((np.add((row, col), rng.random(2)) / cells).tolist())
            power.append(float(np.clip(0.7 + 2.6 * sharp[row, col], 0, 1.9)))
            own = small[row, col] / max(0.2, float(small[row, col].max()))
            tone.append(tuple((0.35 + 0.65 * own).tolist()))
    kernels: dict[tuple[int, bool], Image.Image] = {}
    for (y, x), p, hue in zip(spots, power, tone, strict=True):
        key = (round(p * 12), p > 1.05)
        if key not in kernels:
            kernels[key] = _star(key[0] / 12, pixels, key[1])
        mask = kernels[key]
        colour = tuple(int(255 * min(1.0, c)) for c in hue)
        box = (round(x * shape[1]) - mask.width // 2, round(y * shape[0]) - mask.height // 2)
        layer.paste(colour, box, mask)
    return layer


def _star(power: float, pixels: int, spikes: bool) -> Image.Image:
    scale = pixels / 3000
    core = max(0.55, (1.0 + 2.2 * power) * scale)
    half = int(np.ceil(core * (16 if spikes else 7)))
    y, x = np.mgrid[-half : half + 1, -half : half + 1].astype(np.float32)
    r = np.hypot(x, y)
    value = np.exp(-((r / core) ** 2)) + 0.22 * power / (1 + (r / (core * 1.3)) ** 2.6)
    if spikes:
        for along, across in ((x, y), (y, x)):
            value += 0.75 * np.exp(-np.abs(across) / (core * 0.30)) * np.exp(-np.abs(along) / (core * 4.2))
    value *= np.clip(1.25 - r / half, 0, 1) * min(1.0, 0.35 + 0.8 * power)
    return Image.fromarray((np.clip(value, 0, 1) * 255).astype(np.uint8))


def _vivid(plate: Field) -> Field:
    """The picture's colours, brightened for lines of light."""
    small = shrunk(plate, 256)
    near = np.stack([ndimage.maximum_filter(small[..., c], 7) for c in range(3)], -1)
    near = blur(near.astype(np.float32), 2.0)
    return np.asarray(np.clip(near / np.maximum(near.max(-1, keepdims=True), 0.25) * 1.05, 0, 1.2), np.float32)


def film(plate: Field, shape: Shape, seed: int, amount: float = 0.035, bloom: float = 0.12) -> Image.Image:
    """An RGB picture (height, width) as a soft photographic print: calm enlargement, grain, no other mark."""
    lamp = Lamp(stars=0, peaks=False, filaments=0.0, bloom=bloom, grain=amount)
    return shine(plate, shape, seed, lamp)
