"""What makes the chorales cheap to tell: the same learner on the JSB training part alone, each time without one thing.

Arms: "whole" as shipped (a smaller model); "one key" with every chorale written on C and never moved; "no bias" with
the learned bias on rows and columns frozen at zero; "small" with a third of the weights. Figures are of the validation
part (never the test part): nats a cell by the chain rule, and of alto, tenor and bass when the soprano is known.
Each run is kept as it ends; started again, the benchmark goes on with those that are missing.

    python benchmarks/chorales.py --data DATA --work runs/chorales --steps 250 --seeds 3
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

import torch
from table import machine, mean_and_error, table, write

from muse.music import corpus, feed
from muse.music.course import MusicObjective, transformer
from muse.music.measure import chorales, harmonising
from muse.music.model import MusicSettings
from muse.seed import derive
from muse.settings import RunSettings
from muse.train.schedule import factor

ARMS: dict[str, dict[str, Any]] = {
    "whole": {"layers": 4, "width": 192},
    "one key": {"layers": 4, "width": 192},
    "no bias": {"layers": 4, "width": 192},
    "small": {"layers": 3, "width": 128, "heads": 4},
}


def learn(arm: str, steps: int, seed: int, data: Path) -> dict[str, Any]:
    """The figures after a run of one arm."""
    path = data / "music" / "jsb_chorales"
    settings = MusicSettings.of({**MusicSettings.load("small").as_dict(), **ARMS[arm]})
    run = RunSettings.of(
        {"steps": steps, "learning_rate": 2e-3, "warmup": 40, "batch": 8, "ema": 0.98, "weight_decay": 0.1,
         "decay_from": 0.4, "seed": seed}
    )  # fmt: skip
    torch.manual_seed(seed)
    model = transformer(settings)
    if arm == "no bias":
        model.row_bias.requires_grad_(False)
        model.col_bias.requires_grad_(False)
    held = list(corpus.read(path, "valid"))

    def figures(model: Any) -> dict[str, float]:
        return {**chorales(model, held), **harmonising(model, held)}

    objective = MusicObjective(model, run, validate=figures, sampler=lambda *_: {})
    pools = [pool for pool in feed.sources(corpus.read(path, "train")) if pool.name == "jsb"]
    windows = feed.Windows(pools, run.batch, settings.window, seed)
    keys, feed.moved = feed.moved, (lambda code, _: code) if arm == "one key" else feed.moved
    begin = time.process_time()
    try:
        for step in range(steps):
            torch.manual_seed(derive(seed, "step", step, 0))
            objective.schedule(factor(step, run))
            loss = objective.step([windows.batch(step, 0, 0, 1)], step)["loss"]
    finally:
        feed.moved = keys
    spent = time.process_time() - begin
    weights = sum(parameter.numel() for parameter in model.parameters())
    return {**objective.figures(steps), "train_loss": loss, "cpu_seconds": round(spent), "weights": weights}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("MUSE_DATA"), help="folder with music/")
    parser.add_argument("--work", type=Path, required=True, help="folder where finished runs are kept")
    parser.add_argument("--steps", type=int, default=250)
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    kept = asked.work / "runs.jsonl"
    runs = [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []
    runs = [run for run in runs if run["steps"] == asked.steps]
    for seed in range(asked.seeds):
        for arm in ARMS:
            if not any((run["arm"], run["seed"]) == (arm, seed) for run in runs):
                found = {"arm": arm, "seed": seed, "steps": asked.steps, **learn(arm, asked.steps, seed, asked.data)}
                runs.append(found)
                with kept.open("a") as stream:
                    stream.write(json.dumps(found) + "\n")
                print(found, flush=True)
    rows = []
    for arm in ARMS:
        mine = [run for run in runs if run["arm"] == arm]
        mean, error = mean_and_error([run["nats_per_cell"] for run in mine])
        gain = [1 - run["harmonise_nats"] / run["causal_nats"] for run in mine]
        rows.append((arm, f"{mine[0]['weights']:,}", f"{mean:.4f} ± {error:.4f}", f"{sum(gain) / len(gain):.1%}"))
    print(table(("arm", "weights", "nats a cell, valid", "fewer when the soprano is known"), rows))
    write("chorales", {"machine": machine(), "rows": rows, "runs": runs})


if __name__ == "__main__":
    main()
