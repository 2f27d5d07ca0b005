"""The chunked loss against torch's own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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


PEAK = """
import re, torch
import torch.nn.functional as F
from muse.nn.loss import linear_cross_entropy
torch.set_num_threads(1)
hidden, weight = torch.randn(6144, 128, requires_grad=True), torch.randn(8192, 128, requires_grad=True)
target = torch.randint(8192, (6144,))
def peak():  # of this program; what getrusage tells begins with that of the process which started it
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
def plain(hidden, weight, target):
    return F.cross_entropy(hidden @ weight.t(), target, reduction="sum")
for loss in (linear_cross_entropy, plain):
    loss(hidden[:8], weight, target[:8]).backward()
    hidden.grad = weight.grad = None
    before = peak()
    loss(hidden, weight, target).backward()
    hidden.grad = weight.grad = None
    print(peak() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell the peak")
def test_the_peak_of_memory_is_at_most_a_third() -> None:
    """Of the process, beyond what it held before: 6144 tokens, V = 8192. Ours comes first, so that it is not hidden."""
    out = subprocess.run([sys.executable, "-c", PEAK], capture_output=True, text=True, check=True).stdout
    ours, plain = (int(line) for line in out.split())
    assert 0 < 3 * ours <= plain


def test_no_tensor_of_all_logits_is_kept() -> None:
    """Nor any chunk of it: what autograd keeps of the loss is a gradient for each of its two arguments."""
    hidden, weight = torch.randn(600, 8, requires_grad=True), torch.randn(500, 8, requires_grad=True)
    kept: list[torch.Size] = []
    with torch.autograd.graph.saved_tensors_hooks(lambda tensor: kept.append(tensor.shape) or tensor, lambda one: one):
        linear_cross_entropy(hidden, weight, torch.randint(500, (600,)))
    assert sorted(kept) == [(500, 8), (600, 8)]
