"""music21 and pretty_midi: there and back, the same music."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from muse.errors import InputError
from muse.music.piece import Note, Piece, Track
from muse.music.theory import Chord, Key, Meter


def made(seed: int) -> Piece:
    """A song, a keyboard part of two voices, and drums."""
    draw = random.Random(seed)
    meter = Meter.parse(draw.choice(["3/4", "4/4", "6/8"]))
    pickup, bars = draw.choice([0, 12]), 4
    end = pickup + bars * meter.bar
    now, tune = 0, []
    while now < end:
        length = min(draw.choice([3, 4, 8, 6, 12, 18, 30]), end - now)
        tune.append(
            Note(now, draw.randrange(60, 80), length, draw.randrange(1, 128), 0, draw.choice(["", "la-", "_", "O"]))
        )
        now += length
    if tune[0].lyric == "_":
        tune[0] = replace(tune[0], lyric="O")
    high = [Note(12 * i, 72 + i % 5, 12, 70) for i in range(end // 12)]
    low = [Note(pickup + bar * meter.bar, 40 + bar, meter.bar, 60, 1) for bar in range(bars)]
    drums = [
        Note(pickup + 6 * i, draw.choice([36, 38, 42]), draw.choice([3, 6]), 90) for i in range(bars * meter.bar // 6)
    ]
    chords = (
        Chord(pickup, 0, "m"),
        Chord(pickup + meter.bar, 7, "7", bass=11),
        Chord(pickup + 2 * meter.bar, 5, "7", written="9"),
    )
    tracks = (
        Track("Voice", 52, tuple(tune)),
        Track("Piano", 0, tuple(sorted(high + low))),
        Track("Drums", 0, tuple(drums), True),
    )
    key = Key(draw.randrange(12), draw.choice(["major", "minor"]))  # type: ignore[arg-type]
    return Piece(f"Piece {seed}", key, meter, float(draw.randrange(50, 160)), bars, tracks, pickup, chords)


@pytest.mark.parametrize("seed", range(3))
def test_music21_and_back(seed: int) -> None:
    piece = made(seed)
    assert Piece.from_music21(piece.to_music21()).as_dict() == piece.as_dict()


@pytest.mark.parametrize("seed", range(6))
def test_pretty_midi_and_back(seed: int) -> None:
    piece = made(seed)
    flat = tuple(replace(t, notes=tuple(replace(note, voice=0) for note in t.notes)) for t in piece.tracks)
    back = Piece.from_pretty_midi(piece.to_pretty_midi(), piece.title)
    assert back.as_dict() == replace(piece, tracks=flat).as_dict()


def test_a_score_of_music21_is_read() -> None:
    from music21 import converter

    score = converter.parse("tinynotation: 6/8 c8 d e f4. g8 a b c'4.")
    found = Piece.from_music21(score)
    assert [(n.tick, n.duration, n.pitch) for n in found.notes][:4] == [
        (0, 6, 60),
        (6, 6, 62),
        (12, 6, 64),
        (18, 18, 65),
    ]
    assert str(found.meter) == "6/8" and found.bars == 2


def test_what_is_changed_in_music21_comes_back_changed() -> None:
    score = made(1).to_music21().transpose(2)
    assert [n.pitch for n in Piece.from_music21(score).tracks[0].notes] == [
        n.pitch + 2 for n in made(1).tracks[0].notes
    ]


def test_nothing_to_read() -> None:
    import pretty_midi
    from music21 import stream

    with pytest.raises(InputError, match="0 notes"):
        Piece.from_music21(stream.Score())
    with pytest.raises(InputError, match="0 notes"):
        Piece.from_pretty_midi(pretty_midi.PrettyMIDI())
