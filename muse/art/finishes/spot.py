"""Screen prints at native size: risograph (spot colours in random grain) and halftone (flat colour under black dots).

Source: the two screens of a Risograph ("grain touch" and "screen-covered"), and the duotone jazz sleeves of the
1950s: a photograph in coarse black dots over one or two flat inks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

from muse.art.colour import to_lab, to_rgb
from muse.art.finishes.texture import (
    Field,
    Shape,
    bands,
    blur,
    grain,
    luma,
    noise,
    paper,
    scaled,
    shape_of,
    shrunk,
    strip,
    unit,
)
from muse.art.palette import palette_of
from muse.seed import stream

SIDE = 512
PAPER = (0.965, 0.95, 0.915)


@dataclass(frozen=True, slots=True)
class Riso:
    """How a risograph is printed.

    Attributes:
        inks: 2 or 3 spot colours.
        grains: how many lie side by side on the shorter side.
        shift: misregistration, a part of the shorter side.
        uneven: how unevenly the drum inks.
    """

    inks: int = 3
    grains: int = 2200
    shift: float = 0.0012
    uneven: float = 0.05


@dataclass(frozen=True, slots=True)
class Dots:
    """How a halftone is printed.

    Attributes:
        cell: from dot to dot, a part of the shorter side.
        contrast: steepness of the black plate.
        shift: of the flat inks against the black, a part of the shorter side.
        angle: of the screen, in degrees.
    """

    cell: float = 0.0095
    contrast: float = 1.0
    shift: float = 0.0015
    angle: float = 45.0


def riso(plate: Field, shape: Shape, seed: int, print_: Riso) -> Image.Image:
    """An RGB risograph (height, width): spot colours in random grain, each a little out of register."""
    small = shrunk(plate, SIDE)
    inks = spots(small)[-print_.inks :]
    base = np.array(PAPER, np.float32)
    amounts = _separate(small, inks, base) * np.float32(1.12)
    amounts[..., -1] **= np.float32(1.3)  # colours before black
    tooth = np.asarray(paper(shape, seed, fibres=900))
    field = scaled(shape, min(unit(shape), print_.grains))
    screens = [_grainy(field, seed, k) for k in range(len(inks))]
    mottle = [_mottle(scaled(shape, 256), seed, k) for k in range(len(inks))]
    away = stream(seed, "register").normal(0, print_.shift * SIDE, (len(inks), 2))
    plates = [_moved(amounts[..., k], away[k]) for k in range(len(inks))]
    out = np.empty((*shape, 3), np.uint8)
    for top, bottom in bands(shape[0]):
        bump = (tooth[top:bottom].astype(np.float32) - 128) / 12
        colour = base * (1 + 0.02 * bump)[..., None]
        for ink, amount, screen, patches in zip(inks, plates, screens, mottle, strict=True):
            uneven = 1 + print_.uneven * strip(patches, shape, top, bottom)
            want = strip(amount, shape, top, bottom) * np.float32(1.06) - np.float32(0.03)
            cover = np.clip((want - strip(screen, shape, top, bottom)) * np.float32(2.4) + np.float32(0.5), 0, 1)
            cover *= np.clip((0.92 - 0.045 * bump) * uneven, 0.3, 1)
            colour *= 1 - cover[..., None] * (1 - ink)
        out[top:bottom] = np.clip(colour * 255 + 0.5, 0, 255)
    return Image.fromarray(out)


def halftone(plate: Field, shape: Shape, seed: int, dots: Dots) -> Image.Image:
    """An RGB halftone (height, width): black dots over flat fields of two inks on paper."""
    small = shrunk(plate, SIDE)
    first, second, key = spots(small)
    base = np.array(PAPER, np.float32)
    flats = _flats(small, np.stack([first, second]), dots.shift, seed)
    light = luma(plate)
    low, high = (float(np.quantile(light, q)) for q in (0.03, 0.95))
    dark = np.clip((high - light) / max(high - low, 0.08), 0, 1)
    dark = 1.06 / (1 + np.exp(-dots.contrast * 4 * (dark - 0.56))) - 0.06
    tooth = np.asarray(paper(shape, seed, fibres=500))
    worn = noise(scaled(shape, 512), 60, seed, "worn", octaves=5, falloff=0.7)
    cell = np.float32(max(5.0, dots.cell * unit(shape)))
    cos, sin = np.cos(np.radians(dots.angle)), np.sin(np.radians(dots.angle))
    x = np.arange(shape[1], dtype=np.float32)[None] * np.float32(2 * np.pi / cell)
    sharp = np.float32(max(3.0, unit(shape) / SIDE * 3.0))
    out = np.empty((*shape, 3), np.uint8)
    for top, bottom in bands(shape[0]):
        y = np.arange(top, bottom, dtype=np.float32)[:, None] * np.float32(2 * np.pi / cell)
        bump = (tooth[top:bottom].astype(np.float32) - 128) / 12
        colour = base * (1 + 0.02 * bump)[..., None]
        for ink, plane in zip((first, second), flats, strict=True):
            flat = np.clip((strip(plane, shape, top, bottom) - 0.5) * sharp + 0.5, 0, 1)
            colour *= 1 - (flat * (0.95 - 0.03 * bump))[..., None] * (1 - ink)
        screen = (np.cos(x * cos + y * sin) + np.cos(y * cos - x * sin)) * np.float32(0.25) + np.float32(0.5)
        want = strip(dark, shape, top, bottom)
        cover = np.clip((want * 1.1 - 0.05 - (1 - screen)) * cell * np.float32(0.62) + np.float32(0.5), 0, 1)
        press = 0.95 - 0.03 * bump - 0.05 * np.clip(strip(worn, shape, top, bottom) - 0.6, 0, 2)
        press += np.float32(0.02) * grain(bottom - top, shape[1], seed, "press", top)
        colour *= 1 - (cover * np.clip(press, 0, 1))[..., None] * (1 - key)
        out[top:bottom] = np.clip(colour * 255 + 0.5, 0, 255)
    return Image.fromarray(out)


def spots(small: Field) -> Field:
    """(3, 3) sRGB inks for a picture: its two most different vivid colours, and its darkest tone deepened."""
    colours, weights = palette_of(small, 7)
    chroma = np.hypot(colours[:, 1], colours[:, 2])
    first = int(np.argmax(chroma * (weights + 0.05)))
    apart = np.hypot(colours[:, 1] - colours[first, 1], colours[:, 2] - colours[first, 2])
    second = int(np.argmax(apart * (0.25 + chroma / (chroma.max() + 1)) * (weights + 0.05) ** 0.5))
    vivid = colours[[first, second]].copy()
    vivid[:, 1:] *= np.clip(52 / (np.hypot(vivid[:, 1], vivid[:, 2]) + 1e-3), 1, 2.4)[:, None]
    vivid[:, 0] = np.clip(vivid[:, 0], 52, 84)
    dark = colours[int(np.argmin(colours[:, 0]))].copy()
    dark[0] = min(dark[0], 24)
    return np.clip(to_rgb(np.vstack([vivid, dark])), 0.03, 0.97)


def _flats(small: Field, inks: Field, shift: float, seed: int) -> list[Field]:
    """For each ink (H, W): 1 where the picture leans to its hue more than to the others'; paper in lights."""
    seen, tones = to_lab(small), to_lab(inks)
    hues = tones[:, 1:] / (np.linalg.norm(tones[:, 1:], axis=1, keepdims=True) + np.float32(1e-3))
    lean = seen[..., 1:] @ hues.T
    enough = max(3.0, 0.4 * float(np.quantile(np.linalg.norm(seen[..., 1:], axis=-1), 0.8)))
    near = np.where((lean.max(-1) > enough) & (seen[..., 0] < 93), lean.argmax(-1), -1)
    away = stream(seed, "register").normal(0, shift * SIDE, (len(inks), 2))
    return [_moved(blur((near == k).astype(np.float32), 2.2), away[k]) for k in range(len(inks))]


def _separate(small: Field, inks: Field, base: Field) -> Field:
    """(H, W, inks) amounts in 0..1 whose overprint comes nearest to the picture: non-negative steps in density."""
    wanted = -np.log(np.clip(small / base, 0.03, 1.0))
    layers = -np.log(np.clip(inks, 0.03, 1.0))
    amounts = np.full((*shape_of(small), len(inks)), 0.3, np.float32)
    gram = layers @ layers.T
    rate = 1 / float(np.linalg.eigvalsh(gram).max())
    pull = wanted @ layers.T
    for _ in range(60):
        amounts = np.clip(amounts - rate * (amounts @ gram - pull), 0, 1)
    return np.asarray(amounts, np.float32)


def _grainy(shape: Shape, seed: int, ink: int) -> Field:
    """Thresholds, evenly spread over 0..1 and without large lumps: what decides where a grain of ink lies."""
    raw = blur(grain(*shape, seed, "screen", ink), 0.62)
    raw -= blur(raw, 4.0)
    return np.asarray(1 / (1 + np.exp(-1.702 * raw / raw.std())), np.float32)


def _mottle(shape: Shape, seed: int, ink: int) -> Field:
    """Patches and streaks of thinner ink, mean 0."""
    patches = noise(shape, 40, seed, "mottle", ink, octaves=4, falloff=0.7)
    streaks = noise((1, shape[1]), 18, seed, "streaks", ink, octaves=3, falloff=0.8)
    return np.asarray(0.7 * patches + 0.5 * streaks, np.float32)


def _moved(amount: Field, by: npt.NDArray[np.float64]) -> Field:
    """A plate laid aside by so many pixels (down, right), its borders drawn out."""
    return np.asarray(ndimage.shift(amount, by, order=1, mode="nearest"), np.float32)
