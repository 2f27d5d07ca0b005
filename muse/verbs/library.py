"""What is at hand: models and finished works."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from muse.bundle import Bundle, available
from muse.errors import BundleError, InputError, OutputError, UsageError
from muse.files import canonical_json, read_capped, write_atomic

if TYPE_CHECKING:
    from muse.work import Work

LARGEST = 1 << 28
PICTURES = (".png", ".jpg", ".jpeg", ".webp")
MUSIC = (".mid", ".midi", ".kar", ".musicxml", ".xml", ".mxl", ".abc", ".krn", ".kern")


def load(name: str | Path) -> Bundle:
    """A bundle by its name or the path of its file, verified; `.card` says what it is.

    >>> load("poem-zh").card["kind"]  # doctest: +SKIP
    'poem'

    Raises:
        BundleError: absent, foreign, cut, changed, or of a newer schema.
    """
    path = Path(name)
    if path.suffix == ".safetensors" and path.is_file():
        status = path.stat()
        return _kept(str(path), status.st_mtime_ns, status.st_size)
    return _kept(str(name), 0, 0)


@lru_cache(maxsize=8)
def _kept(name: str, changed: int, size: int) -> Bundle:
    return Bundle.load(name)


def load_kind(name: str | Path, kind: str) -> Bundle:
    """A bundle that must be of a kind.

    Raises:
        UsageError: it is of another.
    """
    bundle = load(name)
    if bundle.kind != kind:
        raise UsageError(
            f"{name} is a bundle of kind {bundle.kind!r}", f"one of kind {kind!r} is needed", "see muse model list"
        )
    return bundle


def models() -> dict[str, dict[str, Any]]:
    """The cards of the bundles that this muse ships with, by name."""
    return {name: dict(load(name).card) for name in available()}


def verify(name: str | Path | None = None) -> dict[str, str]:
    """name → sha256 of one bundle, or of all that are shipped, each read to its last byte.

    Raises:
        BundleError: one is not whole, or none is there.
    """
    names = [str(name)] if name is not None else available()
    if not names:
        raise BundleError("no bundles are installed", "this copy of muse came without weights", "install muse again")
    return {each: Bundle.load(each).sha256 for each in names}


def export(name: str | Path, folder: Path | str, *, force: bool = False) -> list[Path]:
    """Write a bundle's file and its card as JSON into a folder, and return their paths."""
    bundle = load(name)
    files = {
        f"{bundle.name}.safetensors": bundle.as_bytes(),
        f"{bundle.name}.card.json": canonical_json(dict(bundle.card)),
    }
    for file in files:
        if (Path(folder) / file).exists() and not force:
            raise OutputError(
                f"{Path(folder) / file} exists", "muse never overwrites silently", "use --force or another --out"
            )
    return [write_atomic(Path(folder) / file, data, force=force) for file, data in files.items()]


def read(path: str | Path) -> Work:
    """A finished work from its folder, its recipe, or a file: poem (.txt, .json), MIDI, MusicXML, ABC, kern, picture.

    Raises:
        InputError: it cannot be read, or is none of these.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"cannot read {path}", "there is no such file or folder", "check the path")
    if path.is_dir():
        return _read_folder(path)
    if path.name == "recipe.json":
        return _read_folder(path.parent)
    suffix = path.suffix.lower()
    if suffix in MUSIC:
        from muse.music import files

        return files.read(path)
    if suffix in PICTURES:
        return _picture(path)
    if suffix == ".json":
        return _read_json(path)
    if suffix == ".txt":
        return _verse(path)
    raise InputError(
        f"cannot read {path}",
        f"muse reads no {suffix or 'such'} files",
        "give .mid, .musicxml, .abc, .krn, .json, .txt, .png or .jpg",
    )


def _read_folder(folder: Path) -> Work:
    if (folder / "index.html").exists() and (folder / "recipe.json").exists():
        from muse.verbs.disc import read_album

        return read_album(folder, read)
    for name in ("poem.json", "piece.json", "piece.mid", "cover.png", "cover.jpg", "poem.txt"):
        if (folder / name).is_file():
            return with_recipe(read(folder / name), folder)
    raise InputError(f"no work in {folder}", "none of the files that muse writes is there", "give the folder of a work")


def with_recipe(work: Work, folder: Path) -> Work:
    """The work with the recipe that lies in its folder, if one does."""
    from dataclasses import replace

    from muse.work import Recipe

    if (folder / "recipe.json").is_file():
        return replace(work, recipe=Recipe.load(folder / "recipe.json"))  # type: ignore[type-var]
    return work


def _read_json(path: Path) -> Work:
    try:
        value = json.loads(read_capped(path, LARGEST))
    except (ValueError, RecursionError) as error:
        raise InputError(f"cannot read {path}", f"it is not JSON: {error}", "give a poem.json or piece.json") from error
    if isinstance(value, dict) and "tracks" in value:
        from muse.music.piece import Piece

        return Piece.from_dict(value)
    if isinstance(value, dict) and "lines" in value:
        from muse.poem.poem import Poem

        return Poem.from_dict(value)
    raise InputError(f"cannot read {path}", "it is neither a poem nor a piece", "give a poem.json or piece.json")


def _verse(path: Path) -> Work:
    from muse.poem.poem import Poem

    try:
        return Poem.from_text(read_capped(path, 1 << 20).decode())
    except UnicodeDecodeError as error:
        raise InputError(f"cannot read {path}", "it is not UTF-8 text", "save it as UTF-8") from error


def _picture(path: Path) -> Work:
    from muse.art.cover import Cover
    from muse.art.reading import open_picture

    return Cover(path.stem, open_picture(read_capped(path, LARGEST), str(path)))
