"""Chords as people write them, read and printed."""

from __future__ import annotations

import pytest

from muse.errors import WishError
from muse.music.chords import COLOURS, numeral, progression, roman, symbol, tones, written_bars
from muse.music.theory import QUALITIES, Chord, Key, Meter

C, A_MINOR, FOUR = Key(0), Key(9, "minor"), Meter(4, 4)


def names(text: str, key: Key = C) -> list[str]:
    return [chord.name(key) for chord in progression(text, key, FOUR)]


@pytest.mark.parametrize("quality", [*QUALITIES, *COLOURS])
def test_a_symbol_is_read_as_it_is_printed(quality: str) -> None:
    for root in range(12):
        for bass in (-1, (root + 4) % 12):
            near = COLOURS[quality][1] if quality in COLOURS else quality
            chord = Chord(0, root, near, bass, quality if quality in COLOURS else "")
            assert symbol(chord.name(C)) == chord
            assert near in QUALITIES and 0 in tones(chord) and chord.moved(5).moved(7) == chord


@pytest.mark.parametrize(
    ("text", "same"),
    [("Cmaj", "C"), ("Amin7", "Am7"), ("A-", "Am"), ("Bø", "Bm7b5"), ("B°7", "Bdim7"), ("Fmaj7", "FΔ"), ("F♯m", "F#m"),
     ("G7(b9)", "G7b9"), ("C+", "Caug"), ("Dsus", "Dsus4"), ("C/C", "C"), ("CM7", "Cmaj7"), ("C6/9", "C69")],
)  # fmt: skip
def test_other_spellings_of_a_symbol(text: str, same: str) -> None:
    assert symbol(text) == symbol(same) is not None


@pytest.mark.parametrize("text", ["", "H", "Cx", "c", "C/", "C//E", "Verse", "C/H", "Amaj7m"])
def test_what_is_no_symbol(text: str) -> None:
    assert symbol(text) is None


@pytest.mark.parametrize(
    ("text", "key", "found"),
    [
        ("I vi IV V", C, "C Am F G"), ("i VI III VII", A_MINOR, "Am F C G"), ("ii7 V7 Imaj7", C, "Dm7 G7 Cmaj7"),
        ("iiø7 V7 i", A_MINOR, "Bm7b5 E7 Am"), ("ii7 v vii", A_MINOR, "Bm7b5 Em G#dim"), ("bVI bVII I", C, "Ab Bb C"),
        ("V7/V V7/ii viio7/V", C, "D7 A7 F#dim7"), ("I6 V65 I64 V42", C, "C/E G7/B C/G G7/F"),
        ("bVI bIII", A_MINOR, "F C"), ("vii7", C, "Bm7b5"), ("iv6 V", A_MINOR, "Dm/F E"), ("I/G IV+", C, "C/G Faug"),
        ("i IV", Key(2, "dorian"), "Dm G"), ("V7sus4 iadd9", A_MINOR, "E7sus4 Amadd9"), ("bII6", A_MINOR, "Bb/D"),
    ],
)  # fmt: skip
def test_roman_numerals(text: str, key: Key, found: str) -> None:
    assert [chord.name(key) if "/" in found else chord.name(C) for chord in progression(text, key, FOUR)] == [
        chord.name(key) if "/" in found else chord.name(C) for chord in progression(found, key, FOUR)
    ]


def test_numerals_are_printed_as_they_are_read() -> None:
    for key in (C, A_MINOR, Key(3), Key(6, "minor"), Key(2, "dorian")):
        for root in range(12):
            for quality in ("", "m", "7", "m7", "maj7", "dim7", "m7b5", "aug", "sus4"):
                chord = Chord(0, root, quality)
                again = numeral(roman(chord, key), key)
                assert again == chord, (str(key), roman(chord, key))


def test_bars_share_their_beats() -> None:
    chords = progression("Dm7 G7 | C | F G C", C, FOUR)
    assert [(chord.tick, chord.name(C)) for chord in chords] == [
        (0, "Dm7"), (24, "G7"), (48, "C"), (96, "F"), (120, "G"), (132, "C")
    ]  # fmt: skip
    assert [chord.tick for chord in progression("C G | F G", C, Meter(3, 4))] == [0, 24, 36, 60]
    assert [chord.tick for chord in progression("C G |", C, Meter(7, 8), pickup=6)] == [6, 30]
    assert [chord.tick for chord in progression("C F G |", C, Meter(6, 8))] == [0, 12, 24]


def test_signs_of_repetition() -> None:
    assert written_bars("Am F C G") == [["Am"], ["F"], ["C"], ["G"]]
    assert written_bars("| C / / G | % | F |") == [["C", "C", "C", "G"]] * 2 + [["F"]]
    assert [chord.tick for chord in progression("C / / G |", C, FOUR)] == [0, 36]
    assert names("C % F, G") == ["C", "F", "G"]


def test_a_progression_is_repeated_until_the_bars_are_full() -> None:
    chords = progression("Am F C G", A_MINOR, FOUR, bars=8, pickup=12)
    assert len(chords) == 8 and chords[4].tick == 12 + 4 * 48
    assert [chord.tick for chord in progression("C F C", C, FOUR, bars=6)] == [0, 48, 96, 192, 240]


@pytest.mark.parametrize(
    ("text", "bars", "said"),
    [("Am F C", 8, "3 bars does not fill 8"), ("", 4, "none"), ("Am H", 2, "'H'"), ("% Am", 2, "before '%'"),
     ("| C | | F |", 3, "bar 2 is empty"), ("C D E F G A B C D |", 1, "9 chords"), ("|||", 1, "none")],
)  # fmt: skip
def test_what_cannot_be_a_progression(text: str, bars: int, said: str) -> None:
    with pytest.raises(WishError, match="chords") as caught:
        progression(text, C, FOUR, bars)
    assert said in str(caught.value)
