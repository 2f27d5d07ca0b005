"""What each of two processes does that learn pictures together."""

from __future__ import annotations

import os
from pathlib import Path

import torch

from muse.art.gan import adversary, generator
from muse.art.gan import course as covers
from muse.art.vae import model as vae
from muse.art.vae import picture
from muse.objective import Course
from muse.settings import RunSettings
from muse.train.launch import together

SAMPLE = Path(__file__).parents[2] / "corpora" / "pictures" / "sample"
STEPS = 8


def course(kind: str) -> Course:
    run = RunSettings.of({"steps": STEPS, "batch": 4, "precision": "fp32", "warmup": 1, "ema": 0.9})
    if kind == "picture":
        settings = vae.VaeSettings.load("tiny", {"first_side": 32, "side": 32, "sharpen_from": 0.5})
        return picture.course(settings, run, SAMPLE)
    options = {"grid": 8, "lazy": 2}
    return covers.course(generator.GanSettings.load("tiny", options), run, SAMPLE, vae=generator.random_bundles(0)[1])


def learn(folder: Path, kind: str) -> None:
    """Some steps; each average of gradients is kept with what this process brought to it."""
    made, room = course(kind), picture if kind == "picture" else adversary
    brought: list[list[torch.Tensor | None]] = []
    found: list[list[torch.Tensor | None]] = []
    average = room.average_gradients

    def watched(parameters):
        parameters = list(parameters)
        brought.append([None if p.grad is None else p.grad.clone() for p in parameters])
        average(parameters)
        found.append([None if p.grad is None else p.grad.clone() for p in parameters])

    room.average_gradients = watched
    with together() as place:
        for step in range(STEPS):
            torch.manual_seed(10 * step + place.rank)
            made.objective.schedule(1.0)
            made.objective.step([made.feed.batch(step, 0, place.rank, place.world)], step)
    seen = {"brought": brought, "found": found, "state": made.objective.state()}
    torch.save(seen, folder / f"{os.environ['RANK']}.pt")
