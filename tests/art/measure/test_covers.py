"""The door: every promised key for a cover bundle and for the picture VAE, and what cannot be measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from muse.art import corpus
from muse.art.gan import generator
from muse.art.measure import covers, dials, lite0, measure
from muse.bundle import Bundle
from muse.errors import BundleError, CorpusError
from muse.terms import Mood

SAMPLE = Path(__file__).parents[3] / "corpora" / "pictures" / "sample"
GAN, VAE = generator.random_bundles(0)
KEYS = {
    "kid", "kid_low_high", "precision", "recall", "density", "coverage", "class_accuracy", "probe_on_real",
    "palette_delta_e", "palette_delta_e_corrected", "memorised_ratio", "memorised_share", "memorised_passed", "spread",
    "mood_spearman", "energy_edge_density", "floor", "ceiling", "finished_kid", "per_class", "features", "k", "seed",
    "pictures", "fakes", "split", "designs",
}  # fmt: skip


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("MUSE_CACHE", str(tmp_path_factory.getbasetemp() / "muse-cache"))
    monkeypatch.setattr(lite0, "installed", lambda: False)
    monkeypatch.setattr(covers, "FINISHED", 2)
    monkeypatch.setattr(dials, "LEVELS", (-0.9, 0.9))
    torch.set_num_threads(1)


def some() -> tuple[corpus.Pictures, np.ndarray]:
    pictures = corpus.read(SAMPLE)
    return pictures, pictures.where("all")[:12]


def test_a_cover_bundle_has_every_promised_figure() -> None:
    pictures, chosen = some()
    found: dict[str, Any] = {"split": "all", "designs": 12, **covers.covers(GAN, VAE, pictures, chosen)}
    assert set(found) >= KEYS
    assert found["kid"] > found["floor"] and found["pictures"] == found["fakes"] == 12 and found["finished"] == 2
    assert found["features"].startswith("statistics") and set(found["mood_spearman"]) == {
        "valence", "energy", "tension", "warmth", "density"
    }  # fmt: skip
    assert found["palette_blend_delta_e_corrected"] < found["palette_blend_delta_e"]
    assert "NaN" not in json.dumps(found)


def test_the_door_measures_the_picture_vae() -> None:
    found = measure(VAE, SAMPLE, "all", 4)
    assert {"l1", "psnr_db", "swap_style_cosine", "swap_content_cosine"} <= set(found) and found["pictures"] == 4


def test_what_cannot_be_measured() -> None:
    with pytest.raises(CorpusError):
        measure(GAN, SAMPLE, "all", 3, vae=VAE)
    with pytest.raises(BundleError):
        measure(Bundle({}, {**GAN.card, "kind": "poem"}), SAMPLE, "all")


def test_a_picture_does_not_hang_on_those_beside_it() -> None:
    made = covers.painted(GAN, VAE, ["ink", "oil", "ink"])
    assert np.array_equal(made[:2], covers.painted(GAN, VAE, ["ink", "oil"]))
    assert not np.array_equal(made, covers.painted(GAN, VAE, ["ink", "oil", "ink"], seed=1))


def test_a_dial_that_is_followed_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def obedient(gan: Bundle, vae: Bundle, style: str, palette: object, mood: Mood, seeds: range, truncation: float):
        lines = np.arange(128) % 16 < 8
        light = 120 + 60 * mood.valence + np.where(lines, 1, -1)[:, None] * (20 + 15 * mood.energy)
        return np.stack([np.broadcast_to(light[..., None], (128, 128, 3)).astype(np.uint8)] * len(seeds))

    monkeypatch.setattr(generator, "generate", obedient)
    found = dials.moods(GAN, VAE, ["ink"])["mood_spearman"]
    assert found["valence"] == found["energy"] == pytest.approx(1) and found["warmth"] == 0


def test_ranks_are_shared_by_equals() -> None:
    assert dials.spearman([1, 1, 2, 2], [1, 2, 3, 4]) == pytest.approx(0.894427, abs=1e-5)
    assert dials.spearman([1, 2, 3], [5, 5, 5]) == 0


def test_the_palette_asked_is_found_where_it_was_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    pictures, chosen = some()
    reals = covers.squares(pictures, chosen[:2])
    turn = iter(reals)
    monkeypatch.setattr(generator, "generate", lambda *a: next(turn)[None])
    found, by_style = dials.palettes(GAN, VAE, reals, ["ink", "oil"])
    assert found["palette_delta_e"] < 1 and set(by_style) == {"ink", "oil"}
