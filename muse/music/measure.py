"""Figures of a composer: nats per cell of four-part chorales, nats per note of tunes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from muse.music import corpus
from muse.music import vocabulary as words
from muse.music.events import LINES, Encoded, assemble, encode, header_of, left, moved, origins, sliced
from muse.music.feed import SLOT, UNSCORED, target, unsaid
from muse.music.grammar import allowed, block
from muse.music.model import thaw
from muse.music.records import Record

if TYPE_CHECKING:
    from muse.bundle import Bundle
    from muse.nn.transformer import Transformer

WINDOW = 512
STRIDE = 128
KEYS = (0, -5, 5)
"""The keys in which a chorale is read for the second figure: its own, and those a fourth below and above."""
CHUNK = 12
"""Bars of a chorale that are harmonised at once."""
KNOWN = 4
"""Bars of a chunk that were harmonised before."""


def surprise(
    model: Transformer,
    piece: Encoded,
    window: int = WINDOW,
    stride: int = STRIDE,
    *,
    grammar: npt.NDArray[np.bool_] | None = None,
    keys: Sequence[int] = (0,),
) -> npt.NDArray[np.float64]:
    """(T,) −log p of each token of a piece, by the chain rule; 0 for what is given and for the header's constant slots.

    A piece longer than the window is read in windows that begin with the header and overlap: each token is scored once,
    with at least `window − stride` tokens before it.

    Args:
        grammar: (T, V), what may stand at each place; probabilities are then among those (see `muse.music.grammar`).
        keys: semitones by which the piece is moved before it is read; of several, the mean of the probabilities is
            taken, which is a probability again. Keys in which the piece leaves the vocabulary are passed over.
    """
    if len(keys) > 1 or keys[0]:
        each = [
            surprise(model, code, window, stride, grammar=None if grammar is None else grammar[:, origins(step)])
            for step in keys
            for code in (moved(piece, step),)
            if code is not None
        ]
        mean: npt.NDArray[np.float64] = np.log(len(each)) - np.logaddexp.reduce([-nats for nats in each], axis=0)
        return np.maximum(mean, 0.0)
    import torch

    wanted = target(piece.tokens)
    found, scored, size = np.zeros(len(piece.tokens)), 0, len(piece.tokens)
    if words.WRITE in piece.tokens:
        window = size
    while scored < size - 1:
        begin = max(words.SLOTS, min(scored + stride, size) - window + words.SLOTS) if scored else words.SLOTS
        keep = np.concatenate([np.arange(words.SLOTS), np.arange(begin, size)])[:window]
        rows = piece.rows[keep].copy()
        if begin > words.SLOTS:
            rows[words.SLOTS :] -= rows[words.SLOTS] - 1
        parts = (piece.tokens[keep], rows, piece.columns[keep])
        tensors = [torch.from_numpy(part.astype(np.int64))[None] for part in parts]
        with torch.no_grad():
            logits = model(*tensors)[0, :-1]
        targets = np.concatenate([wanted, [UNSCORED]])[keep[:-1]]
        fresh = (keep[:-1] >= scored) & (np.diff(keep) == 1) & (targets != UNSCORED)
        chosen = logits[torch.from_numpy(np.flatnonzero(fresh))]
        if grammar is not None:
            legal = torch.from_numpy(grammar[keep[1:][fresh]])
            chosen = chosen.masked_fill(~legal, -torch.inf)
        picked = torch.log_softmax(chosen, -1).gather(1, torch.from_numpy(targets[fresh].astype(np.int64))[:, None])
        found[keep[1:][fresh]] = -picked[:, 0].double().numpy()
        scored = int(keep[-1])
    return found


def chorales(model: Transformer, records: Sequence[Record], keys: Sequence[int] = (0,)) -> dict[str, float]:
    """nats_per_cell over (voice, 16th) cells, header constant; tonic, mode and pickup are paid for as tokens."""
    total, cells = 0.0, 0
    for record in records:
        plain = _plain(record)
        legal = allowed(plain, "satb", record.draft.meter, frames=not record.bars_known)
        total += float(surprise(model, plain, grammar=legal, keys=keys).sum())
        cells += 4 * record.draft.length // 3
    return {"nats_per_cell": total / max(1, cells), "cells": float(cells), "pieces": float(len(records))}


def harmonising(model: Transformer, records: Sequence[Record]) -> dict[str, float]:
    """Nats a cell of alto, tenor and bass with the whole soprano known, and of the same cells by the plain chain rule.

    Both count what the three voices say, given the moments; `harmonise_nats_all` counts the moments too. Chorales are
    harmonised in chunks of 12 bars, the first 4 of which are known from the chunk before.
    """
    told = written = whole = 0.0
    cells = 0
    for record in records:
        draft, frames = record.draft, not record.bars_known
        plain = _plain(record)
        each = surprise(model, plain, grammar=allowed(plain, "satb", draft.meter, frames=frames))
        told += float(each[_lower(plain)].sum())
        cells += 3 * draft.length // 3
        bars = sliced(draft)
        for first in range(0, max(1, len(bars) - KNOWN), CHUNK - KNOWN):
            some = bars[first : first + CHUNK]
            skip = some[0].number - 1 if first else 0
            some = [replace(bar, number=bar.number - skip) for bar in some]
            given = {(bar.number, "soprano") for bar in some}
            if first:
                given |= {(bar.number, part) for bar in some[:KNOWN] for part in LINES["satb"]}
            ends = first + CHUNK >= len(bars)
            code = assemble(some, unsaid(np.array(header_of(draft))).tolist(), "satb", draft.meter, draft.bars - skip,
                            given, left(draft) if ends else None)  # fmt: skip
            code = Encoded(unsaid(code.tokens), code.rows, code.columns)
            legal = allowed(code, "satb", draft.meter, given=frozenset(given), frames=frames)
            each = surprise(model, code, grammar=legal)
            written += float(each[_lower(code)].sum())
            whole += float(each[words.SLOTS :].sum())
    found = {"harmonise_nats": written, "causal_nats": told, "harmonise_nats_all": whole}
    return {name: nats / max(1, cells) for name, nats in found.items()}


def _lower(code: Encoded) -> npt.NDArray[np.bool_]:
    """(T,) True for what alto, tenor and bass say."""
    return np.isin([block(int(token)) for token in code.tokens], ("alto", "tenor", "bass"))


def _plain(record: Record) -> Encoded:
    code = encode(record.draft)
    return Encoded(unsaid(code.tokens), code.rows, code.columns)


def melodies(model: Transformer, records: Sequence[Record]) -> dict[str, float]:
    """nats_per_note of tunes, their header said except for what their own notes would tell."""
    total, notes = 0.0, 0
    for record in records:
        code, kept = encode(record.draft), _plain(record)
        kept.tokens[SLOT["meter"]] = code.tokens[SLOT["meter"]]
        total += float(surprise(model, kept, grammar=allowed(kept, record.draft.task, record.draft.meter)).sum())
        notes += len(record.draft.voices[0])
    return {"nats_per_note": total / max(1, notes), "notes": float(notes), "pieces": float(len(records))}


def measure(
    bundle: Bundle, path: Path | str, split: corpus.Split = "valid", limit: int | None = None
) -> dict[str, float]:
    """The figures of the model card, on data of the user's choice.

    Four-part records give `nats_per_cell` and `cells`, tunes `nats_per_note` and `notes`. `nats_per_cell_three_keys` is
    of the mean of the probabilities in three keys, see `surprise`; `harmonise_nats` and the like are of `harmonising`.

    Raises:
        CorpusError: nothing is there that is known.
    """
    model = thaw(bundle)
    records = list(islice(corpus.read(path, split), limit))
    parts = [record for record in records if record.draft.task == "satb"]
    tunes = [record for record in records if record.draft.task == "melody"]
    found: dict[str, float] = {}
    if parts:
        found |= chorales(model, parts) | harmonising(model, parts)
        found["nats_per_cell_three_keys"] = chorales(model, parts, KEYS)["nats_per_cell"]
    if tunes:
        found |= melodies(model, tunes)
    return found
