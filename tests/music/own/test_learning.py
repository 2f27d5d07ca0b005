"""Own corpora learned from: `muse train music|variation --corpus FOLDER`, from nothing and from a bundle."""

from __future__ import annotations

from pathlib import Path

import own_scores
import pytest

from muse.errors import BundleError, UsageError
from muse.verbs import learn

SETS = ("run.steps=2", "run.valid_every=1", "run.batch=1")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return own_scores.folder(tmp_path_factory.mktemp("corpus") / "music")


@pytest.fixture(scope="module")
def composer(corpus: Path) -> learn.Trained:
    plan = learn.plan("music", corpus=corpus, size="tiny", sets=SETS, out=corpus.parent / "run", device="cpu")
    return learn.carry_out(plan)


def test_a_composer_of_ones_own_composes(composer: learn.Trained) -> None:
    from muse.verbs import tune

    card = composer.bundle.card
    assert card["corpus"]["pieces"] == 12 and card["data"][0]["records"] == 12
    assert card["metrics"]["loss"] > 0 and "nats_per_event_after" in card["metrics"]
    piece = tune.compose("river", bars=2, ensemble="melody", candidates=1, seed=1, bundle=composer.path)
    assert piece.bars == 2 and piece.notes


def test_what_was_passed_over_lies_beside_the_run(composer: learn.Trained) -> None:
    listed = (composer.path.parent / "passed-over.tsv").read_text().splitlines()
    assert len(listed) == 4 and any(line.startswith("cut.mid\t") for line in listed)


def test_a_dry_run_says_what_was_found_and_writes_nothing(corpus: Path, tmp_path: Path) -> None:
    plan = learn.plan("music", corpus=corpus, size="tiny", sets=SETS, out=tmp_path / "run", device="cpu")
    text = plan.text()
    assert "12 pieces (" in text and "4 passed over: cut.mid" in text and not (tmp_path / "run").exists()


def test_it_goes_on_from_a_bundle(composer: learn.Trained, corpus: Path, tmp_path: Path) -> None:
    plan = learn.plan("music", corpus=corpus, sets=SETS, out=tmp_path / "run", device="cpu", start=composer.path)
    assert plan.course.settings.as_dict()["width"] == composer.bundle.card["settings"]["width"]
    made = learn.carry_out(plan)
    assert made.bundle.card["from"] == {composer.bundle.name: composer.bundle.sha256}
    assert "nats_per_event_before" in made.bundle.card["metrics"] and len(made.bundle.card["data"]) == 2


def test_a_melody_vae_of_ones_own(corpus: Path, tmp_path: Path) -> None:
    sets = ("run.steps=1", "run.valid_every=1")
    first = learn.carry_out(
        learn.plan("variation", corpus=corpus, size="tiny", sets=sets, out=tmp_path / "a", device="cpu")
    )
    again = learn.plan("variation", corpus=corpus, sets=sets, out=tmp_path / "b", device="cpu", start=first.path)
    assert "share_wrong_before" in learn.carry_out(again).bundle.card["metrics"]


def test_the_kinds_go_together(composer: learn.Trained, corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a bundle of kind"):
        learn.plan("variation", corpus=corpus, start=composer.path, out=tmp_path)
    with pytest.raises(UsageError, match="no form"):
        learn.plan("music", corpus=corpus, form="verse", out=tmp_path)
    with pytest.raises(UsageError, match="is a bundle of kind"):
        learn.plan("music", corpus=corpus, start="cover-gan", out=tmp_path)
    with pytest.raises(BundleError):
        learn.plan("music", corpus=corpus, start=tmp_path / "gone.safetensors", out=tmp_path)
