"""The chunked loss against torch's own."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from muse.nn import loss as module
from muse.nn.loss import linear_cross_entropy


@pytest.mark.parametrize("chunk", [1, 40, 1 << 22])
def test_value_and_gradients(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", chunk)
    torch.manual_seed(0)
    hidden = torch.randn(11, 6, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(9, 6, dtype=torch.float64, requires_grad=True)
    target = torch.randint(0, 9, (11,))
    found = linear_cross_entropy(hidden, weight, target)
    torch.testing.assert_close(found, F.cross_entropy(hidden @ weight.t(), target, reduction="sum"))
    assert torch.autograd.gradcheck(lambda h, w: linear_cross_entropy(h, w, target) / 11, [hidden, weight])


def test_bf16_products_are_near() -> None:
    torch.manual_seed(0)
    hidden, weight = torch.randn(64, 32, requires_grad=True), torch.randn(100, 32, requires_grad=True)
    target = torch.randint(0, 100, (64,))
    exact = torch.autograd.grad(linear_cross_entropy(hidden, weight, target), [hidden, weight])
    near = torch.autograd.grad(linear_cross_entropy(hidden, weight, target, dtype=torch.bfloat16), [hidden, weight])
    for one, other in zip(near, exact, strict=True):
        assert one.dtype == torch.float32
        assert (one - other).norm() / other.norm() < 0.03


def test_nothing_to_score_is_zero() -> None:
    weight = torch.randn(5, 3, requires_grad=True)
    found = linear_cross_entropy(torch.zeros(0, 3), weight, torch.zeros(0, dtype=torch.int64))
    found.backward()
    assert found.item() == 0 and weight.grad is not None and not weight.grad.any()
