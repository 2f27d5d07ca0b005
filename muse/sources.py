"""The corpora that muse knows: what each `corpora/<name>/SOURCE.toml` says, and where its files lie on this machine.

A corpus has records (files in the shared layout: poetry/…, music/…, art/…), which a training run reads, and
published sources (files at a pinned commit), from which `muse corpus build` makes them again.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from muse.errors import CorpusError, UsageError, did_you_mean

Kind = Literal["poem", "music", "variation", "cover", "picture", "reference"]
UNKNOWN = "unknown"
_HERE = Path(__file__).resolve().parent


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Record(_Frozen):
    """One file of records in the shared layout.

    Attributes:
        path: below the data folder; one that ends in "/" is a folder.
        sha256: of the file, or "unknown".
        count: records in it.
        part: "train" for what may be learned from; "all" where the file holds its own splits; "table" for facts.
    """

    path: str
    sha256: str = UNKNOWN
    count: int = 0
    part: Literal["train", "all", "table"] = "train"


class File(_Frozen):
    """One published file: its path in the repository, bytes (0 if unknown) and sha256 (or "unknown")."""

    path: str
    bytes: int = 0
    sha256: str = UNKNOWN


class Published(_Frozen):
    """A repository at a pinned commit.

    Attributes:
        name: short; the files are kept below this name.
        url: pattern with {path}; "" where there is no direct address, `note` then says how to get them.
        files: the files that are needed.
        table: a file beside SOURCE.toml with one file a line: path, bytes and sha256, tabs between.
    """

    name: str
    repository: str = ""
    commit: str = ""
    licence: str
    url: str = ""
    files: tuple[File, ...] = ()
    table: str = ""
    note: str = ""


class Corpus(_Frozen):
    """A corpus.

    Attributes:
        kinds: what can be trained on it ("reference" for tables and for sets that only measure).
        shipped: whether weights that muse ships may learn from it; `why` says why not.
        attribution: whom to name, and how.
        split: how held-out records are told from the others.
        build: which rules of `muse corpus build` make the records ("" if none does yet).
        sample: folder beside SOURCE.toml with a tiny sample of our own making, or "".
    """

    name: str
    title: str
    kinds: tuple[Kind, ...]
    licence: str
    shipped: bool
    why: str = ""
    attribution: tuple[str, ...] = ()
    citation: str = ""
    split: str = ""
    notes: tuple[str, ...] = ()
    build: str = ""
    sample: str = ""
    records: tuple[Record, ...] = ()
    published: tuple[Published, ...] = ()

    @property
    def folder(self) -> Path:
        """Where SOURCE.toml lies."""
        return _root() / self.name

    def sample_path(self) -> Path:
        """The folder of the sample.

        Raises:
            CorpusError: the corpus has none.
        """
        path = self.folder / self.sample
        if not self.sample or not path.exists():
            raise CorpusError(f"{self.name} has no sample", "", "see muse corpus list")
        return path

    def files(self) -> Iterator[tuple[Published, File]]:
        """Every published file with the repository that it is from."""
        for published in self.published:
            for file in published.files:
                yield published, file
            if published.table:
                for line in (self.folder / published.table).read_text(encoding="utf-8").splitlines():
                    path, size, digest = line.split("\t")
                    yield published, File(path=path, bytes=int(size), sha256=digest)


def names() -> list[str]:
    """The names of the corpora."""
    return sorted(path.parent.name for path in _root().glob("*/SOURCE.toml"))


@cache
def corpus(name: str) -> Corpus:
    """A corpus by its name.

    Raises:
        UsageError: there is none of that name.
        CorpusError: its SOURCE.toml cannot be read.

    >>> corpus("jsb-chorales").kinds
    ('music', 'variation')
    """
    if name not in names():
        raise UsageError(f"no corpus named {name!r}", "", did_you_mean(name, names()))
    return read(_root() / name / "SOURCE.toml")


def read(path: Path | str) -> Corpus:
    """The corpus that a SOURCE.toml describes.

    Raises:
        CorpusError: it is not TOML, or a field is missing, unknown or of another kind.
    """
    try:
        value: dict[str, Any] = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        return Corpus.model_validate(value)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise CorpusError(f"cannot read {path}", str(error)[:300], "write TOML") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise CorpusError(f"cannot read {path}", f"{place}: {first['msg']}", "see corpora/README.md") from error


def candidates() -> list[Path]:
    """Where the data may lie: MUSE_DATA, else data/ and shared/data/ here, in the checkout and beside it."""
    named = os.environ.get("MUSE_DATA")
    if named:
        return [Path(named)]
    here = Path.cwd()
    places = [here, *([here.parent] if (here / "corpora").is_dir() else []), _HERE.parent, _HERE.parent.parent]
    found = [place / below for place in places for below in ("data", "shared/data")]
    return list(dict.fromkeys(path for path in found if "site-packages" not in path.parts))


def data_folder() -> Path:
    """The folder with the records of the corpora: poetry/, music/, art/.

    Raises:
        CorpusError: none of the usual places has one.
    """
    for path in candidates():
        if any((path / part).is_dir() for part in ("poetry", "music", "art")):
            return path
    why = "MUSE_DATA names no such folder" if os.environ.get("MUSE_DATA") else "none is here or beside the checkout"
    raise CorpusError(
        "no data folder found", why, "set MUSE_DATA, give --corpus PATH, or use a sample: see muse corpus list"
    )


def _root() -> Path:
    """corpora/ of the installed package, or of the checkout."""
    inside = _HERE / "corpora"
    return inside if inside.is_dir() else _HERE.parent / "corpora"
