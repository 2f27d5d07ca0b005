"""The seal: up to four characters cut out of a red square, from top to bottom and right to left, as seals are read."""

from __future__ import annotations

from muse.fonts.faces import CINZEL, NOTO, is_han
from muse.fonts.outline import Outline, Step
from muse.sheet.page import Glyph, Run
from muse.sheet.setting import Setter

OWN = {True: "缪斯之印", False: "MUSE"}
ROUND, EDGE, LINE, INSIDE, GAP = 28.0, 46.0, 20.0, 112.0, 44.0
"""Of the side in thousandths: corners, what lies outside the frame, its line, where characters begin, between them."""


def wording(seal: str, author: str, chinese: bool) -> str:
    """What the seal says: as asked, or the author's name, or muse's; a short name is filled up with 之印.

    >>> wording("", "李白", True), wording("", "Jane Austen", False), wording("", "", True)
    ('李白之印', 'JA', '缪斯之印')
    """
    name = seal or author
    han = "".join(filter(is_han, name))
    if han:
        return han[:4] if seal or len(han) >= 4 else han + {1: "印", 2: "之印", 3: "印"}[len(han)]
    words = [word for word in name.upper().split() if word[0].isalpha()]
    if not words:
        return OWN[chinese]
    return words[0][:4] if seal and len(words) == 1 else "".join(word[0] for word in words)[:4]


def seal(setter: Setter, text: str, x: float, y: float, side: float) -> list[Run]:
    """The seal with its upper left corner at (x, y)."""
    square = Run((Glyph(_square(), "", x, y + side, side),), "seal")
    latin = not is_han(text[0])
    columns = 1 if len(text) < 2 or (len(text) == 2 and not latin) else 2
    rows = -(-len(text) // columns)
    room = 1000 - 2 * INSIDE
    width, height = (room - (columns - 1) * GAP) / columns, (room - (rows - 1) * GAP) / rows
    glyphs = []
    for number, char in enumerate(text):
        row, column = divmod(number, columns) if latin else (number % rows, columns - 1 - number // rows)
        face = (CINZEL, NOTO) if latin else (NOTO,)
        tall = height if latin or number + 1 < len(text) or len(text) % columns == 0 else room
        found = setter.shape(char, face)[1].filling(width, tall)
        left = x + side * (INSIDE + column * (width + GAP)) / 1000
        base = y + side * (INSIDE + row * (height + GAP) + tall) / 1000
        glyphs.append(Glyph(found, "", left, base, side))
    return [square, Run(tuple(glyphs), "cut", side * 0.022)]


def _square() -> Outline:
    """The red: a square with cut corners, out of which a thin frame is taken."""
    near, far = EDGE, 1000 - EDGE
    outer = [(ROUND, 0), (1000 - ROUND, 0), (1000, ROUND), (1000, 1000 - ROUND), (1000 - ROUND, 1000), (ROUND, 1000),
             (0, 1000 - ROUND), (0, ROUND)]  # fmt: skip
    line = [(near, near), (near, far), (far, far), (far, near)]
    near, far = near + LINE, far - LINE
    inner = [(near, near), (far, near), (far, far), (near, far)]
    return Outline("seal", 1000, tuple(step for points in (outer, line, inner) for step in _polygon(points)))


def _polygon(points: list[tuple[float, float]]) -> list[Step]:
    return [("moveTo", (points[0],)), *(("lineTo", (point,)) for point in points[1:]), ("closePath", ())]
