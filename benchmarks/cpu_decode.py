"""Decoding on a CPU: the engine by storage type against plain PyTorch, Hugging Face generate and llama.cpp.

All have one shape (by default 6 layers of 384, 6 heads, vocabulary 8192), random weights and no prompt but one token,
and draw `--tokens` tokens a request at temperature 1. They take turns within each round; a ratio is the median of the
ratios of the rounds. GB/s counts the weights read in a step; its share is of what a plain reading loop over as many
bytes reaches in the same round (numpy's maximum, on as many threads). With one thread, time is that of the processor,
so that what else runs on the machine is not counted; with more, it is that of the clock on the wall. Keys and values
are fp32 where no other type is named; llama.cpp keeps its own choice, fp16.

    python benchmarks/cpu_decode.py --threads 1 2
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from peers import Decode, hugging_face, llama, plain, write_gguf
from table import machine, paired, ratio, spread, table, write

from muse.constraint import Tables
from muse.nn.generate import TorchWriter
from muse.nn.sampling import Sampling
from muse.nn.shape import TransformerSettings
from muse.nn.transformer import Transformer
from muse.nn.writer import Prompt, Writer

LIKE = {"engine fp32": "llama.cpp f32", "engine fp16": "llama.cpp f16", "engine bf16": "llama.cpp f16",
        "engine int8": "llama.cpp q8_0"}  # fmt: skip
BASE = "eager fp32"
Clock = Callable[[], float]
Kinds = tuple[Literal["fp32", "fp16", "bf16", "int8"], Literal["fp32", "bf16", "int8"]]


class Anything:
    """A constraint that lets every token through, `count` times, on lines of eight."""

    def __init__(self, count: int, vocabulary: int) -> None:
        self.count = count
        self.all = np.ones(vocabulary, np.bool_)
        self.made = self._tables(count + 1, vocabulary)

    def start(self) -> int:
        return 0

    def mask(self, state: int) -> np.ndarray:
        return self.all

    def advance(self, state: int, token: int) -> int:
        return state + 1

    def place(self, state: int) -> tuple[int, int]:
        return state // 8 % 16, state % 8

    def done(self, state: int) -> bool:
        return state == self.count

    def tables(self) -> Tables:
        return self.made

    def _tables(self, states: int, vocabulary: int) -> Tables:
        never, free = np.zeros(states, np.bool_), np.zeros(vocabulary, np.bool_)
        onward = np.arange(1, states + 1, dtype=np.int32)[:, None]
        onward[-1] = -1
        return Tables(
            begin=0, open=0, classes=np.zeros(vocabulary, np.uint8), sets=np.zeros(vocabulary, np.uint64),
            doubled=free, plain=onward, bound=np.full((states, 1), -1, np.int32),
            place=np.array([self.place(state) for state in range(states)], np.int32),
            left=np.zeros(states, np.int32), unique=never, remembers=never, spares=never, again=never, opens=never,
            closes=never, final=np.arange(states) == states - 1,
        )  # fmt: skip


def ours(writer: Writer, vocabulary: int) -> Decode:
    """Decoding by one of our writers, through the interface that every verb uses."""

    def decode(batch: int, count: int, seed: int) -> int:
        one = Anything(count, vocabulary)
        made = writer.generate([Prompt((0,), (0,), (0,))] * batch, [one] * batch, Sampling(), range(seed, seed + batch))
        return sum(len(found.tokens) for found in made)

    return decode


def contestants(
    shape: TransformerSettings, batch: int, threads: int, folder: Path, hold: ExitStack
) -> Iterator[tuple[str, Decode, float]]:
    """Name, decoding and bytes of weights a step of everyone who is there; one line for each who is absent."""
    numbers = shape.layers * (4 * shape.width**2 + 3 * shape.width * shape.inner) + shape.vocabulary * shape.width
    torch.manual_seed(0)
    model = Transformer(shape).eval()
    try:
        from muse.engine import Engine, available, explain

        print(explain(), file=sys.stderr)
        if available():
            weights = {name: value.numpy() for name, value in model.state_dict().items()}
            kinds: list[Kinds] = [("fp32", "fp32"), ("fp16", "fp32"), ("bf16", "fp32"), ("int8", "fp32")]
            kinds += [("fp16", "bf16"), ("bf16", "bf16"), ("int8", "bf16"), ("int8", "int8")]
            for storage, cache in kinds:
                engine = Engine(weights, shape, storage=storage, cache=cache, threads=threads)
                name = f"engine {storage}" + (f", KV {cache}" if cache != "fp32" else "")
                yield name, ours(engine, shape.vocabulary), engine.weight_bytes
    except ImportError as error:
        print(f"engine: left out ({error})", file=sys.stderr)
    if threads == 1:
        yield "TorchWriter", ours(TorchWriter(model), shape.vocabulary), 4 * numbers
    yield BASE, plain(shape), 4 * numbers
    yield "eager bf16", plain(shape, torch.bfloat16), 2 * numbers
    try:
        yield "HF generate", hugging_face(shape), 4 * numbers
    except ImportError as error:
        print(f"HF generate: left out ({error})", file=sys.stderr)
    for kind, each in (("f32", 4), ("f16", 2), ("q8_0", 34 / 32)):
        try:
            path = folder / f"{kind}.gguf"
            if not path.exists():
                write_gguf(shape, path, kind)
            decode = hold.enter_context(llama(path, threads, batch, shape.context))
            yield f"llama.cpp {kind}", decode, each * numbers
        except ImportError as error:
            print(f"llama.cpp {kind}: left out ({error})", file=sys.stderr)


def reader(size: int, threads: int, clock: Clock) -> Callable[[], float]:
    """GB/s of a loop that reads `size` bytes again and again, each thread its part."""
    parts = np.array_split(np.ones(size // 4, np.float32), threads)
    pool = ThreadPoolExecutor(threads)

    def rate() -> float:
        times: list[float] = []
        while sum(times) < 0.3:
            start = clock()
            list(pool.map(np.max, parts))
            times.append(clock() - start)
        return size / statistics.median(times) / 1e9

    return rate


def speed(decode: Decode, batch: int, count: int, clock: Clock) -> float:
    """Tokens a second."""
    begin = clock()
    made = decode(batch, count, 7)
    seconds = clock() - begin
    assert made == batch * count, f"{made} tokens instead of {batch * count}"
    return made / seconds


def measure(
    shape: TransformerSettings, batch: int, threads: int, count: int, rounds: int, folder: Path
) -> list[dict[str, Any]]:
    """One row a contestant."""
    torch.set_num_threads(threads)
    clock = time.process_time if threads == 1 else time.perf_counter
    load = os.getloadavg()[0]
    with ExitStack() as hold:
        present = {
            name: (decode, round(size)) for name, decode, size in contestants(shape, batch, threads, folder, hold)
        }
        turns: dict[str, Callable[[], float]] = {}
        for name, (decode, _) in present.items():
            decode(batch, 8, 1)  # pages in, plans made
            turns[name] = partial(speed, decode, batch, count, clock)
        reads = {f"read {size}": reader(size, threads, clock) for size in {size for _, size in present.values()}}
        found = paired({**turns, **reads}, rounds)
    rows = []
    for name, (_, size) in present.items():
        row: dict[str, Any] = {"contestant": name, "batch": batch, "threads": threads, "load_before": load}
        row["runs"] = found[name]
        row["tokens_per_second"] = statistics.median(found[name])
        row["against_eager"], row["spread"] = ratio(found[name], found[BASE]), spread(found[name], found[BASE])
        like = LIKE.get(name.split(",")[0])
        if like in found:
            row["against_llama"] = ratio(found[name], found[like])
        rate = [speed * size / batch / 1e9 for speed in found[name]]
        row["weight_bytes"], row["gigabytes_per_second"] = size, statistics.median(rate)
        row["read_rate"] = statistics.median(found[f"read {size}"])
        row["share_of_read_rate"] = ratio(rate, found[f"read {size}"])
        rows.append(row)
    return rows


def shown(row: dict[str, Any]) -> tuple[str, ...]:
    def field(key: str, form: str) -> str:
        return format(row[key], form) if key in row else "–"

    return (row["contestant"], str(row["batch"]), str(row["threads"]), field("tokens_per_second", ".0f"),
            field("against_eager", ".2f"), field("against_llama", ".2f"), field("gigabytes_per_second", ".1f"),
            field("share_of_read_rate", ".0%"))  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, nargs="+", default=[1])
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 16])
    parser.add_argument("--tokens", type=int, default=500, help="drawn for each request")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--width", type=int, default=384)
    parser.add_argument("--vocabulary", type=int, default=8192)
    asked = parser.parse_args()
    shape = TransformerSettings.of(
        {"vocabulary": asked.vocabulary, "layers": asked.layers, "width": asked.width, "heads": asked.width // 64,
         "context": 512}
    )  # fmt: skip
    before, rows = machine(), []
    header = ("", "B", "threads", "tokens/s", "× eager", "× llama.cpp", "GB/s", "of read rate")
    settings = {**shape.as_dict(), "tokens": asked.tokens, "rounds": asked.rounds, "prompt": 1}
    with tempfile.TemporaryDirectory() as folder:
        for batch in asked.batches:
            for threads in asked.threads:
                found = measure(shape, batch, threads, asked.tokens, asked.rounds, Path(folder))
                print(table(header, map(shown, found)), flush=True)
                rows += found
                write("cpu_decode", {"machine": before, "settings": settings, "rows": rows})


if __name__ == "__main__":
    main()
