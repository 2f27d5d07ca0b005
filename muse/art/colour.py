"""Colours: sRGB (hex, floats, bytes) and CIE L*a*b* under D65, and the difference of two of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

Field = npt.NDArray[np.float32]
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = _TO_XYZ.sum(1)
_TO_XYZ_OF_WHITE = (_TO_XYZ / _WHITE[:, None]).T.astype(np.float32)
_TO_RGB = (np.linalg.inv(_TO_XYZ) * _WHITE).T.astype(np.float32)


def to_lab(picture: npt.ArrayLike) -> Field:
    """(…, 3) sRGB → (…, 3) float32 L in [0, 100], a, b.

    Args:
        picture: (…, 3) uint8, or numbers in [0, 1].

    >>> [round(float(v)) for v in to_lab(np.array([255, 0, 0], np.uint8))], to_lab([0.0, 0.0, 0.0]).tolist()
    ([53, 80, 67], [0.0, 0.0, 0.0])
    """
    pixels = np.asarray(picture)
    linear = _bytes_linear()[pixels] if pixels.dtype == np.uint8 else _linear(np.clip(pixels.astype(np.float32), 0, 1))
    xyz = linear @ _TO_XYZ_OF_WHITE
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), xyz * np.float32(24389 / 27 / 116) + np.float32(16 / 116))
    lab = np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)
    return lab.astype(np.float32)


def to_rgb(lab: npt.ArrayLike) -> Field:
    """(…, 3) Lab → (…, 3) float32 sRGB in [0, 1], clipped to what a screen can show."""
    value = np.asarray(lab, np.float32)
    y = (value[..., 0] + 16) / 116
    f = np.stack([y + value[..., 1] / 500, y, y - value[..., 2] / 200], axis=-1)
    xyz = np.where(f > np.float32(6 / 29), f**3, (f - np.float32(16 / 116)) * np.float32(116 * 27 / 24389))
    linear = np.clip(xyz @ _TO_RGB, 0, 1)
    coded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** np.float32(1 / 2.4) - 0.055)
    return np.asarray(np.clip(coded, 0, 1), np.float32)


def to_bytes(lab: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """(…, 3) Lab → (…, 3) uint8 sRGB, clipped to what a screen can show.

    >>> to_bytes(to_lab(np.array([12, 200, 99], np.uint8))).tolist()
    [12, 200, 99]
    """
    pixels: npt.NDArray[np.uint8] = np.round(to_rgb(lab) * 255).astype(np.uint8)
    return pixels


def lab_of(colours: Sequence[str]) -> Field:
    """(N, 3) float32 Lab of colours "#rrggbb"."""
    return to_lab(np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in colours], np.uint8))


def hex_of(colours: npt.ArrayLike) -> tuple[str, ...]:
    """Colours "#rrggbb" of (N, 3) Lab.

    >>> hex_of(lab_of(["#0f1720"]))
    ('#0f1720',)
    """
    return tuple("#" + "".join(f"{int(v):02x}" for v in tone) for tone in to_bytes(colours))


def delta_e(a: npt.ArrayLike, b: npt.ArrayLike) -> Field:
    """(…,) float32 CIE 1976 difference of Lab colours: their plain distance."""
    return np.asarray(np.sqrt(((np.asarray(a, np.float32) - np.asarray(b, np.float32)) ** 2).sum(-1)), np.float32)


def _linear(coded: Field) -> Field:
    """Light of gamma-coded sRGB in [0, 1]."""
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4).astype(np.float32)


@cache
def _bytes_linear() -> Field:
    """(256,) the light of each byte."""
    return _linear((np.arange(256) / 255.0).astype(np.float32))
