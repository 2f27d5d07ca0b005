"""Variations of held-out melodies: exact locks, dials that move what they name, similarity, even blends, speed.

    python benchmarks/variation.py melodies.jsonl.gz                # 1,000 variations a lock, 100 melodies a dial
    python benchmarks/variation.py melodies.jsonl.gz --count 40     # a try

Speed is that of the processor: seconds of this process, in which torch is not loaded.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from muse.bundle import Bundle
from muse.music.amounts import AMOUNTS, alike_at, windows_as_pieces
from muse.music.blend import blend
from muse.music.dials import DIALS, attributes
from muse.music.line import contour, likeness
from muse.music.locks import phrase_ends
from muse.music.piece import Note, Piece
from muse.music.vary import vary
from muse.music.windows import read

TURNS = (-1.0, -0.5, 0.0, 0.5, 1.0)
LOCKED = (2, 5)


def inside(piece: Piece, bar: int) -> list[Note]:
    """The notes that sound in a bar, from 1."""
    start = piece.bar_start(bar - 1)
    return [note for note in piece.melody.notes if note.tick < start + piece.meter.bar and note.end > start]


def exact(lock: str, old: Piece, new: Piece) -> bool:
    """Whether a lock holds, read from the notes alone."""
    a, b = old.melody.notes, new.melody.notes
    if lock == "rhythm":
        return [(note.tick, note.duration) for note in a] == [(note.tick, note.duration) for note in b]
    if lock == "contour":
        return contour(a) == contour(b)
    if lock == "cadence":
        last = (a[-1].tick - old.pickup) // old.meter.bar + 1
        return inside(old, last) == inside(new, last) and {a[at] for at in phrase_ends(a, old.meter.pulse)} <= set(b)
    return all(inside(old, bar) == inside(new, bar) for bar in LOCKED)


def locks(tunes: list[Piece], bundle: Bundle, count: int) -> dict[str, Any]:
    """Of `count` variations a lock: how many keep it exactly, and how many differ from the tune."""
    found = {}
    for lock in ("rhythm", "contour", "cadence", f"bars={LOCKED[0]},{LOCKED[1]}"):
        each = -(-count // len(tunes))
        pairs = [(tune, made) for tune in tunes for made in vary(tune, bundle, 0.6, (lock,), each, 1)][:count]
        found[lock] = {
            "variations": len(pairs),
            "exact": sum(exact(lock.partition("=")[0], tune, made) for tune, made in pairs),
            "changed": sum(tune.melody.notes != made.melody.notes for tune, made in pairs),
        }
    return found


def amounts(tunes: list[Piece], bundle: Bundle, each: int) -> list[dict[str, float]]:
    """The similarity at each tenth of the dial, beside what the card says."""
    rows = []
    for amount in AMOUNTS.round(1).tolist():
        alike = [
            likeness(tune.melody.notes, made.melody.notes)
            for tune in tunes
            for made in vary(tune, bundle, amount, (), each, 2)
        ]
        rows.append({
            "amount": amount,
            **{what: mean([getattr(each, what) for each in alike]) for what in ("overall", "pitch", "rhythm")},
            "card": round(alike_at(bundle.card, amount) or 0.0, 3),
        })  # fmt: skip
    return rows


def heard(piece: Piece, name: str) -> float:
    return attributes(piece.melody.notes, piece.meter)[name]


def mean(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 3)


def dials(tunes: list[Piece], bundle: Bundle) -> dict[str, Any]:
    """Of each dial: the attribute at five turns, and Spearman's rank correlation of turn and attribute in a melody."""
    found = {}
    for name in DIALS:
        rows = np.array([
            [heard(vary(tune, bundle, 0.3, (), 1, 3, dials={name: turn})[0], name) for turn in TURNS] for tune in tunes
        ])  # fmt: skip
        found[name] = {
            "means": rows.mean(0).round(3).tolist(),
            "spearman_mean": round(float(np.mean([spearman(row) for row in rows])), 3),
            "up_at_ends": round(float((rows[:, -1] > rows[:, 0]).mean()), 3),
        }
    return found


def spearman(row: np.ndarray) -> float:
    """The rank correlation of five values with their order; equal values share a rank."""
    ranks = np.array([(row < value).sum() + ((row == value).sum() - 1) / 2 for value in row])
    order = np.arange(len(row), dtype=float)
    if ranks.std() == 0:
        return 0.0
    return float(np.corrcoef(ranks, order)[0, 1])


def blends(tunes: list[Piece], bundle: Bundle, steps: int = 7) -> dict[str, float]:
    """How evenly the unlikeness of neighbours is spread over paths: its standard deviation beside its mean."""
    spreads, largest = [], []
    for a, b in zip(tunes[::2], tunes[1::2], strict=False):
        if a.meter != b.meter:
            continue
        lines = [piece.melody.notes for piece in blend(a, b, bundle, steps, 1)]
        gaps = np.array([1 - likeness(x, y).overall for x, y in pairwise(lines)])
        spreads.append(gaps.std() / gaps.mean())
        largest.append(gaps.max() / gaps.sum())
    return {
        "paths": len(spreads), "steps": steps, "spread": round(float(np.mean(spreads)), 3),
        "largest_share": round(float(np.mean(largest)), 3), "even_share": round(1 / (steps - 1), 3),
    }  # fmt: skip


def speed(tunes: list[Piece], bundle: Bundle) -> dict[str, float]:
    """Seconds of the processor for 100 variations of four bars, and for the process to begin."""
    found = {}
    for name, lock in (("free", ()), ("rhythm locked", ("rhythm",))):
        taken = []
        for tune in tunes[:5]:
            start = time.process_time()
            vary(tune, bundle, 0.4, lock, 100, 1)
            taken.append(time.process_time() - start)
        found[f"100 variations of 4 bars, {name}"] = round(float(np.median(taken)), 3)
    for what, code in (
        ("start and load", "from muse.bundle import Bundle; import muse.music.vary as v; Bundle.load('melody-vae')"),
        ("import of torch, for comparison", "import torch"),
    ):
        code += "; import time; print(time.process_time())"
        found[what] = round(
            float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout), 3
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("melodies", type=Path)
    parser.add_argument("--count", type=int, default=1000, help="variations a lock")
    parser.add_argument("--bundle", default="melody-vae")
    options = parser.parse_args()
    bundle, bars = Bundle.load(options.bundle), read(options.melodies, "valid")[0]
    few = max(4, options.count // 10)
    tunes = windows_as_pieces(bars, 8, few)
    result = {
        "bundle": bundle.sha256,
        "speed": speed(windows_as_pieces(bars, 4, 5), bundle),
        "locks": locks(tunes, bundle, options.count),
        "amounts": amounts(tunes, bundle, 2),
        "dials": dials(tunes, bundle),
        "blends": blends(tunes, bundle),
    }
    print(json.dumps(result, indent=1))
    if options.count >= 1000:
        path = Path(__file__).parent / "results" / "variation.json"
        path.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
