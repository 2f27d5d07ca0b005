"""`muse check` of pictures: shops, originality by the shipped index, and pictures of a folder that are alike."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from muse.art import corpus
from muse.art.gan.generator import random_bundles
from muse.art.origin import index_of
from muse.art.referee import provenance
from muse.bundle import Bundle
from muse.cli import main
from muse.verbs import pictures
from muse.verbs.check import check, check_files
from muse.work import Recipe

SAMPLE = Path(__file__).parents[2] / "corpora" / "pictures" / "sample"


def picture(seed: int = 0, side: int = 640) -> Image.Image:
    small = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return Image.fromarray(small).resize((side, side), Image.Resampling.BICUBIC)


def jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> tuple[corpus.Pictures, Bundle]:
    """Some pictures, and a bundle that has learned from them."""
    read = corpus.read(SAMPLE, tmp_path_factory.mktemp("cache"))
    gan, _ = random_bundles()
    some = np.arange(len(read))
    return read, Bundle({**gan.weights, **index_of(read, some[::2], some[1::2])}, gan.card)


@pytest.fixture
def shipped(known: tuple[corpus.Pictures, Bundle], monkeypatch: pytest.MonkeyPatch) -> corpus.Pictures:
    monkeypatch.setattr(pictures, "load", lambda name: known[1])
    return known[0]


def test_a_picture_that_was_learned_from_is_named(shipped: corpus.Pictures, tmp_path: Path) -> None:
    copy = Image.fromarray(corpus.square(shipped.image(0), 160)).resize((700, 700))
    (tmp_path / "mine.jpg").write_bytes(jpeg(copy))
    report = check(tmp_path / "mine.jpg")
    assert report.valid == "depends"
    assert any(line.startswith("originality: percentile 0 of") for line in report.findings)
    named = [line for line in report.findings if line.startswith("nearest training picture")]
    assert len(named) == 5 and shipped.items[0].file in named[0]
    assert any(line.startswith("Apple Music, size:") for line in report.findings)


def test_without_an_index_nothing_is_said_and_a_damaged_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    gan, _ = random_bundles()
    data = jpeg(picture())
    monkeypatch.setattr(pictures, "load", lambda name: gan)
    assert pictures.originality(data).findings == ()
    broken = Bundle({**gan.weights, "origins.codes": np.zeros((2, 2), np.int8)}, gan.card)
    monkeypatch.setattr(pictures, "load", lambda name: broken)
    assert "not judged" in pictures.originality(data).findings[0]
    monkeypatch.setattr(pictures, "available", lambda: [])
    assert pictures.originality(data).findings == ()


def test_the_two_files_of_a_cover_are_offered_as_one(shipped: corpus.Pictures) -> None:
    recipe = Recipe("cover", 7, {"title": "", "pixels": 3000})
    image = picture(side=3000)
    told = recipe.as_dict()
    files = {"cover.png": provenance.png(image, told, {}), "cover.jpg": provenance.jpeg(image, told)}
    report = check_files(files, recipe)
    assert report.valid is True
    taken = [line for line in report.findings if "is taken by" in line]
    assert any("cover.jpg" in line and "iMusician" in line for line in taken), report.findings
    assert not [line for line in report.findings if ", format:" in line]


def test_pictures_of_a_folder_that_are_alike_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, seed in (("a.jpg", 1), ("b.jpg", 2), ("c.jpg", 3)):
        (tmp_path / name).write_bytes(jpeg(picture(seed)))
    assert check(tmp_path).promises[0].kept is True
    (tmp_path / "d.jpg").write_bytes(jpeg(picture(2, 300)))
    assert main(["check", str(tmp_path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["promises"][0]["kept"] == "relaxed" and "b.jpg and d.jpg" in told["promises"][0]["found"]
    assert pictures.alike({"a.jpg": jpeg(picture())}).promises == ()
