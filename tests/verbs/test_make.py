"""Every verb gives a work that keeps its promises, and its recipe gives the same bytes again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import muse
from muse.errors import InputError, UsageError, WishError
from muse.terms import Mood
from muse.verbs import depict, make, tune, verse
from muse.verbs.check import check, check_files
from muse.verbs.remake import remake
from muse.work import Work

pytestmark = pytest.mark.usefixtures("small")


@pytest.fixture(scope="module")
def piece(untrained: Path) -> make.Piece:  # type: ignore[name-defined]
    return tune.compose("秋", bars=4, ensemble="melody", key="C major", meter="4/4", seed=3, candidates=1,
                        bundle=untrained / "composer.safetensors")  # fmt: skip


MAKERS: dict[str, Callable[[make.Piece], Work]] = {  # type: ignore[name-defined]
    "poem": lambda piece: verse.poem("秋江夜泊", form="五绝", candidates=2, seed=7),
    "compose": lambda piece: tune.compose(
        "autumn river", bars=4, ensemble="satb", seed=7, candidates=1, range="tenor=C3-G4"
    ),
    "vary": lambda piece: make.vary(
        piece, amount=0.5, lock=("contour", "bars=1"), bars="1-3", dial="leaps=+0.5", track="1", count=2, seed=7
    )[1],
    "blend": lambda piece: make.blend(piece, piece, steps=3, seed=7)[1],
    "cover": lambda piece: depict.cover(piece, artist="Muse", pixels=512, candidates=1, seed=7),
}


@pytest.mark.parametrize("verb", MAKERS)
def test_a_work_is_made_again_byte_for_byte_in_another_folder(verb: str, piece: Work, tmp_path: Path) -> None:
    work = MAKERS[verb](piece)  # type: ignore[arg-type]
    work.save(tmp_path / "a")
    told: list[str] = []
    again = remake(tmp_path / "a" / "recipe.json", tell=told.append)
    again.save(tmp_path / "b")
    first, second = ({file.name: file.read_bytes() for file in (tmp_path / name).iterdir()} for name in "ab")
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
    assert told == []
    assert check(tmp_path / "a").valid is not False


def test_poems_are_the_poems_of_their_seeds() -> None:
    wishes: dict[str, object] = {"form": "五绝", "candidates": 2, "title": "秋"}
    many = list(verse.poems("秋江", seeds=[7, 9, 8], **wishes))  # type: ignore[arg-type]
    assert [each.recipe.seed for each in many] == [7, 9, 8]
    for each in many:
        alone = verse.poem("秋江", seed=each.recipe.seed, **wishes)  # type: ignore[arg-type]
        assert alone.files() == each.files() and alone.recipe == each.recipe


def test_another_seed_is_another_poem_and_no_seed_a_fresh_one() -> None:
    one, other = (verse.poem("明月", form="七绝", candidates=1, seed=seed) for seed in (1, 2))
    assert one.lines != other.lines
    assert verse.poem("明月", candidates=1).recipe.seed != verse.poem("明月", candidates=1).recipe.seed


@pytest.mark.parametrize("form", ["五绝", "七绝", "五律", "七律"])
def test_the_form_that_was_asked_is_kept(form: str) -> None:
    poem = verse.poem("秋", form=form, candidates=1, seed=5)
    assert poem.form == form and poem.report.valid is True


@pytest.mark.parametrize(
    "theme", ["autumn river", "🌸🍂", "秋 autumn осень", "qwxyz", "a" * 2000, "e\u0301te\u0301", "42"]
)
def test_every_theme_works(theme: str) -> None:
    poem = verse.poem(theme, form="五绝", candidates=1, seed=1)
    assert poem.report.valid is True


def test_an_unknown_word_is_neutral_and_says_so() -> None:
    assert any("qwxyz" in note for note in verse.poem("qwxyz", form="五绝", candidates=1, seed=1).report.findings)


def test_what_is_asked_of_a_piece_is_kept() -> None:
    wishes = {"bars": 5, "key": "F# minor", "meter": "3/4", "tempo": 77.0}
    piece = tune.compose("storm", **wishes, ensemble="lead", range="C4-C6", candidates=1, seed=2)  # type: ignore[arg-type]
    report = check_files(piece.files(), piece.recipe)
    assert report.valid is not False
    assert (str(piece.key), str(piece.meter), piece.bars, piece.tempo) == ("F# minor", "3/4", 5, 77.0)
    assert all(60 <= note.pitch <= 84 for note in piece.melody.notes)


def test_a_mood_moves_the_music() -> None:
    slow, fast = (tune.compose("秋", bars=2, mood=Mood(energy=energy), candidates=1, seed=1) for energy in (-1, 1))
    assert slow.tempo < fast.tempo


def test_amount_zero_gives_the_melody_back(piece: Work) -> None:
    assert make.vary(piece, amount=0, seed=1)[0].melody.notes == piece.melody.notes  # type: ignore[arg-type,attr-defined]


def test_a_cover_follows_a_poem() -> None:
    poem = verse.poem("秋江夜泊", form="五绝", candidates=1, seed=1)
    cover = depict.cover(poem, pixels=512, candidates=1, seed=1)
    assert cover.title == poem.title and cover.recipe.request["theme"]["features"]["language"] == "zh"


@pytest.mark.parametrize(
    ("ask", "error"),
    [
        (lambda: verse.poem("秋", form="七決"), UsageError),
        (lambda: verse.poem("秋", lang="fr"), UsageError),
        (lambda: verse.poem("秋", seed=-1), UsageError),
        (lambda: verse.poem("秋", seed=2**63), UsageError),
        (lambda: verse.poem("秋", title="\x00"), UsageError),
        (lambda: tune.compose("秋", key="H minor"), UsageError),
        (lambda: tune.compose("秋", meter="3/7"), UsageError),
        (lambda: tune.compose("秋", ensemble="choir"), UsageError),
        (lambda: tune.compose("秋", range="A5-C4"), UsageError),
        (lambda: tune.compose("秋", range="alto=C4-A4", ensemble="lead"), UsageError),
        (lambda: tune.compose("秋", tempo=0), (UsageError, WishError)),
        (lambda: tune.compose("秋", tempo=float("nan")), (UsageError, WishError)),
        (lambda: tune.compose("秋", bars=0), UsageError),
        (lambda: tune.compose("秋", sound="mp3"), UsageError),
        (lambda: tune.compose("秋", soundfont="absent.sf2"), InputError),
        (lambda: make.vary("absent.mid"), InputError),
        (lambda: make.vary({"tracks": 7}), InputError),
        (lambda: depict.cover("秋", style="watercolor"), UsageError),
        (lambda: depict.cover("秋", palette="#12"), UsageError),
        (lambda: depict.cover("秋", pixels=10), UsageError),
        (lambda: depict.cover("秋", finish="gloss"), UsageError),
        (lambda: depict.cover(""), UsageError),
        (lambda: depict.cover({"text": "x"}), UsageError),
    ],
)
def test_what_cannot_be_is_refused_by_name(ask: Callable[[], object], error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        ask()
    assert isinstance(caught.value, muse.MuseError) and caught.value.what


@pytest.mark.parametrize(
    "data", [b"", b"MThd", b"MThd\x00\x00\x00\x06\x00\x01\xff\xff\x01\xe0", b"RIFF" * 50, b"\x80\x04\x95K\x00."]
)
def test_a_file_that_is_no_midi_is_an_input_error(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.mid").write_bytes(data)
    with pytest.raises(InputError):
        make.vary(tmp_path / "x.mid")
