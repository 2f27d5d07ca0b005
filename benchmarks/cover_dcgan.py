"""DCGAN under an equal budget: form F for M minutes of one core, on the same pictures, best weights by the same KID.

    python benchmarks/cover_dcgan.py pictures/ --form non-saturating --minutes 180 --out runs/dcgan-non-saturating
    python benchmarks/cover_dcgan.py pictures/ --form minimax --minutes 180 --out runs/dcgan-minimax

A run that was stopped goes on from its newest checkpoint; with more minutes than before it learns longer. Minutes are
those of the processor, measuring included, so that what else runs is not counted. The best weights, which the measure
keeps aside as it does for muse's generator, stand in the newest checkpoint; `cover_rivals.py --dcgan FOLDER` reads it.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from muse.art.gan import dcgan
from muse.art.measure.features import quotable
from muse.objective import Course, Objective
from muse.settings import RunSettings
from muse.train.loop import Progress, train


class Budget:
    """An objective that ends when its minutes are spent; the seconds of all resumes together are in its state."""

    def __init__(self, objective: Objective, minutes: float) -> None:
        self.objective, self.limit = objective, 60 * minutes
        self.before, self.started = 0.0, time.process_time()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.objective, name)

    def spent(self) -> float:
        """Seconds of the processor."""
        return self.before + time.process_time() - self.started

    def enough(self) -> bool:
        return self.spent() >= self.limit

    def figures(self, step: int) -> dict[str, float]:
        return {**self.objective.figures(step), "minutes": self.spent() / 60}

    def state(self) -> dict[str, torch.Tensor]:
        return {**self.objective.state(), "spent": torch.tensor([self.spent()], dtype=torch.float64)}

    def load_state(self, state: Mapping[str, torch.Tensor]) -> None:
        self.objective.load_state(state)
        self.before, self.started = float(state["spent"][0]), time.process_time()


def course(data: Path, form: str, minutes: float, every: int, seed: int) -> Course:
    """The course of the baseline, with a limit of minutes in place of one of steps."""
    values = {**dcgan.RUNS[""], "steps": 10_000_000, "seed": seed, "keep": 1}
    often = {name: every for name in ("valid_every", "sample_every", "save_every")}
    settings = dcgan.DcganSettings.load("small", {"form": form})
    made = dcgan.course(settings, RunSettings.of({**values, **often}), data, network=quotable())
    return replace(made, objective=Budget(made.objective, minutes))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of pictures")
    parser.add_argument("--form", choices=("minimax", "non-saturating"), default="non-saturating")
    parser.add_argument("--minutes", type=float, required=True, help="of one core, all resumes together")
    parser.add_argument("--every", type=int, default=100, help="steps, of 128 pictures each, between measures")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)

    def watch(progress: Progress) -> None:
        if progress.step % 25 == 0:
            figures = {name: round(value, 4) for name, value in progress.figures.items()}
            print(json.dumps({"step": progress.step, **figures}), flush=True)

    checkpoint = train(course(args.data, args.form, args.minutes, args.every, args.seed), args.out, watch=watch)
    print(json.dumps({"step": checkpoint.step, **checkpoint.figures}))


if __name__ == "__main__":
    main()
