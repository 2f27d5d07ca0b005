"""Title, artist, verse and seal, drawn on a picture so that they can be read: contrast is measured on the pixels.

Contrast is WCAG 2.2's (relative luminance of sRGB). For each line of text it is the 5th percentile over the pixels
around its glyphs, so that nineteen in twenty neighbours keep the promise. Where the picture is too near in tone, a
soft veil of its own hue is laid beneath, no stronger than is needed; where that would be a fog, a plate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from muse.art.finishes.texture import Field, array_of
from muse.art.letters import arrange, glyphs, layout, scrim, seal, words
from muse.art.letters.glyphs import Mark, luminance, ratios
from muse.art.letters.layout import LOOK, Box, Frame, Layout
from muse.art.letters.scrim import Group, rgb_bytes
from muse.seed import stream

CONTRAST = 4.5
AIM = 5.2
PALE = ("ink", "botanical", "ukiyo-e")
"""Styles on paper, where a pale veil is mist; elsewhere it is fog."""
STEPS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.2)


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it stands on the finished picture.

    Attributes:
        box: (left, top, right, bottom) in pixels; boxes: of each line.
        colour: "#rrggbb"; contrast: as measured, of the line that has the least.
        size: em in pixels; stroke: breadth of its strokes in pixels; lines as drawn.
    """

    role: str
    lines: tuple[str, ...]
    box: Box
    size: int
    colour: str
    contrast: float
    boxes: tuple[Box, ...] = ()
    stroke: float = 0.0

    def as_dict(self) -> dict[str, object]:
        return {
            "role": self.role,
            "lines": list(self.lines),
            "box": list(self.box),
            "boxes": [list(box) for box in self.boxes],
            "size": self.size,
            "colour": self.colour,
            "contrast": round(self.contrast, 2),
        }


@dataclass(frozen=True, slots=True)
class Lettered:
    """A picture with its lettering, the texts on it, and notes on what was left out or changed."""

    image: Image.Image
    texts: tuple[Text, ...]
    layout: str
    scrim: float
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """What the inks need beneath them: for each group of texts the strength of a veil, 1.2 where none would do."""

    ink: Field
    light: bool
    strengths: tuple[float, ...]
    cost: float


def letter(
    image: Image.Image,
    title: str,
    artist: str,
    verse: Sequence[str],
    style: str,
    palette: Sequence[str],
    seed: int,
    bleed: int = 0,
) -> Lettered:
    """The picture with title, artist and verse on it, in the layout over its quietest part.

    Args:
        image: RGB, of any width and height.
        bleed: pixels that the printer cuts off at each edge.

    Raises:
        WishError: a text cannot be lettered; see `words.wording`.

    >>> from PIL import Image
    >>> done = letter(Image.new("RGB", (512, 512), "#777777"), "秋江", "", (), "ink", ("#101820", "#f2efe4"), 1)
    >>> done.texts[0].contrast >= 4.5
    True
    """
    texts = words.wording(title, artist, verse, style)
    if not (texts.title or texts.artist or texts.verse):
        return Lettered(image, (), "none", 0.0, texts.notes)
    space = layout.frame(image.width, image.height, bleed)
    small = _reduced(image, 2 * LOOK)
    busy = layout.busyness(array_of(_reduced(small, LOOK)))
    options = layout.weighed(arrange.candidates(texts, space), busy)
    taste = stream(seed, "layout").random(len(options)) * 0.08
    seen = array_of(small)
    costs = []
    for option, whim in zip(sorted(options, key=lambda option: option.name), taste, strict=True):
        ground = _ground(seen, option, palette, style)
        costs.append((option.cost + whim + ground.cost - arrange.favour(option.name, style), option, ground))
    _, place, ground = min(costs, key=lambda found: found[0])
    return _drawn(image, place, ground, palette, space, seed, style, texts.notes)


def _reduced(image: Image.Image, short: int) -> Image.Image:
    scale = short / min(image.size)
    size = (round(image.width * scale), round(image.height * scale))
    return image.resize(size, Image.Resampling.BOX, reducing_gap=2.0)


def _ground(seen: Field, place: Layout, palette: Sequence[str], style: str) -> Ground:
    """Light or dark letters, whichever need less beneath them on a small copy of the picture."""
    light, dark = scrim.tones(palette)
    together = scrim.groups(place.blocks)
    out = []
    for ink, is_light in ((light, True), (dark, False)):
        strengths = tuple(_needed(_beneath(seen, group), ink, 11.0 if is_light else 95.0) for group in together)
        fog = sum(strengths) / len(strengths) * (1.0 if is_light else 1.2 if style in PALE else 2.0)
        apart = 0.15 * sum(strength > scrim.MOST_VEILED for strength in strengths[1:])
        out.append(Ground(ink, is_light, strengths, 0.4 * fog + apart))
    return min(out, key=lambda ground: ground.cost)


def _beneath(seen: Field, group: Group) -> Field:
    """The part of a picture beneath some texts and a little around them."""
    scale, pad = min(seen.shape[:2]), 0.015
    left, top = max(0, round((group.left - pad) * scale)), max(0, round((group.top - pad) * scale))
    return seen[top : round((group.bottom + pad) * scale) + 1, left : round((group.right + pad) * scale) + 1]


def _needed(part: Field, ink: Field, lightness: float) -> float:
    """The least strength of a veil over a part of a picture at which a text reaches the contrast."""
    ground, inked = scrim.toned(part, lightness), float(luminance(ink))
    flat = part.reshape(-1, 3)
    return next(
        step for step in STEPS
        if step > 1 or np.quantile(ratios(luminance(flat + step * (ground - flat)), inked), 0.05) >= AIM
    )  # fmt: skip


def _drawn(
    image: Image.Image, place: Layout, ground: Ground, palette: Sequence[str], space: Frame, seed: int, style: str,
    notes: tuple[str, ...],
) -> Lettered:  # fmt: skip
    done, scale = image.copy(), min(image.size)
    light, dark = scrim.tones(palette)
    strongest, laid, together = 0.0, "", scrim.groups(place.blocks)
    prints = {
        block.role: glyphs.marks(block, scale) for group in together for block in group.blocks if block.role != "seal"
    }
    for group, strength in zip(together, ground.strengths, strict=True):
        lines = [mark for block in group.blocks for mark in prints.get(block.role, ())]
        found = _veil(image, group, ground, strength, lines, space, style)
        if found is None:
            laid = scrim.plated(done, group, space, style, dark if ground.light else light, ground.ink)
        else:
            scrim.veiled(done, *found)
            strongest = max(strongest, found[-1])
    for mark in (mark for lines in prints.values() for mark in lines):
        done.paste(rgb_bytes(ground.ink), (mark.left, mark.top), mark.mask)
    hexed = "#" + "".join(f"{part:02x}" for part in rgb_bytes(ground.ink))
    texts = []
    for block in place.blocks:
        if block.role == "seal":
            mark, box, ratio = seal.stamped(done, block, scale, seed)
            paper = "#" + "".join(f"{part:02x}" for part in seal.PAPER)
            texts.append(Text("seal", block.lines, box, round(mark.size), paper, ratio, (box,)))
            continue
        lines = prints[block.role]
        least = min(glyphs.contrast(done, mark) for mark in lines)
        boxes = tuple(mark.box for mark in lines)
        size, breadth = round(block.size * scale), glyphs.stroke(lines)
        texts.append(Text(block.role, block.lines, _around(boxes), size, hexed, least, boxes, breadth))
    return Lettered(done, tuple(texts), place.name + (f" on a {laid}" if laid else ""), strongest, notes)


def _veil(
    image: Image.Image, group: Group, ground: Ground, strength: float, lines: list[Mark], space: Frame, style: str
) -> tuple[Field, Field, float] | None:
    """The cover, colour and strength of a veil on which every line has the contrast; None where a plate is better."""
    most = scrim.VEILED.get(style, scrim.MOST_VEILED)
    if strength > most:
        return None
    scale = min(image.size)
    cover = scrim.veil(group, space, scale)
    colour = scrim.toned(_beneath(array_of(_reduced(image, 2 * LOOK)), group), 11.0 if ground.light else 95.0)
    trials = [replace(mark, left=0, top=0) for mark in lines]
    while strength <= max(most, 1e-9):
        low = []
        for mark, trial in zip(lines, trials, strict=True):
            part = image.crop(mark.area)
            left, top, right, bottom = mark.area
            scrim.veiled(part, _cut(cover, left, top, right, bottom), colour, strength)
            part.paste(rgb_bytes(ground.ink), (0, 0), mark.mask)
            low.append(glyphs.contrast(part, trial))
        if min(low, default=21.0) >= AIM:
            return cover, colour, strength
        strength += 0.08
    return None


def _cut(cover: Field, left: int, top: int, right: int, bottom: int) -> Field:
    """A part of a cover, its edge repeated beyond the picture."""
    rows = np.clip(np.arange(top, bottom), 0, cover.shape[0] - 1)
    columns = np.clip(np.arange(left, right), 0, cover.shape[1] - 1)
    return cover[np.ix_(rows, columns)]


def _around(boxes: Sequence[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)
