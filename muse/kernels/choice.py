"""Whether the Triton kernels can run, and if not, why."""

from __future__ import annotations

import importlib.util
import math
import os

import torch
from torch import Tensor

from muse.kernels.triton.configs import WIDTHS

INSTALLED = importlib.util.find_spec("triton") is not None
HALVES = (torch.float16, torch.bfloat16)
LEAST_SCALE = 1 / 256
"""The kernels divide the bias by the scale, and that has to fit into fp16."""


def interpreted() -> bool:
    """Triton was asked to run its kernels on the CPU, which is slow and meant for tests."""
    return os.environ.get("TRITON_INTERPRET", "0") == "1"


def hindrance(q: Tensor, scale: float | None = None) -> str | None:
    """What keeps the kernels from running on tensors like q (B, H, T, K); None where nothing does.

    >>> hindrance(torch.zeros(1, 2, 16, 8, device="meta"))
    'the kernels need a CUDA device, not meta'
    """
    if not (q.is_cuda or interpreted()):
        return f"the kernels need a CUDA device, not {q.device.type}"
    if not INSTALLED:
        return "triton is not installed"
    if q.is_cuda and torch.version.cuda is None:
        return "the kernels are built for NVIDIA only"
    if q.is_cuda and torch.cuda.get_device_capability(q.device) < (8, 0):
        return "the kernels need compute capability 8.0 or later"
    if q.shape[-1] not in WIDTHS:
        return f"the head width {q.shape[-1]} is none of {', '.join(map(str, WIDTHS))}"
    if q.dtype not in (*HALVES, torch.float32):
        return f"the kernels do not compute in {q.dtype}"
    if scale is not None and not LEAST_SCALE <= scale < math.inf:
        return f"the scale {scale} is below 1/256"
    return None
