"""Whose line it is: titles and authors of well-known poems, and 24 bits of a hash of the end of each of their lines."""

from __future__ import annotations

import json
import lzma
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from muse.errors import BundleError
from muse.fuse import mixed
from muse.poem.novelty.spans import Words, ends

LARGEST = 1 << 26
"""Bytes of titles, unpacked."""
_BITS = np.uint64(40)
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 1 << 22}]


@dataclass(frozen=True, slots=True)
class Source:
    """A poem by its title and author; either may be "".

    >>> str(Source("静夜思", "李白")), str(Source("The Tyger", "William Blake")), str(Source("", "李白"))
    ('李白《静夜思》', 'William Blake, “The Tyger”', '李白')
    """

    title: str
    author: str

    def __str__(self) -> str:
        if not self.title:
            return self.author
        latin = (self.title + self.author).isascii()
        title = f"“{self.title}”" if latin else f"《{self.title}》"
        return self.author + (", " if latin and self.author else "") + title

    def as_dict(self) -> dict[str, str]:
        return {"title": self.title, "author": self.author}


@dataclass(frozen=True, eq=False)
class Sources:
    """The poems that can be named.

    Attributes:
        prints: (N, 3) uint8, of the last five units of each line, poem by poem.
        titles: (bytes,) uint8, xz of the table of poems; it is unpacked when a title is asked for.
        poems: how many there are.
    """

    prints: npt.NDArray[np.uint8] = field(default_factory=lambda: np.zeros((0, 3), np.uint8))
    titles: npt.NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    poems: int = 0

    @classmethod
    def of(cls, records: Iterable[Any]) -> Sources:
        """The sources of some `muse.poem.novelty.index.Record`s; passages of one poem in a row are one."""
        rows: dict[tuple[str, str], list[str]] = {}
        for record in records:
            rows.setdefault((record.author, record.heading), []).extend(record.texts)
        named = sorted(rows)
        _, prints, whole = ends([line for name in named for line in rows[name]])
        poem = np.repeat(np.arange(len(named)), [len(rows[name]) for name in named])
        counts = np.bincount(poem[whole], minlength=len(named)).tolist()
        table = [(*name, count) for name, count in zip(named, counts, strict=True) if count]
        if not table:
            return cls()
        each = Counter(author for author, _, _ in table)
        text = json.dumps(
            [list(each), list(each.values()), [count for _, _, count in table], [title for _, title, _ in table]],
            ensure_ascii=False, separators=(",", ":"),
        )  # fmt: skip
        packed = lzma.compress(text.encode("utf-8", "replace"), check=lzma.CHECK_CRC32, filters=_FILTERS)
        return cls(_printed(prints), np.frombuffer(packed, np.uint8), len(table))

    def __bool__(self) -> bool:
        return self.poems > 0

    @property
    def whole(self) -> bool:
        """Whether the parts fit each other, as far as can be told without unpacking."""
        prints, titles = self.prints, self.titles
        good = prints.dtype == np.uint8 and prints.ndim == 2 and prints.shape[1] == 3
        return good and titles.dtype == np.uint8 and titles.ndim == 1 and 0 <= self.poems <= len(prints)

    def find(self, spans: Words) -> list[tuple[int, int]]:
        """(place in spans, number of a poem) for each line of a poem here that ends so."""
        if not self or not len(spans):
            return []
        asked = _number(_printed(spans)).tolist()
        lines = [(at, line) for at, number in enumerate(asked) for line in np.flatnonzero(self._numbers == number)]
        return [(at, int(np.searchsorted(self._stops, line, "right"))) for at, line in lines]

    def named(self, poem: int) -> tuple[Source, int]:
        """The title and author of a poem, and how many lines of it are known."""
        authors, each, sizes, titles = self._table
        return Source(titles[poem], authors[int(np.searchsorted(np.cumsum(each), poem, "right"))]), sizes[poem]

    @cached_property
    def _numbers(self) -> npt.NDArray[np.uint32]:
        return _number(self.prints)

    @cached_property
    def _stops(self) -> npt.NDArray[np.int64]:
        """After which line each poem ends."""
        stops: npt.NDArray[np.int64] = np.cumsum(self._table[2])
        return stops

    @cached_property
    def _table(self) -> tuple[list[str], list[int], list[int], list[str]]:
        """Authors, poems of each, lines of each poem, titles."""
        try:
            text = lzma.LZMADecompressor(memlimit=1 << 28).decompress(self.titles.tobytes(), LARGEST)
            authors, each, sizes, titles = json.loads(text)
            numbers = np.array([*each, *sizes])
            named = all(isinstance(name, str) for name in (*authors, *titles)) and len(authors) == len(each)
            counted = numbers.dtype.kind == "i" and numbers.min() > 0 and sum(each) == len(sizes) == len(titles)
            if not named or not counted or self.poems != len(titles) or sum(sizes) != len(self.prints):
                raise ValueError("they do not fit it")
        except (lzma.LZMAError, EOFError, ValueError, TypeError, RecursionError, MemoryError, OverflowError) as error:
            raise BundleError("the titles of the line index are damaged", str(error), "fetch it again") from error
        return authors, each, sizes, titles


def _printed(spans: Words) -> npt.NDArray[np.uint8]:
    """(N, 3) the print of each span."""
    high = (mixed(~spans) >> _BITS).astype("<u4")
    return np.ascontiguousarray(high.view(np.uint8).reshape(-1, 4)[:, :3])


def _number(prints: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint32]:
    wide = prints.astype(np.uint32)
    found: npt.NDArray[np.uint32] = wide[:, 0] | wide[:, 1] << np.uint32(8) | wide[:, 2] << np.uint32(16)
    return found
