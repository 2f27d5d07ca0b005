"""Piece: its JSON, its score, and what it tells other rooms."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from muse.errors import InputError, UsageError
from muse.files import canonical_json
from muse.music import score
from muse.music.piece import Note, Piece, Track
from muse.music.theory import Chord, Key, Meter


def lead() -> Piece:
    tune = (
        Note(0, 67, 12, lyric="au"),
        Note(12, 72, 18),
        Note(30, 71, 6),
        Note(36, 69, 30),
        Note(66, 67, 4),
        Note(70, 65, 14),
    )
    chords = (Note(12, 48, 36), Note(12, 55, 36), Note(12, 64, 36), Note(48, 43, 36))
    return Piece(
        "Autumn", Key(0), Meter.parse("3/4"), 92.0, 2, (Track("Melody", 73, tune), Track("Chords", 0, chords)), 12,
        (Chord(12, 0), Chord(48, 7, "7")),
    )  # fmt: skip


def test_json_and_back() -> None:
    piece = lead()
    value = json.loads(canonical_json(piece.as_dict()))
    assert Piece.from_dict(value).as_dict() == piece.as_dict()
    assert value["schema"] == 1 and value["ticks_per_quarter"] == 12


@pytest.mark.parametrize(
    "change",
    [{"schema": 9}, {"tempo": -1}, {"tracks": 3}, {"chords": [[0, 12, "", "?"]]}, {"key": None}, {"bars": 10**9}],
)
def test_foreign_json_is_refused(change: dict) -> None:
    with pytest.raises(InputError):
        Piece.from_dict({**lead().as_dict(), **change})


def test_features() -> None:
    features = lead().features
    assert features.mode == "major" and features.tempo == 92.0 and len(features.energy) == 2
    assert features.beats[0] == pytest.approx(60 / 92, abs=1e-3)


def test_pretty_midi() -> None:
    found = lead().to_pretty_midi()
    assert [instrument.program for instrument in found.instruments] == [73, 0]
    assert found.get_end_time() == pytest.approx(84 / 12 * 60 / 92, abs=1e-3)


def test_musicxml_holds_every_note_once() -> None:
    import music21

    data = score.musicxml(lead())
    found = music21.converter.parse(data.decode(), format="musicxml")
    melody = found.parts[0].flatten().stripTies()
    notes = [n for n in melody.notes if not isinstance(n, music21.harmony.ChordSymbol)]
    assert [(n.pitch.midi, float(n.quarterLength)) for n in notes] == [
        (n.pitch, n.duration / 12) for n in lead().tracks[0].notes
    ]
    assert [c.root().name for c in found.recurse().getElementsByClass("ChordSymbol")] == ["C", "G"]
    assert notes[0].lyric == "au"
    assert found.recurse().getElementsByClass("TimeSignature").first().ratioString == "3/4"


def test_musicxml_is_the_same_in_another_process() -> None:
    code = "import sys; sys.path.insert(0, 'tests/music'); import test_piece as t\n"
    code += "sys.stdout.buffer.write(t.score.musicxml(t.lead()))"
    data = score.musicxml(lead())
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == data
    assert not re.search(rb"20\d\d-\d\d-\d\d|music21", data)


@pytest.mark.parametrize("key", [Key(t, m) for t in range(12) for m in ("major", "minor")], ids=str)
def test_every_key_has_a_score_and_a_name(key: Key) -> None:
    assert Key.parse(str(key)) == key
    assert -6 <= key.sharps <= 6
    assert Key.parse(key.spell(key.tonic)).tonic == key.tonic


@pytest.mark.parametrize("text", ["17/0", "0/4", "4/3", "waltz", "99/4", "1/16", ""])
def test_meters_off_the_grid(text: str) -> None:
    with pytest.raises(UsageError):
        Meter.parse(text)
