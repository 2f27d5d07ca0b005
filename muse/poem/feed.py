"""Poems as training batches: one form a batch, so that only the prefix is padded; a pure function of the step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from muse.errors import CorpusError
from muse.nn.language import UNSCORED, LanguageBatch
from muse.poem.corpus import FORM_OF, PoemRecord
from muse.poem.prefix import ROWS, TITLE_MOST, Fields, clean_title, encode, mood_of, mood_weights, places
from muse.poem.vocabulary import BREAK, ERAS, FORMS, PAD, THEMES, UNKNOWN, Vocabulary
from muse.seed import stream

SHAPE_OF = {form: shape for shape, form in FORM_OF.items()}
COMMON_PAIR = 40
ALIGN = 4
BUDGETS, BUDGET_SHARES = (8, 12, 16, 24), (0.25, 0.4, 0.25, 0.1)
OPTIONAL = ("era", "mood", "themes", "keys", "title")


@dataclass(frozen=True)
class Shelf:
    """All poems of one form, as arrays.

    Attributes:
        poems: (N, lines, width) uint16 tokens.
        titles: (N, TITLE_MOST) uint16, PAD-filled.
        themes: (N, 2) int8, index into THEMES or −1.
        era: (N,) int8, index into ERAS or −1.
        mood: (N, 2) int8.
        pairs: (N, lines, 3) bool, whether the characters at (0, 1), (2, 3), (width − 2, width − 1) are a common word.
    """

    form: str
    poems: npt.NDArray[np.uint16]
    titles: npt.NDArray[np.uint16]
    themes: npt.NDArray[np.int8]
    era: npt.NDArray[np.int8]
    mood: npt.NDArray[np.int8]
    pairs: npt.NDArray[np.bool_]

    @property
    def shape(self) -> tuple[int, int]:
        return SHAPE_OF[self.form]


def pair_places(width: int) -> tuple[int, int, int]:
    """Where a two-character word may begin in a line."""
    return 0, 2, width - 2


def shelves(records: Iterable[PoemRecord], vocabulary: Vocabulary) -> dict[str, Shelf]:
    """The records by form; forms with none are left out."""
    rows: dict[str, list[PoemRecord]] = {form: [] for form in FORMS}
    for record in records:
        rows[record.form].append(record)
    weights = mood_weights(vocabulary)
    theme_of = {name: index for index, name in enumerate(THEMES)}
    made: dict[str, Shelf] = {}
    pair_ids: dict[str, npt.NDArray[np.int64]] = {}
    for form, found in rows.items():
        if not found:
            continue
        lines, width = SHAPE_OF[form]
        flat = vocabulary.encode("".join(record.text for record in found))
        poems = np.array(flat, np.uint16).reshape(len(found), lines, width)
        titles = np.full((len(found), TITLE_MOST), PAD, np.uint16)
        themes = np.full((len(found), 2), -1, np.int8)
        era = np.full(len(found), -1, np.int8)
        for index, record in enumerate(found):
            title = [token for token in vocabulary.encode(clean_title(record.title)) if token != UNKNOWN][:TITLE_MOST]
            titles[index, : len(title)] = title
            labels = [theme_of[theme] for theme in record.themes if theme in theme_of][:2]
            themes[index, : len(labels)] = labels
            era[index] = ERAS.index(record.era) if record.era else -1
        starts = np.array(pair_places(width))
        pair_ids[form] = poems[..., starts].astype(np.int64) * len(vocabulary) + poems[..., starts + 1]
        mood = mood_of(poems.reshape(len(found), -1), weights)
        made[form] = Shelf(form, poems, titles, themes, era, mood, np.zeros((len(found), lines, 3), np.bool_))
    if pair_ids:
        values, counts = np.unique(np.concatenate([ids.ravel() for ids in pair_ids.values()]), return_counts=True)
        common = values[(counts >= COMMON_PAIR) & (values % len(vocabulary) >= vocabulary.first)]
        for form, shelf in made.items():
            shelf.pairs[:] = np.isin(pair_ids[form], common)
    return made


class PoemFeed:
    """Batches of poems; see `muse.objective.Feed`.

    A cycle of steps holds each form as often as its share of the characters asks. Within a form, each epoch takes all
    poems up to Song and such a sample of later ones that they make up the share `later`.
    """

    CYCLE = 48

    def __init__(
        self,
        records: Iterable[PoemRecord],
        vocabulary: Vocabulary,
        *,
        tokens: int,
        seed: int,
        plain: float = 0.35,
        later: float = 0.25,
    ) -> None:
        """
        Args:
            tokens: tokens of poem text (with line breaks) in a micro-batch.
            plain: share of batches with no prefix but the form.
            later: share of poems after the Song, where there are both.

        Raises:
            CorpusError: no poem at all.
        """
        self.vocabulary, self.seed, self.plain, self.later = vocabulary, seed, plain, later
        self.shelves = shelves(records, vocabulary)
        if not self.shelves:
            raise CorpusError("no poem to learn from", "the training part is empty", "give a larger corpus")
        self.rows = {form: max(1, tokens // body(form)) for form in self.shelves}
        self._early, self._late, share = {}, {}, {}
        for form, shelf in self.shelves.items():
            late = shelf.era == ERAS.index("元明清")
            self._early[form], self._late[form] = np.flatnonzero(~late), np.flatnonzero(late)
            share[form] = len(self._epoch(form, 0)) * shelf.shape[0] * shelf.shape[1]
        total = sum(share.values())
        counts = {form: max(1, round(self.CYCLE * size / total)) for form, size in share.items()}
        cycle = [form for form, count in counts.items() for _ in range(count)]
        self._cycle = [cycle[i] for i in stream(seed, "cycle").permutation(len(cycle))]
        self._counts = counts

    def size(self) -> dict[str, int]:
        return {"poems": sum(len(shelf.poems) for shelf in self.shelves.values())} | {
            form: len(shelf.poems) for form, shelf in self.shelves.items()
        }

    def batch(self, step: int, micro: int, rank: int, world: int) -> LanguageBatch:
        cycle, place = divmod(step, len(self._cycle))
        form = self._cycle[place]
        turn = cycle * self._counts[form] + self._cycle[:place].count(form)
        random = stream(self.seed, "batch", step, micro, rank)
        rows = self._rows(form, (turn * 64 + micro) * world + rank if micro else turn * world + rank)
        plain = bool(random.random() < self.plain)
        shelf = self.shelves[form]
        if plain:
            prefixes = [encode(Fields(form), self.vocabulary)] * len(rows)
        else:
            budget = int(random.choice(BUDGETS, p=BUDGET_SHARES))
            prefixes = [self._prefix(shelf, int(row), budget, random) for row in rows]
        return collate(shelf.poems[rows], form, prefixes)

    def _epoch(self, form: str, epoch: int) -> npt.NDArray[np.int64]:
        early, late = self._early[form], self._late[form]
        if len(early) and len(late):
            take = min(len(late), round(len(early) * self.later / (1 - self.later)))
            order = stream(self.seed, "late", form).permutation(late)
            late = order[np.arange(epoch * take, (epoch + 1) * take) % len(order)]
        return stream(self.seed, "epoch", form, epoch).permutation(np.concatenate((early, late)))

    def _rows(self, form: str, turn: int) -> npt.NDArray[np.int64]:
        """Poems of the turn-th batch of a form: a walk through one permutation after another."""
        count = self.rows[form]
        begin, size = turn * count, len(self._epoch_of(form, 0))
        index = np.arange(begin, begin + count)
        epochs = index // size
        return np.concatenate([self._epoch_of(form, int(e))[index[epochs == e] % size] for e in np.unique(epochs)])

    def _epoch_of(self, form: str, epoch: int) -> npt.NDArray[np.int64]:
        kept = self.__dict__.setdefault("_kept", {})
        if (form, epoch) not in kept:
            for key in [key for key in kept if key[0] == form and key[1] < epoch - 1]:
                del kept[key]
            kept[form, epoch] = self._epoch(form, epoch)
        found: npt.NDArray[np.int64] = kept[form, epoch]
        return found

    def _prefix(self, shelf: Shelf, row: int, budget: int, random: np.random.Generator) -> list[int]:
        """A prefix of at most `budget` tokens: the drawn fields, taken in a random order while there is room."""
        drawn = self._fields(shelf, row, random)
        held: dict[str, Any] = {}
        tokens = encode(Fields(shelf.form), self.vocabulary)
        first = ("title",) if random.random() < 0.6 else ()
        for name in (*first, *(OPTIONAL[i] for i in random.permutation(len(OPTIONAL)))):
            more = {**held, name: getattr(drawn, name)}
            longer = encode(Fields(shelf.form, **more), self.vocabulary)
            if len(longer) <= budget:
                held, tokens = more, longer
        return tokens

    def _fields(self, shelf: Shelf, row: int, random: np.random.Generator) -> Fields:
        draw = random.random(8)
        known = self.vocabulary
        title = known.decode([int(t) for t in shelf.titles[row] if t]) if draw[0] < 0.7 else ""
        themes = tuple(THEMES[t] for t in shelf.themes[row] if t >= 0) if draw[1] < 0.6 else ()
        era = ERAS[shelf.era[row]] if draw[2] < 0.6 and shelf.era[row] >= 0 else ""
        mood = (int(shelf.mood[row, 0]) if draw[3] < 0.7 else 0, int(shelf.mood[row, 1]) if draw[4] < 0.7 else 0)
        keys = self._keys(shelf, row, 1 + int(draw[6] * 3), random) if draw[5] < 0.45 else ()
        return Fields(shelf.form, era, mood, themes, keys, title)

    def _keys(self, shelf: Shelf, row: int, count: int, random: np.random.Generator) -> tuple[str, ...]:
        poem, width = shelf.poems[row], shelf.shape[1]
        keys: list[str] = []
        common = np.argwhere(shelf.pairs[row])
        for _ in range(count):
            if len(common) and random.random() < 0.75:
                line, slot = common[int(random.integers(len(common)))]
                start = pair_places(width)[slot]
                tokens = poem[line, start : start + 2]
            else:
                tokens = poem[int(random.integers(len(poem))), int(random.integers(width)), None]
            word = self.vocabulary.decode([int(token) for token in tokens])
            if word not in keys and "\ufffd" not in word:
                keys.append(word)
        return tuple(keys)


def body(form: str) -> int:
    """Tokens of a poem without its prefix: its characters and the breaks between lines."""
    lines, width = SHAPE_OF[form]
    return lines * (width + 1) - 1


def collate(poems: npt.NDArray[np.uint16], form: str, prefixes: list[list[int]]) -> LanguageBatch:
    """Poems (B, lines, width) after their prefixes, padded on the left; only Han characters are scored."""
    count, (lines, width) = len(poems), SHAPE_OF[form]
    longest = max(map(len, prefixes))
    if longest > min(map(len, prefixes)):
        longest = -(-longest // ALIGN) * ALIGN
    time = longest + body(form)
    tokens = np.full((count, time + 1), PAD, np.int64)
    row = np.zeros((count, time + 1), np.int32)
    col = np.full((count, time + 1), 8, np.int32)
    for index, prefix in enumerate(prefixes):
        tokens[index, longest - len(prefix) : longest] = prefix
        col[index, longest - len(prefix) : longest] = places(prefix, width)[1]
    grid = np.full((count, lines, width + 1), BREAK, np.int64)
    grid[..., :width] = poems
    tokens[:, longest:] = grid.reshape(count, -1)
    row[:, longest:] = np.repeat(np.arange(1, lines + 1), width + 1)
    col[:, longest:] = np.tile(np.arange(width + 1), lines)
    target = tokens[:, 1:].copy()
    target[:, : longest - 1] = UNSCORED
    target[target == BREAK] = UNSCORED
    assert row.max() < ROWS
    return LanguageBatch(
        torch.from_numpy(tokens[:, :time]),
        torch.from_numpy(row[:, :time]),
        torch.from_numpy(col[:, :time]),
        torch.from_numpy(target[:, :time]),
    )
