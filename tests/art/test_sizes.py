"""Sizes: formats, bleed, bounds; pictures cut to an aspect around what draws the eye."""

import numpy as np
import pytest

from muse.art import framing, paint
from muse.art.gan.generator import random_bundles
from muse.art.sizes import FORMATS, LARGEST, SMALLEST, Size, size_of
from muse.errors import UsageError
from muse.tables.lexicon import interpret


def test_a_number_is_a_square() -> None:
    assert size_of(3000) == size_of("3000") == size_of("square") == Size(3000, 3000)


@pytest.mark.parametrize("wish", ["1600x900", "1600 × 900", " 1600X900 "])
def test_width_stands_before_height(wish: str) -> None:
    assert size_of(wish) == Size(1600, 900) and size_of(wish).shape == (900, 1600)


def test_every_format_can_be_finished() -> None:
    for size in FORMATS.values():
        assert SMALLEST <= min(size.shape) <= max(size.shape) <= LARGEST


@pytest.mark.parametrize(("name", "millimetres"), [("lp", 314.3), ("cd", 119.9)])
def test_printed_formats_are_a_sleeve_and_three_millimetres_at_each_edge(name: str, millimetres: float) -> None:
    size = size_of(name)
    assert abs((size.width - 2 * size.bleed) / 300 * 25.4 - millimetres) < 0.2
    assert abs(size.bleed / 300 * 25.4 - 3) < 0.1


@pytest.mark.parametrize(
    ("wish", "says"),
    [("stori", 'did you mean "story"'), ("100x100", "512 to 4096"), ("9000x9000", "512 to 4096"),
     ("512x4000", "4 times"), ("", "choose one"), ("12.5x3", "choose one"),
     ("-600x600", "choose one"), ("６００x", "choose one")],
)  # fmt: skip
def test_what_is_no_size_is_refused(wish: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        size_of(wish)


@pytest.mark.parametrize("size", [*FORMATS.values(), Size(2048, 512), Size(900, 1200)])
def test_cells_have_the_aspect_of_the_size_within_a_cut(size: Size) -> None:
    rows, columns = size.cells
    assert min(rows, columns) == 16 and rows % 4 == columns % 4 == 0
    assert abs(np.log((rows / columns) / (size.height / size.width))) < 0.12


def test_a_picture_is_cut_around_what_draws_the_eye() -> None:
    field = np.full((128, 128, 3), 90, np.uint8)
    field[88:108, 30:50] = (240, 200, 40)
    low = framing.fitted(field, Size(1600, 900))
    assert low.shape == (72, 128, 3) and (low == 240).sum() == 400
    tall = framing.fitted(field, Size(900, 1600))
    assert tall.shape == (128, 72, 3) and (tall == 240).sum() == 400


def test_of_what_is_the_same_on_both_sides_the_middle_is_kept() -> None:
    away = np.abs(np.arange(128) * 2 - 127).astype(np.uint8)
    rows = framing.fitted(np.tile(away[:, None, None], (1, 128, 3)), Size(1600, 800))[:, 0, 0]
    assert len(rows) == 64 and rows[0] == rows[-1]


@pytest.mark.parametrize("wish", ["912x512", "512x912"])
def test_a_cover_of_another_aspect_is_painted_in_it(wish: str) -> None:
    """Not cut out of a square: its picture has as many more cells as its format is longer."""
    reading, size = interpret("秋江"), size_of(wish)
    request = paint.CoverRequest(reading.theme, reading.mood, title="秋江", size=size, seed=3, candidates=1)
    bundles = random_bundles()
    cover = paint.paint(request, *bundles)
    assert cover.image.size == (size.width, size.height)
    assert next(p for p in cover.report.promises if p.name == "size").kept
    assert cover.recipe.request["size"] == wish
    assert paint.sketch.sketch(request, *bundles).picture.shape == (size.cells[0] * 8, size.cells[1] * 8, 3)


def test_bleed_keeps_the_lettering_away_from_the_cut() -> None:
    reading = interpret("秋江")
    request = paint.CoverRequest(
        reading.theme, reading.mood, title="秋江", size=Size(600, 600, 60), seed=3, candidates=1
    )
    for text in paint.paint(request, *random_bundles()).texts:
        assert min(text.box[:2]) >= 60 and max(text.box[2:]) <= 540
