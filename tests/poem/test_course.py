from pathlib import Path

import numpy as np
import pytest
import torch

from muse.bundle import Bundle
from muse.errors import BundleError
from muse.nn.generate import TorchWriter
from muse.nn.writer import Prompt
from muse.poem.corpus import PoemRecord
from muse.poem.course import course, transformer
from muse.poem.frame import COLUMNS, ROWS, Given, Outline, body, prompt
from muse.poem.measure import thaw
from muse.poem.mixture import further_marks
from muse.poem.model import PoemSettings, writer
from muse.poem.prefix import Fields
from muse.poem.referee import judge
from muse.poem.vocabulary import Vocabulary
from muse.poem.wishes import Wishes
from muse.poem.write import write
from muse.settings import RunSettings
from muse.terms import Theme
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
    assert any(name.startswith("novelty.") for name in bundle.weights)
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


def test_a_bundle_without_its_vocabulary(bundle: Bundle) -> None:
    with pytest.raises(BundleError, match="vocabulary"):
        thaw(Bundle(bundle.weights, {**bundle.card, "vocabulary": None}))
    with pytest.raises(BundleError):
        thaw(Bundle(bundle.weights, {**bundle.card, "vocabulary": list(Vocabulary.of(["一"], least=1).tokens)}))


def test_what_was_learned_writes_in_form(sample: Path, tmp_path: Path) -> None:
    made = course(PoemSettings.load("tiny"), run_of(steps=2), sample)
    bundle = Bundle.from_bytes(freeze(made, train(made, tmp_path), "poem-test", "here").as_bytes())
    model, _ = thaw(bundle)
    assert (model.settings.rows, model.settings.columns) == (ROWS, COLUMNS) and "词" in made.limits
    for form in ("五绝", "七律"):
        (poem,) = write(Wishes(Theme("秋江"), form=form, strict=False, candidates=1), bundle, [1])
        assert judge(poem.lines, form).valid


def test_settings_of_an_earlier_muse(bundle: Bundle) -> None:
    thaw(Bundle(bundle.weights, {**bundle.card, "settings": {**bundle.card["settings"], "format": "every"}}))
    with pytest.raises(BundleError, match="earlier"):
        thaw(Bundle(bundle.weights, {**bundle.card, "vocabulary": list(Vocabulary.of(["一"], least=1).tokens)}))


def test_every_writer_reads_what_is_given_alike(records: list[PoemRecord]) -> None:
    vocabulary = Vocabulary.of((one.text for one in records), least=1, further=further_marks(records))
    settings = PoemSettings.load("tiny")
    torch.manual_seed(3)
    model = transformer(settings, vocabulary).eval()
    with torch.no_grad():
        for table in (model.row_place, model.col_place, model.row_bias, model.col_bias):
            table.normal_(0, 0.3)
    weights = {name: value.numpy() for name, value in model.state_dict().items()}
    card = {"schema": 1, "kind": "poem", "name": "poem-test", "settings": settings.as_dict(), "data": [], "metrics": {},
            "vocabulary": list(vocabulary.tokens)}  # fmt: skip
    outline = Outline("词", (4, 7, 12) * 15, (False, True, True) * 15, (20,))
    tokens = [vocabulary.first + at % 100 for at in range(sum(outline.widths))]
    given = Given(((0, 3), (2, 11), (44, 2)), tuple(tokens[:3]))
    asked = prompt(Fields("词", tune="花间", keys=("风",), key_rows=(30,)), outline, vocabulary, [given])
    token, row, col = zip(*body(outline, tokens, vocabulary), strict=True)
    by, _ = writer(Bundle(weights, card))
    found = by.score([asked], [Prompt(token, row, col)])[0]
    np.testing.assert_allclose(found, TorchWriter(model).score([asked], [Prompt(token, row, col)])[0], atol=2e-3)
