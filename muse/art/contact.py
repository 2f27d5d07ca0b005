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


def around(
    first: Image.Image, label: str, others: Sequence[Image.Image], labels: Sequence[str], cell: int
) -> Image.Image:
    """One square picture four cells large, the others to its right and below it, each over its label.

    >>> square = Image.new("RGB", (64, 64))
    >>> around(square, "album", [square] * 3, ["1", "2", "3"], cell=100).size
    (440, 268)

    Args:
        cell: side of a small picture, in pixels.
    """
    columns = 4 if len(others) <= 8 else 5
    free = [(row, column) for row in range(2 + len(others)) for column in range(columns) if row > 1 or column > 1]
    rows = max(2, *(row + 1 for row, _ in free[: len(others)]))
    sheet = Image.new("RGB", (columns * (cell + GAP) + GAP, rows * (cell + LINE + GAP) + GAP), GROUND)
    pen, face = ImageDraw.Draw(sheet), font("NotoSerifCJKsc", LINE - 8)
    large = (first, label, (0, 0), 2 * cell + GAP)
    for picture, text, (row, column), side in (large, *zip(others, labels, free, [cell] * len(others), strict=False)):
        left, top = GAP + column * (cell + GAP), GAP + row * (cell + LINE + GAP)
        sheet.paste(picture.resize((side, side), Image.Resampling.LANCZOS), (left, top))
        shown = text
        while pen.textlength(shown, face) > side and len(text) > 1:
            text = text[:-1]
            shown = text.rstrip() + "…"
        pen.text((left, top + side + LINE / 2), shown, INK, face, anchor="lm")
    return sheet
