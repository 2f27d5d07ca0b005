"""How large a picture is: any width and height, or one of the formats that shops and presses ask for.

A printed format has bleed: so much is painted beyond each edge and cut off, so lettering keeps inside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from muse.errors import UsageError, did_you_mean

DPI, BLEED = 300, 3.0  # what presses ask for: dots per inch, millimetres at each edge
SMALLEST, LARGEST, STEEPEST = 512, 4096, 4
CELLS = 16


@dataclass(frozen=True, slots=True)
class Size:
    """A picture's size in pixels.

    Attributes:
        width, height: with the bleed.
        bleed: pixels at each edge that are cut off in print.
    """

    width: int
    height: int
    bleed: int = 0

    def __str__(self) -> str:
        return f"{self.width} × {self.height}"

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width)."""
        return self.height, self.width

    @property
    def cells(self) -> tuple[int, int]:
        """(rows, columns) of the content map painted for it: the aspect in fours of cells, the shorter side 16.

        >>> Size(1080, 1920).cells
        (28, 16)
        """
        short = min(self.shape)
        rows, columns = (4 * max(4, round(CELLS * side / short / 4)) for side in self.shape)
        return rows, columns


def _printed(inches: float) -> Size:
    """A square sleeve with its bleed."""
    bleed = BLEED / 25.4 * DPI
    side = round(inches * DPI + 2 * bleed)
    return Size(side, side, round(bleed))


FORMATS: dict[str, Size] = {
    "square": Size(3000, 3000),  # Apple Music for Artists, Spotify: square, 3000 pixels
    "story": Size(1080, 1920),  # Instagram stories: 9:16, 1080 × 1920
    "canvas": Size(1080, 1920),  # Spotify Canvas: 9:16, 720 to 1080 pixels wide
    "wide": Size(3840, 2160),  # 16:9, Rec. UHD: the still behind a song on a screen
    "lp": _printed(12.375),  # the usual 12-inch jacket, 12 3/8 in square
    "cd": _printed(4.72),  # CD booklet, 120 mm square
}


def size_of(wish: int | str) -> Size:
    """The size of a named format, of "WIDTHxHEIGHT", or of a square of so many pixels.

    Raises:
        UsageError: no such format, or a side or an aspect out of bounds.

    >>> size_of("lp")
    Size(width=3783, height=3783, bleed=35)
    >>> str(size_of("1600x900"))
    '1600 × 900'
    """
    if isinstance(wish, str) and wish.strip().lower() in FORMATS:
        return FORMATS[wish.strip().lower()]
    found = re.fullmatch(r"\s*(\d{1,6})(?:\s*[x×*]\s*(\d{1,6}))?\s*", str(wish), re.IGNORECASE)
    if not found:
        raise UsageError(f'unknown size "{wish}"', "", did_you_mean(str(wish), FORMATS) or "name WIDTHxHEIGHT")
    width, height = int(found[1]), int(found[2] or found[1])
    bounded(width, height)
    return Size(width, height)


def bounded(width: int, height: int) -> None:
    """Refuse what no picture is finished at.

    Raises:
        UsageError: a side or the aspect out of bounds.
    """
    what, step = f"{width} × {height} pixels", "choose --pixels or --size in these bounds"
    if not SMALLEST <= min(width, height) <= max(width, height) <= LARGEST:
        raise UsageError(what, f"each side has {SMALLEST} to {LARGEST}", step)
    if max(width, height) > STEEPEST * min(width, height):
        raise UsageError(what, f"one side may be {STEEPEST} times the other, not more", step)
