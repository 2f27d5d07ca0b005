"""The composer turns wishes into promises, and keeps them with a model that has learned nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import muse
from muse import engine
from muse.bundle import Bundle
from muse.errors import UsageError, WishError
from muse.music import midi
from muse.music import vocabulary as words
from muse.music.composer import ENSEMBLES, PieceRequest, compose, drafted, prepare
from muse.music.course import transformer
from muse.music.events import Draft
from muse.music.model import MusicSettings, writer
from muse.music.mood import plan
from muse.music.scheme import Echo
from muse.music.theory import BEAT, Chord, Key, Meter
from muse.terms import Mood, Theme

TUNE = Draft("melody", Key(2), Meter(4, 4), (tuple((12 * n, 12, 62 + step, 5) for n, step in enumerate(
    (0, 2, 4, 5, 7, 5, 4, 2))),), 96)  # fmt: skip
"""Two bars in D."""


@pytest.mark.parametrize(
    ("changes", "error", "text"),
    [
        ({"bars": 0}, WishError, "0 bars"),
        ({"bars": 10_000}, WishError, "10000 bars"),
        ({"meter": "17/0"}, UsageError, "17/0"),
        ({"meter": "waltz"}, UsageError, "waltz"),
        ({"key": "H major"}, UsageError, "H major"),
        ({"tempo": 0.0}, WishError, "0 BPM"),
        ({"ensemble": "lede"}, UsageError, "lead"),
        ({"ensemble": "satb", "ranges": {"bass": (40, 43)}}, WishError, "bass is too narrow"),
        ({"ensemble": "satb", "ranges": {"bass": (72, 90), "soprano": (50, 64)}}, WishError, "range"),
        ({"ranges": {"kazoo": (60, 72)}}, UsageError, "kazoo"),
        ({"ranges": {"melody": (80, 60)}}, WishError, "from 80 to 60"),
        ({"candidates": 0}, UsageError, "0 candidates"),
        ({"leap": 1}, WishError, "leap"),
        ({"density": (5, 3)}, WishError, "5 to 3 notes"),
        ({"density": (40, 50)}, WishError, "room for"),
        ({"pickup": 200}, WishError, "pickup of 200"),
        ({"key": "C locrian"}, UsageError, "modes are"),
        ({"rhythm": ((0, 12), (6, 12))}, UsageError, "overlap"),
        ({"rhythm": ((0, 12),), "bars": 1, "meter": "4/4", "steps": (frozenset((1,)),)}, UsageError, "steps"),
        ({"rhythm": ((480, 12),), "bars": 1, "meter": "4/4"}, WishError, "longer than the piece"),
        ({"echoes": {2: Echo(5)}}, UsageError, "cannot repeat"),
        ({"given": TUNE, "bars": 2, "write": frozenset({(2, "melody")})}, UsageError, "the piece is a lead"),
        ({"given": TUNE, "bars": 2, "ensemble": "melody"}, UsageError, "to be written"),
    ],
)
def test_wishes_that_cannot_be(changes: dict, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        prepare(PieceRequest(**changes))


def test_moods_give_reasons() -> None:
    sad, glad = plan(Mood(valence=-0.8, energy=-0.6), 1), plan(Mood(valence=0.8, energy=0.7), 1)
    assert sad.key.mode == "minor" and glad.key.mode == "major" and sad.tempo < glad.tempo
    assert any("BPM: energy -0.6" in reason for reason in sad.reasons)


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    """An untrained tiny composer: promises must not hang on what a model learned."""
    settings = MusicSettings.load("tiny")
    weights = {name: value.detach().numpy() for name, value in transformer(settings).state_dict().items()}
    card = {"schema": 1, "kind": "music", "name": "tiny", "settings": settings.as_dict(), "data": [], "metrics": {},
            "vocabulary": list(words.NAMES)}  # fmt: skip
    return Bundle(weights, card)


@pytest.mark.parametrize("ensemble", ENSEMBLES)
def test_an_untrained_model_keeps_its_promises(bundle: Bundle, ensemble: str) -> None:
    request = PieceRequest(
        Theme("rain"), ensemble=ensemble, key="E minor", meter="6/8", tempo=83.0, bars=9, seed=3, candidates=2
    )
    piece = compose(request, bundle)
    again = compose(request, bundle)
    assert piece.midi() == again.midi()
    back = midi.read(piece.midi())
    assert (str(back.key), str(back.meter), back.tempo, back.bars) == ("E minor", "6/8", 83.0, 9)
    assert piece.report.valid is not False and piece.title == "rain"
    assert [track.notes for track in back.tracks] == [track.notes for track in piece.tracks]
    assert max(note.end for note in piece.notes) == 9 * 3 * BEAT


def test_a_prompt_is_continued(bundle: Bundle) -> None:
    given = Draft("melody", TUNE.key, TUNE.meter, TUNE.voices, 8 * 48)
    write = frozenset((bar, "melody") for bar in range(3, 9))
    request = PieceRequest(ensemble="melody", bars=8, given=given, write=write, candidates=2)
    chosen, draft, relaxed = drafted(writer(bundle, "cpu"), request)
    assert draft.voices[0][:8] == TUNE.voices[0] and len(draft.voices[0]) > 8
    assert (chosen.key, draft.bars, relaxed) == (TUNE.key, 8, ())


@pytest.mark.parametrize("ensemble", ["lead", "satb"])
def test_a_tune_is_harmonised(bundle: Bundle, ensemble: str) -> None:
    high = tuple((tick, length, pitch + (5 if ensemble == "satb" else 0), loud)
                 for tick, length, pitch, loud in TUNE.voices[0])  # fmt: skip
    below = {"satb": ("alto", "tenor", "bass"), "lead": ("chords",)}[ensemble]
    given = Draft(ensemble, TUNE.key, TUNE.meter, (high, *((),) * (len(below) * (ensemble == "satb"))), 96)
    write = frozenset((bar, part) for bar in (1, 2) for part in below)
    _, draft, _ = drafted(writer(bundle, "cpu"), PieceRequest(
        ensemble=ensemble, bars=2, given=given, write=write, candidates=2))  # fmt: skip
    assert draft.voices[0] == high
    assert all(draft.voices) if ensemble == "satb" else len(draft.chords) >= 2


def test_what_gives_way_is_said(bundle: Bundle) -> None:
    """A progression without a note of the tune's range cannot be kept; the report says where."""
    chords = (Chord(0, 0), Chord(48, 1))
    request = PieceRequest(ensemble="melody", key="C major", meter="4/4", bars=2, chords=chords, candidates=1,
                           ranges={"melody": (62, 69)}, ending="open")  # fmt: skip
    piece = compose(request, bundle)
    assert piece.chords == chords
    free = compose(PieceRequest(ensemble="melody", key="C major", meter="4/4", bars=2, candidates=1), bundle)
    assert not [promise for promise in free.report.promises if promise.kept == "relaxed"]


def test_a_wish_of_the_caller_chooses_among_candidates(bundle: Bundle) -> None:
    def high(draft: Draft) -> float:
        return 100.0 * max(pitch for _, _, pitch, _ in draft.voices[0])

    request = {"ensemble": "melody", "bars": 2, "candidates": 6, "seed": 4}
    best = drafted(writer(bundle, "cpu"), PieceRequest(**request, worth=high))[1]  # type: ignore[arg-type]
    other = drafted(writer(bundle, "cpu"), PieceRequest(**request, worth=lambda draft: -high(draft)))[1]  # type: ignore[arg-type]
    assert high(best) > high(other)


def test_a_long_piece_is_written_in_parts(bundle: Bundle) -> None:
    piece = compose(PieceRequest(ensemble="satb", meter="4/4", bars=40, seed=1, candidates=1), bundle)
    assert piece.bars == 40 and len(piece.tracks) == 4


def test_saves_all_files(bundle: Bundle, tmp_path: Path) -> None:
    piece = compose(PieceRequest(ensemble="lead", bars=4, seed=1, candidates=1), bundle)
    folder = piece.save(tmp_path / "piece")
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "piece.mid", "piece.json", "piece.musicxml", "piece.abc", "chords.svg", "chords.txt", "roll.svg", "roll.png",
        "piece.opus", "recipe.json",
    }  # fmt: skip


@pytest.mark.skipif(not engine.available(), reason=engine.explain())
def test_composing_needs_neither_torch_nor_music21(bundle: Bundle, tmp_path: Path) -> None:
    code = """
import sys
from muse.bundle import Bundle
from muse.music.composer import PieceRequest, compose
piece = compose(PieceRequest(ensemble="satb", bars=8, seed=1), Bundle.load(sys.argv[1]))
piece.save(sys.argv[2])
print([name for name in ("torch", "music21", "scipy", "pretty_midi", "symusic") if name in sys.modules])
"""
    command = [sys.executable, "-c", code, str(bundle.save(tmp_path / "tiny.safetensors")), str(tmp_path / "piece")]
    tested = Path(muse.__file__).parents[1]  # it may be an installed one
    found = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tested)
    assert found.stdout.strip() == "[]"
