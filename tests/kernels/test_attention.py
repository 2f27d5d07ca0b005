"""The attention op against its definition, written as loops in fp64."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
import torch
from torch import Tensor

from muse.errors import UsageError
from muse.kernels import attention, explain
from muse.kernels.dispatch import PRODUCT_BYTES

LOW = ("product", "flash")
OPTIONS = [
    {"causal": causal, "window": window, "segment": segment}
    for causal, window, segment in itertools.product((True, False), (None, 3), (False, True))
]


def case(
    time: int, *, batch: int = 2, heads: int = 2, width: int = 4, dtype: torch.dtype = torch.float64, seed: int = 0
) -> dict[str, Any]:
    """Random tensors on a grid where both tables are clipped: R = 3 rows and C = 3 columns told apart."""
    chance = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=chance, dtype=torch.float64).to(dtype)

    row = torch.randint(0, 6, (batch, time), generator=chance).sort(1).values.int()
    return {
        "q": normal(batch, heads, time, width),
        "k": normal(batch, heads, time, width),
        "v": normal(batch, heads, time, width),
        "row": row,
        "col": torch.randint(0, 7, (batch, time), generator=chance).int(),
        "row_bias": normal(heads, 3),
        "col_bias": normal(heads, 5),
    }


def segments(time: int, batch: int = 2) -> Tensor:
    return (torch.arange(time) * 3 // max(time, 1)).expand(batch, time).int()


def by_loops(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    row: Tensor,
    col: Tensor,
    row_bias: Tensor,
    col_bias: Tensor,
    segment: Tensor | None,
    causal: bool,
    window: int | None,
) -> Tensor:
    batch, heads, time, width = q.shape
    out = torch.zeros_like(v)
    for b, h, i in itertools.product(range(batch), range(heads), range(time)):
        scores: dict[int, float] = {}
        for j in range(time):
            if (causal and j > i) or (window is not None and abs(i - j) >= window):
                continue
            if segment is not None and segment[b, i] != segment[b, j]:
                continue
            down = min(max(int(row[b, i] - row[b, j]), 0), row_bias.shape[1] - 1)
            half = col_bias.shape[1] // 2
            along = min(max(int(col[b, i] - col[b, j]), -half), half) + half
            product = sum(float(q[b, h, i, c] * k[b, h, j, c]) for c in range(width)) / math.sqrt(width)
            scores[j] = product + float(row_bias[h, down]) + float(col_bias[h, along])
        highest = max(scores.values())
        total = sum(math.exp(score - highest) for score in scores.values())
        for j, score in scores.items():
            out[b, h, i] += v[b, h, j] * (math.exp(score - highest) / total)
    return out


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("backend", ["reference", *LOW])
def test_every_feature_and_pair_is_the_definition(backend: str, option: dict[str, Any]) -> None:
    given = case(9)
    wanted = {**option, "segment": segments(9) if option["segment"] else None}
    torch.testing.assert_close(
        attention(**given, **wanted, backend=backend), by_loops(**given, **wanted), rtol=1e-9, atol=1e-9
    )


@pytest.mark.parametrize("time", [1, 17, 64, 100])
@pytest.mark.parametrize("backend", LOW)
@pytest.mark.parametrize("option", OPTIONS)
def test_lengths(backend: str, time: int, option: dict[str, Any]) -> None:
    given = case(time, width=8, seed=time)
    wanted = {**option, "segment": segments(time) if option["segment"] else None}
    torch.testing.assert_close(
        attention(**given, **wanted, backend=backend), attention(**given, **wanted, backend="reference")
    )


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("backend", LOW)
def test_low_precision_errs_little_more_than_the_same_arithmetic_in_eager(backend: str, dtype: torch.dtype) -> None:
    given = case(64, width=32)
    exact = attention(**given, backend="reference")
    low = {name: value.to(dtype) if value.is_floating_point() else value for name, value in given.items()}
    eager = (attention(**low, backend="reference") - exact).abs().max()
    error = (attention(**low, backend=backend) - exact).abs().max()
    assert error <= 2 * eager + (1e-6 if dtype == torch.float32 else 2e-2)


@pytest.mark.parametrize("option", [OPTIONS[0], OPTIONS[1], OPTIONS[2], OPTIONS[7]])
@pytest.mark.parametrize("backend", ["reference", *LOW])
def test_gradients(backend: str, option: dict[str, Any]) -> None:
    given = case(6, batch=1)
    names = ["q", "k", "v", "row_bias", "col_bias"]
    wanted = {**option, "segment": segments(6, 1) if option["segment"] else None, "backend": backend}

    def run(*tensors: Tensor) -> Tensor:
        return attention(**{**given, **dict(zip(names, tensors, strict=True))}, **wanted)

    assert torch.autograd.gradcheck(run, [given[name].requires_grad_() for name in names])


def test_segments_are_documents_of_their_own() -> None:
    given = case(10, batch=1)
    whole = attention(**given, segment=torch.tensor([[0] * 4 + [1] * 6]))
    parts = [
        attention(
            **{n: t if n.endswith("bias") else t[..., s] if t.ndim == 2 else t[:, :, s] for n, t in given.items()}
        )
        for s in (slice(0, 4), slice(4, 10))
    ]
    torch.testing.assert_close(whole, torch.cat(parts, 2))


def test_last_queries_over_cached_keys_are_the_end_of_the_whole() -> None:
    given = case(12)
    whole = attention(**given)
    tail = {**given, "q": given["q"][:, :, -2:]}
    for name in ("row", "col"):
        tail[name] = (given[name][:, -2:], given[name])
    torch.testing.assert_close(attention(**tail), whole[:, :, -2:])
    assert explain(tail["q"], tail["k"]).backend == "reference"


def test_one_grid_serves_the_whole_batch() -> None:
    given = case(8)
    one = {**given, "row": given["row"][:1], "col": given["col"][:1]}
    all_alike = {**given, "row": given["row"][:1].expand(2, -1), "col": given["col"][:1].expand(2, -1)}
    for backend in ("reference", *LOW):
        torch.testing.assert_close(attention(**one, backend=backend), attention(**all_alike, backend=backend))


def test_scores_too_large_go_to_flash() -> None:
    q = torch.empty(1, 1, 1, 4).expand(1, 4, PRODUCT_BYTES >> 15, 4)
    choice = explain(q, q)
    assert choice.backend == "flash" and "MiB" in choice.why


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"q": torch.zeros(2, 2, 9)}, "q is (2, 2, 9)"),
        ({"q": torch.zeros(2, 2, 9, 4, dtype=torch.int64)}, "q is"),
        ({"k": torch.zeros(2, 2, 8, 4, dtype=torch.float64)}, "k is (2, 2, 8, 4)"),
        ({"k": torch.zeros(2, 2, 9, 4)}, "torch.float64 like q"),
        ({"v": torch.zeros(2, 2, 9, 3, dtype=torch.float64)}, "v is (2, 2, 9, 3)"),
        ({"row": torch.zeros(2, 8, dtype=torch.int32)}, "row is (2, 8)"),
        ({"col": torch.zeros(2, 9)}, "col is (2, 9) torch.float32. expected (2, 9) integer"),
        ({"row_bias": torch.zeros(3, 3)}, "row_bias is (3, 3)"),
        ({"col_bias": torch.zeros(2, 4)}, "2C-1"),
        ({"segment": torch.zeros(1, 2, dtype=torch.int32)}, "segment is (1, 2)"),
        ({"row": torch.full((2, 9), -1)}, "row holds -1"),
        ({"window": 0}, "window is 0"),
        ({"backend": "flesh"}, 'did you mean "flash"?'),
        ({"v": torch.zeros(2, 2, 9, 4, dtype=torch.float64, device="meta")}, "v is on meta"),
    ],
)
def test_errors_name_the_argument_and_what_was_expected(change: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageError) as caught:
        attention(**{**case(9), **change})
    assert named in str(caught.value)


def test_unlike_places_need_the_reference() -> None:
    given = case(5)
    with pytest.raises(UsageError, match="reference"):
        attention(**{**given, "row": (given["row"], given["row"].clone())}, backend="product")
    attention(**{**given, "row": (given["row"], given["row"].clone())})
