"""What a piece of music shares with the music that the shipped composer has learned from."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from muse.bundle import Bundle, available
from muse.errors import BundleError, InputError
from muse.terms import Report
from muse.work import Recipe

if TYPE_CHECKING:
    from muse.music.piece import Piece

MODEL = "composer"
GIVEN = ("melody", "continue_", "fill")
"""Wishes by which notes may be the user's own."""


def copies(piece: Piece, recipe: Recipe | None = None) -> Report:
    """The longest match of a piece; a promise only where this model wrote it. Empty where muse ships no composer."""
    if MODEL not in available():
        return Report()
    from muse.music.copied import Copies, report

    try:
        bundle = _loaded()
        known = Copies.thaw(bundle)
        ours = recipe is not None and recipe.verb == "compose" and recipe.bundles.get(MODEL) == bundle.sha256
        given = recipe is not None and any(map(recipe.request.get, GIVEN))
        return report(piece, known, promised=ours, given=given)
    except BundleError as error:
        return Report(findings=(f"copies were not judged: {error.what}",))


def in_midi(name: str, data: bytes, recipe: Recipe | None = None) -> Report:
    """The same of a MIDI file."""
    from muse.music import midi

    try:
        return copies(midi.read(data, place=name), recipe)
    except InputError as error:  # what can be judged may hold nothing that can be compared
        return Report(findings=(f"copies were not judged: {error.what}",))


@cache
def _loaded() -> Bundle:
    return Bundle.load(MODEL)
