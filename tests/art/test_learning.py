"""The three objectives of pictures: they step, they resume bit for bit, they freeze into bundles that load."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from muse.art import corpus
from muse.art.gan import adversary, dcgan, generator, latents
from muse.art.gan import course as covers
from muse.art.vae import model as vae
from muse.art.vae import picture
from muse.bundle import Bundle
from muse.errors import CheckpointError
from muse.objective import Course
from muse.settings import RunSettings

SAMPLE = Path(__file__).parents[2] / "corpora" / "pictures" / "sample"
_, VAE = generator.random_bundles(0)


def run(**values: Any) -> RunSettings:
    return RunSettings.of({"steps": 8, "batch": 4, "precision": "fp32", "warmup": 1, **values})


def course(kind: str) -> Course:
    if kind == "picture":
        settings = vae.VaeSettings.load("tiny", {"first_side": 32, "side": 32, "sharpen_from": 0.5})
        return picture.course(settings, run(ema=0.9), SAMPLE)
    if kind == "cover":
        settings = generator.GanSettings.load("tiny", {"grid": 8, "lazy": 2})
        return covers.course(settings, run(), SAMPLE, vae=VAE)
    return dcgan.course(dcgan.DcganSettings.load("tiny", {"form": kind}), run(batch=8), SAMPLE)


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSE_CACHE", str(tmp_path_factory.getbasetemp() / "muse-cache"))
    torch.set_num_threads(1)


def steps(made: Course, first: int, last: int) -> None:
    for step in range(first, last):
        torch.manual_seed(step)
        made.objective.schedule(1.0)
        figures = made.objective.step([made.feed.batch(step, 0, 0, 1)], step)
        assert all(np.isfinite(value) for value in figures.values()), figures


@pytest.mark.parametrize("kind", ["picture", "cover", "minimax", "non-saturating"])
def test_a_resumed_run_is_the_unbroken_one(kind: str) -> None:
    whole, begun, resumed = course(kind), course(kind), course(kind)
    steps(whole, 2, 6)
    steps(begun, 2, 4)
    resumed.objective.load_state({name: value.clone() for name, value in begun.objective.state().items()})
    steps(resumed, 4, 6)
    a, b = whole.objective.state(), resumed.objective.state()
    assert a.keys() == b.keys()
    assert not [name for name in a if not torch.equal(a[name], b[name])]


@pytest.mark.parametrize("kind", ["picture", "cover"])
def test_a_frozen_model_loads_and_paints(kind: str) -> None:
    made = course(kind)
    steps(made, 0, 1)
    assert made.objective.figures(8) and all(name.endswith(".png") for name in made.objective.sample(8))
    weights, extra = made.objective.freeze()
    card = {
        "schema": 1,
        "kind": kind,
        "name": "x",
        "settings": made.settings.as_dict(),
        "data": [],
        "metrics": {},
        **extra,
    }
    bundle = Bundle.from_bytes(Bundle(weights, card).as_bytes())
    if kind == "picture":
        assert vae.load(bundle).class_style.abs().sum() > 0
    else:
        assert generator.generate(bundle, VAE, "ink", None, None, [1]).shape[0] == 1
    assert made.sources and made.feed.size()["pictures"] > 0


@pytest.mark.parametrize("kind", ["picture", "cover", "minimax"])
def test_a_foreign_state_is_refused(kind: str) -> None:
    with pytest.raises(CheckpointError):
        course(kind).objective.load_state({"numbers": torch.zeros(4), "seen": torch.zeros(1)})


def test_the_latent_space_stands_still_while_the_decoder_is_sharpened() -> None:
    made = course("picture")
    steps(made, 0, 5)
    assert isinstance(made.objective, picture.PictureObjective)
    before = {name: value.clone() for name, value in made.objective.model.state_dict().items()}
    steps(made, 5, 8)
    after = made.objective.model.state_dict()
    moved = {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert moved == {"decoder"}


def test_conditions_come_late() -> None:
    objective = course("cover").objective
    assert isinstance(objective, adversary.CoverObjective)
    none = objective.settings.classes
    label = torch.zeros(1000, dtype=torch.int64)
    assert (objective._dropped(label, 0)[0] == none).all()
    late, present = objective._dropped(label, 8)
    assert 0.02 < (late == none).float().mean() < 0.2 and present[late == none].sum() == 0


def test_feeds_are_pure() -> None:
    made = course("picture")
    a, b, c = (made.feed.batch(step, 0, 0, 1) for step in (3, 3, 4))
    assert (a.pixels == b.pixels).all() and not np.array_equal(a.pixels, c.pixels)


def test_latents_are_cached_by_the_weights() -> None:
    pictures, model = corpus.read(SAMPLE), vae.load(VAE)
    first = latents.cached(pictures, np.arange(4), model, "x", 32)
    again = latents.cached(pictures, np.arange(4), model, "x", 32)
    assert all((getattr(first, name) == getattr(again, name)).all() for name in ("content", "style", "values", "label"))


def test_a_run_keeps_its_settings_in_the_course() -> None:
    made = course("picture")
    assert replace(made).settings.as_dict()["classes"] == len(corpus.read(SAMPLE).styles)
