"""Learning from a user's own pictures: what is kept, what is passed over, beginning from a bundle, the gate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from muse.art import corpus
from muse.art.gan import generator
from muse.art.gan.generator import GanSettings, random_bundles
from muse.art.measure import lite0
from muse.art.own import course as covers
from muse.art.own import picture as vaes
from muse.art.own.gate import gate
from muse.art.own.lessons import Lessons, gather, parted
from muse.art.vae.model import VaeSettings
from muse.bundle import Bundle
from muse.errors import CorpusError, SettingsError
from muse.objective import Course
from muse.settings import RunSettings
from muse.train.freeze import freeze
from muse.train.loop import train

GAN, VAE = random_bundles(0)


def scene(seed: int, width: int = 96, height: int = 80) -> Image.Image:
    coarse = np.random.default_rng(seed).integers(0, 256, (5, 6, 3)).astype(np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MUSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(lite0, "installed", lambda: False)
    monkeypatch.setattr(covers, "JUDGED", 8)
    monkeypatch.setattr(covers, "FAKES", 12)
    torch.set_num_threads(1)
    for style, first in (("ink", 0), ("my dogs", 100)):
        (tmp_path / "mine" / style).mkdir(parents=True)
        for seed in range(first, first + 14):
            scene(seed).save(tmp_path / "mine" / style / f"{seed:03}.png")
    return tmp_path / "mine"


def test_what_cannot_be_used_is_passed_over_with_its_reason(folder: Path) -> None:
    scene(3).resize((300, 250)).save(folder / "my dogs" / "copy.jpg", quality=70)
    (folder / "ink" / "bad.png").write_bytes(b"no picture")
    (folder / "ink" / "empty.jpg").write_bytes(b"")
    scene(1, 20, 20).save(folder / "ink" / "small.png")
    scene(1).save(folder / "ink" / "other.tiff")
    found = gather(folder)
    left = dict(found.left)
    assert found.pictures.styles == ("ink", "my dogs") and len(found.pictures) == 28
    assert left.pop("my dogs/copy.jpg") == "a duplicate (of ink/003.png)"
    assert left == {
        "ink/bad.png": "it is a text file", "ink/empty.jpg": "it is empty",
        "ink/small.png": "20 × 20 pixels are too few", "ink/other.tiff": "not a PNG, JPEG or WebP file",
    }  # fmt: skip
    assert "5 passed over: ink/bad.png: it is a text file" in found.notes[1]
    assert found.counts["left out: a duplicate"] == 1 and found.listed().count(b"\n") == 5
    assert found.card()["passed_over"] == [list(row) for row in found.left]


def test_some_are_held_out_of_each_class_and_always_the_same(folder: Path) -> None:
    one, other = gather(folder), gather(folder)
    assert len(one.held) == 8 and one.key() == other.key()
    assert {one.pictures.items[i].file for i in one.held} == {other.pictures.items[i].file for i in other.held}
    assert all(4 >= sum(one.pictures.label(int(i)) == k for i in one.held) >= 4 for k in (0, 1))
    pair = [corpus.Picture(str(n), "a", "one design", "train") for n in range(2)]
    assert not parted(pair)


def test_a_folder_of_nothing_but_pictures_is_one_class(folder: Path) -> None:
    for path in [*folder.glob("*/*.png")]:
        path.rename(folder / path.name)
    assert gather(folder).pictures.styles == ("mine",)


def test_too_few_are_refused_with_the_reason(folder: Path) -> None:
    for path in [*folder.glob("*/*.png")][10:]:
        path.unlink()
    with pytest.raises(CorpusError, match=r"holds 10 pictures .* 20 are needed.*gives them back.*at least 20"):
        gather(folder)


def test_other_pictures_under_the_same_names_are_others(folder: Path) -> None:
    before = gather(folder).key()
    for path in folder.glob("ink/*.png"):
        scene(int(path.stem) + 500).save(path)
    assert gather(folder).key() != before


def course(lessons: Lessons, start: Bundle | None = GAN, **values: Any) -> Course:
    run = RunSettings.of({"steps": 4, "batch": 4, "precision": "fp32", "save_every": 2, "valid_every": 2,
                          "sample_every": 4, "warmup": 1, **values})  # fmt: skip
    settings = GanSettings.of({**GanSettings.load("tiny").as_dict(), **covers.values_of(start), "lazy": 2})
    return covers.course(settings, run, lessons, VAE, start=start)


def test_it_begins_with_the_bundles_weights_its_own_layouts_and_near_classes(folder: Path) -> None:
    lessons = gather(folder)
    objective = course(lessons).objective
    assert isinstance(objective, covers.Tuned)
    begun, source = objective.generator.state_dict(), generator.load(GAN).state_dict()
    assert torch.equal(begun["start"], source["start"]) and torch.equal(begun["content_scale"], source["content_scale"])
    assert begun["layouts.sketch"].shape[0] == len(lessons.train) and begun["layouts.sketch"].abs().sum() > 0
    rows, known = begun["condition.label.weight"], source["condition.label.weight"]
    assert torch.equal(rows[0], known[corpus.STYLES.index("ink")]) and torch.equal(rows[-1], known[-1])
    assert (rows[1] == known).all(1).any() and rows.shape[0] == 3
    alone = covers.embedded(generator.load(GAN), corpus.STYLES, ("my dogs",), {})
    assert torch.allclose(alone[0], known[:-1].mean(0))


def test_the_generator_waits_for_its_judge(folder: Path) -> None:
    made = course(gather(folder), steps=20)
    objective = made.objective
    assert isinstance(objective, covers.Tuned) and objective.quiet == 2
    before = {name: value.clone() for name, value in objective.generator.state_dict().items()}
    objective.step([made.feed.batch(0, 0, 0, 1)], 0)
    assert all(torch.equal(value, before[name]) for name, value in objective.generator.state_dict().items())
    assert objective.numbers["kid_before"] >= 0
    objective.step([made.feed.batch(2, 0, 0, 1)], 2)
    assert any(not torch.equal(value, before[name]) for name, value in objective.generator.state_dict().items())


class Stopped(Exception):
    pass


@pytest.mark.parametrize("kind", ["cover", "picture"])
def test_a_resumed_run_is_the_unbroken_one_bit_by_bit(folder: Path, tmp_path: Path, kind: str) -> None:
    lessons = gather(folder)

    def made() -> Course:
        if kind == "cover":
            return course(lessons)
        run = RunSettings.of({"steps": 4, "batch": 4, "precision": "fp32", "save_every": 2, "valid_every": 2,
                              "sample_every": 4})  # fmt: skip
        settings = VaeSettings.of({**vaes.values_of(VAE), "side": 32, "first_side": 32, "sharpen_from": 0.5})
        return vaes.course(settings, run, lessons, start=VAE)

    def stop(progress: Any) -> None:
        if progress.step == 3:  # a step after the last save, so that something is done twice
            raise Stopped

    whole = train(made(), tmp_path / "whole")
    with pytest.raises(Stopped):
        train(made(), tmp_path / "broken", watch=stop)
    resumed = train(made(), tmp_path / "broken")
    assert whole.figures == resumed.figures and whole.state.keys() == resumed.state.keys()
    assert not [name for name, value in whole.state.items() if not torch.equal(value, resumed.state[name])]
    page = (tmp_path / "broken" / "index.html").read_text()
    assert "data:image/png;base64," in page and ("kid_after" if kind == "cover" else "psnr_db_after") in page


def test_a_bundle_of_ones_own_says_what_it_is(folder: Path, tmp_path: Path) -> None:
    (folder / "ink" / "bad.png").write_bytes(b"no picture")
    made = course(gather(folder), steps=2)
    bundle = freeze(made, train(made, tmp_path / "run"), "mine", "a test")
    card = bundle.card
    assert card["vocabulary"] == ["ink", "my dogs"] and card["kin"]["ink"] == "ink"
    assert card["kin"]["my dogs"] in corpus.STYLES and card["from"] == {"cover-gan": GAN.sha256}
    assert card["passed_over"] == [["ink/bad.png", "it is a text file"]] and card["corpus"]["my dogs"] == 14
    assert {"kid_before", "kid_after"} <= card["metrics"].keys()
    assert card["memorisation"]["fakes"] == 12 and card["memorisation"]["said"].startswith("memorisation gate")
    again = Bundle.from_bytes(bundle.as_bytes())
    assert generator.generate(again, VAE, "my dogs", None, None, [1]).shape[0] == 1


def test_another_shape_than_the_bundles_is_refused(folder: Path) -> None:
    settings = GanSettings.of({**covers.values_of(GAN), "width": 24})
    with pytest.raises(SettingsError, match="width"):
        covers.course(settings, RunSettings(), gather(folder), VAE, start=GAN)


def flat(pictures: np.ndarray) -> np.ndarray:
    return pictures.reshape(len(pictures), -1).astype(np.float64)


def test_the_gate_stops_copies_also_mirrored_and_lets_new_ones_through() -> None:
    rng = np.random.default_rng(0)
    train_, held = (rng.integers(0, 256, (count, 8, 8, 3)).astype(np.uint8) for count in (60, 8))
    new = (255 * rng.integers(0, 2, (100, 8, 8, 3))).astype(np.uint8)
    passed = gate(flat, train_, held, new)
    assert passed.passed and 1.1 < passed.ratio < 1.6 and passed.reals == 68 and "passed" in passed.said()
    copies = np.concatenate([train_[:4, :, ::-1], new[4:]])
    caught = gate(flat, train_, held, copies, tuple(f"{n}.png" for n in range(60)))
    assert not caught.passed and caught.share == 0.04 and {"0.png", "1.png"} & set(caught.nearest)
    assert "FAILED" in caught.said() and "fewer steps" in caught.said()
    assert gate(flat, train_, held[:0], new).reals == 60
