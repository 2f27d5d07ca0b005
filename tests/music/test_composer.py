"""The automaton keeps every promise whatever is drawn, and the composer turns wishes into them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import muse
from muse import engine
from muse.bundle import Bundle
from muse.errors import UsageError, WishError
from muse.music import midi, rules
from muse.music import vocabulary as words
from muse.music.automaton import Automaton, State
from muse.music.composer import ENSEMBLES, PieceRequest, _absolute, compose, header_of, prepare
from muse.music.course import transformer
from muse.music.events import LINES, Draft, decode, encode
from muse.music.model import MusicSettings
from muse.music.mood import plan
from muse.music.sets import Mask
from muse.music.theory import BEAT, Key
from muse.terms import Mood, Theme

METERS = ("2/4", "3/4", "4/4", "6/8", "3/8", "2/2", "9/8", "12/8", "5/4", "7/8", "3/2", "4/8", "7/4")


def random_draft(request: PieceRequest, number: int, watch: Callable[[State, Mask], None] | None = None) -> Draft:
    """What the automaton leaves of pure chance; `watch` sees every state with its mask."""
    draw = np.random.default_rng(number)
    chosen, scheme, octave = prepare(request)
    automaton, written = Automaton(scheme), []
    state = automaton.start()
    while not automaton.done(state):
        mask = automaton.mask(state)
        assert mask.any() and not mask.flags.writeable
        if watch is not None:
            watch(state, mask)
        token = int(draw.choice(np.flatnonzero(mask)))
        written.append(token)
        state = automaton.advance(state, token)
    draft = decode([*header_of(chosen, scheme), *written], key=Key(0, scheme.mode), meter=scheme.meter)
    if str(scheme.meter) in words.METERS:
        assert decode(encode(draft).tokens) == draft
    return _absolute(draft, chosen.key, octave)


@pytest.mark.parametrize("ensemble", ENSEMBLES)
@pytest.mark.parametrize("number", range(12))
def test_chance_itself_keeps_every_promise(ensemble: str, number: int) -> None:
    draw = np.random.default_rng(1000 + number)
    key = Key(int(draw.integers(12)), "minor" if draw.random() < 0.5 else "major")
    meter = METERS[int(draw.integers(len(METERS)))]
    bars = int(draw.integers(1, 20))
    request = PieceRequest(ensemble=ensemble, key=str(key), meter=meter, bars=bars, seed=number)
    draft = random_draft(request, number)
    assert draft.length == bars * draft.meter.bar and str(draft.meter) == meter and draft.key == key
    for voice in draft.voices:
        assert voice[0][0] == 0 and voice[-1][0] + voice[-1][1] == draft.length
        assert all(pitch % 12 in key.scale for _, _, pitch, _ in voice)
    assert draft.voices[0][-1][2] % 12 == draft.voices[-1][-1][2] % 12 == key.tonic
    assert rules.count(draft).crossings == 0
    if ensemble == "lead":
        assert draft.chords[0].tick == 0 and draft.chords[-1].root == key.tonic
        assert all(chord.pitch_classes <= key.scale for chord in draft.chords)


@pytest.mark.parametrize("number", range(12))
def test_wide_leaps_and_parallels_only_where_nothing_else_is_left(number: int) -> None:
    request = PieceRequest(ensemble="satb", key="C major", meter="4/4", bars=6, seed=number)
    voices, seen = LINES["satb"], 0

    def watch(state: State, mask: Mask) -> None:
        nonlocal seen
        for voice, line in enumerate(voices):
            low, high = words.WINDOWS[line]
            allowed = [pitch for pitch in range(low, high + 1) if mask[words.note(line, pitch)]]
            held = state.before[voice]
            if not allowed or held < 0:
                continue
            leap = 12 if line == "bass" else 9
            assert len({abs(pitch - held) <= leap for pitch in allowed}) == 1
            for upper in range(voice):
                before, after = state.before[upper], state.held[upper]
                alike = [rules.moves_in_parallel((before, held), (after, pitch)) for pitch in allowed]
                assert len(set(alike)) == 1
                seen += not alike[0]

    random_draft(request, number, watch)
    assert seen > 20


@pytest.mark.parametrize("number", range(12))
def test_a_tune_repeats_what_its_form_repeats(number: int) -> None:
    request = PieceRequest(ensemble="lead", key="G major", meter="3/4", bars=16, seed=number)
    draft, (_, scheme, _) = random_draft(request, number), prepare(request)

    def bar(index: int) -> list[tuple[int, int]]:
        start = (index - 1) * draft.meter.bar
        return [(tick - start, pitch) for tick, _, pitch, _ in draft.voices[0] if 0 <= tick - start < draft.meter.bar]

    def chord(tick: int) -> tuple[int, str]:
        return next((chord.root, chord.quality) for chord in reversed(draft.chords) if chord.tick <= tick)

    assert any(echo.likeness == "whole" for echo in scheme.echoes.values())
    for index, echo in scheme.echoes.items():
        if echo.likeness == "whole":
            assert bar(index) == bar(echo.source)
            for tick in range(draft.meter.bar):
                here, there = ((place - 1) * draft.meter.bar + tick for place in (index, echo.source))
                assert chord(here) == chord(there)
        else:
            assert [tick for tick, _ in bar(index)] == [tick for tick, _ in bar(echo.source)]


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
    ],
)
def test_wishes_that_cannot_be(changes: dict, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        prepare(PieceRequest(**changes))


@pytest.mark.parametrize("low", [30, 48, 60, 72, 84])
def test_a_tune_stays_in_any_range(low: int) -> None:
    request = PieceRequest(ensemble="melody", key="F# minor", ranges={"melody": (low, low + 9)}, bars=6, seed=low)
    pitches = [pitch for _, _, pitch, _ in random_draft(request, low).voices[0]]
    assert low <= min(pitches) and max(pitches) <= low + 9


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
