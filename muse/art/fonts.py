"""The shipped fonts: which characters each can draw, which suits a style, and text without missing glyphs."""

from __future__ import annotations

import struct
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import ImageFont

FOLDER = Path(__file__).resolve().parent.parent / "fonts"
NOTO, BRUSH, FAIR, ITALIC, CINZEL, BEBAS = (
    "NotoSerifCJKsc", "MaShanZheng", "MuseFair", "MuseFairItalic", "Cinzel", "BebasNeue"
)  # fmt: skip
HAN_FACE = {"geometric": NOTO, "tarot": NOTO, "cosmic": NOTO, "fractal": NOTO}
LATIN_FACE = {
    "ink": FAIR, "oil": FAIR, "ukiyo-e": CINZEL, "cosmic": CINZEL, "botanical": ITALIC, "geometric": BEBAS,
    "flow": ITALIC, "fractal": BEBAS, "tarot": CINZEL,
}  # fmt: skip
UPRIGHT = dict(zip("，、。：；！？…—（）《》〈〉「」『』", "︐︑︒︓︔︕︖︙︱︵︶︽︾︿﹀﹁﹂﹃﹄", strict=True))


@cache
def covered(face: str) -> frozenset[int]:
    """The code points that a face can draw, read from its cmap (formats 4 and 12).

    >>> ord("泊") in covered("NotoSerifCJKsc"), ord("😀") in covered("NotoSerifCJKsc")
    (True, False)
    """
    data = (FOLDER / f"{face}.otf").read_bytes()
    tables = struct.unpack(">H", data[4:6])[0]
    base = next(
        struct.unpack(">I", data[at + 8 : at + 12])[0]
        for at in range(12, 12 + 16 * tables, 16)
        if data[at : at + 4] == b"cmap"
    )
    found: set[int] = set()
    for k in range(struct.unpack(">H", data[base + 2 : base + 4])[0]):
        at = base + struct.unpack(">I", data[base + 8 + 8 * k : base + 12 + 8 * k])[0]
        kind = struct.unpack(">H", data[at : at + 2])[0]
        if kind == 12:
            for g in range(struct.unpack(">I", data[at + 12 : at + 16])[0]):
                first, last, _ = struct.unpack(">III", data[at + 16 + 12 * g : at + 28 + 12 * g])
                found.update(range(first, last + 1))
        elif kind == 4:
            twice = struct.unpack(">H", data[at + 6 : at + 8])[0]
            ends = struct.unpack(f">{twice // 2}H", data[at + 14 : at + 14 + twice])
            starts = struct.unpack(f">{twice // 2}H", data[at + 16 + twice : at + 16 + 2 * twice])
            for first, last in zip(starts, ends, strict=True):
                found.update(code for code in range(first, last + 1) if code != 0xFFFF)
    return frozenset(found)


@cache
def font(face: str, size: int) -> ImageFont.FreeTypeFont:
    """A face at a size in pixels, with the basic layout, which is the same on every machine."""
    return ImageFont.truetype(str(FOLDER / f"{face}.otf"), size, layout_engine=ImageFont.Layout.BASIC)


def is_han(char: str) -> bool:
    """Whether a character is written in a square: Han or kana."""
    spans = (("\u3040", "\u30ff"), ("\u3400", "\u9fff"), ("\uf900", "\ufaff"), ("々", "〇"))
    return any(first <= char <= last for first, last in spans)


def is_chinese(text: str) -> bool:
    """Whether a text is to be set as Chinese: it has Han characters and no more letters of other scripts than those."""
    han = sum(map(is_han, text))
    return han > 0 and han >= sum(c.isalpha() and not is_han(c) for c in text)


def drawable(text: str) -> tuple[str, tuple[str, ...]]:
    """A text without what no shipped font can draw, and the characters that were left out.

    >>> drawable("秋 🍁 River")
    ('秋 River', ('🍁',))
    """
    kept, lost = [], []
    for char in unicodedata.normalize("NFC", text):
        kind = unicodedata.category(char)
        if char.isspace():
            kept.append(" ")
        elif ord(char) in covered(NOTO) and kind[0] != "C":
            kept.append(char)
        elif ord(plain := unicodedata.normalize("NFKC", char)[:1] or "\0") in covered(NOTO) and plain.isprintable():
            kept.append(plain)
        elif kind[0] not in "CM" and not 0xFE00 <= ord(char) <= 0xFE0F:
            lost.append(char)
    return " ".join("".join(kept).split()), tuple(dict.fromkeys(lost))


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
        wanted = self.han if is_han(char) or (not char.isascii() and ord(char) in covered(self.han)) else self.latin
        if ord(char) in covered(wanted):
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
    if han == BRUSH and any(is_han(c) and ord(c) not in covered(BRUSH) for c in text):
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
