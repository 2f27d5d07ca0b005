"""Training and measuring by the verbs: settings in their order, a bundle at the end, a run that goes on."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from samples import sample

from muse.errors import CorpusError, OutputError, SettingsError, UsageError
from muse.verbs import learn

ONE = ("run.steps=1", "run.batch=4", "run.valid_every=99", "run.sample_every=99")


def planned(*sets: str, **options: object) -> learn.Plan:
    return learn.plan("variation", corpus=sample("variation"), sets=(*ONE, *sets), device="cpu", **options)  # type: ignore[arg-type]


def test_settings_go_default_size_toml_set(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("[model]\nwidth = 48\nblocks = 1\n[run]\nlearning_rate = 0.5\nseed = 3\n")
    plan = planned("width=56", size="tiny", settings=tmp_path / "own.toml")
    model, run = plan.course.settings.as_dict(), plan.course.run
    assert (model["width"], model["blocks"], run.learning_rate, run.seed, run.steps) == (56, 1, 0.5, 3, 1)


def test_a_dry_run_prints_toml_that_gives_the_same_plan(tmp_path: Path) -> None:
    plan = planned("width=48", size="tiny")
    text = plan.text()
    assert "parameters" in text and "MiB" in text and "min" in text
    (tmp_path / "again.toml").write_text(text)
    again = learn.plan(
        "variation", corpus=sample("variation"), size=None, settings=tmp_path / "again.toml", device="cpu"
    )
    assert (again.course.settings, again.course.run) == (plan.course.settings, plan.course.run)
    assert not plan.folder.exists()


def test_a_run_ends_in_a_bundle_with_its_card_and_goes_on(tmp_path: Path) -> None:
    first = learn.carry_out(planned(size="tiny", out=tmp_path / "run", name="mine"))
    card = first.bundle.card
    assert (card["name"], card["kind"], card["steps"]) == ("mine", "variation", 1)
    assert card["data"] and card["limits"] and card["machine"] and first.path == tmp_path / "run" / "mine.safetensors"
    more = learn.carry_out(planned("run.steps=2", size="tiny", out=tmp_path / "run", name="mine"))
    assert more.bundle.card["steps"] == 2
    again = learn.carry_out(planned("run.steps=2", size="tiny", out=tmp_path / "run", name="mine"))
    assert again.bundle.sha256 == more.bundle.sha256
    with pytest.raises(OutputError):
        learn.carry_out(planned("run.steps=3", size="tiny", out=tmp_path / "run"), resume="never")


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("kind", "figure"),
    [("poem", "bits_per_char"), ("music", "nats_per_cell"), ("variation", "accuracy_sampled")],
)
def test_a_bundle_is_measured_again_on_data_of_ones_own(kind: str, figure: str) -> None:
    split = {"poem": "all", "music": "train"}.get(kind)
    figures = learn.evaluate(kind, data=sample(kind), split=split, limit=2, device="cpu")
    assert math.isfinite(figures[figure])


@pytest.mark.parametrize(
    ("ask", "error"),
    [
        (lambda: learn.plan("pome"), UsageError),
        (lambda: learn.plan("poem", size="huge"), UsageError),
        (lambda: learn.plan("poem", corpus="absent/"), CorpusError),
        (lambda: learn.plan("poem", settings="absent.toml"), Exception),
        (lambda: learn.plan("poem", sets=["width"]), SettingsError),
        (lambda: learn.plan("poem", sets=["wdth=3"]), SettingsError),
        (lambda: learn.plan("poem", sets=["model.width=-3"]), SettingsError),
        (lambda: learn.plan("poem", sets=["nets.width=3"]), SettingsError),
        (lambda: learn.plan("poem", device="tpu"), UsageError),
        (lambda: learn.evaluate("poem", split="tst"), UsageError),
        (lambda: learn.evaluate("pome"), UsageError),
        (lambda: learn.carry_out(planned(size="tiny"), resume="perhaps"), UsageError),
    ],
)
def test_what_cannot_be_is_refused(ask: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        ask()  # type: ignore[operator]


@pytest.mark.parametrize(
    "text", ["model = 3", "[modle]\nwidth = 3", "[model]\nwidht = 3", "[", "\x00", "[model]\nwidth = 'x'"]
)
def test_a_broken_toml_is_a_settings_error(text: str, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        planned(size="tiny", settings=tmp_path / "bad.toml")
    assert caught.value.exit_code == 2
