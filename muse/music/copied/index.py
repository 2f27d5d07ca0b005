"""The index of known melodies that travels with a bundle: three bits of a hash of each figure, and whose it is.

No note is kept, and none can be told from three bits. Two melodies that run alike give the same bits in a row, so each
match of LEAST notes and more is found, with its length; one in four seems a note longer than it is, since the next
bits agree by chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from muse.bundle import Bundle
from muse.errors import BundleError
from muse.music.copied.figures import NOTES, Line, Words, figures, line_of
from muse.music.copied.part import BITS, BREAK, LEAST, Part, coded
from muse.music.copied.sources import Source, packed
from muse.music.records import Record

MOST = 24
"""Notes in a row that a piece may share: of human pieces that no index holds, nine in ten share fewer with it."""
LONGEST = 20_000
"""Figures of a piece that are compared."""


@dataclass(frozen=True, slots=True)
class Match:
    """A run of notes that a known melody has too, in its own key and tempo.

    Attributes:
        notes: a repeated one counts once.
        line: which of the lines that were asked.
        start, end: onsets of the first and the last note.
        chance: of a run so long in notes like these that were never read.
    """

    notes: int
    line: int
    start: float
    end: float
    source: Source
    chance: float


@dataclass(frozen=True, eq=False)
class Copies:
    """All that a bundle knows of the melodies that its model has read."""

    parts: tuple[Part, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.parts)

    def __len__(self) -> int:
        return sum(part.count for part in self.parts)

    @classmethod
    def thaw(cls, bundle: Bundle) -> Copies:
        """The index of a bundle, kept with it; empty where it has none.

        Raises:
            BundleError: its parts do not fit.
        """
        if "copies" not in bundle.cache:
            bundle.cache["copies"] = cls(tuple(_parts(bundle)))
        found: Copies = bundle.cache["copies"]
        return found

    def weights(self) -> dict[str, np.ndarray]:
        """The index as tensors of a bundle."""
        found: dict[str, np.ndarray] = {}
        for number, part in enumerate(self.parts):
            found[f"copies.{number}.about"] = np.array([part.count, BITS, NOTES], np.int64)
            found |= {f"copies.{number}.cells": part.cells, f"copies.{number}.table": part.table}
        return found

    def holds(self, voices: Iterable[Iterable[Sequence[int]]]) -> bool:
        """Whether the voices of a draft share MOST notes in a row with a known melody."""
        match = self.longest([line_of(voice) for voice in voices]) if self else None
        return match is not None and match.notes >= MOST

    def longest(self, lines: Sequence[Line]) -> Match | None:
        """The longest match of LEAST notes or more of some lines; None where there is none.

        Raises:
            BundleError: the titles of the index are damaged.
        """
        asked = [coded(figures(line)) for line in lines]
        starts = np.cumsum([0, *(len(codes) + 1 for codes in asked)])
        codes = np.concatenate([part for codes in asked for part in (codes, [BREAK])] or [[]]).astype(np.uint8)[
            :LONGEST
        ]
        found = [(*part.longest(codes), part) for part in self.parts]
        length, at, there, part = max(found, key=lambda run: run[0], default=(0, 0, 0, None))
        notes = length + NOTES - 1
        if part is None or notes < LEAST:
            return None
        sources, stops = part.sources
        source = sources[int(np.searchsorted(stops, there + length // 2, "right"))]
        number = int(np.searchsorted(starts, at, "right")) - 1
        onsets = lines[number].onsets[at - starts[number] :]
        chance = min(1.0, len(codes) * len(self) * 2.0 ** (-BITS * length))
        return Match(notes, number, float(onsets[0]), float(onsets[notes - 1]), source, chance)


NOTHING = Copies()


def index_of(records: Iterable[Record], before: Copies | None = None) -> dict[str, np.ndarray]:
    """The tensors of the index of a corpus, for `Copies.thaw`; the same for the same works in any order.

    Args:
        before: of the bundle that learning began from; it is kept beside.
    """
    works: dict[tuple[str, str], Source] = {}
    voices: dict[tuple[str, str], list[Words]] = {}
    for record in records:
        work = record.corpus, record.group
        works.setdefault(work, Source.of(record))
        found = [figures(line_of(voice)) for voice in record.draft.voices]
        voices.setdefault(work, []).extend(one for one in found if len(one) + NOTES - 1 >= LEAST)
    counts = {work: sum(map(len, voices[work])) for work in sorted(works) if voices[work]}
    parts = before.parts if before is not None else ()
    if counts:
        codes = coded(np.concatenate([one for work in counts for one in voices[work]]))
        bits = np.unpackbits(codes[:, None], axis=1, count=BITS, bitorder="little")
        table = packed([works[work] for work in counts], list(counts.values()))
        parts = (Part(np.packbits(bits.ravel(), bitorder="little"), len(codes), table), *parts)
    return Copies(parts).weights()


def _parts(bundle: Bundle) -> Iterator[Part]:
    tensors: Mapping[str, np.ndarray] = bundle.weights
    for number in range(sum(name.startswith("copies.") and name.endswith(".about") for name in tensors)):
        about, cells, table = (tensors.get(f"copies.{number}.{name}") for name in ("about", "cells", "table"))
        if about is None or cells is None or table is None or about.shape != (3,) or about.dtype.kind != "i":
            raise BundleError(
                f"the melody index of {bundle.name} is damaged", "a part of it is missing", "fetch it again"
            )
        count, bits, notes = (int(value) for value in about)
        sound = cells.dtype == table.dtype == np.uint8 and cells.ndim == table.ndim == 1
        if not sound or (bits, notes) != (BITS, NOTES) or count < 1 or len(cells) != -(-count * BITS // 8):
            raise BundleError(f"the melody index of {bundle.name} is damaged", "its parts do not fit", "fetch it again")
        yield Part(cells, count, table)
