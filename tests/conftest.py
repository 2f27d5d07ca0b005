"""Bundles as small as can be: one step of training on the samples, of every kind, made once for all tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

hypothesis.settings.register_profile("muse", derandomize=True, deadline=None)
hypothesis.settings.load_profile("muse")

sys.path.insert(0, str(Path(__file__).parent))  # for what tests share


@pytest.fixture(scope="session")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a bundle of each kind that has hardly learned anything."""
    import torch
    from samples import sample

    from muse import bundle
    from muse.verbs import learn

    folder = tmp_path_factory.mktemp("bundles")
    shipped, threads = bundle._SHIPPED, torch.get_num_threads()
    bundle._SHIPPED = folder
    torch.set_num_threads(1)
    try:
        for kind in ("poem", "music", "variation", "picture", "cover"):
            sets = (
                "run.steps=1",
                "run.valid_every=99",
                "run.sample_every=99",
                "run.batch=4" if kind != "poem" else "run.batch=512",
            )
            plan = learn.plan(
                kind,
                corpus=sample(kind),
                size="tiny",
                sets=sets,
                out=folder / "runs" / kind,
                name=learn.KINDS[kind].bundle,
                device="cpu",
            )
            made = learn.carry_out(plan)
            made.bundle.save(folder / f"{plan.name}.safetensors")
        # The one that is shipped: a small sample of English has too few rhymes for a sonnet.
        (folder / "poem-en.safetensors").symlink_to(shipped / "poem-en.safetensors")
    finally:
        bundle._SHIPPED = shipped
        torch.set_num_threads(threads)
    return folder


@pytest.fixture
def small(untrained: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """muse as if it had been shipped with those bundles."""
    from muse.verbs import library

    monkeypatch.setattr("muse.bundle._SHIPPED", untrained)
    library._kept.cache_clear()
    yield untrained
    library._kept.cache_clear()
