"""What training knows of a model: an Objective to step, a Feed to draw from, both in one Course."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable

from muse.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    import torch

    from muse.settings import RunSettings, Settings

Batch = Any
Record = TypeVar("Record")


class Objective(Protocol):
    """A model with its loss and its optimizers.

    The loop seeds torch's global generator from (seed, step, rank) before each step, so dropout and
    noise drawn from it are the same after a resume.
    """

    def step(self, batches: Sequence[Batch], step: int) -> dict[str, float]:
        """Learn from the micro-batches of one step (forward, backward, optimizers); return its figures."""
        ...

    def figures(self, step: int) -> dict[str, float]:
        """Figures on the validation part, lower-case names with their unit; "loss" among them where there is one."""
        ...

    def sample(self, step: int) -> dict[str, bytes]:
        """A look at what the model makes now: files (text, PNG, SVG, MIDI) for the training page."""
        ...

    def state(self) -> dict[str, torch.Tensor]:
        """Every tensor needed to go on: weights, optimizer moments, averages, counters."""
        ...

    def load_state(self, state: Mapping[str, torch.Tensor]) -> None:
        """Go on from such a state; raises CheckpointError where it does not fit."""
        ...

    def schedule(self, factor: float) -> None:
        """Set every learning rate to `factor` times its base."""
        ...

    def parameters(self) -> int:
        """How many numbers are learned."""
        ...

    def freeze(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Weights (fp16, averaged where there is an average) and the card fields only the model knows."""
        ...


@runtime_checkable
class Splitting(Protocol):
    """An objective whose weights can be split over processes, for models too large to stand whole in each."""

    def split(self) -> None:
        """Leave each process a part of weights, gradients and moments; called once, before anything is learned.

        `state` still gives the whole, and `load_state` takes it, in every process at the same time.
        """
        ...


@runtime_checkable
class Ending(Protocol):
    """An objective that can tell, after its figures were measured, that more learning brings nothing."""

    def enough(self) -> bool:
        """Whether to stop here."""
        ...


class Feed(Protocol):
    """The data of a run, as a pure function of the step: a resumed run needs no data position."""

    def batch(self, step: int, micro: int, rank: int, world: int) -> Batch:
        """Micro-batch `micro` of a step for process `rank` of `world`."""
        ...

    def size(self) -> dict[str, int]:
        """How much data there is, for the card: {"poems": 221159}."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """A corpus that a model learned from, as its card names it."""

    name: str
    licence: str
    attribution: str
    url: str = ""
    records: int = 0


@dataclass(frozen=True, slots=True)
class Course:
    """All that a training run needs.

    Attributes:
        kind: "poem", "music", "variation", "cover" or "picture".
        settings: of the model; they stand in the checkpoint and the bundle.
        sources: for the card.
        limits: what the model should not be trusted with, for the card.
    """

    kind: str
    objective: Objective
    feed: Feed
    settings: Settings
    run: RunSettings
    sources: tuple[Source, ...] = ()
    limits: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


def part_of(train: list[Record], held: list[Record], split: str) -> list[Record]:
    """Of a corpus of one's own those records to learn from ("train"), those held out ("valid"), or "all".

    Raises:
        UsageError: there is no such part.
    """
    named = {"train": train, "valid": held, "all": train + held}
    if split not in named:
        raise UsageError(f"a corpus of one's own has no part {split!r}", "", "choose train, valid or all")
    return named[split]
