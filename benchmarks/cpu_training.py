"""Training on a CPU: our objective against plain PyTorch in fp32 and x-transformers, at the shapes of our two courses.

Ours in bf16 with the fused loss: "ours" with AdamW, as all others; "ours, course" with the optimizer, slices, dropout
and weight average of the course. Every token is scored in every contestant. They take turns within each round, a few
steps each; a ratio is the median of the ratios of the rounds. Peak memory is that of a process of its own, over what
it held before its model was made. With one thread, time is that of the processor, so that what else runs on the
machine is not counted.

    python benchmarks/cpu_training.py --threads 1
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from peers import Plain
from table import machine, paired, ratio, spread, table, write
from torch import Tensor, nn

from muse.music.vocabulary import SIZE as EVENTS
from muse.nn.language import LanguageBatch, LanguageObjective
from muse.nn.shape import TransformerSettings
from muse.nn.transformer import Transformer
from muse.poem.course import PoemObjective
from muse.settings import RunSettings

SHAPES = {
    "poem": TransformerSettings.of(
        {"vocabulary": 7000, "layers": 4, "width": 256, "heads": 4, "rows": 16, "columns": 16, "context": 96}
    ),
    "music": TransformerSettings.of(
        {"vocabulary": EVENTS, "layers": 4, "width": 192, "heads": 4, "rows": 24, "columns": 24, "context": 512}
    ),
}
BATCHES = {"poem": (96, 64), "music": (4, 512)}
BASE = "plain fp32"
CONTESTANTS = ("ours", "ours, course", "ours, compiled", BASE, "plain bf16", "x-transformers", "x-transformers bf16")
Step = Callable[[], object]


def ours(kind: str, *, course: bool = False, compiled: bool = False) -> Step:
    """One step of our objective."""
    shape = SHAPES[kind]
    if course and kind == "music":
        shape = shape.model_copy(update={"dropout": 0.05})
    run = RunSettings.of(
        {"precision": "bf16", "compile": compiled, "ema": 0.995 if course and kind == "music" else 0.0}
    )
    model = Transformer(shape)
    none: Any = {"validate": lambda _: {}, "sampler": lambda *_: {}}
    poem = course and kind == "poem"
    objective = PoemObjective(model, run, index={}, **none) if poem else LanguageObjective(model, run, **none)
    tokens, target = drawn(kind)
    places = torch.arange(tokens.shape[1]).expand_as(tokens)
    batch = LanguageBatch(tokens, places // 8 % shape.rows, places % 8, target)
    return lambda: objective.step([batch], 0)


def theirs(model: nn.Module, kind: str, dtype: torch.dtype) -> Step:
    """One step of another model: its logits, cross-entropy, fused AdamW, clipped."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
    tokens, target = drawn(kind)

    def step() -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=dtype == torch.bfloat16):
            logits = model(tokens)
            loss = F.cross_entropy(logits.flatten(0, 1).float(), target.flatten())
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    return step


def x_transformer(kind: str) -> nn.Module:
    """x-transformers at the same shape. Raises ImportError where absent."""
    from x_transformers import Decoder, TransformerWrapper

    s = SHAPES[kind]
    head = s.width // s.heads
    layers = Decoder(
        dim=s.width, depth=s.layers, heads=s.heads, attn_dim_head=head, rotary_pos_emb=True, rotary_emb_dim=head,
        use_rmsnorm=True, ff_glu=True, ff_swish=True, ff_no_bias=True, ff_mult=s.inner / s.width, attn_flash=True,
    )  # fmt: skip
    wrapped: nn.Module = TransformerWrapper(
        num_tokens=s.vocabulary, max_seq_len=s.context, attn_layers=layers, tie_embedding=True, use_abs_pos_emb=False
    )
    return wrapped


def drawn(kind: str) -> tuple[Tensor, Tensor]:
    """Random tokens and targets, (B, T)."""
    made = torch.Generator().manual_seed(0)
    tokens, target = (torch.randint(SHAPES[kind].vocabulary, BATCHES[kind], generator=made) for _ in range(2))
    return tokens, target


def contestant(name: str, kind: str) -> Step:
    """Raises ImportError where a peer is absent."""
    torch.manual_seed(0)
    if name.startswith("ours"):
        return ours(kind, course="course" in name, compiled="compiled" in name)
    model = Plain(SHAPES[kind]) if name.startswith("plain") else x_transformer(kind)
    return theirs(model, kind, torch.bfloat16 if "bf16" in name else torch.float32)


def speed(step: Step, tokens: int, steps: int, clock: Callable[[], float]) -> float:
    """Tokens a second."""
    begin = clock()
    for _ in range(steps):
        step()
    return steps * tokens / (clock() - begin)


def peak(name: str, kind: str) -> float:
    """MB over what the process held before; for a process that does nothing else."""
    held = _memory("VmRSS")
    step = contestant(name, kind)
    for _ in range(3):
        step()
    return _memory("VmHWM") - held


def _memory(field: str) -> float:
    """MB, by the kernel's own account (Linux): VmRSS now, VmHWM at most since the process began."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in status.splitlines() if line.startswith(field))


def measure(kind: str, names: list[str], threads: int, rounds: int, steps: int) -> list[dict[str, Any]]:
    """One row a contestant."""
    present: dict[str, Step] = {}
    for name in names:
        try:
            present[name] = contestant(name, kind)
        except ImportError as error:
            print(f"{name}: left out ({error})", file=sys.stderr)
    for step in present.values():
        step()
    clock = time.process_time if threads == 1 else time.perf_counter
    tokens = BATCHES[kind][0] * BATCHES[kind][1]
    found = paired({name: partial(speed, step, tokens, steps, clock) for name, step in present.items()}, rounds)
    rows = []
    for name, runs in found.items():
        command = [sys.executable, __file__, "--peak", name, kind, "--threads", str(threads)]
        memory = float(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        rows.append({"contestant": name, "course": kind, "threads": threads, "runs": runs,
                     "tokens_per_second": statistics.median(runs), "against_plain": ratio(runs, found[BASE]),
                     "spread": spread(runs, found[BASE]), "peak_megabytes": round(memory, 1)})  # fmt: skip
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--courses", nargs="+", choices=SHAPES, default=list(SHAPES))
    parser.add_argument("--contestants", nargs="+", choices=CONTESTANTS, default=list(CONTESTANTS))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, default=2, help="of each contestant in a round")
    parser.add_argument("--peak", nargs=2, metavar=("NAME", "COURSE"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    if asked.peak:
        print(json.dumps(peak(*asked.peak)))
        return
    before, rows = machine(), []
    for kind in asked.courses:
        rows += measure(kind, asked.contestants, asked.threads, asked.rounds, asked.steps)
    cells = [
        (f"{r['course']}: {r['contestant']}", f"{r['tokens_per_second']:,.0f}", f"{r['against_plain']:.2f}",
         "{:.2f}–{:.2f}".format(*r["spread"]), f"{r['peak_megabytes']:,.0f}")
        for r in rows
    ]  # fmt: skip
    print(table(("", "tokens/s", "× plain fp32", "of rounds", "peak MB"), cells))
    settings = {kind: {**SHAPES[kind].as_dict(), "batch": BATCHES[kind]} for kind in asked.courses}
    write("cpu_training", {"machine": before, "settings": settings, "rows": rows})


if __name__ == "__main__":
    main()
