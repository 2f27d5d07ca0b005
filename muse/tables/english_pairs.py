"""Pairs of common English words and marks that verse does not join: what grammar forbids, as counts show it.

EDGE stands for the beginning and the end of a line. A pair is forbidden where it stands in the corpus at most one
fiftieth as often as its two parts would meet by chance, and chance would bring them together eight times at least.
"The of", "my thy", "to is", "the" before a comma or at a line's end are such pairs.

Source: counts over the training part of english-verse (public domain), by `corpora/make_pairs.py`; CC0-1.0.
"""

from __future__ import annotations

import zlib
from functools import cache
from pathlib import Path

import numpy as np

EDGE = "|"


@cache
def table() -> tuple[dict[str, int], np.ndarray]:
    """The words with their numbers, and (W, W) bool: True where the second may not follow the first."""
    head, _, bits = zlib.decompress(Path(__file__).with_name("english_pairs.bin").read_bytes()).partition(b"\0")
    words = head.decode("ascii").replace("--", "—").split("\n")
    square = np.unpackbits(np.frombuffer(bits, np.uint8), count=len(words) ** 2).reshape(len(words), -1)
    return {word: number for number, word in enumerate(words)}, square.astype(np.bool_)


def joins(first: str, second: str) -> bool:
    """Whether verse joins two words or marks; words in small letters, EDGE for a line's bounds.

    >>> joins("the", "sea"), joins("the", "of"), joins("and", EDGE)
    (True, False, False)
    """
    words, forbidden = table()
    return not (first in words and second in words and forbidden[words[first], words[second]])


def pack(words: list[str], forbidden: np.ndarray) -> bytes:
    """The file of a table; see `table`."""
    head = "\n".join(words).replace("—", "--").encode("ascii")
    return zlib.compress(head + b"\0" + np.packbits(forbidden).tobytes(), 9)
