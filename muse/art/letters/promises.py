"""What lettering promises, and what is found on the finished picture."""

from __future__ import annotations

from collections.abc import Mapping

from muse.art.letters.lettering import CONTRAST, Lettered, Text
from muse.fonts.faces import is_chinese
from muse.terms import Promise

LIST = 64
"""Pixels of a cover's shorter side in a list."""
LEGIBLE = {"han": 8.0, "latin": 6.4}
"""Least em of a title there, in pixels."""
STROKE = 0.5
"""Least mean breadth of its strokes there: thinner ones dissolve in the ground."""


def promises(asked: Mapping[str, str], done: Lettered) -> list[Promise]:
    """What was asked of each text and what was found: its words, its contrast, and whether a title is read in a list.

    Args:
        asked: "title", "artist" and "verse", each empty where it was not wanted.
    """
    found = []
    for role, wanted in asked.items():
        if not wanted.strip():
            continue
        text = next((text for text in done.texts if text.role == role), None)
        said = " / ".join(text.lines) if text else "nothing"
        whole = text is not None and letters("".join(text.lines)) == letters(wanted)
        found.append(Promise(role, wanted, said, True if whole else "relaxed"))
        if role == "title" and text is not None:
            found.append(_legible(text, wanted, done))
    for text in done.texts:
        kept = text.contrast >= CONTRAST
        found.append(Promise(f"contrast of the {text.role}", f"≥ {CONTRAST}", f"{text.contrast:.1f}", kept))
    return found


def _legible(text: Text, wanted: str, done: Lettered) -> Promise:
    scale = LIST / min(done.image.size)
    least = LEGIBLE["han" if is_chinese(wanted) else "latin"]
    em, stroke = text.size * scale, text.stroke * scale
    kept = round(em, 1) >= least and stroke >= STROKE
    return Promise(
        f"title legible at {LIST} pixels",
        f"em ≥ {least} pixels, strokes ≥ {STROKE}",
        f"em {em:.1f}, strokes {stroke:.2f}",
        True if kept else "relaxed",
    )


def letters(text: str) -> str:
    """A text without spaces, marks and case, to compare what was asked with what was set.

    >>> letters("The Long — Road") == letters("THE LONG ROAD")
    True
    """
    return "".join(char for char in text.casefold() if char.isalnum())
