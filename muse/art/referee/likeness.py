"""Whether two pictures look alike: a hash of what is light and dark in them, whatever their size, format or tint.

Source: the DCT hash of Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 3.2.1. Deviation:
the picture is averaged to 32 × 32 in one step, with no filter before it.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from PIL import Image

SIDE = 32
ALIKE = 10
"""Bits of 64: of copies in other sizes, formats and palettes nine in ten differ in no more; of two pictures of a corpus
one pair in two thousand does, and the median is 32."""
Grey = npt.NDArray[np.float32]


def phash(image: Image.Image) -> int:
    """The 64-bit hash of a picture: which of its lowest 8 × 8 frequencies lie above their median.

    >>> phash(Image.new("L", (40, 40))) == phash(Image.new("RGB", (90, 90)))
    True
    """
    grey = np.asarray(image.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX), np.float32)
    low = spectrum(grey)[:8, :8].ravel()
    return int("".join("1" if bit else "0" for bit in low > np.median(low[1:])), 2)


def distance(a: int, b: int) -> int:
    """In how many of their 64 bits two hashes differ.

    >>> distance(0b1011, 0b0010)
    2
    """
    return (a ^ b).bit_count()


def spectrum(grey: Grey) -> Grey:
    """(…, SIDE, SIDE) → the same of its orthonormal cosine transform (DCT-II), the lowest frequencies first."""
    waves = _waves()
    return np.asarray(waves @ grey @ waves.T, np.float32)


@cache
def _waves() -> Grey:
    place, wave = np.arange(SIDE), np.arange(SIDE)[:, None]
    waves = np.cos(np.pi * (2 * place + 1) * wave / (2 * SIDE)) * np.sqrt(2 / SIDE)
    waves[0] /= np.sqrt(2)
    found: Grey = waves.astype(np.float32)
    return found
