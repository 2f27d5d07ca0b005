"""The chord chart: every symbol once, in its bar, on the page and in letters."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

from muse.music.chart import chart, rows, symbols
from muse.music.notes import Music
from muse.music.theory import Chord, Key, Meter

SONG = Music(
    "秋江 <&>", Key(2, "minor"), Meter(4, 4), 96.0, 11, (), 12,
    (Chord(12, 2, "m"), Chord(60, 7, "m7"), Chord(84, 9, "7", 1), Chord(108, 10, "maj7", written="maj9")),
    sections=((0, "A"), (6, "B")),
)  # fmt: skip


def test_rows_are_of_four_bars_and_begin_anew_with_a_section() -> None:
    assert list(rows(SONG)) == [(0, 4, "A"), (4, 6, ""), (6, 10, "B"), (10, 11, "")]
    assert list(rows(replace(SONG, sections=()))) == [(0, 4, ""), (4, 8, ""), (8, 11, "")]


def test_a_bar_says_what_holds_in_it() -> None:
    assert symbols(SONG, 0) == [(0.0, "Dm")] and symbols(SONG, 1) == [(0.0, "Gm7"), (0.5, "A7/C#")]
    assert symbols(SONG, 7) == [(0.0, "Bbmaj9")] and symbols(replace(SONG, chords=()), 0) == []


def test_text() -> None:
    assert chart(SONG).words.splitlines()[:5] == [
        "秋江 <&>", "D minor · 4/4 · 96 BPM", "", "[A]",
        "| Dm / / /      | Gm7 / A7/C# / | Bbmaj9 / / /  | Bbmaj9 / / /  |",
    ]  # fmt: skip


def test_the_page_holds_every_symbol_inside_it() -> None:
    crowded = tuple(Chord(12 + 12 * beat, beat % 12, "m7b5", (beat + 3) % 12) for beat in range(44))
    for music in (SONG, replace(SONG, chords=crowded), replace(SONG, bars=200), replace(SONG, chords=(), sections=())):
        sheet = chart(music)
        names = [name for bar in range(music.bars) for _, name in symbols(music, bar)]
        said = [run.text for run in sheet.runs]
        assert sorted(said[2:]) == sorted([*names, *(letter for _, letter in music.sections)])
        for run in sheet.runs:
            last = run.glyphs[-1]
            assert run.glyphs[0].x > 0 and last.x + last.size * last.outline.advance / 1000 < sheet.width
            assert last.y < sheet.height
        ElementTree.fromstring(sheet.svg())
        assert sheet.svg() == chart(music).svg()


def test_symbols_do_not_run_together() -> None:
    crowded = tuple(Chord(12 + 12 * beat, beat % 12, "m7b5", (beat + 3) % 12) for beat in range(44))
    runs = list(chart(replace(SONG, chords=crowded)).runs)[2:]
    for before, after in pairwise(runs):
        last, first = before.glyphs[-1], after.glyphs[0]
        if last.y == first.y and first.x > last.x:
            assert last.x + last.size * last.outline.advance / 1000 < first.x
