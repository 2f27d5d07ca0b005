"""The music part of learning: a user's own corpus, and beginning from a bundle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muse.settings import resolve

if TYPE_CHECKING:
    from muse.bundle import Bundle
    from muse.music.own.lessons import Lessons
    from muse.objective import Course

LISTED = "passed-over.tsv"
"""Beside a run: every file that was passed over, and why."""
DROPOUT = 0.1
"""Of a composer that learns from a user's own corpus, which is small."""


def own(source: Path) -> bool:
    """Whether a path holds a user's files of music, not the records of the corpora that muse knows."""
    files = [source] if source.is_file() else (file for file in source.rglob("*") if file.is_file())
    return not any(file.name.lower().endswith((".json", ".json.gz", ".jsonl", ".jsonl.gz")) for file in files)


def prepare(
    kind: str,
    source: Path,
    *,
    start: Bundle | None,
    size: str | None,
    settings: Path | str | None,
    sets: Iterable[str],
    device: str,
) -> tuple[Course, tuple[str, ...], Mapping[str, bytes]]:
    """The course over a corpus, what is to be said about it, and the files that lie beside the run.

    Args:
        kind: "music" or "variation".
        start: the bundle to begin from, which gives the size.

    Raises:
        UsageError, SettingsError, CorpusError, BundleError.
    """
    found = lessons(source)
    values = {} if start is None else {k: v for k, v in start.card["settings"].items() if k != "format"}
    size = None if start is not None else size
    make = _music if kind == "music" else _variation
    course = make(found, values, start, dict(size=size, toml=settings, sets=sets), device)
    return course, found.notes, {LISTED: found.listed()} if found.left else {}


def lessons(source: Path) -> Lessons:
    """What a corpus teaches: a user's own files, or the records of the corpora that muse knows."""
    from muse.music.own.lessons import gather, known

    return gather(source) if own(source) else known(source)


def _music(found: Lessons, values: dict[str, Any], start: Bundle | None, given: dict[str, Any], device: str) -> Course:
    from muse.music.course import RUN
    from muse.music.model import MusicSettings, shape_of
    from muse.music.own.course import course, run_of, sources

    if start is not None:
        shape_of(start)
    pools = sources(found.train)
    runs = {"": {**RUN[""], **run_of(pools, start is not None)}}
    chosen, run = resolve(MusicSettings, runs, values={**values, "dropout": DROPOUT}, **given)
    return course(chosen, run, found, pools, device, start)


def _variation(
    found: Lessons, values: dict[str, Any], start: Bundle | None, given: dict[str, Any], device: str
) -> Course:
    from muse.music.own.variation import bars_of, course, run_of
    from muse.music.vae import VaeSettings
    from muse.music.variation import RUN

    bars = bars_of(found.train)
    runs = {"": {**RUN[""], **run_of(bars, start is not None)}}
    if start is not None:
        values = {**values, "anneal": 1}  # what is known keeps its price from the first step on
    chosen, run = resolve(VaeSettings, runs, values=values, **given)
    return course(chosen, run, found, bars, device, start)
