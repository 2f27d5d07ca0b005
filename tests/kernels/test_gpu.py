"""What only a GPU can show: bf16, large shapes, 64-bit offsets, memory, CUDA graphs."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from test_attention import case, segments
from test_decode import ring
from torch import Tensor

from muse.kernels import attention, decode, explain

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")
NAMES = ("q", "k", "v", "row_bias", "col_bias")


def on_gpu(given: dict[str, Any], dtype: torch.dtype) -> dict[str, Any]:
    return {n: x.cuda().to(dtype) if x.is_floating_point() else x.cuda() for n, x in given.items()}


def results(given: dict[str, Any], dout: Tensor, **options: Any) -> list[Tensor]:
    leaves = [given[name].detach().requires_grad_() for name in NAMES]
    out = attention(**{**given, **dict(zip(NAMES, leaves, strict=True))}, **options)
    return [out, *torch.autograd.grad(out, leaves, dout.to(out.dtype))]


def assert_as_good_as_eager(given: dict[str, Any], dtype: torch.dtype, **options: Any) -> None:
    dout = torch.randn(given["q"].shape, device="cuda", dtype=torch.float64)
    exact = results(on_gpu(given, torch.float64), dout, backend="reference", **options)
    eager = results(on_gpu(given, dtype), dout, backend="reference", **options)
    ours = results(on_gpu(given, dtype), dout, backend="triton", **options)
    for name, true, theirs, found in zip(("out", *NAMES), exact, eager, ours, strict=True):
        assert (found - true).abs().max() <= 2 * (theirs - true).abs().max() + 2e-3, name


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("width", [32, 64, 128])
@pytest.mark.parametrize("options", [{}, {"causal": False}, {"window": 200}, {"segment": True}])
def test_each_width_and_feature(options: dict[str, Any], width: int, dtype: torch.dtype) -> None:
    given = case(1000, batch=2, heads=3, width=width)
    given["row"] = torch.arange(1000).expand(2, -1) // 7
    packed = {"segment": segments(1000).cuda()} if "segment" in options else {}
    assert_as_good_as_eager(given, dtype, **{**options, **packed})


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_coordinates_that_spread_too_far_for_slots(dtype: torch.dtype) -> None:
    given = case(700, batch=1, heads=2, width=64)
    given["row"], given["col"] = torch.arange(700)[None], torch.arange(700)[None] * 3 % 1000
    assert_as_good_as_eager(given, dtype)


def test_the_same_gradients_at_each_run() -> None:
    given = on_gpu(case(900, batch=2, heads=2, width=64), torch.bfloat16)
    dout = torch.randn_like(given["q"])
    assert explain(given["q"], given["k"]).backend == "triton"
    assert all(torch.equal(x, y) for x, y in zip(results(given, dout), results(given, dout), strict=True))


def test_memory_is_linear_in_time() -> None:
    def peak(time: int) -> int:
        given = on_gpu(case(time, batch=1, heads=2, width=64), torch.bfloat16)
        dout = torch.randn_like(given["q"])
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        results(given, dout)
        return torch.cuda.max_memory_allocated() - before

    peak(1024)
    assert peak(16384) <= 3 * peak(8192)


def test_more_elements_than_32_bits_count() -> None:
    shape = (8, 64, 32768, 128)
    if torch.cuda.get_device_properties(0).total_memory < 60e9:
        pytest.skip("needs 60 GB of GPU memory")
    q = torch.empty(shape, dtype=torch.bfloat16, device="cuda").normal_()
    at = torch.arange(shape[2], device="cuda")[None] // 16
    bias = {"row_bias": torch.randn(64, 8, device="cuda"), "col_bias": torch.zeros(64, 1, device="cuda")}
    last = {name: table[-1:] for name, table in bias.items()}
    whole = attention(q, q, q, row=at, col=at, **bias)
    alone = q[-1:, -1:]
    torch.testing.assert_close(whole[-1:, -1:], attention(alone, alone, alone, row=at, col=at, **last))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_decoding_in_a_cuda_graph(dtype: torch.dtype) -> None:
    held = on_gpu(ring(4, 3, 1000, 64), dtype)
    written = torch.tensor([1, 50, 1000, 1500], device="cuda")
    decode(**held, written=written)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        out = decode(**held, written=written)
    for step in (1, 400):
        written += step
        graph.replay()
        expected = decode(**held, written=written, backend="reference")
        torch.testing.assert_close(out, expected, rtol=2e-2, atol=2e-2)
