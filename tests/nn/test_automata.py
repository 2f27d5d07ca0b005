"""Tables followed on the device, against the walk that says what they mean."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from verses import V, verse

from muse.constraint import Tables
from muse.errors import UsageError
from muse.nn.automata import Automata, longest
from muse.walk import Walk


def together(tables: list[Tables], seed: int) -> int:
    """Random walks in all lanes at once, masks and places compared at each step; how many steps had a refused line."""
    draw = np.random.default_rng(seed)
    automata = Automata(tables, len(tables[0].classes), "cpu")
    walks = [Walk(table) for table in tables]
    states = [walk.start() for walk in walks]
    blocked = 0
    while not all(walk.done(state) for walk, state in zip(walks, states, strict=True)):
        going = [not walk.done(state) for walk, state in zip(walks, states, strict=True)]
        assert automata.done().tolist() == [not on for on in going]
        found = automata.allowed().numpy()
        rows, columns = automata.place()
        tokens = []
        for lane, (walk, state) in enumerate(zip(walks, states, strict=True)):
            tokens.append(0)
            if going[lane]:
                mask = walk.mask(state)
                np.testing.assert_array_equal(found[lane], mask)
                assert (int(rows[lane]), int(columns[lane])) == walk.place(state)
                blocked += int(mask.sum() != Walk(replace(tables[lane], refused=None)).mask(state).sum())
                tokens[lane] = int(draw.choice(np.flatnonzero(mask)))
                states[lane] = walk.advance(state, tokens[lane])
        automata.advance(torch.tensor(tokens), torch.tensor(going))
    return blocked


def test_masks_places_and_ends_are_those_of_the_walk() -> None:
    blocked = 0
    for seed in range(10):
        rules = [verse(seed * 10 + n, lines=2 + n % 3, refused=25_000 * (n % 2)) for n in range(3)]
        blocked += together([*rules, *rules, rules[0]], seed)
    assert blocked > 20


def test_one_set_of_tables_for_all_lanes() -> None:
    together([verse(1, refused=30_000)] * 9, 1)


def test_where_every_line_is_refused_none_is() -> None:
    walk = Walk(verse(3, lines=2, size=16, refused=60_000))
    assert together([walk.tables()] * 3, 2) == 0


def test_the_token_before_may_come_again_and_the_last_rhyme_words_are_spared() -> None:
    """Without `again` and `spares` the masks are others: the walks above do meet both."""
    for name in ("again", "spares", "unique"):
        met = 0
        for seed in range(20):
            with_it = verse(seed)
            off = replace(with_it, **{name: np.zeros_like(with_it.again)})
            draw = np.random.default_rng(seed)
            walk, other = Walk(with_it), Walk(off)
            state = walk.start()
            while not walk.done(state):
                mask = walk.mask(state)
                met += int((mask != other.mask(state)).any())
                state = walk.advance(state, int(draw.choice(np.flatnonzero(mask))))
        assert met > 0, name


def test_the_longest_way() -> None:
    assert longest(verse(0, lines=3), 1000) == 14
    rules = verse(0, lines=3)
    rules.plain[4, 0] = 0  # a way back: no end can be told
    assert longest(rules, 1000) == 1000


def test_tables_of_another_vocabulary_are_refused() -> None:
    with pytest.raises(UsageError, match="40 tokens"):
        Automata([verse(0)], V + 1, "cpu")


def test_several_rhymes_each_in_bits_of_its_own() -> None:
    for seed in range(10):
        draw, rule = np.random.default_rng(seed), verse(seed, size=120)
        count = len(rule.final)
        one_for_all = np.uint64(1 << 63)  # so that every place can be written
        scope = draw.integers(0, 32, count).astype(np.uint64) | one_for_all
        rule = replace(rule, open=rule.open | 1 << 63, sets=rule.sets | one_for_all, scope=scope,
                       renews=draw.random(count) < 0.4)  # fmt: skip
        together([rule, verse(seed, size=120)], seed)
