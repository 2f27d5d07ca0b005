"""Decoding on a GPU: our writer, whose step is one CUDA graph, against plain PyTorch and Hugging Face generate.

One model (by default 6 layers of 384, vocabulary 8192, in fp32 as the writer keeps it), a prompt of `--keys` tokens,
then tokens at temperature 1. The seconds of a step are those of writing 2·n tokens less those of writing n, so that
reading the prompt and recording the graph do not count. Bytes are the weights once and the keys and values of all
requests once, in the dtype of the contestant; their rate is set beside that of a copy of 1 GiB in the same round.

    python benchmarks/gpu_decode.py            on a machine with a GPU
    python benchmarks/gpu_decode.py --check    runs every path once on the CPU, tiny, and writes nothing
"""

from __future__ import annotations

import argparse
import functools
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import torch
from cpu_decode import Anything
from peers import Plain, draw, hugging_face_model
from table import machine, paired, ratio, spread, table, write

from muse.nn.generate import TorchWriter
from muse.nn.sampling import Sampling
from muse.nn.shape import TransformerSettings
from muse.nn.transformer import Transformer
from muse.nn.writer import Prompt

BASE = "eager"
Write = Callable[[int], None]


def ours(shape: TransformerSettings, batch: int, keys: int, device: str) -> Write:
    """Through the interface that every verb uses."""
    torch.manual_seed(0)
    writer = TorchWriter(Transformer(shape).eval().to(device))
    place = tuple(at // 8 % 16 for at in range(keys)), tuple(at % 8 for at in range(keys))
    prompt = Prompt(tuple(at % shape.vocabulary for at in range(keys)), *place)

    def write_tokens(count: int) -> None:
        one = Anything(count, shape.vocabulary)
        writer.generate([prompt] * batch, [one] * batch, Sampling(), range(batch))

    return write_tokens


def eager(shape: TransformerSettings, batch: int, keys: int, device: str, dtype: torch.dtype) -> Write:
    """Plain PyTorch, SDPA over keys and values in one allocation."""
    torch.manual_seed(0)
    model = Plain(shape).eval().to(device, dtype)
    prompt = (torch.arange(keys, device=device) % shape.vocabulary).repeat(batch, 1)

    @torch.inference_mode()
    def write_tokens(count: int) -> None:
        cache = model.new_cache(batch, keys + count)
        tokens = draw(model(prompt, cache)[:, -1])
        for step in range(count - 1):
            tokens = draw(model(tokens, cache, keys + step)[:, -1])

    return write_tokens


def hugging_face(shape: TransformerSettings, batch: int, keys: int, device: str) -> Write:
    """`generate` of transformers with its static cache. Raises ImportError where absent."""
    model = hugging_face_model(shape).to(device)
    prompt = (torch.arange(keys, device=device) % shape.vocabulary).repeat(batch, 1)

    @torch.inference_mode()
    def write_tokens(count: int) -> None:
        model.generate(
            prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=count, do_sample=True, top_k=0,
            cache_implementation="static",
        )  # fmt: skip

    return write_tokens


def seconds(work: Callable[[], object], device: str) -> float:
    begin = time.perf_counter()
    work()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - begin


def step_seconds(work: Write, count: int, device: str) -> float:
    """Of one step: writing twice as many tokens, less writing as many."""
    short, long = (seconds(functools.partial(work, size), device) for size in (count, 2 * count))
    return max(long - short, 1e-9) / count


def copy_rate(size: int, device: str) -> float:
    """Bytes read and written a second."""
    source = torch.empty(size // 4, device=device)
    target = torch.empty_like(source)
    times = [seconds(functools.partial(target.copy_, source), device) for _ in range(10)]
    return 2 * size / statistics.median(times)


def measure(
    shape: TransformerSettings, batch: int, keys: int, count: int, rounds: int, device: str
) -> list[dict[str, Any]]:
    """One row a contestant."""
    present: dict[str, tuple[Write, int]] = {
        "ours": (ours(shape, batch, keys, device), 4),
        BASE: (eager(shape, batch, keys, device, torch.float32), 4),
        "eager bf16": (eager(shape, batch, keys, device, torch.bfloat16), 2),
    }
    try:
        present["HF generate"] = hugging_face(shape, batch, keys, device), 4
    except ImportError as error:
        print(f"HF generate: left out ({error})", file=sys.stderr)
    turns: dict[str, Callable[[], float]] = {}
    for name, (work, _) in present.items():
        work(4)
        turns[name] = functools.partial(step_seconds, work, count, device)
    turns["copy"] = functools.partial(copy_rate, 1 << 30 if device == "cuda" else 1 << 20, device)
    found = paired(turns, rounds)
    numbers = shape.layers * (4 * shape.width**2 + 3 * shape.width * shape.inner) + shape.vocabulary * shape.width
    numbers += (
        2 * shape.layers * batch * shape.width * (keys + count + count // 2)
    )  # the middle of the steps that count
    rows = []
    for name, (_, each) in present.items():
        rate = [each * numbers / step for step in found[name]]
        rows.append({"contestant": name, "batch": batch, "keys": keys, "runs": found[name],
                     "milliseconds": statistics.median(found[name]) * 1e3,
                     "tokens_per_second": batch / statistics.median(found[name]),
                     "against_eager": ratio(found[BASE], found[name]), "spread": spread(found[BASE], found[name]),
                     "gigabytes_per_second": statistics.median(rate) / 1e9,
                     "share_of_copy": ratio(rate, found["copy"])})  # fmt: skip
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 16])
    parser.add_argument("--keys", type=int, default=4096, help="tokens of the prompt")
    parser.add_argument("--tokens", type=int, default=128, help="steps that are timed")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--check", action="store_true", help="on the CPU, tiny; writes nothing")
    asked = parser.parse_args()
    if not asked.check and not torch.cuda.is_available():
        print("no CUDA device: not measured")
        rows = [{"batch": batch, "keys": asked.keys, "status": "not measured"} for batch in asked.batches]
        write("gpu_decode", {"machine": machine(), "status": "not measured", "rows": rows})
        return
    device, keys, count = ("cpu", 32, 4) if asked.check else ("cuda", asked.keys, asked.tokens)
    shape = TransformerSettings.of(
        {"vocabulary": 64 if asked.check else 8192, "layers": 2 if asked.check else 6,
         "width": 128 if asked.check else 384, "heads": 2 if asked.check else 6, "context": keys + 2 * count + 8}
    )  # fmt: skip
    rounds = 1 if asked.check else asked.rounds
    rows = [row for batch in asked.batches for row in measure(shape, batch, keys, count, rounds, device)]
    cells = [
        (r["contestant"], r["batch"], f"{r['milliseconds']:.3f}", f"{r['tokens_per_second']:,.0f}",
         f"{r['against_eager']:.2f}", f"{r['gigabytes_per_second']:.1f}", f"{r['share_of_copy']:.0%}")
        for r in rows
    ]  # fmt: skip
    print(table(("", "B", "ms a step", "tokens/s", "× eager", "GB/s", "of copy rate"), cells))
    if not asked.check:
        settings = {**shape.as_dict(), "keys": keys, "tokens": count, "rounds": rounds}
        write("gpu_decode", {"machine": machine(), "settings": settings, "rows": rows})


if __name__ == "__main__":
    main()
