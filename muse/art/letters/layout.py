"""Where lettering goes: quiet places of a picture, lines broken well, sizes that fit, several layouts to choose from.

Lengths are parts of the picture's side until the last step, so that a layout is the same at every size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from muse.art.finishes.texture import Field, blur, luma
from muse.art.letters import fonts
from muse.art.letters.fonts import Voice
from muse.fonts.faces import UPRIGHT, is_chinese, is_han

MARGIN = 0.07
UNIT = 256
LARGEST = {"han": 0.185, "latin": 0.165}
LEGIBLE = {"han": 0.125, "latin": 0.10}
SMALLEST = 0.034
MOST = 160
_WEAK = " a an the of and or in on at to by for from with is as de la le der die das und "


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one text in one place.

    Attributes:
        role: "title", "artist", "verse" or "seal".
        lines: rows, or columns from right to left where `down` is set.
        size: em; left, top: of the block's box; width, height: of it (all parts of the side).
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

    def box(self, pixels: int) -> tuple[int, int, int, int]:
        """(left, top, right, bottom) in pixels."""
        edges = (self.left, self.top, self.left + self.width, self.top + self.height)
        return tuple(round(edge * pixels) for edge in edges)  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Layout:
    """Blocks in their places; `name` says where, `noise` how busy the picture is beneath (less is better)."""

    name: str
    blocks: tuple[Block, ...]
    noise: float = 0.0


def measured(block: Block) -> Block:
    """The block with its width and height."""
    if block.down:
        longest = max((len(line) for line in block.lines), default=0)
        pitch = 1.0 + block.voice.tracking
        height = block.size * (longest * pitch - block.voice.tracking)
        return replace(block, width=block.size * (1 + (len(block.lines) - 1) * block.leading), height=height)
    widths = [block.voice.places(line, UNIT)[1] / UNIT for line in block.lines]
    height = block.size * (1 + (len(block.lines) - 1) * block.leading)
    return replace(block, width=block.size * max(widths, default=0), height=height)


def broken(text: str, lines: int) -> tuple[str, ...]:
    """A text in at most so many lines, as even as can be, not ending on a small word.

    >>> broken("The Long Road to the Sea", 2)
    ('The Long Road', 'to the Sea')
    """
    words: list[str] = []
    for part in text.split(" "):
        if sum(map(is_han, part)) * 2 > len(part):
            words += [char if i else " " + char for i, char in enumerate(part)]
        else:
            words.append(" " + part)
    words[0] = words[0].strip() if words else ""
    for i in range(len(words) - 1, 0, -1):  # marks stay with what they close
        if words[i].strip() and words[i].strip()[0] in "，。、；：！？）》〉」』…,.;:!?)":
            words[i - 1] += words.pop(i)
    lines = max(1, min(lines, len(words)))
    size = [sum(2 if is_han(c) else 1 for c in word) for word in words]
    ideal = sum(size) / lines
    cost = [[float("inf")] * (lines + 1) for _ in range(len(words) + 1)]
    back = [[0] * (lines + 1) for _ in range(len(words) + 1)]
    cost[0][0] = 0.0
    for end in range(1, len(words) + 1):
        for start in range(end):
            span = sum(size[start:end])
            weak = 0.35 * ideal * ideal if end < len(words) and f" {words[end - 1].strip().lower()} " in _WEAK else 0.0
            gain = -0.3 * ideal * ideal if end < len(words) and words[end - 1][-1] in "，。；：,;:—" else 0.0
            for k in range(1, lines + 1):
                total = cost[start][k - 1] + (span - ideal) ** 2 + weak + gain
                if total < cost[end][k]:
                    cost[end][k], back[end][k] = total, start
    out, end = [], len(words)
    for k in range(lines, 0, -1):
        start = back[end][k]
        out.append("".join(words[start:end]).strip())
        end = start
    return tuple(line for line in reversed(out) if line)


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
    smallest: float = SMALLEST,
    leading: float = 1.16,
) -> Block:
    """The text as large as the room allows, in the best number of lines; cut with "…" as a last resort."""
    if len(text) > MOST:
        text = text[:MOST].rstrip() + "…"
    best: Block | None = None
    for count in range(1, most + 1):
        lines = broken(text, count)
        if down:
            lines = tuple(line.replace(" ", "") for line in lines)
        one = measured(Block(role, lines, voice, 1.0, down, leading, align))
        size = min(largest, width / max(one.width, 1e-6), height / max(one.height, 1e-6))
        worth = 1.12 if best is None or best.size < 0.11 else 1.5  # a large single line is better than two huge ones
        if best is None or size > best.size * worth:
            best = measured(replace(one, size=size))
        if len(lines) < count:
            break
    assert best is not None
    if best.size < smallest and len(text) > 8:
        return fitted(
            role,
            text[: int(len(text) * 0.8)].rstrip(" …") + "…",
            voice,
            width,
            height,
            largest,
            down=down,
            most=most,
            align=align,
            smallest=smallest,
            leading=leading,
        )
    return best


def upright(line: str) -> str:
    """A line for setting from top to bottom: marks take their upright forms."""
    return "".join(UPRIGHT.get(char, char) for char in line)


def busyness(picture: Field) -> Field:
    """(96, 96) how much there is to see at each place, 0..1: edges, and colour that stands out."""
    light = luma(picture)
    gy, gx = np.gradient(light)
    edges = blur(np.hypot(gx, gy).astype(np.float32), 2.0)
    apart = np.sqrt(((picture - picture.mean(axis=(0, 1))) ** 2).sum(-1))
    y, x = (np.mgrid[0 : light.shape[0], 0 : light.shape[1]] + 0.5) / light.shape[0]
    middle = np.exp(-(((x - 0.5) / 0.24) ** 2) - ((y - 0.4) / 0.26) ** 2)  # where a head or a subject is likely to be
    field = (
        0.45 * middle
        + edges / (np.quantile(edges, 0.95) + 0.02)
        + 0.5 * blur(apart.astype(np.float32), 2.0) / (apart.max() + 0.1)
    )
    return np.asarray(np.clip(field / 1.5, 0, 1), np.float32)


@dataclass(frozen=True, slots=True)
class Wording:
    """The texts of a cover, and the style whose voices they take."""

    title: str
    artist: str
    verse: tuple[str, ...]
    style: str

    @property
    def voices(self) -> tuple[Voice, Voice, Voice]:
        """Those of title, artist and verse."""
        return fonts.title_voice(self.style, self.title), fonts.small_voice(self.style), fonts.verse_voice(self.style)

    @property
    def largest(self) -> float:
        """The largest em of the title; smaller on a woodblock print, where it stands in a cartouche."""
        han = is_chinese(self.title)
        letters = len(self.title.replace(" ", ""))
        short = {1: 1.6, 2: 1.3}.get(letters, 1.0) if han else 1.35 if letters <= 6 else 1.0
        return LARGEST["han" if han else "latin"] * short * (0.72 if self.style == "ukiyo-e" else 1.0)


def candidates(words: Wording) -> list[Layout]:
    """Every layout that can hold these texts."""
    plain = words.title.replace(" ", "")
    upright_title = bool(plain) and len(plain) <= 14
    upright_title &= all(is_han(c) or c in UPRIGHT for line in (plain, *words.verse) for c in line.replace(" ", ""))
    out: list[Layout] = []
    if upright_title and words.style not in ("geometric", "tarot"):
        out = [_columns(side, words) for side in ("right", "left")]
    if not out or words.style in ("cosmic", "fractal", "flow", "oil") or len(plain) > 8:
        out += [_stack(place, align, words) for place in ("top", "bottom") for align in ("left", "centre")]
        out.append(_split(words))
    return out


def weighed(layouts: Sequence[Layout], busy: Field) -> list[Layout]:
    """The layouts with how busy the picture is beneath each, the quietest first."""
    side = busy.shape[0]
    out = []
    for layout in layouts:
        total, area = 0.0, 0
        for block in layout.blocks:
            left, top, right, bottom = block.box(side)
            part = busy[max(0, top - 1) : bottom + 1, max(0, left - 1) : right + 1]
            total, area = total + float(part.sum()), area + part.size
        out.append(replace(layout, noise=total / max(area, 1)))
    return sorted(out, key=lambda layout: layout.noise)


def _columns(side: str, words: Wording) -> Layout:
    """Chinese, from top to bottom: the title at one side, the verse beside it, the name below."""
    title, artist, verse, (voice, small, verse_voice) = words.title, words.artist, words.verse, words.voices
    room = 1 - 2 * MARGIN
    block = fitted("title", title, voice, room * 0.42, room * 0.80, words.largest, down=True, most=3, leading=1.05)
    block = replace(block, lines=tuple(map(upright, block.lines)))
    left = 1 - MARGIN - block.width if side == "right" else MARGIN
    blocks = [replace(block, left=left, top=MARGIN)]
    edge = left if side == "right" else left + block.width
    step = -1 if side == "right" else 1
    if verse:
        lines = tuple(upright(line.replace(" ", "")) for line in verse)
        size = min(0.036, 0.62 / max(map(len, lines)) / 1.12, 0.34 / (len(lines) * 1.7))
        poem = measured(Block("verse", lines, replace(verse_voice, tracking=0.12), size, True, 1.7))
        edge += step * 0.045
        poem = replace(poem, left=edge - poem.width if side == "right" else edge, top=MARGIN + 0.01)
        blocks.append(poem)
        edge = poem.left if side == "right" else poem.left + poem.width
    if artist:
        down = all(is_han(c) for c in artist.replace(" ", "")) and len(artist) <= 8
        if down:
            name = measured(Block("artist", (artist.replace(" ", ""),), replace(small, tracking=0.2), 0.042, True))
            gap = 0.032
            at = edge - gap - name.width if side == "right" else edge + gap
            top = MARGIN + block.height - name.height if not verse else MARGIN + 0.01
            blocks.append(replace(name, left=at, top=max(MARGIN + 0.01, top)))
        else:
            name = fitted("artist", artist, small, room * 0.6, 0.08, 0.036, most=2, align=side, smallest=0.016)
            at = 1 - MARGIN - name.width if side == "right" else MARGIN
            blocks.append(replace(name, left=at, top=1 - MARGIN - name.height))
    return Layout(f"columns {side}", tuple(blocks))


def _stack(place: str, align: str, words: Wording) -> Layout:
    """Rows at the top or bottom: title, verse, name beneath one another."""
    parts = _rows(align, words)
    gaps = [0.0] + [0.034 if part.role == "artist" else 0.03 for part in parts[1:]]
    height = sum(part.height for part in parts) + sum(gaps)
    y = MARGIN if place == "top" else 1 - MARGIN - height
    blocks = []
    for gap, part in zip(gaps, parts, strict=True):
        y += gap
        x = MARGIN if align == "left" else 0.5 - part.width / 2
        blocks.append(replace(part, left=x, top=y))
        y += part.height
    return Layout(f"{place} {align}", tuple(blocks))


def _split(words: Wording) -> Layout:
    """Rows in the middle of both ends: the title above, verse and name below."""
    parts = _rows("centre", words)
    blocks, foot = [], 1 - MARGIN
    for part in reversed(parts):
        if part.role == "title":
            blocks.append(replace(part, left=0.5 - part.width / 2, top=MARGIN))
        else:
            foot -= part.height
            blocks.append(replace(part, left=0.5 - part.width / 2, top=foot))
            foot -= 0.03
    return Layout("split", tuple(reversed(blocks)))


def _rows(align: str, words: Wording) -> list[Block]:
    title, artist, verse, (voice, small, verse_voice) = words.title, words.artist, words.verse, words.voices
    room = 1 - 2 * MARGIN
    parts = []
    if title:
        parts.append(fitted("title", title, voice, room, 0.40, words.largest, align=align, leading=1.08))
    if verse:
        lines = tuple(verse[:8])
        one = measured(Block("verse", lines, verse_voice, 1.0, False, 1.45, align))
        parts.append(measured(replace(one, size=min(0.034, room / max(one.width, 1e-6), 0.26 / one.height))))
    if artist:
        parts.append(fitted("artist", artist, small, room, 0.10, 0.038, most=2, align=align, smallest=0.014))
    return parts
