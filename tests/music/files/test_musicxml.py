"""MusicXML: what scores say becomes a piece, and what strangers put into one is refused, soon, with its place."""

from __future__ import annotations

import io
import resource
import time
import zipfile
from itertools import pairwise
from pathlib import Path

import pytest

from muse.errors import InputError
from muse.music import files
from muse.music.files import markup, musicxml
from muse.music.piece import Note, Piece, Track
from muse.music.theory import Chord, Key, Meter

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
LIST = '<part-list><score-part id="P1"><part-name>Voice</part-name></score-part></part-list>'


def note(step: str = "C", octave: int = 5, duration: int = 4, more: str = "", before: str = "", alter: int = 0) -> str:
    pitch = f"<pitch><step>{step}</step><alter>{alter}</alter><octave>{octave}</octave></pitch>"
    return f"<note>{before}{pitch}<duration>{duration}</duration>{more}</note>"


ATTRIBUTES = (
    "<attributes><divisions>4</divisions><key><fifths>-1</fifths><mode>minor</mode></key>"
    "<time><beats>3</beats><beat-type>4</beat-type></time></attributes>"
)


def score(*measures: str, listed: str = LIST, root: str = "score-partwise") -> bytes:
    inside = "".join(f'<measure number="{i}">{text}</measure>' for i, text in enumerate(measures, 1))
    return f'{HEAD}<{root} version="4.0">{listed}<part id="P1">{inside}</part></{root}>'.encode()


def notes(piece: Piece, track: int = 0) -> list[tuple[int, int, int]]:
    return [(n.tick, n.duration, n.pitch) for n in piece.tracks[track].notes]


def test_what_stands_first_is_the_head() -> None:
    tempo = '<direction><sound tempo="92"/></direction>'
    found = musicxml.read(score(ATTRIBUTES + tempo + note() * 3, note() + "<note><rest/><duration>8</duration></note>"))
    assert (str(found.key), str(found.meter), found.tempo, found.bars, found.pickup) == ("D minor", "3/4", 92, 2, 0)
    assert notes(found) == [(0, 12, 72), (12, 12, 72), (24, 12, 72), (36, 12, 72)]
    assert found.tracks[0].name == "Voice" and found.title == "Untitled"


def test_a_short_first_measure_is_a_pickup() -> None:
    found = musicxml.read(score(ATTRIBUTES + note(), note() * 3, note() * 3))
    assert (found.pickup, found.bars) == (12, 2)


def test_a_metronome_mark_counts_in_its_unit() -> None:
    mark = "<metronome><beat-unit>quarter</beat-unit><beat-unit-dot/><per-minute>60</per-minute></metronome>"
    direction = f"<direction><direction-type>{mark}</direction-type></direction>"
    assert musicxml.read(score(ATTRIBUTES + direction + note() * 3)).tempo == 90


def test_chords_voices_and_backup() -> None:
    upper = (
        note("G", more="<voice>1</voice>") + note("E", 4, more="<voice>1</voice>", before="<chord/>") + note("A", 4, 8)
    )
    under = note("C", 4, 12, more="<voice>2</voice>")
    found = musicxml.read(score(ATTRIBUTES + upper + "<backup><duration>12</duration></backup>" + under))
    assert notes(found) == [(0, 36, 60), (0, 12, 64), (0, 12, 79), (12, 24, 69)]
    assert [n.voice for n in found.tracks[0].notes] == [1, 0, 0, 0]


def test_ties_are_joined_over_bar_lines_and_only_there() -> None:
    held = note(more='<tie type="start"/>') * 3
    found = musicxml.read(
        score(ATTRIBUTES + held, note(more='<tie type="stop"/>') + note("D", more='<tie type="stop"/>'))
    )
    assert notes(found) == [(0, 12, 72), (12, 12, 72), (24, 24, 72), (48, 12, 74)]


def test_tuplets_are_rounded_without_gaps() -> None:
    five = ATTRIBUTES.replace("<divisions>4", "<divisions>5") + note(duration=1) * 15
    found = notes(musicxml.read(score(five)))
    assert [tick for tick, _, _ in found][:6] == [0, 2, 5, 7, 10, 12]
    assert all(a + b == c for (a, b, _), (c, _, _) in pairwise(found))


def test_parts_that_leave_rests_out_stay_together() -> None:
    listed = LIST.replace("</part-list>", '<score-part id="P2"><part-name>Low</part-name></score-part></part-list>')
    first = f'<part id="P1"><measure>{ATTRIBUTES}{note() * 3}</measure><measure>{note("D") * 3}</measure></part>'
    second = f'<part id="P2"><measure>{ATTRIBUTES}</measure><measure>{note("C", 3, 12)}</measure></part>'
    found = musicxml.read(f"<score-partwise>{listed}{first}{second}</score-partwise>".encode())
    assert [track.name for track in found.tracks] == ["Voice", "Low"]
    assert notes(found, 1) == [(36, 36, 48)]


def test_timewise_is_the_same_music() -> None:
    measure = f'<measure><part id="P1">{ATTRIBUTES}{note() * 3}</part></measure>'
    timewise = (
        f'<score-timewise>{LIST}{measure}<measure><part id="P1">{note("D") * 3}</part></measure></score-timewise>'
    )
    partwise = musicxml.read(score(ATTRIBUTES + note() * 3, note("D") * 3))
    assert musicxml.read(timewise.encode()).as_dict() == partwise.as_dict()


def test_a_clarinet_sounds_lower_than_it_is_written() -> None:
    moved = ATTRIBUTES.replace("<fifths>-1", "<fifths>1").replace(
        "</attributes>", "<transpose><diatonic>-1</diatonic><chromatic>-2</chromatic></transpose></attributes>"
    )
    found = musicxml.read(score(moved + note("D") * 3))
    assert notes(found)[0][2] == 72 and str(found.key) == "D minor"


def test_syllables() -> None:
    def sung(text: str, syllabic: str, more: str = "") -> str:
        second = "<lyric number='2'><text>x</text></lyric>"
        return f"<lyric><syllabic>{syllabic}</syllabic><text>{text}</text>{more}</lyric>{second}"

    found = musicxml.read(
        score(
            ATTRIBUTES + note(more=sung("Al", "begin")) + note() + note(more=sung("le", "middle")),
            note(more=sung("lu", "end", "<extend/>")) + note() + "<note><rest/><duration>4</duration></note>",
            note() + note(more=sung("O", "single")) + note(),
        )
    )
    assert [n.lyric for n in found.tracks[0].notes] == ["Al-", "_", "le-", "lu", "_", "", "O", ""]


def test_chord_symbols() -> None:
    def harmony(step: str, kind: str, more: str = "", text: str = "") -> str:
        return f"<harmony><root><root-step>{step}</root-step></root><kind text='{text}'>{kind}</kind>{more}</harmony>"

    measures = (
        ATTRIBUTES + harmony("D", "minor") + note() + harmony("C", "dominant", text="9") + note() * 2,
        harmony("G", "major", "<bass><bass-step>B</bass-step></bass>") + note(duration=12),
        harmony("F", "major-seventh", "<offset>8</offset>") + harmony("F", "none") + note(duration=12),
    )
    found = musicxml.read(score(*measures)).chords
    assert found == (
        Chord(0, 2, "m"), Chord(12, 0, "7", written="9"), Chord(36, 7, "", bass=11), Chord(96, 5, "maj7"),
    )  # fmt: skip


def test_drums_and_programs() -> None:
    listed = (
        '<part-list><score-part id="P1"><part-name>Kit</part-name>'
        '<midi-instrument id="I1"><midi-channel>10</midi-channel>'
        "<midi-unpitched>37</midi-unpitched></midi-instrument></score-part></part-list>"
    )
    hit = (
        "<note><unpitched><display-step>E</display-step></unpitched><duration>4</duration><instrument id='I1'/></note>"
    )
    found = musicxml.read(score(ATTRIBUTES + hit * 3, listed=listed))
    assert found.tracks[0].drums and notes(found)[0][2] == 36


def test_grace_and_cue_notes_do_not_sound() -> None:
    grace = "<note><grace/><pitch><step>E</step><octave>5</octave></pitch></note>"
    assert len(notes(musicxml.read(score(ATTRIBUTES + grace + note(before="<cue/>") + note() * 2)))) == 2


def test_what_muse_writes_is_read() -> None:
    sung = (Note(12, 67, 12, lyric="O"), Note(24, 69, 8, lyric="ri-"), Note(32, 71, 4, lyric="ver"), Note(36, 72, 60))
    bass = tuple(Note(12 + 24 * i, 48, 24) for i in range(4))
    piece = Piece(
        "O River", Key(7), Meter(4, 4), 96.0, 2, (Track("Melody", 73, sung), Track("Bass", 32, bass)), 12,
        (Chord(12, 7, ""), Chord(60, 2, "7")),
    )  # fmt: skip
    found = files.parse(piece.musicxml(), "river.musicxml")
    said, back = piece.as_dict(), found.as_dict()
    assert {name: (said[name], back[name]) for name in said if said[name] != back[name]} == {}


# What strangers send


def packed(files_: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files_.items():
            archive.writestr(name, text)
    return data.getvalue()


CONTAINER = b"<container><rootfiles><rootfile full-path='music/a.xml'/></rootfiles></container>"


def test_an_archive_says_where_its_score_is() -> None:
    data = {"META-INF/container.xml": CONTAINER, "other.xml": b"<a/>", "music/a.xml": score(ATTRIBUTES + note())}
    assert notes(files.parse(packed(data), "a.mxl")) == [(0, 12, 72)]
    del data["META-INF/container.xml"], data["other.xml"]
    assert notes(musicxml.read(packed(data))) == [(0, 12, 72)]


LAUGHS = '<!DOCTYPE lolz [<!ENTITY a "lol">'
LAUGHS += "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise("abcdefghi")) + "]>"
BOMB = {"META-INF/container.xml": (LAUGHS + "<container>&i;</container>").encode(), "a.xml": b"x"}
WHOLE = score(ATTRIBUTES + note() * 3).decode().removeprefix(HEAD)
PUBLIC = '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" "http://localhost:1/x.dtd">'


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no element found"),
        (b"<html><body/></html>", "<html>, not a score"),
        (b"<score-partwise>", "byte 16"),
        (score(ATTRIBUTES), "0 notes"),
        ((HEAD + LAUGHS + "<score-partwise>&i;</score-partwise>").encode(), "document type of its own"),
        ((HEAD + '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + WHOLE).encode(), "type of its own"),
        ((HEAD + '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://localhost:1/">%p;]>' + WHOLE).encode(), "type of its own"),
        ((HEAD + PUBLIC + WHOLE.replace("Voice", "&who;")).encode(), "entity"),
        ((HEAD + WHOLE.replace("Voice", "&who;")).encode(), "undefined entity"),
        (b"<score-partwise>" + b"<a>" * 100 + b"</a>" * 100 + b"</score-partwise>", "deep"),
        (b"<score-partwise>" + b"<print>" * 100 + b"</print>" * 100 + b"</score-partwise>", "deep"),
        (b"<score-partwise><work>" + b"<a/>" * 30_000, "elements"),
        (score(ATTRIBUTES + note(duration="many")), "measure 1: <duration> is 'many'"),  # type: ignore[arg-type]
        (score(ATTRIBUTES + note(), note("H")), "measure 2: <step> is 'H'"),
        (score(ATTRIBUTES + note(octave=99)), "octave"),
        (score(ATTRIBUTES.replace("<divisions>4", "<divisions>0") + note()), "divisions"),
        (score(ATTRIBUTES.replace("<divisions>4", "<divisions>nan") + note()), "divisions"),
        (score(ATTRIBUTES.replace("<beats>3", "<beats>17") + note()), "<time>"),
        (score(ATTRIBUTES + note(duration=10**9)), "longer than"),
        (score(ATTRIBUTES + note(duration=10**12)), "duration"),
        (score(ATTRIBUTES + note(alter=9)), "alter"),
        (score(ATTRIBUTES + "<note><duration>4</duration></note>"), "neither"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "encoding"),
        (packed({"a.txt": b"x"}), "no score"),
        (packed({"a.xml": b" " * (markup.LARGEST + 1)}), "unpacked, it has more than"),
        (packed({f"{i}.txt": b"" for i in range(1001)}), "more than 1,000 files"),
        (packed({"a.xml": score(ATTRIBUTES + note())})[:-30], "archive is damaged"),
        (packed(BOMB), "of its own"),
    ],
)  # fmt: skip
def test_refused_with_its_place(data: bytes, why: str) -> None:
    start = time.process_time()
    with pytest.raises(InputError) as caught:
        musicxml.read(data, "score.xml")
    assert why in str(caught.value) and "score.xml" in str(caught.value)
    assert time.process_time() - start < 1.0


def test_a_document_type_that_all_scores_name_is_not_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.socket", None)
    assert notes(musicxml.read((HEAD + PUBLIC + WHOLE).encode()))


@pytest.mark.parametrize("element", ["<note/>", "<a/>", "<measure/>"])
def test_a_flood_of_elements_is_bounded(element: str) -> None:
    data = b"<score-partwise><part id='P1'><measure>" + element.encode() * 400_000
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(InputError):
        musicxml.read(data)
    assert time.process_time() - start < 3.0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 256 * 1024


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.musicxml"):
        files.read(tmp_path / "gone.musicxml")
    with pytest.raises(InputError, match=r"no \.pdf files"):
        files.read(tmp_path / "score.pdf")
