"""Chinese across: the title and the author over the verse, a line or a sentence a row, the seal at its foot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from muse.fonts.faces import BRUSH, codes
from muse.poem.broadsheet.arrange import Parts, arranged, flowing, flows
from muse.poem.broadsheet.seal import seal
from muse.poem.layout import Verse
from muse.sheet.page import HEIGHT, WIDTH, Box, Item
from muse.sheet.setting import BODY, DRAWN, Setter

MARGIN = 66.0
LARGEST, SMALLEST = 40.0, 13.0
FLOWING = (21.0, 19.0, 17.0, 15.0, SMALLEST)
"""Sizes of prose."""
STEP, LEAD = 1.08, 1.75
RUBY_STEP, RUBY_LEAD = 1.42, 2.3
GAP = 0.8
"""Of a row, between stanzas."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What stands in the rows, and every size, in points."""

    size: float
    rows: list[Parts]
    heads: list[str]
    title: float
    name: float
    side: float
    head: float
    body: float

    @property
    def height(self) -> float:
        return self.head + self.body + self.side + 0.6 * self.size


def horizontal(
    setter: Setter, verse: Verse, title: str, author: str, stamp: str, syllables: Sequence[Sequence[str]] = ()
) -> tuple[float, float, list[Item]]:
    """(width, height, items) of the sheet; `syllables` as Poem.pinyin gives them, or nothing."""
    step, lead = (RUBY_STEP, RUBY_LEAD) if syllables else (STEP, LEAD)
    faces = DRAWN if all(ord(char) in codes(BRUSH) for char in title) else BODY

    def planned(rows: list[Parts], size: float) -> Plan:
        large = min(46.0, max(1.25 * size, 24.0))
        while len(heads := setter.wrapped(title, WIDTH - 2 * MARGIN, large, faces)) > 2 and large > 20:
            large -= 1
        name, side = max(11.0, 0.52 * size), min(54.0, max(30.0, 1.25 * size))
        head = 1.35 * large * len(heads) + (2.2 * name if author else 0.0) + 0.9 * size + 18
        return Plan(size, rows, heads, large, name, side, head, _height(verse, rows, lead) * size)

    plan = _best(verse, step, planned)
    size, title_size, name, side = plan.size, plan.title, plan.name, plan.side
    height = max(HEIGHT, plan.height + 2 * MARGIN)
    y = (height - plan.height) * 0.46
    items: list[Item] = []
    for part in plan.heads:
        y += 1.35 * title_size
        items.append(setter.row(part, WIDTH / 2, y - 0.2 * title_size, title_size, faces, anchor=0.5))
    if author:
        y += 2.2 * name
        items.append(setter.row(author, WIDTH / 2, y - 0.5 * name, name, ink="soft", tracking=0.2, anchor=0.5))
    items.append(Box(WIDTH / 2 - 22, y + 14, 44, 0.8))
    y += 0.9 * size + 18
    wide = max(_width(verse, row, step) for row in plan.rows) * size
    left = (WIDTH - wide) / 2
    for row in plan.rows:
        if not row:
            y += GAP * size * lead
            continue
        x, base = left, y + (lead - 0.5) * size
        for number, text in row:
            for place, char in enumerate(text):
                middle = x + step * size / 2
                items.append(setter.row(char, middle, base, size, anchor=0.5))
                if syllables:
                    found = syllables[number][place]
                    items.append(setter.row(found, middle, base - 1.08 * size, 0.36 * size, ink="soft", anchor=0.5))
                x += step * size
            items.append(setter.row(verse.mark(number), x, base, size))
            x += size
        y += lead * size
    items += seal(setter, stamp, max(left + wide, WIDTH / 2 + 60) - side, y + 0.6 * size, side)
    return WIDTH, height, [item for item in items if isinstance(item, Box) or item.glyphs]


def _best(verse: Verse, step: float, planned: Callable[[list[Parts], float], Plan]) -> Plan:
    """The arrangement that can be set largest on one page; the smallest size on a longer one where none can."""
    wide, tall = WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN
    if flows(verse):
        plans = [planned(flowing(verse, int(wide / size / step)), size) for size in FLOWING]
        return next((plan for plan in plans if plan.height <= tall), plans[-1])
    found: list[Plan] = []
    for rows in arranged(verse):
        width = max(_width(verse, row, step) for row in rows)
        for half in range(int(2 * LARGEST), int(2 * SMALLEST) - 1, -1):
            plan = planned(rows, half / 2)
            if plan.height <= tall and width * plan.size <= wide:
                found.append(plan)
                break
    return max(found, key=lambda plan: plan.size, default=None) or planned(next(arranged(verse)), SMALLEST)


def _width(verse: Verse, row: Parts, step: float) -> float:
    """In em; the mark at the end hangs in the margin."""
    marks = sum(bool(verse.mark(number)) for number, _ in row)
    return sum(len(text) * step for _, text in row) + max(0, marks - 1)


def _height(verse: Verse, rows: Sequence[Parts], lead: float) -> float:
    return sum(lead if row else GAP * lead for row in rows)
