"""The picture corpus: what is read, what is skipped, and that one design never stands on both sides."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from muse.art import corpus, credits
from muse.errors import CorpusError, UsageError

SAMPLE = Path(__file__).parents[2] / "corpora" / "pictures" / "sample"
DATA = Path(os.environ.get("MUSE_DATA", "")) / "art"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for style in ("ink", "cosmic"):
        (tmp_path / style).mkdir()
        for i in range(4):
            pixels = rng.integers(0, 256, (40 + 8 * i, 64, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / style / f"{i}.png")
    return tmp_path


def test_a_folder_of_classes_is_read_and_cached(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first, second = corpus.read(folder, cache), corpus.read(folder, cache)
    assert len(first) == 8 and first.styles == corpus.STYLES
    assert {item.style for item in first.items} == {"ink", "cosmic"}
    assert min(first.image(0).shape[:2]) == corpus.SHORT_SIDE
    assert all((first.image(i) == second.image(i)).all() for i in range(8))
    assert len(list(cache.glob("*.npy"))) == 1


def test_bad_files_are_listed_and_skipped(folder: Path, tmp_path: Path) -> None:
    (folder / "ink" / "broken.jpg").write_bytes(b"\xff\xd8 no picture")
    (folder / "ink" / "drawing.svg").write_text("<svg/>")
    Image.new("RGB", (8, 8)).save(folder / "ink" / "disguised.png", "GIF")
    pictures = corpus.read(folder, tmp_path / "cache")
    assert len(pictures) == 8
    assert set(pictures.skipped) == {"ink/broken.jpg", "ink/drawing.svg", "ink/disguised.png"}


def test_other_class_names_are_taken_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "cats").mkdir()
    Image.new("RGB", (32, 32), "red").save(tmp_path / "cats" / "a.webp")
    assert corpus.read(tmp_path, tmp_path / ".cache").styles == ("cats",)


@pytest.mark.parametrize("name", ["absent", "empty"])
def test_nothing_to_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(CorpusError):
        corpus.read(tmp_path / name, tmp_path / "cache")


def test_unknown_split(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="split"):
        corpus.read(folder, tmp_path / "cache").where("dev")


def test_rows_that_lead_out_of_the_folder_are_skipped(tmp_path: Path) -> None:
    Image.new("RGB", (64, 64)).save(tmp_path / "a.png")
    rows = [
        "file,class,title_artist,source,licence,tier",
        "../x.png,ink,,,,",
        "/etc/x.png,ink,,,,",
        "a.png,ink,t,s,l,green",
    ]
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    pictures = corpus.read(tmp_path, tmp_path / "cache")
    assert [item.file for item in pictures.items] == ["a.png"] and len(pictures.skipped) == 2


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("Hiroshige, Tokaido 53: 25_nissaka.jpeg", "Hiroshige, Tokaido 53 (2nd impression): 25_nissaka.jpg", True),
        ("Hiroshige, Tokaido 53: 25_nissaka.jpeg", "Hiroshige, Tokaido 53: 26_kakegawa.jpeg", False),
        ("Wang Ximeng, A Thousand Li of Rivers and Mountains, crop 1.jpg", "x, A Thousand Li of Rivers, crop 9", True),
        ("Stellarium n1532-darkskies", "Stellarium n1532", True),
    ],
)
def test_designs(a: str, b: str, same: bool) -> None:
    assert (corpus.design_of("x", a, "a.jpg") == corpus.design_of("x", b, "b.jpg")) is same


def test_young_photographs_need_a_free_licence() -> None:
    sky = credits.Credits({"m42": "Creative Commons Attribution 3.0 Unported", "m3": "Attribution-Share Alike 4.0"})
    judge = lambda title: sky.judge("amber", "Debian stellarium-data", f"Stellarium {title}", "")[0]  # noqa: E731
    assert judge("m42") and not judge("m3") and not judge("m1")
    assert credits.Credits().judge("amber", "github a/b", "", "works PD (d. 1858); no licence file")[0]
    assert not credits.Credits().judge("amber", "github a/b", "", "all rights reserved")[0]


@pytest.mark.skipif(not SAMPLE.is_dir(), reason="the sample corpus is not beside the tests")
def test_the_sample_corpus(tmp_path: Path) -> None:
    pictures = corpus.read(SAMPLE, tmp_path)
    assert len(pictures) >= 24 and not pictures.skipped


@pytest.mark.skipif(not (DATA / "labels.csv").is_file(), reason="MUSE_DATA names no picture corpus")
def test_the_full_corpus_is_split_by_design() -> None:
    pictures = corpus.read(DATA)
    splits = defaultdict(set)
    for item in pictures.items:
        splits[item.design].add(item.split)
    assert all(len(found) == 1 for found in splits.values())
    shipped = pictures.where("train", shipped=True)
    assert len(shipped) > 2500 and not pictures.skipped
    assert not any("Share" in pictures.items[i].licence for i in shipped)
    assert "ESA/Hubble" in " ".join(source.attribution for source in pictures.sources(shipped))
