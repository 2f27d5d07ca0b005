"""Painting over a picture with real strokes, at native size: oil, gouache, a flow of long strokes.

Large strokes first, small ones only where the picture still differs from what they would cover; each stroke follows the
edges, carries the bristles of its brush, and leaves a ridge of paint that catches the light.

Source: Hertzmann, "Painterly rendering with curved brush strokes of multiple sizes" (1998); orientation from the
smoothed structure tensor and bent stamps in place of traced curves (deviation: one C call a stroke).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from muse.art.finishes.texture import BICUBIC, Field, blur, directions, image_of, noise, resized
from muse.seed import stream

ANGLES = 24
BENDS = (-0.35, 0.0, 0.35)


@dataclass(frozen=True, slots=True)
class Hand:
    """How a painter paints.

    Attributes:
        widths: stroke widths, parts of the picture's side, largest first.
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
    relief: float = 1.0
    colour: float = 0.022
    dry: float = 0.5
    follow: float = 0.6
    canvas: float = 1.0


def paint(plate: Field, pixels: int, seed: int, hand: Hand) -> Image.Image:
    """An RGB picture (pixels × pixels) painted after ``plate`` (H, H, 3)."""
    ground = blur(resized(plate, 128, how=Image.Resampling.BOX), 1.5)
    ground = ground * 0.92 + np.array([0.05, 0.035, 0.02], np.float32)
    canvas = image_of(ground)
    height = weave(pixels, seed, hand.canvas)
    drift = noise(256, 110, seed, "drift", octaves=2) * 1.1
    coarse = pixels // 2 if pixels >= 1024 else pixels
    canvas, height = canvas.resize((coarse, coarse), BICUBIC), height.resize((coarse, coarse), BICUBIC)
    for layer, width in enumerate(hand.widths):
        if width * pixels < 150 and canvas.width < pixels:  # the broad strokes below are seen only between the others
            canvas, height = canvas.resize((pixels, pixels), BICUBIC), height.resize((pixels, pixels), BICUBIC)
        side = min(plate.shape[0], 2 ** int(np.ceil(np.log2(9 / width))))
        guide = plate if side == plate.shape[0] else resized(plate, side, how=Image.Resampling.BOX)
        _layer(canvas, height, guide, drift, seed, hand, layer, width)
    if canvas.width < pixels:
        canvas, height = canvas.resize((pixels, pixels), BICUBIC), height.resize((pixels, pixels), BICUBIC)
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
    side, pixels = plate.shape[0], canvas.width
    span = width * pixels
    soft = blur(plate, max(0.6, width * side * 0.22))
    angle, sure = directions(plate, max(1.5, width * side * 0.45))
    step = span * np.sqrt(hand.ratio * 0.8 / hand.cover)
    count = int(np.ceil(pixels / step)) + 2
    grid = np.stack(np.meshgrid(np.arange(count), np.arange(count), indexing="ij"), -1).reshape(-1, 2)
    spots = (grid + rng.random((len(grid), 2)) - 0.5) * step
    rng.shuffle(spots)
    at = np.clip((spots / pixels * side).astype(int), 0, side - 1)
    if layer:
        drawn = np.asarray(canvas.resize((side, side), Image.Resampling.BOX), np.float32) / 255
        miss = np.abs(blur(np.asarray(drawn, np.float32), 1.5) - soft).mean(axis=-1)
        here = blur(miss, max(1.0, width * side * 0.3))[at[:, 0], at[:, 1]]
        keep = here > hand.detail * rng.uniform(0.6, 1.2, len(at))
        spots, at = spots[keep], at[keep]
    hue = soft[at[:, 0], at[:, 1]]
    tone = hue * 255 + (rng.normal(0, hand.colour * 255, (len(at), 1)) + rng.normal(0, hand.colour * 90, (len(at), 3)))
    colours = np.clip(tone, 0, 255).astype(int)
    weak = sure[at[:, 0], at[:, 1]]
    calm = drift[at[:, 0] * 256 // side, at[:, 1] * 256 // side]
    lean = np.clip(weak + hand.follow * 0.4, 0, 1)
    along = angle[at[:, 0], at[:, 1]]
    turn = 0.5 * np.angle(lean * np.exp(2j * along) + (1 - lean) * np.exp(2j * calm))
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
    rng = stream(seed, "stroke", layer, kind)
    width, length = max(3, round(span)), max(6, round(span * hand.ratio))
    high = width + round(abs(bend) * width * 1.6) + 4
    y, x = np.mgrid[0:high, 0:length].astype(np.float32)
    along = x / length
    arch = bend * width * 1.6 * (4 * along * (1 - along) - 0.5)
    across = (y - high / 2 - arch) / (width / 2)
    taper = np.clip(along * length / (width * 0.45), 0, 1) ** 0.5
    taper = taper * np.clip((1 - along) * length / (width * 0.8), 0, 1) ** 0.4
    edge = np.clip((taper - np.abs(across)) * width * 0.32, 0, 1)
    bristles = max(4, width // 5)
    at = np.clip((across + 1) / 2 * (bristles - 1), 0, bristles - 1.001)
    low = at.astype(int)
    mix = at - low
    strength, ends = rng.random(bristles), rng.beta(3, 1.6, bristles)
    load = strength[low] * (1 - mix) + strength[np.minimum(low + 1, bristles - 1)] * mix
    end = ends[low] * (1 - mix) + ends[np.minimum(low + 1, bristles - 1)] * mix
    end = 1 - hand.dry * (1 - end)
    dry = np.clip((end + 0.03 - along) * 9, 0, 1)
    streak = 0.82 + 0.18 * load
    mask = edge * dry * streak
    rim = np.exp(-(((np.abs(across) - taper * 0.86) / 0.16) ** 2)) * edge
    lines = (0.25 + 0.75 * load) * edge * dry
    ridge = np.clip(lines * 0.75 + rim * 0.5 * dry, 0, 1)
    return _grey(mask * 0.97), _grey(ridge * 0.8)


def _grey(field: Field) -> Image.Image:
    return Image.fromarray((np.clip(field, 0, 1) * 255).astype(np.uint8))


def weave(pixels: int, seed: int, strength: float) -> Image.Image:
    """The relief of a woven canvas: L picture about 128."""
    thread = max(2.0, pixels / 420)
    at = np.arange(pixels, dtype=np.float32) / thread * np.float32(2 * np.pi)
    rows, cols = np.sin(at)[:, None], np.sin(at * 1.03)[None, :]
    wobble = resized(noise(512, 60, seed, "weave", octaves=3), pixels)
    field = 112 + strength * (9 * rows * np.abs(cols) + 9 * cols * np.abs(rows) + 3 * wobble)
    return Image.fromarray(np.clip(field, 0, 255).astype(np.uint8))


def lit(canvas: Image.Image, height: Image.Image, depth: float) -> Image.Image:
    """A painting under light from the upper left: ridges shine, hollows darken."""
    if not depth:
        return canvas
    height = height.filter(ImageFilter.GaussianBlur(0.7 * canvas.width / 3000 + 0.2))
    slope = height.filter(ImageFilter.Kernel((3, 3), (3, 2, 0, 2, 0, -2, 0, -2, -3), scale=5.0 / depth, offset=128))
    slope = slope.point([int(np.clip(128 + (v - 128) * 0.95, 40, 225)) for v in range(256)])
    return ImageChops.soft_light(canvas, Image.merge("RGB", (slope,) * 3))
