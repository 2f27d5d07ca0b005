"""Where models run, and what a recipe says of it."""

from __future__ import annotations

import sys

import pytest

from muse import engine
from muse.errors import MuseError, UsageError
from muse.verbs import place


def test_a_language_model_asks_for_no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)  # an import of it fails
    assert place.settle("cpu") == place.settle("auto", language=True) == "cpu"
    for device, language in (("auto", False), ("cuda", True)):
        with pytest.raises(ImportError):
            place.settle(device, language=language)
    if engine.available():
        found = place.machine("cpu", language=True)
        assert found["engine"] == "native" and found["vector"] in engine.instruction_sets()


def test_no_such_device() -> None:
    with pytest.raises(UsageError, match="cuda"):
        place.settle("cuad")


def test_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert place.settle("auto") == "cpu"
    with pytest.raises(MuseError, match="no GPU"):
        place.settle("cuda", language=True)


def test_another_engine_is_told() -> None:
    native = {"device": "cpu", "processor": "x86_64", "engine": "native", "vector": "avx2"}
    eager = {"device": "cpu", "processor": "x86_64", "vector": "AVX2", "threads": 2}
    assert place.differences(native, native) == []
    said = place.differences(eager, native)
    assert [line.partition(":")[0] for line in said] == ["engine", "threads", "vector units"]
