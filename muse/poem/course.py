"""How the poem model is trained: its objective and its course, and a bundle as a PyTorch model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from muse.nn.language import LanguageBatch, LanguageObjective
from muse.nn.muon import muon
from muse.nn.transformer import Transformer
from muse.objective import Course, Source
from muse.poem.corpus import PoemRecord, read
from muse.poem.measure import bits
from muse.poem.mixture import Mixture, further_marks
from muse.poem.model import PoemSettings, shape
from muse.poem.novelty import index_of
from muse.poem.vocabulary import PAD, SONG, Vocabulary
from muse.settings import RunSettings

VALIDATION, SONGS = 600, 200
SLICE = 1024
SOURCES = {
    "zh_shi_tang_song": Source(
        "Tang and Song regulated verse (chinese-poetry, poetry-source)",
        "MIT",
        "chinese-poetry (c) 2016 JackeyGao; poetry-source (c) 2020 snowtraces",
        "https://github.com/chinese-poetry/chinese-poetry",
    ),
    "zh_ci": Source(
        "Lyrics to tunes, Tang to Qing (chinese-poetry, poetry-source)",
        "MIT",
        "chinese-poetry (c) 2016 JackeyGao; poetry-source (c) 2020 snowtraces",
        "https://github.com/chinese-poetry/chinese-poetry",
    ),
    "zh_shi_yuan_ming_qing": Source(
        "Regulated verse of Jin, Yuan, Ming and Qing (poetry-source)",
        "MIT",
        "poetry-source (c) 2020 snowtraces",
        "https://github.com/snowtraces/poetry-source",
    ),
}
LIMITS = (
    "Classical Chinese 五绝, 七绝, 五律, 七律, 词 and 对联 in simplified characters only. It writes in the manner of "
    "old verse, whose views it shares; it knows no facts, and its allusions need not hold."
)
RUN: Mapping[str, Mapping[str, Any]] = {
    "": {"learning_rate": 2e-3, "warmup": 60, "batch": 6144, "weight_decay": 0.05, "valid_every": 200,
         "sample_every": 200, "save_every": 100},
    "tiny": {"steps": 300, "warmup": 50, "batch": 2048, "learning_rate": 4e-3},
    "small": {"steps": 2500},
    "base": {"steps": 12000, "batch": 24576},
}  # fmt: skip


class PoemObjective(LanguageObjective):
    """Cross-entropy of the next character, with Muon for the matrices: fewer steps to the same loss."""

    def __init__(self, *args: Any, index: Callable[[], Mapping[str, np.ndarray]], **named: Any) -> None:
        """index: makes the tensors that the bundle carries beside the weights, see `muse.poem.novelty`."""
        super().__init__(*args, **named)
        self.index = index
        self.optimizer: torch.optim.Optimizer = muon(self.model, self.run)  # type: ignore[assignment]

    def step(self, batches: Sequence[LanguageBatch], step: int) -> dict[str, float]:
        """One update; a CPU reads the batch in slices that its caches hold, which is the same sum."""
        if self.device.type == "cpu":
            batches = [part for batch in batches for part in slices(batch, SLICE)]
        return super().step(batches, step)

    def freeze(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        weights, card = super().freeze()
        return {**weights, **self.index()}, card


def slices(batch: LanguageBatch, tokens: int) -> list[LanguageBatch]:
    """The batch in parts of about so many tokens, each without the padding that its rows share at their ends."""
    ends = torch.arange(1, batch.tokens.shape[1] + 1).mul(batch.tokens != PAD).amax(1).tolist()
    parts: list[LanguageBatch] = []
    begin = 0
    while begin < len(ends):
        count = longest = 0
        while begin + count < len(ends) and max(longest, ends[begin + count]) * (count + 1) <= tokens:
            longest = max(longest, ends[begin + count])
            count += 1
        count, longest = max(1, count), max(longest, ends[begin])
        here = (slice(begin, begin + count), slice(longest))
        parts.append(LanguageBatch(batch.tokens[here], batch.row[here], batch.col[here], batch.target[here]))
        begin += count
    return parts


def some(records: list[PoemRecord], most: int) -> list[PoemRecord]:
    """At most so many of them, evenly spread in the order of their text."""
    ordered = sorted(records, key=lambda record: record.text)
    return ordered[:: max(1, len(ordered) // most)][:most]


def transformer(settings: PoemSettings, vocabulary: Vocabulary) -> Transformer:
    """A model with fresh weights."""
    return Transformer(shape(settings, vocabulary))


def course(settings: PoemSettings, run: RunSettings, path: Path | str, device: str = "cpu") -> Course:
    """The course of a poem model over a corpus; see `muse.poem.corpus.read` for what it may be."""
    records, kept = (list(read(path, split, songs=True)) for split in ("train", "valid"))
    held = some([record for record in kept if record.form != SONG and record.era in ("", "唐", "宋")], VALIDATION)
    held = [*held, *some([record for record in kept if record.form == SONG], SONGS)] or records[:64]
    vocabulary = Vocabulary.of((record.text for record in records), settings.least, further=further_marks(records))
    torch.manual_seed(run.seed)
    model = transformer(settings, vocabulary).to(device)
    feed = Mixture(records, vocabulary, tokens=run.batch, seed=run.seed, plain=settings.plain, later=settings.later)

    def validate(trained: Transformer) -> dict[str, float]:
        found = bits(trained, vocabulary, held)
        shown = {name: found[name] for name in ("bits_per_char", f"bits_per_char_{SONG}") if name in found}
        return {"loss": found["bits_per_char"] * float(np.log(2)), **shown}

    def sampler(trained: Transformer, step: int) -> dict[str, bytes]:
        from muse.nn.generate import TorchWriter
        from muse.poem.write import look

        return {"poems.txt": look(TorchWriter(trained), vocabulary, run.seed).encode()}

    card = {"vocabulary": list(vocabulary.tokens)}
    objective = PoemObjective(
        model, run, validate=validate, sampler=sampler, card=card, index=lambda: index_of([*records, *kept])
    )
    return Course("poem", objective, feed, settings, run, _sources(Path(path), len(records)), LIMITS)


def _sources(path: Path, records: int) -> tuple[Source, ...]:
    names = sorted(p.name for p in ([path] if path.is_file() else path.rglob("*")) if p.is_file())
    known = [source for key, source in SOURCES.items() if any(name.startswith(key) for name in names)]
    return tuple(known) or (Source(path.name, "as the user holds it", "", "", records),)
