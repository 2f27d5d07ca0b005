"""Sets of pitches and of tokens as the bits of whole numbers: what a constraint asks between two steps of a model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from muse.music import vocabulary as words

Mask = npt.NDArray[np.bool_]
PITCHES = 128
EVERY = (1 << PITCHES) - 1
_KEPT = 1 << 12
"""How many masks are kept, to be had again."""


def bits(members: Iterable[int]) -> int:
    """The set of some numbers."""
    found = 0
    for member in members:
        found |= 1 << member
    return found


def members(found: int) -> Iterator[int]:
    """The numbers of a set, rising."""
    while found:
        low = found & -found
        yield low.bit_length() - 1
        found ^= low


CLASSES = tuple(bits(range(pitch_class, PITCHES, 12)) for pitch_class in range(12))
"""The pitches of each pitch class."""


def of_classes(classes: Iterable[int]) -> int:
    """All pitches of some pitch classes."""
    found = 0
    for pitch_class in classes:
        found |= CLASSES[pitch_class % 12]
    return found


def near(found: int, leap: int, directions: Iterable[int] = (-1, 0, 1)) -> int:
    """The pitches from which one of a set is reached by a step of at most `leap` in one of the directions."""
    reached = 0
    for direction in directions:
        if direction == 0:
            reached |= found
            continue
        for step in range(1, leap + 1):
            reached |= found >> step if direction > 0 else found << step
    return reached & EVERY


@lru_cache(maxsize=_KEPT)
def array(tokens: int) -> Mask:
    """allowed: (V,) bool, read-only, True for the tokens of a set."""
    packed = np.frombuffer(tokens.to_bytes(-(-words.SIZE // 8), "little"), np.uint8)
    mask = np.unpackbits(packed, count=words.SIZE, bitorder="little").view(np.bool_)
    mask.flags.writeable = False
    return mask
