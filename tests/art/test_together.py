"""Two processes that learn pictures together: their gradients are averaged, and they stay alike to the last bit."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from apart import pair
from beside import STEPS, course, learn

pytestmark = pytest.mark.skipif(not torch.distributed.is_available(), reason="torch has no distributed package")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSE_CACHE", str(tmp_path / "cache"))
    torch.set_num_threads(1)


@pytest.mark.parametrize("kind", ["picture", "cover"])
def test_gradients_are_averaged_and_both_stay_alike(kind: str, tmp_path: Path) -> None:
    course(kind)  # the cache is filled by one
    processes = pair(learn, tmp_path, kind)
    assert [process.wait(120) for process in processes] == [0, 0], processes[0].error()[-2000:]
    one, two = (torch.load(tmp_path / f"{rank}.pt") for rank in (0, 1))
    assert len(one["found"]) >= STEPS
    unlike = 0
    for mine, others, mean, again in zip(one["brought"], two["brought"], one["found"], two["found"], strict=True):
        for a, b, c, d in zip(mine, others, mean, again, strict=True):
            assert (a is None) == (b is None) == (c is None) == (d is None)
            if a is not None:
                assert torch.equal(c, d)
                torch.testing.assert_close(c, (a + b) / 2)
                unlike += not torch.equal(a, b)
    assert unlike > 100  # each process had pictures of its own
    assert one["state"].keys() == two["state"].keys()
    assert not [name for name, value in one["state"].items() if not torch.equal(value, two["state"][name])]
    if kind == "picture":
        assert any(gradient is None for gradient in one["found"][-2])  # the encoders stand still by then
