"""Figures of a composer: nats per cell of four-part chorales, nats per note of tunes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from muse.music import corpus
from muse.music import vocabulary as words
from muse.music.events import Encoded, encode
from muse.music.feed import UNSCORED, target, unsaid
from muse.music.grammar import allowed
from muse.music.model import thaw
from muse.music.records import Record

if TYPE_CHECKING:
    from muse.bundle import Bundle
    from muse.nn.transformer import Transformer

WINDOW = 512
STRIDE = 256


def nats(
    model: Transformer,
    piece: Encoded,
    window: int = WINDOW,
    stride: int = STRIDE,
    *,
    grammar: npt.NDArray[np.bool_] | None = None,
) -> float:
    """−log p of a piece by the chain rule, each token scored once, with at least `window − stride` tokens before it.

    A piece longer than the window is read in windows that begin with the header and overlap.

    Args:
        grammar: (T, V), what may stand at each place; probabilities are then among those (see `muse.music.grammar`).
    """
    import torch

    wanted = target(piece.tokens)
    total, scored, size = 0.0, 0, len(piece.tokens)
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
        places = torch.from_numpy(np.flatnonzero(fresh))
        chosen = logits[places]
        if grammar is not None:
            legal = torch.from_numpy(grammar[keep[1:][fresh]])
            chosen = chosen.masked_fill(~legal, -torch.inf)
        picked = torch.log_softmax(chosen, -1).gather(1, torch.from_numpy(targets[fresh])[:, None])
        total -= float(picked.double().sum())
        scored = int(keep[-1])
    return total


def chorales(model: Transformer, records: Sequence[Record]) -> dict[str, float]:
    """nats_per_cell over (voice, 16th) cells, header constant; tonic, mode and pickup are paid for as tokens."""
    total, cells = 0.0, 0
    for record in records:
        code = encode(record.draft)
        plain = Encoded(unsaid(code.tokens), code.rows, code.columns)
        frames = not record.bars_known
        legal = allowed(plain.tokens, "satb", record.draft.meter, frames=frames)
        total += nats(model, plain, grammar=legal)
        cells += 4 * record.draft.length // 3
    return {"nats_per_cell": total / max(1, cells), "cells": float(cells), "pieces": float(len(records))}


def melodies(model: Transformer, records: Sequence[Record]) -> dict[str, float]:
    """nats_per_note of tunes, their header said except for what their own notes would tell."""
    total, notes = 0.0, 0
    for record in records:
        code = encode(record.draft)
        kept = Encoded(unsaid(code.tokens), code.rows, code.columns)
        kept.tokens[list(words.HEADER).index("meter")] = code.tokens[list(words.HEADER).index("meter")]
        total += nats(model, kept, grammar=allowed(kept.tokens, record.draft.task, record.draft.meter))
        notes += len(record.draft.voices[0])
    return {"nats_per_note": total / max(1, notes), "notes": float(notes), "pieces": float(len(records))}


def measure(
    bundle: Bundle, path: Path | str, split: corpus.Split = "valid", limit: int | None = None
) -> dict[str, float]:
    """The figures of the model card, on data of the user's choice.

    Four-part records give `nats_per_cell` and `cells`, tunes `nats_per_note` and `notes`.

    Raises:
        CorpusError: nothing is there that is known.
    """
    model = thaw(bundle)
    records = list(islice(corpus.read(path, split), limit))
    parts = [record for record in records if record.draft.task == "satb"]
    tunes = [record for record in records if record.draft.task == "melody"]
    found: dict[str, float] = {}
    if parts:
        found |= chorales(model, parts)
    if tunes:
        found |= melodies(model, tunes)
    return found
