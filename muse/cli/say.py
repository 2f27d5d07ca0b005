"""What the command line says on standard error: notes, progress, and errors as what, why and next step.

At a terminal every note is shown. Where standard error is a file or a pipe, progress is left out and of the
notes only the first of each work (which names the seed) and the warnings remain; `--json` leaves out both,
since they stand in the object. `--quiet` leaves only errors.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from muse.errors import MuseError

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Voice:
    """How much to say.

    Attributes:
        quiet: errors only.
        verbose: every note, also in a pipe.
        plain: the result is for a program.
    """

    quiet: bool = False
    verbose: bool = False
    plain: bool = False

    @property
    def at_terminal(self) -> bool:
        return sys.stderr.isatty()

    def head(self, text: str) -> None:
        """The one line about a work that stays in a pipe: it names the seed."""
        if not self.quiet and (self.at_terminal or self.verbose or not self.plain):
            _print(text)

    warn = head

    def note(self, text: str) -> None:
        """Something good to know at a terminal."""
        if not self.quiet and (self.at_terminal or self.verbose):
            _print(text, dim=True)

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """A bar with the time left, after one second and at a terminal only."""
        if self.quiet or not self.at_terminal:
            yield lambda what, done, total: None
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        begun = time.monotonic()
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
                   TextColumn("left"), TimeRemainingColumn())  # fmt: skip
        bar = Bar(*columns, console=Console(stderr=True), transient=True)
        task = bar.add_task("", total=None)

        def tell(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)
            if not bar.live.is_started and time.monotonic() - begun >= 1:
                bar.start()

        try:
            yield tell
        finally:
            if bar.live.is_started:
                bar.stop()


def open_streams() -> None:
    """Let Chinese be written where the locale knows only ASCII."""
    for stream in (sys.stdout, sys.stderr):
        encoding = (getattr(stream, "encoding", None) or "utf-8").lower().replace("-", "")
        if encoding != "utf8" and hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")


def failed(error: Exception, verbose: bool) -> int:
    """Print an error and return its exit code."""
    if verbose:
        traceback.print_exception(error)
    if isinstance(error, MuseError):
        _error(error.what, error.why, error.next_step)
        return error.exit_code
    if hasattr(error, "format_message"):  # a mistake in the command line itself
        what, why, step = _usage(error)
        _error(what, why, step)
        return int(getattr(error, "exit_code", 2))
    if isinstance(error, MemoryError):
        _error("out of memory", "", "ask for less at once, or close other programs")
        return 1
    _error(f"muse met a fault of its own: {type(error).__name__}: {error}", "this is a bug",
           "run it again with --verbose and report what it prints")  # fmt: skip
    return 1


def interrupted() -> int:
    _print("interrupted")
    return 130


def _usage(error: Any) -> tuple[str, str, str]:
    """What, why and next step of an error that typer found."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "muse"
    what = error.format_message().strip()
    step = f"see {path} --help"
    option = getattr(error, "option_name", None)
    if option and context is not None and type(error).__name__ == "NoSuchOption":
        from difflib import get_close_matches

        known = [name for parameter in context.command.params for name in parameter.opts if name.startswith("--")]
        close = get_close_matches(option, [*known, "--help"], n=1)
        what = f"no such option {option}"
        step = f'did you mean "{close[0]}"?' if close else step
    return what, "", step


def _error(what: str, why: str, step: str) -> None:
    _print("error: " + what, bold=True)
    if why:
        _print("  why:  " + why)
    if step:
        _print("  next: " + step)


def _print(text: str, *, dim: bool = False, bold: bool = False) -> None:
    text = text.encode("utf-8", "backslashreplace").decode()
    if sys.stderr.isatty() and (dim or bold):
        text = f"\x1b[{'2' if dim else '1'}m{text}\x1b[0m"
    print(text, file=sys.stderr, flush=True)
