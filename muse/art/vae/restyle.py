"""A picture in another style, and the way from one picture to another, through the VAE.

Nothing of the picture is lost that the VAE cannot hold: what it fails to reconstruct is kept aside and added back in
proportion, so that strength 0, and the ends of a morph, are the given pictures themselves. A large picture is done in
tiles with blended seams; a pass over the whole, small, sets every tile's light and colour.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from muse.art.colour import to_bytes, to_lab
from muse.art.corpus import Pixels, open_picture
from muse.art.vae.model import CELL, Vae, load, slerp, to_pixels, to_tensor
from muse.bundle import Bundle
from muse.errors import UsageError, did_you_mean

TILE, OVERLAP = 384, 96
WHOLE, WORK = 256, 512


def restyled(
    picture: bytes | Pixels, vae: Bundle, style: str | bytes | Pixels, strength: float = 0.8, keep_colour: bool = False
) -> Pixels:
    """The picture in a style, (H, W, 3) uint8, its size unchanged.

    Args:
        picture: a PNG, JPEG or WebP file, or its pixels.
        vae: the bundle image-vae.
        style: a style class ("ink"), or another picture whose style is taken.
        strength: 0 gives the picture back, 1 is all style; in [0, 1].
        keep_colour: take the light from the result and the colours from the picture.

    Raises:
        UsageError: an unknown style, or a strength out of bounds.
        InputError: a picture that cannot be read.
    """
    if not 0 <= strength <= 1:
        raise UsageError(f"strength {strength} is out of bounds", "", "choose one in [0, 1]")
    model, pixels = load(vae), _pixels(picture)
    with torch.no_grad():
        code = style_code(vae, style)
        if strength == 0:
            return pixels.copy()
        height, width = pixels.shape[:2]
        work = _resized(pixels, min(1.0, WORK / min(height, width)))
        small = _resized(work, min(1.0, WHOLE / min(work.shape[:2])))
        guide = _pass(model, small, code, strength)
        result = guide if small.shape == work.shape else _tiled(model, work, code, strength, guide)
        result = _with_detail(result, work, pixels)
    if keep_colour:
        lab = to_lab(pixels)
        lab[..., 0] = to_lab(result)[..., 0]
        result = to_bytes(lab)
    return result


def morphed(a: bytes | Pixels, b: bytes | Pixels, vae: Bundle, steps: int = 8) -> list[Pixels]:
    """`steps` pictures from a to b, both ends included; b is fitted into the shape of a, sides of at most 1024 pixels.

    Raises:
        UsageError: fewer than 2 steps, or more than 1000.
        InputError: a picture that cannot be read.
    """
    if not 2 <= steps <= 1000:
        raise UsageError(f"{steps} steps are out of bounds", "", "choose 2 to 1000")
    first = _pixels(a)
    first = _resized(first, min(1.0, 1024 / max(first.shape[:2])))
    second = _fitted(_pixels(b), first.shape[0], first.shape[1])
    model = load(vae)
    with torch.no_grad():
        scale = min(1.0, WHOLE / min(first.shape[:2]))
        ends = [_padded(to_tensor(_resized(p, scale)[None])) for p in (first, second)]
        (ca, sa), (cb, sb) = (model.encode(x) for x in ends)
        big = [to_tensor(p[None]) for p in (first, second)]
        lost = [x - _to_size(model.decode(c, s), x, ends[0]) for x, c, s in zip(big, (ca, cb), (sa, sb), strict=True)]
        path = []
        for i in range(steps):
            t = i / (steps - 1)
            y = _to_size(model.decode(slerp(ca, cb, t), slerp(sa, sb, t)), big[0], ends[0])
            path.append(to_pixels(y + (1 - t) ** 2 * lost[0] + t**2 * lost[1])[0])
    return path


def style_code(vae: Bundle, style: str | bytes | Pixels) -> Tensor:
    """(1, K): the mean code of a style class, or the code of a picture."""
    model = load(vae)
    if isinstance(style, str):
        styles = list(vae.card.get("vocabulary") or ())
        if style not in styles:
            raise UsageError(f'unknown style "{style}"', next_step=did_you_mean(style, styles))
        return model.class_style[styles.index(style)][None]
    pixels = _pixels(style)
    with torch.no_grad():
        code: Tensor = model.style(_padded(to_tensor(_resized(pixels, min(1.0, WHOLE / min(pixels.shape[:2])))[None])))
    return code


def _pass(model: Vae, pixels: Pixels, code: Tensor, strength: float) -> Pixels:
    x = to_tensor(pixels[None])
    padded = _padded(x)
    content, own = model.encode(padded)
    height, width = pixels.shape[:2]
    y = model.decoder(content, slerp(own, code, strength))[..., :height, :width]
    lost = x - model.decoder(content, own)[..., :height, :width]
    done: Pixels = to_pixels(y + (1 - strength) * lost)[0]
    return done


def _tiled(model: Vae, pixels: Pixels, code: Tensor, strength: float, guide: Pixels) -> Pixels:
    """Tile by tile, blended by ramps; the coarse light and colour are the guide's."""
    height, width = pixels.shape[:2]
    total = np.zeros((height, width, 3), np.float64)
    weight = np.zeros((height, width, 1), np.float64)
    for top, left, bottom, right in tiles(height, width):
        done = _pass(model, pixels[top:bottom, left:right], code, strength).astype(np.float64)
        ramp = np.minimum.outer(_ramp(bottom - top), _ramp(right - left))[..., None]
        total[top:bottom, left:right] += done * ramp
        weight[top:bottom, left:right] += ramp
    made = total / weight
    cell = max(1, min(guide.shape[:2]) // 16)
    size = (max(1, guide.shape[1] // cell), max(1, guide.shape[0] // cell))
    rounded = np.clip(np.round(made), 0, 255).astype(np.uint8)
    coarse = [np.asarray(Image.fromarray(p).resize(size, Image.Resampling.BOX), np.float32) for p in (guide, rounded)]
    shift = _enlarged(coarse[0] - coarse[1], height, width)
    whole: Pixels = np.clip(np.round(made + shift), 0, 255).astype(np.uint8)
    return whole


def tiles(height: int, width: int) -> Iterator[tuple[int, int, int, int]]:
    """Top, left, bottom, right of overlapping tiles that cover a picture.

    >>> list(tiles(100, 100))
    [(0, 0, 100, 100)]
    """
    for top in _starts(height):
        for left in _starts(width):
            yield top, left, min(top + TILE, height), min(left + TILE, width)


def _starts(size: int) -> list[int]:
    if size <= TILE:
        return [0]
    count = -(-(size - OVERLAP) // (TILE - OVERLAP))
    return [round(i * (size - TILE) / (count - 1)) for i in range(count)]


def _ramp(size: int) -> npt.NDArray[np.float64]:
    line = np.minimum(np.arange(size) + 1, np.arange(size, 0, -1)) / OVERLAP
    return np.minimum(line, 1.0)


def _with_detail(result: Pixels, work: Pixels, pixels: Pixels) -> Pixels:
    """The result in the size of the original, with the fine light that the smaller working size had lost."""
    if work.shape == pixels.shape:
        return result
    height, width = pixels.shape[:2]
    detail = pixels.astype(np.float32) - _enlarged(work.astype(np.float32), height, width)
    grown = _enlarged(result.astype(np.float32), height, width) + detail.mean(2, keepdims=True)
    whole: Pixels = np.clip(np.round(grown), 0, 255).astype(np.uint8)
    return whole


def _enlarged(field: npt.NDArray[np.float32], height: int, width: int) -> npt.NDArray[np.float32]:
    x = torch.from_numpy(np.ascontiguousarray(field)).permute(2, 0, 1)[None]
    grown: npt.NDArray[np.float32] = F.interpolate(x, (height, width), mode="bicubic")[0].permute(1, 2, 0).numpy()
    return grown


def _pixels(picture: bytes | Pixels) -> Pixels:
    if isinstance(picture, bytes):
        return np.asarray(open_picture(picture))
    return picture


def _resized(pixels: Pixels, scale: float) -> Pixels:
    if scale >= 1:
        return pixels
    size = (max(CELL, round(pixels.shape[1] * scale)), max(CELL, round(pixels.shape[0] * scale)))
    return np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).resize(size, Image.Resampling.LANCZOS))


def _fitted(pixels: Pixels, height: int, width: int) -> Pixels:
    scale = max(height / pixels.shape[0], width / pixels.shape[1])
    size = (max(width, round(pixels.shape[1] * scale)), max(height, round(pixels.shape[0] * scale)))
    grown = np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).resize(size, Image.Resampling.LANCZOS))
    top, left = (grown.shape[0] - height) // 2, (grown.shape[1] - width) // 2
    return grown[top : top + height, left : left + width]


def _padded(x: Tensor) -> Tensor:
    """Sides up to the next multiple of 8, at least 16, the border repeated."""
    height, width = x.shape[2:]
    rows, columns = (max(2 * CELL, -(-side // CELL) * CELL) - side for side in (height, width))
    return F.pad(x, (0, columns, 0, rows), mode="replicate") if rows or columns else x


def _to_size(y: Tensor, like: Tensor, padded: Tensor) -> Tensor:
    """A decoded picture, its padding cut off, in the size of another."""
    height, width = like.shape[2:]
    scale = min(1.0, WHOLE / min(height, width))
    y = (
        y[..., : max(CELL, round(height * scale)), : max(CELL, round(width * scale))]
        if scale < 1
        else y[..., :height, :width]
    )
    return y if y.shape == like.shape else F.interpolate(y, (height, width), mode="bicubic")
