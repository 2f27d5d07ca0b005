"""The rules of part-writing: each broken once on purpose, and kept by a progression that every textbook has."""

from __future__ import annotations

from typing import Any

import pytest
from written import FOUR, columns, tune, written

from muse.music import referee
from muse.music.heard import hear
from muse.music.referee import rules
from muse.music.referee.names import Tonality
from muse.music.referee.places import Bars, lines

C, A_MINOR = Tonality(0, "major"), Tonality(9, "minor")
CADENCE = ((72, 67, 64, 48), (72, 69, 65, 53), (71, 67, 62, 55), (72, 67, 64, 48))


def part(voices: Any, key: Tonality = C, **more: Any) -> rules.Part:
    heard = hear(written(voices, **more))
    return rules.judge(heard, Bars(heard), key)


def broken(voices: Any, key: Tonality = C, **more: Any) -> dict[str, str]:
    return {one.rule: f"{one.place}, {' '.join(one.voices)}: {one.detail}" for one in part(voices, key, **more).breaks}


def test_a_cadence_of_the_textbook_breaks_nothing() -> None:
    found = part(columns(*CADENCE))
    assert found.breaks == () and found.chords == 4 and found.notes == 16 and found.voices == FOUR


@pytest.mark.parametrize(
    ("chords", "rule", "where"),
    [
        (((67, 64, 60, 48), (69, 65, 62, 50)), "parallel octaves", "bar 1, beat 2, Tenor Bass: C4 over C3 to D4"),
        (((71, 67, 60, 48), (69, 69, 62, 43)), "parallel fifths", "bar 1, beat 2, Alto Tenor"),
        (((72, 64, 60, 60), (74, 65, 62, 62)), "parallel unisons", "bar 1, beat 2, Tenor Bass: C4 over C4"),
        (((67, 64, 60, 48), (62, 59, 55, 55)), "fifths by contrary motion", "Soprano Bass"),
        (((72, 64, 55, 60), (67, 64, 55, 67)), "octaves by contrary motion", "Soprano Bass"),
        (((64, 60, 55, 48), (69, 65, 57, 50)), "hidden fifths", "Soprano Bass"),
        (((67, 60, 55, 52), (72, 65, 57, 60)), "hidden octaves", "Soprano Bass"),
        (((72, 64, 67, 48),), "crossing", "Alto Tenor: E4 over G4"),
        (((67, 64, 60, 48), (74, 69, 65, 50)), "overlap", "Alto Tenor: F4 after E4"),
        (((79, 64, 60, 48),), "wide spacing", "Soprano Alto: G5 over E4"),
        (((81, 72, 64, 48),), "out of range", "Soprano: A5"),
        (((71, 67, 62, 43), (67, 64, 60, 48)), "unresolved leading tone", "Soprano: B4 to G4"),
        (((71, 62, 59, 43), (72, 64, 60, 48)), "doubled leading tone", "Soprano Tenor: B4 and B3"),
    ],
)  # fmt: skip
def test_each_rule_between_voices(chords: Any, rule: str, where: str) -> None:
    found = broken(columns(*chords))
    assert rule in found and where in found[rule], found


@pytest.mark.parametrize(
    ("chords", "rule"),
    [
        (((72, 67, 64, 48), (72, 67, 64, 48)), "parallel fifths"),  # nothing moves
        (((72, 67, 64, 48), (71, 67, 62, 43)), "parallel octaves"),
        (((64, 60, 55, 48), (65, 62, 57, 50)), "hidden fifths"),  # the soprano steps
        (((72, 64, 64, 48),), "crossing"),  # a unison
        (((76, 64, 60, 48),), "wide spacing"),  # an octave
        (((72, 67, 64, 43),), "wide spacing"),  # the bass may be far away
        (((71, 67, 62, 43), (72, 67, 64, 48)), "unresolved leading tone"),
        (((74, 71, 67, 43), (72, 67, 64, 48)), "unresolved leading tone"),  # an inner voice falls to the fifth
        (((71, 67, 62, 43), (69, 65, 62, 50)), "unresolved leading tone"),  # no tonic follows
        (((74, 71, 67, 43), (72, 72, 64, 48)), "doubled leading tone"),
    ],
)  # fmt: skip
def test_what_is_no_break(chords: Any, rule: str) -> None:
    assert rule not in broken(columns(*chords))


@pytest.mark.parametrize(
    ("pitches", "rule", "where"),
    [
        ((65, 71, 76), "leap of a tritone", "bar 1, beat 2, Melody: F4 to B4"),
        ((68, 71), "augmented second", "Melody: G#4 to B4"),
        ((60, 71), "leap of a seventh", ""),
        ((60, 73), "leap beyond an octave", ""),
    ],
)
def test_each_leap(pitches: Any, rule: str, where: str) -> None:
    key = Tonality(0, "minor") if rule == "augmented second" else C
    found = broken(tune(*pitches), key)
    assert rule in found and where.replace("G#4", "Ab4") in found[rule], found


@pytest.mark.parametrize("pitches", [(65, 71, 69), (60, 72, 67), (65, 0, 71, 76), (69, 72, 71), (67, 64, 60)])
def test_leaps_that_can_be_sung(pitches: Any) -> None:
    assert not broken(tune(*pitches))


def test_rests_part_what_is_compared() -> None:
    voices = columns((67, 64, 60, 48), (69, 65, 62, 50))
    voices["Bass"] = [(0, 0.5, 48), (1, 1, 50)]
    assert "parallel octaves" not in broken({**voices, "Tenor": [(0, 0.5, 60), (1, 1, 62)]})
    assert "leap beyond an octave" not in broken(tune(60, 0, 79))


def test_bars_and_beats_follow_the_meter() -> None:
    chords = (*CADENCE, (67, 64, 60, 48), (69, 65, 62, 50))
    assert "bar 2, beat 3, Tenor Bass" in broken(columns(*chords), meter=(3, 4))["parallel octaves"]
    assert "bar 1, beat 5, Tenor Bass" in broken(columns(*chords), pickup=1, meter=(5, 4))["parallel octaves"]
    eighths = broken(columns(*chords, length=0.5), meter=(6, 8))["parallel octaves"]
    assert "bar 1, beat 6, Tenor Bass" in eighths


def test_a_track_of_four_notes_at_a_time_is_four_voices() -> None:
    voices = columns((67, 64, 60, 48), (69, 65, 62, 50), *CADENCE)
    together = {"Organ": sorted(note for line in voices.values() for note in line)}
    assert len(lines(hear(written(together)))) == 4
    assert "Organ 3 Organ 4" in broken(together)["parallel octaves"]


def test_a_performance_is_heard_as_it_would_be_written() -> None:
    late = {name: [(start + 0.01 * number, 1, pitch) for start, _, pitch in line]
            for number, (name, line) in enumerate(columns((67, 64, 60, 48), (69, 65, 62, 50)).items())}  # fmt: skip
    assert part(late).chords == 2 and "parallel octaves" in broken(late)


def test_the_report_is_short_or_whole() -> None:
    chords = ((67, 64, 60, 48), (69, 65, 62, 50)) * 3
    short, whole = (referee.check(written(columns(*chords)), full=full).findings for full in (False, True))
    line = next(line for line in short if line.startswith("parallel octaves"))
    assert line.startswith("parallel octaves: 5, 83.3 in 100 chords (bar 1, beat 2; bar 1, beat 3") and "…" in line
    assert sum("parallel octaves, Tenor and Bass" in line for line in whole) == 5
    assert referee.check(written(columns(*chords))).promises == ()


def test_strict_rules_are_a_promise() -> None:
    data = written(columns((67, 64, 60, 48), (69, 65, 62, 50), *CADENCE))
    kept = {}
    for wish in ("strict", "free", None):
        report = referee.check(data, {"ensemble": "satb", "rules": wish})
        kept[wish] = next((p.kept for p in report.promises if p.name.startswith("no parallel")), None)
    assert kept == {"strict": False, "free": None, None: "relaxed"}


def test_chord_tones_on_strong_beats_are_told() -> None:
    voices = {**tune(72, 74, 65, 67), "Chords": [(0, 4, 48), (0, 4, 52), (0, 4, 55)]}
    found = referee.check(written(voices, markers=[(0, "C")])).findings
    assert "chord tones on strong beats: 1 of 2 (50%) of the tune" in found
