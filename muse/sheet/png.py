"""A sheet as PNG, drawn by Pillow with a font cut from the sheet's own outlines."""

from __future__ import annotations

import io

from muse.fonts.outline import cut
from muse.sheet.page import Box, Sheet

PRIVATE = 0xE000
DPI = 72.0


def png(sheet: Sheet, pixels: int) -> bytes:
    """The picture, its longer side of so many pixels."""
    from PIL import Image, ImageDraw, ImageFont

    scale = pixels / max(sheet.width, sheet.height)
    shapes = {glyph.outline.name: glyph.outline for run in sheet.runs for glyph in run.glyphs if glyph.outline.steps}
    letters = {name: chr(PRIVATE + number) for number, name in enumerate(shapes)}
    data = cut(list(shapes.values()), map(ord, letters.values()), "Muse Sheet")
    fonts: dict[float, ImageFont.FreeTypeFont] = {}
    image = Image.new("RGB", (round(sheet.width * scale), round(sheet.height * scale)), sheet.palette.ground)
    pen = ImageDraw.Draw(image)
    for item in sheet.items:
        ink = getattr(sheet.palette, item.ink)
        if isinstance(item, Box):
            left, top = round(item.x * scale), round(item.y * scale)
            right, bottom = round((item.x + item.width) * scale), round((item.y + item.height) * scale)
            pen.rectangle((left, top, max(left, right - 1), max(top, bottom - 1)), fill=ink)
            continue
        for glyph in item.glyphs:
            if not glyph.outline.steps:
                continue
            size = glyph.size * scale
            if size not in fonts:
                fonts[size] = ImageFont.truetype(io.BytesIO(data), size, layout_engine=ImageFont.Layout.BASIC)
            letter, place = letters[glyph.outline.name], (glyph.x * scale, glyph.y * scale)
            pen.text(place, letter, ink, fonts[size], "ls", stroke_width=item.bold * scale / 2)
    out = io.BytesIO()
    image.save(out, "PNG", dpi=(scale * DPI, scale * DPI))
    return out.getvalue()
