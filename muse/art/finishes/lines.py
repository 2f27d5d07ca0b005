"""Drawn lines: the dark ridges of a picture traced along their direction and inked with a pointed brush."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from scipy import ndimage

from muse.art.finishes.texture import Field, Shape, blur, directions, luma, shrunk, unit
from muse.seed import stream

SIDE = 512


def ridges(plate: Field, fine: float = 1.5, wide: float = 5.0) -> tuple[Field, Field]:
    """How dark a line runs through each place (0..1), and its angle; the shorter side is SIDE."""
    small = shrunk(plate, SIDE)
    light = luma(small)
    ridge = np.clip(blur(light, wide) - blur(light, fine), 0, None)
    scale = float(np.quantile(ridge, 0.985)) + 1e-4
    force = np.clip(ridge / scale, 0, 1) * np.clip((scale - 0.004) / 0.03, 0, 1)
    angle, _ = directions(small, 2.2)
    return force.astype(np.float32), angle


def trace(force: Field, angle: Field, seed: int, count: int, reach: int = 46) -> list[tuple[np.ndarray, np.ndarray]]:
    """Lines as (points (N, 2) of y, x in 0..1; pressure (N,) in 0..1), grown both ways from places of force."""
    rng = stream(seed, "trace", count)
    height, width = force.shape
    count = round(count * height * width / SIDE**2)
    spots = rng.random((count * 6, 2)) * [height - 1, width - 1]
    pull = ndimage.sobel(force, 0), ndimage.sobel(force, 1)
    first = force[spots[:, 0].astype(int), spots[:, 1].astype(int)]
    spots = spots[rng.random(len(spots)) < np.clip(first - 0.12, 0, 1)][:count]
    halves = []
    for sign in (1.0, -1.0):
        now, alive = spots.copy(), np.ones(len(spots), bool)
        row, col = now[:, 0].astype(int), now[:, 1].astype(int)
        heading = angle[row, col] + (0 if sign > 0 else np.pi)
        way, press = [now.copy()], [force[row, col]]
        weak, turned = np.zeros(len(spots)), np.zeros(len(spots))
        for _ in range(reach):
            row, col = np.clip(now[:, 0], 0, height - 1).astype(int), np.clip(now[:, 1], 0, width - 1).astype(int)
            local, before = angle[row, col], heading
            local = local + np.pi * np.round((heading - local) / np.pi)
            heading = heading + 0.55 * (local - heading)
            turned += 0.55 * (local - before)
            alive &= np.abs(turned) < 1.5
            move = np.stack([np.sin(heading), np.cos(heading)], 1) * 1.6
            drift = np.stack([pull[0][row, col], pull[1][row, col]], 1)
            move += np.clip(drift * 0.9, -0.45, 0.45)
            weak = np.where(force[row, col] < 0.10, weak + 1, 0)
            alive &= weak < 4
            alive &= (now[:, 0] > -4) & (now[:, 0] < height + 4) & (now[:, 1] > -4) & (now[:, 1] < width + 4)
            now = np.where(alive[:, None], now + move, now)
            way.append(now.copy())
            press.append(np.where(alive, force[row, col], -1))
        halves.append((np.stack(way, 1), np.stack(press, 1)))
    out = []
    for i in range(len(spots)):
        parts = [(h[0][i][h[1][i] >= 0], h[1][i][h[1][i] >= 0]) for h in halves]
        points = np.concatenate([parts[1][0][::-1], parts[0][0][1:]])
        if len(points) >= 7:
            out.append((points / [height, width], np.concatenate([parts[1][1][::-1], parts[0][1][1:]])))
    return out


def inked(
    lines: list[tuple[np.ndarray, np.ndarray]],
    shape: Shape,
    seed: int,
    width: float,
    strength: float,
    tooth: np.ndarray | None = None,
) -> Image.Image:
    """L picture, 255 where there is no ink: each line swells with its pressure and ends in points.

    Args:
        width: of the widest line, a part of the shorter side.
        tooth: (height, width) relief about 128, on whose heights a dry brush leaves gaps; None for wet ink.
    """
    rng = stream(seed, "inked")
    pixels = unit(shape)
    sheet = Image.new("L", shape[::-1], 0)
    pen = ImageDraw.Draw(sheet)
    order = sorted(range(len(lines)), key=lambda i: float(lines[i][1].mean()))
    for i in order:
        points, press = lines[i]
        place = points * shape
        knots = len(place)
        t = np.linspace(0, 1, knots)
        t = t if rng.random() < 0.5 else 1 - t  # a stroke is pressed down, then lifted
        swell = np.clip(t / 0.07, 0, 1) ** 0.6 * (1 - t) ** 0.8 * (1 + 0.45 * np.exp(-(((t - 0.08) / 0.07) ** 2)))
        full = width * pixels * (0.25 + 0.75 * float(np.clip(press.mean(), 0, 1)))
        half = full / 2 * swell * (0.75 + 0.25 * np.clip(press, 0, 1)) * rng.uniform(0.55, 1.1)
        half = np.maximum(ndimage.gaussian_filter1d(half, 1.5), 0.35)
        place = np.stack([ndimage.gaussian_filter1d(place[:, c], 1.6, mode="nearest") for c in (0, 1)], 1)
        step = np.gradient(place, axis=0)
        side = np.stack([step[:, 1], -step[:, 0]], 1) / (np.linalg.norm(step, axis=1, keepdims=True) + 1e-6)
        edge = np.concatenate([place + side * half[:, None], (place - side * half[:, None])[::-1]])
        tone = 255 * strength * rng.uniform(0.55, 1.0) * (0.35 + 0.65 * float(np.clip(press.mean() * 1.3, 0, 1)))
        pen.polygon([(float(x), float(y)) for y, x in edge], fill=int(np.clip(tone, 0, 255)))
    return _dried(sheet.filter(ImageFilter.GaussianBlur(0.9 * pixels / 3000)), tooth, 150)


def _dried(sheet: Image.Image, tooth: np.ndarray | None, most: int) -> Image.Image:
    """L picture, 255 where there is no ink: ink (L) that skips over the heights of the paper, by ``most`` at most."""
    if tooth is None:
        return sheet.point([255 - v for v in range(256)])
    ink = np.asarray(sheet, np.int16)
    gaps = np.clip((np.asarray(tooth, np.int16) - 134) * 9, 0, most)
    dry = np.where(ink > 0, np.clip(ink - gaps * (300 - ink) // 300, 0, 255), 0)
    return Image.fromarray((255 - dry).astype(np.uint8))


def dabs(
    force: Field, angle: Field, dark: Field, shape: Shape, seed: int, count: int, strength: float, tooth: np.ndarray
) -> Image.Image:
    """L picture, 255 where there is no ink: side-brush strokes on dark slopes, and dots of moss strewn along ridges.

    Args:
        force, angle: as `ridges` gives them; dark: (H, W) of the same shape, 0 for paper and 1 for the deepest tone.

    Source: the texture strokes (cun) and moss dots (dian) of Chinese landscape painting.
    """
    rng = stream(seed, "dabs")
    pixels, count = unit(shape), round(count * shape[0] * shape[1] / unit(shape) ** 2)
    sheet = Image.new("L", shape[::-1], 0)
    pen = ImageDraw.Draw(sheet)
    spots = rng.random((count * 4, 2))
    row, col = (spots * force.shape).astype(int).T
    want = np.asarray(ndimage.gaussian_filter(force, 4) * 0.9 + ndimage.gaussian_filter(dark, 2) * 0.5)[row, col]
    keep = np.flatnonzero(rng.random(len(spots)) < np.clip(want * 1.5 - 0.3, 0, 0.8))[:count]
    t = np.linspace(0, 1, 7)
    swell = np.clip(t / 0.2, 0, 1) ** 0.7 * (1 - t) ** 0.9
    for i in keep:
        y, x = spots[i] * shape
        way = float(angle[row[i], col[i]]) + rng.normal(0, 0.18)
        long, wide = pixels * rng.uniform(0.009, 0.026), pixels * rng.uniform(0.0004, 0.0017)
        bend = way + rng.normal(0, 0.5) * (t - 0.5)
        step = np.stack([np.sin(bend), np.cos(bend)], 1) * long / 7
        path = np.cumsum(step, 0) - step.sum(0) / 2 + [y, x]
        side = np.stack([np.cos(bend), -np.sin(bend)], 1) * (wide * swell)[:, None]
        edge = np.concatenate([path + side, (path - side)[::-1]])
        tone = int(255 * strength * rng.uniform(0.12, 0.5) * (0.4 + 0.8 * float(dark[row[i], col[i]])))
        pen.polygon([(float(b), float(a)) for a, b in edge], fill=min(tone, 255))
    turns = np.linspace(0, 2 * np.pi, 9)[:-1]
    crests = keep[rng.random(len(keep)) < 0.035 * np.clip(force[row[keep], col[keep]] * 2, 0, 1)]
    for i in crests:
        y, x = spots[i] * shape
        tone = int(255 * strength * rng.uniform(0.5, 0.9))
        for _ in range(int(rng.integers(3, 8))):
            at = rng.normal(0, 0.006, 2) * [0.5, 1.2] * pixels + [y, x]
            r = pixels * rng.uniform(0.0008, 0.0022) * rng.uniform(0.7, 1.25, 8)
            lean, broad, high = rng.normal(-0.5, 0.3), 1.5 * r * np.cos(turns), r * np.sin(turns)
            across = at[1] + broad * np.cos(lean) - high * np.sin(lean)
            down = at[0] + broad * np.sin(lean) + high * np.cos(lean)
            blot = list(zip(across.tolist(), down.tolist(), strict=True))
            pen.polygon(blot, fill=tone)
    return _dried(sheet.filter(ImageFilter.GaussianBlur(0.8 * pixels / 3000)), tooth, 190)
