"""Optimizers: AdamW on groups, one averaged and clipped update, and a running mean of the weights."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from muse.errors import CheckpointError
from muse.nn.spread import average_gradients, like, whole
from muse.settings import RunSettings


def adamw(model: nn.Module, run: RunSettings, betas: tuple[float, float] = (0.9, 0.95)) -> torch.optim.AdamW:
    """AdamW with decay on matrices and kernels only: gains, biases, bias tables and place embeddings are left alone.

    Source: Loshchilov & Hutter 2019, algorithm 2.
    """
    decayed: list[nn.Parameter] = []
    free: list[nn.Parameter] = []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            matrix = parameter.ndim >= 2 and name.rpartition(".")[2] == "weight"
            (decayed if matrix else free).append(parameter)
    groups = [
        {"params": decayed, "weight_decay": run.weight_decay},
        {"params": free, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(
        [group for group in groups if group["params"]], lr=run.learning_rate, betas=betas, eps=1e-8, fused=True
    )


def set_rate(optimizer: torch.optim.Optimizer, factor: float) -> None:
    """Set each group's rate to `factor` times the rate it began with."""
    for group in optimizer.param_groups:
        base = group.setdefault("base_lr", group["lr"])
        group["lr"] = base * factor


def update(optimizer: torch.optim.Optimizer, clip: float | None = None) -> float:
    """The gradient norm before clipping, after one step of the optimizer and the gradients set to None.

    Where torch.distributed runs, gradients are first averaged over its processes.

    Args:
        clip: largest norm of all gradients together; None clips nothing. A norm that is not finite steps nothing,
            so that the weights stay good.
    """
    parameters = [p for group in optimizer.param_groups for p in group["params"] if p.requires_grad]
    average_gradients(parameters)
    gradients = [p.grad for p in parameters if p.grad is not None]
    norm = torch.nn.utils.get_total_norm(gradients, foreach=True)
    length = float(whole(norm))
    if math.isfinite(length):
        if clip is not None:
            torch.nn.utils.clip_grads_with_norm_([p for p in parameters if p.grad is not None], clip, norm)
        optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return length


def optimizer_state(optimizer: torch.optim.Optimizer, prefix: str) -> dict[str, Tensor]:
    """Moments and step counts as named tensors, `prefix` before each: no pickle needed."""
    found: dict[str, Tensor] = {}
    for index, moments in optimizer.state_dict()["state"].items():
        for name, value in moments.items():
            found[f"{prefix}{index}.{name}"] = whole(torch.as_tensor(value))
    return found


def load_optimizer_state(optimizer: torch.optim.Optimizer, state: Mapping[str, Tensor], prefix: str) -> None:
    """Take such tensors back.

    Raises:
        CheckpointError: a moment has another shape than its weight.
    """
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    moments: dict[int, dict[str, Tensor]] = {}
    for key, value in state.items():
        if key.startswith(prefix):
            index, _, name = key.removeprefix(prefix).partition(".")
            if not index.isdigit() or int(index) >= len(parameters):
                raise CheckpointError(f"the optimizer state {key} belongs to no weight")
            if value.ndim and value.shape != parameters[int(index)].shape:
                raise CheckpointError(
                    f"the optimizer state {key} is {tuple(value.shape)}",
                    f"its weight is {tuple(parameters[int(index)].shape)}",
                )
            # laid out as its weight is, for fused optimizers walk through both side by side
            moments.setdefault(int(index), {})[name] = like(value, parameters[int(index)] if value.ndim else value)
    optimizer.load_state_dict({"state": moments, "param_groups": optimizer.state_dict()["param_groups"]})


class Ema:
    """A running mean of a model's weights: mean <- decay · mean + (1 - decay) · weight after each step.

    Early on the decay is at most (1 + n) / (10 + n) after n steps, so that the start is soon forgotten.

    Attributes:
        mean: name -> tensor, of every parameter and buffer that is kept in the state.
    """

    def __init__(self, model: nn.Module, half_life: float | None = None, *, decay: float | None = None) -> None:
        """
        Args:
            half_life: steps after which a weight counts half.
            decay: the same, said as the factor of one step.
        """
        self.decay = decay if decay is not None else 0.5 ** (1 / (half_life or 1000.0))
        self.count = 0
        self.mean = {name: value.detach().clone() for name, value in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Take in the weights as they are now."""
        self.count += 1
        decay = min(self.decay, (1 + self.count) / (10 + self.count))
        means: list[Tensor] = []
        values: list[Tensor] = []
        for name, value in model.state_dict().items():
            if value.is_floating_point():
                means.append(self.mean[name])
                values.append(value)
            else:
                self.mean[name].copy_(value)
        torch._foreach_lerp_(means, values, 1 - decay)

    def state(self, prefix: str) -> dict[str, Tensor]:
        """The means and the count as named tensors."""
        return {f"{prefix}count": torch.tensor(self.count)} | {f"{prefix}{k}": whole(v) for k, v in self.mean.items()}

    def load_state(self, state: Mapping[str, Tensor], prefix: str) -> None:
        """Take them back; raises CheckpointError when one is missing or has another shape."""
        for name, mean in self.mean.items():
            value = state.get(f"{prefix}{name}")
            if value is None or value.shape != mean.shape:
                raise CheckpointError(f"the state has no running mean of {name} with shape {tuple(mean.shape)}")
            mean.copy_(like(value, mean))
        count = state.get(f"{prefix}count")
        self.count = int(count) if count is not None else 0
