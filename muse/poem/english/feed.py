"""English poems as training batches of about one length; a pure function of the step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch

from muse.errors import CorpusError
from muse.nn.language import UNSCORED, LanguageBatch
from muse.poem.english.corpus import Verse
from muse.poem.english.prefix import (
    FIRST_COLUMN,
    Fields,
    Order,
    encode,
    era_of,
    key_words,
    mood_of,
    mood_weights,
    theme_sets,
    themes_of,
)
from muse.poem.english.sound import syllables
from muse.poem.english.vocabulary import BREAK, END, PAD, STANZA, THEMES, Vocabulary
from muse.seed import stream

LONGEST = 320
"""Tokens of a poem; a longer one is cut in two."""
POOL = 4096
REPEATS = {"sonnet": 2, "limerick": 4}
"""How often a poem of a form stands in one epoch, where that is not once."""


@dataclass(frozen=True)
class Laid:
    """A poem laid out as the model reads it, without its prefix; one entry a token.

    Attributes:
        tokens: uint16, each line in the order of the model, then BREAK, STANZA before a new stanza, END at the last.
        row: uint8, the line from 1.
        col: uint8, syllables of the line written before the token, at most FIRST_COLUMN − 1.
    """

    tokens: npt.NDArray[np.uint16]
    row: npt.NDArray[np.uint8]
    col: npt.NDArray[np.uint8]


def lay(
    lines: Sequence[Sequence[str]],
    breaks: Sequence[int],
    vocabulary: Vocabulary,
    sounds: npt.NDArray[np.uint8],
    order: Order,
) -> Laid:
    """The layout of a poem whose lines are given as parts."""
    tokens: list[int] = []
    row: list[int] = []
    col: list[int] = []
    for at, line in enumerate(lines):
        spelt = vocabulary.encode_parts(line)
        spelt = spelt[::-1] if order == "backward" else spelt
        before = np.concatenate(([0], np.cumsum(sounds[spelt], dtype=np.int64)))
        tokens += [*spelt, END if at + 1 == len(lines) else STANZA if at + 1 in breaks else BREAK]
        row += [at + 1] * (len(spelt) + 1)
        col += np.minimum(before, FIRST_COLUMN - 1).tolist()
    return Laid(np.array(tokens, np.uint16), np.array(row, np.uint8), np.array(col, np.uint8))


def fitting(
    verse: Verse, vocabulary: Vocabulary, sounds: npt.NDArray[np.uint8], order: Order
) -> list[tuple[Verse, Laid]]:
    """The poem laid out, cut in halves until each has at most LONGEST tokens; between stanzas where that can be."""
    laid = lay(verse.lines, verse.breaks, vocabulary, sounds, order)
    if len(laid.tokens) <= LONGEST or len(verse.lines) < 2:
        return [(verse, laid)] if len(laid.tokens) <= LONGEST else []
    middle = len(verse.lines) / 2
    at = min(verse.breaks, key=lambda cut: abs(cut - middle), default=round(middle))
    at = at if abs(at - middle) <= middle / 2 else round(middle)
    first = replace(verse, lines=verse.lines[:at], breaks=tuple(cut for cut in verse.breaks if cut < at))
    second = replace(verse, lines=verse.lines[at:], breaks=tuple(cut - at for cut in verse.breaks if cut > at))
    halves = (first, replace(second, opening=False))
    return [part for half in halves for part in fitting(half, vocabulary, sounds, order)]


class VerseFeed:
    """Batches of poems; see `muse.objective.Feed`. An epoch takes each poem once (REPEATS), in pools by length."""

    def __init__(
        self,
        verses: Iterable[Verse],
        vocabulary: Vocabulary,
        *,
        tokens: int,
        seed: int,
        plain: float,
        order: Order,
        sounds: npt.NDArray[np.uint8] | None = None,
    ) -> None:
        """
        Args:
            tokens: tokens of poem text, padded, in a micro-batch.
            plain: share of poems with no prefix but the form.
            sounds: (V,) syllables of the tokens, as a bundle that is gone on from learned them.

        Raises:
            CorpusError: no poem at all.
        """
        self.vocabulary, self.tokens, self.seed, self.plain, self.order = vocabulary, tokens, seed, plain, order
        sounds = syllables(vocabulary) if sounds is None else sounds
        self.verses: list[Verse] = []
        self.laid: list[Laid] = []
        for whole in verses:
            for verse, laid in fitting(whole, vocabulary, sounds, order):
                self.verses.append(verse)
                self.laid.append(laid)
        if not self.laid:
            raise CorpusError("no poem to learn from", "the training part is empty", "give a larger corpus")
        weights, sets = mood_weights(vocabulary), theme_sets(vocabulary)
        self._able = key_words(vocabulary)
        self._mood = [mood_of(laid.tokens, weights) for laid in self.laid]
        self._themes = [themes_of(laid.tokens, sets) for laid in self.laid]
        self._lengths = np.array([len(laid.tokens) for laid in self.laid])
        self._once = np.repeat(np.arange(len(self.laid)), [REPEATS.get(verse.form, 1) for verse in self.verses])
        self._epochs: list[list[npt.NDArray[np.int64]]] = []

    def size(self) -> dict[str, int]:
        return {"poems": len(self.laid), "lines": sum(len(verse.lines) for verse in self.verses),
                "tokens": int(self._lengths.sum())}  # fmt: skip

    def batch(self, step: int, micro: int, rank: int, world: int) -> LanguageBatch:
        rows = self._rows((step * world + rank) if not micro else (step * 64 + micro) * world + rank)
        random = stream(self.seed, "batch", step, micro, rank)
        prefixes = [encode(self._fields(int(row), random), self.vocabulary, self.order) for row in rows]
        return collate([self.laid[row] for row in rows], prefixes)

    def _rows(self, turn: int) -> npt.NDArray[np.int64]:
        """The poems of the turn-th batch."""
        epoch = 0
        while True:
            if epoch == len(self._epochs):
                self._epochs.append(self._epoch(epoch))
            if turn < len(self._epochs[epoch]):
                return self._epochs[epoch][turn]
            turn -= len(self._epochs[epoch])
            epoch += 1

    def _epoch(self, epoch: int) -> list[npt.NDArray[np.int64]]:
        order = stream(self.seed, "epoch", epoch).permutation(self._once)
        batches: list[npt.NDArray[np.int64]] = []
        for begin in range(0, len(order), POOL):
            pool = order[begin : begin + POOL]
            pool = pool[np.argsort(self._lengths[pool], kind="stable")]
            while len(pool):
                count = int(np.searchsorted(np.arange(1, len(pool) + 1) * self._lengths[pool], self.tokens, "right"))
                batches.append(pool[: max(1, count)])
                pool = pool[max(1, count) :]
        return [batches[at] for at in stream(self.seed, "batches", epoch).permutation(len(batches))]

    def _fields(self, row: int, random: np.random.Generator) -> Fields:
        """The fields of a prefix, each left out at random."""
        verse = self.verses[row]
        if random.random() < self.plain:
            return Fields(verse.form)
        kept = random.random(10) < 0.75
        mood = self._mood[row]
        return Fields(
            verse.form,
            verse.scheme if kept[0] else "",
            verse.foot if kept[1] else "",
            verse.length if kept[2] else "",
            era_of(verse.year) if kept[3] else "",
            verse.author if kept[4] else "",
            (mood[0] if kept[5] else 0, mood[1] if kept[6] else 0),
            tuple(THEMES[theme] for theme in self._themes[row]) if kept[7] else (),
            self._keys(row, random) if kept[8] else (),
            verse.title if kept[9] else "",
        )

    def _keys(self, row: int, random: np.random.Generator) -> tuple[str, ...]:
        tokens = np.unique(self.laid[row].tokens)
        tokens = tokens[self._able[tokens]]
        count = min(len(tokens), int(random.integers(0, 5)))
        return tuple(self.vocabulary.tokens[token] for token in random.permutation(tokens)[:count])


def collate(poems: Sequence[Laid], prefixes: Sequence[Sequence[int]]) -> LanguageBatch:
    """Poems after their prefixes, padded at the end; every token after the separator is scored."""
    time = max(len(poem.tokens) + len(prefix) for poem, prefix in zip(poems, prefixes, strict=True))
    tokens = np.full((len(poems), time), PAD, np.int64)
    target = np.full((len(poems), time), UNSCORED, np.int64)
    row = np.zeros((len(poems), time), np.int32)
    col = np.zeros((len(poems), time), np.int32)
    for at, (poem, prefix) in enumerate(zip(poems, prefixes, strict=True)):
        begin, end = len(prefix), len(prefix) + len(poem.tokens)
        tokens[at, :begin], tokens[at, begin:end] = prefix, poem.tokens
        col[at, :begin] = FIRST_COLUMN + np.arange(begin)
        row[at, begin:end], col[at, begin:end] = poem.row, poem.col
        target[at, begin - 1 : end - 1] = poem.tokens
    arrays = (np.ascontiguousarray(array[:, :-1]) for array in (tokens, row, col, target))
    return LanguageBatch(*map(torch.from_numpy, arrays))
