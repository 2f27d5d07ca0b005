"""Poems of every form as training batches: documents of all forms mixed, sorted by length; a function of the step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch

from muse.errors import CorpusError
from muse.nn.language import UNSCORED, LanguageBatch
from muse.poem.corpus import PoemRecord
from muse.poem.frame import Given, Outline, body, opening
from muse.poem.prefix import Fields, clean_title, mood_of, mood_weights
from muse.poem.rhymes import rhyme_of
from muse.poem.vocabulary import COUPLET, FURTHER, LENGTHS, SONG, THEMES, UNKNOWN, Vocabulary
from muse.seed import stream
from muse.tables.rhyme import book
from muse.tables.songs import PARTS

DROPPED: Mapping[str, float] = {
    "tune": 0.15, "era": 0.2, "author": 0.3, "valence": 0.25, "energy": 0.25, "themes": 0.25, "rhyme": 0.3,
    "length": 0.2, "keys": 0.3, "title": 0.25,
}  # fmt: skip
"""How often each field is left out of a prefix that has any."""
COUPLETS = 0.08
"""Share of documents that become a couplet where they can: a middle couplet of a 律诗."""
AHEAD: Mapping[str, float] = {"lines": 0.14, "rhymes": 0.14, "heads": 0.05, "scattered": 0.07}
"""What is given ahead of a poem, and how often."""
COMMON_PAIR = 40
NAMED = 200
TUNES = 30
Sheet = tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]
"""(T + 1, 3) tokens, rows and columns; (T + 1,) whether each token is scored."""


def further_marks(records: Iterable[PoemRecord], named: int = NAMED, tunes: int = TUNES) -> tuple[str, ...]:
    """The marks beyond the four forms: FURTHER, all rhymes, tunes of `tunes` poems, authors of `named` poems."""
    authors: Counter[str] = Counter()
    songs: Counter[str] = Counter()
    for record in records:
        authors[record.author] += 1
        songs[record.tune] += 1
    groups = dict.fromkeys(reading.group for reading, _ in book())
    rhymes = [f"<rhyme:{name}>" for name in (*groups, *PARTS)]
    own = [f"<{kind}:{name}>" for kind, count, least in (("tune", songs, tunes), ("author", authors, named))
           for name in sorted(count) if name and name != "无名氏" and count[name] >= least]  # fmt: skip
    return (*FURTHER, *rhymes, *own)


def collate(sheets: Sequence[Sheet]) -> LanguageBatch:
    """Sheets as one batch, padded on the right, where no token that counts can see it."""
    time = max(len(places) for places, _ in sheets)
    placed = np.zeros((len(sheets), time, 3), np.int64)
    target = np.full((len(sheets), time), UNSCORED, np.int64)
    for number, (places, scored) in enumerate(sheets):
        placed[number, : len(places)] = places
        target[number, : len(places) - 1] = np.where(scored[1:], places[1:, 0], UNSCORED)
    token, row, col = (torch.from_numpy(np.ascontiguousarray(placed[:, :-1, axis])) for axis in range(3))
    return LanguageBatch(token, row.int(), col.int(), torch.from_numpy(target[:, :-1].copy()))


def sheet(fields: Fields, record: PoemRecord, vocabulary: Vocabulary, given: Sequence[Given] = ()) -> Sheet:
    """One document; of its characters those are scored that nothing before them gives away."""
    outline = Outline.of(record)
    tokens = vocabulary.encode(record.text)
    before = opening(fields, outline, vocabulary, given)
    placed = np.array(before + body(outline, tokens, vocabulary), np.int64)
    scored = (placed[:, 0] >= vocabulary.first) | (placed[:, 0] == UNKNOWN)
    scored[: len(before)] = False
    for part in given:
        if part.rhymes:
            begin = [token for token, _, _ in before].index(vocabulary.ids["<rhymes>"]) + 1
            scored[begin : begin + len(part.tokens)] = True
        known = {(line + 1, place) for line, place in part.places}
        scored[len(before) :] &= [(row, col) not in known for _, row, col in placed[len(before) :].tolist()]
    return placed, scored


class Mixture:
    """Batches of poems of every form; see `muse.objective.Feed`.

    Each epoch takes all poems up to the Song dynasty, all 词, and such a sample of later regulated verse that it makes
    up the share `later` of regulated verse.
    """

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
            tokens: about so many characters in a micro-batch.
            plain: share of documents with no prefix but the form.
            later: share of regulated verse after the Song, where there are both.

        Raises:
            CorpusError: no poem at all.
        """
        self.records = list(records)
        if not self.records:
            raise CorpusError("no poem to learn from", "the training part is empty", "give a larger corpus")
        self.vocabulary, self.seed, self.plain, self.later = vocabulary, seed, plain, later
        self.count = max(1, round(tokens * len(self.records) / sum(len(record.text) for record in self.records)))
        late = np.array([record.era == "元明清" and record.form != SONG for record in self.records])
        songs = sum(record.form == SONG for record in self.records)
        self._early, self._late = np.flatnonzero(~late), np.flatnonzero(late)
        early = len(self._early) - songs
        self._take = min(len(self._late), round(early * later / (1 - later))) if early else len(self._late)
        self._weights = mood_weights(vocabulary)
        self._kept: dict[int, npt.NDArray[np.int64]] = {}

    def size(self) -> dict[str, int]:
        forms = Counter(record.form for record in self.records)
        return {"poems": len(self.records), **dict(sorted(forms.items()))}

    def batch(self, step: int, micro: int, rank: int, world: int) -> LanguageBatch:
        random = stream(self.seed, "batch", step, micro, rank)
        turn = (step * 64 + micro) * world + rank if micro else step * world + rank
        index = np.arange(turn * self.count, (turn + 1) * self.count)
        size = len(self._early) + self._take
        sheets = [self.document(self.records[self._epoch(int(at // size))[at % size]], random) for at in index]
        return collate(sorted(sheets, key=lambda one: len(one[0])))

    def document(self, record: PoemRecord, random: np.random.Generator) -> Sheet:
        """A poem, or a couplet of it, with what was drawn to stand before it."""
        if len(record.lines) == 8 and random.random() < COUPLETS:
            record = couplet(record, int(random.integers(1, 3)))
        if random.random() < self.plain:
            return sheet(Fields(record.form), record, self.vocabulary)
        rhyme, rhymed = ("", ()) if record.form == COUPLET else rhyme_of(record)
        given = self._given(record, rhymed, random)
        return sheet(self._fields(record, rhyme, random), record, self.vocabulary, given)

    def _epoch(self, epoch: int) -> npt.NDArray[np.int64]:
        if epoch not in self._kept:
            self._kept = {old: order for old, order in self._kept.items() if old == epoch - 1}
            order = stream(self.seed, "late").permutation(self._late)
            late = order[np.arange(epoch * self._take, (epoch + 1) * self._take) % max(1, len(order))]
            self._kept[epoch] = stream(self.seed, "epoch", epoch).permutation(np.concatenate((self._early, late)))
        return self._kept[epoch]

    def _fields(self, record: PoemRecord, rhyme: str, random: np.random.Generator) -> Fields:
        held = {name: random.random() >= share for name, share in DROPPED.items()}
        text = self.vocabulary.encode(record.text)
        mood = mood_of(np.array([text]), self._weights)[0]
        keys, rows = self._keys(record, random) if held["keys"] else ((), ())
        size = len(text)
        return Fields(
            record.form,
            record.era if held["era"] else "",
            (int(mood[0]) if held["valence"] else 0, int(mood[1]) if held["energy"] else 0),
            tuple(theme for theme in record.themes if theme in THEMES)[:2] if held["themes"] else (),
            keys,
            clean_title(record.title) if held["title"] else "",
            record.tune if held["tune"] else "",
            record.author if held["author"] else "",
            rhyme if held["rhyme"] else "",
            LENGTHS[(size > 58) + (size > 90)] if held["length"] and record.form == SONG else "",
            rows,
        )

    def _keys(self, record: PoemRecord, random: np.random.Generator) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """One to four words of the poem; half of them with their line."""
        pairs = [(line, start) for line, text in enumerate(record.lines) for start in pair_places(len(text))
                 if text[start : start + 2] in self._common]  # fmt: skip
        found: dict[str, int] = {}
        for _ in range(int(random.choice(4, p=(0.4, 0.3, 0.2, 0.1))) + 1):
            if pairs and random.random() < 0.75:
                line, start = pairs[int(random.integers(len(pairs)))]
                word = record.lines[line][start : start + 2]
            else:
                line = int(random.integers(len(record.lines)))
                word = record.lines[line][int(random.integers(len(record.lines[line])))]
            found.setdefault(word, line + 1 if random.random() < 0.5 else 0)
        return tuple(found), tuple(found.values())

    @cached_property
    def _common(self) -> frozenset[str]:
        """Pairs of characters at the places of words that the corpus holds COMMON_PAIR times or more."""
        count = Counter(text[start : start + 2] for record in self.records for text in record.lines
                        for start in pair_places(len(text)))  # fmt: skip
        return frozenset(pair for pair, times in count.items() if times >= COMMON_PAIR)

    def _given(self, record: PoemRecord, rhymed: tuple[int, ...], random: np.random.Generator) -> tuple[Given, ...]:
        draw, lines = random.random(), record.lines
        chances = np.cumsum(list(AHEAD.values()))
        kind = next((name for name, edge in zip(AHEAD, chances, strict=True) if draw < edge), "")
        if not kind or (kind == "rhymes" and not rhymed):
            return ()
        if kind == "rhymes":
            places = [(line, len(lines[line]) - 1) for line in rhymed]
        elif kind == "heads":
            places = [(line, 0) for line in range(len(lines))]
        elif kind == "lines":
            locked = sorted(random.permutation(len(lines))[: 1 + int(random.integers(max(1, len(lines) - 1)))].tolist())
            places = [(line, place) for line in locked for place in range(len(lines[line]))]
        else:
            every = [(line, place) for line, text in enumerate(lines) for place in range(len(text))]
            places = [every[at] for at in sorted(random.permutation(len(every))[: int(random.integers(1, 7))].tolist())]
        tokens = self.vocabulary.encode("".join(lines[line][place] for line, place in places))
        return (Given(tuple(places), tuple(tokens), kind == "rhymes"),)


def pair_places(width: int) -> tuple[int, ...]:
    """Where a two-character word may begin in a line."""
    return tuple(dict.fromkeys(start for start in (0, 2, width - 2) if 0 <= start <= width - 2))


def couplet(record: PoemRecord, number: int) -> PoemRecord:
    """A couplet, from 0, of a poem, as a 对联 of its own."""
    lines = record.lines[2 * number : 2 * number + 2]
    return replace(record, lines=lines, form=COUPLET, closes=(False, True), tune="", stanzas=())
