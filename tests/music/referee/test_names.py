"""Names of keys, chords and Roman numerals."""

from __future__ import annotations

import pytest

from muse.music.referee import names

C, A = names.Tonality(0, "major"), names.Tonality(9, "minor")


@pytest.mark.parametrize(
    ("text", "name", "scale"),
    [
        ("D minor", "D minor", {0, 2, 3, 5, 7, 8, 9, 10, 11}),
        ("f# dorian", "F# dorian", {0, 2, 3, 5, 7, 9, 10}),
        ("E phrygian", "E phrygian", {0, 1, 3, 5, 7, 8, 10}),
        ("Bb lydian", "Bb lydian", {0, 2, 4, 6, 7, 9, 11}),
        ("G mixolydian", "G mixolydian", {0, 2, 4, 5, 7, 9, 10}),
        ("C pentatonic", "C 宫", {0, 2, 4, 7, 9}),
        ("D商", "D 商", {0, 2, 5, 7, 10}),
        ("E 角", "E 角", {0, 3, 5, 8, 10}),
        ("G 徵调", "G 徵", {0, 2, 5, 7, 9}),
        ("A 羽", "A 羽", {0, 3, 5, 7, 10}),
        ("E flat major", "Eb major", {0, 2, 4, 5, 7, 9, 11}),
    ],
)
def test_keys(text: str, name: str, scale: set[int]) -> None:
    found = names.tonality(text)
    assert found is not None and str(found) == name and found.scale == scale


@pytest.mark.parametrize("text", ["", "H minor", "D nothing", "minor", "12", "Dm7"])
def test_no_keys(text: str) -> None:
    assert names.tonality(text) is None


@pytest.mark.parametrize(
    ("numeral", "key", "chord"),
    [
        ("I", C, "C"), ("vi", C, "Am"), ("V7", C, "G7"), ("IV6", C, "F"), ("ii65", C, "Dm7"), ("I7", C, "Cmaj7"),
        ("vii°", C, "Bdim"), ("viiø7", C, "Bm7b5"), ("bVII", C, "Bb"), ("V/V", C, "D"), ("V7/ii", C, "A7"),
        ("i", A, "Am"), ("V7", A, "E7"), ("vii°7", A, "G#dim7"), ("VI", A, "F"), ("iio", A, "Bdim"), ("bVI", A, "F"),
        ("III+", A, "Caug"), ("IVmaj7", C, "Fmaj7"), ("IV", names.Tonality(2, "dorian"), "G"),
    ],
)  # fmt: skip
def test_numerals(numeral: str, key: names.Tonality, chord: str) -> None:
    found, wanted = names.numeral(numeral, key), names.symbol(chord)
    assert found is not None and wanted is not None and found.means(wanted) and found.classes == wanted.classes


@pytest.mark.parametrize("text", ["", "H7", "IIII", "iV", "Verse", "V/", "x/V"])
def test_no_chords(text: str) -> None:
    assert names.numeral(text, C) is None and names.symbol(text) is None


def test_symbols_that_mean_the_same() -> None:
    same = [("C", "Cmaj"), ("Dm7", "Dmin7"), ("G7/B", "G7"), ("F9", "F7"), ("A♭", "G#")]
    assert all(names.symbol(a).means(names.symbol(b)) for a, b in same)  # type: ignore[union-attr, arg-type]
    other = [("C", "Cm"), ("C", "C7"), ("C", "Am"), ("Csus4", "C")]
    assert not any(names.symbol(a).means(names.symbol(b)) for a, b in other)  # type: ignore[union-attr, arg-type]


@pytest.mark.parametrize(
    ("key", "pitch", "name"),
    [("D minor", 61, "C#4"), ("Ab", 61, "Db4"), ("B", 70, "A#4"), ("C minor", 71, "B4"), ("E dorian", 61, "C#4")],
)
def test_spelling(key: str, pitch: int, name: str) -> None:
    assert names.pitch_name(pitch, names.tonality(key)) == name
