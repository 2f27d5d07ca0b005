"""The only door through which muse writes: atomic, inside a given folder, never over something silently."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from muse.errors import InputError, OutputError


def sha256(data: bytes) -> str:
    """The SHA-256 of some bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def canonical_json(value: Any) -> bytes:
    """The one way muse writes a JSON value: sorted keys, UTF-8, two spaces, a closing line break."""
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=2, allow_nan=False) + "\n").encode()


def read_capped(path: Path | str, limit: int) -> bytes:
    """The bytes of a file of at most `limit` bytes.

    Raises:
        InputError: the file is absent, unreadable or larger.
    """
    path = Path(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise InputError(f"cannot read {path}", error.strerror or str(error), "check the path") from error
    if len(data) > limit:
        raise InputError(f"{path} is too large", f"it has more than {limit:,} bytes", "give a smaller file")
    return data


def slug(text: str, fallback: str = "untitled") -> str:
    """A file name for a title, in any script; at most 48 characters.

    >>> slug("Autumn River / 秋江夜泊!")
    'autumn-river-秋江夜泊'
    """
    text = unicodedata.normalize("NFC", text).lower()
    cleaned = re.sub(r"[\W_]+", "-", text).strip("-")[:48].strip("-")
    return cleaned or fallback


def safe_join(root: Path, name: str) -> Path:
    """`root / name`, refused where it would lie outside `root`."""
    parts = name.split("/")
    if name.startswith("/") or "\\" in name or "\0" in name or any(part in ("", ".", "..") for part in parts):
        raise OutputError(f"unsafe file name {name!r}", "it would lie outside its folder")
    return root.joinpath(*parts)


def write_atomic(path: Path | str, data: bytes, *, force: bool = False) -> Path:
    """Write a whole file or none of it.

    Raises:
        OutputError: the file exists and `force` is off, or the folder cannot be written.
    """
    path = Path(path)
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        if force:
            os.replace(temporary, path)
        else:
            os.link(temporary, path)  # fails where the file exists, also when two processes race
            os.unlink(temporary)
        temporary = None
        _sync_folder(path.parent)
    except FileExistsError as error:
        raise OutputError(f"{path} exists", "muse never overwrites silently", "use --force or another --out") from error
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
    return path


def write_folder(folder: Path | str, files: Mapping[str, bytes], *, force: bool = False) -> Path:
    """Write a folder with all of its files, or leave things as they were.

    An empty folder of that name is filled. With `force` the files replace those of the same name
    and other files in the folder stay.

    Raises:
        OutputError: the folder has files in it and `force` is off, or it cannot be written.
    """
    folder = Path(folder)
    staging = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if folder.exists() and not folder.is_dir():
            raise OutputError(f"{folder} is a file", "a folder of works is to be written there", "choose another --out")
        if folder.exists() and any(folder.iterdir()) and not force:
            raise OutputError(
                f"{folder} exists and is not empty", "muse never overwrites silently", "use --force or another --out"
            )
        staging = Path(tempfile.mkdtemp(prefix=".", suffix=".part", dir=folder.parent))
        for name, data in files.items():
            target = safe_join(staging, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
        staging.chmod(0o777 & ~_umask())
        if force and folder.exists():
            for name in files:
                target = safe_join(folder, name)
                target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(safe_join(staging, name), target)
        else:
            os.replace(staging, folder)  # replaces an empty folder only: a race loses nothing
            staging = None
        _sync_folder(folder.parent)
    except OSError as error:
        raise _unwritable(folder, error) from error
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)
    return folder


def write_new_folder(parent: Path | str, name: str, files: Mapping[str, bytes]) -> Path:
    """Write a folder under the first free name of `name`, `name-2`, `name-3` …; two processes never collide."""
    parent = Path(parent)
    for count in range(1, 10_000):
        folder = parent / (name if count == 1 else f"{name}-{count}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise _unwritable(folder, error) from error
        try:
            return write_folder(folder, files)
        except BaseException:
            folder.rmdir()
            raise
    raise OutputError(f"no free name for {name} in {parent}", "9,999 are taken", "give --out")


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"cannot write {path}", error.strerror or str(error), "choose a folder that can be written")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    """Make a rename durable; not every system can open a folder."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
