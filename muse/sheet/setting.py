"""Text set in glyphs: in rows and upright columns, each character from the first face that has it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from muse.fonts.faces import BRUSH, FAIR, ITALIC, NOTO, UPRIGHT, is_han
from muse.fonts.outline import Outline, kerning, outline
from muse.sheet.page import Glyph, Run

BODY, TITLE, NAME, DRAWN = (NOTO,), (FAIR, NOTO), (ITALIC, NOTO), (BRUSH, NOTO)
LACK = "□"
SHARED = "‘’“”—…·"
"""Marks that Latin and Chinese text share, but not their width."""
STANDING = UPRIGHT | dict(zip("“”‘’", "﹃﹄﹁﹂", strict=True))
"""Marks in the forms that they have in columns."""
OPENING = "（《〈「『“‘"
CLOSING = "，。、；：！？…）》〉」』”’"
_QUOTE = re.compile(r"(?<![^\s(\[—“])'(?=[A-Z])(?!(?:T(?:is|was|were|will|would|wixt|il)|Mid|Neath|Gainst)\b)")
_QUOTES = re.compile(r'(?:(?<=^)|(?<=[\s(\[—]))"')


def clean(text: str) -> str:
    """A text without control characters, on one line."""
    kept = (" " if c.isspace() else c for c in unicodedata.normalize("NFC", text))
    return " ".join("".join(c for c in kept if unicodedata.category(c)[0] != "C").split())


def printed(text: str) -> str:
    """Latin text with the apostrophes, quotation marks and dashes of print.

    >>> printed('"\\'Tis I"--he said')
    '“’Tis I”—he said'
    """
    text = _QUOTE.sub("‘", text.replace("--", "—"))
    return _QUOTES.sub("“", text).replace('"', "”").replace("'", "’")


@dataclass
class Setter:
    """Sets text, and remembers the characters that no face has: a frame stands in their place.

    Attributes:
        latin: quotation marks and dashes are those of Latin text, not as wide as a Han character.
    """

    latin: bool = False
    lacking: dict[str, None] = field(default_factory=dict)

    def shape(self, char: str, faces: Sequence[str] = BODY) -> tuple[str, Outline]:
        """The face and the outline of a character."""
        for face in (FAIR, *faces) if self.latin and char in SHARED else faces:
            found = outline(face, char)
            if found is not None:
                return face, found
        self.lacking[char] = None
        frame = outline(NOTO, LACK)
        assert frame is not None
        return NOTO, frame

    def advances(self, text: str, size: float, faces: Sequence[str], tracking: float = 0.0) -> list[float]:
        """Where each character of a row begins, and where the last ends; `tracking` in em."""
        places, before = [0.0], ("", "")
        for char in text:
            face, found = self.shape(char, faces)
            if before[0] == face:
                places[-1] += size * kerning(face, before[1], char) / 1000
            places.append(places[-1] + size * (found.advance / 1000 + tracking))
            before = face, char
        return places

    def width(self, text: str, size: float, faces: Sequence[str] = BODY, tracking: float = 0.0) -> float:
        return self.advances(text, size, faces, tracking)[-1] - (size * tracking if text else 0.0)

    def row(
        self, text: str, x: float, y: float, size: float, faces: Sequence[str] = BODY, *, ink: str = "ink",
        tracking: float = 0.0, anchor: float = 0.0,
    ) -> Run:  # fmt: skip
        """A row on the baseline y.

        Args:
            anchor: which part of it is at x: 0 its begin, 0.5 its middle, 1 its end.
        """
        places = self.advances(text, size, faces, tracking)
        left = x - anchor * (places[-1] - (size * tracking if text else 0.0))
        glyphs = (
            Glyph(self.shape(char, faces)[1], char, left + place, y, size)
            for char, place in zip(text, places, strict=False)
        )
        return Run(tuple(glyphs), ink)

    def column(
        self, text: str, x: float, y: float, size: float, step: float, faces: Sequence[str] = BODY, *, ink: str = "ink"
    ) -> Run:
        """A column from the top y, its middle at x, a square character every `step`; letters lie on their side."""
        glyphs = []
        for char in text:
            if _square(char):
                _, found = self.shape(STANDING.get(char, char), faces)
                base = y + (step - size) / 2 + size * 0.88
                glyphs.append(Glyph(found, char, x - size * found.advance / 2000, base, size))
                y += step
            else:
                _, found = self.shape(char, faces)
                glyphs.append(Glyph(found.turned(), char, x - size * 0.34, y, size))
                y += size * found.advance / 1000
        return Run(tuple(glyphs), ink)

    def lying(self, text: str, x: float, y: float, size: float, *, ink: str = "ink") -> Run:
        """A row turned clockwise: it begins at (x, y) and goes down, its baseline at the left."""
        places = self.advances(text, size, BODY)
        shapes = [self.shape(char)[1].turned() for char in text]
        return Run(tuple(Glyph(g, c, x, y + at, size) for g, c, at in zip(shapes, text, places, strict=False)), ink)

    def height(self, text: str, size: float, step: float, faces: Sequence[str] = BODY) -> float:
        """How long a column is."""
        return sum(step if _square(char) else size * self.shape(char, faces)[1].advance / 1000 for char in text)

    def wrapped(self, text: str, width: float, size: float, faces: Sequence[str] = BODY) -> list[str]:
        """Text in rows no wider than `width`: Latin cut between words, Chinese and endless words between characters."""
        rows, row, length = [], "", 0.0
        words = re.findall(r"[^\s\u3000-\u9fff]+\s*|\s+|.", text)
        parts = (piece for word in words for piece in (word if self.width(word, size, faces) > width else [word]))
        for part in parts:
            more, blank = (self.width(found, size, faces) for found in (part.rstrip(), part))
            if row and part[0] not in CLOSING and length + more > width:
                rows.append(row.rstrip())
                row, length = "", 0.0
            row, length = row + part, length + blank
        return [*rows, row.rstrip()] if row.strip() else rows

    def notes(self) -> tuple[str, ...]:
        """What was not drawn as it stands."""
        lost = [char for char in self.lacking if unicodedata.category(char)[0] != "M"]
        if not lost:
            return ()
        names = ", ".join(f"{char} (U+{ord(char):04X})" for char in lost[:8]) + (" …" if len(lost) > 8 else "")
        return (f"no font of muse draws {names}: a frame stands in the place",)


def _square(char: str) -> bool:
    """Whether a character takes a square of an upright line; others lie on their side."""
    return is_han(char) or char in STANDING or char in "·□○" or "\u3000" <= char <= "\u303f" or char >= "\uff00"
