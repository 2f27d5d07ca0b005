"""What is compared of a picture: where it is light and dark, and which way its edges run; its colours are left out.

Light and dark are the low frequencies of the grey square, evened in contrast; edges are histograms of their directions
in cells. Colours are left out because every cover's are moved to a palette.
Source: the edges are those of Dalal and Triggs, "Histograms of Oriented Gradients", without overlapping blocks.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from muse.art.referee.likeness import SIDE, Grey, spectrum

CELLS, WAYS = 4, 6
LOWEST, REACH = 10, 12
EDGES = 1.5
"""How much edges weigh beside light and dark."""
_ROWS, _COLUMNS = np.indices((LOWEST, LOWEST))
_KEPT = (_ROWS + _COLUMNS > 0) & (_ROWS + _COLUMNS < REACH)
LENGTH = int(_KEPT.sum()) + CELLS * CELLS * WAYS


def grey_of(image: Image.Image) -> Grey:
    """(SIDE, SIDE) in [0, 1]: the square in the middle of a picture."""
    short = min(image.size)
    left, top = (image.width - short) // 2, (image.height - short) // 2
    square = image.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX, (left, top, left + short, top + short))
    return np.asarray(square, np.float32) / np.float32(255)


def sketches(greys: Grey) -> npt.NDArray[np.float32]:
    """(N, SIDE, SIDE) in [0, 1] → (N, LENGTH)."""
    even = greys - greys.mean((1, 2), keepdims=True)
    even /= even.std((1, 2), keepdims=True) + 0.02
    waves = spectrum(even)[:, :LOWEST, :LOWEST] / SIDE * np.sqrt(1 + _ROWS + _COLUMNS)
    return np.concatenate([waves[:, _KEPT], EDGES * _edges(greys)], 1).astype(np.float32)


def _edges(greys: Grey) -> npt.NDArray[np.float32]:
    """(N, CELLS² · WAYS): the root of the share of each direction in each cell."""
    down, right = np.gradient(greys, axis=(1, 2))
    strength = np.hypot(down, right)
    way = np.arctan2(down, right) % np.pi / np.pi * WAYS
    lower = np.floor(way).astype(np.int64) % WAYS
    share = way - np.floor(way)
    cell = SIDE // CELLS
    found = []
    for k in range(WAYS):
        part = np.where(lower == k, 1 - share, np.where((lower + 1) % WAYS == k, share, 0)) * strength
        found.append(part.reshape(len(greys), CELLS, cell, CELLS, cell).mean((2, 4)))
    flat = np.stack(found, -1).reshape(len(greys), -1)
    shares: npt.NDArray[np.float32] = np.sqrt(flat / (flat.sum(1, keepdims=True) + 1e-3)).astype(np.float32)
    return shares
