"""The phrases of melodies: a sung poem's are its lines, and other melodies are cut at their gaps."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sung import walk

from muse.errors import InputError
from muse.music.notes import Note, Track
from muse.music.piece import Piece
from muse.music.sing import setting
from muse.music.sing.phrases import phrases
from muse.music.theory import Key, Meter
from muse.poem.poem import Poem


def tune(*lengths: int, rests: tuple[int, ...] = ()) -> Piece:
    """A tune of quarters and what else, each note a step higher or lower than the one before."""
    notes, now = [], 0
    for at, length in enumerate(lengths):
        notes.append(Note(now, 60 + at % 5, length))
        now += length + (12 if at in rests else 0)
    return Piece("Tune", Key.parse("C"), Meter(4, 4), 90.0, -(-now // 48), (Track("Melody", 0, tuple(notes)),))


@pytest.mark.parametrize(
    ("text", "language", "sizes"),
    [
        ("白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。", "zh", [5, 5, 5, 5]),
        ("The wind is low upon the hill\nThe sea is wide and grey\n"
         "The night is cold, the land is still\nAnd I am far away", "en", [8, 6, 8, 6]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("seed", range(3))
def test_the_lines_of_a_song_are_found_again(text: str, language: str, sizes: list[int], seed: int) -> None:
    made = setting(Poem.from_text(text).lyrics(), seed=seed)
    found = phrases(walk(made, seed), language)
    assert [len(phrase.steps) for phrase in found] == sizes
    assert all(len(phrase.steps) == len(phrase.accents) and phrase.steps[0] == 0 for phrase in found)


def test_a_melisma_is_one_syllable() -> None:
    made = setting(Poem.from_text("白日依山尽，黄河入海流。").lyrics(), melisma=1.0)
    piece = walk(made)
    words = replace(piece.tracks[0], notes=tuple(
        replace(note, lyric=word) for note, word in zip(piece.melody.notes, made.words, strict=True)))  # fmt: skip
    found = phrases(replace(piece, tracks=(words,)), "zh")
    assert [len(phrase.steps) for phrase in found] == [5, 5]


def test_a_rest_parts_what_a_long_note_does_not() -> None:
    found = phrases(tune(*[12] * 6, *[12] * 6, rests=(5,)), "zh")
    assert [len(phrase.steps) for phrase in found] == [6, 6]


def test_accents_and_steps_are_those_of_the_notes() -> None:
    (found,) = phrases(tune(12, 12, 12, 12), "zh")
    assert found.accents == (1, -1, 1, -1) and found.steps == (0, 1, 1, 1)


def test_notes_without_a_gap_are_cut_all_the_same() -> None:
    found = phrases(tune(*[6] * 61), "en")
    assert sum(len(phrase.steps) for phrase in found) == 61
    assert max(len(phrase.steps) for phrase in found) <= 14


def test_a_melody_of_two_notes_is_none() -> None:
    with pytest.raises(InputError, match="2 notes"):
        phrases(tune(12, 12), "zh")
