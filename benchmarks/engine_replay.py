"""Does the native engine write what PyTorch writes, and what does int8 cost?

For each shipped language model, the same prompts, constraints and seeds are written by the engine in fp32 and by
PyTorch; where the two part, the drawn number is compared with the boundary between the tokens, in PyTorch's own
cumulative distribution. Then the nats a token that validation texts cost, by the engine in every storage.

    python benchmarks/engine_replay.py --requests 1000 --data DATA
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from table import machine, table
from table import write as save

from muse.bundle import Bundle
from muse.constraint import Constraint
from muse.engine import Engine
from muse.engine.engine import Storage
from muse.music import composer, drafting
from muse.music import model as music
from muse.music import vocabulary as words
from muse.music.automaton import Automaton
from muse.music.corpus import read as read_music
from muse.music.events import encode
from muse.nn.generate import TorchWriter
from muse.nn.sampling import Sampling
from muse.nn.shape import TransformerSettings
from muse.nn.transformer import Transformer
from muse.nn.writer import Continuation, Prompt
from muse.poem import model as poem
from muse.poem import write
from muse.poem.corpus import read as read_poems
from muse.poem.form import FORMS
from muse.poem.measure import thaw as thaw_poem
from muse.poem.prefix import Fields
from muse.poem.vocabulary import BREAK
from muse.poem.wishes import Wishes
from muse.seed import stream
from muse.tables.lexicon import interpret

THEMES = ("秋江夜泊", "月", "春雨", "边塞", "a winter temple", "离别", "登高", "梅花")
BATCH = 50
POEMS, PIECES, LONGEST = 600, 100, 700
STORAGES: tuple[Storage, ...] = ("fp32", "fp16", "bf16", "int8")


@dataclass(frozen=True)
class Task:
    """So many requests that are written alike."""

    prompt: Prompt
    constraint: Constraint
    sampling: Sampling


def poem_tasks(bundle: Bundle) -> list[Task]:
    _, vocabulary = poem.contents(bundle)
    found = []
    for theme in THEMES:
        for form in FORMS.values():
            request = Wishes(interpret(theme).theme, form=form.name)
            prompt = write._prompt(write.fields_of(request, form), vocabulary)
            found.append(Task(prompt, write.constraint(bundle, form), write.SAMPLING))
    return found


def music_tasks(bundle: Bundle) -> list[Task]:
    found = []
    for seed, theme in enumerate(THEMES):
        for ensemble in ("satb", "lead"):
            reading = interpret(theme)
            request = composer.PieceRequest(reading.theme, reading.mood, ensemble, bars=4, seed=seed)
            plan, scheme, _ = composer.prepare(request)
            header = drafting.header_of(plan, scheme)
            prompt = Prompt(tuple(header), (0,) * len(header), (0,) * len(header))
            found.append(Task(prompt, Automaton(scheme), Sampling(temperature=0.95, top_p=0.95)))
    return found


def apart(model: Transformer, task: Task, seed: int, ours: Continuation, theirs: Continuation) -> float:
    """How far the number drawn where the two part is from the boundary between their tokens, as a share of the sum."""
    at = next(i for i, (a, b) in enumerate(zip(ours.tokens, theirs.tokens, strict=False)) if a != b)
    state, rows, cols = task.constraint.start(), list(task.prompt.row), list(task.prompt.col)
    for token in ours.tokens[:at].tolist():
        placed = getattr(task.constraint, "placed", None)
        row, col = task.constraint.place(state) if placed is None else placed(state, token)
        rows.append(row)
        cols.append(col)
        state = task.constraint.advance(state, token)
    tokens = [*task.prompt.tokens, *ours.tokens[:at].tolist()]
    with torch.inference_mode():
        logits = model(*(torch.tensor(field)[None] for field in (tokens, rows, cols)))[0, -1].double().numpy()
    scores = np.where(task.constraint.mask(state), logits, -np.inf)
    weights = np.exp((scores - scores.max()) / task.sampling.temperature)
    if task.sampling.top_p < 1:
        falling = np.sort(weights)[::-1]
        needed = int(np.searchsorted(np.cumsum(falling), task.sampling.top_p * weights.sum()))
        weights = np.where(weights >= falling[min(needed, len(falling) - 1)], weights, 0)
    weights = np.where(weights >= task.sampling.min_p, weights, 0)
    reached = np.cumsum(weights) / weights.sum()
    number = stream(seed, "tokens").random(at + 1)[at]
    return float(np.abs(reached - number).min())


def replay(name: str, bundle: Bundle, settings: TransformerSettings, model: Transformer, tasks: list[Task],
           requests: int) -> dict[str, Any]:  # fmt: skip
    engine, torch_writer = Engine(bundle.weights, settings, storage="fp32"), TorchWriter(model)
    same, tokens, distances = 0, 0, []
    for begin in range(0, requests, BATCH):
        task = tasks[begin // BATCH % len(tasks)]
        seeds = list(range(begin, min(requests, begin + BATCH)))
        asked = [task.prompt] * len(seeds), [task.constraint] * len(seeds), task.sampling, seeds
        for seed, one, other in zip(seeds, engine.generate(*asked), torch_writer.generate(*asked), strict=True):
            tokens += len(other.tokens)
            if one.tokens.tolist() == other.tokens.tolist():
                same += 1
            else:
                distances.append(apart(model, task, seed, one, other))
    return {"model": name, "requests": requests, "tokens": tokens, "identical": same / requests, "distances": distances}


def lost(bundle: Bundle, settings: TransformerSettings, texts: list[tuple[Prompt, Prompt]]) -> dict[str, float]:
    """Nats a token that each storage costs more than fp32."""
    found = {}
    for storage in STORAGES:
        engine = Engine(bundle.weights, settings, storage=storage)
        found[storage] = float(-np.concatenate(engine.score(*map(list, zip(*texts, strict=True)))).mean())
    return {storage: nats - found["fp32"] for storage, nats in found.items()}


def poem_texts(bundle: Bundle, data: Path) -> list[tuple[Prompt, Prompt]]:
    """Poems of the validation part after their form."""
    _, vocabulary = poem.contents(bundle)
    found = []
    for record in islice(read_poems(data / "poetry", "valid"), POEMS):
        form = FORMS[record.form]
        tokens = [token for line in record.lines for token in (*vocabulary.encode(line), BREAK)][:-1]
        rows = [index // (form.width + 1) + 1 for index in range(len(tokens))]
        columns = [index % (form.width + 1) for index in range(len(tokens))]
        prompt = write._prompt(Fields(form.name), vocabulary)
        found.append((prompt, Prompt(tuple(tokens), tuple(rows), tuple(columns))))
    return found


def music_texts(bundle: Bundle, data: Path) -> list[tuple[Prompt, Prompt]]:
    """Pieces of the validation part after their header, the first tokens of each."""
    found = []
    for record in islice(read_music(data / "music", "valid"), PIECES):
        code = encode(record.draft)
        head, most = slice(0, words.SLOTS), slice(words.SLOTS, LONGEST)
        parts = [
            [tuple(field[cut].tolist()) for field in (code.tokens, code.rows, code.columns)] for cut in (head, most)
        ]
        found.append((Prompt(*parts[0]), Prompt(*parts[1])))
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--requests", type=int, default=1000, help="of each model")
    options.add_argument("--data", type=Path, help="the corpora; without them no nats are measured")
    asked = options.parse_args()
    torch.set_num_threads(1)
    zh, composed = Bundle.load("poem-zh"), Bundle.load("composer")
    shapes = {"poem-zh": poem.contents(zh)[0], "composer": music.shape_of(composed)}
    found = [
        replay("poem-zh", zh, shapes["poem-zh"], thaw_poem(zh)[0], poem_tasks(zh), asked.requests),
        replay("composer", composed, shapes["composer"], music.thaw(composed), music_tasks(composed), asked.requests),
    ]
    if asked.data:
        found[0]["lost"] = lost(zh, shapes["poem-zh"], poem_texts(zh, asked.data))
        found[1]["lost"] = lost(composed, shapes["composer"], music_texts(composed, asked.data))
    header = ("model", "requests", "tokens", "identical", "furthest from a boundary")
    rows = []
    for one in found:
        furthest = f"{max(one['distances'], default=0):.1e}"
        costs = [f"{one['lost'][storage]:+.5f}" if "lost" in one else "not measured" for storage in STORAGES]
        rows.append((one["model"], one["requests"], one["tokens"], f"{one['identical']:.2%}", furthest, *costs))
    print(table((*header, *(f"{storage}, nats lost" for storage in STORAGES)), rows))
    save("engine_replay", {"machine": machine(), "models": found})


if __name__ == "__main__":
    main()
