"""How the English poem model is trained."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from muse.nn.transformer import Transformer
from muse.objective import Course, Source
from muse.poem.course import PoemObjective
from muse.poem.english.corpus import parted, tally
from muse.poem.english.feed import VerseFeed
from muse.poem.english.measure import bits
from muse.poem.english.model import VerseSettings, shape
from muse.poem.english.sound import syllables
from muse.poem.english.vocabulary import Vocabulary
from muse.poem.novelty import index_of
from muse.settings import RunSettings

VALIDATION = 400
AUTHOR_LEAST = 200
INDEX = 3_000_000
"""Bytes of the filter of known lines."""
SOURCE = Source(
    "English verse from Project Gutenberg (english-gutenberg-poetry)",
    "public domain text",
    "Project Gutenberg texts by way of GutenTag",
    "https://github.com/tnhaider/english-gutenberg-poetry",
)
LIMITS = (
    "English verse in the manner of the eighteenth to early twentieth century, whose views it shares; no quotation "
    "marks or brackets. It knows no facts, and its allusions need not hold."
)
RUN: Mapping[str, Mapping[str, Any]] = {
    "": {"learning_rate": 2e-3, "warmup": 100, "batch": 8192, "weight_decay": 0.05, "valid_every": 250,
         "sample_every": 250, "save_every": 50, "decay_from": 0.4},
    "tiny": {"steps": 300, "warmup": 30, "batch": 2048, "learning_rate": 4e-3},
    "small": {"steps": 8000},
    "base": {"steps": 30000, "batch": 32768},
}  # fmt: skip


def course(settings: VerseSettings, run: RunSettings, path: Path | str, device: str = "cpu") -> Course:
    """The course of an English poem model over a corpus; see `muse.poem.english.corpus.parted` for what it may be."""
    found = list(parted(path))
    records = [verse for part, verse in found if part == "train"] or [verse for _, verse in found]
    held = [verse for part, verse in found if part == "valid"]
    held = held[:: max(1, len(held) // VALIDATION)][:VALIDATION] or records[:64]
    count, capital = tally(records)
    authors = Counter(verse.author for verse in records if verse.author)
    marked = sorted(name for name, poems in authors.items() if poems >= AUTHOR_LEAST)
    vocabulary = Vocabulary.of(count, capital, settings.words, settings.pieces, marked)
    torch.manual_seed(run.seed)
    model = Transformer(shape(settings, vocabulary)).to(device)
    feed = VerseFeed(records, vocabulary, tokens=run.batch, seed=run.seed, plain=settings.plain, order=settings.order)

    def validate(trained: Transformer) -> dict[str, float]:
        figures = bits(trained, vocabulary, held, settings.order)
        return {"loss": figures["bits_per_word"] * math.log(2), **figures}

    def sampler(trained: Transformer, step: int) -> dict[str, bytes]:
        from muse.poem.english.look import look

        return {"poems.txt": look(trained, vocabulary, settings.order, run.seed).encode()}

    def index() -> Mapping[str, np.ndarray]:
        return index_of((verse for part, verse in found if part != "test"), room=INDEX)

    card = {"language": "en", "vocabulary": list(vocabulary.tokens), "syllables": syllables(vocabulary).tolist()}
    objective = PoemObjective(model, run, validate=validate, sampler=sampler, card=card, index=index)
    return Course("poem", objective, feed, settings, run, (SOURCE,), LIMITS)
