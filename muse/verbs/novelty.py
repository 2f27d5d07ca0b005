"""What a poem in a file shares with the poems that the shipped model of its language has read."""

from __future__ import annotations

from functools import cache

from muse.bundle import Bundle, available
from muse.errors import BundleError
from muse.terms import Report
from muse.verbs.verdict import read
from muse.work import Recipe

MODELS = {"zh": "poem-zh", "en": "poem-en"}
GIVEN = ("lock", "first_line", "reply_to", "acrostic")
"""Wishes by which a line may be the user's own."""


def novelty(name: str, data: bytes, recipe: Recipe | None = None) -> Report:
    """The certificate of a poem in words; a promise only where this model wrote it and was to copy no line.

    Empty where muse ships no model of the language.

    Raises:
        InputError: no poem is in the file.
    """
    verse = read(name, data)
    model = MODELS.get(verse.language, "")
    if model not in available():
        return Report()
    from muse.poem.novelty import certificate

    try:
        bundle = _loaded(model)
        found = certificate(verse.lines, bundle)
    except BundleError as error:
        return Report(findings=(f"novelty was not judged: {error.what}",))
    asked = recipe.request if recipe is not None else {}
    ours = recipe is not None and recipe.bundles.get(model) == bundle.sha256
    return found.report(promised=ours and bool(asked.get("novel", True)) and not any(map(asked.get, GIVEN)))


@cache
def _loaded(model: str) -> Bundle:
    return Bundle.load(model)
