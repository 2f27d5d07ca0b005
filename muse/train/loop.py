"""The loop: step, measure, sample, save, until the steps are done; the same for every kind of model."""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Literal

import torch

from muse.errors import OutputError, SettingsError, TrainingError
from muse.objective import Batch, Course, Ending, Splitting
from muse.seed import derive
from muse.train.ahead import ahead
from muse.train.checkpoint import Checkpoint, listed, newest
from muse.train.journal import Journal
from muse.train.launch import Place, together
from muse.train.schedule import factor

Resume = Literal["auto", "never"]


@dataclass(frozen=True, slots=True)
class Progress:
    """What one step tells whoever watches: `seconds` since the start of the run, all resumes together."""

    step: int
    steps: int
    seconds: float
    figures: dict[str, float]


def train(
    course: Course, folder: Path, *, resume: Resume = "auto", watch: Callable[[Progress], None] | None = None
) -> Checkpoint:
    """Train a course to its last step and return the final checkpoint.

    A run that was stopped goes on from its newest whole checkpoint; on the same machine and with as
    many threads the weights are then bit for bit those of the unbroken run, for data and random
    numbers are functions of the step alone.

    Raises:
        OutputError: `folder` holds a run and `resume` is "never".
        CheckpointError: the run there has other settings.
        TrainingError: a figure is not a number, or another process was lost.
        KeyboardInterrupt: after Ctrl-C or a termination signal, with the state saved.
    """
    with together() as place, stopping() as stopped:
        try:
            return _train(course, folder, resume, watch or (lambda progress: None), place, stopped)
        except RuntimeError as error:
            if place.world == 1:
                raise
            raise TrainingError(
                "lost another process", str(error).splitlines()[0], "start again; it resumes"
            ) from error


def _train(
    course: Course,
    folder: Path,
    resume: Resume,
    watch: Callable[[Progress], None],
    place: Place,
    stopped: Callable[[], bool],
) -> Checkpoint:
    objective, run = course.objective, course.run
    if resume == "never" and listed(folder):
        raise OutputError(
            f"{folder} holds a run", "muse never overwrites silently", "use --resume auto or another --out"
        )
    if run.split and place.world > 1:
        _split(course)
    found = newest(folder)
    done, before, figures = 0, 0.0, {}
    if found is not None:
        found.fits(course)
        objective.load_state(found.state)
        done, before, figures = found.step, found.seconds, dict(found.figures)
    journal = Journal(folder, f"muse {course.kind}", done) if place.first else None
    started = time.monotonic()
    saved = found

    def save(step: int) -> Checkpoint:
        checkpoint = Checkpoint(
            step, before + time.monotonic() - started, course.kind, course.settings.as_dict(), run.as_dict(), figures,
            objective.state(),
        )  # fmt: skip
        if place.first:
            checkpoint.save(folder, run.keep)
        return checkpoint

    def batches_of(step: int) -> list[Batch]:
        return [course.feed.batch(step, micro, place.rank, place.world) for micro in range(run.accumulation)]

    def enough() -> bool:
        return isinstance(objective, Ending) and objective.enough()

    left = range(done, done if enough() else run.steps)
    with closing(ahead(batches_of, left)) as prepared:
        for step, batches in zip(left, prepared, strict=False):
            torch.manual_seed(derive(run.seed, "step", step, place.rank))
            objective.schedule(factor(step, run))
            learned = objective.step(batches, step)
            bad = [name for name, value in learned.items() if not math.isfinite(value)]
            if place.any(bool(bad)):
                raise TrainingError(
                    f"{' and '.join(bad) or 'a figure of another process'} is not a number at step {step + 1}",
                    "the run went astray",
                    f"the last good checkpoint is kept in {folder}; lower run.learning_rate",
                )
            count, last = step + 1, step + 1 == run.steps
            seconds = before + time.monotonic() - started
            entry: dict[str, Any] = {"step": count, "seconds": round(seconds, 2), **learned}
            if last or count % run.valid_every == 0:
                torch.manual_seed(derive(run.seed, "figures", step))
                figures = objective.figures(count)
                entry["figures"] = figures
                last = last or enough()
            stop = place.any(stopped())
            if journal is not None:
                journal.write(entry)
            shown = last or count % run.sample_every == 0
            if shown:
                torch.manual_seed(derive(run.seed, "sample", step))
                made = objective.sample(count)  # in every process, for the weights may have to be put together
                if journal is not None:
                    journal.sample(count, made)
            if journal is not None and (shown or "figures" in entry):
                journal.page(run.steps)
            if last or stop or count % run.save_every == 0:
                saved = save(count)
            watch(Progress(count, run.steps, seconds, {**learned, **figures}))
            if last:
                break
            if stop:
                raise KeyboardInterrupt
    place.wait()
    return saved if saved is not None else save(done)


def _split(course: Course) -> None:
    if not isinstance(course.objective, Splitting):
        raise SettingsError(
            f"a {course.kind} model cannot be split over processes", "it is small", "leave out run.split"
        )
    course.objective.split()


@contextmanager
def stopping() -> Iterator[Callable[[], bool]]:
    """Whether a first Ctrl-C or termination signal asked to stop after this step; a second one stops at once."""
    asked = False

    def ask(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True

    try:
        before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    except ValueError:  # not in the main thread, where signals cannot be had
        before = {}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
