"""Sheets as PDF: a page each, one font cut from their own outlines, their text to be selected, searched and copied.

Source: ISO 32000-1, 9.7 (composite fonts), 9.10.3 (ToUnicode). No date and no identifier is written, so that the same
sheets give the same bytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from muse.fonts.faces import table
from muse.fonts.outline import Outline, cut
from muse.sheet.page import Box, Glyph, Palette, Run, Sheet

PRIVATE, INFO = 0xE000, 8
FONT = "MUSEAA+MuseSheet"
"""Six letters before the plus say that it is a subset."""


def pdf(sheets: Sequence[Sheet]) -> bytes:
    """The document; its title and language are those of the first page."""
    numbers: dict[tuple[str, str], int] = {}
    shapes: list[Outline] = []
    for run in (run for sheet in sheets for run in sheet.runs):
        for glyph in run.glyphs:
            if glyph.text and (glyph.outline.name, glyph.text) not in numbers:
                shapes.append(glyph.outline)
                numbers[glyph.outline.name, glyph.text] = len(shapes)
    face = table(cut(shapes, range(PRIVATE, PRIVATE + len(shapes)), "Muse Sheet"), b"CFF ")
    widths = " ".join(f"{shape.advance:.0f}" for shape in shapes)
    pages = range(9, 9 + 2 * len(sheets), 2)
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R /Lang ({sheets[0].language}) "
        "/ViewerPreferences << /DisplayDocTitle true >> >>".encode(),
        f"<< /Type /Pages /Kids [{' '.join(f'{page} 0 R' for page in pages)}] /Count {len(sheets)} >>".encode(),
        f"<< /Type /Font /Subtype /Type0 /BaseFont /{FONT} /Encoding /Identity-H /DescendantFonts [4 0 R] "
        "/ToUnicode 7 0 R >>".encode(),
        f"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /{FONT} /CIDSystemInfo << /Registry (Adobe) "
        f"/Ordering (Identity) /Supplement 0 >> /FontDescriptor 5 0 R /DW 1000 /W [1 [{widths}]] >>".encode(),
        f"<< /Type /FontDescriptor /FontName /{FONT} /Flags 4 /FontBBox [-200 -300 1200 1200] /ItalicAngle 0 "
        "/Ascent 880 /Descent -120 /CapHeight 700 /StemV 80 /FontFile3 6 0 R >>".encode(),
        _stream(face, "/Subtype /CIDFontType0C"),
        _stream(_unicode(numbers).encode()),
        f"<< /Title <{_hex(sheets[0].title, mark=True)}> /Producer (muse) >>".encode(),
    ]
    for page, sheet in zip(pages, sheets, strict=True):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {sheet.width:g} {sheet.height:g}] /Contents {page + 1} 0 R "
            "/Resources << /Font << /F 3 0 R >> >> >>".encode()
        )
        objects.append(_stream(_content(sheet, numbers).encode()))
    out = bytearray(b"%PDF-1.6\n%\xe5\xad\x97\xe3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, INFO, start,
    )  # fmt: skip
    return bytes(out)


def _stream(data: bytes, more: str = "") -> bytes:
    packed = zlib.compress(data, 9)
    return b"<< /Length %d /Filter /FlateDecode %b >>\nstream\n%b\nendstream" % (len(packed), more.encode(), packed)


def _hex(text: str, mark: bool = False) -> str:
    return (("\ufeff" if mark else "") + text).encode("utf-16-be", "replace").hex()


def _unicode(numbers: dict[tuple[str, str], int]) -> str:
    """The CMap that says which character each glyph stands for."""
    pairs = [f"<{number:04x}> <{_hex(text)}>" for (_, text), number in numbers.items()]
    blocks = (pairs[start : start + 100] for start in range(0, len(pairs), 100))
    said = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return f"""/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Muse def
/CMapType 2 def
1 begincodespacerange
<0000> <ffff>
endcodespacerange
{said}
endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


def _content(sheet: Sheet, numbers: dict[tuple[str, str], int]) -> str:
    parts = [f"{_colour(sheet.palette, 'ground')} 0 0 {sheet.width:g} {sheet.height:g} re f"]
    for item in sheet.items:
        parts.append(_colour(sheet.palette, item.ink))
        if isinstance(item, Box):
            y = sheet.height - item.y - item.height
            parts.append(f"{item.x:.2f} {y:.2f} {item.width:.2f} {item.height:.2f} re f")
        else:
            parts.append(_run(item, numbers, sheet.height))
    return "\n".join(parts)


def _run(run: Run, numbers: dict[tuple[str, str], int], height: float) -> str:
    shapes = [_path(glyph, height, run.bold) for glyph in run.glyphs if not glyph.text]
    said = [glyph for glyph in run.glyphs if glyph.text]
    if not said:
        return "\n".join(shapes)
    texts = [
        f"/F {g.size:.2f} Tf 1 0 0 1 {g.x:.2f} {height - g.y:.2f} Tm <{numbers[g.outline.name, g.text]:04x}> Tj"
        for g in said
    ]
    mode = f"2 Tr {run.bold:.2f} w" if run.bold else "0 Tr"
    return "\n".join([*shapes, "BT", mode, *texts, "ET"])


def _path(glyph: Glyph, height: float, bold: float) -> str:
    pens = {"moveTo": "m", "lineTo": "l", "curveTo": "c", "closePath": "h"}
    scale, steps = glyph.size / 1000, []
    for pen, points in glyph.outline.steps:
        placed = [f"{glyph.x + scale * x:.2f} {height - glyph.y + scale * y:.2f}" for x, y in points]
        steps.append(" ".join([*placed, pens[pen]]))
    return " ".join([f"{bold:.2f} w", *steps, "B" if bold else "f"])


def _colour(palette: Palette, ink: str) -> str:
    """The colour for filling and for lines."""
    colour: Sequence[int] = bytes.fromhex(getattr(palette, ink)[1:])
    shown = " ".join(f"{part / 255:.3f}" for part in colour)
    return f"{shown} rg {shown} RG"
