"""The course of a melody VAE on a user's own corpus, from nothing or from a bundle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from muse.bundle import Bundle
from muse.errors import CorpusError
from muse.music.own.course import credits
from muse.music.own.lessons import Lessons
from muse.music.reconstruct import accuracies, distinct, restore
from muse.music.records import Record
from muse.music.vae import MelodyVae, VaeSettings
from muse.music.variation import VariationFeed, VariationObjective
from muse.music.windows import METERS, Bars, bar_ticks, collected
from muse.nn.patience import Patience
from muse.objective import Course
from muse.settings import RunSettings

TUNED_STEPS, STEPS = 400, 4000
TUNED_RATE = 5e-4
WINDOWS = 200
"""Windows of two bars in a meter that a measurement reads."""


class Judged(VariationObjective):
    """Figures with a loss: the share of slots that are wrong, over windows of two bars in every meter."""

    def figures(self, step: int) -> dict[str, float]:
        found = super().figures(step)
        if self.valid is None:
            return found
        model, right, count = self.averaged(), 0.0, 0
        for meter in METERS:
            starts = distinct(self.valid, 2, WINDOWS, meter)
            if len(starts):
                right += accuracies(model, self.valid, starts, 2, 0)["sampled"] * len(starts)
                count += len(starts)
        return {**found, "loss": 1 - right / count} if count else found


class Tuned(Patience, Judged):
    """A melody VAE's objective whose bundle has the weights that gave the melodies held out back best."""


def run_of(bars: Bars, tuned: bool) -> Mapping[str, Any]:
    """Run settings that suit a corpus of so many bars."""
    batch = max(32, min(384, len(bars.kind) // 8))
    epoch = max(1, len(bars.kind) // batch)
    steps = min(TUNED_STEPS if tuned else STEPS, epoch * (12 if tuned else 120))
    every = max(5, epoch)
    rate = {"learning_rate": TUNED_RATE} if tuned else {}
    return {"batch": batch, "steps": max(20, steps), "warmup": max(2, min(60, steps // 10)), "valid_every": every,
            "sample_every": 4 * every, "save_every": 4 * every, "ema": 0.0, **rate}  # fmt: skip


def course(
    settings: VaeSettings,
    run: RunSettings,
    lessons: Lessons,
    bars: Bars,
    device: str = "cpu",
    start: Bundle | None = None,
) -> Course:
    """The course of a melody VAE over lessons.

    Args:
        bars: of those to learn from, see `bars_of`.
        start: the bundle that it begins from, whose settings are these.

    Raises:
        BundleError: it is no melody VAE.
    """
    torch.manual_seed(run.seed)
    model, before = MelodyVae(settings), None
    try:
        valid = bars_of(lessons.held)
    except CorpusError:  # too few of them have a meter that it knows
        valid = None
    if start is not None:
        source = restore(start)
        model.load_state_dict(source.state_dict())
        before = Judged(source, run, bars, valid).figures(0).get("loss")
        source.eval()
    objective = Tuned(model.to(device), run, bars, valid, unit="share_wrong", before=before)
    melodies = len(set(bars.song.tolist()))
    return Course(
        "variation", objective, VariationFeed(bars, {lessons.source.name: melodies}, run), settings, run,
        credits(lessons, start),
        "Learned from a corpus of its user; one voice on a sixteenth grid in 4/4, 3/4 and 6/8, MIDI 36 to 96.",
    )  # fmt: skip


def bars_of(records: Sequence[Record]) -> Bars:
    """The bars of the records' tunes.

    Raises:
        CorpusError: none has a meter that the VAE knows.
    """
    return collected(rows(records), Path("the corpus"))[0]


def rows(records: Sequence[Record]) -> Iterator[dict[str, Any]]:
    """The tunes as records of the melodies, 24 ticks a quarter; see `muse.music.windows.records`."""
    for record in records:
        draft = record.draft
        known = bar_ticks(str(draft.meter))
        if known is None:
            continue
        pitches, durations, now = [], [], 0
        for tick, length, pitch, _ in draft.voices[0]:
            if tick > now:
                pitches.append(0)
                durations.append(2 * (tick - now))
            pitches.append(pitch)
            durations.append(2 * length)
            now = tick + length
        yield {"p": pitches, "d": durations, "m": str(draft.meter), "ph": -2 * draft.pickup % known[1], "src": "own"}
