"""Which of the shipped faces suits a style, and how text is set in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from PIL import ImageFont

from muse.fonts.faces import BEBAS, BRUSH, CINZEL, FAIR, FOLDER, ITALIC, NOTO, codes, is_han

HAN_FACE = {"geometric": NOTO, "tarot": NOTO, "cosmic": NOTO, "fractal": NOTO}
LATIN_FACE = {
    "ink": FAIR, "oil": FAIR, "ukiyo-e": CINZEL, "cosmic": CINZEL, "botanical": ITALIC, "geometric": BEBAS,
    "flow": ITALIC, "fractal": BEBAS, "tarot": CINZEL,
}  # fmt: skip


@cache
def font(face: str, size: int) -> ImageFont.FreeTypeFont:
    """A face at a size in pixels, with the basic layout, which is the same on every machine."""
    return ImageFont.truetype(str(FOLDER / f"{face}.otf"), size, layout_engine=ImageFont.Layout.BASIC)


@dataclass(frozen=True, slots=True)
class Voice:
    """How one text is set.

    Attributes:
        latin, han: faces; what they lack comes from Noto.
        tracking: space between letters, in em.
        upper: set in capitals.
        bold: stroke added round each glyph of Noto, in em.
    """

    latin: str = FAIR
    han: str = NOTO
    tracking: float = 0.0
    upper: bool = False
    bold: float = 0.0

    def face(self, char: str) -> str:
        """The face for one character."""
        wanted = self.han if is_han(char) or (not char.isascii() and ord(char) in codes(self.han)) else self.latin
        if ord(char) in codes(wanted):
            return wanted
        return NOTO

    def set(self, text: str) -> str:
        """The text as it will be drawn."""
        return text.upper() if self.upper else text

    def stroke(self, char: str, size: int) -> int:
        return round(self.bold * size) if self.face(char) == NOTO else 0

    def places(self, text: str, size: int) -> tuple[list[tuple[str, float]], float]:
        """Each character of a line with its x offset, and the width of the line, in pixels."""
        x, out, before = 0.0, [], ""
        for char in self.set(text):
            face = font(self.face(char), size)
            if before and self.face(before) == self.face(char):
                x += face.getlength(before + char) - face.getlength(before) - face.getlength(char)
            out.append((char, x))
            x += face.getlength(char) + self.tracking * size
            before = char
        return out, max(0.0, x - (self.tracking * size if out else 0.0))


def title_voice(style: str, text: str) -> Voice:
    """The voice of a title: calligraphic where the style is painted and every character is there."""
    han = HAN_FACE.get(style, BRUSH)
    if han == BRUSH and any(is_han(c) and ord(c) not in codes(BRUSH) for c in text):
        han = NOTO
    latin = LATIN_FACE.get(style, FAIR)
    upper = latin in (CINZEL, BEBAS)
    return Voice(latin, han, {BEBAS: 0.03, CINZEL: 0.04}.get(latin, 0.0), upper, 0.014)


def small_voice(style: str) -> Voice:
    """The voice of the artist's name."""
    latin = BEBAS if LATIN_FACE.get(style) == BEBAS else CINZEL
    return Voice(latin, NOTO, 0.14, True, 0.008)


def verse_voice(style: str) -> Voice:
    """The voice of a verse."""
    return Voice(ITALIC, NOTO, 0.02, False, 0.004)
