"""The index of known melodies: what was read is found in any key and tempo, with its source; what was not is not."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse.bundle import Bundle
from muse.errors import BundleError
from muse.music import vocabulary as words
from muse.music.composer import PieceRequest, compose
from muse.music.copied import LEAST, MOST, Copies, Line, Source, index_of, line_of, lines_of, report
from muse.music.copied.figures import figures
from muse.music.course import transformer
from muse.music.events import Draft
from muse.music.model import MusicSettings
from muse.music.piece import Note, Piece, Track
from muse.music.records import Record
from muse.music.theory import Key, Meter

Voice = tuple[tuple[int, int, int, int], ...]


def voice_of(seed: int, notes: int = 60) -> Voice:
    """A random walk whose neighbours always differ, in quarters, eighths and halves."""
    random = np.random.default_rng(seed)
    steps = random.choice([-5, -4, -2, -1, 1, 2, 3, 5], notes)
    lengths = random.choice([6, 12, 12, 24], notes)
    pitches = 60 + np.cumsum(steps) % 24
    ticks = np.cumsum(lengths) - lengths
    rows = zip(ticks.tolist(), lengths.tolist(), pitches.tolist(), strict=True)
    return tuple((tick, length, pitch, 5) for tick, length, pitch in rows)


def record_of(*voices: Voice, corpus: str = "melodies", title: str = "", group: str = "") -> Record:
    length = max(row[0] + row[1] for voice in voices for row in voice)
    return Record(Draft("satb", Key(0), Meter(4, 4), voices, length), corpus, title, group)


RECORDS = [
    record_of(voice_of(1), title="Kyrie", group="pl:pl-cz--iii-37--001-002_raszek-waclaw--missa-in-c-kyrie"),
    record_of(voice_of(2), title="Gute Nacht", group="lied:17"),
    *(record_of(voice_of(n), voice_of(n + 100), title=f"tune {n}", group=f"t:tune{n}") for n in range(3, 30)),
    record_of(voice_of(50), corpus="jsb-chorales", title="train 7", group="jsb:train:7"),
]


def copies_of(tensors: dict[str, np.ndarray]) -> Copies:
    return Copies.thaw(Bundle(tensors, {"name": "small", "kind": "music"}))


@pytest.fixture(scope="module")
def copies() -> Copies:
    return copies_of(index_of(RECORDS))


def changed(voice: Voice, shift: int = 0, scale: int = 1, later: int = 0) -> Voice:
    return tuple((scale * tick + later, scale * length, pitch + shift, loud) for tick, length, pitch, loud in voice)


def planted(voice: Voice, begin: int, count: int, host: Voice, at: int) -> Voice:
    """The host with `count` notes of a voice in the place of its own from note `at` on."""
    head, tail = host[:at], host[at:]
    start = head[-1][0] + head[-1][1]
    part = changed(voice[begin : begin + count], shift=-3, later=start - voice[begin][0])
    gap = part[-1][0] + part[-1][1] + 12 - tail[0][0]
    return (*head, *part, *changed(tail, later=gap))


def test_a_melody_is_found_in_any_key_and_tempo(copies: Copies) -> None:
    for shift, scale in ((0, 1), (7, 1), (-4, 2), (1, 3)):
        match = copies.longest([line_of(changed(voice_of(1), shift, scale, 36))])
        assert match is not None and match.notes + 12 >= 60  # repeated neighbours count once
        assert match.source == Source("Raszek Waclaw: missa in c kyrie", "melodies", "CC BY 4.0")
    assert copies.longest([line_of(voice_of(999))]) is None


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 40), st.integers(LEAST, 30), st.integers(6, 50), st.integers(0, 26))
def test_every_planted_run_is_found_with_its_length(begin: int, count: int, at: int, which: int) -> None:
    copies = _shared()
    known = RECORDS[2 + which].draft.voices[1]
    begin = min(begin, len(known) - count)
    host = planted(known, begin, count, voice_of(777), at)
    run = line_of(known[begin : begin + count])
    match = copies.longest([line_of(host)])
    if len(run.onsets) >= LEAST:
        assert match is not None and match.source.title == f"tune {3 + which}"
        assert len(run.onsets) <= match.notes <= len(run.onsets) + 4  # chance: one bit pattern in eight a note
        start = host[at][0]
        assert match.start <= start + 36 and match.end >= start + host[at + count - 1][0] - host[at][0] - 36


_KEPT: list[Copies] = []


def _shared() -> Copies:
    if not _KEPT:
        _KEPT.append(copies_of(index_of(RECORDS)))
    return _KEPT[0]


def test_of_several_lines_the_longest_match_is_told(copies: Copies) -> None:
    lines = [line_of(voice_of(501)), line_of(voice_of(2)[:20]), line_of(voice_of(50)[:40]), Line(*line_of(()))]
    match = copies.longest(lines)
    assert match is not None and match.line == 2
    assert match.source == Source("J. S. Bach: chorale, train 7", "jsb-chorales", "public domain")
    assert match.start == 0 and match.end == line_of(voice_of(50)[:40]).onsets[-1]
    assert match.chance < 1e-12
    songs = copies.longest(lines[:2])
    assert songs is not None and songs.source.licence == "CC0 1.0"


def test_a_run_does_not_go_on_from_one_line_to_the_next(copies: Copies) -> None:
    line = line_of(voice_of(1))
    halves = [Line(*(part[:12] for part in line)), Line(*(part[12:24] for part in line))]
    assert copies.longest(halves) is None and copies.longest([]) is None


def test_repeated_notes_count_once() -> None:
    held = ((0, 24, 60, 5), (24, 12, 62, 5), (36, 12, 64, 5), (48, 24, 60, 5))
    struck = ((0, 12, 60, 5), (12, 12, 60, 5), (24, 12, 62, 5), (36, 6, 64, 5), (42, 6, 64, 5), (48, 24, 60, 5))
    assert figures(line_of(held)).tolist() == figures(line_of(struck)).tolist()
    assert len(figures(line_of(held))) == 1 and len(figures(line_of(held[:3]))) == len(figures(line_of(()))) == 0


def test_a_players_hand_does_not_change_a_figure_but_rhythm_does() -> None:
    straight = [(12 * n, 12, 60 + 2 * n) for n in range(4)]
    swayed = [(12 * n + n % 2, 10, 60 + 2 * n) for n in range(4)]
    dotted = [(tick, 6, 60 + 2 * n) for n, tick in enumerate((0, 18, 24, 42))]
    assert figures(line_of(straight)) == figures(line_of(swayed)) != figures(line_of(dotted))


def test_the_index_is_small_and_the_same_in_any_order_of_works() -> None:
    one, other = index_of(RECORDS), index_of(RECORDS[::-1])
    assert all((one[name] == other[name]).all() for name in one)
    count = sum(len(figures(line_of(voice))) for record in RECORDS for voice in record.draft.voices)
    assert one["copies.0.about"][0] == count and one["copies.0.cells"].nbytes <= 3 * count / 8 + 1
    assert index_of([]) == {}


def test_a_bundle_that_goes_on_keeps_what_was_known() -> None:
    own = record_of(voice_of(70), corpus="mine", title="Own song", group="midi:own")
    both = copies_of(index_of([own], before=copies_of(index_of(RECORDS))))
    for voice, title in ((voice_of(70), "Own song"), (voice_of(2), "Gute Nacht")):
        match = both.longest([line_of(voice)])
        assert match is not None and match.source.title == title
    assert len(both) == len(copies_of(index_of(RECORDS))) + len(figures(line_of(voice_of(70))))
    assert "licence not known" in str(both.longest([line_of(voice_of(70))]).source)  # type: ignore[union-attr]


@pytest.mark.parametrize("change", ["about", "cells", "table", "gone", "short"])
def test_a_damaged_index_is_named(change: str) -> None:
    tensors = index_of(RECORDS[:3])
    name = f"copies.0.{'cells' if change in ('gone', 'short') else change}"
    if change == "gone":
        del tensors[name]
    elif change == "short":
        tensors[name] = tensors[name][:-1]
    else:
        tensors[name] = tensors[name][::-1].copy() if change == "table" else tensors[name].astype(np.int16)[:2]
    with pytest.raises(BundleError, match="index"):
        copies_of(tensors).longest([line_of(voice_of(1))])


def piece_of(*voices: Voice, names: tuple[str, ...] = ("Melody", "Chords")) -> Piece:
    tracks = tuple(
        Track(name, 0, tuple(Note(tick, pitch, length) for tick, length, pitch, _ in voice))
        for name, voice in zip(names, voices, strict=False)
    )
    end = max(row[0] + row[1] for voice in voices for row in voice)
    return Piece("Test", Key(0), Meter(4, 4), 90.0, -(-end // 48), tracks)


def test_the_report_promises_for_the_tune_and_tells_of_every_voice(copies: Copies) -> None:
    stranger = voice_of(500)
    clean = report(piece_of(stranger, voice_of(1)), copies)
    (promise,) = clean.promises
    assert (promise.name, promise.kept, promise.found) == ("not copied", True, f"under {LEAST} notes")
    told = report(piece_of(stranger, voice_of(1)), copies, promised=False)
    assert not told.promises and "of Chords, as in Raszek Waclaw: missa in c kyrie (melodies, CC BY 4.0)" in str(told)
    broken = report(piece_of(voice_of(1)), copies)
    assert broken.valid is False and "bars 1 to " in broken.promises[0].found
    assert report(piece_of(voice_of(1)), copies, given=True).promises[0].kept == "relaxed"
    parts = piece_of(stranger, voice_of(501), voice_of(502), voice_of(1), names=("Soprano", "Alto", "Tenor", "Bass"))
    assert report(parts, copies).promises[0].kept is False
    assert report(piece_of(stranger), Copies()).promises == ()
    few = planted(voice_of(1), 5, MOST - 4, stranger, 20)
    assert report(piece_of(few), copies).promises[0].kept is True


def test_of_chords_the_upper_and_the_lower_notes_are_lines() -> None:
    notes = tuple(Note(tick, pitch, 12) for tick in (0, 12, 24) for pitch in (48 + tick // 6, 60, 64 + tick // 12))
    bell = Note(0, 90, 6)
    piece = replace(piece_of(voice_of(1)), tracks=(Track("Keys", 0, notes), Track("Kit", 0, (bell,), drums=True)))
    lines = lines_of(piece)
    assert list(lines) == ["Keys", "Keys, below"]
    assert lines["Keys"].pitches.tolist() == [64, 65, 66] and lines["Keys, below"].pitches.tolist() == [48, 50, 52]


def test_a_long_file_of_one_motif_is_compared_in_bounded_time(copies: Copies) -> None:
    motif = [row[:3] for row in voice_of(2)[:12]]
    span = motif[-1][0] + motif[-1][1]
    rows = [(tick + turn * span, length, pitch) for turn in range(4000) for tick, length, pitch in motif]
    begun = time.process_time()
    copies.longest([line_of(rows)])
    assert time.process_time() - begun < 2
    assert all(a < b for a, b in pairwise(line_of(rows).onsets.tolist()))


def test_a_draft_that_copies_is_taken_only_where_all_do(copies: Copies) -> None:
    assert copies.holds([voice_of(1)]) and not copies.holds([voice_of(500)]) and not Copies().holds([voice_of(1)])
    assert not copies.holds([planted(voice_of(1), 5, MOST - 4, voice_of(500), 20)])


def test_the_composer_drops_what_copies() -> None:
    card = {"schema": 1, "kind": "music", "name": "fresh", "settings": {}, "data": [], "metrics": {}}
    settings = MusicSettings(layers=1, width=32, heads=2)
    model = transformer(settings)
    weights = {name: value.numpy() for name, value in model.state_dict().items()}
    whole = {**card, "settings": settings.as_dict(), "vocabulary": list(words.NAMES)}
    request = PieceRequest(ensemble="melody", bars=16, meter="4/4", key="C major", seed=1, candidates=3)
    first = compose(request, Bundle(weights, whole))
    assert "not copied" not in {promise.name for promise in first.report.promises}
    line = [(note.tick, note.duration, note.pitch, 5) for note in first.melody.notes]
    index = index_of([record_of(tuple(line), title="its own tune")])
    second = compose(request, Bundle({**weights, **index}, whole))
    assert len(line_of(line).onsets) >= MOST and second.melody.notes != first.melody.notes
    assert {promise.name: promise.kept for promise in second.report.promises}["not copied"] is True
    alone = compose(replace(request, candidates=1), Bundle(weights, whole))
    known = index_of([record_of(tuple((n.tick, n.duration, n.pitch, 5) for n in alone.melody.notes), title="itself")])
    again = compose(replace(request, candidates=1), Bundle({**weights, **known}, whole))
    assert again.melody.notes == alone.melody.notes and again.report.valid is False
    assert any("itself" in promise.found for promise in again.report.promises)
