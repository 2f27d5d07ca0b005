"""Each promise of a composed piece, kept by one file and broken by another."""

from __future__ import annotations

from typing import Any

import pytest
from written import columns, tune, written

from muse.music import referee
from muse.terms import Kept

PHRASE = (60, 62, 64, 65)
A = (*PHRASE, 67, 65, 64, 62)
CHORDS = {"Chords": [(4 * bar, 4, pitch) for bar, root in enumerate((60, 57, 53, 55)) for pitch in (root, root + 7)]}
LYRICS = [(0, "Twin-"), (1, "kle"), (2, "lit-"), (3, "tle")]
VAMP = ((72, 67, 64, 48), (71, 67, 62, 43), (72, 67, 64, 48))


def verdict(data: bytes, name: str, **asked: Any) -> Kept | None:
    report = referee.check(data, asked)
    return next((promise.kept for promise in report.promises if promise.name == name), None)


@pytest.mark.parametrize(
    ("key", "signature", "pitches", "kept"),
    [
        ("D dorian", "C", (62, 65, 69, 71, 72, 62), True),
        ("D dorian", "C", (62, 65, 68, 70, 73, 62), False),  # not on its scale
        ("D dorian", "E", (62, 65, 69, 71, 72, 62), False),
        ("G 徵", "C", (67, 69, 72, 74, 76, 67), True),
        ("G 徵", "C", (67, 65, 72, 71, 76, 67), False),
        ("A minor pentatonic", "Am", (69, 72, 74, 76, 79, 69), True),
        ("C", "C", (60, 64, 67, 65, 62, 60), True),
        ("C", "G", (60, 64, 67, 65, 62, 60), False),
    ],
)
def test_keys_and_modes(key: str, signature: str, pitches: Any, kept: Kept) -> None:
    assert verdict(written(tune(*pitches), key=signature), "key", key=key) is kept


def test_the_tonic_is_that_of_the_wish() -> None:
    assert verdict(written(tune(62, 65, 62), key="C"), "ends on the tonic", key="D dorian") is True
    assert verdict(written(tune(62, 65, 60), key="C"), "ends on the tonic", key="D dorian") is False


def test_instruments() -> None:
    band = {**tune(60, 62), "Bass": [(0, 2, 36)], "Drums": [(0, 1, 38)]}
    data = written(band, programs={"Melody": 73, "Bass": 33})
    assert verdict(data, "instruments", instruments="flute, bass, drums") is True
    assert verdict(data, "instruments", instruments="flute, piano") is False
    assert verdict(data, "instruments", instruments="violin and drums") is False
    assert verdict(data, "instrument of the Bass", instruments={"Bass": 33}) is True
    assert verdict(data, "instrument of the Bass", instruments={"Bass": 0}) is False
    assert verdict(data, "ensemble", ensemble="band") is True
    assert verdict(data, "ensemble", ensemble="piano") is False
    assert verdict(written(columns((72, 48), names=("Melody", "Piano"))), "ensemble", ensemble="piano") is True


def test_density_polyphony_and_leaps() -> None:
    data = written({**tune(60, 62, 64, 65, 67, 0, 0, 0, 60), **CHORDS})
    assert verdict(data, "density", density=[1, 4]) is True
    assert verdict(data, "density", density=[2, 4]) is False  # the second bar has one
    assert verdict(data, "density", density=[2, 4], given_bars=[2, 4]) is False  # bars 3 has one
    assert verdict(data, "density", density=[2, 4], given_bars=[2, 3]) is True  # the last may have fewer
    assert verdict(data, "density", density=[1, 3]) is False
    assert verdict(data, "polyphony", polyphony=3) is True
    assert verdict(data, "polyphony", polyphony=2) is False
    assert verdict(written(tune(60, 69, 64)), "leaps", leap=9) is True
    assert verdict(written(tune(60, 69, 64)), "leaps", leap=8) is False
    stays = [["", 0, 1, 60], ["", 1, 1, 69]]
    assert verdict(written(tune(60, 69, 64)), "leaps", leap=8, given=stays) is True
    assert verdict(written(tune(60, 69, 60)), "leaps", leap=8, given=stays) is False
    band = written({"Melody": [(0, 1, 60), (1, 1, 64)], "Bass": [(0, 1, 36), (1, 1, 48)]})
    assert verdict(band, "leaps", leap=5) is True and verdict(band, "leaps", leap=3) is False
    assert verdict(written(columns((72, 60), (74, 48))), "leaps", leap=5) is False


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("C Am F G", True), ("I vi IV V", True), ("| C | Am | F | G |", True), ("C Am", False), ("C Am F G7", False),
        ([[0, "C"], [4, "Am"], [8, "F"], [12, "G"]], True), ([[0, "C"], [6, "Am"], [8, "F"], [12, "G"]], False),
        ("C / | Am | F | G", True), ("C % F G", False), ("C H", False),
    ],
)  # fmt: skip
def test_a_progression_in_the_symbols(asked: Any, kept: bool) -> None:
    marks = [(0, "C"), (4, "Am"), (8, "F"), (12, "G")]
    data = written({**tune(60, 57, 65, 67, length=4), **CHORDS}, markers=marks)
    assert verdict(data, "chords", chords=asked, key="C") is kept


def test_a_progression_shares_its_bars_and_returns() -> None:
    marks = [(0, "C"), (2, "F"), (3, "G"), (4, "C"), (6, "F"), (7, "G")]
    data = written(tune(60, 64, 65, 67, 60, 64, 65, 67), markers=marks)
    assert verdict(data, "chords", chords="C F G |", key="C") is True
    assert verdict(data, "chords", chords="C G F |", key="C") is False
    assert verdict(written(tune(60, 64)), "chords", chords="C", key="C") is False  # no symbols


def test_a_progression_in_the_notes() -> None:
    marks = [(0, "C"), (4, "Am")]
    name = "chord tones on strong beats"
    assert verdict(written(tune(60, 62, 64, 65, 69, 71, 60, 62), markers=marks), name, chords="C Am") is True
    assert verdict(written(tune(62, 60, 65, 64, 69, 71, 60, 62), markers=marks), name, chords="C Am") is False


B = (67, 69, 71, 72, 67, 69, 67, 69)


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("AABA", True), ("song", True), ("ABAC", False), ("AAAA", False), ("strophic", False), ("A?", False),
        ([["A", 1, 2], ["A", 3, 4], ["B", 5, 6]], True), ([["A", 1, 2], ["A", 5, 6]], False), ("A" * 9, False),
    ],
)  # fmt: skip
def test_form(asked: Any, kept: bool) -> None:
    assert verdict(written(tune(*A, *A, *B, *A)), "form", form=asked) is kept


def test_a_varied_return_may_differ_more() -> None:
    other, end = (60, 64, 62, 64), (60, 60, 60, 60)
    theme = (*PHRASE, *B, *end)
    assert verdict(written(tune(*theme, *PHRASE, *other, *other, *end)), "form", form="AA'") is True
    assert verdict(written(tune(*theme, *other, *other, *other, *end)), "form", form="AA'") is False
    assert verdict(written(tune(*theme, *PHRASE, *other, *other, *end)), "form", form="AA") is False


def test_under_given_chords_the_rhythm_may_return_alone() -> None:
    data = written(tune(*A, *(pitch + 2 for pitch in A)), markers=[(0, "C"), (8, "Dm")])
    assert verdict(data, "form", form="AA", chords="C C Dm Dm") is True
    assert verdict(data, "form", form="AA") is False


@pytest.mark.parametrize(
    ("chords", "kinds"),
    [
        (((72, 69, 65, 53), (71, 67, 62, 43), (72, 67, 64, 48)), {"authentic"}),
        (((72, 67, 64, 48), (72, 69, 65, 53), (72, 67, 64, 48)), {"plagal"}),
        (((72, 67, 64, 48), (72, 69, 65, 53), (71, 67, 62, 43)), {"half", "open"}),
        (((72, 67, 64, 48), (71, 67, 62, 43), (72, 64, 60, 45)), {"deceptive", "open"}),
        (((71, 67, 62, 43), (72, 67, 64, 48), (72, 69, 65, 53)), {"open"}),
        (((72, 69, 65, 53), (71, 67, 62, 43), (72, 67, 60, 52)), {"authentic", "open"}),  # on the third in the bass
    ],
)
def test_endings(chords: Any, kinds: set[str]) -> None:
    data = written(columns(*chords, length=2))
    found = {name for name in ("authentic", "half", "plagal", "deceptive", "open")
             if verdict(data, "ending", ending=name, key="C")}  # fmt: skip
    assert found == kinds


def test_endings_of_a_tune_alone() -> None:
    assert verdict(written(tune(64, 62, 60)), "ending", ending="authentic", key="C") is True
    assert verdict(written(tune(64, 62, 67)), "ending", ending="authentic", key="C") is False
    assert verdict(written(tune(64, 65, 67)), "ending", ending="half", key="C") is True
    assert verdict(written(tune(64, 62, 64)), "ending", ending="half", key="C") is False
    assert verdict(written(tune(64, 65, 67)), "ends on the tonic", ending="half", key="C") is None


def test_given_notes() -> None:
    data = written({**tune(60, 62, 64), "Bass": [(0, 4, 48)]})
    name = "given notes"
    assert verdict(data, name, given=[["Melody", 0, 1, 60], ["", "2", "1", 64], ["Bass", 0, 4, 48]]) is True
    assert verdict(data, name, given=[["Bass", 0, 1, 60]]) is False
    assert verdict(data, name, given=[["", "1/2", 1, 60]]) is False
    assert verdict(data, name, given=[["", 0, 1, 60], ["", 0, 1, 60]]) is False  # it sounds once
    assert verdict(data, name, given=[["Lost", 0, 2, 60]]) is False


def test_odd_meters_and_no_meter() -> None:
    assert verdict(written(tune(60, 62, 64, 65, 67), meter=(5, 4)), "meter", meter="5/4") is True
    assert verdict(written(tune(60, 62)), "meter", meter="C") is True
    assert verdict(written(tune(60, 62), meter=(2, 2)), "meter", meter="C") is False
