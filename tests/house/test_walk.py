"""`Walk` against tables read word by word: every step of random walks over random tables, with sets and loops."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muse.constraint import Refused, Tables
from muse.fuse import Fuse
from muse.walk import STEP, Walk, keys

MANY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


WORD = (1 << 64) - 1


def known(fuses: tuple[Fuse, ...], codes: list[int]) -> bool:
    """Whether one of the filters holds a span."""
    return any(held(fuse, codes) for fuse in fuses)


def held(fuse: Fuse, codes: list[int]) -> bool:
    """Whether a filter holds a span, in whole numbers."""

    def mixed(word: int) -> int:
        word = (word ^ word >> 31) * 0xBF58476D1CE4E5B9 & WORD
        word = (word ^ word >> 29) * STEP & WORD
        return word ^ word >> 32

    def cell(number: int) -> int:
        return whole >> number * fuse.bits & (1 << fuse.bits) - 1

    whole = int.from_bytes(fuse.cells.tobytes(), "little")
    total = sum(code * STEP ** (place + 1) for place, code in enumerate(codes)) & WORD
    first = mixed(total + fuse.seed * STEP & WORD)
    second = mixed(first)
    begin = (first >> 32) * (fuse.segments * fuse.segment) >> 32
    found = second >> 48 & (1 << fuse.bits) - 1 ^ cell(begin)
    for number, place in enumerate((first, first >> 16, second), 1):
        found ^= cell(begin + number * fuse.segment ^ place & fuse.segment - 1)
    return found == 0


def random_tables(random: np.random.Generator) -> Tables:
    """Tables with no purpose, in which much is allowed and every rule is met often."""
    tokens, kinds, states, sets = 14, 3, 6, int(random.integers(0, 4))
    first = int(random.integers(0, 65 - sets))  # of the bits

    def coin(share: float, *shape: int) -> npt.NDArray[np.bool_]:
        return np.asarray(random.random(shape) < share)

    codes = random.integers(0, 2**21, tokens).astype(np.uint64)
    span = int(random.integers(1, 4))
    parts = np.array_split(keys(codes[random.integers(0, tokens, (tokens**span // 2, span))]), random.integers(1, 4))
    fuses = tuple(Fuse.of(part, int(random.integers(3, 17))) for part in parts)
    return Tables(
        begin=int(random.integers(states)),
        open=int(random.integers(1 << sets)) << first,
        classes=random.integers(0, kinds, tokens).astype(np.uint8),
        sets=random.integers(0, 1 << sets, tokens).astype(np.uint64) << np.uint64(first % 64),
        doubled=coin(0.5, tokens),
        plain=np.where(coin(0.5, states, kinds), random.integers(0, states, (states, kinds)), -1).astype(np.int32),
        bound=np.where(coin(0.6, states, kinds), random.integers(0, states, (states, kinds)), -1).astype(np.int32),
        place=random.integers(0, 9, (states, 2)).astype(np.int32),
        left=random.integers(0, 4, states).astype(np.int32),
        scope=random.integers(0, 1 << sets, states).astype(np.uint64) << np.uint64(first % 64),
        renews=coin(0.3, states),
        unique=coin(0.7, states),
        remembers=coin(0.5, states),
        spares=coin(0.5, states),
        again=coin(0.4, states),
        opens=coin(0.4, states),
        closes=coin(0.5, states),
        final=coin(0.05, states),
        refused=Refused(fuses, codes, span) if coin(0.8) else None,
    )


class Slow:
    """The docstring of `Tables`, sentence by sentence."""

    def __init__(self, tables: Tables) -> None:
        self.tables, self.state = tables, tables.begin
        self.register = {bit for bit in range(64) if tables.open >> bit & 1}
        self.used: set[int] = set()
        self.line: list[int] = []
        self.before: int | None = None
        size = len(tables.classes)
        self.members = {bit: {v for v in range(size) if int(tables.sets[v]) >> bit & 1} for bit in range(64)}

    def open(self) -> set[int]:
        among = self.scope() if self.tables.renews[self.state] else self.register & self.scope()
        return {bit for bit in among if len(self.members[bit] - self.used) >= self.tables.left[self.state]}

    def scope(self) -> set[int]:
        return {bit for bit in range(64) if int(self.tables.scope[self.state]) >> bit & 1}

    def next(self, token: int) -> tuple[int, bool] | None:
        """The state after, and whether by the second rule."""
        kind = self.tables.classes[token]
        if self.tables.plain[self.state, kind] >= 0:
            return int(self.tables.plain[self.state, kind]), False
        if self.tables.bound[self.state, kind] >= 0 and any(token in self.members[bit] for bit in self.open()):
            return int(self.tables.bound[self.state, kind]), True
        return None

    def forbidden(self, token: int) -> bool:
        flags, state = self.tables, self.state
        if not flags.unique[state]:
            return False
        opened = self.open()
        scarce = opened and all(len(self.members[bit] - self.used) <= flags.left[state] for bit in opened)
        return token in self.used or bool(
            flags.spares[state] and scarce and all(token in self.members[bit] for bit in opened)
        )

    def ends(self, token: int) -> bool:
        """Whether it would end a line that is refused."""
        refused = self.tables.refused
        if refused is None or not self.tables.closes[self.state]:
            return False
        before = [] if self.tables.opens[self.state] else self.line
        line = [int(refused.codes[each]) for each in [*before, token]]
        span = refused.span
        return len(line) >= span and known(refused.known, line[:span]) and known(refused.known, line[-span:])

    def allowed(self) -> set[int]:
        found = set()
        for token in range(len(self.tables.classes)):
            again = self.tables.again[self.state] and token == self.before and self.tables.doubled[token]
            if self.next(token) is not None and (again or not self.forbidden(token)):
                found.add(token)
        return {token for token in found if not self.ends(token)} or found

    def write(self, token: int) -> None:
        step = self.next(token)
        assert step is not None
        if step[1]:
            held = {bit for bit in self.open() if token in self.members[bit]}
            self.register = self.register - self.scope() | held
        if step[1] or self.tables.remembers[self.state]:
            self.used = self.used | {token}
        self.line = [*([] if self.tables.opens[self.state] else self.line), token]
        self.before, self.state = token, step[0]


def told(walk: Walk, state: Any) -> tuple[Any, ...]:
    return walk.mask(state).tolist(), walk.place(state), walk.done(state)


@MANY
@given(seed=st.integers(0, 2**32))
def test_a_walk_is_what_the_tables_say(seed: int) -> None:
    random = np.random.default_rng(seed)
    tables = random_tables(random)
    walk, slow = Walk(tables), Slow(tables)
    state = walk.start()
    passed = []
    for _ in range(12):
        allowed = sorted(slow.allowed())
        assert np.flatnonzero(walk.mask(state)).tolist() == allowed
        assert walk.place(state) == tuple(tables.place[slow.state]) and walk.done(state) == tables.final[slow.state]
        passed.append((state, told(walk, state)))
        if not allowed or walk.done(state):
            break
        again = slow.before in allowed and random.random() < 0.5
        token = slow.before if again else int(random.choice(allowed))
        assert token is not None
        state = walk.advance(state, token)
        slow.write(token)
    for earlier, said in passed:
        assert told(walk, earlier) == said  # states never change


def test_every_rule_is_met() -> None:
    """The random walks are worth something: each rule takes a token away, or gives one back, in some of them."""
    met = dict.fromkeys(("used", "spared", "again", "refused", "kept", "short"), 0)
    for seed in range(240):
        random = np.random.default_rng(seed)
        tables = random_tables(random)
        slow = Slow(tables)
        for _ in range(12):
            allowed = sorted(slow.allowed())
            for token in range(len(tables.classes)):
                if slow.next(token) is not None:
                    met["used"] += token not in allowed and token in slow.used
                    met["spared"] += slow.forbidden(token) and token not in slow.used
                    met["again"] += slow.forbidden(token) and token in allowed
                    met["refused"] += token not in allowed and slow.ends(token)
                    met["kept"] += token in allowed and slow.ends(token)
            met["short"] += slow.open() != slow.register
            if not allowed or tables.final[slow.state]:
                break
            slow.write(int(random.choice(allowed)))
    assert min(met.values()) > 8, met


def test_a_token_that_is_not_allowed_leads_nowhere() -> None:
    tables = random_tables(np.random.default_rng(4))
    walk = Walk(replace(tables, plain=np.full_like(tables.plain, -1), bound=np.full_like(tables.bound, -1)))
    with pytest.raises(ValueError, match="not allowed"):
        walk.advance(walk.start(), 0)
