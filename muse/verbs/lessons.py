"""The poem part of learning: which model suits a corpus, in which language, and how a bundle is measured on one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muse.errors import UsageError, did_you_mean
from muse.settings import Settings, resolve

if TYPE_CHECKING:
    from muse.bundle import Bundle
    from muse.objective import Course

FORMS = ("verse", "prose")
SHARED = ("zh_shi_tang_song", "zh_ci", "zh_shi_yuan_ming_qing", "en_")
"""How the files of the corpora that muse knows are named; they have a split of their own."""
DROPOUT = 0.1
"""Of a model that learns from a user's own corpus, which is small."""


@dataclass(frozen=True, slots=True)
class Room:
    """Where a language's model lives: modules of its course and its measure, module and class of its settings."""

    home: str
    settings: tuple[str, str]
    measure: str


ROOMS = {
    "zh": Room("muse.poem.course", ("muse.poem.model", "PoemSettings"), "muse.poem.measure"),
    "en": Room("muse.poem.english.course", ("muse.poem.english.model", "VerseSettings"), "muse.poem.english.measure"),
    "script": Room("muse.poem.script.course", ("muse.poem.script.model", "ScriptSettings"), "muse.poem.script.measure"),
}


def prepare(
    source: Path,
    *,
    form: str | None,
    start: Bundle | None,
    size: str | None,
    settings: Path | str | None,
    sets: Iterable[str],
    device: str,
) -> tuple[Course, tuple[str, ...]]:
    """The course over a corpus, and what is to be said about it.

    Raises:
        UsageError, SettingsError, CorpusError.
    """
    if form not in (None, *FORMS):
        raise UsageError(f"unknown form {form!r}", "a corpus is verse or prose", did_you_mean(str(form), FORMS))
    known = shared(source) if form is None and start is None else ""
    if known:
        room = import_module(ROOMS[known].home)
        chosen, run = resolve(_settings(known), room.RUN, size=size, toml=settings, sets=sets)
        return room.course(chosen, run, source, device), ()
    from muse.poem.own import course
    from muse.poem.own.lessons import gather

    begun = None if start is None else course.known(start)
    lessons = gather(source, form=form, room=None if start is None else course.room_of(start))  # type: ignore[arg-type]
    runs = import_module(ROOMS[lessons.room].home).RUN
    own = {"": {**runs[""], **course.run_of(lessons, start is not None)}}
    values = {**(begun.settings.as_dict() if begun else {}), "dropout": DROPOUT}
    chosen, run = resolve(
        _settings(lessons.room), own, size=None if begun else size, toml=settings, sets=sets, values=values
    )
    made = course.course(chosen, run, lessons, device, start)
    return made, (_told(lessons), *lessons.notes)


def shared(source: Path) -> str:
    """ "zh" or "en" where a path holds files of the corpora that muse knows, Chinese first; "" where it holds none."""
    names = [source.name] if source.is_file() else [file.name for file in source.rglob("*") if file.is_file()]
    found = {name[:2] for name in names if name.startswith(SHARED) and ".jsonl" in name}
    return "zh" if "zh" in found else "en" if found else ""


def measure(bundle: Bundle, data: Path, **options: Any) -> dict[str, Any]:
    """The figures of a poem bundle on a corpus, in its own language."""
    from muse.poem.own.course import room_of

    found: dict[str, Any] = import_module(ROOMS[room_of(bundle)].measure).measure(bundle, data, **options)
    return found


def _settings(room: str) -> type[Settings]:
    module, name = ROOMS[room].settings
    found: type[Settings] = getattr(import_module(module), name)
    return found


def _told(lessons: Any) -> str:
    forms = {name: count for name, count in lessons.counts.items() if name not in ("poems", "held")}
    shapes = ", ".join(f"{name} {count:,}" for name, count in forms.items() if not name.startswith("left out"))
    what = "passages of prose" if lessons.form == "prose" else "poems"
    said = f"{lessons.counts['poems']:,} {what} in {lessons.language!r}, {lessons.counts['held']:,} of them held out"
    return said + (f" ({shapes})" if shapes else "")
