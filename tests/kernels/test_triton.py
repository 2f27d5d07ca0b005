"""The Triton kernels without a GPU: each file of cases runs in a process of its own, and here their outcomes are read.

Triton decides at its import whether it interprets or compiles, so one process cannot do both.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

import muse
from muse.errors import UsageError
from muse.kernels import attention, choice, explain
from muse.kernels.triton import configs

needs_triton = pytest.mark.skipif(importlib.util.find_spec("triton") is None, reason="triton is not installed")


@needs_triton
@pytest.mark.parametrize(("cases", "interpret"), [("interpreted_cases.py", "1"), ("compiled_cases.py", "0")])
def test_in_a_process_of_its_own(cases: str, interpret: str, tmp_path: Path) -> None:
    found = str(Path(muse.__file__).parents[1])
    told = subprocess.run(
        [sys.executable, "-P", "-m", "pytest", "-p", "no:cacheprovider", str(Path(__file__).with_name(cases))],
        env=os.environ | {"TRITON_INTERPRET": interpret, "PYTHONPATH": found, "TRITON_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stdout + told.stderr


def on_gpu(width: int = 64, dtype: torch.dtype = torch.bfloat16) -> Any:
    return SimpleNamespace(is_cuda=True, device="cuda:0", shape=(1, 2, 16, width), dtype=dtype)


@pytest.fixture
def hopper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "INSTALLED", True)
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: (9, 0))


def test_a_gpu_takes_the_kernels(hopper: None) -> None:
    assert explain(on_gpu(), on_gpu()).backend == "triton"
    few = SimpleNamespace(**{**vars(on_gpu()), "shape": (1, 2, 1, 64)})
    assert explain(few, on_gpu()).backend == "triton"


@pytest.mark.parametrize(
    ("attribute", "value", "q", "why"),
    [
        ("INSTALLED", False, on_gpu(), "not installed"),
        ("WIDTHS", (32,), on_gpu(), "head width 64"),
        ("HALVES", (), on_gpu(dtype=torch.float64), "torch.float64"),
        ("LEAST_SCALE", 2.0, on_gpu(), "scale 1.0"),
    ],
)
def test_what_hinders_the_kernels_is_told(
    hopper: None, monkeypatch: pytest.MonkeyPatch, attribute: str, value: Any, q: Any, why: str
) -> None:
    monkeypatch.setattr(choice, attribute, value)
    assert why in str(choice.hindrance(q, 1.0))


def test_old_and_foreign_gpus_are_left_alone(hopper: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: (7, 5))
    assert "8.0" in str(choice.hindrance(on_gpu()))
    monkeypatch.setattr(torch.version, "cuda", None)
    assert "NVIDIA" in str(choice.hindrance(on_gpu()))


def test_a_cpu_refuses_the_kernels_and_says_why() -> None:
    q, at = torch.zeros(1, 1, 4, 32), torch.zeros(1, 4, dtype=torch.int32)
    with pytest.raises(UsageError, match="need a CUDA device, not cpu"):
        attention(q, q, q, row=at, col=at, row_bias=torch.zeros(1, 2), col_bias=torch.zeros(1, 3), backend="triton")


def test_the_table_is_whole_and_blocks_fit_the_survey() -> None:
    kernels, flags = ("forward", "queries", "keys"), (False, True)
    wanted = {(h, n, w, b) for h in (80, 90) for n in kernels for w in configs.WIDTHS for b in flags}
    assert set(configs.TABLE) == wanted
    assert all(max(blocks[:2]) <= configs.BLOCK for blocks in configs.TABLE.values())


def test_muse_imports_without_triton() -> None:
    blocked = "import sys; sys.modules['triton'] = None; import muse.kernels, muse.kernels.ops, muse.nn.transformer"
    subprocess.run([sys.executable, "-c", blocked], check=True, cwd=Path(muse.__file__).parents[1])
