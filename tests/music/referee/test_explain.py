"""A bar in words; cadences; and the command that prints them."""

from __future__ import annotations

from pathlib import Path

import pytest
from written import columns, tune, written

import muse
from muse.__main__ import main
from muse.errors import InputError, UsageError
from muse.music.referee.explain import explain

PIECE = written(columns((72, 67, 64, 48), (72, 69, 65, 53), (71, 67, 62, 55), (72, 67, 64, 48), length=2))


def test_a_bar_in_words() -> None:
    first, last = explain(PIECE, 1), explain(PIECE, 2)
    assert first[0] == "bar 1 of 2 in C major"
    assert "Soprano: C5 (1) C5 (3)" in first
    assert "beat 1: C E G, I" in first and "beat 3: F A C, IV" in first
    assert "beat 1: G D B, V" in last and "perfect authentic cadence at bar 2, beat 3" in last
    assert "no rule is broken" in first


def test_what_breaks_a_rule_is_told() -> None:
    found = explain(written(columns((67, 64, 60, 48), (69, 65, 62, 50), length=2), key="C"), 1)
    assert any(line.startswith("bar 1, beat 3: parallel octaves, Tenor and Bass") for line in found)


def test_symbols_and_chromatic_chords() -> None:
    data = written(columns((74, 69, 66, 50), (74, 71, 67, 43), length=2), markers=[(0, "D7"), (2, "G")])
    found = explain(data, 1)
    assert "chord symbols: D7, G" in found and any(line.endswith("V/V") for line in found)


def test_there_is_no_such_bar() -> None:
    for bar in (0, 3, -1):
        with pytest.raises(UsageError):
            explain(PIECE, bar)
    assert explain(written(tune(60, 62, 64), pickup=1), 0)[0].startswith("bar 0 of 1")


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "piece.mid"
    path.write_bytes(PIECE)
    assert main(("check", str(path))) == 0
    said = capsys.readouterr().out
    assert "no rule is broken" in said and "cadences in C major: 1 perfect authentic" in said and "promises" not in said
    assert main(("check", str(path), "--bar", "2")) == 0
    assert "beat 1: G D B, V" in capsys.readouterr().out
    assert main(("check", str(path), "--bar", "9")) == 2


def test_other_formats_are_judged_as_midi(tmp_path: Path) -> None:
    path = tmp_path / "tune.abc"
    path.write_text("X:1\nT:Tune\nM:4/4\nL:1/4\nK:C\nC E G F | D B, C2 |]\n")
    findings = muse.check(path).findings
    assert any("meter 4/4" in line and "2 bars" in line for line in findings)
    assert muse.check(path, bar=1).findings[0].startswith("bar 1 of 2 in C major")
    with pytest.raises(InputError):
        muse.check(tmp_path / "none.abc", bar=1)
