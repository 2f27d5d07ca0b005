"""A small picture made large with edges that look drawn: doubling by doubling, each followed by an edge-keeping filter.

Bicubic doubling alone leaves blur, and sharpening it leaves halos. The generalised Kuwahara filter replaces each pixel
by the mean of the calmest sectors around it, so that every doubling tightens the edges again and flat parts become
areas of paint.

Source: Papari, Petkov, Campisi, "Artistic edge and corner enhancing smoothing" (2007); the sector means are taken as
Gaussian means at eight shifted centres (deviation), which costs one blur in place of eight.
"""

from __future__ import annotations

import numpy as np

from muse.art.finishes.texture import Field, Shape, blur, luma, resized, scaled, shape_of

SECTORS = 8


def kuwahara(picture: Field, radius: float, sharpness: float = 6.0) -> Field:
    """(H, W, 3) fp32: each pixel becomes the mean of its calmest sectors, ``radius`` pixels wide.

    >>> flat = np.full((8, 8, 3), 0.5, np.float32)
    >>> bool(np.allclose(kuwahara(flat, 2.0), 0.5))
    True
    """
    pad = int(np.ceil(radius)) + 1
    height, width = picture.shape[:2]
    wide = np.pad(picture, ((pad, pad), (pad, pad), (0, 0)), mode="reflect")
    mean = blur(wide, radius * 0.42)
    square = blur(luma(wide * wide), radius * 0.42) - luma(mean * mean)
    spread = np.maximum(square, 0)
    spread = (spread + 2e-6) ** np.float32(-sharpness / 2)
    spread = spread / spread.max()
    total = np.zeros_like(picture)
    weights = np.zeros((height, width, 1), np.float32)
    for sector in range(SECTORS):
        turn = 2 * np.pi * sector / SECTORS
        dy, dx = pad + round(radius * 0.75 * np.sin(turn)), pad + round(radius * 0.75 * np.cos(turn))
        weight = spread[dy : dy + height, dx : dx + width, None]
        total += weight * mean[dy : dy + height, dx : dx + width]
        weights += weight
    return np.asarray(total / np.maximum(weights, 1e-30), np.float32)


def enlarge(picture: np.ndarray, shape: Shape, crisp: float = 1.0, broad: float = 3.0) -> Field:
    """(height, width, 3) fp32 in [0, 1] from a uint8 picture (H, W, 3) of the same aspect: edges tight, areas calm.

    Args:
        shape: how far the edge-keeping doubling goes; a finish takes it from there.
        crisp: 0 keeps the softness of the picture, 1 draws its edges anew.
        broad: radius of the first filter; a wide one gathers speckle into larger shapes.
    """
    now: Field = np.asarray(picture, np.float32) / np.float32(255)
    radius = broad
    while min(shape_of(now)) < min(shape):
        now = resized(now, scaled(shape, min(min(shape), 2 * min(shape_of(now)))))
        if crisp > 0:
            now = np.asarray(now + np.float32(crisp) * (kuwahara(now, radius) - now), np.float32)
        radius = max(3.0, radius * 0.7)
    return np.clip(now, 0, 1)
