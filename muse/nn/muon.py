"""Muon for the matrices inside a network, AdamW for everything else, in one optimizer.

Source: Jordan et al. 2024, "Muon" (kellerjordan.github.io/posts/muon); the update is scaled as in Liu et al. 2025,
arXiv:2502.16982, section 2.2, so that one learning rate fits both halves. Deviation: matrices of one shape are
orthogonalised together, and a fused projection (q, k, v; gate, up) part by part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from muse.nn.spread import gathered, is_split, like
from muse.settings import RunSettings

FUSED = {"qkv": 3, "gate_up": 2}


def orthogonal(matrices: Tensor, rounds: int = 5) -> Tensor:
    """The nearest orthogonal matrices, roughly: singular values end between about 0.7 and 1.2.

    matrices: (N, rows, columns) with rows <= columns; quintic Newton–Schulz iteration.
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    x: Tensor = matrices / (matrices.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(rounds):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return x


TABLES = ("row_bias", "col_bias")
"""Weights that are added to scores as they are."""


class Muon(torch.optim.Optimizer):
    """Groups with `matrix` True step by Muon with Nesterov momentum, others by AdamW."""

    def __init__(self, groups: list[dict[str, Any]], lr: float) -> None:
        defaults = {"lr": lr, "matrix": False, "weight_decay": 0.0, "momentum": 0.95, "betas": (0.9, 0.95), "eps": 1e-8}
        super().__init__(groups, defaults)

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            (self._muon if group["matrix"] else self._adamw)(group)

    def _muon(self, group: dict[str, Any]) -> None:
        parts: dict[tuple[int, int], list[tuple[Tensor, bool, Tensor]]] = defaultdict(list)
        split: list[tuple[Tensor, Tensor]] = []
        for parameter, pieces in zip(group["params"], group["pieces"], strict=True):
            if parameter.grad is None:
                continue
            state = self.state[parameter]
            if not state:
                state["momentum"] = torch.zeros_like(parameter)
            state["momentum"].lerp_(parameter.grad, 1 - group["momentum"])
            moved = parameter.grad.lerp(state["momentum"], group["momentum"])
            parameter.mul_(1 - group["lr"] * group["weight_decay"])
            target, moved = parameter, gathered(moved)
            if is_split(parameter):  # each process turns the whole matrix, and takes its part of the step
                target = torch.zeros_like(moved)
                split.append((parameter, target))
            for piece, part in zip(target.chunk(pieces), moved.chunk(pieces), strict=True):
                turned = part.shape[0] > part.shape[1]
                wide = part.mT if turned else part
                parts[wide.shape[0], wide.shape[1]].append((wide, turned, piece))
        for shape, found in parts.items():
            stack = torch.stack([wide for wide, _, _ in found])
            dtype = torch.bfloat16 if stack.dtype == torch.float32 else stack.dtype
            steps = orthogonal(stack.to(dtype)).to(stack.dtype)
            rate = group["lr"] * 0.2 * max(shape) ** 0.5
            for (_, turned, piece), move in zip(found, steps, strict=True):
                piece.sub_(move.mT if turned else move, alpha=rate)
        for parameter, target in split:
            parameter.add_(like(target, parameter))

    def _adamw(self, group: dict[str, Any]) -> None:
        parameters = [p for p in group["params"] if p.grad is not None]
        gradients = [p.grad for p in parameters]
        if not parameters:
            return
        for parameter in parameters:
            state = self.state[parameter]
            if not state:
                state["step"] = torch.zeros(())
                state["first"], state["second"] = torch.zeros_like(parameter), torch.zeros_like(parameter)
            state["step"] += 1
        first = [self.state[p]["first"] for p in parameters]
        second = [self.state[p]["second"] for p in parameters]
        one, two = group["betas"]
        count = float(self.state[parameters[0]]["step"])
        torch._foreach_lerp_(first, gradients, 1 - one)
        torch._foreach_mul_(second, two)
        torch._foreach_addcmul_(second, gradients, gradients, 1 - two)
        root = torch._foreach_sqrt(second)
        torch._foreach_div_(root, (1 - two**count) ** 0.5)
        torch._foreach_add_(root, group["eps"])
        torch._foreach_mul_(parameters, 1 - group["lr"] * group["weight_decay"])
        torch._foreach_addcdiv_(parameters, first, root, -group["lr"] / (1 - one**count))


def muon(model: nn.Module, run: RunSettings, *, faster: float = 2.0) -> Muon:
    """Muon for the linear layers of a model, at `faster` times the learning rate; AdamW for its other weights.

    The bias tables of attention step ten times as far: they work in nats, so at a rate made for weights of a hundredth
    they would take thousands of steps to say anything.
    """
    linear = {module.weight: name for name, module in model.named_modules() if isinstance(module, nn.Linear)}
    matrices = [p for p in model.parameters() if p in linear]
    pieces = [FUSED.get(linear[p].rpartition(".")[2], 1) for p in matrices]
    tables = [p for name, p in model.named_parameters() if name.rpartition(".")[2] in TABLES]
    known = {id(p) for p in (*linear, *tables)}
    rest = [p for p in model.parameters() if id(p) not in known]
    groups: list[dict[str, Any]] = [{"params": rest}]
    if tables:
        groups.append({"params": tables, "lr": 10 * run.learning_rate})
    if matrices:
        groups.append({"params": matrices, "pieces": pieces, "matrix": True, "lr": faster * run.learning_rate,
                       "weight_decay": run.weight_decay})  # fmt: skip
    return Muon(groups, run.learning_rate)
