"""Random constraints as tables, small enough to be walked through in a test."""

from __future__ import annotations

import numpy as np

from muse.constraint import Refused, Tables
from muse.fuse import Fuse
from muse.walk import keys

V = 40
WIDTH, SPAN = 4, 3


def refused_lines(codes: np.ndarray, lines: np.ndarray) -> Refused:
    """lines: (N, WIDTH) tokens."""
    ends = np.concatenate([lines[:, :SPAN], lines[:, -SPAN:]])
    many = np.array_split(keys(codes[ends]), 1 + len(lines) % 3)
    return Refused(tuple(Fuse.of(part, 12) for part in many), codes, SPAN)


def verse(seed: int, lines: int = 4, size: int = V, refused: int = 0) -> Tables:
    """Lines of WIDTH tokens that rhyme in one of several sets, then token 0 as a break; nothing comes twice.

    States are line · (WIDTH + 1) + place, and one more that is final. Class 0 is the break, 1 and 2 are two kinds.
    """
    draw = np.random.default_rng(seed)
    states, last = lines * (WIDTH + 1), WIDTH - 1
    classes = draw.integers(1, 3, size).astype(np.uint8)
    classes[0] = 0
    sets = np.where(draw.random(size) < 0.6, 1 << draw.integers(0, 5, size), 0) | np.where(
        draw.random(size) < 0.3, 1 << draw.integers(60, 64, size).astype(object), 0
    )
    plain, bound = np.full((states, 3), -1, np.int32), np.full((states, 3), -1, np.int32)
    place, left = np.zeros((states, 2), np.int32), np.zeros(states, np.int32)
    flags = {name: np.zeros(states, bool) for name in ("opens", "closes", "again", "final")}
    for line in range(lines):
        for at in range(WIDTH + 1):
            state = line * (WIDTH + 1) + at
            place[state], left[state] = (line + 1, at), lines - line - (at == WIDTH)
            if at == WIDTH:
                plain[state, 0] = state + 1
            elif at == last:
                bound[state, 1:] = state + 1
                plain[state, 1] = state + 1 if line == 0 else -1  # the first line may stand outside the rhyme
            else:
                plain[state, draw.integers(1, 3) if at == 1 else slice(1, 3)] = state + 1
            flags["opens"][state], flags["closes"][state] = at == 0, at == last
            flags["again"][state] = at == 2
    flags["final"][-1] = True
    inside = ~np.isin(np.arange(states) % (WIDTH + 1), [last, WIDTH])
    codes = draw.integers(1, 1 << 40, size).astype(np.uint64)
    known = draw.integers(1, size, (refused, WIDTH))
    return Tables(
        begin=0,
        open=int(np.bitwise_or.reduce(sets.astype(object))),
        classes=classes,
        sets=sets.astype(np.uint64),
        doubled=draw.random(size) < 0.5,
        plain=plain,
        bound=bound,
        place=place,
        left=left,
        unique=np.arange(states) % (WIDTH + 1) != WIDTH,
        remembers=np.arange(states) % (WIDTH + 1) != WIDTH,
        spares=inside,
        scope=np.full(states, 2**64 - 1, np.uint64),
        renews=np.zeros(states, np.bool_),
        refused=refused_lines(codes, known) if refused else None,
        **flags,
    )
