"""From a trained course to a bundle: the weights, and a card that says honestly where they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from muse.bundle import SCHEMA, Bundle
from muse.objective import Course
from muse.train.checkpoint import Checkpoint


def freeze(
    course: Course, checkpoint: Checkpoint, name: str, machine: str, metrics: Mapping[str, float] | None = None
) -> Bundle:
    """The bundle of a course at a checkpoint.

    Args:
        machine: what it was trained on, in words.
        metrics: figures measured since; they stand beside those of the validation part.
    """
    from muse import __version__

    course.objective.load_state(checkpoint.state)
    weights, extra = course.objective.freeze()
    card: dict[str, Any] = {
        "schema": SCHEMA,
        "kind": course.kind,
        "name": name,
        "version": __version__,
        "date": datetime.now(UTC).date().isoformat(),
        "settings": course.settings.as_dict(),
        "run": course.run.as_dict(),
        "data": [asdict(source) for source in course.sources],
        "size": course.feed.size(),
        "parameters": course.objective.parameters(),
        "steps": checkpoint.step,
        "seconds": round(checkpoint.seconds),
        "machine": machine,
        "seed": course.run.seed,
        "metrics": {**checkpoint.figures, **(metrics or {})},
        "limits": course.limits,
        **course.extra,
        **extra,
    }
    return Bundle(weights, card)
