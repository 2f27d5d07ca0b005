"""Own corpora: every format read, kinds told apart, bad files named, duplicates in any key dropped, parts apart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import own_scores as made_up
import pytest

from muse.errors import CorpusError, UsageError
from muse.music.events import decode, encode
from muse.music.own import found, roles
from muse.music.own.lessons import Lessons, gather, likeness, parted
from muse.music.own.variation import bars_of
from muse.music.records import Record
from muse.music.theory import Key, Meter


@pytest.fixture(scope="module")
def lessons(tmp_path_factory: pytest.TempPathFactory) -> Lessons:
    return gather(made_up.folder(tmp_path_factory.mktemp("own") / "music"))


def test_every_format_is_read_and_told_apart(lessons: Lessons) -> None:
    counts = lessons.counts
    assert (counts["pieces"], counts["in four parts"], counts["with chords"], counts["tunes"]) == (12, 3, 3, 6)
    assert len(lessons.held) == counts["held"] == 1 and len(lessons.train) == 11
    assert lessons.source.records == 12 and lessons.source.name == "music"


def test_what_is_passed_over_is_named_with_its_reason(lessons: Lessons) -> None:
    left = dict(lessons.left)
    assert set(left) == {"cut.mid", "page.xml", "lead1_again.musicxml", "tunes.abc:15"}
    assert "cut" in left["cut.mid"] and "<html>" in left["page.xml"] and "17/0" in left["tunes.abc:15"]
    assert "lead1.musicxml" in left["lead1_again.musicxml"] or "stood there before" in left["lead1-again.musicxml"]
    assert lessons.listed().decode().count("\n") == 4 and "4 passed over" in lessons.notes[1]


def test_records_are_what_was_written(lessons: Lessons) -> None:
    records = {record.title: record.draft for record in lessons.part("all")}
    lead, band = records["Piece 0"], records["band1"]
    assert lead.task == "lead" and [chord.root for chord in lead.chords][:4] == [0, 5, 7, 0]
    assert [n[:3] for n in lead.voices[0]] == [(n.tick, n.duration, n.pitch) for n in made_up.melody(0)]
    assert band.task == "melody" and band.key == Key(1)
    assert {note[2] % 12 for note in band.voices[0]} == {note.pitch % 12 for note in made_up.melody(41, 1)}
    assert records["Kern"].task == "melody" and records["Tune 60"].meter == Meter(4, 4)
    for draft in records.values():
        assert decode(encode(draft).tokens).voices == draft.voices


def test_parts_of_four_stand_from_the_top(lessons: Lessons) -> None:
    draft = next(record.draft for record in lessons.part("all") if record.draft.task == "satb")
    means = [np.mean([note[2] for note in voice]) for voice in draft.voices]
    assert means == sorted(means, reverse=True)


def test_duplicates_are_known_in_every_key() -> None:
    one, other = (roles.record_of(found.of_piece(made_up.lead(3, key), "x")) for key in (0, 7))
    another = roles.record_of(found.of_piece(made_up.lead(4), "x"))
    assert isinstance(one, Record) and isinstance(other, Record) and isinstance(another, Record)
    assert likeness(one) == likeness(other) != likeness(another)


def test_groups_stay_on_one_side() -> None:
    record = roles.record_of(found.of_piece(made_up.lead(3), "x"))
    assert isinstance(record, Record)
    records = [replace(record, group=f"g{i % 30}") for i in range(90)]
    train, held = parted(records)
    assert len(held) == 9 and not {r.group for r in train} & {r.group for r in held}
    assert parted(records[::-1])[1] == held[::-1]
    with pytest.raises(UsageError):
        Lessons(train, held, None, {}).part("test")  # type: ignore[arg-type]


def test_bulk_reading_is_what_one_file_gives(tmp_path: Path) -> None:
    from muse.music import midi

    data = made_up.band(44).midi()
    bulk, one = found.of_midi(data, "x.mid"), midi.read(data)
    assert [t.notes.tolist() for t in bulk.tracks] == [
        [[n.tick, n.duration, n.pitch] for n in track.notes] for track in one.tracks
    ]
    assert (bulk.key, bulk.meter, bulk.tempo, bulk.pickup, bulk.length) == (
        one.key, one.meter, one.tempo, one.pickup, one.length,
    )  # fmt: skip


def test_key_and_meter_are_found_where_none_is_named() -> None:
    named = found.of_piece(made_up.lead(3, 5), "x")
    record = roles.record_of(replace(named, key=None, meter=None))
    assert isinstance(record, Record) and record.draft.key == Key(5)
    waltz = np.array([(36 * bar + 12 * beat, 12, 72 - 5 * (beat > 0)) for bar in range(16) for beat in (0, 2)])
    waltz[::2, 1] = 24
    assert roles.meter_of([found.Track("", waltz)]) == Meter(3, 4)


def test_a_performance_is_brought_to_the_grid() -> None:
    draw = np.random.default_rng(1)
    played = np.array([(max(0, 12 * i + int(draw.integers(-1, 2))), 11, 60 + i % 5) for i in range(40)], np.int64)
    assert (roles.steady(played)[:, 0] % 12 == 0).all()
    written = np.array([(4 * i, 4, 60) for i in range(30)], np.int64)
    assert (roles.steady(written) == written).all()


def test_bars_for_the_melody_vae(lessons: Lessons) -> None:
    bars = bars_of(lessons.train)
    assert len(bars.kind) == 8 * 11 and bars.good.all() and len(bars.starts(4))


def test_refusals(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no corpus"):
        gather(tmp_path / "absent")
    with pytest.raises(CorpusError, match="no music"):
        gather(tmp_path)
    (tmp_path / "bad.mid").write_bytes(b"MThd")
    with pytest.raises(CorpusError, match=r"0 pieces.*bad\.mid"):
        gather(tmp_path)
    with pytest.raises(CorpusError, match=r"no usable melody"):
        bars_of([])
