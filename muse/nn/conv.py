"""Convolution blocks that the picture networks share. Feature maps are (B, C, H, W); no batch statistics anywhere."""

from __future__ import annotations

import math
from typing import Any, TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

M = TypeVar("M", bound=nn.Module)


def conv(inputs: int, outputs: int, kernel: int = 3, stride: int = 1, *, gain: float = 1.0) -> nn.Conv2d:
    """A convolution that keeps the size (divided by the stride), He-initialised for a leaky ReLU, times `gain`."""
    layer = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2)
    nn.init.kaiming_normal_(layer.weight, a=0.2)
    with torch.no_grad():
        layer.weight.mul_(gain)
    nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return layer


def linear(inputs: int, outputs: int, *, gain: float = 1.0) -> nn.Linear:
    """A linear map with unit-variance outputs for unit-variance inputs, times `gain`."""
    layer = nn.Linear(inputs, outputs)
    nn.init.normal_(layer.weight, std=gain / math.sqrt(inputs))
    nn.init.zeros_(layer.bias)
    return layer


def placed(module: M, device: torch.device) -> M:
    """The module on a device, its kernels in channels-last order: twice as fast on a CPU."""
    module.to(device)
    module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return module


def activate(x: Tensor) -> Tensor:
    """Leaky ReLU, slope 0.2."""
    return F.leaky_relu(x, 0.2)


class _InstanceNorm(torch.autograd.Function):
    """Instance normalisation with a short backward pass: three times as fast on a CPU as the composed one."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, eps: float) -> Tensor:
        wide = x.float()
        mean = wide.mean((2, 3), keepdim=True)
        variance = (wide.square().mean((2, 3), keepdim=True) - mean.square()).clamp_min(0)
        scale = torch.rsqrt(variance + eps)
        y = torch.addcmul(-mean * scale, wide, scale).to(x.dtype)
        ctx.save_for_backward(y, scale.to(x.dtype))
        return y

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        y, scale = ctx.saved_tensors
        along = (grad * y).mean((2, 3), keepdim=True)
        return (grad - grad.mean((2, 3), keepdim=True)).addcmul_(y, along, value=-1).mul_(scale), None


def normalize_instance(x: Tensor, eps: float = 1e-4) -> Tensor:
    """Each channel of each picture to mean 0 and variance 1, statistics in float32, result in the input's type.

    x: (B, C, H, W) → the same. It can be differentiated once.
    """
    y: Tensor = _InstanceNorm.apply(x, eps)  # type: ignore[no-untyped-call]
    return y


def double(x: Tensor) -> Tensor:
    """Twice the height and width, bilinear: no checkerboard."""
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


class InstanceBlock(nn.Module):
    """Two convolutions after instance normalisation, with a shortcut: forgets each picture's colour and contrast."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = conv(width, width)
        self.second = conv(width, width, gain=0.2)

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, C, H, W) → the same."""
        y = self.first(activate(normalize_instance(x)))
        z: Tensor = self.second(activate(normalize_instance(y)))
        return x + z


class Modulate(nn.Module):
    """Scale and shift of each channel, linear in a condition vector; starts as the identity."""

    def __init__(self, condition: int, width: int) -> None:
        super().__init__()
        self.line = linear(condition, 2 * width, gain=0.1)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """x: (B, C, H, W); condition: (B, K) → (B, C, H, W)."""
        both: Tensor = self.line(condition)[:, :, None, None]
        scale, shift = both.chunk(2, dim=1)
        return x * (1 + scale) + shift


class StyleBlock(nn.Module):
    """A residual block whose two normalised activations are scaled and shifted by a style (AdaIN).

    Source: Huang & Belongie, "Arbitrary style transfer in real-time with adaptive instance normalization", eq. 8;
    the statistics come from a learned linear map of a style code, not from a style picture's features.
    """

    def __init__(self, width: int, style: int) -> None:
        super().__init__()
        self.first, self.second = conv(width, width), conv(width, width, gain=0.2)
        self.by_first, self.by_second = Modulate(style, width), Modulate(style, width)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """x: (B, C, H, W); style: (B, K) → (B, C, H, W)."""
        y = self.first(activate(self.by_first(normalize_instance(x), style)))
        z: Tensor = self.second(activate(self.by_second(normalize_instance(y), style)))
        return x + z


class FilmBlock(nn.Module):
    """A residual block, doubled in size on demand, whose activations a condition scales and shifts (FiLM).

    Source: Perez et al., "FiLM: visual reasoning with a general conditioning layer"; features are normalised to unit
    mean square over channels before the modulation, as in "Analyzing and improving the image quality of StyleGAN".
    """

    def __init__(self, inputs: int, outputs: int, condition: int, *, up: bool = False) -> None:
        super().__init__()
        self.up = up
        self.first, self.second = conv(inputs, outputs), conv(outputs, outputs, gain=0.5)
        self.by_first, self.by_second = Modulate(condition, inputs), Modulate(condition, outputs)
        self.short = conv(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """x: (B, C, H, W); condition: (B, K) → (B, C', H, W), or twice the size (from the second convolution on)."""
        y = self.first(activate(self.by_first(normalize_pixel(x), condition)))
        x = self.short(x)
        if self.up:
            x, y = double(x), double(y)
        y = self.second(activate(self.by_second(normalize_pixel(y), condition)))
        z: Tensor = (x + y) * math.sqrt(0.5)
        return z


class DownBlock(nn.Module):
    """A residual block of a discriminator, halved in size on demand; no normalisation."""

    def __init__(self, inputs: int, outputs: int, *, down: bool = True) -> None:
        super().__init__()
        self.down = down
        self.first, self.second = conv(inputs, inputs), conv(inputs, outputs)
        self.short = conv(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, C, H, W) → (B, C', H, W), or half the size (from the second convolution on: cheap on a CPU)."""
        y = activate(self.first(activate(x)))
        if self.down:
            x, y = F.avg_pool2d(x, 2), F.avg_pool2d(y, 2)
        z: Tensor = (self.short(x) + self.second(y)) * math.sqrt(0.5)
        return z


def normalize_pixel(x: Tensor) -> Tensor:
    """Each position to mean square 1 over its channels."""
    return x * torch.rsqrt(x.square().mean(dim=1, keepdim=True) + 1e-6)


class MinibatchDeviation(nn.Module):
    """One more channel: the mean standard deviation within groups of the batch, so that sameness shows.

    Source: Karras et al., "Progressive growing of GANs", section 3.
    """

    def __init__(self, group: int = 8) -> None:
        super().__init__()
        self.group = group

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, C, H, W) → (B, C + 1, H, W); B must be a multiple of the group, or smaller than it."""
        batch, _, height, width = x.shape
        group = math.gcd(batch, self.group)
        y = x.float().reshape(group, batch // group, *x.shape[1:])
        deviation = torch.sqrt(y.var(dim=0, correction=0) + 1e-8).mean(dim=(1, 2, 3))
        plane = deviation.repeat(group).reshape(batch, 1, 1, 1).expand(batch, 1, height, width)
        return torch.cat([x, plane.to(x.dtype)], dim=1)
