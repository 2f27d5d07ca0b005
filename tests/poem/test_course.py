from pathlib import Path

import pytest
import torch

from muse.bundle import Bundle
from muse.errors import BundleError
from muse.poem.course import course, slices, thaw
from muse.poem.model import PoemSettings
from muse.poem.vocabulary import Vocabulary
from muse.settings import RunSettings
from muse.train.freeze import freeze
from muse.train.loop import train


def run_of(**values: object) -> RunSettings:
    return RunSettings.of({"steps": 6, "batch": 256, "learning_rate": 4e-3, "warmup": 2, **values})


def test_learns_freezes_and_writes(sample: Path, tmp_path: Path) -> None:
    made = course(PoemSettings.load("tiny"), run_of(steps=12), sample)
    checkpoint = train(made, tmp_path)
    assert checkpoint.figures["bits_per_char"] < 10
    bundle = Bundle.from_bytes(freeze(made, checkpoint, "poem-test", "here").as_bytes())
    model, vocabulary = thaw(bundle)
    assert model.settings.vocabulary == len(vocabulary)
    assert "novelty.low" in bundle.weights
    assert bundle.card["data"][0]["licence"]
    assert (next(tmp_path.rglob("poems.txt"))).read_text(encoding="utf-8").startswith("秋江夜泊")


def test_a_resumed_run_ends_with_the_same_bits(sample: Path, tmp_path: Path) -> None:
    whole = train(course(PoemSettings.load("tiny"), run_of(), sample), tmp_path / "a")

    def stop(progress: object) -> None:
        if progress.step == 3:  # type: ignore[attr-defined]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(course(PoemSettings.load("tiny"), run_of(save_every=3), sample), tmp_path / "b", watch=stop)
    resumed = train(course(PoemSettings.load("tiny"), run_of(save_every=3), sample), tmp_path / "b")
    assert whole.state.keys() == resumed.state.keys()
    assert all(torch.equal(value, resumed.state[name]) for name, value in whole.state.items())


def test_slices_hold_the_whole_batch(sample: Path) -> None:
    batch = course(PoemSettings.load("tiny"), run_of(), sample).feed.batch(1, 0, 0, 1)
    parts = slices(batch, 64)
    assert len(parts) > 1 and torch.equal(torch.cat([part.tokens for part in parts]), batch.tokens)


def test_a_bundle_without_its_vocabulary(bundle: Bundle) -> None:
    with pytest.raises(BundleError, match="vocabulary"):
        thaw(Bundle(bundle.weights, {**bundle.card, "vocabulary": None}))
    with pytest.raises(BundleError):
        thaw(Bundle(bundle.weights, {**bundle.card, "vocabulary": list(Vocabulary.of(["一"], least=1).tokens)}))
