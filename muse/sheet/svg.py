"""A sheet as SVG. No identifier is random: a glyph is called by its face and code point, so that many sheets can
stand in one HTML page.
"""

from __future__ import annotations

from html import escape

from muse.sheet.page import Box, Run, Sheet

MM = 25.4 / 72


def svg(sheet: Sheet) -> str:
    """The document; `<title>` and `<desc>` say what is on it."""
    shapes = {glyph.outline.name: glyph.outline for run in sheet.runs for glyph in run.glyphs if glyph.outline.steps}
    inks = {name: getattr(sheet.palette, name) for name in sheet.palette.__slots__}
    body = [_run(item, inks) if isinstance(item, Run) else _box(item, inks) for item in sheet.items]
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{sheet.width * MM:.1f}mm" '
            f'height="{sheet.height * MM:.1f}mm" viewBox="0 0 {sheet.width:g} {sheet.height:g}" '
            f'lang="{escape(sheet.language)}" aria-label="{escape(sheet.title)}">',
            f"<title>{escape(sheet.title)}</title>",
            f"<desc>{escape(sheet.words)}</desc>",
            "<defs>",
            *(f'<path id="{name}" d="{shape.svg}"/>' for name, shape in shapes.items()),
            "</defs>",
            f'<rect width="100%" height="100%" fill="{sheet.palette.ground}"/>',
            *body,
            "</svg>\n",
        )
    )


def _box(box: Box, inks: dict[str, str]) -> str:
    return (
        f'<rect x="{box.x:.2f}" y="{box.y:.2f}" width="{box.width:.2f}" height="{box.height:.2f}" '
        f'fill="{inks[box.ink]}"/>'
    )


def _run(run: Run, inks: dict[str, str]) -> str:
    """The glyphs, and their characters unseen over them."""
    uses = []
    for glyph in run.glyphs:
        if glyph.outline.steps:
            scale = f"{glyph.size / 1000:.5g}"
            place = f"matrix({scale} 0 0 -{scale} {glyph.x:.2f} {glyph.y:.2f})"
            uses.append(f'<use href="#{glyph.outline.name}" transform="{place}"/>')
    line = f' stroke="{inks[run.ink]}" stroke-width="{1000 * run.bold / run.glyphs[0].size:.1f}"' if run.bold else ""
    drawn = f'<g fill="{inks[run.ink]}"{line}>{"".join(uses)}</g>'
    if not run.text:
        return drawn
    said = [glyph for glyph in run.glyphs if glyph.text]
    across, down = (
        " ".join(f"{value:.1f}" for value in values) for values in zip(*((g.x, g.y) for g in said), strict=True)
    )
    return (
        f'{drawn}<text fill-opacity="0" font-size="{said[0].size:.2f}" xml:space="preserve" x="{across}" y="{down}">'
        f"{escape(run.text)}</text>"
    )
