"""A chart of a poem: tones and rhymes of Chinese verse, stresses and rhymes of English, as the judge reads them.

Everything is told by shape and by words; red only repeats it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from muse.errors import UsageError
from muse.fonts.outline import Outline
from muse.poem.broadsheet import signs
from muse.poem.layout import heading
from muse.poem.referee import FORMS, TITLES, Place, scansion
from muse.poem.referee.tunes import names
from muse.sheet.page import PALETTES, Box, Glyph, Item, Run, Sheet, frame
from muse.sheet.setting import NAME, Setter, clean
from muse.sheet.svg import svg

if TYPE_CHECKING:
    from muse.poem.poem import Poem

MARGIN, HEAD, CELL, ROW, GAP, SIDE, LEAST = 36.0, 74.0, 42.0, 76.0, 18.0, 130.0, 580.0
SIZE, SIGN, WISH, SMALL = 26.0, 15.0, 10.0, 9.5
_WISHES = {True: "平", False: "仄", None: "中"}
_LEGEND = (
    (signs.LEVEL, "平 level"), (signs.OBLIQUE, "仄 oblique"), (signs.EITHER, "either reading"),
    (signs.RHYME, "韵 rhyme"), (signs.WRONG, "breaks the form"),
)  # fmt: skip


def charted(poem: Poem) -> bool:
    """Whether there is a chart of such a poem: of Chinese and English verse."""
    return poem.language in ("zh", "en") and not poem.verse.prose


def chart(poem: Poem) -> str:
    """The chart as SVG.

    >>> from muse.poem.poem import Poem
    >>> chart(Poem.from_text("登鹳雀楼\\n\\n白日依山尽，黄河入海流。欲穷千里目，更上一层楼。"))[:4]
    '<svg'

    Raises:
        UsageError: it is prose, or in a language whose sounds muse does not know.
    """
    if not charted(poem):
        raise UsageError("no chart of this", "it is not verse in Chinese or English", "give a poem in one of them")
    if poem.language == "en":
        from muse.poem.chart_english import sheet

        return svg(sheet(poem))
    return svg(_sheet(poem))


def titled(setter: Setter, title: str, about: str) -> list[Item]:
    """The head of a chart: the title, and what it is judged by."""
    return [
        setter.row(title, MARGIN, MARGIN + 16, 19.0),
        setter.row(about, MARGIN, MARGIN + 34, 10.5, NAME if setter.latin else ("NotoSerifCJKsc",), ink="soft"),
    ]


def sign(shape: Outline, x: float, y: float, size: float = SIGN, ink: str = "ink") -> Run:
    """A sign with its middle at (x, y)."""
    return Run((Glyph(shape, "", x - size / 2, y + size * signs.MIDDLE / 1000, size),), ink)


def _sheet(poem: Poem) -> Sheet:
    form, tune = poem.form if poem.form in FORMS else None, poem.tune if poem.tune in names() else ""
    found = scansion(poem.lines, form, tune=tune, stanzas=poem.stanzas)
    setter = Setter()
    title = clean(heading(poem.title, poem.tune))
    about = " · ".join(filter(None, (found.form, found.tune, TITLES.get(found.book, found.book))))
    items = titled(setter, title, about)
    y = HEAD + MARGIN / 2
    for number, line in enumerate(found.lines):
        y += GAP if number in poem.stanzas else 0
        items += _line(setter, line, number, y, wanted=bool(found.form))
        y += ROW
    width = max(2 * MARGIN + CELL * max(map(len, found.lines)) + SIDE, LEAST)
    items += _legend(setter, width, y + 16)
    words = "\n".join(map(_said, found.lines))
    return Sheet(title, words, "zh-Hans", width, y + 16 + MARGIN, PALETTES["white"], tuple(items), setter.notes())


def _line(setter: Setter, line: tuple[Place, ...], number: int, y: float, *, wanted: bool) -> Iterable[Item]:
    """What is asked above each character, what it is beneath it, the rhyme or the broken rules at the end."""
    yield setter.row(str(number + 1), MARGIN - 8, y + 34, SMALL, ink="soft", anchor=1)
    for at, place in enumerate(line):
        x = MARGIN + CELL * (at + 0.5)
        doubtful = _doubtful(place)
        ink = "seal" if place.broken and not doubtful else "ink"
        if wanted:
            yield setter.row(_WISHES[place.wanted], x, y + 9, WISH, ink="soft", anchor=0.5)
        yield setter.row(place.character, x, y + 37, SIZE, ink=ink, anchor=0.5)
        yield sign(_tone(place), x, y + 53, ink=ink)
        if doubtful:
            yield from frame(x - CELL / 2 + 2, y - 2, CELL - 4, ROW - 10, 0.6, "soft")
            yield setter.row("?", x + CELL / 2 - 9, y + 9, 11.0, anchor=0.5)
        elif place.broken:
            yield from frame(x - CELL / 2 + 2, y - 2, CELL - 4, ROW - 10, 1.6, "seal")
            yield sign(signs.WRONG, x + CELL / 2 - 9, y + 6, 8.0, "seal")
    end = MARGIN + CELL * len(line) + 12
    if rhyme := line[-1].rhyme:
        yield sign(signs.RHYME, end + 4, y + 28)
        yield setter.row(rhyme, end + 16, y + 32, 12.0)
    for at, doubtful in enumerate((False, True)):
        rules = dict.fromkeys(one.broken for one in line if one.broken and _doubtful(one) is doubtful)
        if rules:
            text = ("? " if doubtful else "") + ", ".join(rules)
            base, ink = y + 53 + 12 * at, "soft" if doubtful else "seal"
            yield setter.row(text, end + 16, base, SMALL, ink=ink)
            if not doubtful:
                yield sign(signs.WRONG, end + 4, base - 3, 10.0, "seal")


def _doubtful(place: Place) -> bool:
    """Whether a place breaks a rule under one reading and not under another."""
    return bool(place.broken) and not place.sure


def _legend(setter: Setter, width: float, y: float) -> Iterable[Item]:
    yield Box(MARGIN, y - 14, width - 2 * MARGIN, 0.6)
    x = MARGIN + 6
    for shape, text in _LEGEND:
        yield sign(shape, x, y + 2, 11.0)
        yield setter.row(text, x + 10, y + 5.5, SMALL, ink="soft")
        x += 24 + setter.width(text, SMALL)
    yield setter.row("?  depends on the reading", x - 4, y + 5.5, SMALL, ink="soft")


def _tone(place: Place) -> Outline:
    if len(place.tones) != 1:
        return signs.EITHER
    return signs.LEVEL if True in place.tones else signs.OBLIQUE


def _said(line: tuple[Place, ...]) -> str:
    """A line for those who do not see the chart: each character with its sign, what is wrong in brackets."""
    marks = {signs.LEVEL: "○", signs.OBLIQUE: "●", signs.EITHER: "◐"}
    text = "".join(
        place.character + marks[_tone(place)] + (f"({place.broken}{'?' * _doubtful(place)})" if place.broken else "")
        for place in line
    )
    return f"{text} △{line[-1].rhyme}" if line[-1].rhyme else text
