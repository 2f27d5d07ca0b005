"""What a poem shares with the poems that a model has read: lines, the longest span, the nearest poem."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from muse.bundle import Bundle
from muse.poem.novelty.index import Index
from muse.poem.novelty.sources import Source
from muse.poem.novelty.spans import SPAN, Words, every, joined, units
from muse.terms import Kept, Promise, Report

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Shared:
    """A line, or a span of one, that the corpus holds.

    Attributes:
        line: its number, from 1.
        length: characters or words.
        text: in the spelling of the index, see `muse.poem.novelty.spans.units`.
        source: None where the poem is not among those that can be named.
    """

    line: int
    length: int
    text: str
    source: Source | None = None

    def __str__(self) -> str:
        return self.text + (f" ({self.source})" if self.source is not None else "")

    def as_dict(self) -> dict[str, Any]:
        source = self.source.as_dict() if self.source is not None else None
        return {"line": self.line, "length": self.length, "text": self.text, "source": source}


@dataclass(frozen=True, slots=True)
class Nearest:
    """The poem that shares most line ends.

    Attributes:
        similarity: 2 · shared / (lines here + lines there), 1 for the same poem.
    """

    source: Source
    shared: int
    similarity: float

    def as_dict(self) -> dict[str, Any]:
        return {**self.source.as_dict(), "shared": self.shared, "similarity": round(self.similarity, 3)}


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a poem shares with a corpus.

    Attributes:
        corpus: lines that the index was made of; 0 where there is no index, and then nothing is told.
        lines: of the poem, as far as they have five characters or words.
        copied: lines that the corpus holds.
        span: the longest that is shared, of five or more; consecutive copied lines are one.
        share: of the ends of the poem's lines, how much the corpus knows, in [0, 1].
        nearest: of the poems that can be named, None where none shares a line's end.
        alarm: the chance that a line of a poem like this is told as copied though nothing of it was ever read.
        alarm_span: the same of a span.
    """

    corpus: int
    lines: int = 0
    copied: tuple[Shared, ...] = ()
    span: Shared | None = None
    share: float = 0.0
    nearest: Nearest | None = None
    alarm: float = 0.0
    alarm_span: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        return {
            "corpus": self.corpus,
            "lines": self.lines,
            "copied": [line.as_dict() for line in self.copied],
            "span": self.span.as_dict() if self.span is not None else None,
            "share": round(self.share, 4),
            "nearest": self.nearest.as_dict() if self.nearest is not None else None,
            "alarm": round(self.alarm, 5),
            "alarm_span": round(self.alarm_span, 5),
        }

    def report(self, *, promised: bool = True, given: Collection[int] = ()) -> Report:
        """The certificate in words.

        Args:
            promised: the poem was to have no line of the corpus; else copied lines are told, and nothing is broken.
            given: numbers of the lines, from 0, that were given in part or whole: copied, they relax the promise.
        """
        if not self.corpus:
            return Report(findings=("novelty: this bundle has no index of known lines",))
        copied = "; ".join(map(str, self.copied[:SHOWN])) + (" …" if len(self.copied) > SHOWN else "")
        found = f"{len(self.copied)} of {self.lines}" + (f": {copied}" if copied else "")
        said = [] if promised else [f"lines that the corpus holds: {found}; by chance {self.alarm:.2g}"]
        if self.span is not None:
            said.append(f"longest shared span: {self.span.length}, {self.span}; one by chance {self.alarm_span:.2g}")
        else:
            said.append(f"longest shared span: under {SPAN}")
        if self.nearest is not None:
            near = self.nearest
            said.append(f"nearest known poem: {near.source}, {near.shared} line ends, {near.similarity:.0%} alike")
        broken = any(line.line - 1 not in given for line in self.copied)
        kept: Kept = False if broken else "relaxed" if self.copied else True
        promise = Promise("no line of the corpus", f"0 of {self.lines}", found, kept)
        return Report((promise,) if promised else (), tuple(said))


def certificate(lines: Sequence[str], bundle: Bundle) -> Certificate:
    """What the lines of a poem share with what a bundle's model has read, in any language.

    Raises:
        BundleError: the bundle's index is damaged.
    """
    return certified(lines, Index.thaw(bundle))


def certified(lines: Sequence[str], index: Index) -> Certificate:
    """What the lines of a poem share with the corpus of an index."""
    if not index:
        return Certificate(0)
    texts = [units(line) for line in lines]
    spans = [every(text) for text in texts]
    known = [index.holds(here) for here in spans]
    asked = [number for number, here in enumerate(spans) if len(here)]
    copied = [number for number in asked if known[number][0] and known[number][-1]]
    found = _Named(index, spans, known)
    tested = sum(map(len, spans))
    ends = [known[number][[0, -1]] for number in asked]
    per_line = [index.alarm ** (1 if len(spans[number]) == 1 else 2) for number in asked]
    return Certificate(
        len(index),
        len(asked),
        tuple(Shared(at + 1, len(texts[at]), joined(texts[at]), found.source(at, at)) for at in copied),
        _longest(texts, known, copied, found),
        float(np.mean(ends)) if ends else 0.0,
        found.nearest(len(asked)),
        1 - float(np.prod([1 - chance for chance in per_line])),
        1 - (1 - index.alarm) ** tested,
    )


class _Named:
    """Which lines of a poem are found in which poems that can be named."""

    def __init__(self, index: Index, spans: Sequence[Words], known: Sequence[npt.NDArray[np.bool_]]) -> None:
        self._index = index
        self._lines: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
        line_of = np.repeat(np.arange(len(spans)), [int(there.sum()) for there in known])
        asked = np.concatenate(
            [here[there] for here, there in zip(spans, known, strict=True)] or [np.zeros(0, np.uint64)]
        )
        for number, part in enumerate(index.parts):
            for at, poem in part.sources.find(asked):
                self._lines[number, poem].add(int(line_of[at]))
        self._votes = Counter({key: len(there) for key, there in self._lines.items()})

    def source(self, first: int, last: int) -> Source | None:
        """The poem that holds some lines; of several the one that shares most with the whole."""
        able = [key for key, there in self._lines.items() if there >= set(range(first, last + 1))]
        if not able:
            return None
        part, poem = max(able, key=lambda key: (self._votes[key], (-key[0], -key[1])))
        return self._index.parts[part].sources.named(poem)[0]

    def nearest(self, lines: int) -> Nearest | None:
        best: Nearest | None = None
        for (part, poem), shared in self._votes.most_common(20):
            source, size = self._index.parts[part].sources.named(poem)
            near = Nearest(source, shared, min(1.0, 2 * shared / (lines + size)))
            if best is None or (near.shared, near.similarity) > (best.shared, best.similarity):
                best = near
        return best


def _longest(
    texts: Sequence[list[str]], known: Sequence[npt.NDArray[np.bool_]], copied: Sequence[int], found: _Named
) -> Shared | None:
    best: tuple[int, int, int, list[str]] | None = None
    for first, last, text in [*_runs(texts, copied), *_parts(texts, known)]:
        if best is None or len(text) > best[0]:
            best = len(text), first, last, text
    if best is None:
        return None
    length, first, last, text = best
    return Shared(first + 1, length, joined(text), found.source(first, last))


def _runs(texts: Sequence[list[str]], copied: Sequence[int]) -> Iterator[tuple[int, int, list[str]]]:
    """Consecutive copied lines: the first, the last, the text."""
    for place, first in enumerate(copied):
        if place and copied[place - 1] == first - 1:
            continue
        last = first
        while last + 1 in copied:
            last += 1
        yield first, last, [unit for text in texts[first : last + 1] for unit in text]


def _parts(texts: Sequence[list[str]], known: Sequence[npt.NDArray[np.bool_]]) -> Iterator[tuple[int, int, list[str]]]:
    """Spans within a line: those whose every five units in a row are known."""
    for number, there in enumerate(known):
        begin = 0
        for at, here in enumerate([*there.tolist(), False]):
            if not here:
                if at > begin:
                    yield number, number, texts[number][begin : at - 1 + SPAN]
                begin = at + 1
