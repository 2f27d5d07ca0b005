"""A piece as it is shown: in blocks in a terminal, with score and sound in a notebook; and all its files."""

from __future__ import annotations

import base64
import io
import re
import sys
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from muse.music.notes import Note, Track
from muse.music.piece import Piece
from muse.music.seen import html, roll_text
from muse.music.theory import Chord, Key, Meter
from muse.work import Recipe


def piece(**changes: object) -> Piece:
    tune = tuple(Note(12 + 12 * i, 62 + i % 5, 12, lyric="江" if i % 2 else "riv-") for i in range(8))
    bass = tuple(Note(12 + 48 * i, 57, 48) for i in range(2))
    drums = Track("Drums", 0, tuple(Note(12 + 12 * i, 38, 6) for i in range(8)), True)
    made = Piece(
        "秋 <&>", Key(2, "minor"), Meter(4, 4), 160.0, 2,
        (Track("Melody", 73, tune), Track("Bass", 32, bass), drums), 12,
        (Chord(12, 2, "m"), Chord(60, 9, "7")), sections=((0, "A"),), recipe=Recipe("compose", 7),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def wide(line: str) -> int:
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in line)


@pytest.mark.parametrize("width", [12, 30, 44, 80, 200])
def test_blocks_fit_the_terminal_and_show_every_note(width: int) -> None:
    text = roll_text(piece(), width)
    assert text.count("●") == 8 and text.count("○") == 2
    assert all(wide(line) <= max(width, 28) for line in text.splitlines())
    assert "Dm" in text and "A7" in text and "[A]" in text and "江" in text


def test_rows_are_pitches_and_columns_are_time() -> None:
    rows = {line[:3].strip(): line for line in roll_text(piece(pickup=0, chords=()), 200).splitlines() if "│" in line}
    assert rows["D4"].index("●") < rows["E4"].index("●") and rows["A3"].index("○") == rows["D4"].index("●")


def test_of_a_wide_band_only_the_tune_is_shown() -> None:
    low = Track("Bass", 32, (Note(12, 25, 96),))
    assert "○" not in roll_text(piece(tracks=(piece().tracks[0], low)))
    assert roll_text(piece(tracks=())) == "" == roll_text(piece(tracks=(piece().tracks[2],)))


def test_show_prints_both(capsys: pytest.CaptureFixture[str]) -> None:
    piece().show()
    shown = capsys.readouterr().out
    assert "秋 <&>" in shown and "●" in shown and "D minor" in shown


@pytest.mark.parametrize("engraved", [True, False])
def test_a_notebook_sees_and_hears_it(engraved: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if engraved:
        pytest.importorskip("verovio")
    else:
        monkeypatch.setitem(sys.modules, "verovio", None)
    page = html(piece())
    assert "秋 &lt;&amp;&gt;" in page and "<script" not in page
    svg = base64.b64decode(re.search(r"image/svg\+xml;base64,([^\"]+)", page)[1])  # type: ignore[index]
    ElementTree.fromstring(svg)
    assert (b"music-E0A4" in svg) == engraved
    sound = base64.b64decode(re.search(r"audio/ogg;base64,([^\"]+)", page)[1])  # type: ignore[index]
    assert sound[:4] == b"OggS" and len(sound) < 60_000
    assert not re.search(r"(src|href)=\"(?!data:)", page)


def test_without_a_renderer_a_notebook_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "midirenderer", None)
    assert "pip install midirenderer" in piece()._repr_html_()


def test_files_and_stems() -> None:
    made = piece(stems=True, sound_format="wav", humanise=0.7)
    files = made.files()
    assert set(files) == {
        "piece.mid", "piece.json", "piece.musicxml", "piece.abc", "chords.svg", "chords.txt", "roll.svg", "roll.png",
        "piece.wav", "stems/1-melody.wav", "stems/2-bass.wav", "stems/3-drums.wav",
    }  # fmt: skip
    mix, *stems = (np.frombuffer(files[n][44:], "<i2").astype(int) for n in sorted(files) if n.endswith(".wav"))
    assert len({len(stem) for stem in (mix, *stems)}) == 1 and all(np.abs(stem).max() > 100 for stem in stems)
    assert np.abs(sum(stems) - mix).max() <= 3
    assert replace(made).files() == files
    assert piece(humanise=0.7).midi() == files["piece.mid"] != piece().midi()
    assert not {"chords.svg", "chords.txt"} & set(piece(chords=()).files())


def test_the_score_comes_where_it_is_asked_for() -> None:
    pytest.importorskip("verovio")
    assert piece(score="pdf").files()["score.pdf"][:5] == b"%PDF-"
    assert piece(score="svg").files()["score.svg"][:4] == b"<svg"


def test_json_keeps_the_form() -> None:
    made = piece()
    assert made.as_dict()["sections"] == [[0, "A"]] and Piece.from_dict(made.as_dict()).sections == ((0, "A"),)
    assert "sections" not in piece(sections=()).as_dict()


def test_music21_reads_the_lyric_events() -> None:
    import music21

    heard = music21.converter.parseData(io.BytesIO(piece().midi()).getvalue(), format="midi")
    sung = [note.lyric for note in heard.recurse().notes if note.lyric]
    assert sung == ["riv", "江"] * 4  # it keeps the hyphen as syllabic
    assert {note.lyrics[0].syllabic for note in heard.recurse().notes if note.lyric == "riv"} == {"begin"}
