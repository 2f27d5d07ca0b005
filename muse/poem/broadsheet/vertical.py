"""竖排: columns from right to left on ruled paper, as poems were printed for a thousand years.

The first column holds the title, the last the author and the seal; an empty one parts two stanzas. What shares a column
(a line, a sentence, two of them) follows from what can be set largest; a poem that no page can hold in a readable size
becomes a handscroll, as high as the page and as wide as it must be.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from muse.fonts.faces import BRUSH, codes
from muse.poem.broadsheet.arrange import Parts, arranged, flowing, flows
from muse.poem.broadsheet.seal import seal
from muse.poem.layout import Verse
from muse.sheet.page import HEIGHT, WIDTH, Box, Item, frame
from muse.sheet.setting import BODY, DRAWN, Setter

MARGIN, INSIDE = 50.0, 14.0
LARGEST, SMALLEST, SCROLL = 60.0, 15.0, 20.0
STEP, PITCH, RUBY = 1.14, 1.6, 0.42
"""From character to character, from column to column, what pinyin adds; in em."""
GAP = 0.7
"""Between two lines of one column, in em."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What stands in the columns, at which size; the title in columns of its own."""

    size: float
    columns: list[Parts]
    title: list[str]
    title_size: float


def vertical(
    setter: Setter, verse: Verse, title: str, author: str, stamp: str, syllables: Sequence[Sequence[str]] = ()
) -> tuple[float, float, list[Item]]:
    """(width, height, items) of the sheet; `syllables` as Poem.pinyin gives them, or nothing."""
    pitch = PITCH + (RUBY if syllables else 0.0)
    tall, wide = HEIGHT - 2 * (MARGIN + INSIDE), WIDTH - 2 * (MARGIN + INSIDE)
    plan = _plan(setter, verse, title, tall, wide, pitch)
    size, slot = plan.size, plan.size * pitch
    count = len(plan.title) + len(plan.columns) + 1
    width = max(WIDTH, count * slot + 2 * (MARGIN + INSIDE))
    longest = max(
        [_length(column) * size for column in plan.columns]
        + [setter.height(part, plan.title_size, plan.title_size * STEP) for part in plan.title]
    )
    signed = min(tall, setter.height(author, size * 0.5, size * 0.56) + size * 2.4)
    high = max(longest, signed) + 0.8 * size
    if width == WIDTH:
        high = max(high, 0.72 * count * slot)
    left, top = (width - count * slot) / 2, (HEIGHT - high) * 0.48
    items = _paper(left, top, slot, count, high)
    centre = left + (count - 0.5) * slot
    faces = DRAWN if all(ord(char) in codes(BRUSH) for char in title) else BODY
    for part in plan.title:
        items.append(setter.column(part, centre, top + 0.4 * size, plan.title_size, plan.title_size * STEP, faces))
        centre -= slot
    for column in plan.columns:
        y = top + 0.4 * size
        for number, text in column:
            at = centre - (RUBY / 2 * size if syllables else 0.0)
            items.append(setter.column(text, at, y, size, size * STEP))
            if syllables:
                items += _ruby(setter, syllables[number], at + 0.6 * size, y, size)
            y += (len(text) * STEP + GAP) * size
        centre -= slot
    side = min(size, 0.66 * slot)
    foot = top + high - 0.4 * size - side
    items += seal(setter, stamp, centre - side / 2, foot, side)
    if author:
        small = min(size * 0.5, 0.9 * (foot - top - size) / max(1.0, setter.height(author, 1, 1.12)))
        length = setter.height(author, small, small * 1.12)
        items.append(setter.column(author, centre, foot - 0.35 * size - length, small, small * 1.12))
    return width, HEIGHT, items


def _paper(left: float, top: float, slot: float, count: int, high: float) -> list[Item]:
    """The frame, a thick line and a thin one, and the rules between columns."""
    edge, width = 5.0, count * slot
    items = frame(left - edge, top - edge, width + 2 * edge, high + 2 * edge, 1.6)
    items += frame(left - 1.2, top - 1.2, width + 2.4, high + 2.4, 0.5)
    items += [Box(left + number * slot - 0.2, top - 1.2, 0.4, high + 2.4) for number in range(1, count)]
    return items


def _plan(setter: Setter, verse: Verse, title: str, tall: float, wide: float, pitch: float) -> Plan:
    """The arrangement that can be set largest; even columns, and a line in each, have the better of equal ones."""
    choices: list[Callable[[float], list[Parts]]] = [lambda size: flowing(verse, int(tall / size / STEP))]
    if not flows(verse):
        choices = [lambda size, found=found: found for found in arranged(verse)]  # type: ignore[misc]
    best: tuple[float, Plan] | None = None
    for number, choice in enumerate(choices):
        for half in range(int(2 * LARGEST), int(2 * SMALLEST) - 1, -1):
            size = half / 2
            plan = _titled(setter, title, choice(size), size, tall)
            fits = (len(plan.columns) + len(plan.title) + 1) * pitch * size <= wide
            if fits and max(map(_length, plan.columns)) * size <= tall:
                lengths = [_length(column) for column in plan.columns if column]
                even = 0.5 + 0.5 * sum(lengths) / len(lengths) / max(lengths)
                worth = size * even * (1.0 if number else 1.12)
                if best is None or worth > best[0]:
                    best = worth, plan
                break
    if best is not None:
        return best[1]
    scroll = [choice(SCROLL) for choice in reversed(choices)]
    fitting = [columns for columns in scroll if max(map(_length, columns)) * SCROLL <= tall]
    return _titled(setter, title, (fitting or scroll[-1:])[0], SCROLL, tall)


def _titled(setter: Setter, title: str, columns: list[Parts], size: float, tall: float) -> Plan:
    """With the title as large as the verse if it fits, smaller if it does not, in several columns if it must."""
    length = setter.height(title, 1, STEP)
    title_size = min(size, max(0.66 * size, tall / max(length, 1)))
    parts = max(1, math.ceil(length * title_size / tall))
    share = max(1, math.ceil(len(title) / parts))
    return Plan(size, columns, [title[at : at + share] for at in range(0, len(title), share)], title_size)


def _length(column: Parts) -> float:
    """In em."""
    return sum(len(text) * STEP for _, text in column) + max(0, len(column) - 1) * GAP


def _ruby(setter: Setter, syllables: Sequence[str], x: float, y: float, size: float) -> Iterator[Item]:
    """Pinyin at the right of each character, on its side. Source: W3C, Requirements for Chinese Text Layout, 3.3.2."""
    small = size * 0.3
    for number, syllable in enumerate(syllables):
        width = setter.width(syllable, small)
        middle = y + (number + 0.5) * STEP * size
        yield setter.lying(syllable, x, middle - width / 2, small, ink="soft")
