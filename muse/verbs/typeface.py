"""The characters of a page as a small font of its own, so that it looks the same where no Chinese font is installed."""

from __future__ import annotations

import io
from importlib.resources import files as package_files

FACE = "NotoSerifCJKsc.otf"


def subset(characters: str) -> bytes:
    """An OpenType font with just these characters, from the Noto Serif that muse ships with (OFL 1.1).

    The same characters give the same bytes: no time of day is written. Characters that the font lacks are left out.
    """
    from fontTools import subset as tool
    from fontTools.ttLib import TTFont

    data = package_files("muse.fonts").joinpath(FACE).read_bytes()
    font = TTFont(io.BytesIO(data), recalcTimestamp=False)
    options = tool.Options(
        layout_features=["vert", "vrt2", "kern"], hinting=False, desubroutinize=True, name_IDs=[0, 1, 2, 13, 14]
    )
    options.recalc_timestamp = False
    worker = tool.Subsetter(options)
    worker.populate(text=characters + " ")
    worker.subset(font)
    out = io.BytesIO()
    font.save(out, reorderTables=True)
    return out.getvalue()
