"""From a theme to style, palette and finish, with reasons."""

import pytest

from muse.art import mood, moodtable, palette
from muse.art.corpus import STYLES
from muse.art.finishes.finish import FINISHES, STYLE_FINISH
from muse.art.musictable import MODES
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
        ("galaxy of silence", "cosmic"),
        ("星空", "cosmic"),
        ("水晶", "fractal"),
        ("塔罗", "tarot"),
        ("bridge over waves", "ukiyo-e"),
        ("techno grid", "geometric"),
        ("the fool and the moon card", "tarot"),
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


def test_music_moves_the_mood_and_the_plan_says_so() -> None:
    slow = mood.plan(Mood(), Features(mode="minor", tempo=56.0), Theme("x"))
    fast = mood.plan(Mood(), Features(mode="major", tempo=150.0, energy=(0.9, 1.0, 0.9)), Theme("x"))
    assert slow.mood.valence < 0 < fast.mood.valence and slow.mood.energy < 0 < fast.mood.energy
    assert slow.reasons[-1].startswith("mood moved to the music: minor") and "56 BPM" in slow.reasons[-1]


def test_no_music_moves_a_mood_that_was_asked_for() -> None:
    glad = Mood(valence=0.8)
    plan = mood.plan(glad, Features(mode="phrygian", tempo=50.0), Theme("x"), asked=True)
    assert plan.mood == glad and plan.reasons[-1] == "mood as asked: valence +0.8"


@pytest.mark.parametrize("mode", sorted(MODES))
def test_every_mode_speaks_for_styles_or_palettes(mode: str) -> None:
    features = Features(mode=mode, tempo=96.0)
    plans = [mood.plan(Mood(), features, Theme("x"), seed=seed) for seed in range(6)]
    row = MODES[mode]
    assert any(plan.style in row.styles.split() or plan.name in row.palettes.split() for plan in plans)


def test_each_choice_has_its_reason_in_order() -> None:
    reasons = planned("秋江夜泊", seed=3).reasons
    starts = ("ink wash: ", "palette ", "finish ", "mood ")
    assert all(why.startswith(start) for why, start in zip(reasons, starts, strict=True))
    assert "秋江" in reasons[0] and "夜泊" in reasons[1]


def test_a_word_is_not_heard_as_its_parts() -> None:
    assert {planned("银河", seed=seed).style for seed in range(3)} == {"cosmic"}


def test_the_title_says_more_than_the_body() -> None:
    body = Features(imagery=("ship", "harbour", "sea", "wave"), language="en")
    reading = interpret("electric city")
    assert mood.plan(reading.mood, body, reading.theme).style == "geometric"


@pytest.mark.parametrize("label", sorted(moodtable.LABELS))
def test_themes_of_verse_name_styles_and_palettes_that_are(label: str) -> None:
    styles, palettes = moodtable.LABELS[label]
    assert set(styles.split()) <= set(STYLES) and set(palettes.split()) <= set(palette.PALETTES)
    suited = [name for name in palettes.split() for suits in [moodtable.PALETTES[name].suits.split()]
              if not suits or set(suits) & set(styles.split())]  # fmt: skip
    assert suited, "no palette of it suits a style of it"


def test_a_strong_mood_calls_for_another_finish() -> None:
    calm, quick = (mood.plan(Mood(energy=e), None, Theme("x"), style="geometric") for e in (0.0, 0.8))
    assert (calm.finish, quick.finish) == ("flat", "riso") and "energy +0.8" in quick.reasons[2]


def test_a_palette_of_one_colour_has_shades_and_tints() -> None:
    plan = planned("snow", palette=("#c33322",))
    assert len(plan.palette) == len(plan.weights) == 5 and "#c33322" in plan.palette
    assert "shades and tints" in plan.reasons[1]


def test_the_season_of_a_poem_is_heard() -> None:
    plan = mood.plan(Mood(), Features(season="winter", imagery=("雪",)), Theme("x"), style="oil")
    assert plan.name == "winter"


def test_weights_are_shares_and_darken_with_sorrow() -> None:
    sad, glad = (mood.plan(Mood(v), None, Theme("x"), style="oil").weights for v in (-0.9, 0.9))
    assert sum(sad) == pytest.approx(1, abs=1e-3) and sad[0] > glad[0]


def test_the_tables_are_whole() -> None:
    assert set(STYLES) == set(moodtable.STYLES) == set(STYLE_FINISH)
    assert set(moodtable.PALETTES) == set(palette.PALETTES)
    assert set(STYLE_FINISH.values()) | {other for other, *_ in moodtable.FINISHES.values()} <= set(FINISHES)
    for shade in moodtable.PALETTES.values():
        assert set(shade.suits.split()) <= set(STYLES)
    for name in STYLES:
        assert any(not shade.suits or name in shade.suits.split() for shade in moodtable.PALETTES.values())
        assert moodtable.STYLES[name].why


def test_the_condition_is_lab_and_weights() -> None:
    colours, weights = planned("snow").condition()
    assert colours.shape == (5, 3) and weights.shape == (5,)
