"""Real pictures as the ground of every figure: floor below, ceiling above, copies named, classes apart."""

from __future__ import annotations

import numpy as np
import pytest

from muse.art.measure import features
from muse.art.measure.features import Network, kid_to, remembered
from muse.art.measure.ground import Ground, setting

RNG = np.random.default_rng(3)
CENTRES = 4 * np.eye(3, 6)


def drawn(count: int, wide: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    labels = np.arange(count) % 3
    return CENTRES[labels] + wide * RNG.normal(size=(count, 6)), labels


def flat(pictures: np.ndarray) -> np.ndarray:
    return pictures.reshape(len(pictures), -1)[:, :6].astype(np.float64) / 16


@pytest.fixture(scope="module")
def ground() -> Ground:
    (real, labels), (known, known_labels) = drawn(60), drawn(120)
    return Ground(("a", "b", "c"), Network("plain", flat), real, labels, known, known_labels, False)


def test_real_pictures_lie_between_floor_and_ceiling(ground: Ground) -> None:
    fake, asked = drawn(60)
    found, ends = ground.against(fake, asked), ground.ends(20)
    assert found["kid_low_high"][0] < found["kid"] < found["kid_low_high"][1]
    assert max(abs(found["kid"]), abs(ends["floor"])) < ends["ceiling"] / 20
    assert found["class_accuracy"] > 0.9 and ends["probe_on_real"] > 0.9
    assert found["spread"] == pytest.approx(1, abs=0.2) and found["spread_too_small"] == []
    assert set(found["per_class"]) == {"a", "b", "c"} and found["per_class"]["a"]["pictures"] == 20


def test_a_class_that_paints_one_picture_is_named(ground: Ground) -> None:
    fake, asked = drawn(60)
    fake[asked == 1] = fake[1] + 0.1 * RNG.normal(size=(20, 6))
    found = ground.against(fake, asked)
    assert found["spread_too_small"] == ["b"]
    assert found["per_class"]["b"]["kid"] > max(found["per_class"][name]["kid"] for name in "ac")


def test_classes_that_are_mixed_up_are_told(ground: Ground) -> None:
    fake, asked = drawn(60)
    found = ground.against(fake, (asked + 1) % 3)
    assert found["class_accuracy"] < 0.1 and found["kid"] == ground.against(fake, asked)["kid"]


def test_copies_do_not_pass(ground: Ground) -> None:
    assert ground.against(ground.known[:60])["memorised_passed"] is False


def test_pictures_that_were_asked_nothing_have_no_classes(ground: Ground) -> None:
    assert not {"class_accuracy", "per_class", "spread"} & set(ground.against(drawn(30)[0]))


def test_alone_nothing_is_said_of_copies() -> None:
    real, labels = drawn(40)
    found = Ground(("a", "b", "c"), Network("plain", flat), real, labels, real, labels, True)
    one, other = found.floor()
    assert len(one) + len(other) == 40 and setting(found)["known"] == 0
    assert "memorised_ratio" not in found.against(*drawn(40)) and "probe_on_real" not in found.ends(8)


def test_features_of_a_fixed_network_are_kept(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "cache_folder", lambda: tmp_path)
    asked: list[int] = []

    def counted(pictures: np.ndarray) -> np.ndarray:
        asked.append(len(pictures))
        return flat(pictures)

    pictures = features.noise(3)
    first, again = (remembered(Network("n", counted, fixed=True), pictures) for _ in range(2))
    assert asked == [3] and np.array_equal(first, again) and np.allclose(first, flat(pictures))
    remembered(Network("n", counted, fixed=True), pictures[:2])
    remembered(Network("m", counted, fixed=True), pictures)
    remembered(Network("n", counted), pictures)
    assert asked == [3, 2, 3, 3]


def test_the_held_out_pictures_are_looked_at_once() -> None:
    asked: list[int] = []

    def counted(pictures: np.ndarray) -> np.ndarray:
        asked.append(len(pictures))
        return flat(pictures)

    kid = kid_to(features.noise(5), Network("n", counted))
    assert kid(features.noise(4)) == kid(features.noise(4)) and asked == [5, 4, 4]
