"""The index of training pictures: what it finds again, what it says, and that a damaged one is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from muse.art import corpus
from muse.art.gan.generator import load, random_bundles
from muse.art.origin import NAME, NOTHING, Origins, index_of, report
from muse.art.origin.sources import Source, packed, unpacked
from muse.bundle import Bundle
from muse.errors import BundleError

SAMPLE = Path(__file__).parents[2] / "corpora" / "pictures" / "sample"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> corpus.Pictures:
    return corpus.read(SAMPLE, tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def bundle(pictures: corpus.Pictures) -> Bundle:
    gan, _ = random_bundles()
    half = len(pictures) // 2
    index = index_of(pictures, np.arange(half), np.arange(half, len(pictures)))
    return Bundle.from_bytes(Bundle({**gan.weights, **index}, gan.card).as_bytes())


def changed(image: Image.Image) -> dict[str, Image.Image]:
    """A picture as others may give it out."""
    return {
        "small": image.resize((64, 64)),
        "mirrored": ImageOps.mirror(image),
        "tinted": ImageOps.colorize(image.convert("L"), "#201040", "#f0e0a0"),
        "large": image.resize((900, 900), Image.Resampling.LANCZOS),
    }


def test_a_changed_training_picture_is_found(bundle: Bundle, pictures: corpus.Pictures) -> None:
    origins = Origins.thaw(bundle)
    for at in range(0, len(origins), max(1, len(origins) // 8)):
        image = Image.fromarray(corpus.square(pictures.image(at), 160))
        for how, other in changed(image).items():
            near = origins.nearest(other)
            assert near[0].source.file == pictures.items[at].file, how
            assert [one.distance for one in near] == sorted(one.distance for one in near)


def test_the_report_promises_or_tells(bundle: Bundle, pictures: corpus.Pictures) -> None:
    origins = Origins.thaw(bundle)
    copy = report(Image.fromarray(pictures.image(0)), origins)
    assert copy.promises[0].name == NAME and copy.promises[0].kept is False
    assert len(copy.findings) == 1 and pictures.items[0].file in copy.findings[0]
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (80, 80, 3), dtype=np.uint8))
    assert report(noise, origins).valid is True
    told = report(noise, origins, promised=False)
    assert told.valid is True and len(told.findings) == 6
    assert report(noise, NOTHING) == report(noise, Origins.thaw(random_bundles()[0])) and not NOTHING


def test_the_percentile_rises_with_the_distance(bundle: Bundle) -> None:
    origins = Origins.thaw(bundle)
    found = [origins.percentile(distance) for distance in (0, 30, 60, 120, 1e6)]
    assert found[0] == 0 and found[-1] == 100 and found == sorted(found)


def test_the_index_is_the_same_each_time_and_no_weight_of_the_generator(
    bundle: Bundle, pictures: corpus.Pictures
) -> None:
    half = len(pictures) // 2
    again = index_of(pictures, np.arange(half), np.arange(half, len(pictures)))
    assert all((again[name] == bundle.weights[name]).all() for name in again)
    load(bundle)
    assert index_of(pictures, np.arange(0)) == {}
    assert Origins.thaw(Bundle(index_of(pictures, np.arange(3)), bundle.card)).percentile(0.0) == 100


@pytest.mark.parametrize("part", ["about", "codes", "mean", "basis", "held", "table"])
def test_a_damaged_index_is_named(bundle: Bundle, part: str) -> None:
    weights = {name: array for name, array in bundle.weights.items() if name.startswith("origins.")}
    name = f"origins.{part}"
    bad = [{**weights, name: weights[name].astype(np.float32)}, {k: v for k, v in weights.items() if k != name}]
    if part != "held":
        bad.append({**weights, name: weights[name][: len(weights[name]) // 2]})
    for each in bad:
        with pytest.raises(BundleError):
            Origins.thaw(Bundle(each, bundle.card)).sources  # noqa: B018


def test_sources_are_packed_small_and_read_whole() -> None:
    many = [Source(f"ink/{k:05d}.jpg", "山水" if k % 2 else "", "a") for k in range(500)]
    table = packed(many)
    assert unpacked(table, 500) == many and len(table) < 2500
    assert str(many[0]) == "untitled (ink/00000.jpg, a)"
    for damaged in (table[: len(table) // 2], table[::-1]):
        with pytest.raises(BundleError, match="titles"):
            unpacked(damaged, 500)
    with pytest.raises(BundleError):
        unpacked(table, 499)
