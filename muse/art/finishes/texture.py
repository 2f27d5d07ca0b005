"""Fields that every finish draws on: resampling, smooth noise, the direction of a picture's edges, paper and canvas.

Fields are fp32 arrays (H, W) or (H, W, 3); pictures lie in [0, 1]; shapes are (height, width), of any aspect. All is
drawn from named random streams, so that the same seed gives the same field at any number of threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter
from scipy import ndimage

from muse.seed import stream

Field = npt.NDArray[np.float32]
Shape = tuple[int, int]
BICUBIC, BILINEAR = Image.Resampling.BICUBIC, Image.Resampling.BILINEAR
BAND = 500


def shape_of(field: npt.NDArray[Any]) -> Shape:
    """(height, width) of a field or picture."""
    return int(field.shape[0]), int(field.shape[1])


def unit(shape: Shape) -> int:
    """The shorter side of a picture (height, width): what lengths are parts of, so that strokes keep their size."""
    return min(shape)


def scaled(shape: Shape, side: int) -> Shape:
    """The shape with the same aspect whose shorter side is ``side``.

    >>> scaled((1920, 1080), 128)
    (228, 128)
    """
    short = min(shape)
    return round(shape[0] * side / short), round(shape[1] * side / short)


def resized(
    field: Field,
    shape: Shape,
    box: tuple[float, float, float, float] | None = None,
    how: Image.Resampling = BICUBIC,
) -> Field:
    """(height, width[, C]) fp32: a field resampled, or only its part inside ``box`` (left, top, right, bottom)."""
    if field.ndim == 2:
        plane = Image.fromarray(np.ascontiguousarray(field, np.float32))
        return np.asarray(plane.resize(shape[::-1], how, box), np.float32)
    return np.stack([resized(field[..., c], shape, box, how) for c in range(field.shape[2])], axis=-1)


def shrunk(field: Field, side: int) -> Field:
    """A field averaged down so that its shorter side is ``side``."""
    return resized(field, scaled(shape_of(field), side), how=Image.Resampling.BOX)


def bands(height: int, band: int = BAND) -> Iterator[tuple[int, int]]:
    """(top, bottom) of the strips that a picture is finished in, so that memory stays small."""
    for top in range(0, height, band):
        yield top, min(height, top + band)


def strip(field: Field, shape: Shape, top: int, bottom: int) -> Field:
    """Rows [top, bottom) of a field enlarged to ``shape``."""
    scale = field.shape[0] / shape[0]
    return resized(field, (bottom - top, shape[1]), (0.0, top * scale, float(field.shape[1]), bottom * scale))


def noise(shape: Shape, cell: float, seed: int, *names: str | int, octaves: int = 4, falloff: float = 0.5) -> Field:
    """(height, width) fp32 smooth noise, mean 0, about unit spread; the largest grain is ``cell`` pixels wide."""
    total = np.zeros(shape, np.float32)
    weight, power = 1.0, 0.0
    for octave in range(octaves):
        width = cell / 2**octave
        if width < 1:
            break
        knots = tuple(min(side, max(2, int(np.ceil(side / width)) + 3)) for side in shape)
        reach = [min(float(count), side / width) for count, side in zip(knots, shape, strict=True)]
        raw = stream(seed, "noise", *names, octave).standard_normal(knots, np.float32)
        total += weight * (raw if knots == shape else resized(raw, shape, (0.0, 0.0, reach[1], reach[0])))
        power += weight * weight
        weight *= falloff
    return total / np.float32(np.sqrt(power) * 0.8)


def speckle(shape: Shape, seed: int, *names: str | int, size: float = 0.7) -> Image.Image:
    """L picture of fine noise about 128, its grains about two ``size`` pixels wide, made at native size."""
    raw = stream(seed, "speckle", *names).integers(0, 256, shape, np.uint8)
    return Image.fromarray(raw).filter(ImageFilter.GaussianBlur(size))


def grain(height: int, width: int, seed: int, *names: str | int) -> Field:
    """(height, width) fp32 white noise, mean 0, unit spread."""
    return stream(seed, "grain", *names).standard_normal((height, width), np.float32)


def blur(field: Field, sigma: float) -> Field:
    """A field smoothed by a Gaussian of ``sigma`` pixels, edges mirrored; a wide one is taken on a coarser grid."""
    shape = shape_of(field)
    side = min(shape)
    if sigma > 3.5 and side >= 64:
        coarse = max(24, int(side * 2.0 / sigma))
        return resized(blur(shrunk(field, coarse), sigma * coarse / side), shape)
    if field.ndim == 2:
        return np.asarray(ndimage.gaussian_filter(field, sigma, mode="reflect", truncate=3.0), np.float32)
    return np.stack([blur(field[..., c], sigma) for c in range(field.shape[2])], axis=-1)


def luma(picture: Field) -> Field:
    """(H, W) fp32: how light each pixel looks, of gamma-coded sRGB in [0, 1]."""
    return np.asarray(picture @ np.array([0.2126, 0.7152, 0.0722], np.float32), np.float32)


def directions(picture: Field, sigma: float) -> tuple[Field, Field]:
    """Angle along the edges (radians, 0 = to the right, y down) and how sure it is (0..1): the structure tensor.

    Source: Kang, Lee, Chui, "Flow-based image abstraction" (2009), section 2, with Gaussian smoothing of the tensor.
    """
    light = luma(picture) if picture.ndim == 3 else picture
    gx, gy = ndimage.sobel(light, 1), ndimage.sobel(light, 0)
    a, b, c = (blur(np.asarray(m, np.float32), sigma) for m in (gx * gx, gx * gy, gy * gy))
    angle = 0.5 * np.arctan2(2 * b, a - c) + np.pi / 2
    spread = np.sqrt((a - c) ** 2 + 4 * b * b)
    sure = spread / (a + c + 1e-4)
    return angle.astype(np.float32), (sure * np.clip((a + c) * 60, 0, 1)).astype(np.float32)


def paper(shape: Shape, seed: int, fibres: int = 2600) -> Image.Image:
    """A sheet seen by slanting light: L picture about 128; grain at every scale and, where wanted, long fibres."""
    side = unit(shape)
    small = scaled(shape, max(256, side // 2))
    relief = noise(small, unit(small) / 14, seed, "paper", octaves=3, falloff=0.6) * 2.2
    relief += noise(small, 7, seed, "tooth", octaves=3, falloff=0.8) * 5.5
    sheet = Image.fromarray(np.clip(128 + relief, 0, 255).astype(np.uint8)).resize(shape[::-1], BICUBIC)
    sheet = Image.blend(sheet, speckle(shape, seed, "sheet"), 0.14)
    if fibres:
        rng = stream(seed, "fibres")
        count = round(fibres * shape[0] * shape[1] / side**2)
        layer = Image.new("L", shape[::-1], 128)
        pen = ImageDraw.Draw(layer)
        start = rng.random((count, 2)) * shape[::-1]
        turn, length = rng.random(count) * np.pi, (0.004 + 0.012 * rng.random(count)) * side
        bend, tone = rng.normal(0, 0.7, count), 128 + rng.integers(-15, 12, count)
        for i in range(count):
            way = turn[i] + bend[i] * np.linspace(0, 1, 6)
            x = start[i, 0] + np.cumsum(np.cos(way)) * length[i] / 6
            y = start[i, 1] + np.cumsum(np.sin(way)) * length[i] / 6
            pen.line(list(zip(x.tolist(), y.tolist(), strict=True)), fill=int(tone[i]), width=max(1, side // 1500))
        layer = layer.filter(ImageFilter.GaussianBlur(side / 3000))
        sheet = Image.blend(sheet, layer, 0.35)
    return sheet


def image_of(picture: Field) -> Image.Image:
    """An RGB (or L) picture of an array in [0, 1]."""
    return Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8))


def array_of(image: Image.Image) -> Field:
    """(H, W, 3) fp32 in [0, 1]."""
    return np.asarray(image.convert("RGB"), np.float32) / np.float32(255)
