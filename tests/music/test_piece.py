"""Piece: its JSON, its score, and what it tells other rooms."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import numpy as np
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


METERS = ("2/4", "3/4", "4/4", "6/8", "3/8", "2/2", "12/8", "5/4", "7/8", "2/1")
LENGTHS = (1, 2, 3, 4, 5, 6, 8, 9, 12, 18, 24, 36, 50, 96)


def by_chance(number: int) -> Piece:
    """Tunes with chords, rests, triplets and ties over bar lines, now and then after a pickup; one track is empty."""
    draw = np.random.default_rng(number)
    key = Key(int(draw.integers(12)), "minor" if draw.random() < 0.5 else "major")
    meter = Meter.parse(str(draw.choice(METERS)))
    pickup = int(draw.integers(1, meter.bar)) if draw.random() < 0.5 else 0
    bars = int(draw.integers(1, 5))
    tracks = [Track("Silent", 0, ())]
    for name in ("Melody", "Tenor", "Bass"):
        now, notes = 0, list[Note]()
        while True:
            now += int(draw.choice([0, 0, 0, 3, 12, 1, meter.bar]))
            length = int(draw.choice(LENGTHS))
            if now + length > pickup + bars * meter.bar:
                break
            pitch = int(draw.integers(30, 90))
            notes.append(Note(now, pitch, length, lyric="la <&" if draw.random() < 0.2 else ""))
            if draw.random() < 0.3:
                notes.append(Note(now, pitch + 4, length))
            now += length
        tracks.append(Track(name, 7, tuple(sorted(notes)), drums=name == "Tenor"))
    return Piece("A <b>&\x07\ud7ff", key, meter, 90.0, bars, tuple(tracks), pickup)


def heard(parts: list) -> list[tuple[int, int, int]]:
    """(tick, ticks it lasts, pitch) of the notes of some parts of music21, ties merged."""
    found: list[list[int]] = []
    for part in parts:
        sounding: dict[int, list[int]] = {}
        for chord in sorted(part.flatten().notes, key=lambda chord: chord.offset):
            at, length = round(float(chord.offset) * 12), round(float(chord.quarterLength) * 12)
            for note in chord.notes if chord.isChord else [chord]:
                if note.tie is not None and note.tie.type != "start":
                    before = sounding[note.pitch.midi]
                    assert before[0] + before[1] == at
                    before[1] += length
                else:
                    sounding[note.pitch.midi] = [at, length, note.pitch.midi]
                    found.append(sounding[note.pitch.midi])
    return sorted((at, length, pitch) for at, length, pitch in found)


@pytest.mark.parametrize("number", range(16))
def test_music21_reads_from_the_score_what_is_in_the_piece(number: int) -> None:
    piece = by_chance(number)
    found = piece.to_music21()
    for track in piece.tracks:
        parts = [part for part in found.parts if part.partName == track.name]
        assert len(parts) in (1, 2)
        if track.drums:
            struck = [round(float(n.offset) * 12) for p in parts for n in p.flatten().notes if "Rest" not in n.classes]
            assert set(struck) >= {note.tick for note in track.notes}
        else:
            assert heard(parts) == sorted((note.tick, note.duration, note.pitch) for note in track.notes)
            sung = sorted(note.lyric for part in parts for note in part.flatten().notes if note.lyric)
            assert sung == sorted(note.lyric for note in track.notes if note.lyric)


@pytest.mark.parametrize("number", range(16))
def test_beams_and_triplets_end_where_they_began(number: int) -> None:
    from xml.etree import ElementTree

    tree = ElementTree.fromstring(score.musicxml(by_chance(number)))
    beamed = 0
    for measure in tree.iter("measure"):
        for voice in {note.findtext("voice") for note in measure.iter("note")}:
            mine = [note for note in measure.iter("note") if note.findtext("voice") == voice]
            for level in ("1", "2", "3"):
                kinds = [b.text for note in mine for b in note.iter("beam") if b.get("number") == level]
                line = " ".join(str(kind) for kind in kinds if "hook" not in str(kind))
                assert re.fullmatch(r"(begin( continue)* end ?)*", line), line
                beamed += len(kinds)
            marks = " ".join(str(mark.get("type")) for note in mine for mark in note.iter("tuplet"))
            assert re.fullmatch(r"(start stop ?)*", marks), marks
    assert beamed or number  # the first one has some


def test_an_accidental_holds_for_its_bar() -> None:
    tune = (*(Note(12 * beat, 61, 12) for beat in range(3)), Note(36, 60, 12), Note(48, 61, 24))
    piece = Piece("", Key(2, "minor"), Meter(4, 4), 90.0, 2, (Track("Melody", 0, tune),))
    signs = re.findall(rb"<accidental>(\w+)</accidental>|(</measure>)", score.musicxml(piece))
    assert [sign or line for sign, line in signs] == [b"sharp", b"natural", b"</measure>", b"sharp", b"</measure>"]


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


def test_music21_reads_symbols_words_and_drums() -> None:
    tune = [Note(12 * i, 60 + i, 12, lyric=text) for i, text in enumerate(("riv-", "er", "_", "秋"))]
    kit = tuple(Note(12 * i, pitch, 6) for i in range(4) for pitch in ((36, 42), (42,), (38, 42), (46,))[i])
    chords = (Chord(0, 0, "maj7", 4), Chord(12, 2, "m7b5"), Chord(24, 7, "7", written="9"), Chord(36, 9, "m", 0))
    tracks = (Track("Melody", 73, tuple(tune)), Track("Drums", 0, kit, True))
    found = Piece("", Key(0), Meter(4, 4), 90.0, 1, tracks, 0, chords, sections=((0, "A"),)).to_music21()
    symbols = list(found.recurse().getElementsByClass("ChordSymbol"))
    assert [(s.root().name, s.bass().name) for s in symbols] == [("C", "E"), ("D", "D"), ("G", "G"), ("A", "C")]
    assert [s.chordKind for s in symbols] == ["major-seventh", "half-diminished-seventh", "dominant-ninth", "minor"]
    assert [round(float(s.offset) * 12) for s in symbols] == [0, 12, 24, 36]
    sung = [note.lyrics[0] for note in found.parts[0].flatten().notes if getattr(note, "lyrics", ())]
    assert [(word.text, word.syllabic) for word in sung if word.text] == [
        ("riv", "begin"), ("er", "end"), ("秋", "single"),
    ]  # fmt: skip
    struck = [n for chord in found.parts[1].flatten().notes for n in getattr(chord, "notes", [chord])]
    assert sorted((n.displayStep, n.displayOctave) for n in struck) == [
        ("C", 5), ("F", 4), ("G", 5), ("G", 5), ("G", 5), ("G", 5),
    ]  # fmt: skip
    assert [mark.content for mark in found.recurse().getElementsByClass("RehearsalMark")] == ["A"]


def test_a_score_names_the_sound_of_each_drum_and_two_staves_for_two_hands() -> None:
    kit = Track("Drums", 0, (Note(0, 36, 6), Note(0, 42, 6)), True)
    hands = Track("Piano", 0, (Note(0, 45, 48), Note(0, 64, 48)))
    data = score.musicxml(Piece("", Key(0), Meter(4, 4), 90.0, 1, (hands, kit))).decode()
    assert "<staves>2</staves>" in data and data.count("<staff>1</staff>") == data.count("<staff>2</staff>") == 1
    assert "<midi-unpitched>37</midi-unpitched>" in data and "<midi-unpitched>43</midi-unpitched>" in data
    assert '<instrument id="P2-I42"/>' in data and "<notehead>x</notehead>" in data
