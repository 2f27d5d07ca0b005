"""A picture of any size brought to the size that a network works at, and its own fine detail given back afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from muse.art.colour import to_bytes, to_lab
from muse.art.reading import open_picture
from muse.art.vae.model import CELL

Pixels = npt.NDArray[np.uint8]
SHORT, AREA = 512, 512 * 1024
BAND = 256


def pixels_of(picture: bytes | Pixels) -> Pixels:
    """(H, W, 3) uint8 of a PNG, JPEG or WebP file, or of what is pixels already.

    Raises:
        InputError: it cannot be read.
    """
    return np.asarray(open_picture(picture)) if isinstance(picture, bytes) else picture


def at_work(pixels: Pixels, short: int = SHORT) -> Pixels:
    """The picture with a short side of `short` pixels at most, and no more than half a megapixel of it.

    >>> at_work(np.zeros((3000, 4000, 3), np.uint8)).shape
    (512, 683, 3)
    """
    height, width = pixels.shape[:2]
    scale = min(1.0, short / min(height, width), (AREA / (height * width)) ** 0.5)
    if scale == 1.0:
        return pixels
    return sized(pixels, max(1, round(height * scale)), max(1, round(width * scale)))


def sized(pixels: Pixels, height: int, width: int) -> Pixels:
    """The picture in another size."""
    if pixels.shape[:2] == (height, width):
        return pixels
    how = Image.Resampling.LANCZOS if height < pixels.shape[0] else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).resize((width, height), how))


def fitted(pixels: Pixels, height: int, width: int) -> Pixels:
    """The middle of the picture, as much of it as has the shape (height, width), in that size."""
    scale = max(height / pixels.shape[0], width / pixels.shape[1])
    grown = sized(pixels, max(height, round(pixels.shape[0] * scale)), max(width, round(pixels.shape[1] * scale)))
    top, left = (grown.shape[0] - height) // 2, (grown.shape[1] - width) // 2
    return grown[top : top + height, left : left + width]


def padded(x: Tensor, multiple: int = CELL) -> Tensor:
    """Sides up to the next multiple, at least two of them, the border repeated."""
    rows, columns = (max(2 * multiple, -(-side // multiple) * multiple) - side for side in x.shape[2:])
    return F.pad(x, (0, columns, 0, rows), mode="replicate") if rows or columns else x


def detailed(made: Pixels, work: Pixels, pixels: Pixels) -> Pixels:
    """What was made of `work` in the size of the original, with the fine light that the smaller size had lost."""
    if work.shape == pixels.shape:
        return made
    height, width = pixels.shape[:2]
    whole, coarse = sized(made, height, width), sized(work, height, width)
    out = np.empty_like(pixels)
    for band in bands(height):
        detail = (pixels[band].astype(np.float32) - coarse[band]).mean(2, keepdims=True)
        out[band] = np.clip(np.round(whole[band] + detail), 0, 255)
    return out


def recoloured(light: Pixels, colour: Pixels) -> Pixels:
    """The lightness of one picture with the colours of another of its size."""
    out = np.empty_like(light)
    for band in bands(len(light)):
        lab = to_lab(colour[band])
        lab[..., 0] = to_lab(light[band])[..., 0]
        out[band] = to_bytes(lab)
    return out


def bands(height: int) -> Iterator[slice]:
    """Strips of rows, so that a large picture is never held in wide numbers as a whole."""
    for top in range(0, height, BAND):
        yield slice(top, min(top + BAND, height))
