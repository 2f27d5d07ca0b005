"""Training seen from the terminal: one line that moves, with loss, speed and time left."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from muse.cli.say import Voice

if TYPE_CHECKING:
    from muse.train.loop import Progress


@contextmanager
def watching(voice: Voice) -> Iterator[Callable[[Progress], None]]:
    """What to call after each step; silent in a pipe and with --quiet."""
    if voice.quiet or not voice.at_terminal:
        yield lambda progress: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("train"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[pace]}"),
               TextColumn("{task.fields[figures]}"))  # fmt: skip
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("train", total=None, pace="", figures="")
        first: tuple[float, int] | None = None

        def watch(progress: Progress) -> None:
            nonlocal first
            now = time.monotonic()
            if first is None:
                first = (now, progress.step)
            speed = (progress.step - first[1]) / max(1e-9, now - first[0])
            left = (progress.steps - progress.step) / speed if speed else 0.0
            figures = " ".join(f"{name} {value:.4g}" for name, value in list(progress.figures.items())[:4])
            bar.update(task, total=progress.steps, completed=progress.step, figures=figures,
                       pace=f"{speed:.2f} steps/s, {duration(left)} left" if speed else "")  # fmt: skip

        yield watch


def duration(seconds: float) -> str:
    """A length of time for people.

    >>> duration(75), duration(5), duration(7500)
    ('1 min 15 s', '5 s', '2 h 5 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
