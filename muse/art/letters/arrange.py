"""The layouts that a cover may have: rows at an edge, in corners, at both ends, across the width; upright columns."""

from __future__ import annotations

from dataclasses import replace

from muse.art.letters.layout import Block, Frame, Layout, fitted, measured
from muse.art.letters.words import Wording
from muse.fonts.faces import BEBAS, CINZEL, UPRIGHT, is_chinese, is_han

LARGEST = {"han": 0.185, "latin": 0.165}
ARTIST, VERSE = 0.036, 0.033
COLUMN = 14
"""Characters of the longest title that is set upright."""
ROWS_TOO = ("cosmic", "fractal", "flow", "oil", "geometric", "tarot")
CENTRED = ("oil", "tarot", "botanical", "cosmic", "ukiyo-e")
PRINTED = ("tarot", "ukiyo-e")
"""Styles whose words stand together, on one plate of the print."""
FAVOURED = {
    "ink": ("columns", "bottom left"), "oil": ("centre", "bottom left"), "ukiyo-e": ("columns", "top"),
    "cosmic": ("ends", "bottom centre"), "botanical": ("left", "columns"), "geometric": ("wide", "corners"),
    "flow": ("corners", "left"), "fractal": ("corners", "wide"), "tarot": ("centre",),
}  # fmt: skip
"""Parts of the names of layouts that suit a style."""
FAVOUR = 0.06


def favour(name: str, style: str) -> float:
    """How much a style likes a layout, as a cost that is spared."""
    return FAVOUR if any(part in name for part in FAVOURED.get(style, ())) else 0.0


def candidates(words: Wording, space: Frame) -> list[Layout]:
    """Every layout that can hold these texts in this frame."""
    out: list[Layout] = []
    if words.style not in ("geometric", "tarot") and _stands(words):
        out = [_columns(side, words, space) for side in ("right", "left")]
    if not out or words.style in ROWS_TOO or len(words.title) > 8:
        aligns = ("left", "centre") if words.style in CENTRED else ("left", "right")
        out += [_stack(place, align, words, space) for place in ("top", "bottom") for align in aligns]
        if words.title and (words.artist or words.verse) and words.style not in PRINTED:
            out += [_apart("corners", "left", words, space), _apart("corners foot", "left", words, space)]
            out += [_apart("ends", "centre", words, space)] if words.style in CENTRED else []
        if _short(words):
            out += [_stack(place, "left", words, space, wide=True) for place in ("top", "bottom")]
    return out


def largest(words: Wording) -> float:
    """The largest em of the title; smaller on a woodblock print, where it stands in a cartouche."""
    han = is_chinese(words.title)
    letters = len(words.title.replace(" ", ""))
    short = {1: 1.6, 2: 1.3}.get(letters, 1.0) if han else 1.35 if letters <= 6 else 1.0
    return LARGEST["han" if han else "latin"] * short * (0.72 if words.style == "ukiyo-e" else 1.0)


def _stands(words: Wording) -> bool:
    """Whether title and verse can be set upright."""
    plain = words.title.replace(" ", "")
    text = plain + "".join(words.verse).replace(" ", "")
    return bool(plain) and len(plain) <= COLUMN and all(is_han(char) or char in UPRIGHT or char in "·" for char in text)


def _short(words: Wording) -> bool:
    """Whether the title is one word that can fill the width."""
    face = words.voices[0].latin
    return words.title.isascii() and words.title.isalpha() and 2 < len(words.title) <= 11 and face in (BEBAS, CINZEL)


def upright(line: str) -> str:
    """A line for setting from top to bottom: marks take their upright forms."""
    return "".join(UPRIGHT.get(char, char) for char in line)


def _rows(align: str, words: Wording, space: Frame, wide: bool = False) -> list[Block]:
    """Title, verse and name in rows, not yet placed."""
    voice, small, verse_voice = words.voices
    room = min(space.across, 1.12)
    parts = []
    if words.title:
        if is_chinese(words.title) and len(words.title) <= 4:
            voice = replace(voice, tracking=0.1)
        em = 0.56 if wide else largest(words)
        most = 4 if space.along > 0.6 else 3
        parts.append(fitted("title", words.title, voice, room, 0.44, em, align=align, leading=1.08, most=most))
    if words.verse:
        one = measured(Block("verse", words.verse, verse_voice, 1.0, False, 1.45, align))
        parts.append(measured(replace(one, size=min(VERSE, room / max(one.width, 1e-6), 0.26 / one.height))))
    if words.artist:
        parts.append(fitted("artist", words.artist, small, room, 0.10, ARTIST, most=2, align=align))
    return parts


def _gap(above: Block, below: Block) -> float:
    """The room between two texts that stand together: more below a large one."""
    return 0.022 + 0.16 * max(above.size, below.size)


def _left(align: str, part: Block, space: Frame) -> float:
    middle = (space.left + space.right - part.width) / 2
    return {"left": space.left, "centre": middle, "right": space.right - part.width}[align]


def _piled(parts: list[Block], top: float, align: str, space: Frame) -> tuple[Block, ...]:
    """Parts beneath one another from a height."""
    out: list[Block] = []
    for part in parts:
        top = out[-1].bottom + _gap(out[-1], part) if out else top
        out.append(part.at(_left(align, part, space), top))
    return tuple(out)


def _stack(place: str, align: str, words: Wording, space: Frame, wide: bool = False) -> Layout:
    """Rows at the top or bottom."""
    blocks = _piled(_rows(align, words, space, wide), space.top, align, space)
    if place == "bottom":
        drop = space.bottom - blocks[-1].bottom
        blocks = tuple(block.at(block.left, block.top + drop) for block in blocks)
    return Layout(f"{place} {'wide' if wide else align}", blocks)


def _apart(name: str, align: str, words: Wording, space: Frame) -> Layout:
    """The title at one end, the rest at the other; the title below in "corners foot"."""
    parts = _rows(align, words, space)
    title, rest = [part for part in parts if part.role == "title"], [part for part in parts if part.role != "title"]
    head, foot = (rest, title) if name.endswith("foot") else (title, rest)
    upper, lower = _piled(head, space.top, align, space), _piled(foot, 0.0, align, space)
    drop = space.bottom - lower[-1].bottom if lower else 0.0
    return Layout(name, upper + tuple(block.at(block.left, block.top + drop) for block in lower))


def _columns(side: str, words: Wording, space: Frame) -> Layout:
    """Chinese, from top to bottom: the title at one side, the verse beside it, then the name and a seal."""
    voice, small, verse_voice = words.voices
    right = side == "right"
    across, along = min(space.across, 1.0), min(space.along, 0.9)
    title = fitted(
        "title", words.title, voice, across * 0.42, along * 0.93, largest(words), down=True, most=3, leading=1.06
    )
    title = replace(title, lines=tuple(map(upright, title.lines)))
    blocks = [title.at(space.right - title.width if right else space.left, space.top)]

    def beside(block: Block, gap: float, top: float) -> Block:
        last = blocks[-1]
        return block.at(last.left - gap - block.width if right else last.right + gap, top)

    if words.verse:
        lines = tuple(upright(line.replace(" ", "")) for line in words.verse)
        size = min(VERSE * 1.08, 0.62 / max(map(len, lines)) / 1.12, 0.34 / (len(lines) * 1.7))
        poem = measured(Block("verse", lines, replace(verse_voice, tracking=0.12), size, True, 1.7))
        blocks.append(beside(poem, 0.045, space.top + 0.01))
    name = words.artist.replace(" ", "")
    if name and all(map(is_han, name)) and len(name) <= 8:
        column = measured(Block("artist", (name,), replace(small, tracking=0.2), 0.042, True))
        seal = _seal(words)
        below = (seal.height + 0.02) if seal else 0.0
        foot = blocks[0].bottom - column.height - below
        blocks.append(beside(column, 0.034, space.top + 0.01 if words.verse else max(space.top + 0.01, foot)))
    elif words.artist:
        row = fitted("artist", words.artist, small, across * 0.6, 0.08, ARTIST, most=2, align=side)
        blocks.append(row.at(space.right - row.width if right else space.left, space.bottom - row.height))
    seal, under = _seal(words), next(b for b in reversed(blocks) if b.down)
    if seal:
        place = seal.at(under.left + (under.width - seal.width) / 2, under.bottom + 0.02)
        if place.bottom <= space.bottom and not any(meets(place, block) for block in blocks):
            blocks.append(place)
    return Layout(f"columns {side}", tuple(blocks))


def _seal(words: Wording) -> Block | None:
    """The block of a seal, not yet placed: two or three characters below one another, one or four in a square."""
    if not words.seal:
        return None
    count = len(words.seal)
    cell = {1: 0.05, 4: 0.045}.get(count, 0.047)
    width, height = (2 * cell, 2 * cell) if count == 4 else (cell, cell * count)
    edge = 0.014
    voice = words.voices[1]
    return Block("seal", (words.seal,), voice, cell, True, width=width + edge, height=height + edge)


def meets(a: Block, b: Block) -> bool:
    """Whether two blocks overlap."""
    return a.left < b.right and b.left < a.right and a.top < b.bottom and b.top < a.bottom
