"""A transformer that learns to count, small enough to be trained by several processes in a test."""

from __future__ import annotations

import os
import time
from datetime import timedelta

import torch

from muse.nn.language import LanguageBatch, LanguageObjective, loss_sum
from muse.nn.muon import muon
from muse.nn.shape import TransformerSettings
from muse.nn.spread import whole
from muse.nn.transformer import Transformer
from muse.objective import Course
from muse.seed import torch_generator
from muse.settings import RunSettings
from muse.train import launch
from muse.train.freeze import freeze
from muse.train.loop import train

SHAPE = TransformerSettings(vocabulary=21, layers=2, width=24, heads=3, rows=3, columns=5, context=24)


class CountingFeed:
    """Lines that count upwards; the number of scored tokens is another one in each batch."""

    def batch(self, step, micro, rank, world):
        number = micro * world + rank
        draw = torch_generator(1, step, number)
        tokens = (torch.arange(13) + torch.randint(0, 21, (4, 1), generator=draw)) % 21
        at = torch.arange(12, dtype=torch.int32).expand(4, 12)
        target = tokens[:, 1:].clone()
        target[:, : 1 + 3 * number] = -100
        return LanguageBatch(tokens[:, :-1], at // 5, at % 5, target, at // 7)

    def size(self):
        return {"lines": 4}


class CountingObjective(LanguageObjective):
    def __init__(self, run, orthogonal):
        torch.manual_seed(run.seed)
        super().__init__(
            Transformer(SHAPE),
            run,
            validate=lambda model: {"loss": float(loss_sum(model, CountingFeed().batch(0, 0, 0, 1))[0])},
            sampler=lambda model, step: {"sum.txt": str(float(sum(p.sum() for p in model.parameters()))).encode()},
        )
        if orthogonal:
            self.optimizer = muon(self.model, run)


def course(orthogonal=False, **run):
    given = {"steps": 12, "save_every": 4, "valid_every": 6, "sample_every": 6, "precision": "fp32", "ema": 0.9}
    run = RunSettings(**{**given, "warmup": 2, "learning_rate": 0.01, **run})
    return Course("counting", CountingObjective(run, orthogonal), CountingFeed(), SHAPE, run)


def run(folder, options):
    """Train, slowly enough to be killed, and freeze."""
    made = course(**options)
    bundle = freeze(made, train(made, folder, watch=lambda progress: time.sleep(0.02)), "counting", "a test")
    bundle.save(folder / f"frozen-{os.environ.get('RANK', '0')}.safetensors", force=True)


def stall(folder, seconds):
    """The second process stops answering."""
    with launch.together(timedelta(seconds=seconds)) as place:
        if place.first:
            place.any(False)
        else:
            time.sleep(60)


def gradients(folder, options):
    """The gradients of one step, as the optimizer is given them, saved by the first process."""
    made = course(**options)
    with launch.together() as place:
        if made.run.split:
            made.objective.split()
            parts = [p.to_local().numel() for p in made.objective.model.parameters()]
            assert sum(parts) < 0.6 * made.objective.parameters()
        found = {}

        def keep(*given):
            found.update({name: whole(p.grad) for name, p in made.objective.model.named_parameters()})
            return step(*given)

        step, made.objective.optimizer.step = made.objective.optimizer.step, keep
        batches = [made.feed.batch(5, micro, place.rank, place.world) for micro in range(made.run.accumulation)]
        figures = made.objective.step(batches, 5)
        if place.first:
            torch.save((found, figures), folder / "gradients.pt")
