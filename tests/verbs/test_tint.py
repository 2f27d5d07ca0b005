"""The colours of a page can be read, whatever the cover's palette is."""

from __future__ import annotations

import pytest

from muse.verbs.tint import blend, contrast, parse, readable, scheme, written

PALETTES = [
    [],
    ["#000000"],
    ["#ffffff"],
    ["#ffff00", "#00ffff"],
    ["#31475a", "#6d8394", "#b9b39f", "#8a5a42", "#1d2830"],
    ["#ff0000", "#00ff00", "#0000ff", "#808080", "#7f7f80"],
]


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize(("word", "ratio"), [("ink", 11.5), ("soft", 4.5), ("accent", 4.5)])
@pytest.mark.parametrize("dark", ["", "dark_"])
def test_every_text_colour_has_contrast(palette: list[str], word: str, ratio: float, dark: str) -> None:
    colours = scheme(palette)
    assert contrast(parse(colours[dark + word]), parse(colours[dark + "paper"])) >= ratio


def test_readable_leaves_what_is_readable() -> None:
    assert readable(parse("#000000"), parse("#ffffff"), 4.5) == (0.0, 0.0, 0.0)


def test_blend_has_its_ends() -> None:
    one, other = parse("#102030"), parse("#ffeedd")
    assert (written(blend(one, other, 0)), written(blend(one, other, 1))) == ("#102030", "#ffeedd")
