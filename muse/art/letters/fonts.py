"""Which of the shipped faces suits a style, and how a line of text is set in it.

The layout is Pillow's basic one with the faces' own pair kerning, because raqm is not on every machine and the same
wish must give the same pixels. Lengths are in em, measured once at a large size, so that a line is the same at any.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

from PIL import ImageFont

from muse.fonts.faces import BEBAS, BRUSH, CINZEL, FAIR, FOLDER, ITALIC, NOTO, codes, drawn, is_han

HAN_FACE = {"geometric": NOTO, "tarot": NOTO, "cosmic": NOTO, "fractal": NOTO}
LATIN_FACE = {
    "ink": FAIR, "oil": FAIR, "ukiyo-e": CINZEL, "cosmic": CINZEL, "botanical": ITALIC, "geometric": BEBAS,
    "flow": ITALIC, "fractal": BEBAS, "tarot": CINZEL,
}  # fmt: skip
MASTER = 1000
APART = 0.16
"""Space in em that parts a Han character from a Latin letter beside it."""
SHARED = "‘’“”…—·"
"""Marks that Chinese and Latin text share, but not their width."""


@lru_cache(96)
def font(face: str, size: int) -> ImageFont.FreeTypeFont:
    """A face at a size in pixels, with the basic layout."""
    return ImageFont.truetype(str(FOLDER / f"{face}.otf"), size, layout_engine=ImageFont.Layout.BASIC)


@cache
def advance(face: str, text: str) -> float:
    """How far a text moves the pen, in em."""
    return font(face, MASTER).getlength(text) / MASTER


@cache
def ink(face: str, char: str) -> tuple[float, float, float, float]:
    """The box around a glyph, in em from the beginning of its base line."""
    left, top, right, bottom = font(face, MASTER).getbbox(char, anchor="ls")
    return left / MASTER, top / MASTER, right / MASTER, bottom / MASTER


@dataclass(frozen=True, slots=True)
class Line:
    """A row of glyphs, in em from the beginning of its base line, y downwards.

    Attributes:
        glyphs: character, face and x of each.
        left, top, right, bottom: of the ink.
    """

    glyphs: tuple[tuple[str, str, float], ...]
    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left


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

    def face(self, char: str, chinese: bool = False) -> str:
        """The face for one character; in Chinese text the marks that Latin shares are as wide as a Han character."""
        square = is_han(char) or (chinese and char in SHARED) or (not char.isascii() and char in "，。、：；！？")
        wanted = self.han if square else self.latin
        return wanted if ord(char) in codes(wanted) else NOTO

    def set(self, text: str) -> str:
        """The text as it will be drawn: capitals where they are wanted and a face has them."""
        return "".join(map(_capital, text)) if self.upper else text

    def line(self, text: str) -> Line:
        """A row of text: kerned, tracked, Han and Latin a little apart."""
        return _line(self, self.set(text))


def _capital(char: str) -> str:
    return char.upper() if all(drawn(part) == part for part in char.upper()) else char


@lru_cache(4096)
def _line(voice: Voice, text: str) -> Line:
    x, glyphs, edges, before = 0.0, [], [], ""
    chinese = any(map(is_han, text))
    for char in text:
        face = voice.face(char, chinese)
        if before:
            last = voice.face(before, chinese)
            if last == face:
                x += advance(face, before + char) - advance(face, before) - advance(face, char)
            if is_han(before) != is_han(char) and before.isalnum() and char.isalnum():
                x += APART
        glyphs.append((char, face, x))
        if char != " ":
            left, top, right, bottom = ink(face, char)
            edges.append((x + left, top, x + right, bottom))
        x += advance(face, char) + voice.tracking
        before = char
    if not edges:
        return Line((), 0.0, 0.0, 0.0, 0.0)
    lefts, tops, rights, bottoms = zip(*edges, strict=True)
    return Line(tuple(glyphs), min(lefts), min(tops), max(rights), max(bottoms))


def title_voice(style: str, text: str) -> Voice:
    """The voice of a title: calligraphic where the style is painted and the face has every letter of it."""
    han = HAN_FACE.get(style, BRUSH)
    if han == BRUSH and any(c.isalnum() and not (is_han(c) and ord(c) in codes(BRUSH)) for c in text):
        han = NOTO
    latin = LATIN_FACE.get(style, FAIR)
    upper = latin in (CINZEL, BEBAS)
    return Voice(latin, han, {BEBAS: 0.03, CINZEL: 0.04}.get(latin, 0.0), upper, 0.014)


def small_voice(style: str) -> Voice:
    """The voice of the artist's name."""
    latin = BEBAS if LATIN_FACE.get(style) == BEBAS else CINZEL
    return Voice(latin, NOTO, 0.14, True, 0.012)


def verse_voice(style: str) -> Voice:
    """The voice of a verse."""
    return Voice(ITALIC, NOTO, 0.02, False, 0.010)
