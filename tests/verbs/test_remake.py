"""Recipes that cannot be made again say why; what differs is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from muse.errors import MuseError, RecipeError
from muse.verbs import tune, verse
from muse.verbs.remake import find, remake
from muse.work import Recipe

pytestmark = pytest.mark.usefixtures("small")


@pytest.fixture
def recipe() -> dict[str, Any]:
    """A good recipe, as its JSON value."""
    return verse.poem("秋", form="五绝", candidates=1, seed=3).recipe.as_dict()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "7", '"x"', "{}", '{"schema": 1}', "[" * 3000, "\x00", '{"schema": 99}', "NaN"]
)
def test_what_is_no_recipe_is_a_recipe_error(text: str, tmp_path: Path) -> None:
    (tmp_path / "recipe.json").write_text(text)
    with pytest.raises(RecipeError) as caught:
        remake(tmp_path / "recipe.json")
    assert caught.value.exit_code == 1


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"verb": "sing"}, "sing"),
        ({"verb": "remake"}, "remake"),
        ({"verb": "finish"}, "finish"),
        ({"schema": 2}, "schema"),
        ({"request": {"theme": "秋", "tempo": 3}}, "tempo"),
        ({"request": {}}, "theme"),
        ({"bundles": {"poem-xx": "0" * 64}}, "poem-xx"),
        ({"seed": "7"}, "seed"),
        ({"parts": [{}]}, "recipe"),
        ({"request": {"theme": 7}}, "theme"),
        ({"request": {"theme": "秋", "form": "七決"}}, "form"),
    ],
)
def test_a_recipe_that_does_not_fit_says_why(
    recipe: dict[str, Any], change: dict[str, Any], word: str, tmp_path: Path
) -> None:
    (tmp_path / "recipe.json").write_text(json.dumps({**recipe, **change}), "utf-8")
    with pytest.raises(MuseError) as caught:
        remake(tmp_path / "recipe.json")
    assert word in str(caught.value)


def test_what_differs_is_told(recipe: dict[str, Any]) -> None:
    told: list[str] = []
    other = {**recipe, "muse": "0.0.1", "bundles": {"poem-zh": "0" * 64},
             "machine": {**recipe["machine"], "processor": "riscv64"}}  # fmt: skip
    work = remake(other, tell=told.append)
    assert work.text() == verse.poem("秋", form="五绝", candidates=1, seed=3).text()
    text = " ".join(told)
    assert "0.0.1" in text and "poem-zh" in text and "riscv64" in text


def test_a_recipe_is_found_in_a_folder_a_file_or_a_value(recipe: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "recipe.json").write_text(json.dumps(recipe), "utf-8")
    wanted = Recipe.from_dict(recipe)
    for source in (tmp_path, tmp_path / "recipe.json", str(tmp_path), recipe, wanted):
        assert find(source)[0] == wanted
    with pytest.raises(RecipeError, match="no recipe"):
        find(tmp_path / "absent")


def test_a_midi_file_of_muse_is_its_own_recipe(tmp_path: Path) -> None:
    piece = tune.compose("秋", bars=2, candidates=1, ensemble="melody", seed=4)
    (tmp_path / "alone.mid").write_bytes(piece.midi())
    again = remake(tmp_path / "alone.mid")
    assert again.files()["piece.mid"] == piece.midi()
    (tmp_path / "mute.mid").write_bytes(b"MThd\x00\x00\x00\x06\x00\x01\x00\x00\x01\xe0")
    with pytest.raises(MuseError):
        remake(tmp_path / "mute.mid")
