"""What a user may type as a theme or a mood."""

from __future__ import annotations

import pytest

from muse.errors import UsageError
from muse.terms import Mood
from muse.verbs import wishes


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("秋江夜泊", "秋江夜泊"),
        ("  autumn \n river\t", "autumn river"),
        ("秋\u202e江\u2066夜\u2069", "秋江夜"),
        ("a\x00b\x1b[31mc", "ab[31mc"),
        ("🌸🍂", "🌸🍂"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("e\u0301te\u0301", "été"),
        ("秋 autumn осень خريف", "秋 autumn осень خريف"),
    ],
)
def test_a_theme_is_one_clean_line(text: str, cleaned: str) -> None:
    assert wishes.clean(text) == cleaned


@pytest.mark.parametrize("text", ["", "   \n", "\x00\x01", "\u202e\u2066", "\u200d", "秋\ud800", "x" * 2001, None, 7])
def test_what_is_no_theme_is_refused_with_a_next_step(text: object) -> None:
    with pytest.raises(UsageError) as caught:
        wishes.clean(text)
    assert caught.value.exit_code == 2
    assert caught.value.what and caught.value.next_step


def test_dropped_marks_are_told() -> None:
    assert "control" in " ".join(wishes.read_theme("秋\u202e江").notes)


def test_a_mood_is_read_from_axes_words_and_mappings() -> None:
    assert wishes.read_mood("energy=-0.6, valence=0.3") == Mood(valence=0.3, energy=-0.6)
    assert wishes.read_mood({"tension": 1}) == Mood(tension=1)
    assert wishes.read_mood(Mood(warmth=0.5)) == Mood(warmth=0.5)
    assert wishes.read_mood(None) is None
    calm = wishes.read_mood("calm")
    assert calm is not None and calm.energy < 0


@pytest.mark.parametrize("mood", ["energi=0.5", "energy=2", "energy=much", "energy=nan", "qwxyz", {"joy": 1}])
def test_a_mood_that_is_none_is_refused(mood: object) -> None:
    with pytest.raises(UsageError) as caught:
        wishes.read_mood(mood)  # type: ignore[arg-type]
    assert caught.value.next_step


def test_the_closest_axis_is_named() -> None:
    with pytest.raises(UsageError, match="energy"):
        wishes.read_mood("energi=0.5")


def test_an_asked_mood_takes_the_place_of_the_one_read() -> None:
    assert wishes.read_theme("秋江夜泊", "energy=0.9").mood == Mood(energy=0.9)


@pytest.mark.parametrize("value", [0, 257, True, 1.5, "3"])
def test_a_whole_number_has_bounds(value: object) -> None:
    with pytest.raises(UsageError):
        wishes.whole("bars", value, 1, 256)


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan"), "0.5", True])
def test_a_part_lies_between_its_ends(value: object) -> None:
    with pytest.raises(UsageError):
        wishes.part("amount", value)
