"""muse: a theme becomes an album, by models of its own, offline.

    >>> import muse
    >>> muse.poem("秋江夜泊", form="七绝", seed=7)  # doctest: +SKIP
    <Poem '秋江夜泊' seed=7>

Everything here is loaded at its first use: `import muse` waits for nothing. Two verbs bear the name of
a room, `poem` and `train`; there the package itself can be called.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from muse.art.cover import Cover
    from muse.bundle import Bundle
    from muse.errors import MuseError
    from muse.music.piece import Piece
    from muse.poem.poem import Poem
    from muse.terms import Mood, Report, Theme
    from muse.verbs.album import album
    from muse.verbs.check import check
    from muse.verbs.depict import cover
    from muse.verbs.disc import Album
    from muse.verbs.grid import grid
    from muse.verbs.learn import evaluate, train
    from muse.verbs.library import load, models, read
    from muse.verbs.make import blend, vary
    from muse.verbs.motion import canvas
    from muse.verbs.remake import remake
    from muse.verbs.retouch import edit, morph, restyle
    from muse.verbs.tune import compose
    from muse.verbs.verse import poem
    from muse.verbs.workshop import alternatives, explain, rewrite, undo
    from muse.work import Recipe, Work

__version__ = "0.1.0"

__all__ = [
    "Album",
    "Bundle",
    "Cover",
    "Mood",
    "MuseError",
    "Piece",
    "Poem",
    "Recipe",
    "Report",
    "Theme",
    "Work",
    "album",
    "alternatives",
    "blend",
    "canvas",
    "check",
    "compose",
    "cover",
    "edit",
    "evaluate",
    "explain",
    "grid",
    "load",
    "models",
    "morph",
    "poem",
    "read",
    "remake",
    "restyle",
    "rewrite",
    "train",
    "undo",
    "vary",
]

_HOMES = {
    "Album": "muse.verbs.disc",
    "Bundle": "muse.bundle",
    "Cover": "muse.art.cover",
    "Mood": "muse.terms",
    "MuseError": "muse.errors",
    "Piece": "muse.music.piece",
    "Poem": "muse.poem.poem",
    "Recipe": "muse.work",
    "Report": "muse.terms",
    "Theme": "muse.terms",
    "Work": "muse.work",
    "album": "muse.verbs.album",
    "alternatives": "muse.verbs.workshop",
    "blend": "muse.verbs.make",
    "canvas": "muse.verbs.motion",
    "check": "muse.verbs.check",
    "compose": "muse.verbs.tune",
    "cover": "muse.verbs.depict",
    "edit": "muse.verbs.retouch",
    "evaluate": "muse.verbs.learn",
    "explain": "muse.verbs.workshop",
    "grid": "muse.verbs.grid",
    "load": "muse.verbs.library",
    "models": "muse.verbs.library",
    "morph": "muse.verbs.retouch",
    "poem": "muse.verbs.verse",
    "read": "muse.verbs.library",
    "remake": "muse.verbs.remake",
    "restyle": "muse.verbs.retouch",
    "rewrite": "muse.verbs.workshop",
    "train": "muse.verbs.learn",
    "undo": "muse.verbs.workshop",
    "vary": "muse.verbs.make",
}
_ROOMS = ("poem", "train")


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(f"muse.{name}")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'muse' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Room(ModuleType):
    """A room whose name is also a verb: the package, and it can be called."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        name = self.__name__.rpartition(".")[2]
        return getattr(import_module(_HOMES[name]), name)(*arguments, **options)


class _Face(ModuleType):
    """This module: the import system hands it each room, and those of two names become callable."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _ROOMS and isinstance(value, ModuleType):
            value.__class__ = _Room
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Face
