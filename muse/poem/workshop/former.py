"""The poem on the desk: what of it stays, what its recipe wished, and the way back to it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from muse.errors import InputError, RecipeError, UsageError, WishError
from muse.poem.poem import Poem
from muse.terms import Promise, Report
from muse.work import Recipe

FREE = "＿"
OWN = ("theme", "mood", "era", "author", "forbid", "keywords", "rhyme_book", "acrostic", "acrostic_at", "strict",
       "pinyin", "sheet")  # fmt: skip
"""Wishes of a poem's recipe that hold when it is rewritten."""


def kept_dict(poem: Poem) -> dict[str, Any]:
    """The poem as a plain value from which `poem_of` gives it back whole: its poem.json, its recipe, its sheets."""
    return {**poem.as_dict(), "recipe": poem.recipe.as_dict(), "sheets": list(poem.sheets)}


def poem_of(value: Mapping[str, Any]) -> Poem:
    """The poem of such a value, or of a poem.json.

    Raises:
        InputError: it is none.
        RecipeError: its recipe is damaged.
    """
    poem = Poem.from_dict(value)
    recipe = Recipe.from_dict(value["recipe"]) if "recipe" in value else poem.recipe
    sheets = tuple(str(kind) for kind in value.get("sheets", ()))
    return replace(poem, recipe=recipe, report=_report(value.get("report")), sheets=sheets)


def former(recipe: Recipe) -> Poem:
    """The poem that a rewritten one was before.

    Raises:
        RecipeError: the recipe is of no rewriting.
    """
    value = recipe.request.get("poem")
    if recipe.verb != "rewrite" or not isinstance(value, Mapping):
        raise RecipeError("nothing to undo", f"the recipe is of {recipe.verb!r}, not of a rewriting",
                          "give the folder of a rewritten poem")  # fmt: skip
    try:
        return poem_of(value)
    except InputError as error:
        raise RecipeError(error.what, error.why, error.next_step) from error


def wished(recipe: Recipe) -> dict[str, Any]:
    """What the recipe of a poem wished that still holds: through a chain of rewritings, later wishes go first."""
    request = recipe.request
    found = wished(former(recipe).recipe) if recipe.verb == "rewrite" else {}
    return found | {name: request[name] for name in OWN if request.get(name) not in (None, "", [], ())}


def chosen(poem: Poem, lines: Collection[int] | None) -> tuple[int, ...]:
    """The lines, from 0, that are to be written anew; all where none is named.

    Raises:
        UsageError: a number of no line.
    """
    if lines is None:
        return tuple(range(len(poem.lines)))
    for line in lines:
        if isinstance(line, bool) or not isinstance(line, int) or not 1 <= line <= len(poem.lines):
            raise UsageError(f"there is no line {line!r}", f"the poem has lines 1 to {len(poem.lines)}", "name others")
    if not lines:
        raise UsageError("no line to rewrite", "the list of lines is empty", "name lines from 1, or leave them out")
    return tuple(sorted({line - 1 for line in lines}))


def places_of(line: str, words: Sequence[str]) -> set[int]:
    """The places of a line at which some words stand."""
    return {place for word in words for at in re.finditer(f"(?={re.escape(word)})", line)
            for place in range(at.start(), at.start() + len(word))}  # fmt: skip


def check_kept(poem: Poem, words: Sequence[str]) -> None:
    """Raises WishError for a word to be kept that the poem does not hold."""
    text = "\n".join(poem.lines)
    for word in words:
        if word.lower() not in text.lower():
            raise WishError(f"{word!r} cannot be kept", "the poem does not hold it", "name words that stand in it")


def _report(value: Any) -> Report:
    """A report from its plain value; an empty one from what is none."""
    if not isinstance(value, Mapping):
        return Report()
    rows = value.get("promises", ())
    names = ("name", "asked", "found", "kept")
    promises = tuple(Promise(*(row[name] for name in names)) for row in rows
                     if isinstance(row, Mapping) and all(name in row for name in names))  # fmt: skip
    return Report(promises, tuple(str(one) for one in value.get("findings", ())))
