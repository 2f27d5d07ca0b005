"""Words and ways of the workshop that hang on no model."""

from __future__ import annotations

import pytest

from muse.errors import RecipeError
from muse.poem.poem import Poem
from muse.poem.workshop.former import former, kept_dict, places_of, poem_of
from muse.poem.workshop.measures import IMAGES, PARTICLES, measured, read_dial
from muse.poem.workshop.terms import Explanation, Place, difference
from muse.terms import Promise, Report
from muse.work import Recipe


def test_a_poem_is_kept_whole() -> None:
    report = Report((Promise("form", "五绝", "五绝", True), Promise("tone", "a", "b", "depends")), ("a finding",))
    poem = Poem("登楼", ("白日依山尽", "黄河入海流"), "", closes=(), shown=True, season="autumn", imagery=("白日",),
                recipe=Recipe("poem", 7, {"theme": "x"}, {"b": "1"}), report=report, sheets=("png",))  # fmt: skip
    again = poem_of(kept_dict(poem))
    assert again.as_dict() == poem.as_dict() and again.recipe.as_bytes() == poem.recipe.as_bytes()
    assert again.report == report and again.sheets == ("png",)
    assert former(Recipe("rewrite", 1, {"poem": kept_dict(poem)})).report == report
    for recipe in (Recipe("poem", 1), Recipe("rewrite", 1), Recipe("rewrite", 1, {"poem": {"lines": []}})):
        with pytest.raises(RecipeError):
            former(recipe)


def test_places_of_words() -> None:
    assert places_of("明月几时有明月", ["明月", "有"]) == {0, 1, 4, 5, 6}
    assert places_of("萧萧萧", ["萧萧"]) == {0, 1, 2}


def test_measures_rise_with_what_they_measure() -> None:
    assert not IMAGES & PARTICLES
    plain, dense = (measured([line], "zh")["density"] for line in ("不知何处是", "枯藤老树鸦"))
    assert plain < 0 < dense
    sad, bright = (measured([line], "en")["valence"] for line in ("the grave of sorrow", "the joy of spring"))
    assert sad < 0 < bright
    assert read_dial({"valence": 0, "density": -1}) == {"density": -1.0}


def test_differences_line_by_line() -> None:
    found = list(difference(["白日依山尽", "黄河入海流"], ["白日落山尽", "黄河入海流"]))
    assert [(one.line, one.old_parts[1], one.new_parts[1]) for one in found] == [(1, ("依", True), ("落", True))]
    (latin,) = difference(["the sea is old"], ["the sea was cold"])
    assert "".join(part for part, _ in latin.new_parts) == "the sea was cold"


def test_the_table_is_even() -> None:
    place = Place(1, 1, "床", "平", "中", "", {"tone": 3}, 4, True, 0.25, 0.5, 2, 1)
    rows = Explanation("夜", "五绝", "", "平水韵", 7, (place, place), ("a note",)).text().splitlines()
    assert rows[0] == "夜 · 五绝 · 平水韵" and rows[-1] == "note: a note" and "25%" in rows[4] and rows[4] == rows[5]
