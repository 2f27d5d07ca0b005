"""Whether a line stands in the corpus: an index of hashes that travels with the weights.

The index holds 32 bits of a hash of each line that the model learned from: the upper 16 as counts of 65,536 buckets,
the lower 16 as a sorted list in each. A new line is taken for a known one with probability lines / 2^32.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from muse.bundle import Bundle
from muse.constraint import Refused
from muse.errors import BundleError
from muse.poem.vocabulary import Vocabulary
from muse.walk import STEP, listed, mixed

_BUCKETS = 1 << 16


def hashes(lines: Iterable[str]) -> npt.NDArray[np.uint32]:
    """(N,) uint32, of lines of any lengths."""
    found = [_of_width(list(part), width) for width, part in _by_width(lines).items()]
    return np.concatenate(found) if found else np.zeros(0, np.uint32)


def _by_width(lines: Iterable[str]) -> dict[int, list[str]]:
    parts: dict[int, list[str]] = {}
    for line in lines:
        if line:
            parts.setdefault(len(line), []).append(line)
    return parts


def _codes(text: str) -> npt.NDArray[np.uint64]:
    return np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.uint64)


def _of_width(lines: list[str], width: int) -> npt.NDArray[np.uint32]:
    codes = _codes("".join(lines)).reshape(-1, width)
    powers = np.cumprod(np.full(width, STEP, np.uint64), dtype=np.uint64)
    return mixed((codes * powers).sum(1, dtype=np.uint64), width)


@dataclass(frozen=True, eq=False)
class Lines:
    """The index: where each bucket begins, (65537,) uint32, and the lower halves, (N,) uint16; see `Refused`."""

    offsets: npt.NDArray[np.uint32]
    low: npt.NDArray[np.uint16]

    @classmethod
    def of(cls, lines: Iterable[str]) -> Lines:
        known = np.unique(hashes(lines))
        counts = np.bincount(known >> np.uint32(16), minlength=_BUCKETS)
        return cls(_offsets(counts), (known & np.uint32(0xFFFF)).astype(np.uint16))

    def __len__(self) -> int:
        return len(self.low)

    def __contains__(self, line: str) -> bool:
        return bool(line) and bool(listed(self.offsets, self.low, hashes([line]))[0])

    def refused(self, vocabulary: Vocabulary) -> Refused:
        """The index as a constraint's tables have it."""
        return Refused(self.offsets, self.low, vocabulary.codes.astype(np.uint64))

    def weights(self) -> dict[str, np.ndarray]:
        """The index as tensors of a bundle, about two bytes a line."""
        counts = np.diff(self.offsets.astype(np.int32))
        return {"novelty.counts": counts, "novelty.low": self.low.astype("<u2").view(np.uint8)}

    @classmethod
    def thaw(cls, bundle: Bundle) -> Lines:
        """The index of a bundle; empty where it has none.

        Raises:
            BundleError: its two parts do not fit.
        """
        counts, low = bundle.weights.get("novelty.counts"), bundle.weights.get("novelty.low")
        if counts is None or low is None:
            return cls(np.zeros(_BUCKETS + 1, np.uint32), np.zeros(0, np.uint16))
        whole = counts.shape == (_BUCKETS,) and counts.dtype.kind == "i" and low.dtype == np.uint8 and low.ndim == 1
        if not whole or counts.min() < 0 or 2 * int(counts.sum(dtype=np.int64)) != len(low):
            raise BundleError(f"the line index of {bundle.name} is damaged")
        return cls(_offsets(counts), np.ascontiguousarray(low).view("<u2"))


def _offsets(counts: np.ndarray) -> npt.NDArray[np.uint32]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.uint32)
