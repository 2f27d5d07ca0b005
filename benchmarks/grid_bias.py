"""What the learned bias on rows and columns is worth: the same courses, seeds, batches and steps, with it and without.

Arms: "bias" as shipped; "none" with row_bias and col_bias frozen at zero, the embeddings of row and column still
learned; "blind" with those frozen too, so that only rotary position tells where a token stands.
Figures are of the validation part (never the test part): nats a Han character, nats a cell of four parts.
Each run is kept as it ends; started again, the benchmark goes on with those that are missing.

    python benchmarks/grid_bias.py --data DATA --work runs/grid
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from table import machine, mean_and_error, table, write

from muse.music import corpus as scores
from muse.music import course as music
from muse.music.feed import Windows, sources
from muse.music.measure import chorales
from muse.music.model import MusicSettings
from muse.nn.language import LanguageObjective
from muse.nn.transformer import Transformer
from muse.objective import Feed
from muse.poem import course as poem
from muse.poem.corpus import PoemRecord, read
from muse.poem.measure import bits
from muse.poem.mixture import Mixture, further_marks
from muse.poem.model import PoemSettings
from muse.poem.vocabulary import Vocabulary
from muse.seed import derive
from muse.settings import RunSettings
from muse.train.schedule import factor

ARMS = {"bias": (), "none": ("row_bias", "col_bias"), "blind": ("row_bias", "col_bias", "row_place", "col_place")}
UNITS = {"poem": "nats a character", "chorales": "nats a cell"}
HELD = 1200
Made = tuple[LanguageObjective, Feed, Any]


class Poems:
    """The poem course on Tang and Song verse, three layers of 192 instead of four of 256."""

    settings = PoemSettings.load(None, {"layers": 3, "width": 192, "heads": 3})
    batch = 2048

    def __init__(self, data: Path) -> None:
        path = data / "poetry" / "zh_shi_tang_song.jsonl.xz"
        self.records = list(read(path, "train"))
        held = sorted(read(path, "valid"), key=lambda record: record.text)
        self.held: list[PoemRecord] = held[:: max(1, len(held) // HELD)][:HELD]
        texts, further = (record.text for record in self.records), further_marks(self.records)
        self.vocabulary = Vocabulary.of(texts, self.settings.least, further=further)

    def run(self, steps: int, seed: int) -> RunSettings:
        return RunSettings.of({**poem.RUN[""], "batch": self.batch, "steps": steps, "seed": seed})

    def make(self, run: RunSettings) -> Made:
        torch.manual_seed(run.seed)
        model = poem.transformer(self.settings, self.vocabulary)
        s = self.settings
        feed = Mixture(self.records, self.vocabulary, tokens=run.batch, seed=run.seed, plain=s.plain, later=s.later)
        return poem.PoemObjective(model, run, validate=self.figure, sampler=lambda *_: {}, index={}), feed, model

    def figure(self, model: Transformer) -> dict[str, float]:
        found = bits(model, self.vocabulary, self.held)
        return {"nats": found["bits_per_char"] * math.log(2), "bits_per_char": found["bits_per_char"]}


class Chorales:
    """The composer's course at its shipped size, on the JSB chorales alone."""

    settings = MusicSettings.load(None)

    def __init__(self, data: Path) -> None:
        path = data / "music" / "jsb_chorales"
        self.records = list(scores.read(path, "train"))
        self.held = list(scores.read(path, "valid"))

    def run(self, steps: int, seed: int) -> RunSettings:
        return RunSettings.of({**music.RUN[""], "steps": steps, "seed": seed})

    def make(self, run: RunSettings) -> Made:
        torch.manual_seed(run.seed)
        model = music.transformer(self.settings)
        feed = Windows(sources(self.records), run.batch, self.settings.window, run.seed)
        return LanguageObjective(model, run, validate=self.figure, sampler=lambda *_: {}), feed, model

    def figure(self, model: Transformer) -> dict[str, float]:
        nats = chorales(model, self.held)["nats_per_cell"]
        return {"nats": nats}


COURSES: dict[str, type[Poems | Chorales]] = {"poem": Poems, "chorales": Chorales}


def learn(course: Poems | Chorales, arm: str, steps: int, seed: int, *, slow: int = 50) -> dict[str, float]:
    """The figures after a run of one arm, with its mean loss over the last `slow` steps and its seconds."""
    run = course.run(steps, seed)
    objective, feed, model = course.make(run)
    for name in ARMS[arm]:
        getattr(model, name).requires_grad_(False)
    begin, losses = time.process_time(), []
    for step in range(steps):
        torch.manual_seed(derive(seed, "step", step, 0))
        objective.schedule(factor(step, run))
        losses.append(objective.step([feed.batch(step, 0, 0, 1)], step)["loss"])
    spent = time.process_time() - begin
    last = losses[-slow:]
    return {**objective.figures(steps), "train_loss": sum(last) / len(last), "cpu_seconds": round(spent, 1)}


def wanted(seeds: int, arms: list[str], kinds: list[str]) -> Iterator[tuple[str, str, int]]:
    """Runs in the order they are made: both courses and all arms of a seed before the next seed."""
    return ((kind, arm, seed) for seed in range(seeds) for kind in kinds for arm in arms)


def summary(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row a course and arm: mean nats, and the difference to "none" seed by seed, with its standard error."""
    rows = []
    for kind in COURSES:
        by = {(run["arm"], run["seed"]): run["nats"] for run in runs if run["course"] == kind}
        seeds = sorted({seed for _, seed in by})
        for arm in ARMS:
            both = [seed for seed in seeds if (arm, seed) in by and ("none", seed) in by]
            if both:
                mine, other = [by[arm, seed] for seed in both], [by["none", seed] for seed in both]
                gain, error = mean_and_error([a - b for a, b in zip(mine, other, strict=True)])
                mean = mean_and_error(mine)[0]
                rows.append({"course": kind, "unit": UNITS[kind], "arm": arm, "seeds": both, "nats": mean,
                             "difference": gain, "error": error, "ratio": mean / mean_and_error(other)[0]})  # fmt: skip
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("MUSE_DATA"), help="folder with poetry/ and music/")
    parser.add_argument("--work", type=Path, required=True, help="folder where finished runs are kept")
    parser.add_argument("--steps", type=int, nargs=2, default=(400, 300), help="of the poems, of the chorales")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=["bias", "none"])
    parser.add_argument("--courses", nargs="+", choices=COURSES, default=list(COURSES))
    parser.add_argument("--report", action="store_true", help="only the table of what is finished")
    asked = parser.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    kept, steps = asked.work / "runs.jsonl", dict(zip(COURSES, asked.steps, strict=True))
    runs = [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []
    runs = [run for run in runs if run["steps"] == steps[run["course"]]]
    done = {(run["course"], run["arm"], run["seed"]) for run in runs}
    made: dict[str, Any] = {}
    for kind, arm, seed in wanted(asked.seeds, asked.arms, asked.courses):
        if asked.report or (kind, arm, seed) in done:
            continue
        course = made[kind] if kind in made else made.setdefault(kind, COURSES[kind](asked.data))
        found = {"course": kind, "arm": arm, "seed": seed, "steps": steps[kind]}
        runs.append({**found, **learn(course, arm, steps[kind], seed)})
        with kept.open("a") as stream:
            stream.write(json.dumps(runs[-1]) + "\n")
        print(runs[-1], flush=True)
    rows = summary(runs)
    cells = [
        (r["course"], r["arm"], f"{r['nats']:.4f}", f"{r['difference']:+.4f} ± {r['error']:.4f}", f"{r['ratio']:.4f}")
        for r in rows
    ]
    print(table(("course", "arm", "nats", "against none", "ratio"), cells))
    settings = {kind: {**COURSES[kind].settings.as_dict(), "steps": steps[kind]} for kind in COURSES}
    write("grid_bias", {"machine": machine(), "settings": settings, "rows": rows, "runs": runs})


if __name__ == "__main__":
    main()
