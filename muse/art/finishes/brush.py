"""Painting over a picture with real strokes, at native size: oil or gouache.

Large strokes first, small ones only where the picture still differs from what they would cover; each stroke follows the
edges, carries the bristles of its brush, and leaves ridges of paint that catch the light.

Source: Hertzmann, "Painterly rendering with curved brush strokes of multiple sizes" (1998); orientation from the
smoothed structure tensor and bent stamps in place of traced curves (deviation: one C call a stroke).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageFilter

from muse.art.finishes.texture import (
    BICUBIC,
    Field,
    Shape,
    bands,
    blur,
    directions,
    image_of,
    noise,
    scaled,
    shape_of,
    shrunk,
    strip,
    unit,
)
from muse.seed import stream

ANGLES = 24
BENDS = (-0.35, 0.0, 0.35)


@dataclass(frozen=True, slots=True)
class Hand:
    """How a painter paints.

    Attributes:
        widths: stroke widths, parts of the shorter side, largest first.
        ratio: length of a stroke by its width.
        cover: strokes on each spot of a layer, before any is left out.
        detail: below this difference a smaller stroke is left out.
        relief: depth of the paint's ridges, 0 for none.
        colour: spread of each stroke's lightness.
        dry: how early the brush runs dry, 0..1.
        follow: how far strokes follow the edges where edges are weak (the rest drifts with a slow field).
        canvas: strength of the weave.
    """

    widths: tuple[float, ...] = (0.07, 0.034, 0.016, 0.0085)
    ratio: float = 4.0
    cover: float = 2.0
    detail: float = 0.045
    relief: float = 1.3
    colour: float = 0.022
    dry: float = 0.5
    follow: float = 0.6
    canvas: float = 1.0


def paint(plate: Field, shape: Shape, seed: int, hand: Hand) -> Image.Image:
    """An RGB picture (height, width) painted after ``plate`` (H, W, 3)."""
    pixels = unit(shape)
    ground = blur(shrunk(plate, 128), 1.5)
    ground = ground * 0.92 + np.array([0.05, 0.035, 0.02], np.float32)
    drift = noise(scaled(shape, 256), 110, seed, "drift", octaves=2) * 1.1
    # The broad strokes below are seen only between the others: half the size does for them.
    size = scaled(shape, pixels // 2)[::-1] if pixels >= 1024 else shape[::-1]
    canvas, height = image_of(ground).resize(size, BICUBIC), weave(shape, seed, hand.canvas).resize(size, BICUBIC)
    for layer, width in enumerate(hand.widths):
        if width * pixels < 150 and canvas.size != shape[::-1]:
            canvas, height = canvas.resize(shape[::-1], BICUBIC), height.resize(shape[::-1], BICUBIC)
        side = min(unit(shape_of(plate)), 2 ** int(np.ceil(np.log2(9 / width))))
        guide = plate if side == unit(shape_of(plate)) else shrunk(plate, side)
        _layer(canvas, height, guide, drift, seed, hand, layer, width)
    return lit(canvas, height, hand.relief)


def _layer(
    canvas: Image.Image,
    height: Image.Image,
    plate: Field,
    drift: Field,
    seed: int,
    hand: Hand,
    layer: int,
    width: float,
) -> None:
    rng = stream(seed, "strokes", layer)
    shape = canvas.height, canvas.width
    side, pixels = unit(shape_of(plate)), unit(shape)
    span = width * pixels
    soft = blur(plate, max(0.6, width * side * 0.22))
    angle, sure = directions(plate, max(1.5, width * side * 0.45))
    step = span * np.sqrt(hand.ratio * 0.8 / hand.cover)
    rows, columns = (np.arange(int(np.ceil(edge / step)) + 2) for edge in shape)
    grid = np.stack(np.meshgrid(rows, columns, indexing="ij"), -1).reshape(-1, 2)
    spots = (grid + rng.random((len(grid), 2)) - 0.5) * step
    rng.shuffle(spots)
    at = np.clip((spots / pixels * side).astype(int), 0, np.array(shape_of(plate)) - 1)
    if layer:
        drawn = np.asarray(canvas.resize(shape_of(plate)[::-1], Image.Resampling.BOX), np.float32) / 255
        miss = np.abs(blur(np.asarray(drawn, np.float32), 1.5) - soft).mean(axis=-1)
        here = blur(miss, max(1.0, width * side * 0.3))[at[:, 0], at[:, 1]]
        keep = here > hand.detail * rng.uniform(0.6, 1.2, len(at))
        spots, at = spots[keep], at[keep]
    hue = soft[at[:, 0], at[:, 1]]
    tone = hue * 255 + (rng.normal(0, hand.colour * 255, (len(at), 1)) + rng.normal(0, hand.colour * 90, (len(at), 3)))
    colours = np.clip(tone, 0, 255).astype(int)
    weak = sure[at[:, 0], at[:, 1]]
    slow = np.minimum(at * unit(shape_of(drift)) // side, np.array(shape_of(drift)) - 1)
    lean = np.clip(weak + hand.follow * 0.4, 0, 1)
    along = angle[at[:, 0], at[:, 1]]
    turn = 0.5 * np.angle(lean * np.exp(2j * along) + (1 - lean) * np.exp(2j * drift[slow[:, 0], slow[:, 1]]))
    turn = turn + rng.normal(0, 0.10, len(turn))
    stamps = _stamps(span, hand, seed, layer)
    which = np.round(turn / np.pi * ANGLES).astype(int) % ANGLES
    kind = rng.integers(0, len(stamps), len(at))
    raised = 128 + rng.integers(-30, 50, len(at))
    for i in range(len(at)):
        mask, ridge = stamps[kind[i]][which[i]]
        left = round(spots[i, 1]) - mask.width // 2
        top = round(spots[i, 0]) - mask.height // 2
        canvas.paste(tuple(colours[i].tolist()), (left, top), mask)
        if hand.relief:
            height.paste(int(raised[i]), (left, top), ridge)


def _stamps(span: float, hand: Hand, seed: int, layer: int) -> list[list[tuple[Image.Image, Image.Image]]]:
    """For each kind of stroke and each of ANGLES turns: its mask and its relief mask."""
    out = []
    for kind, bend in enumerate(BENDS):
        mask, ridge = _stroke(span, hand, seed, layer, kind, bend)
        turned = []
        for k in range(ANGLES):
            degrees = -180.0 * k / ANGLES
            pair = [m.rotate(degrees, Image.Resampling.BILINEAR, expand=True) for m in (mask, ridge)]
            box = pair[0].getbbox() or (0, 0, 1, 1)
            turned.append((pair[0].crop(box), pair[1].crop(box)))
        out.append(turned)
    return out


def _stroke(span: float, hand: Hand, seed: int, layer: int, kind: int, bend: float) -> tuple[Image.Image, Image.Image]:
    """Mask and relief of a stroke to the right: each bristle starts, is loaded and runs dry on its own."""
    rng = stream(seed, "stroke", layer, kind)
    width, length = max(3, round(span)), max(6, round(span * hand.ratio))
    high = width + round(abs(bend) * width * 1.6) + 4
    y, x = np.mgrid[0:high, 0:length].astype(np.float32)
    along = x / length
    arch = bend * width * 1.6 * (4 * along * (1 - along) - 0.5)
    across = (y - high / 2 - arch) / (width / 2)
    taper = np.clip(along * length / (width * 0.3), 0, 1) ** 0.5
    taper = taper * np.clip((1 - along) * length / (width * 0.8), 0, 1) ** 0.4
    edge = np.clip((taper - np.abs(across)) * width * 0.32, 0, 1)
    bristles = max(5, width // 3)
    at = np.clip((across + 1) / 2 * (bristles - 1), 0, bristles - 1.001)
    low = at.astype(int)
    mix = at - low

    def spread(values: npt.NDArray[np.float64]) -> Field:
        return np.asarray(values[low] * (1 - mix) + values[np.minimum(low + 1, bristles - 1)] * mix, np.float32)

    load, starts = spread(rng.random(bristles)), spread(rng.beta(1.2, 5, bristles) * 0.16)
    end = 1 - hand.dry * (1 - spread(rng.beta(3, 1.6, bristles)))
    wet = np.clip((along - starts) * length / (width * 0.12) + 0.2, 0, 1) * np.clip((end + 0.03 - along) * 9, 0, 1)
    mask = edge * wet * (0.70 + 0.30 * np.clip(load * 1.6, 0, 1))
    rim = np.exp(-(((np.abs(across) - taper * 0.86) / 0.13) ** 2)) * edge
    lifted = np.exp(-(((along - end + 0.04) / 0.05) ** 2)) * load  # paint that is left where the brush leaves
    ridge = np.clip((0.15 + 0.75 * load + 0.3 * lifted) * edge * wet + rim * 0.45 * wet, 0, 1)
    return _grey(mask * 0.97), _grey(ridge * 0.85)


def _grey(field: Field) -> Image.Image:
    return Image.fromarray((np.clip(field, 0, 1) * 255).astype(np.uint8))


def weave(shape: Shape, seed: int, strength: float) -> Image.Image:
    """The relief of a woven canvas, its threads never quite straight: L picture about 128."""
    turns = np.float32(2 * np.pi / max(2.0, unit(shape) / 420))
    small = scaled(shape, 512)
    bent, worn = (noise(small, 40, seed, "weave", name, octaves=4, falloff=0.7) for name in ("bent", "worn"))
    out = np.empty(shape, np.uint8)
    x = np.arange(shape[1], dtype=np.float32)[None] * turns
    for top, bottom in bands(shape[0]):
        phase = strip(bent, shape, top, bottom) * np.float32(1.3)
        rows = np.sin(np.arange(top, bottom, dtype=np.float32)[:, None] * turns + phase)
        columns = np.sin(x * np.float32(1.03) - phase)
        field = rows * np.abs(columns) + columns * np.abs(rows)
        out[top:bottom] = np.clip(112 + strength * (9 * field + 4 * strip(worn, shape, top, bottom)), 0, 255)
    return Image.fromarray(out)


def lit(canvas: Image.Image, height: Image.Image, depth: float) -> Image.Image:
    """A painting under light from the upper left: ridges shine, hollows darken."""
    if not depth:
        return canvas
    height = height.filter(ImageFilter.GaussianBlur(0.5 * min(canvas.size) / 3000 + 0.2))
    slope = height.filter(ImageFilter.Kernel((3, 3), (3, 2, 0, 2, 0, -2, 0, -2, -3), scale=5.0 / depth, offset=128))
    slope = slope.point([int(np.clip(128 + (v - 128) * 0.95, 36, 228)) for v in range(256)])
    return ImageChops.soft_light(canvas, Image.merge("RGB", (slope,) * 3))
