"""The colours of a page, taken from the palette of a cover and held to a contrast that can be read."""

from __future__ import annotations

from collections.abc import Sequence

RGB = tuple[float, float, float]


def scheme(palette: Sequence[str]) -> dict[str, str]:
    """Colours by name, light ones and `dark_` ones, for text of at least 7 : 1 and accents of at least 4.5 : 1.

    Args:
        palette: "#rrggbb", the most frequent first; may be empty.
    """
    colours = [parse(colour) for colour in palette] or [parse("#6b5d4a")]
    hue = max(colours, key=chroma)
    paper, dark = blend(parse("#fbfaf7"), hue, 0.035), blend(parse("#121211"), hue, 0.06)
    values = {
        "paper": paper,
        "sheet": blend(paper, (1.0, 1.0, 1.0), 0.5),
        "ink": readable(blend(parse("#1b1a18"), hue, 0.08), paper, 12),
        "soft": readable(blend(parse("#6a655d"), hue, 0.1), paper, 4.8),
        "line": blend(paper, parse("#1b1a18"), 0.14),
        "accent": readable(hue, paper, 4.8),
        "dark_paper": dark,
        "dark_sheet": blend(dark, (1.0, 1.0, 1.0), 0.05),
        "dark_ink": readable(blend(parse("#ece8e0"), hue, 0.06), dark, 12),
        "dark_soft": readable(blend(parse("#a39d92"), hue, 0.1), dark, 4.8),
        "dark_line": blend(dark, parse("#ece8e0"), 0.16),
        "dark_accent": readable(blend(hue, (1.0, 1.0, 1.0), 0.25), dark, 4.8),
    }
    return {name: written(colour) for name, colour in values.items()}


def parse(colour: str) -> RGB:
    """A colour as three numbers in [0, 1]."""
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def written(colour: RGB) -> str:
    """A colour as "#rrggbb"."""
    return "#" + "".join(f"{round(255 * min(1.0, max(0.0, part))):02x}" for part in colour)


def blend(one: RGB, other: RGB, weight: float) -> RGB:
    """One colour, moved by `weight` in [0, 1] towards another."""
    red, green, blue = ((1 - weight) * a + weight * b for a, b in zip(one, other, strict=True))
    return red, green, blue


def chroma(colour: RGB) -> float:
    """How far a colour is from grey, in [0, 1]; the very dark and the very light count less."""
    light = sum(colour) / 3
    return (max(colour) - min(colour)) * (1 - abs(2 * light - 1) ** 2)


def luminance(colour: RGB) -> float:
    """Relative luminance in [0, 1]. Source: WCAG 2.1."""
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: RGB, other: RGB) -> float:
    """Contrast ratio in [1, 21]. Source: WCAG 2.1.

    >>> round(contrast(parse("#ffffff"), parse("#000000")))
    21
    """
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def readable(colour: RGB, ground: RGB, ratio: float) -> RGB:
    """The colour, moved towards black or white just as far as the ground needs for a contrast of `ratio`."""
    end: RGB = (0.0, 0.0, 0.0) if luminance(ground) > 0.18 else (1.0, 1.0, 1.0)
    for step in range(41):
        moved = parse(written(blend(colour, end, step / 40)))
        if contrast(moved, ground) >= ratio:
            return moved
    return end
