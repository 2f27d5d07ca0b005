"""Files that mean harm, or are no music: refused or judged, soon, and never with another error than ours."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest
from written import columns, written

from muse.errors import InputError, MuseError
from muse.music import referee
from muse.music.referee import rules
from muse.music.referee.explain import explain

END = b"\x00\xff\x2f\x00"
NOTE = b"\x00\x90\x3c\x40\x83\x60\x80\x3c\x00"
ASKED: dict[str, Any] = {
    "key": "D dorian", "meter": "4/4", "tempo": 90, "bars": 2, "ensemble": "satb", "range": "C4-C5", "density": [1, 4],
    "instruments": "piano", "polyphony": 4, "chords": "i IV", "form": "AB", "ending": "half", "leap": 9,
    "given": [["", 0, 1, 60]], "lyrics": "la la", "stress": ["1", "0"], "tones": [["level", "oblique"]],
    "rhymes": [[2, "a"]], "breath": [2], "rules": "strict",
}  # fmt: skip


def file(track: bytes, kind: int = 1, tracks: int = 1, division: int = 480) -> bytes:
    head = b"".join(value.to_bytes(2, "big") for value in (kind, tracks, division))
    return b"MThd\x00\x00\x00\x06" + head + b"MTrk" + len(track).to_bytes(4, "big") + track


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (file(NOTE + END, kind=2), "type 2"),
        (file(NOTE + END, division=0xE250), "frames"),
        (file(NOTE + END, tracks=65_535), "65,535 tracks"),
        (file(b"\x00\x90\x3c\x40" + b"\x00\x3c\x40" * 1_000_000), "events"),
        (file(b"\xff\xff\xff\x7f\x90\x3c\x40\x83\x60\x80\x3c\x00" * 4 + END), "too long"),
        (file(END), "no notes"),
        (b"MThd", ""),
        (b"", ""),
        (bytes(9 << 20), "bytes"),
    ],
)
def test_what_is_refused(data: bytes, why: str) -> None:
    begun = time.process_time()
    with pytest.raises(InputError) as caught:
        referee.check(data, ASKED)
    assert why in str(caught.value) and time.process_time() - begun < 1


@pytest.mark.parametrize("meter", [b"\x00\x02", b"\x04\xff", b"\x01\x06", b"\xff\x00"])
def test_meters_that_are_none(meter: bytes) -> None:
    data = file(b"\x00\xff\x58\x04" + meter + b"\x18\x08" + NOTE + END)
    assert referee.check(data).findings and referee.check(data, ASKED).promises and explain(data, 1)


def test_damage_is_always_one_of_our_errors() -> None:
    whole = written(columns((72, 67, 64, 48), (71, 67, 62, 55), (72, 67, 64, 48)), pickup=1, markers=[(1, "C")],
                    lyrics=[(0, "la"), (1, "la")])  # fmt: skip
    chance = random.Random(11)
    for _ in range(100):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(14, len(data))] = chance.randrange(256)
        for asked in (None, ASKED):
            try:
                referee.check(bytes(data), asked)
            except MuseError as error:
                assert error.what


def test_wishes_that_make_no_sense_are_not_kept() -> None:
    asked = ASKED | {"chords": "| | x", "form": "A" * 5000, "ending": "never", "lyrics": [], "instruments": "kazoo, "}
    found = {
        promise.name: promise.kept for promise in referee.check(written(columns((60, 55, 52, 48))), asked).promises
    }
    assert not any(found[name] for name in ("chords", "form", "ending", "lyrics", "instruments"))


def test_a_long_file_is_judged_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "_MOST_MOMENTS", 10)
    data = written(columns(*((60 + at % 5, 55, 52, 48) for at in range(20))))
    assert "only the first 10 chords were judged" in referee.check(data, full=False).findings
