"""Attention on a GPU: our Triton kernels against SDPA (flash, cuDNN), SDPA with a dense bias, low-rank SDPA and Flex.

Cases: "plain" (causal), "bias" (causal, learned bias on rows and columns), "segments" (the same, two documents packed).
16,384 tokens in all, 8 heads of 64, bf16. The contestants take turns within each round; a ratio is the median of the
ratios of the rounds. TFLOP/s count 2·B·H·T²·K for a causal forward pass and 2.5 times that for a backward pass; their
share is of what a product of 8192 × 8192 matrices reaches in the same round.

    python benchmarks/gpu_attention.py            on a machine with a GPU
    python benchmarks/gpu_attention.py --check    runs every path once on the CPU, tiny, and writes nothing
"""

from __future__ import annotations

import argparse
import functools
import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from table import machine, paired, ratio, spread, table, write
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.attention.flex_attention import create_block_mask, flex_attention

from muse.kernels import attention
from muse.kernels.reference import gathered_bias, visible

HEADS, WIDTH, TOKENS, ROWS, COLUMNS = 8, 64, 16384, 64, 24
CASES = ("plain", "bias", "segments")
OURS = "ours"
Run = Callable[[], Tensor]


@dataclass
class Problem:
    """The tensors of one case at one length.

    Attributes:
        q, k, v: (B, H, T, K); row_bias: (H, R); col_bias: (H, 2C − 1); all with gradients.
        row, col, segment: (B, T) int32; segment is None but in "segments".
    """

    case: str
    q: Tensor
    k: Tensor
    v: Tensor
    row_bias: Tensor
    col_bias: Tensor
    row: Tensor
    col: Tensor
    segment: Tensor | None

    @classmethod
    def of(cls, case: str, time: int, batch: int, dtype: torch.dtype, device: str) -> Problem:
        made = torch.Generator(device).manual_seed(0)
        sizes = [(batch, HEADS, time, WIDTH)] * 3 + [(HEADS, ROWS), (HEADS, 2 * COLUMNS - 1)]
        if case == "plain":
            sizes[3:] = [(HEADS, 1), (HEADS, 1)]  # tables of one entry: no bias
        drawn = [torch.randn(size, generator=made, device=device).to(dtype) for size in sizes]
        at = torch.arange(time, device=device, dtype=torch.int32).repeat(batch, 1)
        segment = (at >= time // 2).int() if case == "segments" else None
        return cls(case, *(x.requires_grad_() for x in drawn), at // 16, at % 16, segment)  # type: ignore[call-arg]

    @property
    def learned(self) -> list[Tensor]:
        return [self.q, self.k, self.v] + ([] if self.case == "plain" else [self.row_bias, self.col_bias])

    @property
    def operations(self) -> float:
        """Of a forward pass over all causal pairs."""
        batch, heads, time, width = self.q.shape
        return 2.0 * batch * heads * time**2 * width

    def ours(self, backend: str | None) -> Tensor:
        return attention(
            self.q, self.k, self.v, row=self.row, col=self.col, row_bias=self.row_bias, col_bias=self.col_bias,
            segment=self.segment, backend=backend,
        )  # fmt: skip

    def sdpa(self, backend: SDPBackend) -> Tensor:
        with sdpa_kernel(backend):
            return F.scaled_dot_product_attention(self.q, self.k, self.v, is_causal=True)

    def dense(self) -> Tensor:
        """The bias as one (B, H, T, T) mask, made anew since it is learned."""
        pair = (self.row, self.row), (self.col, self.col)
        bias = gathered_bias(*pair, self.row_bias, self.col_bias).transpose(0, 1)
        seen = visible(self.q.shape[2], self.q.shape[2], causal=True, window=None, device=self.q.device)
        assert seen is not None
        if self.segment is not None:
            seen = seen & (self.segment[:, :, None] == self.segment[:, None, :])[:, None]
        mask = bias.masked_fill(~seen, -torch.inf)
        with sdpa_kernel(SDPBackend.EFFICIENT_ATTENTION if self.q.is_cuda else SDPBackend.MATH):
            return F.scaled_dot_product_attention(self.q, self.k, self.v, mask)

    def flex(self) -> Run:
        """FlexAttention with the tables captured, its mask of blocks made beforehand."""
        row, col, segment = self.row.long(), self.col.long(), self.segment
        rows, half = self.row_bias.shape[1], self.col_bias.shape[1] // 2

        def seen(b: Tensor, h: Tensor, i: Tensor, j: Tensor) -> Tensor:
            causal = i >= j
            return causal if segment is None else causal & (segment[b, i] == segment[b, j])

        def biased(score: Tensor, b: Tensor, h: Tensor, i: Tensor, j: Tensor) -> Tensor:
            down = (row[b, i] - row[b, j]).clamp(0, rows - 1)
            along = (col[b, i] - col[b, j]).clamp(-half, half) + half
            return score + self.row_bias[h, down] + self.col_bias[h, along]

        batch, time = self.q.shape[0], self.q.shape[2]
        blocks = create_block_mask(seen, None if segment is None else batch, None, time, time, device=self.q.device)
        run: Any = torch.compile(flex_attention, dynamic=False) if self.q.is_cuda else flex_attention
        rule = None if self.case == "plain" else biased
        return lambda: run(self.q, self.k, self.v, score_mod=rule, block_mask=blocks)


def contestants(p: Problem) -> dict[str, Run]:
    """All that can do a case."""
    found: dict[str, Run] = {OURS: functools.partial(p.ours, "triton" if p.q.is_cuda else None)}
    if p.case == "plain":
        found["SDPA flash"] = functools.partial(p.sdpa, SDPBackend.FLASH_ATTENTION)
        if p.q.is_cuda:
            found["SDPA cuDNN"] = functools.partial(p.sdpa, SDPBackend.CUDNN_ATTENTION)
    else:
        found["SDPA low rank"] = functools.partial(p.ours, "flash")
        found["SDPA dense bias"] = p.dense
    return found | {"Flex": p.flex()}


def seconds(work: Callable[[], object], device: str, repeats: int) -> float:
    """Of one call, by events on the device where there is one."""
    if device == "cpu":
        begin = time.perf_counter()
        for _ in range(repeats):
            work()
        return (time.perf_counter() - begin) / repeats
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))  # type: ignore[no-untyped-call]
    start.record()
    for _ in range(repeats):
        work()
    end.record()
    torch.cuda.synchronize()
    return float(start.elapsed_time(end)) / 1e3 / repeats


def deviation(p: Problem, run: Run) -> dict[str, float]:
    """Largest error of the output and of each gradient, over that of plain arithmetic in the same dtype.

    Both against the definition in fp64. At most 2 is what FlashAttention's own tests ask.
    """
    exact = Problem(p.case, *(x.detach().double().requires_grad_() for x in (p.q, p.k, p.v, p.row_bias, p.col_bias)),
                    p.row, p.col, p.segment)  # type: ignore[call-arg]  # fmt: skip
    made = torch.Generator(p.q.device).manual_seed(1)
    slope = torch.randn(p.q.shape, generator=made, device=p.q.device)

    def all_of(problem: Problem, work: Run) -> list[Tensor]:
        out = work()
        grown = torch.autograd.grad(out, problem.learned, slope.to(out.dtype))
        return [x.detach().double() for x in (out, *grown)]

    truth = all_of(exact, functools.partial(exact.ours, "reference"))
    plain, mine = all_of(p, functools.partial(p.ours, "reference")), all_of(p, run)
    names = ("output", "q", "k", "v", "row_bias", "col_bias")
    each = zip(names, truth, plain, mine, strict=False)
    return {name: float((b - t).abs().max() / ((a - t).abs().max() + 1e-12)) for name, t, a, b in each}


def measure(case: str, length: int, rounds: int, device: str, dtype: torch.dtype) -> list[dict[str, Any]]:
    """One row a contestant; who fails gets a row that says why."""
    p = Problem.of(case, length, max(1, TOKENS // length) if device == "cuda" else 1, dtype, device)
    rows: list[dict[str, Any]] = []
    turns: dict[str, Callable[[], float]] = {}
    slope = torch.randn_like(p.q)
    for name, run in contestants(p).items():
        try:
            if device == "cuda":
                torch.cuda.reset_peak_memory_stats()
                held = torch.cuda.memory_allocated()
            out = run()
            torch.autograd.grad(out, p.learned, slope)
            row: dict[str, Any] = {"contestant": name, "case": case, "tokens": length}
            if device == "cuda":
                row["peak_megabytes"] = round((torch.cuda.max_memory_allocated() - held) / 1e6)
            out = run()
            rows.append(row)
            turns[f"{name} forward"] = functools.partial(seconds, run, device, 5)
            back = functools.partial(torch.autograd.grad, out, p.learned, slope, retain_graph=True)
            turns[f"{name} backward"] = functools.partial(seconds, back, device, 5)
        except (RuntimeError, NotImplementedError) as error:
            why = (str(error).strip() or type(error).__name__).splitlines()[0]
            rows.append({"contestant": name, "case": case, "tokens": length, "failed": why})
    side = 8192 if device == "cuda" else 64
    matrix = torch.randn(side, side, device=device, dtype=dtype)
    turns["product"] = functools.partial(seconds, lambda: matrix @ matrix, device, 5)
    found = paired(turns, rounds)
    peak = [2 * side**3 / each for each in found["product"]]
    for row in (row for row in rows if "failed" not in row):
        for part, share in (("forward", 1.0), ("backward", 2.5)):
            mine, our = found[f"{row['contestant']} {part}"], found[f"{OURS} {part}"]
            rates = [share * p.operations / each for each in mine]
            row[part] = {"milliseconds": statistics.median(mine) * 1e3, "teraflops": statistics.median(rates) / 1e12,
                         "share_of_product": ratio(rates, peak), "times_ours": ratio(mine, our),
                         "spread": spread(mine, our)}  # fmt: skip
    return rows


def shown(row: dict[str, Any]) -> tuple[str, ...]:
    head = (f"{row['case']}, T {row['tokens']}: {row['contestant']}",)
    if "failed" in row:
        return (*head, row["failed"][:40], *("–",) * 6)
    parts = [row[part] for part in ("forward", "backward")]
    cells = [
        (f"{x['milliseconds']:.2f}", f"{x['teraflops']:.0f} ({x['share_of_product']:.0%})", f"{x['times_ours']:.2f}")
        for x in parts
    ]
    return (*head, *cells[0], *cells[1], str(row.get("peak_megabytes", "–")))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lengths", type=int, nargs="+", default=[1024, 2048, 4096, 8192, 16384])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--check", action="store_true", help="on the CPU, tiny; writes nothing")
    asked = parser.parse_args()
    if not asked.check and not torch.cuda.is_available():
        print("no CUDA device: not measured")
        rows = [{"case": case, "tokens": n, "status": "not measured"} for case in CASES for n in asked.lengths]
        write("gpu_attention", {"machine": machine(), "status": "not measured", "rows": rows})
        return
    device, dtype = ("cpu", torch.float32) if asked.check else ("cuda", torch.bfloat16)
    lengths, rounds = ([64, 128], 1) if asked.check else (asked.lengths, asked.rounds)
    small = [Problem.of(case, 64 if asked.check else 1024, 1, dtype, device) for case in CASES]
    errors = {p.case: deviation(p, contestants(p)[OURS]) for p in small}
    rows = [row for case in CASES for n in lengths for row in measure(case, n, rounds, device, dtype)]
    sides = ("forward ms", "TFLOP/s", "× ours", "backward ms", "TFLOP/s", "× ours", "peak MB")
    print(table(("", *sides), map(shown, rows)))
    print("error over that of plain arithmetic:", errors)
    assert all(math.isfinite(x) for found in errors.values() for x in found.values())
    if not asked.check:
        settings = {"heads": HEADS, "head_width": WIDTH, "tokens": TOKENS, "rows": ROWS, "columns": COLUMNS}
        write("gpu_attention", {"machine": machine(), "settings": settings, "errors": errors, "rows": rows})


if __name__ == "__main__":
    main()
