"""The index of known lines that travels with a bundle: no text, only what tells whether a line was read.

It holds the first five and the last five characters (words, where a script spaces them) of each line as a binary fuse
filter; a line of five or more is known where both its ends are. So a shared span of all but one unit of a Chinese line
is always found, one of five where it begins or ends a line. Of well-known poems, or of all in a small corpus, it holds
titles and authors, and 24 bits of a hash of each line's end, by which a line finds its poem.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from muse.bundle import Bundle
from muse.constraint import Refused
from muse.errors import BundleError
from muse.fuse import Fuse, once
from muse.poem.novelty.sources import Sources
from muse.poem.novelty.spans import SPAN, Words, ends, every, units
from muse.poem.vocabulary import Vocabulary
from muse.tables.simplified import simplify

ROOM = 4_900_000
"""Bytes that the filter may take, if that leaves FEWEST bits a span."""
FEWEST, MOST = 6, 16
SMALL = 50_000
"""A corpus of fewer poems keeps the titles of all."""


class Record(Protocol):
    """A poem of a corpus: its lines as text, what it is called, its author, and whether many know it."""

    @property
    def texts(self) -> Sequence[str]: ...
    @property
    def heading(self) -> str: ...
    @property
    def author(self) -> str: ...
    @property
    def famous(self) -> bool: ...


class Known(NamedTuple):
    """A `Record` by itself."""

    texts: Sequence[str]
    heading: str = ""
    author: str = ""
    famous: bool = False


@dataclass(frozen=True, eq=False)
class Part:
    """The index of one corpus; a bundle that went on from another has one of each.

    Attributes:
        lines: that it was made of.
    """

    fuse: Fuse
    sources: Sources
    lines: int


@dataclass(frozen=True, eq=False)
class Index:
    """All that a bundle knows of the lines that its model has read."""

    parts: tuple[Part, ...] = ()

    @classmethod
    def of(cls, lines: Iterable[str], room: int = ROOM) -> Index:
        """The index of some lines, without sources."""
        first, last, _ = ends(lines)
        return cls((Part(_filter(first, last, room), Sources(), len(first)),)) if len(first) else cls()

    def __bool__(self) -> bool:
        return bool(self.parts)

    def __len__(self) -> int:
        return sum(part.lines for part in self.parts)

    def __contains__(self, line: str) -> bool:
        found = every(units(line))
        return len(found) > 0 and bool(self.holds(found[[0, -1]]).all())

    def holds(self, spans: Words) -> npt.NDArray[np.bool_]:
        """For each key of a span whether a known line begins or ends so."""
        found = np.zeros(spans.shape, np.bool_)
        for part in self.parts:
            found |= part.fuse.holds(spans)
        return found

    @cached_property
    def alarm(self) -> float:
        """The chance that a span is taken for known which is not."""
        return float(1 - np.prod([1 - 2.0**-part.fuse.bits for part in self.parts])) if self.parts else 0.0

    def refused(self, vocabulary: Vocabulary) -> Refused | None:
        """The known lines as a constraint's tables have them; None where there are none."""
        fuses = tuple(part.fuse for part in self.parts)
        characters = simplify("".join(map(chr, vocabulary.codes.tolist())))
        return Refused(fuses, np.array([ord(char) for char in characters], np.uint64), SPAN) if fuses else None

    @classmethod
    def thaw(cls, bundle: Bundle) -> Index:
        """The index of a bundle, kept with it; empty where it has none.

        Raises:
            BundleError: its parts do not fit.
        """
        if "novelty" not in bundle.cache:
            bundle.cache["novelty"] = cls(tuple(_parts(bundle)))
        found: Index = bundle.cache["novelty"]
        return found

    def weights(self) -> dict[str, np.ndarray]:
        """The index as tensors of a bundle."""
        found: dict[str, np.ndarray] = {}
        for number, part in enumerate(self.parts):
            fuse = part.fuse
            about = [fuse.bits, fuse.segment, fuse.segments, fuse.seed, part.lines, part.sources.poems]
            named: dict[str, np.ndarray] = {"about": np.array(about, np.int64), "cells": fuse.cells}
            if part.sources:
                named |= {"prints": part.sources.prints, "titles": part.sources.titles}
            found |= {f"novelty.{number}.{name}": array for name, array in named.items()}
        return found


def index_of(
    records: Iterable[Record], *, room: int = ROOM, before: Index | None = None, small: int = SMALL
) -> dict[str, np.ndarray]:
    """The tensors of the index of a corpus, for `Index.thaw`.

    Args:
        room: bytes that the filter of line ends may take.
        before: of the bundle that learning began from; it is kept beside.
        small: a corpus of fewer poems keeps the titles of all, another those of the famous.
    """
    poems = list(records)
    named = poems if len(poems) < small else [poem for poem in poems if poem.famous]
    found = Index.of([line for poem in poems for line in poem.texts], room)
    own = tuple(Part(part.fuse, Sources.of(named), part.lines) for part in found.parts)
    return Index(own + (before.parts if before is not None else ())).weights()


def _filter(first: Words, last: Words, room: int) -> Fuse:
    spans = once(np.concatenate([first, last]))
    return Fuse.of(spans, min(MOST, max(FEWEST, int(room * 8 / (1.077 * len(spans))))))


def _parts(bundle: Bundle) -> Iterator[Part]:
    tensors: Mapping[str, np.ndarray] = bundle.weights
    for number in range(sum(name.startswith("novelty.") and name.endswith(".about") for name in tensors)):
        found = {name: tensors.get(f"novelty.{number}.{name}") for name in ("about", "cells", "prints", "titles")}
        about, cells = found["about"], found["cells"]
        if about is None or cells is None or about.shape != (6,) or about.dtype.kind != "i":
            raise BundleError(
                f"the line index of {bundle.name} is damaged", "a part of it is missing", "fetch it again"
            )
        bits, segment, segments, seed, lines, poems = (int(value) for value in about)
        fuse = Fuse(cells, bits, segment, segments, seed)
        prints, titles = found["prints"], found["titles"]
        sources = Sources() if prints is None or titles is None else Sources(prints, titles, poems)
        if not fuse.whole or not sources.whole or lines < 1 or sources.poems != poems:
            raise BundleError(f"the line index of {bundle.name} is damaged", "its parts do not fit", "fetch it again")
        yield Part(fuse, sources, lines)
