"""ABC: what is written is read again, by our reader and by music21, whatever the tune."""

from __future__ import annotations

import numpy as np
import pytest

from muse.music.abc_out import abc
from muse.music.files import tune
from muse.music.notes import Music, Note, Track
from muse.music.theory import Chord, Key, Meter

METERS = ("2/4", "3/4", "4/4", "6/8", "3/8", "2/2", "12/8", "5/4", "7/8")
SYLLABLES = ("", "", "la", "riv-", "er", "_", "秋", "a-b")


def by_chance(number: int) -> Music:
    draw = np.random.default_rng(number)
    key = Key(int(draw.integers(12)), str(draw.choice(["major", "minor", "dorian", "mixolydian"])))  # type: ignore[arg-type]
    meter = Meter.parse(str(draw.choice(METERS)))
    pickup = int(draw.choice([0, 3, 6]))
    tracks = []
    for name in ("Melody", "Bass"):
        now, notes, found = 0, list[Note](), ""
        while True:
            now += int(draw.choice([0, 0, 3, 12]))
            length = int(draw.choice([1, 3, 4, 6, 8, 9, 12, 18, 24, 50]))
            if now + length > pickup + 4 * meter.bar:
                break
            lyric = str(draw.choice(SYLLABLES)) if name == "Melody" else ""
            found = lyric if lyric != "_" or (found and not found.endswith("-")) else ""
            pitch = int(draw.integers(36, 84))
            notes.append(Note(now, pitch, length, lyric=found))
            if draw.random() < 0.2:
                notes.append(Note(now, pitch + 3, length))
            now += length
        tracks.append(Track(name, 0, tuple(sorted(notes))))
    places = sorted({int(at) for at in draw.integers(0, pickup + 4 * meter.bar, 6)})
    chords = tuple(Chord(at, (5 * k) % 12, str(draw.choice(["", "m", "7", "maj7"]))) for k, at in enumerate(places))
    return Music("River <1%>", key, meter, 90.0, 4, tuple(tracks), pickup, chords, sections=((0, "A"), (2, "B")))


@pytest.mark.parametrize("number", range(24))
def test_our_reader_finds_the_music_again(number: int) -> None:
    music = by_chance(number)
    back = tune.read(abc(music).encode())
    for found, track in zip(back.tracks, music.tracks, strict=True):
        assert found.name == track.name
        assert [(n.tick, n.duration, n.pitch) for n in sorted(found.notes)] == [
            (n.tick, n.duration, n.pitch) for n in track.notes
        ]
    sung = {n.tick: n.lyric for n in music.tracks[0].notes if n.lyric}
    assert {n.tick: n.lyric for n in back.tracks[0].notes if n.lyric} == sung
    assert [(c.tick, c.root, c.quality) for c in back.chords] == [(c.tick, c.root, c.quality) for c in music.chords]
    assert (back.key, back.meter, back.tempo, back.pickup) == (music.key, music.meter, music.tempo, music.pickup)


def test_music21_reads_it_too() -> None:
    import music21

    notes = (*(Note(8 * i, 60 + i, 8) for i in range(6)), Note(48, 66, 12), Note(60, 70, 30), Note(90, 66, 6))
    music = Music(
        "River", Key(2), Meter(4, 4), 90.0, 2, (Track("Melody", 0, notes),), 0, (Chord(0, 2), Chord(72, 9, "7"))
    )
    found = music21.converter.parse(abc(music), format="abc").stripTies()
    heard = [(round(n.offset * 12), round(n.quarterLength * 12), n.pitch.midi) for n in found.flatten().notes
             if not isinstance(n, music21.harmony.ChordSymbol)]  # fmt: skip
    assert heard == [(n.tick, n.duration, n.pitch) for n in notes]
    assert found.metadata.title == "River"


def test_it_reads_as_abc_is_written() -> None:
    sung = tuple(Note(12 * i, 62 + i, 12, lyric=text) for i, text in enumerate(("riv-", "er", "_", "秋")))
    text = abc(Music("A", Key.parse("D"), Meter(4, 4), 66.0, 1, (Track("Melody", 73, sung),)))
    assert text.splitlines() == [
        "X:1", "T:A", "M:4/4", "L:1/8", "Q:1/4=66", "K:D", 'V:1 name="Melody"', "%%MIDI program 73",
        "D2 ^D2 E2 =F2 |]", "w:riv-er _ 秋",
    ]  # fmt: skip


def test_lines_that_overlap_are_voices() -> None:
    notes = (Note(0, 48, 48), Note(0, 60, 12), Note(12, 62, 36))
    text = abc(Music("A", Key(0), Meter(4, 4), 66.0, 1, (Track("Piano", 0, notes),)))
    assert text.count('name="Piano"') == 2 and "C2 D6 |]" in text and "C,8 |]" in text
