"""Learning from little: to stop where what is held out gains no more, and to keep what did best on it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from muse.nn import spread

PATIENCE = 4
"""Measurements without a gain after which learning ends."""


class Patience:
    """An objective whose bundle has the weights that did best on what is held out; to stand before another's class.

    Its figures are those of these weights; "loss" alone is of the weights as they are now.
    """

    model: Any
    ema: Any

    def __init__(self, *args: Any, unit: str, before: float | None, **named: Any) -> None:
        """
        Args:
            unit: of the loss, such as "nats_per_char".
            before: the loss of the bundle that it began from.
        """
        super().__init__(*args, **named)
        self.unit, self.before = unit, before
        self.least, self.idle = math.inf, 0
        self.best: dict[str, Tensor] = {}
        self.found: dict[str, float] = {}

    def figures(self, step: int) -> dict[str, float]:
        now: dict[str, float] = super().figures(step)  # type: ignore[misc]
        if "loss" not in now:
            return now
        if now["loss"] < self.least:
            self.least, self.idle, self.found = now["loss"], 0, now
            weights = self.model.state_dict() if self.ema is None else self.ema.mean
            self.best = {name: spread.whole(value).clone() for name, value in weights.items()}
        else:
            self.idle += 1
        told = {f"{self.unit}_after": self.least}
        if self.before is not None:
            told = {f"{self.unit}_before": self.before} | told
        return {**self.found, "loss": now["loss"], **told}

    def enough(self) -> bool:
        return self.idle >= PATIENCE

    def state(self) -> dict[str, Tensor]:
        found = {f"best.{name}": value for name, value in self.best.items()}
        found |= {f"found.{name}": torch.tensor(value, dtype=torch.float64) for name, value in self.found.items()}
        state: dict[str, Tensor] = super().state()  # type: ignore[misc]
        return state | found | {"idle": torch.tensor(self.idle)}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        super().load_state(state)  # type: ignore[misc]
        self.best = {name[5:]: value for name, value in state.items() if name.startswith("best.")}
        self.found = {name[6:]: float(value) for name, value in state.items() if name.startswith("found.")}
        self.least, self.idle = self.found.get("loss", math.inf), int(state.get("idle", torch.tensor(0)))

    def freeze(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """The weights that did best take the place of those that were learned last."""
        if self.best:
            own = self.model.state_dict()
            self.model.load_state_dict({name: spread.like(value, own[name]) for name, value in self.best.items()})
            self.ema = None
        frozen: tuple[dict[str, np.ndarray], dict[str, Any]] = super().freeze()  # type: ignore[misc]
        return frozen
