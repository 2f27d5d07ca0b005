"""From finished works to the user: files in folders, text or JSON on standard output, notes on standard error."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muse.cli.say import Progress, Voice
from muse.errors import OutputError, UsageError

if TYPE_CHECKING:
    from muse.work import Work

KINDS = ("mid", "wav", "opus", "musicxml", "svg", "png", "jpg", "gif", "mp4", "html", "txt", "json")
SURPRISING = "theme: ", "given characters "
"""How findings begin that are told unasked: what was made of the user's own words."""
Show = Callable[["Work"], None]


def seeds(seed: int | None, count: int) -> list[int]:
    """The seed of each work: the one given, or a fresh one, and those that follow it."""
    from muse.seed import fresh_seed

    first = fresh_seed() if seed is None else seed
    return [first + number for number in range(count)]


def folders(out: Path | None, count: int, force: bool) -> list[Path | None]:
    """Where each work goes: `out` itself, or numbered folders in it; checked before anything is made.

    Raises:
        OutputError: files are in the way and `force` is off, or `out` is a file or cannot be written.
        UsageError: `out` is named like a file.
    """
    if out is None:
        return [None] * count
    if out.suffix.lower().lstrip(".") in KINDS:
        raise UsageError(
            f"--out {out} looks like a file", "a work is a folder of files", f"try --out {out.with_suffix('')}"
        )
    try:
        if out.exists() and not out.is_dir():
            raise OutputError(f"{out} is a file", "a folder of works is to be written there", "choose another --out")
        if out.is_dir() and not force and any(out.iterdir()):
            raise OutputError(
                f"{out} exists and is not empty", "muse never overwrites silently", "use --force or another --out"
            )
    except OSError as error:
        raise OutputError(f"cannot write to {out}", error.strerror or "", "choose another --out") from error
    _writable(out)
    if count == 1:
        return [out]
    width = max(2, len(str(count)))
    return [out / f"{number:0{width}d}" for number in range(1, count + 1)]


def _writable(folder: Path) -> None:
    """Raises OutputError where a folder that may have to be made first cannot be written."""
    there = next(path for path in (folder, *folder.absolute().parents) if os.path.lexists(path))
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        why = f"{there} is {'read-only' if there.is_dir() else 'no folder'}"
        raise OutputError(f"cannot write to {folder}", why, "choose another --out")


def deliver(
    works: Callable[[Progress], Iterable[Work]],
    *,
    count: int,
    out: Path | None,
    as_json: bool,
    force: bool,
    voice: Voice,
    save: bool = True,
    show: Show | None = None,
    line: Callable[[Work], dict[str, Any]] | None = None,
) -> None:
    """Make works one after another; save and report each before the next is made.

    Args:
        works: makes them, telling how far it is.
        save: False for works that are saved only where `out` says so.
        show: prints a work on standard output; without it the paths of its files are printed.
        line: the JSON object of a work; without it the files by kind and the recipe.
    """
    places = folders(out, count, force)
    if save and out is None:
        _writable(Path("outputs"))
    with voice.progress() as progress:
        made = iter(works(progress))
        for place in places:
            work = next(made, None)
            if work is None:
                break
            folder = work.save(place, force=force) if save or place is not None else None
            _tell(work, folder, voice)
            if as_json:
                value = line(work) if line is not None else described(work, folder)
                print(json.dumps(value, ensure_ascii=False), flush=True)
                continue
            if show is not None:
                show(work)
            elif folder is not None:
                for name in _listed(folder, work):
                    print(name)
            sys.stdout.flush()


def described(work: Work, folder: Path | None) -> dict[str, Any]:
    """A saved work for a program: kind, title, seed, verdict, files by kind, recipe.

    A kind of file that an album has for every track is a list; all others are one path.
    """
    files: dict[str, Any] = {}
    if folder is not None:
        for name in work.files():
            kind = Path(name).suffix.lstrip(".")
            if kind not in KINDS:
                continue
            path = str(folder / name)
            if "/" in name:
                files.setdefault(kind, []) if not isinstance(files.get(kind), str) else None
                if isinstance(files[kind], list):
                    files[kind].append(path)
            elif kind not in files:
                files[kind] = path
    return {
        "kind": work.kind,
        "title": work.title,
        "seed": work.recipe.seed,
        "valid": work.report.valid,
        "files": files,
        "recipe": str(folder / "recipe.json") if folder is not None else work.recipe.as_dict(),
    }


def _listed(folder: Path, work: Work) -> list[Path]:
    names = sorted([*work.files(), "recipe.json"], key=lambda name: (not name.endswith(".html"), name.count("/"), name))
    return [folder / name for name in names]


def _tell(work: Work, folder: Path | None, voice: Voice) -> None:
    """The line with the seed, then why the work is as it is and what is to be known about it."""
    plan = [re.sub(r"(?<=[ (])-(?=\d)", "−", str(reason)) for reason in getattr(work, "plan", ())]
    voice.head(" · ".join([work.title, *plan[:3], f"seed {work.recipe.seed}"]))
    for reason in plan[3:]:
        voice.note("  " + reason)
    for finding in dict.fromkeys(work.report.findings):
        (voice.warn if finding.startswith(SURPRISING) else voice.note)("  " + finding)
    for promise in work.report.promises:
        if promise.kept is not True:
            word = {False: "broken", "relaxed": "relaxed", "depends": "depends on the reading"}[promise.kept]
            voice.warn(f"  {promise.name}: {word}; asked {promise.asked}, found {promise.found}")
    if folder is not None:
        voice.note(f"  saved in {folder}")
