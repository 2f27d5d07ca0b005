"""Blocks of text in places on a picture of any width and height, and which places are quiet.

Lengths are parts of the picture's shorter side until the last step, so that a layout is the same at every size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from muse.art.finishes.texture import Field, blur, luma
from muse.art.letters.breaking import broken
from muse.art.letters.fonts import Line, Voice

MARGIN = 0.07
TALL = 0.66
"""A picture narrower than this part of its height is shown between an app's furniture."""
FURNITURE = (0.14, 0.20)
"""Parts of such a picture's height, above and below, that stay free of words."""
SMALLEST = 0.034
LOOK = 96

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Frame:
    """The picture's width and height, and the edges between which words may stand."""

    width: float = 1.0
    height: float = 1.0
    left: float = MARGIN
    top: float = MARGIN
    right: float = 1 - MARGIN
    bottom: float = 1 - MARGIN

    @property
    def across(self) -> float:
        return self.right - self.left

    @property
    def along(self) -> float:
        return self.bottom - self.top


def frame(width: int, height: int, bleed: int = 0) -> Frame:
    """The frame of a picture in pixels, of which the printer cuts off `bleed` at each edge.

    >>> frame(1080, 1920).top > frame(1080, 1080).top
    True
    """
    short = min(width, height)
    across, along, cut = width / short, height / short, bleed / short
    side = cut + MARGIN * (1 - 2 * cut)
    above, below = (part * along for part in FURNITURE) if across / along < TALL else (side, side)
    return Frame(across, along, side, max(side, above), across - side, along - max(side, below))


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one text in one place.

    Attributes:
        role: "title", "artist", "verse" or "seal".
        lines: rows, or columns from right to left where `down` is set.
        size: em; left, top, width, height: of the box around the ink.
        leading: from line to line, in em.
        align: "left", "centre" or "right" for rows.
    """

    role: str
    lines: tuple[str, ...]
    voice: Voice
    size: float
    down: bool = False
    leading: float = 1.2
    align: str = "left"
    left: float = 0.0
    top: float = 0.0
    width: float = 0.0
    height: float = 0.0

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @property
    def rows(self) -> list[Line]:
        return [self.voice.line(line) for line in self.lines]

    def box(self, scale: float) -> Box:
        """(left, top, right, bottom) in pixels, where the shorter side has so many."""
        edges = (self.left, self.top, self.right, self.bottom)
        return tuple(round(edge * scale) for edge in edges)  # type: ignore[return-value]

    def at(self, left: float, top: float) -> Block:
        """The same block elsewhere."""
        return replace(self, left=left, top=top)


@dataclass(frozen=True, slots=True)
class Layout:
    """Blocks in their places; `name` says where, `cost` how ill they would stand there."""

    name: str
    blocks: tuple[Block, ...]
    cost: float = 0.0


def measured(block: Block) -> Block:
    """The block with its width and height."""
    if block.down:
        longest = max((len(line) for line in block.lines), default=0)
        height = block.size * (longest * (1 + block.voice.tracking) - block.voice.tracking)
        return replace(block, width=block.size * (1 + (len(block.lines) - 1) * block.leading), height=height)
    rows = block.rows
    span = (len(rows) - 1) * block.leading - rows[0].top + rows[-1].bottom
    return replace(block, width=block.size * max(row.width for row in rows), height=block.size * span)


def fitted(
    role: str,
    text: str,
    voice: Voice,
    width: float,
    height: float,
    largest: float,
    *,
    down: bool = False,
    most: int = 4,
    align: str = "left",
    leading: float = 1.12,
) -> Block:
    """The text as large as the room allows, in the best number of lines, of which a longer text may need more."""
    best: Block | None = None
    for count in range(1, 13):
        lines = tuple(line.replace(" ", "") if down else line for line in _lines(text, count, voice, down))
        one = measured(Block(role, lines, voice, 1.0, down, leading, align))
        size = min(largest, width / max(one.width, 1e-6), height / max(one.height, 1e-6))
        worth = 1.12 if best is None or best.size < 0.11 else 1.5  # a large single line is better than two huge ones
        if best is None or size > best.size * worth:
            best = measured(replace(one, size=size))
        if len(lines) < count or (count >= most and best.size >= SMALLEST):
            break
    assert best is not None
    return best


@lru_cache(1024)
def _lines(text: str, count: int, voice: Voice, down: bool) -> tuple[str, ...]:
    return broken(text, count) if down else broken(text, count, lambda part: voice.line(part).width)


def busyness(picture: Field) -> Field:
    """(H, W) how much there is to see at each place, 0..1: edges, what differs from around it, and the middle.

    Source: after Achanta et al., "Frequency-tuned salient region detection" (2009): colour against a blurred colour.
    """
    light = luma(picture)
    gy, gx = np.gradient(light)
    edges = blur(np.hypot(gx, gy).astype(np.float32), 2.0)
    apart = np.sqrt(((blur(picture, 1.5) - picture.mean(axis=(0, 1))) ** 2).sum(-1))
    height, width = light.shape
    y, x = (np.mgrid[0:height, 0:width] + 0.5) / min(height, width)
    x, y = x - width / min(height, width) / 2, y / height * min(height, width)
    middle = np.exp(-((x / 0.24) ** 2) - ((y - 0.42) / 0.26) ** 2)  # where a head or a subject is likely to be
    field = 0.45 * middle + edges / (np.quantile(edges, 0.95) + 0.02) + 0.5 * apart / (float(apart.max()) + 0.1)
    return np.asarray(np.clip(field / 1.5, 0, 1), np.float32)


def weighed(layouts: Sequence[Layout], busy: Field) -> list[Layout]:
    """The layouts with their costs, the least first: what lies beneath the words, and how words and picture balance."""
    scale = min(busy.shape)
    seen = np.maximum(busy - np.median(busy), 0)
    middle = np.array(busy.shape[::-1]) / 2
    places = np.moveaxis(np.indices(busy.shape)[::-1], 0, -1) + 0.5 - middle
    subject = (seen[..., None] * places).sum(axis=(0, 1)) / (float(seen.sum()) + 1e-6)
    out = []
    for layout in layouts:
        beneath, mass, area, lean = 0.0, 0.0, 0, np.zeros(2)
        for block in layout.blocks:
            left, top, right, bottom = block.box(scale)
            part = busy[max(0, top - 1) : bottom + 1, max(0, left - 1) : right + 1]
            weight = float(np.sqrt(part.size))
            beneath += weight * (0.7 * float(part.mean()) + 0.3 * float(np.quantile(part, 0.9)))
            lean += part.size * (np.array([left + right, top + bottom]) / 2 - middle)
            mass, area = mass + weight, area + part.size
        balance = float(np.hypot(*(0.35 * lean / area + subject))) / scale
        out.append(replace(layout, cost=beneath / mass + 0.35 * balance))
    return sorted(out, key=lambda layout: layout.cost)
