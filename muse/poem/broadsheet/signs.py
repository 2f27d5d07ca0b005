"""Signs that charts use, as outlines: told apart by their shape, so that they can be read without colour.

An em high box: the signs stand in the middle of a character's square, 380 above the baseline.
"""

from __future__ import annotations

from muse.fonts.outline import Outline, Point, Step

MIDDLE = 380.0
_ARC = 0.5523
"""How far the handles of a quarter circle reach, in radii."""


def _circle(radius: float, back: bool = False) -> list[Step]:
    """A circle round the middle; `back` turns it round, to be cut out of another."""
    r, k = radius, radius * _ARC
    points: list[Point] = [(r, 0), (r, k), (k, r), (0, r), (-k, r), (-r, k), (-r, 0), (-r, -k), (-k, -r), (0, -r),
                           (k, -r), (r, -k), (r, 0)]  # fmt: skip
    return _curves(points[::-1] if back else points)


def _curves(points: list[Point]) -> list[Step]:
    placed = [(500 + x, MIDDLE + y) for x, y in points]
    curves: list[Step] = [("curveTo", tuple(placed[at : at + 3])) for at in range(1, len(placed), 3)]
    return [("moveTo", (placed[0],)), *curves, ("closePath", ())]


def _polygon(*points: Point) -> list[Step]:
    placed = [(500 + x, MIDDLE + y) for x, y in points]
    return [("moveTo", (placed[0],)), *(("lineTo", (point,)) for point in placed[1:]), ("closePath", ())]


def _half(radius: float) -> list[Step]:
    r, k = radius, radius * _ARC
    return _curves([(0, r), (-k, r), (-r, k), (-r, 0), (-r, -k), (-k, -r), (0, -r), (0, -r), (0, r), (0, r)])


def _sign(name: str, *steps: Step) -> Outline:
    return Outline(f"sign-{name}", 1000, steps)


_RING = (*_circle(300), *_circle(235, back=True))
LEVEL = _sign("level", *_RING)
OBLIQUE = _sign("oblique", *_circle(300))
EITHER = _sign("either", *_RING, *_half(250))
RHYME = _sign("rhyme", *_polygon((-320, -260), (320, -260), (0, 310)),
              *_polygon((-205, -193), (0, 172), (205, -193)))  # fmt: skip
WRONG = _sign("wrong", *_polygon((-300, -240), (-240, -300), (300, 240), (240, 300)),
              *_polygon((240, -300), (300, -240), (-240, 300), (-300, 240)))  # fmt: skip
