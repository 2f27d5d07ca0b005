"""What `muse check` says of copied music: a finding for any file, a promise for what this composer wrote."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from muse.bundle import Bundle
from muse.music.copied import index_of
from muse.music.events import Draft
from muse.music.piece import Note, Piece, Track
from muse.music.records import Record
from muse.music.theory import Key, Meter
from muse.terms import Report
from muse.verbs import copies as verb
from muse.verbs.check import check_file
from muse.work import Recipe

PITCHES = (60 + np.cumsum(np.random.default_rng(4).choice([-4, -2, -1, 1, 2, 3, 5], 60)) % 17).tolist()
KNOWN = tuple((12 * n, 12, pitch, 5) for n, pitch in enumerate(PITCHES))
RECORD = Record(Draft("melody", Key(0), Meter(4, 4), (KNOWN,), 720), "melodies", "Gute Nacht", "lied:17")


@pytest.fixture(autouse=True)
def composer(monkeypatch: pytest.MonkeyPatch) -> Bundle:
    card = {"schema": 1, "kind": "music", "name": "composer", "settings": {}, "data": [], "metrics": {}}
    bundle = Bundle(index_of([RECORD]), card)
    monkeypatch.setattr(verb, "_loaded", lambda: bundle)
    monkeypatch.setattr(verb, "available", lambda: ["composer"])
    return bundle


def piece(count: int) -> Piece:
    """So many notes of the known tune, two tones up, then a scale."""
    pitches = [pitch + 4 for pitch in PITCHES[:count]] + [50 + n for n in range(40 - count)]
    notes = tuple(Note(12 * n, pitch, 12) for n, pitch in enumerate(pitches))
    return Piece("Tune", Key(0), Meter(4, 4), 90.0, 10, (Track("Melody", 0, notes),))


def promised(report: Report) -> dict[str, object]:
    return {promise.name: promise.kept for promise in report.promises}


def test_any_file_is_told_its_longest_match() -> None:
    report = check_file("piece.mid", piece(36).midi())
    assert "not copied" not in promised(report)
    (said,) = [line for line in report.findings if line.startswith("longest match")]
    assert "bars 1 to " in said and "Gute Nacht (melodies, CC0 1.0)" in said
    assert "under 15 notes" in str(verb.copies(piece(3)).findings)


def test_what_the_composer_wrote_is_held_to_its_promise(composer: Bundle) -> None:
    recipe = Recipe("compose", 1, {}, {"composer": composer.sha256})
    assert promised(verb.copies(piece(36), recipe)) == {"not copied": False}
    assert promised(verb.copies(piece(3), recipe)) == {"not copied": True}
    given = replace(recipe, request={"melody": {"title": "mine"}})
    assert promised(verb.copies(piece(36), given)) == {"not copied": "relaxed"}
    other = replace(recipe, bundles={"composer": "0" * 64})
    assert not verb.copies(piece(36), other).promises and verb.copies(piece(36), other).findings


def test_without_an_index_or_a_composer_nothing_is_said(composer: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verb, "_loaded", lambda: Bundle({}, composer.card))
    assert verb.copies(piece(36)) == Report()
    monkeypatch.setattr(verb, "available", list)
    assert verb.copies(piece(36)) == Report()


def test_a_damaged_index_is_said(composer: Bundle, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = {**composer.weights, "copies.0.cells": np.zeros(3, np.uint8)}
    monkeypatch.setattr(verb, "_loaded", lambda: Bundle(broken, composer.card))
    assert "copies were not judged" in verb.copies(piece(36)).findings[0]
