"""Verse of Latin letters: title, author, stanzas; lines set in as printers do, long ones hung."""

from __future__ import annotations

from collections.abc import Sequence

from muse.poem.broadsheet.seal import seal
from muse.poem.layout import Verse
from muse.sheet.page import HEIGHT, WIDTH, Box, Item
from muse.sheet.setting import BODY, NAME, TITLE, Setter, printed

MARGIN = 72.0
LARGEST, WHOLE, BROKEN, SMALLEST = 24.0, 12.5, 15.0, 9.5
"""Sizes: no larger; no smaller that lines stay whole; where they do not; no smaller, for the page grows instead."""
LEAD, GAP, FOOT = 1.5, 0.85, 30.0
INDENT, HUNG = 1.6, 3.2
"""In em: a line set in by one step, the rest of a line that goes on in the next row."""
Rows = list[tuple[float, str] | None]
"""Each row's indent in em and its text; None between stanzas."""


def latin(
    setter: Setter, verse: Verse, steps: Sequence[int], title: str, author: str, stamp: str
) -> tuple[float, float, list[Item]]:
    """(width, height, items) of the sheet; `steps` say how far each line is set in."""
    wide, tall = WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN
    title_size = 34.0
    while (
        len(heads := setter.wrapped(title, wide, title_size, TITLE)) > (1 if len(title) < 26 else 3) and title_size > 18
    ):
        title_size -= 1
    head = 1.2 * title_size * len(heads) + (30 if author else 0) + 46
    side = 44.0
    size, rows = _fitted(setter, verse, steps, wide, tall - head - side - FOOT)
    body = _height(rows) * size
    height = max(HEIGHT, head + body + side + FOOT + 2 * MARGIN)
    y = (height - head - body - side - FOOT) * 0.44
    items: list[Item] = []
    for part in heads:
        y += 1.2 * title_size
        items.append(setter.row(part, WIDTH / 2, y - 0.2 * title_size, title_size, TITLE, anchor=0.5))
    if author:
        y += 30
        items.append(setter.row(author, WIDTH / 2, y - 8, 15.0, NAME, ink="soft", anchor=0.5, tracking=0.02))
    items.append(Box(WIDTH / 2 - 22, y + 16, 44, 0.8))
    y += 46
    ends = [row[0] * size + setter.width(row[1], size) for row in rows if row is not None]
    widest = max(ends)
    left = max(MARGIN, (WIDTH - (widest + sum(ends) / len(ends)) / 2) / 2)
    for row in rows:
        if row is None:
            y += GAP * size
            continue
        y += LEAD * size
        items.append(setter.row(row[1], left + row[0] * size, y - 0.4 * size, size, BODY))
    items += seal(setter, stamp, max(left + widest, WIDTH / 2 + 60) - side, y + FOOT, side)
    return WIDTH, height, items


def _fitted(setter: Setter, verse: Verse, steps: Sequence[int], wide: float, tall: float) -> tuple[float, Rows]:
    """The largest size that leaves the lines whole, or one that is good to read, on one page if it can be."""
    for first, last, whole in ((LARGEST, WHOLE, True), (BROKEN, SMALLEST, False)):
        for half in range(int(2 * first), int(2 * last) - 1, -1):
            rows = _rows(setter, verse, steps, half / 2, wide)
            unbroken = sum(row is not None for row in rows) == len(verse.lines)
            if _height(rows) * half / 2 <= tall and (unbroken or not whole):
                return half / 2, rows
    return SMALLEST, _rows(setter, verse, steps, SMALLEST, wide)


def _height(rows: Rows) -> float:
    """In em."""
    return sum(GAP if row is None else LEAD for row in rows)


def _rows(setter: Setter, verse: Verse, steps: Sequence[int], size: float, wide: float) -> Rows:
    rows: Rows = []
    for number, line in enumerate(verse.lines):
        if rows and (number in verse.stanzas or verse.prose):
            rows.append(None)
        text, indent = printed(line), INDENT * steps[number]
        (first,) = setter.wrapped(text, wide - indent * size, size, BODY)[:1] or [""]
        rows.append((indent, first))
        rest = text[len(first) :].strip()
        hung = 0.0 if verse.prose else HUNG + indent
        rows += [(hung, part) for part in setter.wrapped(rest, wide - hung * size, size, BODY)]
    return rows
