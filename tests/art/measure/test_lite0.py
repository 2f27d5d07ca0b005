"""EfficientNet-Lite0: folding changes nothing, pictures do not hang on each other, an absent extra is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from muse.art.measure import lite0
from muse.errors import MissingExtraError


def randomised() -> lite0.Lite0:
    torch.manual_seed(0)
    model = lite0.Lite0().eval().requires_grad_(False)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1), module.running_var.uniform_(0.5, 2), module.weight.uniform_(0.5, 2)
            module.bias.normal_(0, 0.3)
    return model


def test_folding_keeps_the_features(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lite0, "SIDE", 64)
    model = randomised()
    pictures = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3)).astype(np.uint8)
    before = model(pictures)
    assert before.shape == (3, 1280) and before.std() > 0.01
    np.testing.assert_allclose(model.folded()(pictures), before, atol=1e-4)
    assert not [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]


def test_an_absent_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lite0.importlib.util, "find_spec", lambda name: None)
    assert not lite0.installed()
    with pytest.raises(MissingExtraError, match="eval"):
        lite0.load()


@pytest.mark.skipif(not lite0.installed(), reason="the extra eval is not installed")
def test_the_weights_are_converted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lite0, "cache_folder", lambda: tmp_path)
    pictures = np.random.default_rng(0).integers(0, 256, (1, 64, 64, 3)).astype(np.uint8)
    first = lite0.load()(pictures)
    assert [path.name for path in tmp_path.iterdir()] == ["lite0.safetensors"]
    assert np.array_equal(lite0.load()(pictures), first)
