"""The picture part of learning: a user's own folder, and beginning from a bundle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muse.settings import resolve
from muse.verbs.lessons_music import LISTED

if TYPE_CHECKING:
    from muse.bundle import Bundle
    from muse.objective import Course

BEGIN = {"cover": ("cover-gan", 2000), "picture": ("image-vae", 3000)}
"""The bundle that muse ships of a kind, and the pictures below which one should begin from it."""


def own(source: Path) -> bool:
    """Whether a path holds a user's pictures, not a corpus that muse knows (labels.csv, or a sample by SOURCE.toml)."""
    return not (source / "labels.csv").is_file() and not (source.parent / "SOURCE.toml").is_file()


def prepare(
    kind: str,
    source: Path,
    *,
    start: Bundle | None,
    vae: Bundle | None,
    size: str | None,
    settings: Path | str | None,
    sets: Iterable[str],
    device: str,
) -> tuple[Course, tuple[str, ...], Mapping[str, bytes]]:
    """The course over a folder, what is to be said about it, and the files that lie beside the run.

    Args:
        kind: "cover" or "picture".
        start: the bundle to begin from, which gives the size.
        vae: of a cover, in whose latent space it is learned.

    Raises:
        UsageError, SettingsError, CorpusError, BundleError.
    """
    from muse.art.own.lessons import gather

    lessons = gather(source)
    given: dict[str, Any] = {"size": None if start is not None else size, "toml": settings, "sets": sets}
    make = _cover if kind == "cover" else _picture
    made = make(lessons, start, vae, given, device)
    notes = lessons.notes
    name, few = BEGIN[kind]
    if start is None and len(lessons.pictures) < few:
        notes = (*notes, f"beginning from nothing takes {few:,} pictures and more: add --from {name}")
    return made, notes, {LISTED: lessons.listed()} if lessons.left else {}


def _cover(lessons: Any, start: Bundle | None, vae: Bundle | None, given: dict[str, Any], device: str) -> Course:
    from muse.art.gan.course import RUNS
    from muse.art.gan.generator import GanSettings
    from muse.art.own.course import course, run_of, values_of
    from muse.bundle import Bundle

    runs = {**RUNS, "": {**RUNS[""], **run_of(lessons, start is not None)}}
    chosen, run = resolve(GanSettings, runs, values=values_of(start), **given)
    return course(chosen, run, lessons, vae if vae is not None else Bundle.load("image-vae"), device, start)


def _picture(lessons: Any, start: Bundle | None, vae: Bundle | None, given: dict[str, Any], device: str) -> Course:
    from muse.art.own.picture import course, run_of, values_of
    from muse.art.vae.model import VaeSettings
    from muse.art.vae.picture import RUNS

    runs = {**RUNS, "": {**RUNS[""], **run_of(lessons, start is not None)}}
    chosen, run = resolve(VaeSettings, runs, values=values_of(start), **given)
    return course(chosen, run, lessons, device, start)
