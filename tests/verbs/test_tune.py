"""compose, with all that may be asked of it: kept and made again byte for byte, or refused by the field's name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import muse
from muse.errors import InputError, MuseError, UsageError, WishError
from muse.music.piece import Piece
from muse.verbs.check import check_files
from muse.verbs.remake import remake
from muse.verbs.tune import compose

pytestmark = pytest.mark.usefixtures("small")


def made(**wishes: Any) -> Piece:
    return compose(**{"theme": "" if "lyrics" in wishes else "river", "candidates": 1, "seed": 5, **wishes})


@pytest.fixture(scope="module")
def given(untrained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a lead sheet and a hymn, four bars each."""
    folder = tmp_path_factory.mktemp("given")
    for name, wishes in {
        "tune": {"ensemble": "lead", "key": "C major"},
        "hymn": {"ensemble": "satb", "key": "G"},
    }.items():
        piece = compose("river", bars=4, meter="4/4", seed=1, candidates=1, bundle=untrained / "composer.safetensors",
                        **wishes)  # type: ignore[arg-type]  # fmt: skip
        (folder / f"{name}.mid").write_bytes(piece.midi())
    return folder


WISHES: dict[str, Callable[[Path], dict[str, Any]]] = {
    "numerals": lambda at: {"chords": "i VI III VII", "bars": 8, "meter": "3/4", "ensemble": "band"},
    "symbols": lambda at: {"chords": "Dm7 G7 | C6/E Am9 | % | C", "ensemble": "piano", "bars": 4, "range": "C4-C6"},
    "satb on chords": lambda at: {"chords": "C F G C", "ensemble": "satb", "meter": "4/4", "bars": 4},
    "a form": lambda at: {"form": "ABA", "bars": 12, "instruments": "flute, guitar, bass, drums", "polyphony": 4},
    "a melody accompanied": lambda at: {"melody": at / "tune.mid", "instruments": "oboe, guitar, cello"},
    "a melody with other chords": lambda at: {"melody": at / "tune.mid", "chords": "C F G C", "ensemble": "band"},
    "a melody in four parts": lambda at: {"melody": at / "tune.mid", "ensemble": "satb"},
    "a piece continued": lambda at: {"continue_": at / "hymn.mid", "bars": 6},
    "a tune continued": lambda at: {"continue_": at / "tune.mid"},
    "a voice filled": lambda at: {"fill": f"{at}/hymn.mid:bars 2-3 alto"},
    "bars filled": lambda at: {"fill": (at / "tune.mid", "bars 2-3")},
    "a poem sung": lambda at: {"lyrics": "床前明月光/疑是地上霜/举头望明月/低头思故乡", "instruments": "voice, guitar"},
    "controls": lambda at: {"density": "2-5", "leap": 7, "rules": "free", "humanise": 0.4, "title": "River", "bars": 3},
}


@pytest.mark.parametrize("name", WISHES)
def test_every_wish_is_kept_and_made_again_byte_for_byte(name: str, given: Path, tmp_path: Path) -> None:
    piece = made(**WISHES[name](given))
    piece.save(tmp_path / "a")
    again = remake(tmp_path / "a" / "recipe.json")
    again.save(tmp_path / "b")
    first, second = ({file.name: file.read_bytes() for file in (tmp_path / at).iterdir()} for at in "ab")
    assert first == second
    broken = [promise for promise in piece.report.promises if promise.kept is False]
    assert not [promise for promise in broken if promise.name != "key"], broken  # a model that has learned nothing
    assert check_files(piece.files(), piece.recipe).promises


def test_a_given_tune_stays_note_for_note(given: Path) -> None:
    tune = muse.read(given / "tune.mid").melody.notes  # type: ignore[attr-defined]
    for wishes in ({"ensemble": "lead"}, {"ensemble": "satb"}, {"instruments": "violin, piano"}):
        piece = made(melody=given / "tune.mid", **wishes)
        assert [(n.tick, n.pitch, n.duration) for n in piece.tracks[0].notes] == [
            (n.tick, n.pitch, n.duration) for n in tune
        ]
    assert piece.tracks[0].program == 40 and piece.tracks[0].notes == tune


def test_what_is_not_filled_stays(given: Path) -> None:
    source, piece = muse.read(given / "hymn.mid"), made(fill=f"{given}/hymn.mid:bars 2-3 alto, tenor")
    assert isinstance(source, Piece) and [track.name for track in piece.tracks] == ["Soprano", "Alto", "Tenor", "Bass"]
    for number, (old, new) in enumerate(zip(source.tracks, piece.tracks, strict=True)):
        kept = [n for n in old.notes if number in (0, 3) or not 48 <= n.tick < 144]
        kept = [n for n in kept if number in (0, 3) or n.end <= 48 or n.tick >= 144]
        assert {(n.tick, n.pitch, n.duration) for n in kept} <= {(n.tick, n.pitch, n.duration) for n in new.notes}


def test_a_continuation_begins_with_what_was_given(given: Path) -> None:
    source, piece = muse.read(given / "hymn.mid"), made(continue_=given / "hymn.mid", bars=7)
    assert isinstance(source, Piece) and piece.bars == 7 and piece.key == source.key and piece.tempo == source.tempo
    for old, new in zip(source.tracks, piece.tracks, strict=True):
        assert new.notes[: len(old.notes)] == old.notes and new.notes[-1].tick >= 6 * 48


def test_chords_stand_in_the_file_as_they_were_asked() -> None:
    piece = made(chords="Dm9 | G7sus4 G7 | C6/E | C", meter="4/4", bars=4)
    assert str(piece.key) == "C major" and [chord.name(piece.key) for chord in piece.chords] == [
        "Dm9", "G7sus4", "G7", "C6/E", "C"
    ]  # fmt: skip
    again = Piece.from_dict(piece.as_dict())
    assert again.chords == piece.chords
    assert "C major: fits the chords" in piece.plan
    bass = {note.tick: note.pitch % 12 for note in reversed(piece.tracks[1].notes)}
    assert bass[2 * 48] == 4  # C6/E stands on E


def test_a_form_has_sections_that_return() -> None:
    piece = made(form="AABA", bars=16, meter="4/4", ensemble="melody")
    assert piece.sections == ((0, "A"), (4, "A"), (8, "B"), (12, "A"))
    assert any(line.startswith("A, bars 5 to 8: as bars 1 to 4") for line in piece.plan)
    bars = [[(n.tick % 48, n.pitch) for n in piece.melody.notes if n.tick // 48 == bar] for bar in range(16)]
    assert bars[4:7] == bars[0:3]


def test_bars_follow_from_chords_and_form() -> None:
    assert made(chords="Am F C G E").bars == 15 and made(chords="C | F | G").bars == 15
    assert made(form="rondo", ensemble="melody").bars == 20
    assert made(chords="C F G C", form="AABA", ensemble="melody").bars == 16


def test_the_density_moves_the_accompaniment() -> None:
    calm, lively = (made(density=density, meter="4/4", bars=4, ensemble="band") for density in ("1-2", "8-12"))
    assert len(calm.tracks[1].notes) < len(lively.tracks[1].notes)


REFUSED: dict[str, tuple[dict[str, Any], type[MuseError], str]] = {
    "range": ({"range": "C4-D#4"}, WishError, "range"),
    "bars": ({"bars": 0}, UsageError, "bars"),
    "meter": ({"meter": "17/0"}, UsageError, "meter"),
    "chords that do not fill": ({"chords": "Am F C", "bars": 16}, WishError, "chords"),
    "chords that are none": ({"chords": "Am H"}, WishError, "chords"),
    "instrument": ({"instruments": "flut, drums"}, UsageError, "instruments"),
    "ensemble": ({"ensemble": "choir"}, UsageError, "ensemble"),
    "form": ({"form": "AABBAABBAA", "bars": 4}, WishError, "form"),
    "ending": ({"ending": "perfect"}, UsageError, "ending"),
    "rules": ({"rules": "lax"}, UsageError, "rules"),
    "density": ({"density": "6-3"}, WishError, "density"),
    "density that is none": ({"density": "many"}, UsageError, "density"),
    "polyphony": ({"polyphony": 1}, WishError, "polyphony"),
    "two sources": ({"melody": "a.mid", "lyrics": "月"}, WishError, "melody and lyrics"),
    "a form for a poem": ({"lyrics": "床前明月光/疑是地上霜", "form": "AABA"}, WishError, "form"),
    "four voices for a poem": ({"lyrics": "床前明月光", "ensemble": "satb"}, WishError, "lyrics"),
    "fill": ({"fill": "hymn.mid bars 2"}, UsageError, "fill"),
    "no such file": ({"melody": "absent.mid"}, InputError, "absent.mid"),
    "score": ({"score": "gif"}, UsageError, "score"),
    "humanise": ({"humanise": 2.0}, UsageError, "humanise"),
}
"""What is refused before anything is composed, and what the error names."""
WITH_FILES: dict[str, tuple[dict[str, Any], type[MuseError], str]] = {
    "other meter": ({"melody": "tune.mid", "meter": "3/4"}, WishError, "meter"),
    "other bars": ({"melody": "tune.mid", "bars": 9}, WishError, "bars"),
    "too short": ({"continue_": "hymn.mid", "bars": 4}, WishError, "bars"),
    "a form for a piece": ({"continue_": "hymn.mid", "form": "ABA"}, WishError, "form"),
    "nothing to write": ({"melody": "tune.mid", "ensemble": "melody"}, WishError, "ensemble"),
    "no such bars": ({"fill": "hymn.mid:bars 3-9"}, WishError, "fill"),
    "no such voice": ({"fill": "hymn.mid:bars 3 viola"}, UsageError, "fill"),
}


@pytest.mark.parametrize("name", [*REFUSED, *WITH_FILES])
def test_what_cannot_be_is_refused_by_its_field_and_writes_nothing(
    name: str, given: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wishes, error, said = {**REFUSED, **WITH_FILES}[name]
    monkeypatch.chdir(given if name in WITH_FILES else tmp_path)
    before = sorted(given.iterdir())
    with pytest.raises(error) as caught:
        made(**wishes)
    assert said in str(caught.value), str(caught.value)
    assert list(tmp_path.iterdir()) == [] and sorted(given.iterdir()) == before


def test_an_ending_that_a_mode_lacks_is_refused() -> None:
    with pytest.raises(WishError, match="ending"):
        compose("reed", key="F# 角", ending="authentic", candidates=1, bars=4, seed=1)
    assert compose("reed", key="F# 角", ending="open", candidates=1, bars=4, seed=1).report.valid is not False
