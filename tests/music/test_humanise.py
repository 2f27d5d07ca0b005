"""Humanised: never far from the grid, never one over another, the same with the same seed, shaped by phrases."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import pairwise

import mido
import numpy as np
import pytest

from muse.errors import UsageError
from muse.music import midi
from muse.music.humanise import MOST, humanised, phrases, pink
from muse.music.notes import Note, Track
from muse.music.piece import Piece
from muse.music.smf import SCALE
from muse.music.theory import BEAT, Key, Meter
from muse.work import Recipe


def piece(tempo: float = 96.0, step: int = 6, seed: int = 7, **changes: object) -> Piece:
    count = 8 * 48 // step
    tune = tuple(Note(step * i, 60 + i * 5 % 13, step, 80) for i in range(count))
    bass = tuple(Note(24 * i, 40 + i % 5, 24, 70) for i in range(16))
    drums = tuple(Note(12 * i, 36, 6, 90) for i in range(32))
    tracks = (Track("Melody", 73, tune), Track("Bass", 32, bass), Track("Drums", 0, drums, True))
    value = Piece("", Key(0), Meter(4, 4), tempo, 8, tracks, recipe=Recipe("compose", seed), humanise=1.0)
    return replace(value, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("tempo", [40.0, 96.0, 150.0, 240.0])
@pytest.mark.parametrize("step", [1, 3, 4, 6])
def test_notes_stay_near_the_grid_and_one_after_another(tempo: float, step: int) -> None:
    made = piece(tempo, step)
    seconds = 60 / tempo / BEAT
    for track, played in zip(made.tracks, humanised(made, 1.0, 7), strict=True):
        assert all(abs(late) * seconds <= MOST + 1e-9 and abs(late) < 0.5 for late in played.late.values())
        places = [(note.tick + played.late[note.tick], note.end + played.late[note.end]) for note in track.notes]
        assert all(begin < end for begin, end in places)
        assert all(a[1] <= b[0] for a, b in pairwise(places))
    assert any(abs(late) * seconds > MOST / 4 or abs(late) > 0.1 for late in humanised(made, 1.0, 7)[0].late.values())


@pytest.mark.parametrize("tempo", [40.0, 96.0, 240.0])
def test_a_reader_finds_the_grid_again(tempo: float) -> None:
    made = piece(tempo)
    assert made.midi() != replace(made, humanise=0.0).midi()
    back = midi.read(made.midi())
    for track, written in zip(back.tracks, made.tracks, strict=True):
        assert [(n.tick, n.duration, n.pitch) for n in track.notes] == [
            (n.tick, n.duration, n.pitch) for n in written.notes
        ]
    assert replace(made, humanise=0.0).musicxml() == made.musicxml()


def test_the_seed_decides() -> None:
    assert piece().midi() == piece().midi() != piece(seed=8).midi()
    still = humanised(piece(), 0.0, 7)
    assert all(late == 0 for played in still for late in played.late.values())
    assert still[0].velocities == tuple(note.velocity for note in piece().tracks[0].notes)


def test_players_drift_together() -> None:
    first, second, _ = humanised(piece(step=24), 1.0, 7)
    shared = sorted(first.late.keys() & second.late.keys())
    a, b = ([played.late[tick] for tick in shared] for played in (first, second))
    assert np.corrcoef(a, b)[0, 1] > 0.5


def test_the_noise_is_slow() -> None:
    """1/f: neighbours are alike, and low frequencies hold more than high ones."""
    values = np.array(pink(4096, 1, "x"))
    assert 0.35 < values.std() < 0.65 and np.corrcoef(values[:-1], values[1:])[0, 1] > 0.5
    power = np.abs(np.fft.rfft(values - values.mean())) ** 2
    bands = [power[low : 2 * low].mean() for low in (64, 128, 256, 512, 1024)]
    slope = np.polyfit(np.arange(5), np.log2(bands), 1)[0]
    assert -1.6 < slope < -0.5


def test_loudness_arches_over_phrases() -> None:
    made = piece()
    loud = humanised(made, 1.0, 7)[0].velocities
    starts = phrases(made)
    assert starts == [0, 192]
    middle = [v for v, note in zip(loud, made.tracks[0].notes, strict=True) if 60 <= note.tick % 192 < 132]
    edges = [v for v, note in zip(loud, made.tracks[0].notes, strict=True) if not 24 <= note.tick % 192 < 168]
    assert np.mean(middle) > np.mean(edges) + 8
    assert all(1 <= velocity <= 127 for velocity in loud)
    quiet = Track("A", 0, tuple(Note(12 * i, 60, 12, 1 if i % 2 else 127) for i in range(32)))
    assert all(1 <= v <= 127 for v in humanised(replace(made, tracks=(quiet,)), 1.0, 7)[0].velocities)


def test_phrases_begin_after_long_notes() -> None:
    tune = (Note(0, 60, 12), Note(12, 60, 12), Note(24, 60, 60), Note(84, 62, 12), Note(96, 62, 12))
    assert phrases(piece(tracks=(Track("A", 0, tune),), bars=3)) == [0, 84]
    assert phrases(piece(tracks=())) == [0, 192]


def test_the_file_says_where_words_are_sung() -> None:
    sung = tuple(Note(12 * i, 60, 12, lyric=text) for i, text in enumerate(("秋", "riv-", "er", "_")))
    found = mido.MidiFile(file=io.BytesIO(piece(tracks=(Track("A", 0, sung),)).midi()), charset="utf-8")
    now, words, notes = 0, {}, []
    for message in found.tracks[1]:
        now += message.time
        if message.type == "lyrics":
            words[now] = message.text
        elif message.type == "note_on":
            notes.append(now)
    assert list(words.values()) == ["秋", "riv-", "er", "_"] and list(words) == notes
    assert [round(tick / SCALE) for tick in notes] == [0, 12, 24, 36]


@pytest.mark.parametrize("amount", [-0.1, 1.01, float("nan")])
def test_other_amounts_are_refused(amount: float) -> None:
    with pytest.raises(UsageError, match="humanise"):
        humanised(piece(), amount, 7)
