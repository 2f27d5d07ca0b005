"""What the composer learns from: windows of pieces, of one kind or another, as rows of tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from muse.music import vocabulary as words
from muse.music.events import PARTS, Cell, Draft, Encoded, assemble, encode, header_of, left, moved, sliced
from muse.music.records import Record, lead, tune
from muse.seed import stream

if TYPE_CHECKING:
    from muse.nn.language import LanguageBatch

UNSCORED = -100
SLOT = {slot: index for index, slot in enumerate(words.HEADER)}
_BAR = words.BASE["bar"]
_SAID = tuple(SLOT[slot] for slot in ("tonic", "mode", "pickup"))
DROPS = {"style": 0.15, "tonic": 0.5, "mode": 0.1, "meter": 0.1, "tempo": 0.5, "density": 0.35, "energy": 0.35,
         "valence": 0.35, "register": 0.35}  # fmt: skip
"""How often training leaves a header slot unsaid, so that any part of it may be left out later."""
LEAST = 64
MOST_ROWS = 24
"""Bars of a window in one part."""
GIVEN_ROWS = 16
"""Bars of a window where something is given."""
CHORAL = ("jsb", "hymn")


@dataclass(frozen=True, slots=True)
class Source:
    """Pieces drawn with one weight.

    Attributes:
        weight: share of the tokens, in any unit.
        drafts: the pieces; pieces: the same encoded, with the index where each bar begins.
        style: as the header says it.
    """

    name: str
    weight: float
    drafts: tuple[Draft, ...]
    pieces: tuple[tuple[Encoded, np.ndarray], ...]
    style: str


def sources(records: Iterable[Record]) -> tuple[Source, ...]:
    """Records sorted into sources with their weights: half of the tokens in four parts, the rest tunes and lead
    sheets; folk, dance, song and instrumental tunes above parts of sacred works."""
    shares = {
        "jsb": 0.28, "hymn": 0.12, "mass": 0.10, "tune hymn": 0.04, "tune jsb": 0.02, "tune song": 0.08,
        "tune dance": 0.10, "tune instrumental": 0.07, "tune sacred": 0.03,
        "lead hymn": 0.05, "lead song": 0.05, "lead dance": 0.04,
        "lead instrumental": 0.02,
    }  # fmt: skip
    pools: dict[str, list[Record]] = {}
    for record in records:
        style = dict(record.draft.header).get("style", "song")
        if record.draft.task == "satb":
            pools.setdefault(style, []).append(record)
            if style in CHORAL:
                pools.setdefault(f"tune {style}", []).append(tune(record))
            if style == "hymn":
                pools.setdefault("lead hymn", []).append(lead(record))
        else:
            pools.setdefault(f"tune {style}", []).append(record)
            if style != "sacred":
                pools.setdefault(f"lead {style}", []).append(record)
    found = []
    for name, pool in pools.items():
        kept = pool
        if name.startswith("lead ") and name != "lead hymn":
            kept = [lead(record) for record in pool[:: max(1, len(pool) // 800)]]
        drafts = tuple(record.draft for record in kept)
        pieces = tuple(with_bars(encode(draft)) for draft in drafts)
        found.append(Source(name, shares.get(name, 0.05), drafts, pieces, name.rpartition(" ")[2]))
    return tuple(found)


@dataclass(eq=False)
class Windows:
    """A Feed of rows of `length` tokens, each filled with windows of pieces; see `muse.objective.Feed`."""

    pools: Sequence[Source]
    batch_rows: int
    length: int
    seed: int

    def batch(self, step: int, micro: int, rank: int, world: int) -> LanguageBatch:
        import torch

        from muse.nn.language import LanguageBatch

        draw = stream(self.seed, "windows", step, micro, rank)
        shape = (self.batch_rows, self.length)
        tokens, rows, columns = (np.zeros(shape, np.int64) for _ in range(3))
        segments = np.zeros(shape, np.int32)
        targets = np.full(shape, UNSCORED, np.int64)
        for line in range(self.batch_rows):
            at, segment = 0, 0
            while self.length - at >= LEAST:
                pool = self.pools[int(draw.choice(len(self.pools), p=self.odds))]
                window = window_of(pool, int(draw.integers(len(pool.pieces))), self.length - at, draw)
                end = at + len(window.tokens)
                tokens[line, at:end], rows[line, at:end] = window.tokens, window.rows
                columns[line, at:end], segments[line, at:end] = window.columns, segment
                targets[line, at : end - 1] = target(window.tokens)
                at, segment = end, segment + 1
            segments[line, at:] = segment
        return LanguageBatch(
            torch.from_numpy(tokens), torch.from_numpy(rows.astype(np.int32)),
            torch.from_numpy(columns.astype(np.int32)), torch.from_numpy(targets), torch.from_numpy(segments),
        )  # fmt: skip

    @cached_property
    def odds(self) -> np.ndarray:
        """How often each source is drawn, so that its share of the tokens is its weight."""
        sizes = [np.mean([len(piece.tokens) for piece, _ in pool.pieces]) for pool in self.pools]
        odds = np.array([pool.weight for pool in self.pools]) / np.minimum(self.length * 0.6, sizes)
        return np.asarray(odds / odds.sum())

    def size(self) -> dict[str, int]:
        return {f"pieces of {pool.name}": len(pool.pieces) for pool in self.pools}


def window_of(pool: Source, index: int, room: int, draw: np.random.Generator) -> Encoded:
    """A window of at most `room` tokens of one piece: its header, then bars, some of them perhaps given.

    Half of the chorales and a quarter of all else is moved to any of twelve keys; header slots are left unsaid at
    random. For JSB as often as not nothing but task, style, key and pickup is said.
    """
    draft = pool.drafts[index]
    found = None
    if draw.random() < {"satb": 0.5, "lead": 0.4, "melody": 0.15}[draft.task]:
        found = _filling(draft, room, draw)
    if found is None:
        found = cut(*pool.pieces[index], room, draw)
    if draw.random() < (0.5 if pool.style in CHORAL else 0.25):
        found = moved(found, int(draw.integers(-6, 6))) or found
    if pool.style == "jsb" and draw.random() < 0.6:
        return Encoded(unsaid(found.tokens), found.rows, found.columns)
    tokens = found.tokens.copy()
    for slot, rate in DROPS.items():
        if draw.random() < rate:
            tokens[SLOT[slot]] = words.header(slot, None)
    if draw.random() < 0.15:
        tokens = _uncounted(tokens)
    return Encoded(tokens, found.rows, found.columns)


def cut(piece: Encoded, bars: np.ndarray, room: int, draw: np.random.Generator) -> Encoded:
    """A window of at most `room` tokens that begins with the header and at a bar.

    Args:
        bars: (N,) where each bar token stands.
    """
    tokens, rows, columns = piece.tokens, piece.rows, piece.columns
    begin = int(draw.integers(1, len(bars) - 1)) if len(tokens) > room and len(bars) > 2 and draw.random() < 0.6 else 0
    end = bars[begin + MOST_ROWS] if begin + MOST_ROWS < len(bars) else len(tokens)
    if not begin:
        end = min(end, room)
        return Encoded(tokens[:end], rows[:end], columns[:end])
    inside = np.arange(bars[begin], min(end, bars[begin] + room - words.SLOTS))
    keep = np.concatenate([np.arange(words.SLOTS), inside])
    tokens, columns, found = tokens[keep], columns[keep], rows[keep] - rows[bars[begin]] + 1
    found[: words.SLOTS] = 0
    tokens[SLOT["pickup"]] = words.header("pickup", None)
    return Encoded(tokens, found, columns)


def _filling(draft: Draft, room: int, draw: np.random.Generator) -> Encoded | None:
    """A window in which some cells are given and the others are to be written; None where there is no room."""
    bars = sliced(draft)
    costs = np.cumsum([bar.changed.sum() + 2 * len(bar.ticks) + 4 for bar in bars])
    most = min(GIVEN_ROWS, int(np.searchsorted(costs, room - words.SLOTS - 2)))
    if most < 2:
        return None
    begin = int(draw.integers(0, max(1, len(bars) - most + 1)))
    while most > 1 and costs[min(begin + most, len(bars)) - 1] - costs[begin] + costs[0] > room - words.SLOTS - 2:
        most -= 1
    if begin:
        last = draft.bars - bars[begin].number + 1
        bars = [replace(bar, number=bar.number - bars[begin].number + 1) for bar in bars[begin:]]
    else:
        last = draft.bars
    whole, bars = most >= len(bars), bars[:most]
    given = masked([bar.number for bar in bars], draft.task, draw)
    head = header_of(draft)
    if begin:
        head[SLOT["pickup"]] = words.header("pickup", None)
    found = assemble(bars, head, draft.task, draft.meter, last, given, left(draft) if whole else None)
    return found if len(found.tokens) <= room else None


def masked(bars: Sequence[int], task: str, draw: np.random.Generator) -> frozenset[Cell]:
    """What is given: some parts throughout (above all the tune), or all but some parts of some bars, or any cells."""
    parts = PARTS[task]
    every = frozenset((bar, part) for bar in bars for part in parts)
    chance = draw.random()
    if len(parts) > 1 and chance < 0.65:
        top = "melody" if task == "lead" else "soprano"
        known = {top} if draw.random() < 0.75 else {part for part in parts if draw.random() < 0.5}
        found = frozenset(cell for cell in every if cell[1] in known)
    elif chance < 0.9:
        size = int(draw.integers(1, max(2, 3 * len(bars) // 4)))
        first = int(draw.integers(0, len(bars) - size + 1))
        open_ = {part for part in parts if draw.random() < 0.7} or set(parts)
        found = every - {(bar, part) for bar in bars[first : first + size] for part in open_}
    else:
        share = draw.random()
        found = frozenset(cell for cell in sorted(every) if draw.random() < share)
    if not found or found == every:
        found = frozenset(cell for cell in every if cell[0] <= bars[len(bars) // 2])
    return found


def target(tokens: np.ndarray) -> np.ndarray:
    """(T − 1,) int64: the token after each, −100 for header slots but a said tonic, mode and pickup, and for what is
    given."""
    found = tokens[1:].astype(np.int64).copy()
    for index, slot in enumerate(words.HEADER):
        if index and (index not in _SAID or tokens[index] == words.header(slot, None)):
            found[index - 1] = UNSCORED
    marks = np.flatnonzero(tokens == words.WRITE)
    if len(marks):
        found[words.SLOTS - 1 : marks[0]] = UNSCORED
    return found


def unsaid(tokens: np.ndarray) -> np.ndarray:
    """The tokens with nothing said but task, style, tonic, mode and pickup: the constant header of the JSB figure."""
    tokens = _uncounted(tokens.copy())
    for slot in ("meter", "tempo", "density", "energy", "valence", "register"):
        tokens[SLOT[slot]] = words.header(slot, None)
    return tokens


def _uncounted(tokens: np.ndarray) -> np.ndarray:
    counted = (tokens > _BAR) & (tokens <= _BAR + words.MOST_BARS)
    return np.where(counted, _BAR, tokens).astype(tokens.dtype)


def with_bars(piece: Encoded) -> tuple[Encoded, np.ndarray]:
    """A piece without anything given, and where each of its bars begins."""
    inside = (piece.tokens >= _BAR) & (piece.tokens <= _BAR + words.MOST_BARS)
    return piece, np.flatnonzero(inside)
