"""Several modules that learn together, each with an optimizer of its own or none: one flat state, one schedule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor, nn, optim

from muse.errors import CheckpointError
from muse.nn.optim import load_optimizer_state, optimizer_state, set_rate


@dataclass(frozen=True, slots=True)
class Several:
    """The parts of an adversarial or averaged model.

    Attributes:
        modules: their weights stand in the state as "name.weight"; averages and best ones are among them.
        optimizers: their moments stand there as "optimizer.name.0.exp_avg".
    """

    modules: Mapping[str, nn.Module]
    optimizers: Mapping[str, optim.Optimizer]

    def state(self) -> dict[str, Tensor]:
        """Every weight, buffer and moment by name."""
        tensors = {f"{part}.{k}": v for part, module in self.modules.items() for k, v in module.state_dict().items()}
        for name, optimizer in self.optimizers.items():
            tensors.update(optimizer_state(optimizer, f"optimizer.{name}."))
        return tensors

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Take such a state back; what else stands in it is left alone.

        Raises:
            CheckpointError: a tensor is missing or has another shape.
        """
        for part, module in self.modules.items():
            inner = {k.removeprefix(f"{part}."): v for k, v in state.items() if k.startswith(f"{part}.")}
            try:
                module.load_state_dict(inner)
            except RuntimeError as error:
                raise CheckpointError("the checkpoint does not fit the settings", str(error)[:200]) from error
        for name, optimizer in self.optimizers.items():
            load_optimizer_state(optimizer, state, f"optimizer.{name}.")

    def schedule(self, factor: float) -> None:
        """Every learning rate at `factor` times what it began with."""
        for optimizer in self.optimizers.values():
            set_rate(optimizer, factor)
