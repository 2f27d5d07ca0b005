"""An independent judge of style classes, learned from real pictures' features alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from muse.art.measure.distances import Table

Probe = Callable[[Table], npt.NDArray[np.int64]]


def probe(features: Table, labels: npt.NDArray[np.int64], classes: int, steps: int = 300) -> Probe:
    """A softmax regression on standardised features, every class weighing the same: (N, D) → class numbers (N,)."""
    mean, deviation = features.mean(0), features.std(0) + 1e-6
    x = torch.from_numpy((features - mean) / deviation).float()
    y = torch.from_numpy(labels)
    weight = torch.zeros(x.shape[1] + 1, classes, requires_grad=True)
    optimizer = torch.optim.Adam([weight], lr=0.02)
    balance = 1.0 / torch.bincount(y, minlength=classes).clamp_min(1).float()
    for _ in range(steps):
        loss = F.cross_entropy(x @ weight[:-1] + weight[-1], y, weight=balance) + 1e-3 * weight.square().sum()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    found = weight.detach().double().numpy()

    def judge(other: Table) -> npt.NDArray[np.int64]:
        answer: npt.NDArray[np.int64] = (((other - mean) / deviation) @ found[:-1] + found[-1]).argmax(1)
        return answer

    return judge
