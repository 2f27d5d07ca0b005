"""The rhythm of a line: the cheapest of all, stresses on strong places, a breath at its end."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from muse.music.sing.grid import LONGEST, Grid, strength, unit_of
from muse.music.sing.line import BREATH, HELD, Kind, cost, fit, kinds
from muse.music.theory import Meter
from muse.poem.english.prosody import lyrics as english
from muse.poem.prosody import lyrics as chinese


@pytest.mark.parametrize(
    ("meter", "strengths"),
    [("4/4", "30102010"[::2]), ("3/4", "311"), ("6/8", "32"), ("2/4", "32"), ("5/4", "31121"), ("12/8", "3121")],
)
def test_strengths_of_beats(meter: str, strengths: str) -> None:
    found = Meter.parse(meter)
    assert "".join(str(strength(found, tick)) for tick in range(0, found.bar, found.pulse)) == (
        "3121" if meter == "4/4" else strengths
    )
    assert strength(found, -found.bar) == 3 and strength(found, unit_of(found)) <= 1


@pytest.mark.parametrize("sorts", ["010", "101", "0101", "120"])
def test_no_rhythm_is_cheaper(sorts: str) -> None:
    """Against all rhythms of a short line, one by one."""
    grid, line = Grid(Meter(2, 4), 2, 1), tuple(Kind(sort) for sort in sorts)
    places = [place for place in grid.places if place <= 0]
    every = []
    for first in places:
        for rest in combinations([int(one) for one in grid.places if one > first], len(line) - 1):
            onsets = [int(first), *rest]
            lengths = [b - a for a, b in pairwise(onsets)]
            for last in range(1, min(LONGEST, grid.size - grid.reserve - onsets[-1]) + 1):
                if max(lengths) <= LONGEST:
                    every.append(cost(grid, line, list(zip(onsets, [*lengths, last], strict=True))))
    found = fit(grid, [line])
    assert found.cost == pytest.approx(min(every))
    assert cost(grid, line, found.rhythm(found.best)) == pytest.approx(found.cost)


def test_lines_of_one_rhythm_pay_together() -> None:
    grid = Grid(Meter(4, 4), 2, 2)
    lines = [tuple(map(Kind, "0101010")), tuple(map(Kind, "1001010"))]
    both = fit(grid, lines)
    rhythm = both.rhythm(both.best)
    assert both.cost == pytest.approx(sum(cost(grid, line, rhythm) for line in lines))
    assert both.cost >= sum(fit(grid, [line]).cost for line in lines) - 1e-9


def test_iambs_begin_with_an_upbeat_and_trochees_do_not() -> None:
    iambs = fit(Grid(Meter(4, 4), 3, 2), [tuple(map(Kind, "0101010101"))])
    trochees = fit(Grid(Meter(4, 4), 2, 0), [tuple(map(Kind, "1010101"))])
    assert iambs.rhythm(iambs.best)[0][0] < 0
    assert trochees.rhythm(trochees.best)[0][0] == 0
    for found, stressed in ((iambs, 1), (trochees, 0)):
        rhythm = found.rhythm(found.best)
        assert all(strength(Meter(4, 4), place * 6) >= 1 for place, _ in rhythm[stressed::2])


def test_each_line_has_its_breath() -> None:
    for meter in ("4/4", "3/4", "6/8", "7/8"):
        grid = Grid(Meter.parse(meter), 3, 1)
        found = fit(grid, [tuple(map(Kind, "01010101"))])
        place, long = found.rhythm(found.best)[-1]
        rest = grid.size - grid.reserve - place - long
        assert rest * grid.unit >= BREATH or long * grid.unit >= HELD


def test_a_line_of_one_syllable() -> None:
    found = fit(Grid(Meter(4, 4), 1, 0), [(Kind("1"),)])
    assert found.rhythm(found.best)[0][0] == 0


def test_feet_of_chinese_and_pauses_of_english() -> None:
    line = kinds(chinese(["床前明月光"]).syllables)
    assert [kind.sort for kind in line] == ["head", "foot", "head", "foot", "foot"]
    assert [kind.close for kind in line] == [False, True, False, False, True]
    said = kinds(english(["O wind, blow"]).syllables)
    assert [kind.close for kind in said] == [False, True, False]
    grid = Grid(Meter(4, 4), 2, 0)
    found = fit(grid, [kinds(chinese(["朝辞白帝彩云间"]).syllables)])
    assert [strength(Meter(4, 4), found.rhythm(found.best)[at][0] * 6) >= 2 for at in (0, 2, 4)] == [True] * 3
