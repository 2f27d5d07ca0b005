"""Accompaniments of every meter and drive stay under the tune, on their chords, and inside their bounds."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import pytest
from arranged import MOODS, draft, planned

from muse.errors import MuseError, UsageError, WishError
from muse.music.arrange import Band, accompanied, arrange
from muse.music.arrange.frame import Frame, voiced
from muse.music.arrange.instruments import DRUMS, instrument, instruments, of_program
from muse.music.arrange.pulse import pulse
from muse.music.chords import symbol, tones
from muse.music.notes import Note, Track
from muse.music.piece import Piece
from muse.music.theory import Meter
from muse.music.vocabulary import METERS

ODD = ("1/4", "11/8", "13/8", "10/8", "5/16", "8/4", "1/1", "1/2", "2/8", "12/16")
BAND = "flute, piano, guitar, strings, cello, bass, drums"


def together(tracks: list[Track]) -> int:
    """Most notes that sound at once."""
    change: dict[int, int] = defaultdict(int)
    for track in tracks:
        for note in track.notes:
            change[note.tick] += 1
            change[note.end] -= 1
    most = now = 0
    for tick in sorted(change):
        now += change[tick]
        most = max(most, now)
    return most


def chord_at(piece: Piece, tick: int) -> frozenset[int]:
    chord = [chord for chord in piece.chords if chord.tick <= tick][-1]
    return frozenset((chord.root + step) % 12 for step in tones(chord)) | {chord.bass}


def sound(piece: Piece) -> None:
    """What holds of every arrangement."""
    tune = piece.melody.notes
    for track in piece.tracks:
        assert track.notes and list(track.notes) == sorted(track.notes), track.name
        assert all(note.tick >= 0 and note.duration > 0 and note.end <= piece.length for note in track.notes)
        own = [(note.tick, note.end) for note in track.notes]
        assert len({(note.tick, note.pitch) for note in track.notes}) == len(own)
        for pitch in {note.pitch for note in track.notes}:  # no pitch is struck while it sounds
            edges = [(note.tick, note.end) for note in track.notes if note.pitch == pitch]
            assert all(end <= start for (_, end), (start, _) in pairwise(edges)), track.name
    for track in piece.tracks[1:]:
        if track.drums:
            continue
        for note in track.notes:
            over = [each.pitch for each in tune if each.tick < note.end and each.end > note.tick]
            assert note.pitch <= min(over, default=127), (track.name, note)


@pytest.mark.parametrize("meter", [*METERS, *ODD])
def test_every_meter_has_an_accompaniment_in_every_drive(meter: str) -> None:
    for seed, mood in enumerate(MOODS):
        tune = draft(meter, "C Am F G C Em G7 C")
        piece = arrange(tune, planned(mood, tune), "x", Band.asked(None, BAND), seed)
        sound(piece)
        assert [track.name for track in piece.tracks] == [
            "Melody", "Piano", "Guitar", "Strings", "Cello", "Bass", "Drums"
        ]  # fmt: skip
        for track in piece.tracks[1:4]:
            assert all(note.pitch % 12 in chord_at(piece, note.tick) for note in track.notes), track.name
        bars = {(note.tick - piece.pickup) // piece.meter.bar for note in piece.tracks[5].notes}
        assert bars == set(range(piece.bars))
        roots = [note for note in piece.tracks[5].notes if any(note.tick == chord.tick for chord in piece.chords)]
        assert all(note.pitch % 12 in {chord.root for chord in piece.chords} for note in roots)
        assert len(roots) == len(piece.chords)


@pytest.mark.parametrize("ensemble", ["lead", "piano", "band"])
@pytest.mark.parametrize("mood", MOODS)
def test_the_ensembles(ensemble: str, mood: str) -> None:
    for seed in range(6):
        for meter in ("4/4", "3/4", "6/8"):
            tune = draft(meter, "C/E Am9 F6 G7sus4 C Em/B G7b9 C", pickup=6)
            piece = arrange(tune, planned(mood, tune, 130.0 if seed % 2 else 80.0), "x", Band.asked(ensemble), seed)
            sound(piece)
            assert piece.tracks[0].name == "Melody" and len(piece.tracks) >= 2
            assert all(note.tick >= piece.pickup for track in piece.tracks[1:] for note in track.notes)
            assert ensemble != "piano" or {track.program for track in piece.tracks} == {0}
            lowest = min((note.pitch, note.tick) for track in piece.tracks[1:] if not track.drums
                         for note in track.notes if note.tick == piece.pickup)  # fmt: skip
            assert lowest[0] % 12 == 4  # C/E stands on its third


@pytest.mark.parametrize("most", [2, 3, 4, 5, 7, 12])
@pytest.mark.parametrize("names", ["flute, piano", "violin, guitar, bass", BAND, "flute, strings, cello"])
def test_no_more_notes_sound_at_once_than_asked(most: int, names: str) -> None:
    for seed, mood in enumerate(MOODS):
        for meter in ("4/4", "3/4", "7/8"):
            tune = draft(meter, "C Am F G")
            piece = arrange(tune, planned(mood, tune), "x", Band.asked(None, names, most), seed)
            assert together([track for track in piece.tracks if not track.drums]) <= most
            assert any("polyphony" in reason for reason in piece.plan) or len(piece.tracks) == names.count(",") + 1


def test_the_bass_walks_to_the_next_root_by_a_neighbour() -> None:
    tune = draft("4/4", "Dm7 G7 C Am Dm7 G7 C C")
    pieces = [arrange(tune, planned("lively", tune), "x", Band.asked(None, "flute, piano, bass"), s) for s in range(9)]
    walking = [piece for piece in pieces if any("bass: walking" in reason for reason in piece.plan)]
    assert walking
    for piece in walking:
        notes = piece.tracks[2].notes
        assert all(note.duration == 12 for note in notes if note.tick < 6 * 48)
        for chord in piece.chords[1:]:
            root = next(note for note in notes if note.tick == chord.tick)
            before = next(note for note in notes if note.end == chord.tick)
            assert 1 <= abs(root.pitch - before.pitch) <= 2
        assert all(28 <= note.pitch <= 55 for note in notes)


def test_drums_fill_where_a_phrase_ends() -> None:
    tune = draft("4/4", "C Am F G C Am F G")
    for holds in (frozenset({4}), frozenset({2, 6})):
        piece = arrange(tune, planned("moving", tune), "x", Band.asked(None, "flute, piano, drums"), 1, holds)
        kit = piece.tracks[2]
        assert kit.drums
        toms = {(note.tick // 48) + 1 for note in kit.notes if note.pitch in (41, 45, 50)}
        crashes = {(note.tick // 48) + 1 for note in kit.notes if note.pitch == 49}
        assert toms == set(holds) and crashes == {1, 8, *(bar + 1 for bar in holds)}
        backbeats = {note.tick % 48 for note in kit.notes if note.pitch == 38 and note.tick < 48}
        assert backbeats == {12, 36}


def test_a_given_tune_stays_note_for_note_with_its_words_and_loudness() -> None:
    tune = draft("3/4", "C F G C")
    notes = tuple(Note(tick, pitch, length, 33, 0, "la") for tick, length, pitch, _ in tune.voices[0])
    given = Piece("x", tune.key, tune.meter, 99.0, 4, (Track("Voice", 52, notes),), 0, tune.chords, ("as given",))
    piece = accompanied(given, planned("moving", tune), Band.asked(None, "voice, guitar, bass"), 5)
    assert piece.tracks[0] == given.tracks[0] and piece.plan[0] == "as given" and len(piece.tracks) == 3
    sound(piece)


def test_a_low_tune_is_still_on_top() -> None:
    tune = draft("4/4", "C Am F G", up=-24)
    piece = arrange(tune, planned("moving", tune), "x", Band.asked(None, "cello, piano, bass"), 1)
    over = {note.tick: note.pitch for note in piece.tracks[0].notes}
    for track in piece.tracks[1:]:
        assert all(note.pitch <= over.get(note.tick, 127) for note in track.notes)


def test_voicings_move_little_and_stay_below() -> None:
    before: tuple[int, ...] = ()
    for name in ("C", "Am", "F", "G", "Em7b5", "A13", "Dsus2", "C5", "C"):
        chord = symbol(name)
        assert chord is not None
        now = voiced(chord, before, 48, 65, 3)
        assert len(set(now)) == 3 and max(now) < 65 and min(now) >= 48
        assert not before or sum(abs(a - b) for a, b in zip(now, before, strict=True)) <= 9, name
        before = now


def test_pulses_fill_their_bars() -> None:
    for meter in (*METERS, *ODD):
        time = Meter.parse(meter)
        groups = pulse(time).groups
        assert groups[0][0] == 0 and groups[-1][1] == time.bar
        assert all(end == start for (_, end), (start, _) in pairwise(groups))
        assert all((end - start) // pulse(time).step in (1, 2, 3) for start, end in groups)


def test_the_instruments_of_general_midi() -> None:
    programs = {each.program for each in instruments().values() if not each.drums}
    assert programs == set(range(112))
    known = {"violin": 40, "harp": 46, "trumpet": 56, "oboe": 68, "flute": 73, "koto": 107, "church organ": 19}
    for name, program in (known | {"electric bass": 33, "choir aahs": 52, "vibraphone": 11}).items():
        assert instrument(name.upper()).program == program
    assert of_program(0).name == "Piano" and of_program(127).name == "Lead" and instrument("drums") is DRUMS


@pytest.mark.parametrize(
    ("ensemble", "names", "most", "error", "said"),
    [
        ("choir", "", None, UsageError, "ensemble"), (None, "flut", None, UsageError, 'did you mean "flute"'),
        (None, "drums, flute", None, WishError, "drums cannot have"), ("piano", "violin", None, WishError, "keyboard"),
        ("satb", "flute, oboe", None, WishError, "or four"), ("melody", "flute, oboe", None, WishError, "for 1"),
        ("lead", "flute, drums", None, WishError, "drums"), (None, ", ".join(["flute"] * 10), None, WishError, "10"),
        ("satb", "", 3, WishError, "polyphony"), (None, "flute, piano", 0, WishError, "polyphony"),
        (None, "theremin", None, UsageError, "General MIDI"),
    ],
)  # fmt: skip
def test_bands_that_cannot_be(
    ensemble: str | None, names: str, most: int | None, error: type[MuseError], said: str
) -> None:
    with pytest.raises(error) as caught:
        Band.asked(ensemble, names, most)
    assert said in str(caught.value)


def test_four_voices_and_a_tune_alone() -> None:
    tune = draft()
    satb = Band.asked("satb", "oboe, clarinet, french horn, bassoon")
    assert [player.program for player in satb.voices(planned("calm", tune))] == [68, 71, 60, 70]
    assert satb.task == "satb" and Band.asked(None, "erhu").task == "melody" and Band.asked("piano").task == "lead"


def test_a_frame_without_chords_has_no_spans() -> None:
    tune = draft()
    assert Frame(tune.key, tune.meter, (), (), 96).spans == ()
