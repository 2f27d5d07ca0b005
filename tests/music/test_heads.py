"""Bars, lines and heads: every tick of every note stands in one head, and triplets are whole."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse.music.heads import SHAPES, Bar, bars, heads, lengths, lines
from muse.music.notes import Music, Note, Track
from muse.music.theory import Key, Meter
from muse.music.words import words

METERS = ("2/4", "3/4", "4/4", "6/8", "3/8", "2/2", "5/8", "9/8", "12/8", "2/1")
notes = st.builds(Note, st.integers(0, 200), st.integers(40, 80), st.integers(1, 60), voice=st.integers(0, 2))


@pytest.mark.parametrize("meter", METERS)
def test_lengths_fill_what_they_are_asked_to(meter: str) -> None:
    found = Meter.parse(meter)
    for at in range(found.bar):
        for ticks in range(1, found.bar - at + 1):
            shown = list(lengths(at, ticks, found))
            assert sum(shown) == ticks and all(length in SHAPES for length in shown)


@pytest.mark.parametrize(
    ("at", "ticks", "meter", "shown"),
    [(0, 48, "4/4", [48]), (6, 12, "4/4", [12]), (3, 12, "4/4", [9, 3]), (8, 8, "4/4", [8]), (4, 8, "4/4", [8]),
     (8, 16, "4/4", [16]), (12, 12, "6/8", [6, 6]), (0, 36, "6/8", [36]), (0, 20, "4/4", [12, 8])],
)  # fmt: skip
def test_notes_are_cut_where_readers_expect_it(at: int, ticks: int, meter: str, shown: list[int]) -> None:
    assert list(lengths(at, ticks, Meter.parse(meter))) == shown


@settings(max_examples=60, deadline=None)
@given(st.lists(notes, min_size=1, max_size=30, unique_by=lambda note: (note.tick, note.pitch, note.voice)))
def test_lines_hold_every_note_once_and_heads_every_tick(found: list[Note]) -> None:
    music = Music("", Key(0), Meter(3, 4), 90.0, 1, (Track("A", 0, tuple(sorted(found))),), 12)
    drawn = lines(found)
    assert sorted(note for line in drawn for column in line for note in column.notes) == sorted(found)
    ticks: dict[Note, int] = dict.fromkeys(found, 0)
    begun: list[Note] = []
    for line in drawn:
        assert all(a.end <= b.tick for a, b in pairwise(line))
        for bar in bars(music):
            shown = heads(line, bar, music.meter)
            assert sum(head.ticks for head in shown) == bar.end - bar.start
            assert sum(head.opens for head in shown) == sum(head.closes for head in shown)
            for head in shown:
                for note in head.notes:
                    ticks[note] += head.ticks
                    begun += [note] if head.begins else []
    assert ticks == {note: note.duration for note in found}
    assert sorted(begun) == sorted(found)


def test_bars_go_on_as_long_as_the_notes_do() -> None:
    late = Music("", Key(0), Meter(4, 4), 90.0, 1, (Track("A", 0, (Note(100, 60, 30),)),), 12)
    assert bars(late) == [Bar(0, 0, 12, -36), Bar(1, 12, 60, 12), Bar(2, 60, 108, 60), Bar(3, 108, 156, 108)]


def test_an_empty_bar_is_one_rest() -> None:
    assert [(head.at, head.ticks, head.notes) for head in heads([], Bar(1, 0, 60, 0), Meter(5, 4))] == [(0, 60, ())]


def test_words_know_how_syllables_stand_to_them() -> None:
    said = ["Ri-", "ver", "run", "_", "_", "o-", "_", "ver", "江", "_"]
    found = list(words(Note(index, 60, 1, lyric=text) for index, text in enumerate(said)).values())
    assert [word.syllabic for word in found if word.text] == ["begin", "end", "single", "begin", "end", "single"]
    assert [word.text for word in found if word.text] == ["Ri", "ver", "run", "o", "ver", "江"]
    assert [word.line for word in found] == ["", "", "start", "continue", "stop", "", "", "", "start", "stop"]
    alone = list(words([Note(0, 60, 1, lyric="-")]).values())
    assert alone[0].text == "" or alone[0].syllabic == "single"
