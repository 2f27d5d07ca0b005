"""The piano roll: the same bytes, whole for odd pieces, nothing outside the picture, nothing foreign inside."""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree

import pytest
from PIL import Image

from muse.music import roll
from muse.music.piece import Note, Piece, Track
from muse.music.theory import Chord, Key, Meter


def piece(**changes: object) -> Piece:
    sung = tuple(Note(12 * i, 62 + i % 9, 12, 60 + i, lyric="江" if i % 2 else "") for i in range(24))
    melody = Track("Melody", 73, sung)
    chords = Track("Chords", 0, tuple(Note(36 * bar, pitch, 36, 50) for bar in range(8) for pitch in (50, 53, 57)))
    drums = Track("Drums", 0, tuple(Note(6 * i, (36, 42)[i % 2], 6) for i in range(48)), True)
    names = tuple(Chord(36 * bar, (2, 7)[bar % 2], "m") for bar in range(8))
    values = {"tracks": (melody, chords, drums), "chords": names, **changes}
    return Piece("秋江 <&>\x07", Key(2, "minor"), Meter(3, 4), 66.0, 8, **values)  # type: ignore[arg-type]


CASES = {
    "full": piece(),
    "one note": piece(tracks=(Track("A", 0, (Note(0, 60, 1),)),), chords=()),
    "whole keyboard": piece(tracks=(Track("A", 0, tuple(Note(i, i, 300) for i in range(128))),)),
    "no notes": piece(tracks=()),
    "long": piece(tracks=(Track("A", 0, tuple(Note(12 * i, 40 + i % 30, 12) for i in range(4000))),)),
    "sections": piece(sections=((0, "A"), (4, "Verse <b>"))),
    "voices": piece(tracks=(Track("A", 0, tuple(Note(i, 60 + i % 16, 9, voice=i % 16) for i in range(64))),)),
}


@pytest.mark.parametrize("name", CASES)
def test_svg_is_xml_and_refers_to_nothing(name: str) -> None:
    data = roll.svg(CASES[name])
    root = ElementTree.fromstring(data)
    assert root.tag.endswith("svg")
    assert not re.search(rb"href|url\(|<script|<image|@import", data)
    assert re.findall(rb"https?://[^\"]+", data) == [b"http://www.w3.org/2000/svg"]
    assert data == roll.svg(CASES[name])


@pytest.mark.parametrize("name", CASES)
def test_every_note_is_drawn_inside_the_picture(name: str) -> None:
    drawing = roll.draw(CASES[name])
    for shape in drawing.shapes:
        assert 0 <= shape.x <= drawing.width and 0 <= shape.y <= drawing.height, shape
        if isinstance(shape, roll.Box):
            assert shape.x + shape.width <= drawing.width + 2.5 and shape.width > 0 and shape.height > 0, shape
    notes = [shape for shape in drawing.shapes if isinstance(shape, roll.Box) and shape.round]
    assert len(notes) >= len(CASES[name].notes)


def test_png_is_a_picture_of_the_same_size_and_the_same_bytes() -> None:
    data = roll.png(CASES["full"])
    assert data == roll.png(piece())
    image = Image.open(io.BytesIO(data)).convert("RGB")
    drawing = roll.draw(CASES["full"])
    assert image.size == (drawing.width, drawing.height)
    colours = {pixel for _, pixel in image.getcolors(1 << 20) or ()}
    assert len(colours) > 16


def test_span_says_where_the_music_lies() -> None:
    drawing = roll.draw(CASES["full"])
    start, end = roll.span(CASES["full"])
    notes = [shape for shape in drawing.shapes if isinstance(shape, roll.Box) and shape.round and shape.y > roll.HEAD]
    assert min(note.x for note in notes) == pytest.approx(start * roll.WIDTH / 100, abs=1)
    assert max(note.x + note.width for note in notes) == pytest.approx(end * roll.WIDTH / 100, abs=2)


def test_chord_names_and_lyrics_stand_in_the_picture() -> None:
    text = roll.svg(CASES["full"]).decode()
    assert ">Dm<" in text and ">Gm<" in text and ">江<" in text and "&lt;&amp;&gt;" in text and "\x07" not in text


def test_sections_drums_and_words_have_their_places() -> None:
    drawing = roll.draw(CASES["sections"])
    said = {shape.text: shape for shape in drawing.shapes if isinstance(shape, roll.Label)}
    assert said["A"].y < said["Dm"].y and said["Verse <b>"].x > said["A"].x
    assert {"Bass drum", "Closed hi-hat"} <= said.keys()
    words = [shape for shape in drawing.shapes if isinstance(shape, roll.Label) and shape.text == "江"]
    lowest = max(shape.y for shape in drawing.shapes if isinstance(shape, roll.Box) and shape.fill in roll.COLOURS)
    assert len(words) == 12 and len({word.y for word in words}) <= 2 and min(word.y for word in words) > lowest


def test_a_syllable_held_on_is_not_said_again() -> None:
    tune = (Note(0, 60, 24, lyric="江"), Note(24, 62, 24, lyric="_"), Note(48, 64, 24, lyric="月"))
    said = [s.text for s in roll.draw(piece(tracks=(Track("A", 0, tune),))).shapes if isinstance(s, roll.Label)]
    assert "江" in said and "月" in said and "_" not in said
