"""How a film flashes and jumps, measured on small pictures of its frames, and how flashing is damped.

A flash is a pair of opposing changes of a tenth of the whole luminance or more, the darker side below 0.8; a red flash
the same of saturated red. Up to three in any second are safe (WCAG 2.3.1). WCAG forgives flashes that are small on the
screen; here each cell, a sixteenth of the frame's width, is held to the limit, which is stricter.

Source: W3C, Web Content Accessibility Guidelines 2.2, success criterion 2.3.1 and its definition of flash.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from muse.art.finishes.texture import Field

Frames = npt.NDArray[np.uint8]
LIMIT = 3
CELLS = 16
RISE, BRIGHT = 0.1, 0.8


def cells(frame: Frames) -> Field:
    """(2, rows, 16) of a frame (H, W, 3): mean luminance, and mean saturated red on a scale on which 0.1 counts."""
    size = max(1, frame.shape[1] // CELLS)
    rows, columns = frame.shape[0] // size, min(CELLS, frame.shape[1] // size)
    step = max(1, size // 12)
    linear = _LINEAR[frame[: rows * size : step, : columns * size : step]]
    red, green, blue = linear[..., 0], linear[..., 1], linear[..., 2]
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    pure = np.where(red >= 0.8 * (red + green + blue), np.maximum(red - green - blue, 0) * 1.6, 0)
    both = np.stack([light, pure])
    edges = [np.arange(count) * size // step for count in (rows, columns)]
    sums = np.add.reduceat(np.add.reduceat(both, edges[0], 1), edges[1], 2)
    whole = np.add.reduceat(np.add.reduceat(np.ones_like(light), edges[0], 0), edges[1], 1)
    return np.asarray(sums / whole, np.float32)


def flashes(seen: npt.NDArray[np.float32], fps: float) -> int:
    """The most flashes that any cell has in any second of a loop, seen (N, 2, rows, columns) as `cells` gives them."""
    twice = np.concatenate([seen, seen])
    high, low = twice[0].copy(), twice[0].copy()
    way = np.zeros(high.shape, np.int8)
    turned = np.zeros(twice.shape, np.int32)
    for number, now in enumerate(twice):
        high, low = np.maximum(high, now), np.minimum(low, now)
        up = (now - low >= RISE) & (low < BRIGHT) & (way <= 0)
        down = (high - now >= RISE) & (now < BRIGHT) & (way >= 0) & ~up
        way = np.where(up, 1, np.where(down, -1, way)).astype(np.int8)
        high, low = np.where(up | down, now, high), np.where(up | down, now, low)
        turned[number] = up | down
    total = np.concatenate([np.zeros_like(turned[:1]), turned.cumsum(0)])
    second = max(1, round(fps))
    within = total[second:] - total[:-second] if len(total) > second else total[-1:]
    return int(within.max()) // 2


def steadied(frames: Frames, fps: float) -> Frames:
    """A loop (N, H, W, 3) that flashes no more than is safe: as it is, or each frame mixed with those around it."""
    calm, spread = frames, 1.0
    while flashes(np.stack([cells(frame) for frame in calm]), fps) > LIMIT:
        calm = np.stack([_mixed(frames, number, spread) for number in range(len(frames))])
        spread *= 2
    return calm


def _mixed(frames: Frames, number: int, spread: float) -> Frames:
    """One frame, as a Gaussian mean in time around it, the loop closed."""
    count = len(frames)
    away = (np.arange(count) - number + count // 2) % count - count // 2
    weight = np.exp(-0.5 * (away / spread) ** 2)
    weight /= weight.sum()
    kept = np.flatnonzero(weight > 1e-4)
    mean = np.tensordot(weight[kept].astype(np.float32), frames[kept].astype(np.float32), 1)
    return np.asarray(np.rint(np.clip(mean, 0, 255)), np.uint8)


def jump(one: Frames, other: Frames) -> float:
    """How far two frames differ, the mean over pixels and channels, in levels of 255."""
    step = max(1, one.shape[1] // 360)
    a, b = (frame[::step, ::step].astype(np.int16) for frame in (one, other))
    return float(np.abs(a - b).mean())


_AT = np.arange(256) / 255
_LINEAR = np.where(_AT <= 0.04045, _AT / 12.92, ((_AT + 0.055) / 1.055) ** 2.4).astype(np.float32)
