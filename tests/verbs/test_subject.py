"""What a picture is about: themes, poems, pieces, both; palettes by name, by colours and by picture."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from muse.errors import InputError, UsageError
from muse.music.piece import Piece
from muse.poem.poem import Poem
from muse.terms import Features, Mood
from muse.verbs import subject
from muse.work import Recipe

POEM = Poem("雪夜", ("柳花风力缓", "桃李雨痕肥", "春色无人到", "芳妍满野飞"), "五绝", season="winter", imagery=("雪",))


class Sounding(Piece):
    features = Features(mode="minor", tempo=64.0, beats=(0.0, 0.9), density=2.0, register=55.0, energy=(0.4, 1.0))


@pytest.fixture
def piece() -> Piece:
    from muse.music.theory import Key, Meter

    return Sounding(
        "夜曲", Key.parse("D minor"), Meter(4, 4), 64.0, 8, (), recipe=Recipe("compose", 1, {"theme": "孤舟"})
    )


def test_a_theme_is_kept_as_it_was_written() -> None:
    found = subject.subject("autumn  river")
    assert found.plain == "autumn  river" and found.title == "autumn river"
    assert found.theme.season == "autumn" and not found.asked and found.features is None


def test_a_poem_is_its_title_and_a_part_of_its_lines() -> None:
    found, title = subject.subject(POEM), subject.subject("雪夜")
    assert found.title == "雪夜" and found.theme.words == title.theme.words
    assert found.features is not None and found.features.imagery == ("雪",)
    assert title.mood.valence < found.mood.valence  # its lines are of spring
    untitled = subject.subject(Poem("其一", POEM.lines, "五绝"))
    assert untitled.mood.valence > found.mood.valence


def test_a_mood_that_was_asked_for_stands() -> None:
    found = subject.subject(POEM, "valence=-0.9")
    assert found.asked and found.mood == Mood(valence=-0.9)


def test_a_poem_and_its_piece_go_together(piece: Piece) -> None:
    both = subject.subject((POEM, piece))
    assert both.title == "雪夜" and "孤舟" in both.theme.text
    assert both.features is not None
    assert (both.features.season, both.features.mode, both.features.tempo) == ("winter", "minor", 64.0)
    alone = subject.subject(piece)
    assert alone.title == "夜曲" and alone.features is not None and alone.features.season == ""


def test_a_piece_that_is_sung_brings_its_words(piece: Piece) -> None:
    sung = replace(piece, recipe=Recipe("compose", 1, {"theme": "", "lyrics": POEM.as_dict()}))
    found = subject.subject(sung)
    assert isinstance(found.plain, dict) and found.plain["verse"].startswith(POEM.lines[0])


def test_a_recipe_says_the_same_again(piece: Piece) -> None:
    both = subject.subject((POEM, piece))
    again = subject.subject(json.loads(json.dumps(both.plain)))
    assert again == both


@pytest.mark.parametrize("nothing", ["", (), {"text": "x"}])
def test_nothing_is_a_usage_error(nothing: object) -> None:
    with pytest.raises(UsageError, match="nothing to paint"):
        subject.subject(nothing)  # type: ignore[arg-type]


def test_features_that_are_none_are_a_usage_error() -> None:
    with pytest.raises(UsageError):
        subject.features_of({"colour": 3})


def test_works_are_merged() -> None:
    tracks = [
        Features(mode="minor", tempo=60.0, energy=(1.0,), imagery=("a",), season="winter"),
        Features(mode="minor", tempo=100.0, energy=(0.5,), beats=(0.0,), imagery=("b", "a")),
        Features(mode="major", register=70.0, language="zh"),
    ]
    found = subject.merged(tracks)
    assert (found.mode, found.tempo, found.register, found.season) == ("minor", 80.0, 70.0, "winter")
    assert (found.energy, found.imagery, found.beats, found.language) == ((1.0, 0.5), ("a", "b"), (0.0,), "zh")
    assert subject.merged([]) == Features()


def test_palettes_are_asked_for_by_name_colours_and_picture(tmp_path: Path) -> None:
    assert subject.palette_wish(None) is None and subject.palette_wish("") is None
    assert subject.palette_wish(("#abc",)) == ("#aabbcc",)
    picture = Image.new("RGB", (40, 30), "#204060")
    picture.paste("#e0c080", (0, 0, 20, 30))
    picture.save(tmp_path / "photo.png")
    found = subject.palette_wish(str(tmp_path / "photo.png"))
    assert found is not None and found[0] == "#204060" and found[-1] == "#e0c080"


def test_a_picture_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        subject.palette_wish(str(tmp_path / "photo.jpg"))
    with pytest.raises(UsageError):
        subject.palette_wish("atumn")
