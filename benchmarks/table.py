"""What every benchmark shares: paired rounds, medians of ratios, one table, one JSON file with machine and versions."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8", "neon")
PACKAGES = ("torch", "triton", "numpy", "transformers", "x-transformers", "llama-cpp-python", "muse")


def paired(contestants: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """The figure of each contestant in each round; all take their turn in a round, and who begins changes.

    So a machine that slows down for a while slows all of them, and the ratios of a round stay right.
    """
    names = list(contestants)
    found: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            found[name].append(contestants[name]())
    return found


def ratio(mine: Sequence[float], theirs: Sequence[float]) -> float:
    """The median over rounds of mine / theirs.

    >>> ratio([2.0, 4.0, 9.0], [1.0, 2.0, 3.0])
    2.0
    """
    return statistics.median(a / b for a, b in zip(mine, theirs, strict=True))


def spread(mine: Sequence[float], theirs: Sequence[float]) -> tuple[float, float]:
    """The lowest and the highest ratio of a round."""
    each = [a / b for a, b in zip(mine, theirs, strict=True)]
    return min(each), max(each)


def mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    """The mean and its standard error, the sample deviation over the root of the count.

    >>> mean_and_error([1.0, 2.0, 3.0])
    (2.0, 0.5773502691896258)
    """
    error = statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else float("nan")
    return statistics.fmean(values), error


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; the first column to the left, the others to the right."""
    cells = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    lines = ["| " + " | ".join(c.rjust(w) if i else c.ljust(w) for i, (c, w) in enumerate(pairs)) + " |"
             for pairs in (list(zip(row, widths, strict=True)) for row in cells)]  # fmt: skip
    rule = "|" + "|".join("-" * (w + 1) + (":" if i else "-") for i, w in enumerate(widths)) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def machine() -> dict[str, Any]:
    """What the figures were measured on: processor, the instruction sets that matter, cores, load; the GPU if any."""
    text = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    said = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    fields = {key.strip(): value.strip() for key, value in said.items()}
    found: dict[str, Any] = {
        "processor": fields.get("model name") or platform.processor() or platform.machine(),
        "instructions": [flag for flag in FLAGS if flag in fields.get("flags", "").split()],
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "system": platform.system(),
        "python": platform.python_version(),
    }
    try:
        import torch
    except ImportError:
        return found
    if torch.cuda.is_available():
        found["gpu"] = torch.cuda.get_device_name()
    return found


def versions() -> dict[str, str]:
    """The packages that were there, with their versions."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def write(name: str, payload: Mapping[str, Any], folder: Path = RESULTS) -> Path:
    """results/<name>.json: the payload with the day, the machine and the versions."""
    path = folder / f"{name}.json"
    folder.mkdir(parents=True, exist_ok=True)
    whole = {"benchmark": name, "day": datetime.now(UTC).date().isoformat(), "versions": versions(), **payload}
    path.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
