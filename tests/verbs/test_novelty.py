"""`muse check` tells what a poem shares with what the shipped model has read; it breaks no stranger's poem."""

from __future__ import annotations

import pytest

from muse.bundle import Bundle
from muse.errors import BundleError
from muse.poem.novelty import Known, index_of
from muse.verbs import novelty as verb
from muse.verbs.novelty import novelty
from muse.work import Recipe

POEM = "登鹳雀楼\n\n白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。\n".encode()
ENGLISH = b"Lines\n\nTyger Tyger, burning very bright,\nIn the forests of the night\n"


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch) -> Bundle:
    tensors = index_of([Known(("白日依山尽", "黄河入海流"), "登鹳雀楼", "王之涣")])
    bundle = Bundle(tensors, {"name": "poem-zh", "kind": "poem"})
    monkeypatch.setattr(verb, "available", lambda: ["poem-zh"])
    monkeypatch.setattr(verb, "_loaded", lambda model: bundle)
    return bundle


def test_a_stranger_is_told_and_not_blamed(shipped: Bundle) -> None:
    report = novelty("poem.txt", POEM)
    assert not report.promises and "王之涣《登鹳雀楼》" in " ".join(report.findings)
    foreign = Recipe("poem", 1, {"novel": True}, {"poem-zh": "another"})
    assert not novelty("poem.txt", POEM, foreign).promises


def test_what_the_model_wrote_keeps_its_promise_or_not(shipped: Bundle) -> None:
    own = Recipe("poem", 1, {}, {"poem-zh": shipped.sha256})
    assert novelty("poem.txt", POEM, own).valid is False
    assert not novelty("poem.txt", POEM, Recipe("poem", 1, {"novel": False}, dict(own.bundles))).promises
    assert not novelty("poem.txt", POEM, Recipe("poem", 1, {"first_line": "白日依山尽"}, dict(own.bundles))).promises
    assert novelty("poem.txt", "春眠不觉晓\n处处闻啼鸟".encode(), own).valid is True


def test_no_model_no_word(shipped: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not novelty("poem.txt", ENGLISH).findings

    def damaged(model: str) -> Bundle:
        raise BundleError("poem-zh is not whole")

    monkeypatch.setattr(verb, "_loaded", damaged)
    assert novelty("poem.txt", POEM).findings == ("novelty was not judged: poem-zh is not whole",)
