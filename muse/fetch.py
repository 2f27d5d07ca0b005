"""One published file over HTTP: resumed where it stopped, held to its checksum, there as a whole or not at all."""

from __future__ import annotations

import hashlib
import http.client
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal
from urllib.parse import quote, urlsplit, urlunsplit

from muse.errors import CorpusError, OutputError
from muse.sources import UNKNOWN

CHUNK = 1 << 16
LARGEST = 1 << 33
Watch = Callable[[str, int, int], None]
"""Called with the file's name, the bytes that are here and the bytes in all (0 if unknown)."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that is here now.

    Attributes:
        state: "here" (it was already), "fetched" or "resumed".
        verified: whether its checksum was known beforehand.
    """

    path: Path
    bytes: int
    sha256: str
    state: Literal["here", "fetched", "resumed"]
    verified: bool


def download(
    url: str,
    path: Path | str,
    *,
    sha256: str = UNKNOWN,
    size: int = 0,
    watch: Watch | None = None,
    attempts: int = 4,
    timeout: float = 30.0,
    pause: float = 1.0,
) -> Fetched:
    """Fetch a file; what was fetched of it before is kept in NAME.part and not fetched again.

    Without a checksum nothing is resumed, since two halves could be of two files.

    Args:
        sha256: what the file must hash to, or "unknown".
        size: its bytes, 0 if unknown.
        attempts: how often a broken connection is taken up again; `pause` seconds lie between.

    Raises:
        CorpusError: the address is not HTTP, the server refuses, the connection breaks, the file differs.
        OutputError: the file cannot be written.
    """
    path = Path(path)
    known = sha256 != UNKNOWN
    if urlsplit(url).scheme not in ("http", "https"):
        raise CorpusError(f"cannot fetch {url}", "it is no http or https address", "see its SOURCE.toml")
    try:
        if path.exists():
            found = digest(path)
            if known and found != sha256:
                raise CorpusError(f"{path} is not the file that was published", _differs(sha256, found), "delete it")
            return Fetched(path, path.stat().st_size, found, "here", known)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        if not known:
            part.unlink(missing_ok=True)
        start = part.stat().st_size if part.exists() else 0
        _pull(url, part, size, watch, attempts if known else 1, timeout, pause)
        found = digest(part)
        if known and found != sha256:
            part.unlink()
            raise CorpusError(
                f"{url} is not the file that was published", _differs(sha256, found), "try another mirror"
            )
        os.replace(part, path)
    except OSError as error:
        raise OutputError(f"cannot write {path}", error.strerror or str(error), "choose another --out") from error
    return Fetched(path, path.stat().st_size, found, "resumed" if start else "fetched", known)


def digest(path: Path | str) -> str:
    """The SHA-256 of a file of any size."""
    total = hashlib.sha256()
    with Path(path).open("rb") as stream:
        while chunk := stream.read(1 << 20):
            total.update(chunk)
    return total.hexdigest()


def _pull(url: str, part: Path, size: int, watch: Watch | None, attempts: int, timeout: float, pause: float) -> None:
    """Fill the part file to its end."""
    why = ""
    for attempt in range(attempts):
        if attempt:
            time.sleep(pause * attempt)
        have = part.stat().st_size if part.exists() else 0
        request = urllib.request.Request(_ascii(url), headers={"User-Agent": "muse", "Accept-Encoding": "identity"})
        if have:
            request.add_header("Range", f"bytes={have}-")
        try:
            response = urllib.request.urlopen(request, timeout=timeout)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 416 and have:  # nothing after what is here: whole, or of another file
                if have == size:
                    return
                part.unlink()
            elif error.code < 500 and error.code != 429:
                raise CorpusError(f"cannot fetch {url}", f"the server answers {error.code} {error.reason}") from error
            why = f"the server answers {error.code} {error.reason}"
            continue
        except (urllib.error.URLError, TimeoutError, ConnectionError, http.client.HTTPException) as error:
            why = str(getattr(error, "reason", error)) or type(error).__name__
            continue
        with response, part.open("ab" if _goes_on(response, have) else "wb") as stream:
            why = _copy(response, stream, part.name.removesuffix(".part"), size, watch)
        if not why:
            return
    raise CorpusError(f"could not fetch all of {url}", why, "run the same command again: it goes on where it stopped")


def _goes_on(response: http.client.HTTPResponse, have: int) -> bool:
    return response.status == 206 and (response.headers.get("Content-Range") or "").startswith(f"bytes {have}-")


def _copy(response: http.client.HTTPResponse, stream: IO[bytes], name: str, size: int, watch: Watch | None) -> str:
    """Copy what comes; "" when all of it came, else why not."""
    have = stream.seek(0, os.SEEK_END)
    length = response.headers.get("Content-Length")
    total = have + int(length) if length and length.isdigit() else size
    if (size and total != size) or total > LARGEST:
        raise CorpusError(f"{name} is not the file that was published", f"it has {total:,} bytes, not {size:,}")
    try:
        while chunk := response.read(CHUNK):
            have += len(chunk)
            if have > (total or LARGEST):
                raise CorpusError(f"{name} is not the file that was published", f"it goes on after {total:,} bytes")
            stream.write(chunk)
            if watch is not None:
                watch(name, have, total)
    except (TimeoutError, ConnectionError, http.client.HTTPException) as error:
        return f"the connection broke after {have:,} bytes: {error or type(error).__name__}"
    finally:
        stream.flush()
        os.fsync(stream.fileno())
    return "" if not total or have == total else f"the connection broke after {have:,} of {total:,} bytes"


def _ascii(url: str) -> str:
    """The address with its path in percent signs, as HTTP wants it."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=quote(parts.path, safe="/%")))


def _differs(wanted: str, found: str) -> str:
    return f"sha256 {wanted[:16]}… was expected, {found[:16]}… was found"
