"""Woven and embroidered silk at native size: threads that run along the forms, and a sheen where they face the light.

Threads are noise smeared along the picture's own directions, further with each pass; each takes its colour from a
little further along, so that borders are stitched, not cut.

Source: Cabral & Leedom, "Imaging vector fields using line integral convolution" (1993); the streamline is followed by
doubling straight steps (deviation: five passes in place of a walk for each pixel).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy import ndimage

from muse.art.finishes.texture import (
    Field,
    Shape,
    bands,
    blur,
    directions,
    grain,
    luma,
    noise,
    resized,
    scaled,
    shrunk,
    speckle,
    strip,
    unit,
)

PASSES = 5


@dataclass(frozen=True, slots=True)
class Cloth:
    """How silk is made.

    Attributes:
        thread: strength of the single threads.
        stitch: how far a thread carries its colour along, a part of the shorter side.
        sheen: strength of the light on threads that face it.
        follow: how far threads follow the edges where edges are weak (the rest drifts with a slow field).
    """

    thread: float = 0.16
    stitch: float = 0.006
    sheen: float = 0.22
    follow: float = 0.35


def weave(plate: Field, shape: Shape, seed: int, cloth: Cloth) -> Image.Image:
    """An RGB picture (height, width) in threads of silk after ``plate`` (H, W, 3)."""
    half = scaled(shape, max(256, unit(shape) // 2))
    dy, dx, angle, sure = _flow(plate, half, seed, cloth.follow)
    threads = np.asarray(speckle(half, seed, "threads", size=0.8), np.float32) - np.float32(127.5)
    row, column = np.mgrid[0 : half[0], 0 : half[1]].astype(np.float32)
    for k in range(PASSES):
        far = np.float32(1.4 * 2**k * unit(half) / 1500)
        there, back = (
            ndimage.map_coordinates(threads, [row + sign * far * dy, column + sign * far * dx], order=1, mode="reflect")
            for sign in (1, -1)
        )
        threads = (there + back) * np.float32(0.5)
    threads = np.clip(threads / np.float32(threads.std() + 1e-6), -2.5, 2.5)
    carry = threads * sure * np.float32(cloth.stitch * unit(half))
    at = [row + carry * dy, column + carry * dx]
    coloured = np.stack(
        [ndimage.map_coordinates(resized(plate[..., c], half), at, order=1, mode="nearest") for c in range(3)], -1
    )
    facing = sure * np.cos(2 * (angle - np.float32(0.9))) ** 3
    folds = blur(luma(shrunk(plate, 256)), 3.0)
    gloss = facing * resized(0.35 + 0.65 * folds / max(float(folds.max()), 0.2), half) * (1 + np.float32(0.5) * threads)
    out = np.empty((*shape, 3), np.uint8)
    for top, bottom in bands(shape[0]):
        fine = strip(threads, shape, top, bottom)
        light = cloth.thread * fine + cloth.sheen * strip(gloss, shape, top, bottom)
        light += np.float32(0.025) * grain(bottom - top, shape[1], seed, "silk", top)
        colour = np.clip(strip(coloured, shape, top, bottom), 0, 1)
        colour = colour * (1 + light[..., None] * (1.15 - colour)) + np.float32(0.012) * fine[..., None]
        out[top:bottom] = np.clip(colour * 255 + 0.5, 0, 255)
    return Image.fromarray(out)


def _flow(plate: Field, shape: Shape, seed: int, follow: float) -> tuple[Field, Field, Field, Field]:
    """(dy, dx, angle) of the threads at each place, and how sure: 0 where they meet from all sides."""
    angle, sure = directions(shrunk(plate, 512), 6.0)
    drift = noise(scaled(shape, 512), 260, seed, "drift", octaves=2) * np.float32(1.2)
    lean = np.clip(sure + follow, 0, 1)
    if drift.shape != angle.shape:
        drift = resized(drift, (angle.shape[0], angle.shape[1]))
    twice = [
        resized(blur(np.asarray(lean * part(2 * angle) + (1 - lean) * part(2 * drift), np.float32), 6.0), shape)
        for part in (np.cos, np.sin)
    ]
    turn = np.asarray(0.5 * np.arctan2(twice[1], twice[0]), np.float32)
    sure = np.clip(3 * np.hypot(*twice) - 0.3, 0, 1).astype(np.float32)
    return np.sin(turn), np.cos(turn), turn, sure
