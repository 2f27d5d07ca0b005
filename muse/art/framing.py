"""A picture cut to another aspect, around what draws the eye."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from muse.art.finishes.texture import array_of, blur, luma, shape_of
from muse.art.sizes import Size

SCALES = ((0.01, 0.06), (0.03, 0.2))


def fitted(picture: npt.NDArray[np.uint8], size: Size) -> npt.NDArray[np.uint8]:
    """The part (H', W', 3) of a picture (H, W, 3) that has the aspect of a size, where there is most to see.

    >>> fitted(np.zeros((128, 128, 3), np.uint8), Size(1600, 800)).shape
    (64, 128, 3)
    """
    height, width = shape_of(picture)
    rows = min(height, max(1, round(width * size.height / size.width)))
    columns = min(width, max(1, round(height * size.width / size.height)))
    if (rows, columns) == (height, width):
        return picture
    seen = saliency(picture)
    top, left = _window(seen.sum(1), rows), _window(seen.sum(0), columns)
    return np.ascontiguousarray(picture[top : top + rows, left : left + columns])


def saliency(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """(H, W) how much each place draws the eye: contrast to its surroundings, edges, a lean to the middle.

    Source: the centre-surround differences of Itti, Koch, Niebur, "A model of saliency-based visual attention" (1998).
    """
    shape = shape_of(picture)
    seen = array_of(Image.fromarray(picture))
    side = min(shape)
    apart = sum(np.abs(blur(seen, side * near) - blur(seen, side * far)).sum(-1) for near, far in SCALES)
    rise, run = np.gradient(luma(seen))
    y, x = (np.linspace(-1, 1, edge, dtype=np.float32) for edge in shape)
    middle = np.exp(-(y[:, None] ** 2) - x[None] ** 2)
    return np.asarray((apart + 2 * np.hypot(rise, run)) * middle + 1e-4, np.float32)


def _window(weights: npt.NDArray[np.float32], length: int) -> int:
    """Where a window of so many places holds the most; of equal ones the nearest to the middle."""
    sums = np.convolve(weights, np.ones(length, np.float32), "valid")
    places = np.arange(len(sums))
    away = np.abs(places - (len(sums) - 1) / 2) / max(len(sums), 1)
    return int(np.argmax(sums / sums.max() - 0.02 * away))
