"""The samples that tests learn from."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
SAMPLES = {
    "poem": "tang-song",
    "music": "jsb-chorales",
    "variation": "melodies",
    "picture": "pictures",
    "cover": "pictures",
}


def sample(kind: str) -> Path:
    """The sample that a kind of model learns from."""
    return ROOT / "corpora" / SAMPLES[kind] / "sample"
