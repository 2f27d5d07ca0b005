"""Proving the promises of a work from its files, by referees that share no code with the generators."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muse.errors import InputError
from muse.files import read_capped
from muse.terms import Promise, Report, joined
from muse.verbs.library import LARGEST, PICTURES
from muse.work import Recipe, Work

if TYPE_CHECKING:
    from collections.abc import Iterable


def check(work: Work | str | Path, *, form: str | None = None) -> Report:
    """Every promise of a work and whether it is kept, read from the finished files.

    >>> check("outputs/秋江夜泊").valid  # doctest: +SKIP
    True

    Args:
        work: a work, the folder of one, or a poem, MIDI file, picture or recipe.
        form: the form asked of a poem that stands in a text file.

    Raises:
        InputError: it cannot be read.
    """
    if isinstance(work, Work):
        return check_files(work.files(), work.recipe)
    path = Path(work)
    if not path.exists():
        raise InputError(f"cannot read {path}", "there is no such file or folder", "check the path")
    if path.is_file() and path.name == "recipe.json":
        path = path.parent
    if path.is_dir():
        files = {str(p.relative_to(path)): read_capped(p, LARGEST) for p in sorted(path.rglob("*")) if p.is_file()}
        if "recipe.json" not in files:
            raise InputError(
                f"no recipe in {path}", "a work of muse has a recipe.json", "give one of its files instead"
            )
        return check_files(files, Recipe.load(path / "recipe.json"))
    recipe = Recipe.load(path.parent / "recipe.json") if (path.parent / "recipe.json").is_file() else None
    return check_file(path.name, read_capped(path, LARGEST), recipe, form)


def check_files(files: Mapping[str, bytes], recipe: Recipe) -> Report:
    """The promises of a whole work, given its files and its recipe."""
    if recipe.verb == "album":
        return _album(files, recipe)
    return joined(
        check_file(name, data, recipe) for name, data in sorted(files.items()) if Path(name).suffix.lower() in JUDGED
    )
