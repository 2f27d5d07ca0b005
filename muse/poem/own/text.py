"""The text of a file, whatever its encoding, without what no text should hold."""

from __future__ import annotations

import lzma
import re
from dataclasses import dataclass
from pathlib import Path

from muse.errors import CorpusError
from muse.files import read_capped

LARGEST, UNPACKED = 1 << 28, 1 << 30
_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
_STRAY = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f\u200b\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff\ufffe\ud800-\udfff]"
)
"""Control characters, marks of direction that change how the text around them reads, and halves of characters."""


@dataclass(frozen=True, slots=True)
class Text:
    """What a file says.

    Attributes:
        encoding: "UTF-8", "UTF-16" or "GB18030".
        stray: characters that were left out of it.
    """

    text: str
    encoding: str
    stray: int


def unpacked(file: Path) -> bytes:
    """The bytes of a file, out of its xz pack where it has one.

    Raises:
        InputError: it cannot be read, or is larger than 256 MiB.
        CorpusError: a damaged pack, or one of more than 1 GiB.
    """
    data = read_capped(file, LARGEST)
    if not file.name.endswith(".xz"):
        return data
    try:
        unpacker = lzma.LZMADecompressor()
        data = unpacker.decompress(data, UNPACKED)
    except lzma.LZMAError as error:
        raise CorpusError(f"cannot read {file}", f"it is damaged, or no xz file: {error}") from error
    if not unpacker.eof:
        raise CorpusError(f"cannot read {file}", "it is cut, or larger than 1 GiB unpacked")
    return data


def text_of(file: Path) -> Text:
    """The text of a file: UTF-16 where its first bytes say so, else UTF-8, else GB18030; line breaks as \\n.

    Raises:
        InputError, CorpusError: see `unpacked`; or it is no text in any of these.
    """
    data = unpacked(file)
    for encoding in [_MARKS[data[:2]]] if data[:2] in _MARKS else ["UTF-8", "GB18030"]:
        try:
            text = data.decode("utf-8-sig" if encoding == "UTF-8" else encoding)
        except UnicodeDecodeError:
            continue
        kept, stray = clean(text)
        if stray > len(text) // 10:
            break
        return Text(kept, encoding, stray)
    raise CorpusError(f"cannot read {file}", "it is no text in UTF-8, UTF-16 or GB18030", "save it as UTF-8")


def clean(text: str) -> tuple[str, int]:
    """The text without stray characters, and how many there were.

    >>> clean("a\\x00b\\r\\nc")
    ('ab\\nc', 1)
    """
    kept, stray = _STRAY.subn("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return kept, stray - text.startswith("\ufeff")
