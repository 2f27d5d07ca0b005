"""Verse to a melody: lines of given sizes, tones that follow the tune, templates of strong and weak places."""

from __future__ import annotations

import pytest

from muse.errors import WishError
from muse.poem.choose import scores
from muse.poem.melody import OWN, form_to, going, kept, template
from muse.poem.melody import scores as scores_to
from muse.poem.poem import Poem
from muse.poem.wishes import Wishes
from muse.terms import Phrase, Theme


def phrase(size: int, steps: str = "", accents: str = "", cadence: str = "") -> Phrase:
    signs = {"+": 1, "-": -1, "0": 0}
    up = tuple(signs[one] for one in steps or "0" * size)
    return Phrase(tuple(signs[one] for one in accents or "0" * size), up, cadence)


@pytest.mark.parametrize(("steps", "refused"), [("0+", [(0, 1)]), ("0-", [(1, 0)]), ("00", []), ("0++", [(0, 1)])])
def test_patterns_never_go_against_the_tune(steps: str, refused: list[tuple[int, int]]) -> None:
    size = len(steps)
    found = going(phrase(size, steps))
    for code in range(1 << size):
        tones = [code >> (size - 1 - at) & 1 for at in range(size)]
        against = any(
            (a, b) in refused for a, b, step in zip(tones, tones[1:], steps[1:], strict=False) if step != "0"
        )  # fmt: skip
        assert bool(found >> code & 1) == (not against)


def test_lines_of_one_width_are_a_regulated_form() -> None:
    names = [score.form for score in scores_to([phrase(5)] * 4)]
    assert names == ["五绝", OWN]
    assert [score.form for score in scores_to([phrase(5), phrase(7)])] == [OWN]
    rising = [phrase(5, "0++++")] * 4
    assert [score.form for score in scores_to(rising)] == [OWN], "no pattern of 五绝 only rises"
    assert next(scores_to(rising, "五绝")).form == "五绝", "but who asks for it gets it"


def test_even_lines_rhyme_and_close() -> None:
    (score,) = scores_to([phrase(4), phrase(6), phrase(3), phrase(9)])
    assert [line.rhyme for line in score.variants[0]] == ["", "a", "", "a"]
    assert score.outline.closes == (False, True, False, True) and score.widths == (4, 6, 3, 9)
    with pytest.raises(WishError, match="does not fit"):
        next(scores_to([phrase(4)] * 4, "五绝"))
    with pytest.raises(WishError, match="phrase of 13 notes"):
        next(scores_to([phrase(13)]))


def test_a_melody_and_a_tune_cannot_both_be_kept() -> None:
    wishes = Wishes(Theme("秋"), tune="浣溪沙", melody=(phrase(5), phrase(5)))
    with pytest.raises(WishError, match="cannot both"):
        next(scores(wishes, 1))


@pytest.mark.parametrize(
    ("accents", "steps"), [("-+-+", "wSwS"), ("+-+-", "SwSw"), ("-+0", "wSS"), ("000", "xxS"), ("--", "wS")]
)
def test_templates(accents: str, steps: str) -> None:
    assert template(phrase(len(accents), accents=accents)) == steps


def test_lines_that_end_alike_rhyme_in_english() -> None:
    ends = ["a", "b", "a", "b", "c"]
    form = form_to([phrase(6, cadence=end) for end in ends])
    letters = [line.rhyme for line in form.lines]
    assert letters[0] == letters[2] != letters[1] == letters[3] and letters[4] == ""
    plain = form_to([phrase(6, cadence=end) for end in "abcd"])
    assert [bool(line.rhyme) for line in plain.lines] == [False, True, False, True]
    assert len({line.rhyme for line in form_to([phrase(6, cadence="a")] * 10).lines}) == 3


def test_a_form_that_was_asked_for_must_fit() -> None:
    fits = form_to([phrase(8), phrase(6)] * 8, "ballad")
    assert fits.name == "ballad" and {len(step) for step in fits.lines[0].steps} == {8}
    with pytest.raises(WishError, match="sonnet does not fit"):
        form_to([phrase(8)] * 14, "sonnet")
    with pytest.raises(WishError, match="at most 28"):
        form_to([phrase(8)] * 30)


def test_what_is_kept_is_counted() -> None:
    sea = Poem("", ("The silver sea",), "", "en").lyrics()
    told = kept([phrase(4, accents="-+-+")], sea)
    assert told.valid is True and "2 of 2" in told.findings[0]
    assert kept([phrase(5)], sea).valid is False
    moon = Poem("", ("明月",), "", "zh").lyrics()
    assert "1 of 1" in kept([phrase(2, "0+")], moon).findings[0]
    assert "0 of 1" in kept([phrase(2, "0-")], moon).findings[0]
