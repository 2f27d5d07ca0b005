"""Pictures: cover, restyle, morph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muse.errors import UsageError
from muse.terms import Features
from muse.verbs import place, wishes
from muse.verbs.finish import MoodWish, finish, plain_mood, seed_of
from muse.verbs.library import load_kind, picture_bytes
from muse.work import Work

if TYPE_CHECKING:
    from muse.art.cover import Cover

Image = str | Path | bytes | tuple[str, bytes]


def cover(
    theme: str | Work | Mapping[str, Any] = "",
    *,
    style: str | None = None,
    palette: str | Sequence[str] | None = None,
    title: str | None = None,
    artist: str = "",
    verse: str = "",
    pixels: int = 3000,
    finish_name: str | None = None,
    mood: MoodWish = None,
    seed: int | None = None,
    device: str = "auto",
) -> Cover:
    raise NotImplementedError


def subject_of(theme: str | Work | Mapping[str, Any]) -> dict[str, Any]:
    """What a cover is about, as a plain value: text, title and features.

    Raises:
        UsageError: nothing was given.
    """
    if isinstance(theme, Mapping):
        return dict(theme)
    if isinstance(theme, Work):
        lines = getattr(theme, "lines", ())
        text = str(theme.recipe.request.get("theme") or theme.title)
        return {
            "text": " ".join([text, *lines])[: wishes.LONGEST],
            "title": theme.title,
            "features": asdict(theme.features),
        }
    if not theme:
        raise UsageError("nothing to paint", "neither a theme nor a work was given", "give a theme, or --from a work")
    return {"text": theme, "title": wishes.clean(theme), "features": None}


def features_of(value: Mapping[str, Any] | None) -> Features | None:
    """Features from their plain value."""
    if value is None:
        return None
    return Features(**{key: tuple(part) if isinstance(part, list) else part for key, part in value.items()})


def _unused() -> tuple[object, ...]:
    return (place, finish, plain_mood, seed_of, load_kind, picture_bytes)
