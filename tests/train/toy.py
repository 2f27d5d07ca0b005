"""A regression small enough to train in a test, with dropout so that random numbers matter."""

from __future__ import annotations

import time

import torch

from muse.nn.optim import update
from muse.objective import Course
from muse.seed import torch_generator
from muse.settings import RunSettings, Settings
from muse.train.loop import train


class ToySettings(Settings):
    width: int = 8
    dropout: float = 0.5


class ToyObjective:
    def __init__(self, settings, run):
        torch.manual_seed(run.seed)
        self.run = run
        self.model = torch.nn.Sequential(
            torch.nn.Linear(4, settings.width), torch.nn.Dropout(settings.dropout), torch.nn.Linear(settings.width, 1)
        )
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=run.learning_rate)

    def step(self, batches, step):
        loss = sum((self.model(x) - y).square().mean() for x, y in batches) / len(batches)
        loss.backward()
        update(self.optimizer, self.run.clip)
        return {"loss": loss.item()}

    def figures(self, step):
        return {"mean_weight": self.model[0].weight.mean().item()}

    def sample(self, step):
        return {"weights.txt": str(self.model[0].weight.tolist()).encode()}

    def state(self):
        moments = {
            f"optimizer.{index}.{key}": value
            for index, slots in self.optimizer.state_dict()["state"].items()
            for key, value in slots.items()
        }
        return {**{f"model.{key}": value for key, value in self.model.state_dict().items()}, **moments}

    def load_state(self, state):
        self.model.load_state_dict({k[6:]: v for k, v in state.items() if k.startswith("model.")})
        moments = {}
        for name, value in state.items():
            if name.startswith("optimizer."):
                _, index, key = name.split(".")
                moments.setdefault(int(index), {})[key] = value.clone()
        self.optimizer.load_state_dict({**self.optimizer.state_dict(), "state": moments})

    def schedule(self, factor):
        for group in self.optimizer.param_groups:
            group["lr"] = self.run.learning_rate * factor

    def parameters(self):
        return sum(p.numel() for p in self.model.parameters())

    def freeze(self):
        return {k: v.numpy().astype("float16") for k, v in self.model.state_dict().items()}, {"toy": True}


class ToyFeed:
    def batch(self, step, micro, rank, world):
        draw = torch_generator(0, step, micro * world + rank)
        x = torch.randn(16, 4, generator=draw)
        return x, x.sum(1, keepdim=True)

    def size(self):
        return {"records": 16}


def course(dropout=0.5, **run):
    settings = ToySettings(dropout=dropout)
    run = RunSettings(**{"steps": 40, "save_every": 7, "valid_every": 10, "sample_every": 20, **run})
    return Course("toy", ToyObjective(settings, run), ToyFeed(), settings, run)


def run(folder, options):
    """Train the toy course, slowly enough to be killed."""
    train(course(**options), folder, watch=lambda progress: time.sleep(0.02))
