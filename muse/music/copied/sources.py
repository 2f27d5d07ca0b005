"""Whose melody it is: title, corpus and licence of every work in the index, packed."""

from __future__ import annotations

import json
import lzma
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from muse.errors import BundleError
from muse.music.records import Record

LARGEST = 1 << 24
"""Bytes of the table, unpacked."""
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 1 << 22}]
_LICENCES = {
    "jsb-chorales": "public domain",
    "open-hymnal": "public domain",
    "satb-polish": "CC BY 4.0",
    "melodies": "CC BY 4.0",
}
_POLISH = re.compile(r"pl:.*_([^_]*?)--([^_]+)")


@dataclass(frozen=True, slots=True)
class Source:
    """A work that was learned from.

    >>> str(Source("Raszek Waclaw: missa in c laudamus", "melodies", "CC BY 4.0"))
    'Raszek Waclaw: missa in c laudamus (melodies, CC BY 4.0)'
    """

    title: str
    corpus: str
    licence: str

    def __str__(self) -> str:
        return f"{self.title or 'untitled'} ({self.corpus}, {self.licence})"

    @classmethod
    def of(cls, record: Record) -> Source:
        """The source of a record; of what muse does not ship, the licence is for its owner to know."""
        group, title = record.group, record.title
        licence = "CC0 1.0" if group.startswith("lied:") else _LICENCES.get(record.corpus, "licence not known")
        polish = _POLISH.fullmatch(group)
        if polish is not None:
            title = ": ".join((polish[1].replace("-", " ").title(), polish[2].replace("-", " ")))
        elif record.corpus == "jsb-chorales":
            title = f"J. S. Bach: chorale, {title}"
        return cls(title, record.corpus, licence)


def packed(sources: Sequence[Source], counts: Sequence[int]) -> npt.NDArray[np.uint8]:
    """The table of sources and of how many figures each has."""
    kinds = sorted({(source.corpus, source.licence) for source in sources})
    place = {kind: at for at, kind in enumerate(kinds)}
    table = [
        kinds, [place[source.corpus, source.licence] for source in sources],
        list(counts), [source.title for source in sources],
    ]  # fmt: skip
    text = json.dumps(table, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return np.frombuffer(lzma.compress(text, check=lzma.CHECK_CRC32, filters=_FILTERS), np.uint8)


def unpacked(table: npt.NDArray[np.uint8], figures: int) -> tuple[list[Source], npt.NDArray[np.int64]]:
    """The sources, and after which figure each ends.

    Raises:
        BundleError: it is damaged, or is not of so many figures.
    """
    try:
        text = lzma.LZMADecompressor(memlimit=1 << 28).decompress(table.tobytes(), LARGEST)
        kinds, places, counts, titles = json.loads(text)
        numbers = np.array([*places, *counts])
        fits = len(places) == len(counts) == len(titles) and sum(counts) == figures
        if not fits or numbers.dtype.kind != "i" or numbers.min() < 0 or not all(isinstance(t, str) for t in titles):
            raise ValueError("they do not fit the index")
        sources = [Source(title, *map(str, kinds[place])) for place, title in zip(places, titles, strict=True)]
    except (lzma.LZMAError, EOFError, ValueError, TypeError, IndexError, RecursionError, MemoryError) as error:
        raise BundleError("the titles of the melody index are damaged", str(error), "fetch the bundle again") from error
    return sources, np.cumsum(np.array(counts, np.int64))
