"""The Triton kernels on a CPU, in triton's interpreter. `test_triton.py` runs this file in a process of its own.

TRITON_INTERPRET has to be set before triton is imported, and its bf16 products are wrong: fp32 and fp16 here.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
import torch
from test_attention import case, segments
from test_decode import ring
from torch import Tensor

from muse.errors import UsageError
from muse.kernels import Choice, attention, decode
from muse.kernels.ops import grid_attention, grid_attention_backward, grid_decode
from muse.kernels.reference import visible
from muse.kernels.triton import launch
from muse.kernels.triton.configs import Blocks
from muse.kernels.triton.grid import GATHER, Grid, modes, straightened
from muse.nn.shape import TransformerSettings
from muse.nn.transformer import Transformer

NAMES = ("q", "k", "v", "row_bias", "col_bias")
ATOL = {torch.float32: 1e-5, torch.float16: 2e-3}


def tables(rows: int, columns: int, heads: int = 1) -> dict[str, Tensor]:
    chance = torch.Generator().manual_seed(5)
    sizes = {"row_bias": rows, "col_bias": 2 * columns - 1}
    return {name: torch.randn(heads, size, generator=chance, dtype=torch.float64) for name, size in sizes.items()}


def with_gradients(given: dict[str, Any], dout: Tensor, dtype: torch.dtype, **options: Any) -> list[Tensor]:
    cast = {n: x.to(dtype).requires_grad_() if n in NAMES else x for n, x in given.items()}
    out = attention(**cast, **options)
    return [out, *torch.autograd.grad(out, [cast[name] for name in NAMES], dout.to(dtype))]


def assert_as_good_as_eager(given: dict[str, Any], dtype: torch.dtype = torch.float32, **options: Any) -> None:
    dout = torch.randn(given["q"].shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    exact = with_gradients(given, dout, torch.float64, backend="reference", **options)
    eager = with_gradients(given, dout, dtype, backend="reference", **options)
    ours = with_gradients(given, dout, dtype, backend="triton", **options)
    for name, true, theirs, found in zip(("out", *NAMES), exact, eager, ours, strict=True):
        bound = 2 * (theirs - true).abs().max() + ATOL[dtype] * max(1, true.abs().max())
        assert (found - true).abs().max() <= bound, name


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
@pytest.mark.parametrize("time", [1, 17, 64, 100, 128])
def test_lengths(time: int, dtype: torch.dtype) -> None:
    given = case(time, batch=1, heads=1 if time > 64 else 2, width=32, seed=time)
    assert_as_good_as_eager(given, dtype)


FEATURES = list(itertools.product((True, False), (None, 11), (False, True), (1, 3), (1, 3)))


@pytest.mark.parametrize(("causal", "window", "packed", "rows", "columns"), FEATURES)
def test_every_feature_with_every_other(
    causal: bool, window: int | None, packed: bool, rows: int, columns: int
) -> None:
    given = case(40, batch=1, heads=1, width=32) | tables(rows, columns)
    assert_as_good_as_eager(given, causal=causal, window=window, segment=segments(40, 1) if packed else None)


@pytest.mark.parametrize("width", [64, 128])
def test_head_widths(width: int) -> None:
    assert_as_good_as_eager(case(33, batch=1, heads=1, width=width))


@pytest.mark.parametrize("by_queries", [True, False])
@pytest.mark.parametrize(("causal", "window", "packed"), [(True, None, False), (False, 100, False), (True, 100, True)])
def test_the_plan_names_tiles_that_need_no_mask(
    causal: bool, window: int | None, packed: bool, by_queries: bool
) -> None:
    time, tile, last_row = 150, 32, 2
    row, segment = torch.arange(time)[None] // 6, (torch.arange(time)[None] >= 32).int()
    q, row_bias = torch.zeros(1, 1, time, 32), torch.zeros(1, last_row + 1)
    given = Grid.of((row, row), (row, row), (segment, segment) if packed else None, causal, window)
    job = launch._Launch(q, q, given, row_bias, torch.zeros(1, 1), 1.0)
    found = job.plan(Blocks(tile, tile, 4, 1), by_queries)[0][0].tolist()
    seen = visible(time, time, causal=causal, window=window, device=q.device)
    assert seen is not None
    seen = seen & (segment[0][:, None] == segment[0]) if packed else seen
    plain = seen & (row[0][:, None] - row[0] >= last_row)
    tiles = [slice(start, start + tile) for start in range(0, time, tile)]
    for own, (lo, a, b, hi) in zip(tiles, found, strict=True):
        parts = [(own, other) if by_queries else (other, own) for other in tiles]
        some = [i for i, part in enumerate(parts) if seen[part].any()]
        free = [i for i, part in enumerate(parts) if plain[part].all() and tiles[i].stop <= time]
        assert (lo, hi) == (some[0], some[-1] + 1)
        assert list(range(a, b)) == [i for i in free if set(range(free[0], i)) <= set(free)]
    assert any(a < b for _, a, b, _ in found)


def test_far_tiles() -> None:
    """Monotone rows, so that most tiles are plain: neither mask nor row bias."""
    given = case(128, batch=1, heads=1, width=32)
    given["row"] = torch.arange(128)[None] // 6
    assert_as_good_as_eager(given)


@pytest.mark.parametrize("causal", [True, False])
def test_coordinates_that_spread_too_far_for_slots(causal: bool) -> None:
    given = case(50, batch=1, heads=1, width=32) | tables(60, 40)
    chance = torch.Generator().manual_seed(2)
    given["row"], given["col"] = (torch.randint(0, 100, (1, 50), generator=chance) for _ in range(2))
    grid = Grid.of((given["row"],) * 2, (given["col"],) * 2, None, causal, None)
    assert modes(grid, given["row_bias"], given["col_bias"]) == (GATHER, GATHER)
    assert_as_good_as_eager(given, causal=causal)


def test_rows_that_start_again_in_each_packed_document_keep_their_slots() -> None:
    given = case(60, batch=1, heads=1, width=32) | tables(20, 1)
    given["row"] = torch.cat((torch.arange(35) // 2, 90 + torch.arange(25) // 2))[None]
    packed = (torch.arange(60) >= 35).int()[None]
    row = (given["row"],) * 2
    assert modes(Grid.of(row, row, None, True, None), given["row_bias"], given["col_bias"])[0] == GATHER
    grid = Grid.of(row, row, (packed,) * 2, True, None)
    assert modes(straightened(grid, 19), given["row_bias"], given["col_bias"])[0] == 64
    assert_as_good_as_eager(given, segment=packed)


@pytest.mark.parametrize("options", [{}, {"causal": False, "window": 9}, {"segment": True}])
def test_fewer_queries_than_keys(options: dict[str, Any]) -> None:
    given = case(50, batch=1, heads=1, width=32)
    given["q"] = given["q"][:, :, -20:]
    for name in ("row", "col"):
        given[name] = (given[name][:, -20:], given[name])
    if "segment" in options:
        packed = segments(50, 1)
        options = {"segment": (packed[:, -20:], packed)}
    assert_as_good_as_eager(given, **options)


def test_one_grid_serves_the_whole_batch_with_segments_of_its_own() -> None:
    given = case(36, batch=2, heads=1, width=32)
    given["row"], given["col"] = given["row"][:1].long(), given["col"][:1]
    packed = torch.stack((segments(36, 1)[0], torch.zeros(36, dtype=torch.int32)))
    assert_as_good_as_eager(given, segment=packed)


def test_heads_interleaved_in_memory() -> None:
    given = case(20, batch=2, heads=2, width=32, dtype=torch.float32)
    mixed = torch.stack([given[name].transpose(1, 2) for name in "qkv"], 2)
    views = dict(zip("qkv", mixed.unbind(2), strict=True))
    strided = given | {name: view.transpose(1, 2) for name, view in views.items()}
    spread = strided | {"q": given["q"].mT.contiguous().mT}
    whole = attention(**given, backend="triton")
    assert torch.equal(attention(**strided, backend="triton"), whole)
    assert torch.equal(attention(**spread, backend="triton"), whole)


def test_the_same_gradients_at_each_run() -> None:
    given = case(70, batch=1, heads=1, width=32)
    dout = torch.randn(given["q"].shape)
    once, again = (with_gradients(given, dout, torch.float32, backend="triton") for _ in range(2))
    assert all(torch.equal(x, y) for x, y in zip(once, again, strict=True))


def test_a_query_that_sees_no_key_gets_zeros_and_no_gradient() -> None:
    given = case(10, batch=1, heads=1, width=32, dtype=torch.float32)
    blind = torch.arange(10)[None] == 4
    nobody = (torch.where(blind, 9, 0), torch.zeros(1, 10, dtype=torch.int64))
    out, dq, *rest = with_gradients(given, torch.ones(1, 1, 10, 32), torch.float32, segment=nobody, backend="triton")
    assert out[0, 0, 4].abs().max() == 0 and out[0, 0, 5].abs().max() > 0
    assert dq[0, 0, 4].abs().max() == 0 and all(x.isfinite().all() for x in rest)


def test_a_bias_of_minus_infinity_hides_and_nan_stays_nan() -> None:
    given = case(40, batch=1, heads=1, width=32, dtype=torch.float32)
    hidden = given | {"row_bias": torch.tensor([[0.0, 1.0, -torch.inf]])}
    torch.testing.assert_close(attention(**hidden, backend="triton"), attention(**hidden, backend="reference"))
    broken = given | {"col_bias": torch.full((1, 5), torch.nan)}
    assert attention(**broken, backend="triton").isnan().all()


def test_layers_that_share_coordinates_share_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    given = case(40, batch=1, heads=1, width=32, dtype=torch.float32)
    given["segment"] = segments(40, 1)
    planned: list[Any] = []
    kernel = launch.plan_kernel
    monkeypatch.setattr(launch, "plan_kernel", {(2,): lambda *x, **y: (planned.append(x), kernel[2,](*x, **y))})
    dout = torch.randn(given["q"].shape)
    first = with_gradients(given, dout, torch.float32, backend="triton")
    assert len(planned) == 2  # one by queries, of which both passes have the same blocks here, and one by keys
    again = with_gradients(given, dout, torch.float32, backend="triton")
    assert len(planned) == 2 and all(torch.equal(x, y) for x, y in zip(first, again, strict=True))
    given["segment"] += torch.arange(40) // 30
    whole = attention(**given, backend="triton")
    assert len(planned) == 3
    torch.testing.assert_close(whole, attention(**given, backend="reference"))


def test_coordinates_changed_in_place_are_looked_at_again() -> None:
    given = case(20, batch=1, heads=1, width=32, dtype=torch.float32)
    attention(**given, backend="triton")
    given["col"] *= 30
    torch.testing.assert_close(attention(**given, backend="triton"), attention(**given, backend="reference"))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"row": torch.full((1, 9), -1)}, "row holds -1"),
        ({"col": torch.full((1, 9), 1 << 40)}, "col holds 1099511627776"),
        ({"scale": 0.0}, "the scale 0.0"),
        ({name: torch.zeros(1, 1, 9, 48) for name in "qkv"}, "head width 48"),
        ({name: torch.zeros(1, 1, 9, 32, dtype=torch.float64) for name in "qkv"}, "torch.float64"),
    ],
)
def test_errors(change: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        attention(**{**case(9, batch=1, heads=1, width=32, dtype=torch.float32), **change}, backend="triton")


def test_a_compiler_sees_one_graph() -> None:
    given = case(20, batch=1, heads=1, width=32, dtype=torch.float32)
    given["q"].requires_grad_()
    whole = torch.compile(attention, fullgraph=True, backend="aot_eager")(**given, backend="triton")
    plain = attention(**given, backend="triton")
    torch.testing.assert_close(whole, plain)
    (compiled,), (eager,) = (torch.autograd.grad(x.sum(), given["q"]) for x in (whole, plain))
    torch.testing.assert_close(compiled, eager)


def test_the_ops_keep_the_rules_of_torch() -> None:
    given = case(20, batch=1, heads=1, width=32, dtype=torch.float32)
    tensors = [given[name].requires_grad_() for name in NAMES]
    places = (given["row"], given["row"].clone(), given["col"], given["col"].clone(), None, None)
    inputs = (*tensors[:3], *places, *tensors[3:], True, None, 1 / math.sqrt(32))
    torch.library.opcheck(grid_attention, inputs)
    still = [x.detach() if isinstance(x, Tensor) else x for x in inputs]
    out, sums = grid_attention(*still)
    torch.library.opcheck(grid_attention_backward, (torch.ones_like(out), *still[:3], out, sums, *still[3:]))
    held = ring(2, 1, 70, 32)
    scene = [held[name] for name in ("q", "keys", "values", "row", "col", "row_bias", "col_bias")]
    torch.library.opcheck(grid_decode, (*scene, torch.tensor([3, 200]), torch.tensor([2, 90]), 70, 0.2))


def test_decoding_with_counts_shared_in_memory() -> None:
    held = ring(3, 1, 9, 32)
    counts = {name: torch.tensor([size]).expand(3) for name, size in (("written", 7), ("length", 5))}
    held["keys"] = held["keys"].mT.contiguous().mT
    torch.testing.assert_close(decode(**held, **counts, backend="triton"), decode(**held, **counts))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
@pytest.mark.parametrize("window", [None, 20])
def test_decoding(window: int | None, dtype: torch.dtype) -> None:
    exact = ring(4, 2, 150, 32, dtype=torch.float64)
    low = {name: x.to(dtype) if x.is_floating_point() else x for name, x in exact.items()}
    counts = {"written": torch.tensor([1, 401, 151, 0]), "length": torch.tensor([1, 300, 30, 5]), "window": window}
    true = decode(**exact, **counts, backend="reference")
    eager = decode(**low, **counts, backend="reference")
    bound = 2 * (eager - true).abs().max() + ATOL[dtype]
    assert (decode(**low, **counts, backend="triton") - true).abs().max() <= bound


def test_the_transformer_reads_by_them(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    model = Transformer(TransformerSettings(vocabulary=20, layers=2, width=64, heads=2, rows=3, columns=4))
    with torch.no_grad():
        model.row_bias.normal_()
        model.col_bias.normal_()
    tokens, place = torch.randint(0, 20, (2, 21)), torch.arange(21).expand(2, 21)
    found = []
    for backend in ("product", "triton"):
        monkeypatch.setattr("muse.nn.transformer.explain", lambda *given, backend=backend, **how: Choice(backend, ""))
        model.zero_grad()
        logits = model(tokens, place // 5, place % 5, segment=(place // 11).int())
        logits.square().sum().backward()
        found.append([logits.detach(), *(parameter.grad for parameter in model.parameters())])
    for theirs, ours in zip(*found, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-3 * float(theirs.abs().max()))
