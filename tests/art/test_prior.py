"""The fitted start: its draws have the means, the covariance and the answer to conditions that it was fitted to."""

from __future__ import annotations

import pytest
import torch

from muse.art.condition import SIZE
from muse.art.prior import Prior

CLASSES, PARTS, GRID, STYLE = 2, 12, 4, 6


@pytest.fixture(scope="module")
def fitted() -> tuple[Prior, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    g = torch.Generator().manual_seed(0)
    count = 400
    label = torch.arange(count) % CLASSES
    values = torch.randn(count, SIZE, generator=g)
    style = 0.1 * torch.randn(count, STYLE, generator=g) + values[:, :STYLE] + 3.0 * label[:, None]
    content = torch.randn(count, 2, GRID, 1, generator=g).expand(-1, -1, -1, GRID) + label[:, None, None, None]
    content = content + 0.01 * torch.randn(count, 2, GRID, GRID, generator=g)
    prior = Prior(CLASSES, PARTS, 2, GRID, STYLE)
    assert prior.fit(content, style, label, values) > 0.95
    return prior, content, style, label, values


def draws(prior: Prior, label: int, values: torch.Tensor, present: float, count: int = 2000) -> torch.Tensor:
    z = torch.randn(count, PARTS + STYLE + 1, generator=torch.Generator().manual_seed(1))
    told = torch.full((count, 2), present)
    return prior(z, torch.full((count,), label), values.expand(count, -1), told)


@pytest.mark.parametrize("label", [0, 1])
def test_each_class_has_its_mean_and_spread(fitted, label: int) -> None:  # type: ignore[no-untyped-def]
    prior, content, style, labels, _ = fitted
    found = draws(prior, label, torch.zeros(1, SIZE), 0.0)
    assert torch.allclose(found[:, PARTS:].mean(0), style[labels == label].mean(0), atol=0.15)
    assert torch.allclose(found[:, PARTS:].std(0), style[labels == label].std(0), atol=0.25)
    made, real = prior.content(found), content[labels == label]
    assert made.shape[1:] == (2, GRID, GRID)
    assert torch.allclose(made.mean(0), real.mean(0), atol=0.25)


def test_a_told_condition_moves_the_style_and_narrows_it(fitted) -> None:  # type: ignore[no-untyped-def]
    prior = fitted[0]
    asked = torch.zeros(1, SIZE)
    asked[0, 0] = 2.0
    free, bound = draws(prior, 0, asked, 0.0), draws(prior, 0, asked, 1.0)
    assert bound[:, PARTS].mean() > free[:, PARTS].mean() + 1.0
    assert bound[:, PARTS].std() < 0.6 * free[:, PARTS].std()


def test_none_stands_for_all_classes(fitted) -> None:  # type: ignore[no-untyped-def]
    prior = fitted[0]
    everything = draws(prior, CLASSES, torch.zeros(1, SIZE), 0.0)
    assert everything[:, PARTS:].mean() == pytest.approx(1.5, abs=0.3)
    assert everything[:, PARTS:].std(0).min() > draws(prior, 0, torch.zeros(1, SIZE), 0.0)[:, PARTS:].std(0).max()


def test_fewer_pictures_than_parts_do_not_break_it() -> None:
    prior = Prior(3, PARTS, 2, GRID, STYLE)
    prior.fit(torch.randn(4, 2, GRID, GRID), torch.randn(4, STYLE), torch.tensor([0, 0, 0, 1]), torch.zeros(4, SIZE))
    assert torch.isfinite(draws(prior, 2, torch.zeros(1, SIZE), 1.0)).all()
