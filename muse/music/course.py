"""How the composer is trained: its fresh weights, its course, and what it shows of itself on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from muse.music import corpus
from muse.music import vocabulary as words
from muse.music.composer import PieceRequest, compose_with
from muse.music.copied import index_of
from muse.music.feed import Windows, sources
from muse.music.measure import chorales, melodies
from muse.music.model import MusicSettings, shape
from muse.nn.generate import TorchWriter
from muse.nn.language import LanguageObjective
from muse.nn.muon import muon
from muse.nn.transformer import Transformer
from muse.objective import Course
from muse.settings import RunSettings

RUN: dict[str, dict[str, Any]] = {
    "": {"steps": 3600, "learning_rate": 2e-3, "warmup": 100, "batch": 16, "ema": 0.998, "weight_decay": 0.1,
         "decay_from": 0.4, "valid_every": 200, "sample_every": 1000, "save_every": 100},
    "tiny": {"steps": 300, "batch": 4, "learning_rate": 4e-3, "warmup": 30},
    "small": {},
    "base": {"steps": 20000, "batch": 32, "learning_rate": 1e-3, "warmup": 500, "ema": 0.999},
}  # fmt: skip
"""Run settings by size; `batch` counts rows of `window` tokens."""


class MusicObjective(LanguageObjective):
    """Cross-entropy of the next event, with Muon for the matrices: fewer steps to the same loss."""

    def __init__(self, *args: Any, index: Callable[[], Mapping[str, np.ndarray]] = dict, **named: Any) -> None:
        """index: makes the tensors that the bundle carries beside the weights, see `muse.music.copied`."""
        super().__init__(*args, **named)
        self.index = index
        self.optimizer: torch.optim.Optimizer = muon(self.model, self.run)  # type: ignore[assignment]

    def freeze(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        weights, card = super().freeze()
        return {**weights, **self.index()}, card


def transformer(settings: MusicSettings) -> Transformer:
    """A fresh model; notes that share voice, pitch class or height begin alike."""
    model = Transformer(shape(settings))
    _relate(model)
    return model


def _relate(model: Transformer) -> None:
    """Start each note's embedding as the sum of its voice's, its pitch's and its pitch class's, a chord's likewise.

    Four voices of forty notes are then not learned from nothing one by one.
    """
    table = model.tokens.weight
    with torch.no_grad():
        scale = 0.02 / 2
        width = table.shape[1]
        pitches, classes = torch.randn(128, width) * scale, torch.randn(12, width) * scale
        for voice in words.VOICES:
            own = torch.randn(width) * scale
            low, high = words.WINDOWS[voice]
            for pitch in range(low, high + 1):
                for token in (words.note(voice, pitch), words.held(voice, pitch)):
                    table[token] = table[token] / 2 + own + pitches[pitch] + classes[pitch % 12]
        for index, name in enumerate(words.CHORDS):
            root, _, quality = name.partition(":")
            kind = torch.randn(width, generator=torch.Generator().manual_seed(len(quality) + sum(map(ord, quality))))
            token = words.NO_CHORD + 1 + index
            table[token] = table[token] / 2 + classes[int(root)] + kind * scale


def course(settings: MusicSettings, run: RunSettings, path: Path | str, device: str = "cpu") -> Course:
    """Everything a training run of the composer needs.

    Args:
        path: a corpus folder or file; see `muse.music.corpus.read`.

    Raises:
        CorpusError: nothing there that is known.
    """
    torch.manual_seed(run.seed)
    model = transformer(settings).to(device)
    records = list(corpus.read(path, "train"))
    feed = Windows(sources(records), run.batch, settings.window, run.seed)
    held = list(corpus.read(path, "valid"))
    parts = [record for record in held if record.corpus == "jsb-chorales"] or [
        r for r in held if r.draft.task == "satb"
    ]
    tunes = [record for record in held if record.draft.task == "melody"]

    def validate(model: Transformer) -> dict[str, float]:
        found: dict[str, float] = {}
        if parts:
            found["jsb_nats_per_cell"] = chorales(model, parts[:16])["nats_per_cell"]
        if tunes:
            found["nats_per_note"] = melodies(model, tunes[:: max(1, len(tunes) // 24)])["nats_per_note"]
        return found

    objective = MusicObjective(
        model, run, validate=validate, sampler=look, card={"vocabulary": list(words.NAMES)},
        index=lambda: index_of(records),
    )  # fmt: skip
    counts: dict[str, int] = {}
    for record in records:
        counts[record.corpus] = counts.get(record.corpus, 0) + 1
    credited = tuple(replace(corpus.SOURCES[name], records=n) for name, n in counts.items() if name in corpus.SOURCES)
    limits = (
        "Learned from chorales, hymns, masses and European song and dance tunes; it writes melodies, lead "
        "sheets and four parts on a grid of twelve ticks a quarter note, without drums or orchestration."
    )
    return Course("music", objective, feed, settings, run, credited, limits)


def look(model: Transformer, step: int) -> dict[str, bytes]:
    """A tune and four voices, for the training page."""
    files: dict[str, bytes] = {}
    for ensemble in ("lead", "satb"):
        request = PieceRequest(ensemble=ensemble, bars=8, seed=step, candidates=1, title=f"{ensemble} {step}")
        piece = compose_with(TorchWriter(model), request)
        files[f"{ensemble}.mid"] = piece.midi()
        files[f"{ensemble}.txt"] = piece.text().encode()
    return files
