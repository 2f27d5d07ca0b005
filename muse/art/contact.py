"""A contact sheet: small pictures in rows, each with a line of text below it."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw

from muse.art.letters.fonts import font

GAP, LINE = 8, 22
GROUND, INK = "#16161a", "#d9d6cf"


def contact(pictures: Sequence[Image.Image], labels: Sequence[str], columns: int = 8) -> Image.Image:
    """All pictures on one sheet, in rows of `columns`, each over its label, in the size of the first.

    >>> contact([Image.new("RGB", (128, 128))] * 3, ["1", "2", "3"], columns=2).size
    (280, 324)
    """
    width, height = pictures[0].size
    columns = min(columns, len(pictures))
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * (width + GAP) + GAP, rows * (height + LINE + GAP) + GAP), GROUND)
    pen, face = ImageDraw.Draw(sheet), font("NotoSerifCJKsc", LINE - 8)
    for number, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
        row, column = divmod(number, columns)
        left, top = GAP + column * (width + GAP), GAP + row * (height + LINE + GAP)
        sheet.paste(picture, (left, top))
        pen.text((left + width / 2, top + height + LINE / 2), label, INK, face, anchor="mm")
    return sheet
