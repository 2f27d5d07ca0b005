"""What every verb does at the end: the recipe of the work, its credits, and the notes in its report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from inspect import signature
from typing import TYPE_CHECKING, Any, TypeVar

from muse.seed import fresh_seed
from muse.terms import Mood, Report
from muse.verbs import place, wishes
from muse.work import Recipe, Work

if TYPE_CHECKING:
    from muse.bundle import Bundle

W = TypeVar("W", bound=Work)
ABOUT_THEME = "theme: "
MoodWish = str | Mood | Mapping[str, float] | None


def finish(
    work: W,
    verb: str,
    seed: int,
    request: Mapping[str, Any],
    bundles: Sequence[Bundle],
    device: str,
    notes: Sequence[str] = (),
    *,
    inputs: Mapping[str, str] | None = None,
    index: int = 0,
    language: bool = False,
    plain: bool = False,
) -> W:
    """The work with its recipe, and with notes on its theme among the findings of its report.

    Args:
        language, plain: what made it; see `place.machine`.
    """
    from muse import __version__

    recipe = Recipe(
        verb,
        seed,
        dict(request),
        {bundle.name: bundle.sha256 for bundle in bundles},
        dict(inputs or {}),
        credits_of(bundles),
        index=index,
        version=__version__,
        machine=place.machine(device, language=language, plain=plain),
    )
    report = work.report + Report(findings=tuple(f"{ABOUT_THEME}{note}" for note in notes))
    return replace(work, recipe=recipe, report=report)  # type: ignore[type-var]


def credits_of(bundles: Sequence[Bundle]) -> tuple[str, ...]:
    """Whom the data behind some bundles asks to be named, each once."""
    named: dict[str, None] = {}
    for bundle in bundles:
        for source in bundle.card["data"]:
            who = source.get("attribution") or source.get("name", "")
            named.setdefault(f"{source.get('name')}: {who} ({source.get('licence')})")
    return tuple(named)


def seed_of(seed: int | None) -> int:
    """The seed that was given, or a fresh one.

    Raises:
        UsageError: it is none.
    """
    return fresh_seed() if seed is None else wishes.whole("seed", seed, 0, 2**63 - 1)


def plain_request(verb: Callable[..., Any], asked: Mapping[str, Any], apart: Sequence[str]) -> dict[str, Any]:
    """The arguments of a verb as plain values for a recipe, defaults among them, without those that stand apart."""
    usual = {name: each.default for name, each in signature(verb).parameters.items() if name not in apart}
    full = {name: asked.get(name, default) for name, default in usual.items()}
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in full.items()}
    return plain | {"mood": plain_mood(asked.get("mood"))}


def plain_mood(mood: MoodWish) -> str | dict[str, float] | None:
    """A mood as a plain value for a recipe."""
    return mood.as_dict() if isinstance(mood, Mood) else dict(mood) if isinstance(mood, Mapping) else mood
