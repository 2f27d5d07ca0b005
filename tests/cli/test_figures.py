"""How `muse eval` shows figures to people: one line each, a table by class a line a class."""

from __future__ import annotations

import pytest

from muse.cli import main
from muse.verbs import learn

FIGURES = {
    "kid": 0.0123456, "pictures": 373, "kid_low_high": [0.01, 2.0], "memorised_passed": True, "spread_too_small": [],
    "mood_spearman": {"energy": 0.5, "warmth": 1.0}, "per_class": {"ink": {"kid": 0.25, "pictures": 46}},
}  # fmt: skip


def test_figures_for_people(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(learn, "evaluate", lambda kind, **options: FIGURES)
    assert main(["eval", "cover"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "kid: 0.01235", "pictures: 373", "kid_low_high: 0.01 … 2", "memorised_passed: yes", "spread_too_small: none",
        "mood_spearman: energy 0.5, warmth 1", "ink: kid 0.25, pictures 46",
    ]  # fmt: skip
