"""Glyphs as outlines, so that what is drawn from them looks the same everywhere; and fonts cut from such outlines.

Lengths are thousandths of an em, y goes up from the baseline, as in all faces of this folder.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from muse.fonts.faces import FOLDER, codes

Point = tuple[float, float]
Step = tuple[str, tuple[Point, ...]]
"""A step of a pen: moveTo, lineTo, curveTo (cubic) or closePath, with its points."""


@dataclass(frozen=True, eq=False)
class Outline:
    """One glyph.

    Attributes:
        name: of letters, digits and "-" only; the same name is the same shape.
        advance: how far the pen goes on.
    """

    name: str
    advance: float
    steps: tuple[Step, ...]

    @cached_property
    def box(self) -> tuple[float, float, float, float]:
        """(left, bottom, right, top) of its points."""
        points = [point for _, found in self.steps for point in found] or [(0.0, 0.0)]
        across, up = [x for x, _ in points], [y for _, y in points]
        return min(across), min(up), max(across), max(up)

    @cached_property
    def svg(self) -> str:
        """The data of an SVG path, y up."""
        letters = {"moveTo": "M", "lineTo": "L", "curveTo": "C", "closePath": "Z"}
        parts = (letters[pen] + " ".join(f"{x:.0f} {y:.0f}" for x, y in points) for pen, points in self.steps)
        return "".join(parts)

    def moved(self, name: str, matrix: tuple[float, float, float, float, float, float]) -> Outline:
        """Under (a, b, c, d, e, f): x' = ax + cy + e, y' = bx + dy + f."""
        a, b, c, d, e, f = matrix
        steps = tuple(
            (pen, tuple((a * x + c * y + e, b * x + d * y + f) for x, y in points)) for pen, points in self.steps
        )
        return Outline(name, self.advance, steps)

    def turned(self) -> Outline:
        """Turned clockwise about the origin, as letters lie in upright lines."""
        return self.moved(f"{self.name}-turned", (0, -1, 1, 0, 0, 0))

    def filling(self, width: float, height: float) -> Outline:
        """Stretched to fill a box that stands at the origin."""
        left, bottom, right, top = self.box
        across, up = width / max(1, right - left), height / max(1, top - bottom)
        return self.moved(f"{self.name}-{width:.0f}-{height:.0f}", (across, 0, 0, up, -left * across, -bottom * up))


@cache
def outline(face: str, char: str) -> Outline | None:
    """The glyph of a character in a face; None where the face has none.

    >>> outline("NotoSerifCJKsc", "月").advance
    1000.0
    """
    number = codes(face).get(ord(char))
    if number is None:
        return None
    from fontTools.pens.recordingPen import RecordingPen

    shape = _font(face)["CFF "].cff.topDictIndex[0].CharStrings.charStringsIndex[number]
    pen = RecordingPen()
    shape.draw(pen)
    return Outline(f"{face}-{ord(char):x}", float(shape.width), tuple((name, points) for name, points in pen.value))


@cache
def kerning(face: str, left: str, right: str) -> float:
    """How much further apart two characters stand than their advances say."""
    font = _font(face)
    if "kern" not in font:
        return 0.0
    names = [font.getGlyphName(codes(face).get(ord(char), 0)) for char in (left, right)]
    return float(font["kern"].kernTables[0].kernTable.get(tuple(names), 0))


@cache
def _font(face: str) -> Any:
    from fontTools.ttLib import TTFont

    return TTFont(FOLDER / f"{face}.otf", lazy=True)


def cut(outlines: Sequence[Outline], characters: Iterable[int], family: str) -> bytes:
    """An OpenType font of these glyphs, numbered from 1 in their order; the same outlines give the same bytes.

    Args:
        characters: the code point of each.
    """
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.t2CharStringPen import T2CharStringPen

    names = [".notdef", *(f"g{number}" for number in range(1, len(outlines) + 1))]
    shapes = {}
    for name, glyph in zip(names, (Outline("", 1000, ()), *outlines), strict=True):
        pen = T2CharStringPen(round(glyph.advance), None, roundTolerance=0.5)
        for step, points in glyph.steps:
            getattr(pen, step)(*points)
        shapes[name] = pen.getCharString()
    build = FontBuilder(1000, isTTF=False)
    build.font.recalcTimestamp = False
    build.setupGlyphOrder(names)
    build.setupCharacterMap(dict(zip(characters, names[1:], strict=True)))
    build.setupCFF(family.replace(" ", ""), {"FullName": family}, shapes, {})
    advances = [1000, *(round(glyph.advance) for glyph in outlines)]
    build.setupHorizontalMetrics({name: (advance, 0) for name, advance in zip(names, advances, strict=True)})
    build.setupHorizontalHeader(ascent=880, descent=-120)
    build.setupNameTable({"familyName": family, "styleName": "Regular"})
    build.setupOS2(sTypoAscender=880, sTypoDescender=-120, usWinAscent=1100, usWinDescent=300)
    build.setupPost(keepGlyphNames=False)
    build.font["head"].created = build.font["head"].modified = 0
    out = io.BytesIO()
    build.save(out)
    return out.getvalue()
