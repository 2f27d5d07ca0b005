"""CIE Lab (D65) and the palette of a picture: five colours with weights."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

COLOURS = 5
Floats = npt.NDArray[np.floating]
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_TO_RGB = np.linalg.inv(_TO_XYZ)
_WHITE = _TO_XYZ.sum(1)


def to_lab(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """(…, 3) uint8 sRGB → (…, 3) float32 L in [0, 100], a, b.

    >>> [round(float(v)) for v in to_lab(np.array([255, 0, 0], np.uint8))]
    [53, 80, 67]
    """
    table = np.arange(256) / 255.0
    linear = np.where(table <= 0.04045, table / 12.92, ((table + 0.055) / 1.055) ** 2.4).astype(np.float32)
    xyz = linear[pixels] @ (_TO_XYZ / _WHITE[:, None]).T.astype(np.float32)
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), xyz * (24389 / 27 / 116) + 16 / 116)
    lab = np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)
    return lab.astype(np.float32)


def to_rgb(lab: Floats) -> npt.NDArray[np.uint8]:
    """(…, 3) Lab → (…, 3) uint8 sRGB, clipped to the gamut.

    >>> to_rgb(to_lab(np.array([12, 200, 99], np.uint8))).tolist()
    [12, 200, 99]
    """
    wide = np.asarray(lab, dtype=np.float64)
    y = (wide[..., 0] + 16) / 116
    f = np.stack([y + wide[..., 1] / 500, y, y - wide[..., 2] / 200], axis=-1)
    xyz = np.where(f**3 > 216 / 24389, f**3, (f - 16 / 116) * (116 * 27 / 24389)) * _WHITE
    linear = np.clip(xyz @ _TO_RGB.T, 0, 1)
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    pixels: npt.NDArray[np.uint8] = np.round(np.clip(srgb, 0, 1) * 255).astype(np.uint8)
    return pixels


def palette_of(
    pixels: npt.NDArray[np.uint8], count: int = COLOURS
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """The palette of a picture (H, W, 3): colours (count, 3) Lab and weights (count,) that sum to 1, heaviest first.

    k-means in Lab from a start that needs no chance: the darkest-to-lightest quantiles, then the farthest points.
    """
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
