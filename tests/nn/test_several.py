"""Several modules under one state: names, a whole round, what does not fit, rates."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from muse.errors import CheckpointError
from muse.nn.several import Several


def several(seed: int, steps: int = 0) -> Several:
    torch.manual_seed(seed)
    one, other = nn.Linear(3, 2), nn.BatchNorm1d(2)
    made = Several({"one": one, "other": other}, {"one": torch.optim.Adam(one.parameters(), 0.1)})
    for _ in range(steps):
        made.optimizers["one"].zero_grad()
        other(one(torch.randn(4, 3))).square().sum().backward()
        made.optimizers["one"].step()
    return made


def test_the_state_names_every_part() -> None:
    names = set(several(0, 1).state())
    assert {"one.weight", "other.running_mean", "optimizer.one.0.exp_avg", "optimizer.one.1.step"} <= names


def test_a_state_comes_back_whole() -> None:
    a, b = several(0, 2), several(1)
    kept = {name: value.clone() for name, value in a.state().items()}
    b.load_state({**kept, "numbers": torch.zeros(2)})
    assert kept.keys() == b.state().keys()
    assert not [name for name, value in b.state().items() if not torch.equal(value, kept[name])]


@pytest.mark.parametrize("spoil", [lambda s: s.pop("one.weight"), lambda s: s.update({"one.weight": torch.ones(2, 2)})])
def test_what_does_not_fit_is_refused(spoil) -> None:
    state = several(0, 1).state()
    spoil(state)
    with pytest.raises(CheckpointError, match="does not fit"):
        several(1).load_state(state)


def test_rates_are_shares_of_the_first_one() -> None:
    made = several(0)
    for factor in (0.5, 0.1, 1.0):
        made.schedule(factor)
        assert made.optimizers["one"].param_groups[0]["lr"] == pytest.approx(0.1 * factor)
