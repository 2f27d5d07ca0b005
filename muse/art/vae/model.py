"""The picture VAE: a content map and a style code in, a picture out; one space to edit, morph and restyle in.

Unusual about it:
- content is instance-normalised all the way, so it forgets colour and contrast; the style code alone brings them back;
- fully convolutional: any picture whose sides are multiples of 8 is encoded, eight pixels to one content cell;
- the first and last layers trade space for channels, so that a CPU can train it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from muse.art.nets import ready
from muse.bundle import Bundle
from muse.errors import BundleError
from muse.nn.conv import InstanceBlock, StyleBlock, activate, conv, double, linear, normalize_instance
from muse.settings import Settings

CELL = 8


class VaeSettings(Settings):
    """The picture VAE."""

    content: int = Field(8, ge=1, le=64, description="channels of the content map")
    style: int = Field(64, ge=4, le=512, description="numbers of the style code")
    width: int = Field(32, ge=8, le=256, description="channels at half size; 2 and 4 times as many below")
    depth: int = Field(3, ge=1, le=12, description="residual blocks at an eighth of the size")
    side: int = Field(128, ge=32, le=1024, multiple_of=CELL, description="side of the training pictures in pixels")
    first_side: int = Field(
        64, ge=32, le=1024, multiple_of=CELL, description="side of the crops that training starts with"
    )
    classes: int = Field(9, ge=1, le=1000, description="style classes whose mean styles are kept")
    free_bits: float = Field(0.02, ge=0, description="nats a content number that the KL term leaves alone")
    whole_from: float = Field(0.45, ge=0, le=1, description="share of the steps after which whole squares are shown")
    sharpen_from: float = Field(0.6, ge=0, le=1, description="share of the steps after which the decoder learns alone")
    sizes: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "tiny": {"width": 16, "depth": 1, "side": 64},
        "small": {"width": 32, "depth": 3},
        "base": {"width": 96, "depth": 6, "side": 256, "first_side": 128},
    }


class ContentEncoder(nn.Module):
    """Mean and log-variance of the content map."""

    def __init__(self, s: VaeSettings) -> None:
        super().__init__()
        middle, wide = 2 * s.width, 3 * s.width
        self.stem = conv(3 * 16, middle)
        self.at_quarter = InstanceBlock(middle)
        self.down = conv(middle, wide, 4, 2)
        self.down.padding = (1, 1)
        self.at_eighth = nn.Sequential(*(InstanceBlock(wide) for _ in range(s.depth)))
        self.head = conv(wide, 2 * s.content, 1, gain=0.5)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """x: (B, 3, H, W) in [−1, 1] → mu, logvar (B, content, H/8, W/8)."""
        y = self.at_quarter(self.stem(F.pixel_unshuffle(x, 4)))
        y = self.at_eighth(self.down(activate(normalize_instance(y))))
        mu, logvar = self.head(activate(normalize_instance(y))).float().chunk(2, dim=1)
        return mu, logvar.clamp(-10, 4) - 2


class StyleEncoder(nn.Module):
    """The style code: means and deviations of features, pooled over the picture."""

    def __init__(self, s: VaeSettings) -> None:
        super().__init__()
        w = s.width
        self.layers = nn.ModuleList([conv(48, w), conv(w, 2 * w, 3, 2), conv(2 * w, 2 * w, 3, 2)])
        self.line = nn.Linear(2 * (w + 2 * w + 2 * w) + 12, 2 * s.style)
        self.head = linear(2 * s.style, s.style)

    def features(self, x: Tensor) -> list[Tensor]:
        """x: (B, 3, H, W) → the maps whose statistics make the style."""
        maps, y = [], F.pixel_unshuffle(x, 4)
        for layer in self.layers:
            y = activate(layer(y))
            maps.append(y)
        return maps

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, 3, H, W) in [−1, 1] → (B, style)."""
        pooled = [statistics(y) for y in self.features(x)]
        flat = x.float().flatten(2)
        mean, deviation = flat.mean(2), flat.std(2)
        centred = flat - mean[:, :, None]
        cross = (centred @ centred.transpose(1, 2) / flat.shape[2])[:, [0, 0, 1], [1, 2, 2]]
        skew = centred.pow(3).mean(2)
        y = torch.cat([*pooled, mean, deviation, 4 * cross, 4 * skew], dim=1)
        code: Tensor = self.head(activate(self.line(y.to(self.line.weight.dtype)))).float()
        return code


class Decoder(nn.Module):
    """A picture from content and style."""

    def __init__(self, s: VaeSettings) -> None:
        super().__init__()
        half, quarter, eighth = s.width, 2 * s.width, 4 * s.width
        self.stem = conv(s.content, eighth)
        self.at_eighth = nn.ModuleList([StyleBlock(eighth, s.style) for _ in range(s.depth)])
        self.to_quarter = conv(eighth, quarter)
        self.at_quarter = nn.ModuleList([StyleBlock(quarter, s.style) for _ in range(2)])
        self.to_half = conv(quarter, half)
        self.at_half = nn.ModuleList([StyleBlock(half, s.style)])
        self.head = conv(half, 12, gain=0.3)
        self.colour = linear(s.style, 3, gain=0.3)

    def forward(self, content: Tensor, style: Tensor) -> Tensor:
        """content: (B, content, h, w); style: (B, K) → (B, 3, 8h, 8w), about [−1, 1]."""
        y = self.stem(content)
        for block in self.at_eighth:
            y = block(y, style)
        y = self.to_quarter(double(y))
        for block in self.at_quarter:
            y = block(y, style)
        y = self.to_half(double(y))
        for block in self.at_half:
            y = block(y, style)
        rgb = F.pixel_shuffle(self.head(activate(y)), 2).float()
        tint: Tensor = self.colour(style).float()[:, :, None, None]
        return rgb + tint


class Vae(nn.Module):
    """The three networks, and the mean style of each class (filled when training ends)."""

    class_style: Tensor

    def __init__(self, settings: VaeSettings) -> None:
        super().__init__()
        self.settings = settings
        self.content, self.style, self.decoder = ContentEncoder(settings), StyleEncoder(settings), Decoder(settings)
        self.register_buffer("class_style", torch.zeros(settings.classes, settings.style))

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """x: (B, 3, H, W) in [−1, 1], sides multiples of 8 → content mean (B, C, H/8, W/8), style (B, K)."""
        return self.content(x)[0], self.style(x)

    def decode(self, content: Tensor, style: Tensor) -> Tensor:
        """The picture, clipped to [−1, 1]."""
        picture: Tensor = self.decoder(content, style)
        return picture.clamp(-1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Reconstruct x."""
        return self.decode(*self.encode(x))


def statistics(x: Tensor) -> Tensor:
    """(B, 2C): mean and deviation of each channel of each picture, float32."""
    variance, mean = torch.var_mean(x.float(), dim=(2, 3), correction=0)
    return torch.cat([mean, torch.sqrt(variance + 1e-5)], dim=1)


def load(bundle: Bundle) -> Vae:
    """The network of an image-vae bundle, ready to encode and decode.

    Raises:
        BundleError: the bundle is of another kind, or its weights do not fit its settings.
    """
    if bundle.kind != "picture":
        raise BundleError(f"{bundle.name} is not a picture VAE", f"its kind is {bundle.kind}", "name image-vae")
    return ready(bundle, Vae, lambda: Vae(VaeSettings.of(bundle.card["settings"])))


def to_tensor(pictures: npt.NDArray[np.uint8]) -> Tensor:
    """(B, H, W, 3) uint8 → (B, 3, H, W) float32 in [−1, 1]."""
    return torch.from_numpy(np.array(pictures, order="C")).permute(0, 3, 1, 2).float().div(127.5).sub(1)


def to_pixels(x: Tensor) -> npt.NDArray[np.uint8]:
    """(B, 3, H, W) in [−1, 1] → (B, H, W, 3) uint8."""
    wide = x.detach().float().clamp(-1, 1).add(1).mul(127.5).round().to(torch.uint8)
    return np.ascontiguousarray(wide.permute(0, 2, 3, 1).cpu().numpy())


def slerp(a: Tensor, b: Tensor, t: float) -> Tensor:
    """The point at t in [0, 1] on the arc from a to b, batch by batch; lengths are interpolated linearly.

    >>> slerp(torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]]), 0.5).norm().item() > 0.99
    True
    """
    x, y = a.flatten(1).double(), b.flatten(1).double()
    nx, ny = x.norm(dim=1, keepdim=True).clamp_min(1e-9), y.norm(dim=1, keepdim=True).clamp_min(1e-9)
    angle = torch.acos(((x / nx) * (y / ny)).sum(1, keepdim=True).clamp(-1, 1))
    sine = torch.sin(angle)
    flat = sine < 1e-4
    safe = torch.where(flat, torch.ones_like(sine), sine)
    left = torch.where(flat, torch.full_like(sine, 1 - t), torch.sin((1 - t) * angle) / safe)
    right = torch.where(flat, torch.full_like(sine, t), torch.sin(t * angle) / safe)
    unit = left * x / nx + right * y / ny
    point: Tensor = (unit * ((1 - t) * nx + t * ny)).to(a.dtype).reshape(a.shape)
    return point
