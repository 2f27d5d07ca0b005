"""Each small model in PyTorch and in native code; all is skipped where that is not built."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from muse.engine import Engine, available
from muse.nn.transformer import Transformer

sys.path.insert(0, str(Path(__file__).parent))

from models import SIZES, random_model, weights_of


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not available():
        for item in items:
            if "tests/engine" in str(item.path):
                item.add_marker(pytest.mark.skip("the native engine is not built here (no C++ compiler?)"))


@pytest.fixture(scope="session", params=list(SIZES))
def pair(request: pytest.FixtureRequest) -> tuple[Transformer, Callable[..., Engine]]:
    """(the model in PyTorch, what makes an engine of it)."""
    model = random_model(SIZES[request.param])
    return model, lambda **how: Engine(weights_of(model), model.settings, **how)
