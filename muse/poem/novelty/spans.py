"""Lines as characters or words, and the keys of their spans: what the index knows of a line, in any language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from muse.tables.han import HAN
from muse.tables.simplified import simplify
from muse.walk import keys

SPAN = 5
"""Characters or words; a line of fewer is a phrase that belongs to nobody, and no line of the index."""
_ALONE = (
    "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_UNIT = re.compile(rf"[{_ALONE}]|(?:(?![{_ALONE}])[^\W_]|[\u0591-\u05c7\u0610-\u065f\u0900-\u0dff])+")
"""A character of a script that puts no spaces between words, or a word."""
_APOSTROPHES = str.maketrans("", "", "'’‘ʼ`´\xad")
Words = npt.NDArray[np.uint64]


def units(line: str) -> list[str]:
    """The characters or words of a line in one spelling: small letters, no accents, no apostrophes, simplified Han.

    >>> units("Heav'n is TOO  high!—"), units("牀前 明月光，")
    (['heavn', 'is', 'too', 'high'], ['床', '前', '明', '月', '光'])
    """
    text = line.translate(_APOSTROPHES).casefold()
    if not text.isascii():
        text = simplify("".join(map(_plain, text)))
    return _UNIT.findall(text)


def joined(some: Sequence[str]) -> str:
    """The text of some units.

    >>> joined(["明", "月"]), joined(["the", "moon"])
    ('明月', 'the moon')
    """
    return ("" if all(len(unit) == 1 and _UNIT.fullmatch(unit) and unit > "\u0dff" for unit in some) else " ").join(
        some
    )


@lru_cache(maxsize=1 << 12)
def _plain(char: str) -> str:
    """A letter of an alphabet without its accents; characters of East Asia as they are."""
    if char >= "\u2e80":
        return char
    return "".join(part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part))


@lru_cache(maxsize=1 << 18)
def code(unit: str) -> int:
    """The number that stands for a unit: of a character its code point, of a word a hash."""
    if len(unit) == 1:
        return ord(unit)
    return int.from_bytes(blake2b(unit.encode("utf-8", "replace"), digest_size=8).digest(), "little")


def codes(lines: Sequence[str]) -> tuple[Words, npt.NDArray[np.int64]]:
    """The codes of the units of all lines in a row, and how many each line has."""
    whole = "".join(lines)
    if HAN.fullmatch(whole):
        counts = np.fromiter(map(len, lines), np.int64, len(lines))
        text = simplify(whole).encode("utf-32-le", "surrogatepass")
        return np.frombuffer(text, np.uint32).astype(np.uint64), counts
    found: list[int] = []
    sizes = []
    for line in lines:
        here = units(line)
        sizes.append(len(here))
        found.extend(map(code, here))
    return np.array(found, np.uint64), np.array(sizes, np.int64)


def ends(lines: Iterable[str]) -> tuple[Words, Words, npt.NDArray[np.bool_]]:
    """The keys of the first and of the last SPAN units of each line that has so many, and which lines these are."""
    flat, counts = codes(list(lines))
    whole, stop = counts >= SPAN, np.cumsum(counts)
    begin, after = (stop - counts)[whole], stop[whole] - SPAN
    reach = np.arange(SPAN)
    return keys(flat[begin[:, None] + reach]), keys(flat[after[:, None] + reach]), whole


def every(line: Sequence[str]) -> Words:
    """The keys of all spans of a line's units, from the first on."""
    found = np.array([code(unit) for unit in line], np.uint64)
    return keys(np.lib.stride_tricks.sliding_window_view(found, SPAN)) if len(found) >= SPAN else found[:0]
