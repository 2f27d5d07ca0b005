"""The course of a composer on a user's own corpus, from nothing or from a bundle."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from muse.bundle import Bundle
from muse.errors import CorpusError
from muse.music import vocabulary as words
from muse.music.copied import Copies, index_of
from muse.music.course import MusicObjective, look, transformer
from muse.music.events import encode
from muse.music.feed import Source, Windows, with_bars
from muse.music.measure import chorales, melodies
from muse.music.model import MusicSettings, thaw
from muse.music.own.lessons import Lessons
from muse.music.records import Record, lead, tune
from muse.nn.patience import Patience
from muse.nn.transformer import Transformer
from muse.objective import Course
from muse.objective import Source as Credit
from muse.settings import RunSettings

TUNED_EPOCHS, EPOCHS, LONGEST = 8, 60, 20_000
TUNED_RATE = 3e-4
JUDGED = 24
"""Pieces held out that a measurement reads."""
SHARES = {"satb": 3.0, "lead": 2.0, "melody": 1.0}
"""How the tokens are shared where a corpus has all kinds, by kind."""


class Tuned(Patience, MusicObjective):
    """A composer's objective whose bundle has the weights that did best on the pieces held out."""


def sources(records: Sequence[Record]) -> tuple[Source, ...]:
    """Each record as it is; of four parts and of tunes with chords also the tune, and tunes with chords found by rule.

    Raises:
        CorpusError: none fits the vocabulary.
    """
    pools: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        style, task = dict(record.draft.header).get("style", "song"), record.draft.task
        pools.setdefault((task, style), []).append(record)
        if task != "melody":
            pools.setdefault(("melody", style), []).append(tune(record))
        if task != "lead":
            pools.setdefault(("lead", style), []).append(lead(record))
    found = []
    for (task, style), pool in pools.items():
        pieces, drafts = [], []
        for record in pool:
            try:
                pieces.append(with_bars(encode(record.draft)))
            except CorpusError:  # a chord or a moment outside of the vocabulary
                continue
            drafts.append(record.draft)
        if drafts:
            size = sum(len(piece.tokens) for piece, _ in pieces)
            found.append(Source(f"{task} {style}", SHARES[task] * size, tuple(drafts), tuple(pieces), style))
    if not found:
        raise CorpusError("no piece of the corpus fits the vocabulary of the composer")
    return tuple(found)


def run_of(pools: Sequence[Source], tuned: bool) -> Mapping[str, Any]:
    """Run settings that suit a corpus: a bundle sees it eight times at most, a new model sixty times.

    Both stop as soon as the pieces held out gain no more.
    """
    tokens = sum(len(piece.tokens) for pool in pools for piece, _ in pool.pieces)
    batch = max(1, min(16, tokens // 4096))
    epoch = max(1, round(tokens / (512 * batch)))
    steps = min(LONGEST, max(20, epoch * (TUNED_EPOCHS if tuned else EPOCHS)))
    every = max(5, epoch // 2 if tuned else epoch)
    rate = {"learning_rate": TUNED_RATE} if tuned else {}
    return {"batch": batch, "steps": steps, "warmup": max(2, min(60, steps // 10)), "valid_every": every, "ema": 0.0,
            "sample_every": 4 * every, "save_every": 4 * every, "decay_from": 0.2, **rate}  # fmt: skip


def course(
    settings: MusicSettings,
    run: RunSettings,
    lessons: Lessons,
    pools: Sequence[Source],
    device: str = "cpu",
    start: Bundle | None = None,
) -> Course:
    """The course of a composer over lessons.

    Args:
        pools: of `sources`.
        start: the bundle that it begins from, whose settings are these.

    Raises:
        BundleError: it is no composer of this muse.
    """
    torch.manual_seed(run.seed)
    model = transformer(settings)
    before = None
    if start is not None:
        source = thaw(start)
        model.load_state_dict(source.state_dict())
        before = judged(source, lessons.held).get("loss")
    known = None if start is None else Copies.thaw(start)
    card = {
        "vocabulary": list(words.NAMES), "corpus": dict(lessons.counts),
        **({"from": {start.name: start.sha256}} if start is not None else {}),
    }  # fmt: skip
    objective = Tuned(
        model.to(device), run, unit="nats_per_event", before=before, sampler=look, card=card,
        validate=lambda trained: judged(trained, lessons.held), index=lambda: index_of(lessons.train, known),
    )  # fmt: skip
    feed = Windows(tuple(pools), run.batch, settings.window, run.seed)
    limits = "Learned from a corpus of its user; melodies, lead sheets and four parts, without drums or orchestration."
    return Course("music", objective, feed, settings, run, credits(lessons, start), limits)


def judged(model: Transformer, held: Sequence[Record]) -> dict[str, float]:
    """The figures of a model on pieces held out; "loss" is the mean of those of tunes and of four parts."""
    parts = [record for record in held if record.draft.task == "satb"][:JUDGED]
    tunes = [tune(record) for record in held if record.draft.task != "satb"][:JUDGED]
    found = {}
    if parts:
        found["nats_per_cell"] = chorales(model, parts)["nats_per_cell"]
    if tunes:
        found["nats_per_note"] = melodies(model, tunes)["nats_per_note"]
    if found and all(map(math.isfinite, found.values())):
        found["loss"] = sum(found.values()) / len(found)
    return found


def credits(lessons: Lessons, start: Bundle | None) -> tuple[Credit, ...]:
    """What the model has learned from, the bundle's part first."""
    before = () if start is None else tuple(Credit(**source) for source in start.card["data"])
    return (*before, lessons.source)
