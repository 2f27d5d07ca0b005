"""The referee: promises read from MIDI that tests write by hand, broken one at a time."""

from __future__ import annotations

import io
import random
from typing import Any

import pytest

from muse.errors import InputError
from muse.music import referee
from muse.music.heard import hear
from muse.music.referee import names

mido = pytest.importorskip("mido")
CHORDS = ((60, 55, 52, 48), (65, 57, 53, 53), (62, 59, 55, 43), (60, 55, 52, 48))
ASKED: dict[str, Any] = {"key": "C major", "meter": "4/4", "tempo": 90, "bars": 4, "ensemble": "satb",
                         "range": {"soprano": "C4-F4", "bass": "G2-F3"}}  # fmt: skip


def midi(
    chords: Any = CHORDS, key: str = "C", meter: tuple[int, int] = (4, 4), tempo: float = 90, length: int = 1920,
    pickup: int = 0, division: int = 480, end: bool = True,
) -> bytes:  # fmt: skip
    file = mido.MidiFile(ticks_per_beat=division)
    head = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=round(60e6 / tempo))])
    head.append(mido.MetaMessage("key_signature", key=key))
    if pickup:
        head.append(mido.MetaMessage("time_signature", numerator=pickup // division, denominator=4))
    head.append(mido.MetaMessage("time_signature", numerator=meter[0], denominator=meter[1], time=pickup))
    file.tracks.append(head)
    for voice, name in enumerate(("Soprano", "Alto", "Tenor", "Bass")):
        track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
        for index, chord in enumerate(chords):
            track.append(mido.Message("note_on", note=chord[voice], channel=voice))
            if end or index < len(chords) - 1:
                time = length if index or not pickup else pickup
                track.append(mido.Message("note_off", note=chord[voice], channel=voice, time=time))
        file.tracks.append(track)
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def broken(data: bytes, asked: dict[str, Any] = ASKED) -> set[str]:
    return {promise.name for promise in referee.check(data, asked).promises if promise.kept is False}


def test_everything_kept() -> None:
    report = referee.check(midi(), ASKED)
    assert report.valid is True, report
    names = {"key", "meter", "tempo", "bars", "ensemble", "range of the soprano", "ends on the tonic"}
    assert names <= {promise.name for promise in report.promises}


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (midi(key="G"), "key"),
        (midi(chords=((61, 56, 54, 49), *CHORDS[1:])), "key"),
        (midi(meter=(3, 4)), "meter"),
        (midi(tempo=92), "tempo"),
        (midi(chords=CHORDS[1:]), "bars"),
        (midi(chords=((72, 55, 52, 48), *CHORDS[1:])), "range of the soprano"),
        (midi(chords=((60, 55, 57, 48), *CHORDS[1:])), "no crossing voices"),
        (midi(chords=(*CHORDS[:3], (60, 55, 52, 43))), "ends on the tonic"),
        (midi(end=False), "no overlapping notes in a voice"),
    ],
)
def test_each_broken_promise_is_seen(data: bytes, name: str) -> None:
    assert name in broken(data)


def test_parallels_are_counted() -> None:
    report = referee.check(midi(chords=((60, 55, 52, 48), (62, 57, 53, 50), *CHORDS[2:])), ASKED)
    parallels = next(promise for promise in report.promises if promise.name.startswith("no parallel"))
    assert parallels.kept == "relaxed" and int(parallels.found) >= 2


def test_a_pickup_is_no_bar() -> None:
    heard = hear(midi(chords=((60, 55, 52, 48), *CHORDS), pickup=480))
    assert heard.meter == "4/4" and heard.pickup == 1 and referee.bars_of(heard) == 4
    assert "bars" not in broken(midi(chords=((60, 55, 52, 48), *CHORDS), pickup=480))


def test_any_division_gives_the_same() -> None:
    for division in (96, 480, 960):
        assert not broken(midi(length=4 * division, division=division))


def test_without_promises_the_file_is_described() -> None:
    report = referee.check(midi())
    assert report.promises == () and report.valid is True
    text = "\n".join(report.findings)
    assert "C major" in text and "4/4" in text and "Bass: 4 notes, G2 to F3" in text


@pytest.mark.parametrize("key", ["C major", "a minor", "F#m", "Bb"])
def test_the_finder_hears_scales(key: str) -> None:
    wanted = names.tonality(key)
    assert wanted is not None
    major, minor = (0, 4, 7, 0, 5, 9, 0, 7, 11, 2, 7, 0, 4, 7, 0), (0, 3, 7, 0, 5, 8, 0, 7, 10, 2, 7, 0, 3, 7, 0)
    pitches = [(wanted.tonic + step + 60,) * 4 for step in (minor if wanted.minor else major)]
    assert referee.finder(hear(midi(chords=pitches)))[0] == str(wanted)


def test_damage_is_always_an_input_error() -> None:
    whole, chance = midi(), random.Random(5)
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        if chance.random() < 0.4:
            del data[chance.randrange(len(data)) :]
        try:
            referee.check(bytes(data), ASKED)
        except InputError as error:
            assert error.why
    for data in (b"", b"MThd", b"RIFF1234", whole[:30]):
        with pytest.raises(InputError):
            referee.check(data)
    with pytest.raises(InputError):
        referee.check("no such file.mid")


def test_odd_wishes_are_not_kept_rather_than_errors() -> None:
    asked = {"key": "H flat", "range": {"kazoo": "C4-C5", "alto": "x"}, "bars": 4}
    assert {"key", "range of the kazoo", "range of the alto"} <= broken(midi(), asked)
