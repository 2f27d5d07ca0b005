import pytest
import torch
from torch import nn

from muse.nn.muon import muon, orthogonal
from muse.nn.optim import load_optimizer_state, optimizer_state, set_rate
from muse.settings import RunSettings


def test_orthogonal() -> None:
    torch.manual_seed(0)
    found = orthogonal(torch.randn(3, 20, 48, dtype=torch.float64))
    values = torch.linalg.svdvals(found)
    assert float(values.min()) > 0.6 and float(values.max()) < 1.3


def learned(steps: int, split: int | None = None) -> tuple[nn.Module, torch.optim.Optimizer, list[float]]:
    """A small net on a fixed task, its state moved to a new optimizer after `split` steps."""
    torch.manual_seed(1)
    net = nn.Sequential(nn.Linear(8, 24, bias=False), nn.ReLU(), nn.Linear(24, 4), nn.LayerNorm(4))
    x, y = torch.randn(64, 8), torch.randint(0, 4, (64,))
    run = RunSettings(learning_rate=5e-3)
    optimizer: torch.optim.Optimizer = muon(net, run)
    losses = []
    for step in range(steps):
        if step == split:
            kept = optimizer_state(optimizer, "o.")
            optimizer = muon(net, run)
            load_optimizer_state(optimizer, kept, "o.")
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return net, optimizer, losses


def test_it_learns_and_its_state_can_be_carried_on() -> None:
    net, _, losses = learned(40)
    assert losses[-1] < 0.7 * losses[0]
    again, _, _ = learned(40, split=17)
    for one, other in zip(net.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, other)


def test_who_steps_how() -> None:
    net, optimizer, _ = learned(2)
    assert isinstance(net, nn.Sequential)
    matrix, plain = optimizer.param_groups[1], optimizer.param_groups[0]
    assert matrix["matrix"] and len(matrix["params"]) == 2 and len(plain["params"]) == 3
    assert set(optimizer.state[net[0].weight]) == {"momentum"}
    set_rate(optimizer, 0.5)
    assert matrix["lr"] == pytest.approx(5e-3) and plain["lr"] == pytest.approx(2.5e-3)


def test_bias_tables_step_ten_times_as_far() -> None:
    net = nn.Linear(4, 4)
    net.row_bias = nn.Parameter(torch.zeros(1, 2, 3))
    found = {
        id(p): group["lr"] for group in muon(net, RunSettings(learning_rate=1e-3)).param_groups for p in group["params"]
    }
    assert found[id(net.row_bias)] == pytest.approx(1e-2) and found[id(net.bias)] == pytest.approx(1e-3)
    assert len(found) == len(list(net.parameters()))
