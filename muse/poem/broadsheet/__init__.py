"""A poem as a broadsheet: a page to be hung on a wall, as SVG, PDF and PNG, from the fonts that muse ships."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from muse.errors import UsageError, did_you_mean
from muse.poem.broadsheet.seal import wording
from muse.poem.layout import across, heading, indents
from muse.sheet.page import PALETTES, Palette, Sheet, palette_of
from muse.sheet.setting import Setter, clean, printed

if TYPE_CHECKING:
    from muse.poem.poem import Poem

__all__ = ["KINDS", "LAYOUTS", "PALETTES", "Palette", "Sheet", "broadsheet"]

KINDS = ("pdf", "png")
"""What a sheet can be saved as beside SVG."""
LAYOUTS = ("vertical", "horizontal")


def broadsheet(
    poem: Poem,
    *,
    layout: str | None = None,
    author: str = "",
    seal: str = "",
    pinyin: bool = False,
    palette: str | Palette = "paper",
) -> Sheet:
    """The sheet of a poem.

    >>> from muse.poem.poem import Poem
    >>> sheet = broadsheet(Poem.from_text("登鹳雀楼\\n\\n白日依山尽，黄河入海流。"), author="王之涣")
    >>> sheet.svg()[:4], sheet.pdf()[:5]
    (b'<svg', b'%PDF-')

    Args:
        layout: "vertical" (竖排, Chinese only) or "horizontal"; by default as the language is written.
        author: a line beside the title, at the left in columns.
        seal: what the seal says, up to four characters; by default the author's name, or muse's.
        pinyin: beside each character of Chinese verse.
        palette: "paper", "white", "night", or colours of your own.

    Raises:
        UsageError: a layout or palette that muse does not know, or columns of another language than Chinese.
    """
    chinese = poem.language == "zh"
    layout = layout or ("vertical" if chinese else "horizontal")
    if layout not in LAYOUTS:
        raise UsageError(f"no layout named {layout!r}", "", did_you_mean(layout, LAYOUTS))
    if layout == "vertical" and not chinese:
        raise UsageError("only Chinese stands in columns", f"the poem is {poem.language!r}", 'try layout="horizontal"')
    colours = palette_of(palette)
    setter, verse = Setter(latin=not chinese), replace(poem.verse, lines=tuple(map(clean, poem.lines)))
    title, author = clean(heading(poem.title, poem.tune)), clean(author)
    stamp = wording(clean(seal), author, chinese)
    syllables = poem.pinyin() if pinyin and chinese and not verse.prose else ()
    if layout == "vertical":
        from muse.poem.broadsheet.vertical import vertical

        width, height, items = vertical(setter, verse, title, author, stamp, syllables)
    elif chinese:
        from muse.poem.broadsheet.horizontal import horizontal

        width, height, items = horizontal(setter, verse, title, author, stamp, syllables)
    else:
        from muse.poem.broadsheet.latin import latin

        width, height, items = latin(
            setter, verse, indents(poem.verse, poem.form), printed(title), printed(author), stamp
        )
    words = "\n".join(filter(None, (title, author, "", across(verse))))
    named = re.fullmatch("[A-Za-z-]{2,35}", poem.language)
    language = "zh-Hans" if chinese else poem.language if named else "und"
    return Sheet(title, words, language, width, height, colours, tuple(items), setter.notes())
