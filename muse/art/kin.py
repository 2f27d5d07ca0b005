"""A plan over the classes of any bundle: one that learned from a user's own pictures has other classes than muse.

Palettes, finishes and lettering are known for muse's classes alone. A class of one's own takes them from its relative,
the class of muse that its pictures look most like; the card names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from muse.art import mood as moods
from muse.art.moodtable import STYLES
from muse.bundle import Bundle
from muse.errors import UsageError, did_you_mean
from muse.seed import stream
from muse.terms import Features, Mood, Theme

FALLBACK = "oil"


def plan(
    gan: Bundle,
    mood: Mood,
    features: Features | None,
    theme: Theme,
    *,
    style: str | None = None,
    seed: int = 0,
    **wishes: Any,
) -> moods.Plan:
    """Style, palette and finish for a cover that a bundle paints; see `muse.art.mood.plan`.

    Where no style is asked for, a class is drawn by the seed: of those whose relative suits, else of all.

    Raises:
        UsageError: an unknown style, palette or finish.
    """
    classes: list[str] = list(gan.card.get("vocabulary") or ())
    if set(STYLES) <= set(classes) or not classes:
        return moods.plan(mood, features, theme, style=style, seed=seed, **wishes)
    if style is not None and style not in classes:
        raise UsageError(f"unknown style {style!r}", f"{gan.name} has styles of its own", did_you_mean(style, classes))
    kin, why = _relatives(gan, classes), "as asked"
    if style is None:
        wanted = moods.plan(mood, features, theme, seed=seed, **wishes).style
        near = [name for name in classes if kin[name] == wanted] or classes
        style = near[int(stream(seed, "class").integers(len(near)))]
        why = f"of the classes of {gan.name}"
    found = moods.plan(mood, features, theme, style=kin[style], seed=seed, **wishes)
    like = "" if kin[style] == style else f"; palette, finish and letters as for {STYLES[kin[style]].name}"
    return replace(found, style=style, reasons=(f"{style}: {why}{like}", *found.reasons[1:]))


def _relatives(gan: Bundle, classes: list[str]) -> dict[str, str]:
    """The class of muse that each class is like."""
    told: Mapping[str, Any] = gan.card.get("kin") or {}
    return {name: next((str(each) for each in (name, told.get(name)) if each in STYLES), FALLBACK) for name in classes}
