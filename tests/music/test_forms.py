"""Forms: sections that fill the bars, returns that are returns, and an end that is free."""

from __future__ import annotations

from itertools import pairwise

import pytest

from muse.errors import MuseError, UsageError, WishError
from muse.music.chords import progression
from muse.music.forms import FORMS, formed, laid_out
from muse.music.theory import Key, Meter

FOUR = Meter(4, 4)


@pytest.mark.parametrize("form", [*FORMS, "AABA", "ABAB", "AA'BA'", "A", "ABACABA"])
@pytest.mark.parametrize("bars", [8, 12, 16, 24, 32, 33, 48, 250])
def test_sections_fill_the_bars_and_returns_are_of_earlier_bars(form: str, bars: int) -> None:
    for seed in range(4):
        plan = formed(form, bars, FOUR, seed)
        assert plan.sections[0].begin == 1 and plan.sections[-1].end == bars
        assert all(b.begin == a.end + 1 for a, b in pairwise(plan.sections))
        assert all(1 <= echo.source < bar < bars for bar, echo in plan.echoes.items())
        assert bars in plan.holds and {section.end for section in plan.sections} <= plan.holds
        assert len(plan.reasons) == len(plan.sections) == len(plan.marks)
        for section in plan.sections:
            source = next(each for each in plan.sections if each.letter == section.letter)
            if source is not section and section.bars > 1 and not section.name.endswith("'"):
                whole = [bar for bar in range(section.begin, section.end + 1)
                         if bar in plan.echoes and plan.echoes[bar].likeness == "whole"]  # fmt: skip
                assert all(plan.echoes[bar].source - source.begin == bar - section.begin for bar in whole)
                assert len(whole) >= min(section.bars, source.bars) // 2 or section.end == bars


def test_a_song_of_thirty_two_bars() -> None:
    plan = formed("AABA", 32, FOUR, 1)
    assert [(section.name, section.begin) for section in plan.sections] == [("A", 1), ("A", 9), ("B", 17), ("A", 25)]
    assert all(plan.echoes[bar].source == bar - 8 and plan.echoes[bar].likeness == "whole" for bar in range(9, 16))
    assert 16 not in plan.echoes and 32 not in plan.echoes
    assert plan.holds == {4, 8, 12, 16, 20, 24, 28, 32}
    assert plan.reasons[1] == "A, bars 9 to 16: as bars 1 to 8, but bar 16 varied"
    assert plan.marks == ((0, "A"), (8, "A"), (16, "B"), (24, "A"))


def test_verses_and_choruses() -> None:
    names = [section.name for section in laid_out("verse-chorus", 32)]
    assert names == ["Verse", "Chorus", "Verse", "Chorus"]
    assert [section.name for section in laid_out("Verse chorus", 48)][-2:] == ["Bridge", "Chorus"]
    plan = formed("verse-chorus", 32, FOUR, 2)
    assert all(plan.echoes[bar].source == bar - 16 for bar in range(25, 32))
    assert [section.name for section in laid_out("strophic", 24)] == ["A", "A", "A"]
    assert len({section.letter for section in laid_out("through", 24)}) == 3


def test_a_mark_varies_the_second_half() -> None:
    plan = formed("AA'", 16, FOUR, 3)
    assert [plan.echoes[bar].likeness for bar in range(9, 16)] == ["whole"] * 4 + ["rhythm"] * 3


def test_where_the_chords_differ_the_rhythm_alone_returns() -> None:
    chords = progression("C F G C Am F G C", Key(0), FOUR)
    plan = formed("AA", 8, FOUR, 1, chords)
    assert [plan.echoes[bar].likeness for bar in (5, 6, 7)] == ["rhythm", "whole", "whole"]


def test_the_seed_chooses_what_is_varied() -> None:
    plans = [formed("ABA", 24, FOUR, seed).echoes for seed in range(12)]
    assert any(plan != plans[0] for plan in plans) and formed("ABA", 24, FOUR, 0).echoes == plans[0]


@pytest.mark.parametrize(
    ("form", "bars", "error", "said"),
    [("ABACA", 4, WishError, "5 sections"), ("fugue", 16, UsageError, "form"), ("rondeau", 16, UsageError, "rondo"),
     ("aaba", 16, UsageError, "form"), ("", 16, UsageError, "form"), ("A" * 27, 64, UsageError, "form")],
)  # fmt: skip
def test_what_cannot_be_a_form(form: str, bars: int, error: type[MuseError], said: str) -> None:
    with pytest.raises(error) as caught:
        formed(form, bars, FOUR, 1)
    assert said in str(caught.value)
