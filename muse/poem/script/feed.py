"""Texts in any script as training batches; a pure function of the step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from muse.errors import CorpusError
from muse.nn.language import LanguageBatch
from muse.poem.mixture import Sheet, collate
from muse.poem.own.lessons import Piece
from muse.poem.script.lay import KEYS, Fields, Part, body, parts, prefix
from muse.poem.script.spelling import Spelling
from muse.seed import stream

COMMON = 0.002
"""A token with more than this share of the text is no keyword."""


def sheet(part: Part, fields: Fields, spelling: Spelling) -> Sheet:
    """One document; everything after the prefix is scored."""
    before = prefix(fields, spelling)
    placed = np.array(before + body(part.lines, part.starts, part.end), np.int64)
    return placed, np.arange(len(placed)) >= len(before)


class ScriptFeed:
    """Batches of poems or prose; see `muse.objective.Feed`. An epoch takes each part of each piece once."""

    def __init__(
        self, pieces: Iterable[Piece], spelling: Spelling, *, tokens: int, seed: int, plain: float, prose: bool
    ) -> None:
        """
        Args:
            tokens: about so many in a micro-batch.
            plain: share of documents with no prefix but the form.

        Raises:
            CorpusError: no text at all.
        """
        self.spelling, self.seed, self.plain, self.prose = spelling, seed, plain, prose
        self.pieces = list(pieces)
        self.parts = [part for piece in self.pieces for part in parts(piece, spelling)]
        if not self.parts:
            raise CorpusError("no text to learn from", "the training part is empty", "give a larger corpus")
        sizes = [sum(map(len, part.lines)) + len(part.lines) for part in self.parts]
        self.tokens = sum(sizes)
        self.count = max(1, round(tokens * len(self.parts) / self.tokens))
        seen = Counter(token for part in self.parts for line in part.lines for token in line)
        wordy = [any(char.isalpha() for char in token) for token in spelling.tokens]
        self._keys = np.array([
            wordy[token] and spelling.letters[token] >= 2 and seen[token] <= max(2, COMMON * self.tokens)
            for token in range(len(spelling))
        ]) & spelling.text & (spelling.words | (not spelling.spaced))  # fmt: skip

    def size(self) -> dict[str, int]:
        return {"poems": len(self.pieces), "tokens": self.tokens}

    def batch(self, step: int, micro: int, rank: int, world: int) -> LanguageBatch:
        random = stream(self.seed, "batch", step, micro, rank)
        turn = (step * 64 + micro) * world + rank if micro else step * world + rank
        index, size = np.arange(turn * self.count, (turn + 1) * self.count), len(self.parts)
        chosen = [self.parts[self._epoch(int(at) // size)[int(at) % size]] for at in index]
        sheets = [sheet(part, self._fields(part, random), self.spelling) for part in chosen]
        return collate(sorted(sheets, key=lambda one: len(one[0])))

    def _epoch(self, epoch: int) -> npt.NDArray[np.int64]:
        return stream(self.seed, "epoch", epoch).permutation(len(self.parts))

    def _fields(self, part: Part, random: np.random.Generator) -> Fields:
        if random.random() < self.plain:
            return Fields(self.prose, more=part.more)
        kept = random.random(3) < 0.7
        able = sorted({token for line in part.lines for token in line if self._keys[token]})
        count = min(len(able), int(random.integers(0, KEYS + 1))) if kept[1] else 0
        keys = tuple(self.spelling.decode([able[at]]) for at in random.permutation(len(able))[:count])
        lines = len(part.lines) if kept[0] and part.end and not part.more else 0
        return Fields(self.prose, lines, keys, part.title if kept[2] else "", part.more)
