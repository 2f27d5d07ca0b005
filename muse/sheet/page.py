"""A page: glyphs and boxes in their places, in points (1/72 inch), y down from the top; and its colours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from muse.errors import UsageError, did_you_mean
from muse.fonts.outline import Outline

WIDTH, HEIGHT = 595.0, 842.0
"""A4."""
LEAST, MOST = 256, 10_000
"""Pixels of the longer side."""


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a sheet, "#rrggbb".

    Attributes:
        soft: of what is beside the verse: the author, pinyin.
        rule: of thin lines.
        cut: of the characters in the seal.
    """

    ground: str
    ink: str
    soft: str
    rule: str
    seal: str
    cut: str


PALETTES = {
    "paper": Palette("#f7f1e3", "#1d1a16", "#62574a", "#c4a88a", "#b22a22", "#fbf3e6"),
    "white": Palette("#ffffff", "#000000", "#555555", "#b0b0b0", "#b3261e", "#ffffff"),
    "night": Palette("#15191f", "#ece5d6", "#a89e8c", "#4d5158", "#b8382d", "#f5e9d8"),
}


@dataclass(frozen=True, slots=True)
class Glyph:
    """An outline whose origin stands at (x, y), an em of `size`; `text` is what a reader hears of it, "" for none."""

    outline: Outline
    text: str
    x: float
    y: float
    size: float


@dataclass(frozen=True, slots=True)
class Run:
    """Glyphs that are read together, in one colour of the palette; `bold` is the width of a line round them."""

    glyphs: tuple[Glyph, ...]
    ink: str = "ink"
    bold: float = 0.0

    @property
    def text(self) -> str:
        return "".join(glyph.text for glyph in self.glyphs)


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle; a line is a thin one."""

    x: float
    y: float
    width: float
    height: float
    ink: str = "rule"


Item = Run | Box


def frame(x: float, y: float, width: float, height: float, line: float, ink: str = "rule") -> list[Item]:
    """The four sides of a rectangle, their lines within it."""
    return [
        Box(x, y, width, line, ink), Box(x, y + height - line, width, line, ink),
        Box(x, y, line, height, ink), Box(x + width - line, y, line, height, ink),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sheet:
    """A finished sheet; the same sheet gives the same bytes.

    Attributes:
        title: of the document.
        words: all of it as text, for those who do not see it.
        language: of its text, as HTML names it.
        width, height: in points.
        items: drawn in this order, which is the order of reading.
        notes: what could not be drawn as it was asked.
    """

    title: str
    words: str
    language: str
    width: float
    height: float
    palette: Palette
    items: tuple[Item, ...]
    notes: tuple[str, ...] = ()

    @property
    def runs(self) -> Iterable[Run]:
        return (item for item in self.items if isinstance(item, Run))

    def svg(self) -> bytes:
        """An SVG of outlines, with the text over them, unseen, to be selected, found and read aloud."""
        from muse.sheet.svg import svg

        return svg(self).encode()

    def pdf(self) -> bytes:
        """A PDF of one page, its text to be selected and copied."""
        from muse.sheet.pdf import pdf

        return pdf((self,))

    def png(self, pixels: int = 3508) -> bytes:
        """A PNG.

        Args:
            pixels: of the longer side; 3508 is A4 at 300 dpi.

        Raises:
            UsageError: fewer than 256 or more than 10,000.
        """
        if not LEAST <= pixels <= MOST:
            raise UsageError(f"no sheet of {pixels} pixels", f"{LEAST} to {MOST} can be drawn", "try 3508")
        from muse.sheet.png import png

        return png(self, pixels)


def palette_of(name: str | Palette) -> Palette:
    """The palette of a name.

    Raises:
        UsageError: there is none of that name.
    """
    if isinstance(name, Palette):
        return name
    if name not in PALETTES:
        raise UsageError(f"no palette named {name!r}", "", did_you_mean(name, PALETTES))
    return PALETTES[name]
