"""How the learning rate goes: up in a line, level, down in a line to zero."""

from __future__ import annotations

from muse.settings import RunSettings


def factor(step: int, run: RunSettings) -> float:
    """What the base learning rate is multiplied by at a step, in [0, 1].

    The level part lets a run be lengthened on resume; the fall is what brings most of the last gain
    (Source: Hu et al. 2024, MiniCPM, section 4, warmup-stable-decay).

    >>> run = RunSettings(steps=100, warmup=10, decay_from=0.5)
    >>> [round(factor(step, run), 2) for step in (0, 9, 30, 75)]
    [0.1, 1.0, 1.0, 0.5]
    """
    if step < run.warmup:
        return (step + 1) / run.warmup
    start = run.decay_from * run.steps
    if step < start:
        return 1.0
    return max(0.0, (run.steps - step) / (run.steps - start))
