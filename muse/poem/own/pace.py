"""How long and how fast a model learns from a corpus, by how much there is in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TUNED_EPOCHS, EPOCHS, LONGEST = 8, 60, 20_000
TUNED_RATE = 3e-4


def pace(tokens: int, tuned: bool) -> Mapping[str, Any]:
    """Run settings for a corpus of so many tokens: steps, batch, rate, and when to measure.

    A pass through the corpus has eight steps or more; a bundle that is tuned sees it at most TUNED_EPOCHS times, a new
    model EPOCHS times, and both stop as soon as the poems held out gain no more.

    >>> pace(12_000, tuned=True)["steps"]
    64
    """
    batch = max(256, min(6144, tokens // 8))
    epoch = max(1, round(tokens / batch))
    steps = min(LONGEST, epoch * (TUNED_EPOCHS if tuned else EPOCHS))
    every = max(1, epoch // 2 if tuned else epoch)
    rate = {"learning_rate": TUNED_RATE} if tuned else {}
    return {"batch": batch, "steps": steps, "warmup": max(2, min(60, steps // 10)), "valid_every": every,
            "sample_every": 4 * every, "save_every": 4 * every, "decay_from": 0.2, **rate}  # fmt: skip
