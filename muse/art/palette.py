"""Palettes: named ones, those that users give, that of a picture, and moving a picture's colours onto one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from muse.art.colour import Field, delta_e, hex_of, lab_of, to_lab, to_rgb
from muse.errors import UsageError, did_you_mean

COLOURS = 5
SPAN, DARKEST, LIGHTEST, NEAR = 40.0, 12.0, 94.0, 8.0
Floats = npt.NDArray[np.floating]

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


def whole(colours: Sequence[str]) -> tuple[str, ...]:
    """A palette that can hold a picture, dark to light: one whose colours are all of a lightness, or that has but one,
    is given shades below it and tints above it, of the same hue and paler towards both ends.

    >>> whole(("#ffffff", "#000000"))
    ('#000000', '#ffffff')
    >>> len(whole(("#c33322",)))
    5
    """
    tones = ordered(lab_of(colours))
    if tones[-1, 0] - tones[0, 0] >= SPAN:
        return hex_of(tones)
    dark = [_at(tones[0], DARKEST + (tones[0, 0] - DARKEST) * part) for part in (0.0, 0.5)]
    light = [_at(tones[-1], LIGHTEST + (tones[-1, 0] - LIGHTEST) * part) for part in (0.5, 0.0)]
    below = dark if tones[0, 0] > DARKEST + NEAR else []
    above = light if tones[-1, 0] < LIGHTEST - NEAR else []
    return hex_of(np.stack([*below, *tones, *above]))


def _at(tone: Field, light: float) -> Field:
    """A colour at another lightness, its hue kept, its chroma falling towards black and white."""
    room = np.sqrt(max(0.0, 1 - ((light - 50) / 50) ** 2) / max(0.05, 1 - ((float(tone[0]) - 50) / 50) ** 2))
    return np.array([light, *(tone[1:] * min(1.0, room))], np.float32)


def palette_of(picture: npt.ArrayLike, count: int = COLOURS) -> tuple[Field, Field]:
    """The palette of a picture (H, W, 3): colours (count, 3) Lab and weights (count,) that sum to 1, heaviest first.

    k-means in Lab on about 1,000 pixels, from a start that needs no chance: the pixel of middle lightness, then the
    farthest points.

    >>> two = np.zeros((8, 8, 3), np.float32); two[:, 4:] = 1
    >>> palette_of(two, 2)[1].tolist()
    [0.5, 0.5]
    """
    pixels = np.asarray(picture)
    height, width = pixels.shape[:2]
    step = max(1, int(np.sqrt(height * width / 1024)))
    points = to_lab(pixels[step // 2 :: step, step // 2 :: step].reshape(-1, 3))
    centres = [points[np.argsort(points[:, 0], kind="stable")[len(points) // 2]]]
    while len(centres) < count:
        away = np.min([((points - centre) ** 2).sum(1) for centre in centres], axis=0)
        centres.append(points[int(away.argmax())])
    colours = np.stack(centres)
    for _ in range(8):
        nearest = ((points[:, None] - colours[None]) ** 2).sum(2).argmin(1)
        for k in range(count):
            if (nearest == k).any():
                colours[k] = points[nearest == k].mean(0)
    nearest = ((points[:, None] - colours[None]) ** 2).sum(2).argmin(1)
    weights = np.bincount(nearest, minlength=count) / len(points)
    order = np.argsort(-weights, kind="stable")
    return colours[order].astype(np.float32), weights[order].astype(np.float32)


def palette_distance(a: Floats, a_weights: Floats, b: Floats, b_weights: Floats, steps: int = 20) -> float:
    """Mean ΔE*76 that moves one palette onto the other: entropic optimal transport between weighted colours.

    >>> white, half = np.array([[100.0, 0, 0]] * 2), np.array([0.5, 0.5])
    >>> round(palette_distance(white, half, white - [10, 0, 0], half), 3)
    10.0
    """
    cost = np.sqrt(((np.asarray(a)[:, None] - np.asarray(b)[None]) ** 2).sum(2)).astype(np.float64)
    left, right = (np.maximum(np.asarray(w, dtype=np.float64), 1e-9) for w in (a_weights, b_weights))
    left, right = left / left.sum(), right / right.sum()
    kernel = np.exp(-cost / 2.0) + 1e-300
    u = np.ones_like(left)
    v = np.ones_like(right)
    for _ in range(max(steps, 1) * 10):
        u = left / np.maximum(kernel @ v, 1e-300)
        v = right / np.maximum(kernel.T @ u, 1e-300)
    plan = u[:, None] * kernel * v[None]
    return float((plan * cost).sum() / plan.sum())


def distance(picture: npt.ArrayLike, colours: Sequence[str]) -> float:
    """Median over the picture's pixels of ΔE to the nearest place between two neighbouring palette colours.

    A picture that blends its palette's colours, as paint does, is at distance 0.
    """
    return float(np.median(_to_path(to_lab(_small(picture)).reshape(-1, 3), ordered(lab_of(colours)))))


def toward(picture: Field, colours: Sequence[str], strength: float = 0.85) -> Field:
    """(H, W, 3) fp32: a picture with its colours moved onto a palette, light staying light and dark dark.

    Optimal transport in Lab, sliced: lightness goes to the palette's by ranks, then a and b go to the palette's at that
    lightness, leaving each pixel part of its own difference from its neighbours in lightness.

    Args:
        strength: 0 leaves the picture, 1 leaves nothing but the palette.

    Source: Pitié, Kokaram, Dahyot, "N-dimensional probability density function transfer" (2005), with one slice along L
    and the conditional means across it (deviation: five colours are no density).
    """
    return mover(picture, colours, strength)(picture)


def mover(sample: Field, colours: Sequence[str], strength: float = 0.85) -> Callable[[Field], Field]:
    """The move that `toward` makes of one picture, to be made of others too: all frames of a film move alike."""
    seen = to_lab(sample)
    path = ordered(lab_of(colours))
    light = seen[..., 0]
    ranks = np.sort(light.reshape(-1))
    at = np.linspace(0, 1, 65)
    knots = np.quantile(ranks.astype(np.float64), at)
    knots = np.maximum.accumulate(knots + np.arange(65) * 1e-4)
    stretch = np.interp(at, np.linspace(0, 1, len(path)), path[:, 0])
    natural = path[0, 0] + (knots - knots[0]) / max(float(knots[-1] - knots[0]), 12.0) * (path[-1, 0] - path[0, 0])
    goal = 0.35 * stretch + 0.65 * natural
    means = [_means(light, seen[..., c], knots) for c in (1, 2)]

    def move(picture: Field) -> Field:
        now = to_lab(picture)
        light = now[..., 0]
        moved = np.interp(light, knots, goal)
        target = np.stack([moved, *(np.interp(moved, path[:, 0], path[:, c]) for c in (1, 2))], -1)
        own = now[..., 1:] - np.stack([np.interp(light, knots, mean) for mean in means], -1)
        target[..., 1:] += own * np.float32(np.clip(1.05 - strength, 0.1, 0.5))
        return to_rgb(now + np.float32(strength) * (target - now))

    return move


def onto(image: Image.Image, colours: Sequence[str], rounds: int = 3, near: float = 4.0) -> Image.Image:
    """A finished picture with its colours moved onto a palette until the median distance is at most ``near``.

    The move is a function of colour alone, so it is taken once on a lattice of 33³ colours and applied as a table.
    """
    path = ordered(lab_of(colours))
    axis = np.linspace(0, 1, 33, dtype=np.float32)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")
    lattice = to_lab(np.stack([red, green, blue], -1).reshape(-1, 3))
    for _ in range(rounds):
        if distance(np.asarray(image.resize((128, 128))), colours) <= near:
            break
        light = np.clip(lattice[:, 0], path[0, 0], path[-1, 0])
        wanted = np.stack([light, *(np.interp(light, path[:, 0], path[:, c]) for c in (1, 2))], -1)
        table = to_rgb(lattice + 0.6 * (wanted - lattice))
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


def ordered(colours: Field) -> Field:
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
