"""Whether a line stands in the corpus: an index of hashes that travels with the weights, and a constraint that uses it.

The index holds 32 bits of a hash of each line that the model learned from: the upper 16 as counts of 65,536 buckets,
the lower 16 as a sorted list in each. A new line is taken for a known one with probability lines / 2^32.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from muse.bundle import Bundle
from muse.errors import BundleError
from muse.poem.automaton import Regulated, State
from muse.poem.vocabulary import Vocabulary

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_BUCKETS = 1 << 16


def _powers(width: int) -> npt.NDArray[np.uint64]:
    return np.cumprod(np.full(width, _STEP), dtype=np.uint64)


def _mixed(sums: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint32]:
    sums = (sums ^ (sums >> np.uint64(31))) * _MIX
    sums = (sums ^ (sums >> np.uint64(29))) * _STEP
    return (sums >> np.uint64(32)).astype(np.uint32)


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
    return _mixed((codes * _powers(width)).sum(1, dtype=np.uint64) + np.uint64(width))


@dataclass(frozen=True)
class Lines:
    """The index: `known` is sorted, (N,) uint32."""

    known: npt.NDArray[np.uint32]

    @classmethod
    def of(cls, lines: Iterable[str]) -> Lines:
        return cls(np.unique(hashes(lines)))

    def holds(self, found: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
        """For each hash whether it is known."""
        if not len(self.known):
            return np.zeros(found.shape, np.bool_)
        place = np.minimum(np.searchsorted(self.known, found), len(self.known) - 1)
        return np.equal(self.known[place], found)

    def __contains__(self, line: str) -> bool:
        return bool(line) and bool(self.holds(hashes([line]))[0])

    def weights(self) -> dict[str, np.ndarray]:
        """The index as tensors of a bundle, about two bytes a line."""
        counts = np.bincount(self.known >> np.uint32(16), minlength=_BUCKETS).astype(np.int32)
        low = (self.known & np.uint32(0xFFFF)).astype("<u2").view(np.uint8)
        return {"novelty.counts": counts, "novelty.low": low}

    @classmethod
    def thaw(cls, bundle: Bundle) -> Lines:
        """The index of a bundle; empty where it has none.

        Raises:
            BundleError: its two parts do not fit.
        """
        if "lines" not in bundle.cache:
            counts, low = bundle.weights.get("novelty.counts"), bundle.weights.get("novelty.low")
            if counts is None or low is None:
                bundle.cache["lines"] = cls(np.zeros(0, np.uint32))
            else:
                lower = np.ascontiguousarray(low).view("<u2").astype(np.uint32)
                if len(counts) != _BUCKETS or int(counts.sum()) != len(lower) or counts.min() < 0:
                    raise BundleError(f"the line index of {bundle.name} is damaged")
                upper = np.repeat(np.arange(_BUCKETS, dtype=np.uint32), counts)
                bundle.cache["lines"] = cls((upper << np.uint32(16)) | lower)
        found: Lines = bundle.cache["lines"]
        return found


class Novel:
    """A constraint that also keeps a line from ending as a line of the corpus does; it never blocks the only way on."""

    def __init__(self, inner: Regulated, vocabulary: Vocabulary, lines: Lines) -> None:
        self.inner, self.lines = inner, lines
        self._codes = np.zeros(len(vocabulary), np.uint64)
        self._codes[vocabulary.first :] = _codes("".join(vocabulary.tokens[vocabulary.first :]))
        self._powers = _powers(inner.form.width)

    def start(self) -> tuple[State, tuple[int, ...]]:
        return self.inner.start(), ()

    def done(self, state: tuple[State, tuple[int, ...]]) -> bool:
        return self.inner.done(state[0])

    def place(self, state: tuple[State, tuple[int, ...]]) -> tuple[int, int]:
        return self.inner.place(state[0])

    def advance(self, state: tuple[State, tuple[int, ...]], token: int) -> tuple[State, tuple[int, ...]]:
        ended = state[0].place == self.inner.form.width
        return self.inner.advance(state[0], token), () if ended else (*state[1], token)

    def mask(self, state: tuple[State, tuple[int, ...]]) -> npt.NDArray[np.bool_]:
        allowed = self.inner.mask(state[0])
        if len(self.lines.known) and state[0].place == self.inner.form.width - 1:
            choices = np.flatnonzero(allowed)
            head = (self._codes[list(state[1])] * self._powers[:-1]).sum(dtype=np.uint64)
            sums = head + self._codes[choices] * self._powers[-1] + np.uint64(self.inner.form.width)
            copied = self.lines.holds(_mixed(sums))
            if not copied.all():
                allowed[choices[copied]] = False
        return allowed
