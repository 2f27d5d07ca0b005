"""From a theme to style, palette and finish, with reasons."""

import pytest

from muse.art import mood, moodtable, palette
from muse.art.corpus import STYLES
from muse.art.finishes.finish import FINISHES, STYLE_FINISH
from muse.errors import UsageError
from muse.tables.lexicon import interpret
from muse.terms import Features, Mood, Theme


def planned(text: str, **wishes: object) -> mood.Plan:
    reading = interpret(text)
    return mood.plan(reading.mood, None, reading.theme, **wishes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("秋江夜泊", "ink"),
        ("autumn river", "ink"),
        ("春日桃花", "botanical"),
        ("garden", "botanical"),
        ("star", "cosmic"),
        ("the sea at dawn", "ukiyo-e"),
        ("love", "oil"),
        ("electric city", "geometric"),
        ("dream of wind", "flow"),
        ("fate", "tarot"),
    ],
)
def test_a_theme_finds_its_style(text: str, style: str) -> None:
    assert {planned(text, seed=seed).style for seed in range(4)} == {style}


@pytest.mark.parametrize(("text", "name"), [("winter snow", "winter"), ("秋", "autumn"), ("fire and war", "ember")])
def test_a_theme_finds_its_palette(text: str, name: str) -> None:
    assert planned(text, style="oil").name == name


def test_a_theme_without_known_words_follows_the_seed() -> None:
    assert len({planned("blorf", seed=seed).style for seed in range(12)}) > 1
    assert planned("blorf", seed=5) == planned("blorf", seed=5)


def test_wishes_are_kept_and_said_so() -> None:
    plan = planned("snow", style="tarot", palette=("#ffffff", "#000000"), finish="riso")
    assert (plan.style, plan.palette, plan.finish) == ("tarot", ("#000000", "#ffffff"), "riso")
    assert sum("as asked" in why for why in plan.reasons) == 3


@pytest.mark.parametrize("wish", [{"style": "inc"}, {"palette": ("nope",)}, {"finish": "brushes"}])
def test_unknown_wishes_are_usage_errors(wish: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=r"did you mean|choose one of"):
        planned("snow", **wish)


def test_music_moves_the_mood() -> None:
    reasons: list[str] = []
    slow = mood.heard(Mood(), Features(mode="minor", tempo=56.0), reasons)
    fast = mood.heard(Mood(), Features(mode="major", tempo=150.0, energy=(0.9, 1.0)), reasons)
    assert slow.valence < 0 < fast.valence and slow.energy < 0 < fast.energy
    assert reasons[0] == "mood moved by the music (minor, 56 BPM)"
    assert mood.heard(Mood(0.3), Features(season="winter"), reasons) == Mood(0.3)


def test_the_season_of_a_poem_is_heard() -> None:
    plan = mood.plan(Mood(), Features(season="winter", imagery=("雪",)), Theme("x"), style="oil")
    assert plan.name == "winter"


def test_weights_are_shares_and_darken_with_sorrow() -> None:
    sad, glad = (mood.plan(Mood(v), None, Theme("x"), style="oil").weights for v in (-0.9, 0.9))
    assert sum(sad) == pytest.approx(1, abs=1e-3) and sad[0] > glad[0]


def test_the_tables_are_whole() -> None:
    assert set(STYLES) == set(moodtable.STYLE_WORDS) == set(moodtable.STYLE_MOODS) == set(STYLE_FINISH)
    assert set(moodtable.PALETTE_MOODS) == set(palette.PALETTES)
    assert set(STYLE_FINISH.values()) <= set(FINISHES)
    for _, _, suits in moodtable.PALETTE_MOODS.values():
        assert set(suits.split()) <= set(STYLES)
    for style in STYLES:
        assert any(not suits or style in suits.split() for _, _, suits in moodtable.PALETTE_MOODS.values())


def test_the_condition_is_lab_and_weights() -> None:
    colours, weights = planned("snow").condition()
    assert colours.shape == (5, 3) and weights.shape == (5,)
