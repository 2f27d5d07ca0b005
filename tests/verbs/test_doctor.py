"""The doctor: sound machines, broken bundles, absent packages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from muse.verbs import doctor


def test_it_looks_at_everything() -> None:
    found = doctor.examine()
    groups = found.as_dict()
    assert {"machine", "python", "bundles", "media", "data", "extras"} <= set(groups)
    json.dumps(groups)
    assert groups["media"]["soundfont"]["state"] == "good"
    assert groups["media"]["fonts"]["state"] == "good"
    assert groups["python"]["torch"]["state"] == "good"
    assert not any("failed" in one.value for one in found.findings), found.text()
    assert found.text().splitlines()[0] == "machine"


def test_a_broken_bundle_is_broken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import muse.bundle as bundle

    (tmp_path / "poem-zh.safetensors").write_bytes(b"\x80\x04K\x01.")
    monkeypatch.setattr(bundle, "_SHIPPED", tmp_path)
    found = doctor.examine()
    groups = found.as_dict()
    assert not found.sound
    assert groups["bundles"]["poem-zh"]["state"] == "broken"
    assert groups["bundles"]["composer"]["value"] == "absent"
    assert "✗" in found.text()


def test_an_absent_package_is_broken_and_an_absent_extra_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    real = doctor.util.find_spec
    monkeypatch.setattr(doctor.util, "find_spec", lambda name: None if name in ("symusic", "opencc") else real(name))
    groups = doctor.examine().as_dict()
    assert groups["python"]["symusic"]["state"] == "broken"
    assert "pip install" in groups["python"]["symusic"]["advice"]
    assert groups["extras"]["corpus"]["state"] == "note"


def test_a_look_that_fails_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(doctor, "_memory", fail)
    groups = doctor.examine().as_dict()
    assert groups["machine"]["this look"]["state"] == "broken"
    assert "python" in groups
