"""Colours: sRGB and Lab, the swatches of a picture, named palettes, and moving a picture's colours onto a palette.

Lab is CIE L*a*b* of sRGB under D65; ΔE is CIE 1976 (plain distance), the measure that art.md's targets use.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from muse.errors import UsageError, did_you_mean

Field = npt.NDArray[np.float32]
COLOURS = 5
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]],
    np.float32,
)
_FROM_XYZ = np.linalg.inv(_TO_XYZ.astype(np.float64)).astype(np.float32)
_WHITE = np.array([0.95047, 1.0, 1.08883], np.float32)

PALETTES: dict[str, tuple[str, ...]] = {
    "ink-night": ("#0f1720", "#26323d", "#4c5a64", "#93a0a3", "#d9d6c8"),
    "ink-mist": ("#2b2f31", "#6c7373", "#a6aca7", "#d5d5ca", "#f0ece0"),
    "blue-green": ("#1f3b3a", "#2f6b6a", "#4f93a8", "#b39a5b", "#e3d6ac"),
    "autumn": ("#2c1a12", "#7a3b1d", "#b8692b", "#d9a651", "#f0ddb0"),
    "spring": ("#2f4a35", "#6f9f6a", "#b6cf8f", "#f0b8bf", "#fbf1e2"),
    "summer": ("#12403f", "#1e7f74", "#5fb98a", "#f2d16b", "#fff4d6"),
    "winter": ("#1c2a3a", "#4a657f", "#8fa9bd", "#cfdbe2", "#f6f7f4"),
    "dusk": ("#1b1030", "#4d2350", "#a0455f", "#e2855a", "#f7cf8e"),
    "dawn": ("#35405f", "#7d7fa3", "#d9a3a3", "#f5c9a6", "#fdf0dc"),
    "ember": ("#160a0a", "#4a1212", "#982419", "#d9571f", "#f6b04a"),
    "sea": ("#071a2b", "#0f3e5a", "#1f7390", "#74b5bd", "#e4efe6"),
    "forest": ("#10190f", "#27402a", "#4e6f3f", "#92a262", "#dfdcb4"),
    "nebula": ("#05060f", "#1b1747", "#5a2a82", "#c24d8f", "#f7c6a8"),
    "star-cold": ("#03060d", "#0c1f3d", "#23558a", "#7fb2d6", "#eef5fa"),
    "indigo": ("#0d1a3a", "#1f3f7f", "#5f86b8", "#d8c9a3", "#f4ead2"),
    "vermilion": ("#1d1a1a", "#b8321f", "#e0703f", "#e9c98f", "#f6ecd6"),
    "jade": ("#0f2a24", "#2c5f4d", "#6fa287", "#c3cfa5", "#f2efdb"),
    "gold": ("#1c140a", "#5a3d13", "#a87a22", "#e0bd5c", "#f8ecc2"),
    "rose": ("#2c1220", "#7d2c4a", "#c9617c", "#eba8ae", "#fbe9e2"),
    "neon": ("#0a0714", "#2a0f5c", "#d9218c", "#20c4d9", "#f5f06b"),
    "earth": ("#1f1812", "#5a4632", "#93785a", "#c4ad86", "#eee3cb"),
    "mono": ("#0c0c0c", "#3a3a3a", "#7a7a7a", "#b9b9b9", "#f2f2f2"),
}


def hexes(text: str | Sequence[str]) -> tuple[str, ...]:
    """Colours as "#rrggbb", of a palette's name, a list of hex codes, or one string of them.

    Raises:
        UsageError: not a palette and not 1 to 12 hex colours.

    >>> hexes("#fff, 102030")
    ('#ffffff', '#102030')
    """
    if isinstance(text, str):
        if text.strip().lower() in PALETTES:
            return PALETTES[text.strip().lower()]
        parts: Sequence[str] = [part for part in re.split(r"[\s,;]+", text.strip()) if part]
    else:
        parts = text
        if len(parts) == 1 and parts[0].strip().lower() in PALETTES:
            return PALETTES[parts[0].strip().lower()]
    out = []
    for part in parts:
        code = part.strip().lstrip("#").lower()
        if not re.fullmatch(r"[0-9a-f]{3}|[0-9a-f]{6}", code):
            raise UsageError(f"unknown palette or colour {part!r}", "", did_you_mean(part, PALETTES))
        out.append("#" + ("".join(c * 2 for c in code) if len(code) == 3 else code))
    if not 1 <= len(out) <= 12:
        raise UsageError(f"a palette of {len(out)} colours", "1 to 12 are possible", "name a palette or give hex codes")
    return tuple(out)


def lab(picture: npt.ArrayLike) -> Field:
    """(..., 3) fp32 Lab of gamma-coded sRGB in [0, 1].

    >>> [round(float(v)) for v in lab([1.0, 1.0, 1.0])]
    [100, 0, 0]
    """
    colour = np.clip(np.asarray(picture, np.float32), 0, 1)
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    xyz = linear @ _TO_XYZ.T / _WHITE
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1).astype(
        np.float32
    )


def rgb(colour: npt.ArrayLike) -> Field:
    """(..., 3) fp32 sRGB in [0, 1] of Lab, clipped to what a screen can show."""
    value = np.asarray(colour, np.float32)
    fy = (value[..., 0] + 16) / 116
    f = np.stack([fy + value[..., 1] / 500, fy, fy - value[..., 2] / 200], -1)
    xyz = np.where(f > 6 / 29, f**3, (116 * f - 16) * 27 / 24389) * _WHITE
    linear = np.clip(xyz @ _FROM_XYZ.T, 0, 1)
    coded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(coded, np.float32)


def lab_of(colours: Sequence[str]) -> Field:
    """(N, 3) fp32 Lab of hex colours."""
    return lab(np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in hexes(colours)], np.float32))


def hex_of(colours: npt.ArrayLike) -> tuple[str, ...]:
    """Hex colours of (N, 3) Lab."""
    return tuple("#" + "".join(f"{round(float(v) * 255):02x}" for v in tone) for tone in rgb(colours))


def delta_e(a: npt.ArrayLike, b: npt.ArrayLike) -> Field:
    """(...,) fp32 CIE 1976 colour difference of Lab colours."""
    return np.asarray(np.sqrt(((np.asarray(a, np.float32) - np.asarray(b, np.float32)) ** 2).sum(-1)), np.float32)


def swatches(picture: npt.ArrayLike, count: int = COLOURS, rounds: int = 12) -> tuple[Field, Field]:
    """The colours of a picture: Lab (count, 3) from dark to light, and their weights (count,), which sum to 1.

    k-means on at most 64 × 64 pixels from starts that are chosen farthest apart, so without chance.

    >>> two = np.zeros((8, 8, 3), np.float32); two[:, 4:] = 1
    >>> swatches(two, 2)[1].tolist()
    [0.5, 0.5]
    """
    pixels = np.asarray(picture)
    pixels = pixels.astype(np.float32) / 255 if pixels.dtype == np.uint8 else pixels.astype(np.float32)
    if pixels.ndim == 3:
        step = max(1, pixels.shape[0] // 64)
        trim = [(side // step) * step for side in pixels.shape[:2]]
        blocks = pixels[: trim[0], : trim[1]].reshape(trim[0] // step, step, trim[1] // step, step, 3)
        pixels = blocks.mean(axis=(1, 3)).reshape(-1, 3)
    seen = lab(pixels)
    centres = [seen.mean(axis=0)]
    far = ((seen - centres[0]) ** 2).sum(-1)
    centres[0] = seen[int(np.argmax(far))]
    far = ((seen - centres[0]) ** 2).sum(-1)
    while len(centres) < count:
        centres.append(seen[int(np.argmax(far))])
        far = np.minimum(far, ((seen - centres[-1]) ** 2).sum(-1))
    points = np.stack(centres)
    nearest = np.zeros(len(seen), int)
    for _ in range(rounds):
        nearest = np.argmin(((seen[:, None] - points[None]) ** 2).sum(-1), axis=1)
        for k in range(count):
            mine = seen[nearest == k]
            if len(mine):
                points[k] = mine.mean(axis=0)
    weights = np.bincount(nearest, minlength=count).astype(np.float32) / len(seen)
    order = np.lexsort((points[:, 2], points[:, 1], points[:, 0]))
    return points[order].astype(np.float32), weights[order].astype(np.float32)


def distance(picture: npt.ArrayLike, colours: Sequence[str]) -> float:
    """Median over the picture's pixels of ΔE to the nearest place between two neighbouring palette colours.

    A picture that blends its palette's colours, as paint does, is at distance 0.
    """
    return float(np.median(_to_path(lab(_small(picture)).reshape(-1, 3), _ordered(lab_of(colours)))))


def toward(picture: Field, colours: Sequence[str], strength: float = 0.85) -> Field:
    """(H, W, 3) fp32: a picture with its colours moved onto a palette, light staying light and dark dark.

    Optimal transport in Lab, sliced: lightness goes to the palette's by ranks, then a and b go to the palette's at that
    lightness, leaving each pixel part of its own difference from its neighbours in lightness.

    Args:
        strength: 0 leaves the picture, 1 leaves nothing but the palette.

    Source: Pitié, Kokaram, Dahyot, "N-dimensional probability density function transfer" (2005), with one slice along L
    and the conditional means across it (deviation: five colours are no density).
    """
    seen = lab(picture)
    path = _ordered(lab_of(colours))
    light = seen[..., 0]
    ranks = np.sort(light.reshape(-1))
    at = np.linspace(0, 1, 65)
    knots = np.quantile(ranks.astype(np.float64), at)
    knots = np.maximum.accumulate(knots + np.arange(65) * 1e-4)
    stretch = np.interp(at, np.linspace(0, 1, len(path)), path[:, 0])
    natural = path[0, 0] + (knots - knots[0]) / max(float(knots[-1] - knots[0]), 12.0) * (path[-1, 0] - path[0, 0])
    moved = np.interp(light, knots, 0.35 * stretch + 0.65 * natural)
    target = np.stack([moved, *(np.interp(moved, path[:, 0], path[:, c]) for c in (1, 2))], -1)
    own = seen[..., 1:] - np.stack([np.interp(light, knots, _means(light, seen[..., c], knots)) for c in (1, 2)], -1)
    target[..., 1:] += own * np.float32(np.clip(1.05 - strength, 0.1, 0.5))
    new = seen + np.float32(strength) * (target - seen)
    return rgb(new)


def onto(image: Image.Image, colours: Sequence[str], rounds: int = 3, near: float = 4.0) -> Image.Image:
    """A finished picture with its colours moved onto a palette until the median distance is at most ``near``.

    The move is a function of colour alone, so it is taken once on a lattice of 33³ colours and applied as a table.
    """
    path = _ordered(lab_of(colours))
    axis = np.linspace(0, 1, 33, dtype=np.float32)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")
    lattice = lab(np.stack([red, green, blue], -1).reshape(-1, 3))
    for _ in range(rounds):
        if distance(np.asarray(image.resize((128, 128))), colours) <= near:
            break
        light = np.clip(lattice[:, 0], path[0, 0], path[-1, 0])
        wanted = np.stack([light, *(np.interp(light, path[:, 0], path[:, c]) for c in (1, 2))], -1)
        table = rgb(lattice + 0.6 * (wanted - lattice))
        image = image.filter(ImageFilter.Color3DLUT(33, table.reshape(-1).tolist()))
    return image


def _means(light: Field, channel: Field, knots: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Mean of a channel around each of the lightnesses ``knots``."""
    slot = np.clip(np.searchsorted(knots, light.reshape(-1)), 0, len(knots) - 1)
    total = np.bincount(slot, channel.reshape(-1), len(knots))
    count = np.bincount(slot, minlength=len(knots))
    kernel = np.exp(-0.5 * (np.arange(-8, 9) / 3.0) ** 2)
    near = np.convolve(total, kernel, "same") / np.maximum(np.convolve(count, kernel, "same"), 1e-6)
    return np.asarray(near, np.float64)


def _ordered(colours: Field) -> Field:
    """A palette from dark to light, lightness strictly rising."""
    path = colours[np.argsort(colours[:, 0], kind="stable")].astype(np.float32)
    path[:, 0] = np.maximum.accumulate(path[:, 0] + np.arange(len(path), dtype=np.float32) * 1e-3)
    return path


def _to_path(seen: Field, path: Field) -> Field:
    if len(path) == 1:
        return delta_e(seen, path[0])
    best = np.full(len(seen), np.inf, np.float32)
    for a, b in pairwise(path):
        way = b - a
        t = np.clip(((seen - a) @ way) / max(float(way @ way), 1e-6), 0, 1)
        best = np.minimum(best, delta_e(seen, a + t[:, None] * way))
    return best


def _small(picture: npt.ArrayLike) -> Field:
    pixels = np.asarray(picture)
    pixels = pixels.astype(np.float32) / 255 if pixels.dtype == np.uint8 else pixels.astype(np.float32)
    step = max(1, pixels.shape[0] // 128)
    return np.asarray(pixels[::step, ::step], np.float32)
