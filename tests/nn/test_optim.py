"""Optimizer, averaging of gradients, running mean."""

from __future__ import annotations

import math

import pytest
import torch
import torch.distributed as dist
from torch import nn

from muse.errors import CheckpointError
from muse.nn.optim import Ema, adamw, load_optimizer_state, optimizer_state, set_rate, update
from muse.nn.shape import TransformerSettings
from muse.nn.transformer import Transformer
from muse.settings import RunSettings

RUN = RunSettings(learning_rate=0.01, weight_decay=0.5)


def learn(model: nn.Module, optimizer: torch.optim.Optimizer, seed: int) -> None:
    torch.manual_seed(seed)
    model(torch.randn(4, 3)).square().sum().backward()
    update(optimizer, 1.0)


def test_only_matrices_decay() -> None:
    model = Transformer(TransformerSettings(vocabulary=9, layers=1, width=8, heads=2))
    before = {name: value.clone() for name, value in model.named_parameters()}
    optimizer = adamw(model, RUN)
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    update(optimizer, None)
    moved = {name for name, value in model.named_parameters() if not torch.equal(value, before[name])}
    assert moved == {name for name in before if name.endswith("weight")}
    assert "row_bias" in before and "tokens.weight" in moved


def test_the_norm_is_clipped_and_what_is_not_finite_is_not_stepped() -> None:
    model = nn.Linear(3, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    before = model.weight.detach().clone()
    model.weight.grad, model.bias.grad = torch.full((2, 3), 3.0), torch.zeros(2)
    assert update(optimizer, 0.5) == pytest.approx(54**0.5)
    assert float((model.weight - before).norm()) == pytest.approx(0.5, rel=1e-4)
    assert model.weight.grad is None
    before = model.weight.detach().clone()
    model.weight.grad = torch.full((2, 3), torch.nan)
    assert math.isnan(update(optimizer, 0.5))
    assert torch.equal(model.weight, before)


def test_gradients_are_averaged_over_processes_in_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []

    def reduce(flat: torch.Tensor) -> None:
        sent.append(flat.numel())
        flat.mul_(4)  # as if the other process had three times this gradient

    monkeypatch.setattr(dist, "is_initialized", lambda: True)
    monkeypatch.setattr(dist, "get_world_size", lambda: 2)
    monkeypatch.setattr(dist, "all_reduce", reduce)
    model = nn.Linear(3, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    before = model.weight.detach().clone()
    model.weight.grad = torch.ones(2, 3)
    update(optimizer)
    assert sent == [8 + 2]  # the numbers, and for each of the two whether it has a gradient at all
    torch.testing.assert_close(before - model.weight, torch.full((2, 3), 2.0))


def test_state_goes_out_and_in() -> None:
    torch.manual_seed(0)
    model, twin = nn.Linear(3, 2), nn.Linear(3, 2)
    optimizer = adamw(model, RUN)
    for seed in range(3):
        learn(model, optimizer, seed)
    twin.load_state_dict(model.state_dict())
    other = adamw(twin, RUN)
    state = optimizer_state(optimizer, "o.")
    load_optimizer_state(other, state, "o.")
    for seed in range(3, 6):
        learn(model, optimizer, seed)
        learn(twin, other, seed)
    assert torch.equal(model.weight, twin.weight) and torch.equal(model.bias, twin.bias)
    with pytest.raises(CheckpointError, match="belongs to no weight"):
        load_optimizer_state(other, {"o.9.exp_avg": torch.zeros(2)}, "o.")
    with pytest.raises(CheckpointError, match="its weight is"):
        load_optimizer_state(other, {"o.0.exp_avg": torch.zeros(7)}, "o.")


def test_rates_are_factors_of_the_first_one() -> None:
    optimizer = adamw(nn.Linear(3, 2), RUN)
    for factor in (0.5, 0.25, 1.0):
        set_rate(optimizer, factor)
        assert {group["lr"] for group in optimizer.param_groups} == {0.01 * factor}


def test_the_running_mean_follows() -> None:
    model = nn.Linear(3, 2)
    ema = Ema(model, half_life=10)
    assert ema.decay == pytest.approx(0.5**0.1)
    start = ema.mean["weight"].clone()
    with torch.no_grad():
        model.weight.add_(1)
    ema.update(model)
    torch.testing.assert_close(ema.mean["weight"], start + 1 - 2 / 11)
    for _ in range(200):
        ema.update(model)
    torch.testing.assert_close(ema.mean["weight"], model.weight.detach(), rtol=1e-3, atol=1e-3)
    twin = Ema(model, half_life=10)
    twin.load_state(ema.state("e."), "e.")
    assert twin.count == 201 and torch.equal(twin.mean["weight"], ema.mean["weight"])
    with pytest.raises(CheckpointError, match="running mean of weight"):
        twin.load_state({}, "e.")
