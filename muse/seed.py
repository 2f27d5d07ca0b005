"""One seed, many named streams: the same seed and names give the same numbers on every machine."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


def fresh_seed() -> int:
    """A seed nobody chose, small enough to be typed again: in [0, 2**31)."""
    return secrets.randbelow(2**31)


def derive(seed: int, *names: str | int) -> int:
    """A 63-bit number for one purpose, in [0, 2**63): SHA-256 over the seed and the names."""
    text = "\x1f".join(str(part) for part in (seed, *names))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """A counter-based generator (Philox) of its own for one purpose.

    >>> float(stream(7, "poem").random()) == float(stream(7, "poem").random())
    True
    """
    return np.random.Generator(np.random.Philox(key=derive(seed, *names)))


def torch_generator(seed: int, *names: str | int) -> torch.Generator:
    """The same for torch, on the CPU."""
    import torch

    return torch.Generator().manual_seed(derive(seed, *names))
