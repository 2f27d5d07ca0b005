"""Fine-tuning: it begins from a bundle, stops where nothing is gained, keeps the best, and forms still hold."""

from pathlib import Path

import pytest
import torch
from made_up import STEPS, english, write_json

from muse.bundle import Bundle
from muse.errors import SettingsError, UsageError
from muse.poem.own.pace import pace
from muse.poem.own.patient import PATIENCE, Patient
from muse.terms import Theme
from muse.verbs import learn, lessons


def plan(corpus: Path, out: Path, *sets: str, start: Path | None = None, **named: str) -> learn.Plan:
    return learn.plan(
        "poem", corpus=corpus, size="tiny", sets=(*STEPS, *sets), start=start, out=out, device="cpu", **named
    )  # type: ignore[arg-type]


def test_a_chinese_bundle_is_tuned_and_keeps_its_forms(bundle: Bundle, chinese: Path, tmp_path: Path) -> None:
    from muse.poem.wishes import Wishes
    from muse.poem.write import write

    start = bundle.save(tmp_path / "poem-test.safetensors")
    ready = plan(chinese, tmp_path / "run", start=start)
    assert ready.course.run.batch == 256 and ready.course.settings.as_dict()["width"] == 64
    tuned = learn.carry_out(ready)
    card = Bundle.load(tuned.path).card
    assert card["metrics"]["nats_per_char_after"] < card["metrics"]["nats_per_char_before"]
    assert card["from"] == {"poem-test": bundle.sha256} and card["corpus"]["poems"] and card["language"] == "zh"
    assert card["vocabulary"][: len(bundle.card["vocabulary"])] == bundle.card["vocabulary"]
    assert "\U00020bb7" in card["vocabulary"] and card["data"][-1]["name"] == chinese.name
    for form in ("五绝", "七律"):
        wishes = Wishes(Theme("秋江"), form=form, strict=False, candidates=1)
        assert all(poem.report.valid is not False for poem in write(wishes, tuned.bundle, [1, 2]))
    held = ready.course.objective.card["corpus"]["held"]  # type: ignore[attr-defined]
    assert lessons.measure(tuned.bundle, chinese, split="valid")["poems"] == held


def test_an_english_bundle_is_tuned(tmp_path: Path) -> None:
    corpus = write_json(tmp_path / "songs.jsonl", english(24))
    first = learn.carry_out(plan(corpus, tmp_path / "a", name="first"))
    assert first.bundle.card["language"] == "en" and "nats_per_word_before" not in first.bundle.card["metrics"]
    other = [{**one, "text": str(one["text"]).replace("silver", "zephyrous")} for one in english(24)]
    tuned = learn.carry_out(plan(write_json(tmp_path / "b.jsonl", other), tmp_path / "b", start=first.path))
    assert "zephyrous" in tuned.bundle.card["vocabulary"]
    assert len(tuned.bundle.card["syllables"]) == len(tuned.bundle.card["vocabulary"])
    assert tuned.bundle.card["metrics"]["nats_per_word_after"] < tuned.bundle.card["metrics"]["nats_per_word_before"]
    with pytest.raises(UsageError, match="'en'"):
        plan(
            write_json(tmp_path / "c.jsonl", [{"text": "春眠不觉晓，处处闻啼鸟。"}] * 9),
            tmp_path / "c",
            start=first.path,
        )


def test_learning_stops_and_the_best_is_kept(chinese: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = plan(chinese, tmp_path, "run.steps=40", "run.valid_every=1", "run.save_every=1").course
    losses = iter([5.0, 4.0, *[4.5] * 40])
    objective = course.objective
    assert isinstance(objective, Patient)
    objective.validate = lambda model: {"loss": next(losses)}
    from muse.train.freeze import freeze
    from muse.train.loop import train

    end = train(course, tmp_path)
    assert end.step == 2 + PATIENCE and end.figures["nats_per_char_after"] == 4.0
    best = {name: value for name, value in end.state.items() if name.startswith("best.")}
    assert not torch.equal(best["best.tokens.weight"], end.state["model.tokens.weight"])
    again = plan(chinese, tmp_path, "run.steps=40", "run.valid_every=1", "run.save_every=1").course
    assert train(again, tmp_path).step == end.step
    bundle = freeze(again, end, "mine", "here")
    torch.testing.assert_close(
        bundle.torch_weights()["tokens.weight"], best["best.tokens.weight"], atol=2e-2, rtol=2e-2
    )


def test_the_pace_hangs_on_the_corpus() -> None:
    small, large = pace(12_000, True), pace(10_000_000, False)
    assert small["steps"] <= 80 and small["learning_rate"] < 1e-3
    assert large["batch"] == 6144 and large["steps"] == 20_000 and "learning_rate" not in large


def test_what_a_plan_refuses(chinese: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="prose"):
        plan(chinese, tmp_path, form="prosa")
    with pytest.raises(SettingsError):
        plan(chinese, tmp_path, "wdth=3")
