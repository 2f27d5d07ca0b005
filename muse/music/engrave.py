"""The engraved score: verovio sets the MusicXML, and its drawing is put on our own pages, as SVG, PDF or PNG.

Verovio's SVG names fonts that a machine may lack and bears identifiers of its own. Its shapes are taken over as they
are; its text is drawn in the outlines of muse's fonts, so that Chinese words stand there everywhere, and the same
piece gives the same bytes. verovio is LGPL-3.0 and an extra.

Source: verovio reference book, toolkit options; SVG 1.1, chapters 8 (paths) and 10 (text).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from muse.errors import InputError, MissingExtraError
from muse.fonts.faces import is_han
from muse.fonts.outline import Outline, Point, Step
from muse.sheet.page import HEIGHT, PALETTES, WIDTH, Box, Glyph, Item, Run, Sheet, frame
from muse.sheet.pdf import pdf
from muse.sheet.setting import BODY, Setter, clean

if TYPE_CHECKING:
    from muse.music.notes import Music

FONT = "Leipzig"
FORMS = ("svg", "pdf")
_UNIT = 10
"""Steps of verovio's drawing to one of its page."""
_SMALL = 4
"""From so many staves on the page is set smaller."""
_LETTERS = 0.9
"""Noto runs wider than the Times that verovio leaves room for."""
_SQUARE = 0.18
"""How far to the left of where verovio sets it a Chinese syllable stands, in em."""
_SIDES = ("x", "y", "width", "height")
_ROUND = 0.5523
"""How far the handles of a quarter circle reach, in radii."""


@dataclass(frozen=True, slots=True)
class Score:
    """An engraved score."""

    sheets: tuple[Sheet, ...]

    @property
    def pages(self) -> list[bytes]:
        """Each page as an SVG file."""
        return [sheet.svg() for sheet in self.sheets]

    def pdf(self) -> bytes:
        """All pages as one PDF."""
        return pdf(self.sheets)

    def png(self, page: int = 1, pixels: int = 1754) -> bytes:
        """A page, from 1, as a PNG of so many pixels in height."""
        return self.sheets[page - 1].png(pixels)

    def files(self, form: str) -> dict[str, bytes]:
        """name → file: score.pdf, or score.svg with score-2.svg … for further pages."""
        if form == "pdf":
            return {"score.pdf": self.pdf()}
        return {f"score{f'-{number}' if number > 1 else ''}.svg": page for number, page in enumerate(self.pages, 1)}


def ready() -> Any:
    """The module verovio.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import verovio
    except ImportError as error:
        raise MissingExtraError(
            "cannot engrave the score", "verovio is missing", 'pip install "muse[score]" (or: pip install verovio)'
        ) from error
    return verovio


def engrave(music: Music) -> Score:
    """The score of some music on A4 pages.

    Raises:
        MissingExtraError: verovio is not installed.
        InputError: verovio cannot set it.
    """
    from muse.music.score import musicxml

    verovio = ready()
    staves = len(music.tracks)
    scale = 1.0 if staves < _SMALL else 1.25
    wide, high = round(2100 * scale), round(2970 * scale)
    verovio.enableLog(verovio.LOG_OFF)
    tools = verovio.toolkit()
    tools.setOptions({
        "pageWidth": wide, "pageHeight": high, "pageMarginLeft": 130, "pageMarginRight": 130, "pageMarginTop": 130,
        "pageMarginBottom": 110, "font": FONT, "footer": "none", "header": "auto", "smuflTextFont": "none",
        "svgRemoveXlink": True, "xmlIdSeed": 1, "breaks": "auto", "lyricSize": 4.6, "lyricWordSpace": 2.4,
        "spacingStaff": 10,
    })  # fmt: skip
    if not tools.loadData(musicxml(music).decode()):
        raise InputError(f"cannot engrave {music.title!r}", "verovio does not take its MusicXML")
    setter, sheets = Setter(latin=True), []
    sung = " ".join(note.lyric for track in music.tracks for note in track.notes if note.lyric not in ("", "_"))
    words = "\n".join(filter(None, (clean(music.title), clean(sung.replace("- ", "")))))
    for page in range(1, tools.getPageCount() + 1):
        drawing = _Drawing(tools.renderToSVG(page), WIDTH / (wide * _UNIT), setter)
        sheets.append(Sheet(clean(music.title), words, "und", WIDTH, HEIGHT, PALETTES["white"], tuple(drawing.items())))
    return Score(tuple(sheets))


class _Drawing:
    """A page of verovio's, read into items; lengths are its own until they are placed."""

    def __init__(self, svg: str, scale: float, setter: Setter) -> None:
        self.root, self.scale, self.setter = ElementTree.fromstring(svg), scale, setter
        self.signs = {group.get("id", ""): group[0].get("d", "") for group in self.root.iter() if _named(group) == "g"
                      and len(group) and group[0].get("transform") == "scale(1,-1)"}  # fmt: skip

    def items(self) -> Iterator[Item]:
        page = next(group for group in self.root.iter() if group.get("class") == "page-margin")
        x, y = _numbers(page.get("transform", ""))[:2]
        yield from self._group(page, x, y)

    def _group(self, group: ElementTree.Element, x: float, y: float) -> Iterator[Item]:
        for element in group:
            kind = _named(element)
            if "placeholder" in element.get("class", ""):  # not to be seen: verovio hides it by its style sheet
                continue
            if kind == "g":
                yield from self._group(element, x, y)
            elif kind == "use":
                across, down, size = _numbers(element.get("transform", ""))[:3]
                sign = element.get("href", "")[1:]
                name, data = sign.split("-")[0], self.signs[sign]
                yield self._run(_sign(name, data), x + across, y + down, 1000 * size)
            elif kind == "text":
                yield from self._text(element, x, y)
            elif kind == "rect" and element.get("fill-opacity") == "0":
                left, top, wide, high = (float(element.get(name, 0)) * self.scale for name in _SIDES)
                yield from frame(x * self.scale + left, y * self.scale + top, wide, high, 0.6, "ink")
            else:
                yield self._shape(kind, element, x, y)

    def _run(self, outline: Outline, x: float, y: float, size: float, bold: float = 0.0) -> Run:
        scale = self.scale
        return Run((Glyph(outline, "", x * scale, y * scale, size * scale),), bold=bold * scale)

    def _shape(self, kind: str, element: ElementTree.Element, x: float, y: float) -> Item:
        """A line, a beam, a slur, a dot: a box where it is one."""
        scale, thick = self.scale, float(element.get("stroke-width", 1))
        if kind == "rect":
            left, top, wide, high = (float(element.get(name, 0)) for name in _SIDES)
            return Box((x + left) * scale, (y + top) * scale, wide * scale, high * scale, "ink")
        if kind == "ellipse":
            left, top, across, down = (float(element.get(name, 0)) for name in ("cx", "cy", "rx", "ry"))
            return self._run(_free(_ellipse(across, down)), x + left, y + top, 1000)
        numbers = _numbers(element.get("points", "") or element.get("d", ""))
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        (left, top), (right, low) = points[0], points[-1]
        if kind == "path" and len(points) == 2:
            if left == right or top == low:
                half = thick / 2
                sides = (half, 0.0) if left == right else (0.0, half)
                corner = (x + min(left, right) - sides[0]) * scale, (y + min(top, low) - sides[1]) * scale
                wide, high = abs(right - left) + 2 * sides[0], abs(low - top) + 2 * sides[1]
                return Box(*corner, wide * scale, high * scale, "ink")
            steps = _polygon(_band(points, thick))
        elif kind == "polyline":
            steps = tuple(step for pair in pairwise(points) for step in _polygon(_band(pair, thick)))
        elif kind == "path":
            steps = _steps(element.get("d", ""))
        else:
            steps = _polygon(points)
        flat = tuple((pen, tuple((a - left, top - b) for a, b in found)) for pen, found in steps)
        curved = kind == "path" and len(points) > 2
        return self._run(_free(flat), x + left, y + top, 1000, thick if curved else 0.0)

    def _text(self, element: ElementTree.Element, x: float, y: float) -> Iterator[Run]:
        """Rows of text: each begins where an element says so."""
        rows: list[tuple[float, float, str, list[tuple[str, float, bool]]]] = []

        def read(found: ElementTree.Element, size: float, sign: bool) -> None:
            if found.get("x") is not None:
                rows.append((float(found.get("x", 0)), float(found.get("y", 0)), found.get("text-anchor", "start"), []))
            size = float((found.get("font-size") or f"{size}px").removesuffix("px"))
            sign = FONT in found.get("font-family", "Leipzig" if sign else "")
            if found.text and found.text.strip("\n\t") and size:
                text = re.sub(r"[\n\t]+ *", "", found.text)
                rows[-1][3].append((text, size, sign))
            for inner in found:
                read(inner, size, sign)

        read(element, 0.0, False)
        for across, down, anchor, parts in rows:
            widths = [sum(self._wide(char, size, sign) for char in text) for text, size, sign in parts]
            if parts and is_han(parts[0][0][:1]) and anchor == "start":  # a square is wider than verovio thinks
                across -= parts[0][1] * _SQUARE
            now = across - sum(widths) * {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
            glyphs = []
            for text, size, sign in parts:
                for char in text:
                    shape = _smufl(char) if sign else self.setter.shape(char, BODY)[1]
                    shown = size if sign else size * _LETTERS
                    place = ((x + now) * self.scale, (y + down) * self.scale, shown * self.scale)
                    glyphs.append(Glyph(shape, "" if sign else char, *place))
                    now += self._wide(char, size, sign)
            if glyphs:
                yield Run(tuple(glyphs))

    def _wide(self, char: str, size: float, sign: bool) -> float:
        if sign:
            return _smufl(char).advance * size / 1000
        return self.setter.shape(char, BODY)[1].advance * size * _LETTERS / 1000


def _named(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _numbers(text: str) -> list[float]:
    return [float(found) for found in re.findall(r"-?\d+(?:\.\d+)?", text)]


@cache
def _steps(path: str) -> tuple[Step, ...]:
    from fontTools.pens.recordingPen import RecordingPen
    from fontTools.svgLib.path import parse_path

    pen = RecordingPen()
    parse_path(path, pen)
    return tuple((name if name != "endPath" else "closePath", points) for name, points in pen.value)


@cache
def _sign(name: str, path: str) -> Outline:
    """A sign of the music font; they are drawn with y up, and cubic."""
    steps = _steps(path)
    return Outline(f"music-{name}", max((x for _, points in steps for x, _ in points), default=0.0), steps)


@cache
def _smufl(char: str) -> Outline:
    """A sign of the music font within text."""
    from pathlib import Path

    file = Path(ready().__file__).parent / "data" / FONT / f"{ord(char):04X}.xml"
    found = re.search(r' d="([^"]*)"', file.read_text("utf-8")) if file.is_file() else None
    return _sign(f"{ord(char):04X}", found[1] if found else "")


def _free(steps: tuple[Step, ...]) -> Outline:
    """A shape of this page alone, called by what it is."""
    return Outline("line-" + sha256(repr(steps).encode()).hexdigest()[:12], 0.0, steps)


def _polygon(points: list[Point]) -> tuple[Step, ...]:
    return (("moveTo", (points[0],)), *(("lineTo", (point,)) for point in points[1:]), ("closePath", ()))


def _band(ends: Any, thick: float) -> list[Point]:
    """The four corners of a straight line of some thickness."""
    (ax, ay), (bx, by) = ends
    length = max(1e-9, ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5)
    dx, dy = thick / 2 * (by - ay) / length, thick / 2 * (bx - ax) / length
    return [(ax + dx, ay - dy), (bx + dx, by - dy), (bx - dx, by + dy), (ax - dx, ay + dy)]


def _ellipse(across: float, down: float) -> tuple[Step, ...]:
    a, b, p, q = across, down, across * _ROUND, down * _ROUND
    return (
        ("moveTo", ((a, 0),)), ("curveTo", ((a, q), (p, b), (0, b))), ("curveTo", ((-p, b), (-a, q), (-a, 0))),
        ("curveTo", ((-a, -q), (-p, -b), (0, -b))), ("curveTo", ((p, -b), (a, -q), (a, 0))), ("closePath", ()),
    )  # fmt: skip
