"""MIDI: the same bytes every time, read back as written, and every damaged file refused with a reason, soon."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import time
from pathlib import Path

import mido
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse.errors import InputError
from muse.music import midi
from muse.music.piece import Note, Piece, Track
from muse.music.theory import QUALITIES, Chord, Key, Meter
from muse.work import Recipe


def small(**changes: object) -> Piece:
    notes = tuple(Note(12 * i, 60 + i, 12, 64 + i) for i in range(8))
    fields: dict[str, object] = {
        "title": "秋江 1", "key": Key.parse("Eb minor"), "meter": Meter.parse("3/4"), "tempo": 97.0, "bars": 3,
        "tracks": (Track("Melody", 73, notes),), "recipe": Recipe("compose", 7, {"bars": 3}),
    }  # fmt: skip
    return Piece(**{**fields, **changes})  # type: ignore[arg-type]


def chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack(">I", len(body)) + body


def header(kind: int = 1, tracks: int = 1, division: int = 480) -> bytes:
    return chunk(b"MThd", struct.pack(">HHH", kind, tracks, division))


END = b"\x00\xff\x2f\x00"
NOTE = b"\x00\x90\x3c\x40\x60\x80\x3c\x40"


@st.composite
def pieces(draw: st.DrawFn) -> Piece:
    meter = Meter.parse(draw(st.sampled_from(["2/4", "3/4", "4/4", "6/8", "3/8", "2/2", "9/8", "12/8", "5/4"])))
    pickup = draw(st.sampled_from([0, 0, 6, 12]))
    bars = draw(st.integers(1, 5))
    tracks = []
    for index in range(draw(st.integers(1, 3))):
        now, notes = 0, []
        for _ in range(draw(st.integers(1, 10))):
            duration = draw(st.sampled_from([1, 3, 4, 6, 12, 24]))
            if now + duration > pickup + bars * meter.bar:
                break
            notes.append(
                Note(
                    now,
                    draw(st.integers(0, 127)),
                    duration,
                    draw(st.integers(1, 127)),
                    0,
                    draw(st.sampled_from(["", "江"])),
                )
            )
            now += duration + draw(st.sampled_from([0, 0, 6]))
        if not notes:
            notes = [Note(0, 60, 1)]
        tracks.append(Track(f"T{index}", draw(st.integers(0, 127)), tuple(notes)))
    end = max(note.end for track in tracks for note in track.notes)
    bars = max(1, -(-(end - pickup) // meter.bar))
    key = Key(draw(st.integers(0, 11)), draw(st.sampled_from(["major", "minor"])))
    quality = draw(st.sampled_from(list(QUALITIES)))
    chords = (Chord(0, draw(st.integers(0, 11)), quality),) if draw(st.booleans()) else ()
    tempo = float(draw(st.integers(30, 240)))
    return Piece("t", key, meter, tempo, bars, tuple(tracks), pickup, chords)


@settings(max_examples=60, deadline=None)
@given(pieces())
def test_what_is_written_is_read(piece: Piece) -> None:
    data = piece.midi()
    back = midi.read(data)
    assert (back.key, back.meter, back.tempo, back.pickup, back.bars) == (
        piece.key, piece.meter, piece.tempo, piece.pickup, piece.bars,
    )  # fmt: skip
    assert back.chords == piece.chords
    assert [(t.name, t.program, t.notes) for t in back.tracks] == [(t.name, t.program, t.notes) for t in piece.tracks]
    assert piece.midi() == data


def test_the_bytes_are_the_same_in_another_process() -> None:
    code = "import sys; sys.path.insert(0, 'tests/music'); import test_midi as t\n"
    code += "sys.stdout.buffer.write(t.small().midi())"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == small().midi()


def test_what_the_file_says_of_itself() -> None:
    data = small(chords=(Chord(0, 3, "m"), Chord(36, 10, "7"))).midi()
    found = mido.MidiFile(file=io.BytesIO(data), charset="utf-8")
    said = {message.type: message for message in found.tracks[0]}
    assert found.tracks[0].name == "秋江 1" and found.tracks[1].name == "Melody"
    assert said["time_signature"].numerator == 3 and said["key_signature"].key == "Ebm"
    assert mido.tempo2bpm(said["set_tempo"].tempo) == pytest.approx(97, rel=1e-5)
    assert '"seed":7' in midi.recipe_line(data) and '"bars":3' in midi.recipe_line(data)
    assert [message.text for message in found.tracks[0] if message.type == "marker"] == ["Ebm", "Bb7"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not a MIDI file"),
        (b"RIFF" + bytes(60), "not a MIDI file"),
        (header(kind=2) + chunk(b"MTrk", NOTE + END), "type 2"),
        (header(tracks=65_535) + chunk(b"MTrk", END), "65,535 tracks"),
        (header(tracks=0), "0 tracks"),
        (header(division=0x8000 | 0x1928) + chunk(b"MTrk", NOTE + END), "SMPTE"),
        (header(division=0) + chunk(b"MTrk", NOTE + END), "SMPTE"),
        (header() + b"MTrk\xff\xff\xff\xff" + NOTE, "cut"),
        (header(tracks=3) + chunk(b"MTrk", NOTE + END), "1 of 3 tracks"),
        (header() + chunk(b"MTrk", END), "0 notes"),
        (header() + chunk(b"MTrk", b"\xff\xff\xff\x7f\x90\x3c\x40" * 3 + END), "longer than"),
        (small().midi()[:120], "cut"),
        (bytes(midi.LARGEST + 1), "more than"),
    ],
    ids=[
        "empty",
        "riff",
        "type2",
        "tracks",
        "none",
        "smpte",
        "division",
        "size",
        "missing",
        "silent",
        "ticks",
        "cut",
        "large",
    ],
)
def test_damaged_files_are_refused(data: bytes, why: str) -> None:
    begin = time.monotonic()
    with pytest.raises(InputError) as caught:
        midi.read(data)
    assert why in str(caught.value)
    assert time.monotonic() - begin < 20


def test_a_file_without_tempo_key_or_meter_is_read() -> None:
    piece = midi.read(header(kind=0) + chunk(b"MTrk", NOTE + END))
    assert (piece.tempo, str(piece.meter), piece.bars) == (120.0, "4/4", 1)
    assert piece.tracks[0].notes == (Note(0, 60, 2, 64),)


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.mid"):
        midi.read(tmp_path / "gone.mid")


def test_changed_bytes_never_crash() -> None:
    """Either a piece or an InputError, whatever the bytes say."""
    data, draw = small().midi(), np.random.default_rng(0)
    for _ in range(300):
        mutated = bytearray(data)
        for _ in range(int(draw.integers(1, 6))):
            mutated[int(draw.integers(len(mutated)))] = int(draw.integers(256))
        try:
            midi.read(bytes(mutated)).midi()
        except InputError:
            continue
