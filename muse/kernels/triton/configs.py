"""Block sizes by hardware, kernel, head width and bias: a table, so that nothing is tuned when a program starts."""

from __future__ import annotations

from typing import NamedTuple

WIDTHS = (32, 64, 128)
"""Head widths that the kernels are built for."""
BLOCK = 128
"""Tokens in the largest block."""
SLOTS = 64
"""Most one-hot slots of rows or columns; above, the bias is gathered."""


class Blocks(NamedTuple):
    """Queries and keys in a block or tile, warps of a program, and tiles in flight."""

    queries: int
    keys: int
    warps: int
    stages: int


SINGLE = Blocks(32, 32, 4, 1)
"""For fp32, whose products do not run on the matrix units."""

TABLE: dict[tuple[int, str, int, bool], Blocks] = {
    # (hardware, kernel, head width, with bias)
    (80, "forward", 32, False): Blocks(128, 64, 4, 3),
    (80, "forward", 32, True): Blocks(128, 64, 8, 3),
    (80, "forward", 64, False): Blocks(128, 64, 8, 3),
    (80, "forward", 64, True): Blocks(128, 64, 8, 3),
    (80, "forward", 128, False): Blocks(128, 64, 8, 2),
    (80, "forward", 128, True): Blocks(128, 32, 8, 2),
    (80, "queries", 32, False): Blocks(128, 64, 8, 2),
    (80, "queries", 32, True): Blocks(128, 32, 8, 2),
    (80, "queries", 64, False): Blocks(128, 64, 8, 2),
    (80, "queries", 64, True): Blocks(128, 32, 8, 2),
    (80, "queries", 128, False): Blocks(64, 32, 4, 2),
    (80, "queries", 128, True): Blocks(64, 16, 4, 2),
    (80, "keys", 32, False): Blocks(64, 128, 8, 2),
    (80, "keys", 32, True): Blocks(64, 128, 8, 2),
    (80, "keys", 64, False): Blocks(64, 128, 8, 2),
    (80, "keys", 64, True): Blocks(32, 128, 8, 2),
    (80, "keys", 128, False): Blocks(32, 64, 4, 2),
    (80, "keys", 128, True): Blocks(32, 64, 8, 2),
    (90, "forward", 32, False): Blocks(128, 128, 8, 3),
    (90, "forward", 32, True): Blocks(128, 64, 8, 3),
    (90, "forward", 64, False): Blocks(128, 128, 8, 3),
    (90, "forward", 64, True): Blocks(128, 64, 8, 3),
    (90, "forward", 128, False): Blocks(128, 128, 8, 2),
    (90, "forward", 128, True): Blocks(128, 64, 8, 3),
    (90, "queries", 32, False): Blocks(128, 64, 8, 2),
    (90, "queries", 32, True): Blocks(128, 64, 8, 2),
    (90, "queries", 64, False): Blocks(128, 64, 8, 2),
    (90, "queries", 64, True): Blocks(128, 64, 8, 2),
    (90, "queries", 128, False): Blocks(128, 64, 8, 2),
    (90, "queries", 128, True): Blocks(128, 32, 8, 2),
    (90, "keys", 32, False): Blocks(64, 128, 8, 2),
    (90, "keys", 32, True): Blocks(64, 128, 8, 2),
    (90, "keys", 64, False): Blocks(64, 128, 8, 2),
    (90, "keys", 64, True): Blocks(64, 128, 8, 2),
    (90, "keys", 128, False): Blocks(64, 128, 8, 2),
    (90, "keys", 128, True): Blocks(32, 128, 8, 2),
}


def hardware(capability: tuple[int, int]) -> int:
    """Column of the table: 90 for data centre GPUs from Hopper on, 80 for all others, which have less shared memory."""
    return 90 if capability[0] in (9, 10) else 80


def power(count: int) -> int:
    """Smallest power of 2 not below count, and at least 16, the least that the matrix units take."""
    return max(16, 1 << (count - 1).bit_length())
