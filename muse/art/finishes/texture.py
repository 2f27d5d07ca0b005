"""Fields that every finish draws on: resampling, smooth noise, the direction of a picture's edges, paper and canvas.

Fields are fp32 arrays (H, W) or (H, W, 3); pictures lie in [0, 1]. Everything is drawn from named random streams, so
that the same seed gives the same field at any number of threads.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter
from scipy import ndimage

from muse.seed import stream

Field = npt.NDArray[np.float32]
BICUBIC, BILINEAR = Image.Resampling.BICUBIC, Image.Resampling.BILINEAR
BAND = 500


def resized(
    field: Field,
    height: int,
    width: int | None = None,
    box: tuple[float, float, float, float] | None = None,
    how: Image.Resampling = BICUBIC,
) -> Field:
    """(height, width[, C]) fp32: a field resampled, or only its part inside ``box`` (left, top, right, bottom)."""
    size = (width or height, height)
    if field.ndim == 2:
        return np.asarray(Image.fromarray(np.ascontiguousarray(field, np.float32)).resize(size, how, box), np.float32)
    return np.stack([resized(field[..., c], height, width, box, how) for c in range(field.shape[2])], axis=-1)


def bands(pixels: int, band: int = BAND) -> Iterator[tuple[int, int]]:
    """(top, bottom) of the strips that a picture is finished in, so that memory stays small."""
    for top in range(0, pixels, band):
        yield top, min(pixels, top + band)


def strip(field: Field, pixels: int, top: int, bottom: int, how: Image.Resampling = BICUBIC) -> Field:
    """Rows [top, bottom) of a square field enlarged to ``pixels``."""
    scale = field.shape[0] / pixels
    return resized(field, bottom - top, pixels, (0.0, top * scale, float(field.shape[1]), bottom * scale), how)


def noise(side: int, cell: float, seed: int, *names: str | int, octaves: int = 4, falloff: float = 0.5) -> Field:
    """(side, side) fp32 smooth noise, mean 0, about unit spread; the largest grain is ``cell`` pixels wide."""
    total = np.zeros((side, side), np.float32)
    weight, power = 1.0, 0.0
    for octave in range(octaves):
        width = cell / 2**octave
        if width < 1:
            break
        knots = max(2, int(np.ceil(side / width)) + 3)
        knots = min(knots, side)
        raw = stream(seed, "noise", *names, octave).standard_normal((knots, knots), np.float32)
        reach = min(float(knots), side / width) if knots < side else float(side)
        total += weight * (raw if knots == side else resized(raw, side, box=(0.0, 0.0, reach, reach)))
        power += weight * weight
        weight *= falloff
    return total / np.float32(np.sqrt(power) * 0.8)


def grain(height: int, width: int, seed: int, *names: str | int) -> Field:
    """(height, width) fp32 white noise, mean 0, unit spread."""
    return stream(seed, "grain", *names).standard_normal((height, width), np.float32)


def blur(field: Field, sigma: float) -> Field:
    """A field smoothed by a Gaussian of ``sigma`` pixels, edges mirrored; a wide one is taken on a coarser grid."""
    side = min(field.shape[:2])
    if sigma > 3.5 and side >= 64 and field.shape[0] == field.shape[1]:
        coarse = max(24, int(side * 2.0 / sigma))
        inner = blur(resized(field, coarse, how=Image.Resampling.BOX), sigma * coarse / side)
        return resized(inner, side)
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


def paper(pixels: int, seed: int, roughness: float = 1.0, fibres: int = 2600) -> Image.Image:
    """A sheet seen by slanting light: L picture about 128; grain at every scale and, where wanted, long fibres."""
    small = max(256, pixels // 2)
    relief = noise(small, small / 14, seed, "paper", octaves=3, falloff=0.6) * 2.2
    relief += noise(small, 7, seed, "tooth", octaves=3, falloff=0.8) * 5.5 * roughness
    sheet = Image.fromarray(np.clip(128 + relief, 0, 255).astype(np.uint8)).resize((pixels, pixels), BICUBIC)
    if fibres:
        rng = stream(seed, "fibres")
        layer = Image.new("L", (pixels, pixels), 128)
        pen = ImageDraw.Draw(layer)
        start = rng.random((fibres, 2)) * pixels
        turn, length = rng.random(fibres) * np.pi, (0.004 + 0.012 * rng.random(fibres)) * pixels
        bend, tone = rng.normal(0, 0.7, fibres), 128 + rng.integers(-15, 12, fibres)
        for i in range(fibres):
            steps = np.linspace(0, 1, 6)
            way = turn[i] + bend[i] * steps
            x = start[i, 0] + np.cumsum(np.cos(way)) * length[i] / 6
            y = start[i, 1] + np.cumsum(np.sin(way)) * length[i] / 6
            pen.line(list(zip(x.tolist(), y.tolist(), strict=True)), fill=int(tone[i]), width=max(1, pixels // 1500))
        layer = layer.filter(ImageFilter.GaussianBlur(pixels / 3000))
        sheet = Image.blend(sheet, layer, 0.35)
    return sheet


def image_of(picture: Field) -> Image.Image:
    """An RGB (or L) picture of an array in [0, 1]."""
    return Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8))


def array_of(image: Image.Image) -> Field:
    """(H, W, 3) fp32 in [0, 1]."""
    return np.asarray(image.convert("RGB"), np.float32) / np.float32(255)
