"""Which picture it is: file, title and source of every training picture, packed."""

from __future__ import annotations

import json
import lzma
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from muse.errors import BundleError

LARGEST = 1 << 24
"""Bytes of the table, unpacked."""
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 1 << 22}]


@dataclass(frozen=True, slots=True)
class Source:
    """A picture that was learned from.

    Attributes:
        file: its path in the corpus.
        title: as the corpus names it, with the artist where one is known; may be "".
        origin: where the corpus has it from.

    >>> str(Source("tarot/0a.jpg", "The Moon", "github x/tarot@1"))
    'The Moon (tarot/0a.jpg, github x/tarot@1)'
    """

    file: str
    title: str
    origin: str

    def __str__(self) -> str:
        return f"{self.title or 'untitled'} ({', '.join(filter(None, (self.file, self.origin)))})"


def packed(sources: Sequence[Source]) -> npt.NDArray[np.uint8]:
    """The table of sources."""
    origins = sorted({source.origin for source in sources})
    place = {origin: at for at, origin in enumerate(origins)}
    table = [
        origins, [place[source.origin] for source in sources],
        [source.file for source in sources], [source.title for source in sources],
    ]  # fmt: skip
    text = json.dumps(table, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return np.frombuffer(lzma.compress(text, check=lzma.CHECK_CRC32, filters=_FILTERS), np.uint8)


def unpacked(table: npt.NDArray[np.uint8], count: int) -> list[Source]:
    """The sources.

    Raises:
        BundleError: the table is damaged, or is not of so many pictures.
    """
    try:
        text = lzma.LZMADecompressor(memlimit=1 << 28).decompress(table.tobytes(), LARGEST)
        origins, places, files, titles = json.loads(text)
        if not len(places) == len(files) == len(titles) == count:
            raise ValueError("they do not fit the index")
        if not all(isinstance(name, str) for name in (*origins, *files, *titles)):
            raise ValueError("a name is none")
        return [Source(file, title, origins[place]) for file, title, place in zip(files, titles, places, strict=True)]
    except (lzma.LZMAError, EOFError, ValueError, TypeError, IndexError, RecursionError, MemoryError) as error:
        raise BundleError(
            "the titles of the picture index are damaged", str(error), "fetch the bundle again"
        ) from error
