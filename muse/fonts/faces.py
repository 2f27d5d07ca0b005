"""The faces that muse ships: which characters each can draw, and text without what none can draw."""

from __future__ import annotations

import struct
import unicodedata
from functools import cache
from pathlib import Path

from muse.errors import MuseError

FOLDER = Path(__file__).parent
NOTO, BRUSH, FAIR, ITALIC, CINZEL, BEBAS = (
    "NotoSerifCJKsc", "MaShanZheng", "MuseFair", "MuseFairItalic", "Cinzel", "BebasNeue"
)  # fmt: skip
UPRIGHT = dict(
    zip("，、。：；！？…—（）《》〈〉「」『』【】〔〕", "︐︑︒︓︔︕︖︙︱︵︶︽︾︿﹀﹁﹂﹃﹄︻︼︹︺", strict=True)
)


def table(font: bytes, tag: bytes) -> bytes:
    """One table of an OpenType font."""
    count = struct.unpack(">H", font[4:6])[0]
    entries = (font[at : at + 16] for at in range(12, 12 + 16 * count, 16))
    first, size = next(struct.unpack(">II", entry[8:]) for entry in entries if entry[:4] == tag)
    return font[first : first + size]


@cache
def missing() -> tuple[str, ...]:
    """The faces whose files are not in the package: Noto stands in for them.

    Raises:
        MuseError: Noto itself is not there.
    """
    gone = tuple(face for face in (NOTO, BRUSH, FAIR, ITALIC, CINZEL, BEBAS) if not (FOLDER / f"{face}.otf").is_file())
    if NOTO in gone:
        raise MuseError("muse cannot letter", f"{NOTO}.otf is missing from {FOLDER}", "install muse again")
    return gone


@cache
def codes(face: str) -> dict[int, int]:
    """Code point → number of its glyph, read from the face's cmap (formats 4 and 12); empty where its file is missing.

    >>> ord("泊") in codes("NotoSerifCJKsc"), ord("😀") in codes("NotoSerifCJKsc")
    (True, False)
    """
    if face in missing():
        return {}
    data = table((FOLDER / f"{face}.otf").read_bytes(), b"cmap")
    found: dict[int, int] = {}
    for entry in range(4, 4 + 8 * struct.unpack(">H", data[2:4])[0], 8):
        at = struct.unpack(">I", data[entry + 4 : entry + 8])[0]
        kind = struct.unpack(">H", data[at : at + 2])[0]
        found |= {4: _segments, 12: _groups}[kind](data[at:])
    return found


def _groups(data: bytes) -> dict[int, int]:
    """Format 12: ranges of code points whose glyphs follow one another."""
    count = struct.unpack(">I", data[12:16])[0]
    rows = struct.iter_unpack(">III", data[16 : 16 + 12 * count])
    return {code: glyph + code - first for first, last, glyph in rows for code in range(first, last + 1)}


def _segments(data: bytes) -> dict[int, int]:
    """Format 4: segments of the first 65,535 code points."""
    words = struct.unpack(f">{len(data) // 2}H", data[: len(data) // 2 * 2])
    count = words[3] // 2
    ends, starts, deltas, offsets = 7, 8 + count, 8 + 2 * count, 8 + 3 * count
    found: dict[int, int] = {}
    for k in range(count):
        first, last, delta, offset = words[starts + k], words[ends + k], words[deltas + k], words[offsets + k]
        base = offsets + k + offset // 2 - first
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = words[base + code] if offset else code
            if glyph or not offset:
                found[code] = (glyph + delta) & 0xFFFF
    return found


def is_han(char: str) -> bool:
    """Whether a character is written in a square: Han or kana."""
    spans = (("\u3040", "\u30ff"), ("\u3400", "\u9fff"), ("\uf900", "\ufaff"), ("々", "〇"))
    return any(first <= char <= last for first, last in spans)


def is_chinese(text: str) -> bool:
    """Whether a text is to be set as Chinese: it has Han characters and no more letters of other scripts than those."""
    han = sum(map(is_han, text))
    return han > 0 and han >= sum(c.isalpha() and not is_han(c) for c in text)


@cache
def _reach() -> frozenset[int]:
    """Code points that are drawn whatever the style: those of Noto, and those that every Latin face has."""
    latin = [frozenset(codes(face)) for face in (FAIR, ITALIC, CINZEL, BEBAS)]
    return frozenset(codes(NOTO)) | frozenset.intersection(*latin)


def drawn(char: str) -> str:
    """How one composed character is drawn: itself, its plain form, its letter without marks, or "" where no face can.

    >>> drawn("Ł"), drawn("ﬁ"), drawn("ế"), drawn("😀")
    ('Ł', 'fi', 'ê', '')
    """
    if char.isspace():
        return " "
    if ord(char) in _reach() and unicodedata.category(char)[0] != "C":
        return char
    plain = unicodedata.normalize("NFKC", char)
    if plain != char and all(ord(part) in _reach() and part.isprintable() for part in plain):
        return plain
    letter, *marks = list(unicodedata.normalize("NFD", char))
    for mark in marks:  # as many of its marks as a face has the letter with
        whole = unicodedata.normalize("NFC", letter + mark)
        letter = whole if len(whole) == 1 and ord(whole) in _reach() else letter
    return letter if marks and ord(letter) in _reach() else ""


def drawable(text: str) -> tuple[str, tuple[str, ...]]:
    """A text as the faces can draw it, and the characters that were left out because none can.

    >>> drawable("秋 🍁 River")
    ('秋 River', ('🍁',))
    """
    kept, lost = [], []
    for char in unicodedata.normalize("NFC", text):
        shape = drawn(char)
        kept.append(shape)
        if not shape and unicodedata.category(char)[0] not in "CM":  # joiners, variation selectors and marks go unseen
            lost.append(char)
    return " ".join("".join(kept).split()), tuple(dict.fromkeys(lost))
