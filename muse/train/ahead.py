"""Batches made in a thread of their own, one step ahead of the learning; their order and bytes are as without it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def ahead(make: Callable[[int], T], steps: Sequence[int]) -> Generator[T, None, None]:
    """make(step) for each step, in order; while one is used, the next is made.

    What `make` raises is raised where its own step comes, after all the steps before it. Closing the iterator waits
    for the one under way.

    >>> list(ahead(lambda step: step * step, range(4)))
    [0, 1, 4, 9]
    """
    with ThreadPoolExecutor(1, "feed") as pool:
        coming = [pool.submit(make, step) for step in steps[:1]]
        for step in steps[1:]:
            ready = coming.pop().result()
            coming.append(pool.submit(make, step))
            yield ready
        if coming:
            yield coming.pop().result()
