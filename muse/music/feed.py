"""What the composer learns from: windows of whole bars, cut and packed as a pure function of the step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from muse.music import vocabulary as words
from muse.music.events import Encoded, encode
from muse.music.records import Record, lead, tune
from muse.seed import stream

if TYPE_CHECKING:
    from muse.nn.language import LanguageBatch

UNSCORED = -100
_SLOT = {slot: index for index, slot in enumerate(words.HEADER)}
_FIRST = {slot: words.BASE[slot] for slot in words.HEADER}
_BAR = words.BASE["bar"]
_SAID = tuple(_SLOT[slot] for slot in ("tonic", "mode", "pickup"))
DROPS = {"style": 0.15, "tonic": 0.5, "mode": 0.1, "meter": 0.1, "tempo": 0.5, "density": 0.35, "energy": 0.35,
         "valence": 0.35, "register": 0.35}  # fmt: skip
"""How often training leaves a header slot unsaid, so that any part of it may be left out later."""
LEAST = 64


@dataclass(frozen=True, slots=True)
class Source:
    """Pieces drawn with one weight.

    Attributes:
        weight: share of the tokens, in any unit.
        pieces: encoded, with the index where each bar begins.
    """

    name: str
    weight: float
    pieces: tuple[tuple[Encoded, np.ndarray], ...]
    free: bool = False


def sources(records: Iterable[Record]) -> tuple[Source, ...]:
    """Records sorted into sources with their weights: two fifths of the tokens in four parts, the rest tunes and lead
    sheets; folk, dance, song and instrumental tunes above parts of sacred works."""
    shares = {
        "jsb": 0.20, "hymn": 0.09, "mass": 0.09, "tune hymn": 0.05, "tune jsb": 0.03, "tune song": 0.10,
        "tune dance": 0.12, "tune instrumental": 0.09, "tune sacred": 0.05,
        "lead hymn": 0.06, "lead song": 0.05, "lead dance": 0.05,
        "lead instrumental": 0.02,
    }  # fmt: skip
    pools: dict[str, list[Record]] = {}
    for record in records:
        style = dict(record.draft.header).get("style", "song")
        if record.draft.task == "satb":
            pools.setdefault(style, []).append(record)
            if style in ("hymn", "jsb"):
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
        pieces = tuple(_with_bars(encode(record.draft)) for record in kept)
        found.append(Source(name, shares.get(name, 0.05), pieces, free=name in ("jsb", "tune jsb")))
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
                piece, bars = pool.pieces[int(draw.integers(len(pool.pieces)))]
                window = cut(piece, bars, self.length - at, draw, free=pool.free)
                end = at + len(window.tokens)
                tokens[line, at:end], rows[line, at:end], columns[line, at:end] = (
                    window.tokens,
                    window.rows,
                    window.columns,
                )
                segments[line, at:end] = segment
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


def target(tokens: np.ndarray) -> np.ndarray:
    """(T − 1,) int64: the token after each, −100 for header slots but a said tonic, mode and pickup."""
    found = tokens[1:].astype(np.int64).copy()
    for index in range(1, words.SLOTS):
        unsaid = tokens[index] == list(_FIRST.values())[index]
        if index not in _SAID or unsaid:
            found[index - 1] = UNSCORED
    return found


def cut(piece: Encoded, bars: np.ndarray, room: int, draw: np.random.Generator, *, free: bool) -> Encoded:
    """A window of at most `room` tokens that begins with the header and at a bar; slots are left unsaid at random.

    Args:
        bars: (N,) where each bar token stands.
        free: for JSB: as often as not nothing but task, style, key and pickup is said.
    """
    tokens, rows, columns = piece.tokens.copy(), piece.rows, piece.columns
    begin = 0
    if len(tokens) > room and draw.random() < 0.6 and len(bars) > 2:
        begin = int(draw.integers(1, len(bars) - 1))
    if begin:
        keep = np.concatenate(
            [np.arange(words.SLOTS), np.arange(bars[begin], min(len(tokens), bars[begin] + room - words.SLOTS))]
        )
        first = rows[bars[begin]]
        tokens, columns = tokens[keep], columns[keep]
        rows = np.maximum(rows[keep] - first + 1, 0)
        rows[: words.SLOTS] = 0
        tokens[_SLOT["pickup"]] = _FIRST["pickup"]
    else:
        tokens, rows, columns = tokens[:room], rows[:room], columns[:room]
    if free and draw.random() < 0.6:
        return Encoded(unsaid(tokens), rows, columns)
    for slot, rate in DROPS.items():
        if draw.random() < rate:
            tokens[_SLOT[slot]] = _FIRST[slot]
    if draw.random() < 0.15:
        tokens = _uncounted(tokens)
    return Encoded(tokens, rows, columns)


def unsaid(tokens: np.ndarray) -> np.ndarray:
    """The tokens with nothing said but task, style, tonic, mode and pickup: the constant header of the JSB figure."""
    tokens = _uncounted(tokens.copy())
    for slot in ("meter", "tempo", "density", "energy", "valence", "register"):
        tokens[_SLOT[slot]] = _FIRST[slot]
    return tokens


def _uncounted(tokens: np.ndarray) -> np.ndarray:
    counted = (tokens > _BAR) & (tokens <= _BAR + words.MOST_BARS)
    return np.where(counted, _BAR, tokens).astype(tokens.dtype)


def _with_bars(piece: Encoded) -> tuple[Encoded, np.ndarray]:
    inside = (piece.tokens >= _BAR) & (piece.tokens <= _BAR + words.MOST_BARS)
    return piece, np.flatnonzero(inside)
