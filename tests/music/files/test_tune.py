"""ABC and kern as pieces: chords, voices, lyrics and chord symbols, and errors with their line and column."""

from __future__ import annotations

import time

import pytest

from muse.errors import InputError
from muse.music import abc, files
from muse.music.piece import Piece
from muse.music.theory import Chord

TUNE = """X:1
T:Tune
M:6/8
L:1/8
Q:3/8=60
K:Em
"Em"B,|E2F "G"G2A|(3Bcd [EGB]2A- "Am7/C"!trill!{g}A|z6 |]
w: Hel-lo my bright__ star *  o~my
"""


def read(text: str, name: str = "a.abc") -> Piece:
    return files.parse(text.encode(), name)


def cells(piece: Piece, track: int = 0) -> list[tuple[int, int, int]]:
    return [(n.tick, n.duration, n.pitch) for n in piece.tracks[track].notes]


def test_a_whole_tune() -> None:
    found = read(TUNE)
    assert (found.title, str(found.key), str(found.meter), found.tempo) == ("Tune", "E minor", "6/8", 90)
    assert (found.pickup, found.bars) == (6, 3)
    assert found.chords == (Chord(0, 4, "m"), Chord(24, 7, ""), Chord(72, 9, "m7", bass=0))
    assert cells(found)[-4:] == [(54, 12, 64), (54, 12, 67), (54, 12, 71), (66, 12, 69)]
    assert cells(found)[5:8] == [(42, 4, 71), (46, 4, 72), (50, 4, 74)]
    sung = [(n.tick, n.lyric) for n in found.tracks[0].notes if n.lyric]
    assert sung == [
        (0, "Hel-"),
        (6, "lo"),
        (18, "my"),
        (24, "bright"),
        (36, "_"),
        (42, "_"),
        (46, "star"),
        (54, "o my"),
    ]


@pytest.mark.parametrize(
    ("music", "expected"),
    [
        ("C>D E<F|", [(0, 9, 60), (9, 3, 62), (12, 3, 64), (15, 9, 65)]),
        ("^F-|F F|", [(0, 12, 66), (12, 6, 65)]),
        ("C2 & E2 | G2|", [(0, 12, 60), (0, 12, 64), (12, 12, 67)]),
        ("[CE]-[CE]|", [(0, 12, 60), (0, 12, 64)]),
        ("C[L:1/4]C[K:D]F|", [(0, 6, 60), (6, 12, 60), (18, 12, 66)]),
        ("Z2 C|", [(96, 6, 60)]),
        ("(5CDEFG|", [(0, 2, 60), (2, 3, 62), (5, 2, 64), (7, 3, 65), (10, 2, 67)]),
        ("(3:2:2 C2D|", [(0, 8, 60), (8, 4, 62)]),
    ],
)
def test_what_abc_says(music: str, expected: list[tuple[int, int, int]]) -> None:
    assert cells(read(f"X:1\nM:4/4\nL:1/8\nK:C\n{music}\n")) == expected


def test_voices_are_tracks_in_their_order() -> None:
    found = read('X:1\nM:2/4\nL:1/4\nV:S name="High"\nV:B octave=-1\nK:Ddor\n[V:B]DA|\nV:S\nFA|\nw: la la\n')
    assert [track.name for track in found.tracks] == ["High", "B"] and str(found.key) == "D dorian"
    assert cells(found, 1) == [(0, 12, 50), (12, 12, 57)] and found.tracks[0].notes[1].lyric == "la"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no K: field"), ("hello", "no K: field"),
        ("X:1\nK:C\nCDE ? F|\n", "line 3, column 5: '?'"), ("X:1\nK:C\nCD|\nE [V:2] @ F|", "line 4, column 9: '@'"),
        ("X:1\nK:C\nC 12 D|", "line 3, column 3"), ("X:1\nK:C\n[CEG|\n", "line 3, column 1: '['"),
        ("X:1\nM:17/0\nK:C\nC|", "line 2: no such meter"), ("X:1\nL:1/0\nK:C\nC|", "line 2: not a length"),
        ("X:1\nCDE\nK:C\nC|", "line 2, column 1"), ("X:1\nK:C\nz4|", "0 notes"),
        ("X:1\nK:C\n" + "c'" * 5 + "'" * 90, "line 3"),
        ("X:1\nK:C\n" + "C" * 300_000, "too long"), ("X:1\nK:C\n" + "Z9999|" * 9999, "0 notes"),
    ],
)  # fmt: skip
def test_abc_with_errors_names_line_and_column(text: str, why: str) -> None:
    start = time.process_time()
    with pytest.raises(InputError) as caught:
        read(text)
    assert why in str(caught.value) and "a.abc" in str(caught.value)
    assert time.process_time() - start < 1.0


@pytest.mark.parametrize("flood", ["{", "!", "[V:", "C9999/", "&C|", "w:a\n"])
def test_floods_of_abc_are_bounded(flood: str) -> None:
    start = time.process_time()
    try:
        read("X:1\nK:C\nC|\n" + flood * ((abc.LONGEST - 20) // len(flood)))
    except InputError as error:
        assert error.what
    assert time.process_time() - start < 4.0


KERN = """!!!OTL: Song
**kern\t**kern\t**text
*I"Low\t*I"High\t*
*M3/4\t*M3/4\t*
*k[b-]\t*k[b-]\t*
*d:\t*d:\t*
*MM90\t*MM90\t*
4D\t4dd\tAl-
=1\t=1\t=1
*^\t*\t*
2.D\t[2.F\t8ff 8aa\t-le-
.\t.\t8gg\t_
.\t.\t2ff\tlu
*v\t*v\t*\t*
=2\t=2\t=2
2.D 2F]\t3%2cc\t.
.\t12ccq\t.
*-\t*-\t*-
"""


def kern(text: str = KERN) -> Piece:
    return files.parse(text.encode(), "a.krn")


def test_a_kern_score() -> None:
    found = kern()
    assert (found.title, str(found.key), str(found.meter), found.tempo) == ("Song", "D minor", "3/4", 90)
    assert (found.pickup, found.bars, [t.name for t in found.tracks]) == (12, 2, ["High", "Low"])
    assert cells(found) == [(0, 12, 74), (12, 6, 77), (12, 6, 81), (18, 6, 79), (24, 24, 77), (48, 32, 72)]
    assert [n.lyric for n in found.tracks[0].notes] == ["Al-", "le-", "", "_", "lu", ""]
    assert cells(found, 1) == [(0, 12, 50), (12, 36, 50), (12, 60, 53), (48, 36, 50)]
    assert [n.voice for n in found.tracks[1].notes] == [0, 0, 1, 0]


def test_chords_of_a_kern_score() -> None:
    assert kern("**kern\t**mxhm\n4c\tC major\n4d\tB- minor-seventh\n*-\t*-\n").chords == (
        Chord(0, 0, ""), Chord(12, 10, "m7"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no **kern spine"), ("**text\nla\n*-\n", "no **kern spine"),
        ("**kern\n4c\t4d\n*-\n", "line 2: it has 2 columns"),
        ("**kern\t**kern\n4c\n", "line 2: it has 1 columns, and 2"), ("**kern\n*v\n4c\n", "line 2: *v in column 1"),
        ("**kern\t**kern\n*v\t*v\n4c\n", "joins no other"), ("**kern\t**kern\n*x\t*\n4c\t4d\n", "*x stands in one"),
        ("**kern\n4c\n**kern\n", "line 3: spines begin"), ("**kern\n4c\n*-\n4d\n", "line 4: it has 1 columns, and 0"),
        ("**kern\nc\n*-\n", "line 2: 'c' has no length"), ("**kern\n4h\n*-\n", "line 2: '4h' has no pitch"),
        ("**kern\n4" + "c" * 20 + "\n*-\n", "no pitch"), ("**kern\n*M17/0\n4c\n*-", "line 2: no such meter"),
        ("**kern\n" + "*^" + "".join("\n" + "\t".join(["*^"] * 2**i) for i in range(1, 12)), "256 columns"),
        ("**kern\n4r\n*-\n", "0 notes"), ("**kern\t" * 999 + "**kern\n", "256 columns"), ("x" * (1 << 23), "more than"),
    ],
)  # fmt: skip
def test_broken_spines_are_refused_with_their_line(text: str, why: str) -> None:
    start = time.process_time()
    with pytest.raises(InputError) as caught:
        kern(text)
    assert why in str(caught.value) and "a.krn" in str(caught.value)
    assert time.process_time() - start < 1.0
