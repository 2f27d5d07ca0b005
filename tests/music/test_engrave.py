"""The engraved score: pages that need nothing from outside, Chinese words in outlines, the same bytes every time."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from PIL import Image

from muse.errors import MissingExtraError
from muse.music import engrave
from muse.music.notes import Music, Note, Track
from muse.music.theory import Chord, Key, Meter
from muse.sheet.page import Box

pytest.importorskip("verovio")


def music(bars: int = 4) -> Music:
    sung = tuple(Note(12 * i, 62 + i % 7, 12, lyric=("秋", "江", "riv-", "er", "_")[i % 5]) for i in range(4 * bars))
    triplets = Track("Flute", 73, tuple(Note(8 * i, 70 + i % 3, 8) for i in range(6 * bars)))
    piano = Track("Piano", 0, tuple(Note(24 * i, pitch, 24) for i in range(2 * bars) for pitch in (45, 60, 64, 67)))
    drums = Track("Drums", 0, tuple(Note(6 * i, (36, 42, 38, 46)[i % 4], 6) for i in range(8 * bars)), True)
    chords = (Chord(0, 2, "m"), Chord(48, 10, "maj7"), Chord(96, 9, "7", 1))
    tracks = (Track("Melody", 52, sung), triplets, piano, drums)
    return Music("秋江 <&>", Key(2, "minor"), Meter(4, 4), 66.0, bars, tracks, 0, chords, sections=((0, "A"), (2, "B")))


def test_pages_are_svg_without_anything_from_outside() -> None:
    for page in engrave.engrave(music()).pages:
        ElementTree.fromstring(page)
        assert re.findall(rb"https?://[^\"]+", page) == [b"http://www.w3.org/2000/svg"]
        assert not re.search(rb"<image|<script|@font-face|url\(|Times|NaN|inf\b", page)
        assert all(link.startswith(b"#") for link in re.findall(rb'href="([^"]*)"', page))


def test_words_symbols_and_letters_are_set() -> None:
    sheets = engrave.engrave(music()).sheets
    said = [run.text for sheet in sheets for run in sheet.runs if run.text]
    assert {"秋", "江", "riv", "er", "Melody", "A", "B", "Dm", "A7/C"} <= {text.rstrip("♯#") for text in said}
    assert "秋江 <&>" in said
    assert not any(note for sheet in sheets for note in sheet.notes)


def test_everything_stands_on_the_page() -> None:
    for sheet in engrave.engrave(music(40)).sheets:
        for item in sheet.items:
            if isinstance(item, Box):
                assert item.x > -1 and item.x + item.width < sheet.width + 1
                assert item.y > -1 and item.y + item.height < sheet.height + 1
            else:
                assert all(0 < glyph.x < sheet.width and 0 < glyph.y < sheet.height for glyph in item.glyphs)


def test_heads_and_staves_are_as_many_as_the_music_has() -> None:
    tune = replace(music(2), tracks=(Track("Melody", 52, tuple(Note(12 * i, 62, 12) for i in range(8))),), sections=())
    sheet = engrave.engrave(tune).sheets[0]
    names = [glyph.outline.name for run in sheet.runs for glyph in run.glyphs]
    assert names.count("music-E0A4") == 8 and names.count("music-E050") == 1
    lines = [item for item in sheet.items if isinstance(item, Box) and item.width > 100 and item.height < 2]
    assert len({round(line.y, 1) for line in lines}) == 5


def test_the_same_bytes_in_another_process() -> None:
    code = "import sys; sys.path.insert(0, 'tests/music'); import test_engrave as t\n"
    code += "score = t.engrave.engrave(t.music()); sys.stdout.buffer.write(b''.join(score.pages) + score.pdf())"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
    engrave.engrave(music(1))  # what was set before leaves no trace
    score = engrave.engrave(music())
    assert made == b"".join(score.pages) + score.pdf()


def test_files_by_form() -> None:
    score = engrave.engrave(music(40))
    assert len(score.sheets) > 1
    assert list(score.files("svg"))[:2] == ["score.svg", "score-2.svg"] and len(score.files("svg")) == len(score.sheets)
    data = score.files("pdf")["score.pdf"]
    assert data.startswith(b"%PDF") and b"/Count %d" % len(score.sheets) in data
    assert len(re.findall(rb"/Type /Page ", data)) == len(score.sheets)
    image = Image.open(io.BytesIO(score.png(2, 800))).convert("L")
    assert image.size == (565, 800) and 0.005 < sum(image.histogram()[:128]) / (565 * 800) < 0.3


def test_without_verovio_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "verovio", None)
    with pytest.raises(MissingExtraError, match=r'pip install "muse\[score\]"'):
        engrave.engrave(music())


def test_odd_music_is_set_too() -> None:
    for track in (Track("Silent", 0, ()), Track("Drums", 0, (), True), Track("Long", 0, (Note(0, 60, 400),))):
        assert engrave.engrave(replace(music(1), tracks=(track,), chords=(), sections=())).pages
