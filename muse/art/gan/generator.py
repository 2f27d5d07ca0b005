"""The cover generator: paints in the latent space of the picture VAE from a layout, a style class, a palette, a mood.

Unusual about it:
- it makes no pixels: a content map (8, 16, 16) and a style code (64,), which the VAE's decoder renders at 128²;
- it is told a layout, 4 × 4 or 8 × 8 cells of averaged content (`muse.art.gan.layouts`), and paints what fills it, so
  the same network paints a photo's layout in another class;
- every condition may be absent (dropped in a tenth of its training), so a style alone is enough;
- `truncation` pulls towards the mean of the style class, palette and mood, not of everything.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from muse.art import condition
from muse.art.condition import Palette
from muse.art.gan.layouts import CELLS, Layouts, spread
from muse.art.nets import ready
from muse.art.vae import model as picture_vae
from muse.bundle import Bundle
from muse.errors import BundleError, UsageError, did_you_mean
from muse.nn.conv import FilmBlock, activate, conv, linear, normalize_pixel
from muse.seed import torch_generator
from muse.settings import Settings
from muse.terms import Mood

PADDED = condition.SIZE + 2


class GanSettings(Settings):
    """The generator and its discriminator."""

    z: int = Field(64, ge=4, le=2048, description="random numbers of a picture, beside its layout")
    layouts: int = Field(1, ge=1, description="layouts that the bundle keeps; follows from the pictures")
    w: int = Field(192, ge=8, le=1024, description="numbers of the mapped latent that steers every block")
    width: int = Field(64, ge=8, le=1024, description="channels at full latent size; twice and thrice below")
    grid: int = Field(16, ge=8, le=64, multiple_of=8, description="side of the content map")
    content: int = Field(8, ge=1, le=64, description="channels of the content map")
    style: int = Field(64, ge=4, le=512, description="numbers of the style code")
    classes: int = Field(9, ge=1, le=1000)
    critic: int = Field(48, ge=8, le=1024, description="channels of the discriminator at full latent size")
    r1: float = Field(2.0, ge=0, description="weight of the gradient penalties R1 and R2")
    drop: float = Field(0.1, ge=0, le=1, description="share of pictures whose conditions are left out")
    ramp_from: float = Field(0.05, ge=0, le=1, description="share of the steps after which conditions begin to be told")
    ramp_to: float = Field(0.15, ge=0, le=1, description="share of the steps after which they are told in full")
    every_until: float = Field(0.05, ge=0, le=1, description="share of the steps with penalties at each step")
    lazy: int = Field(4, ge=1, description="penalties at every n-th step thereafter")
    half_life: float = Field(8.0, gt=0, description="of the weight average, in thousands of pictures")
    sizes: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "tiny": {"z": 16, "w": 48, "width": 16, "critic": 16},
        "small": {},
        "base": {"width": 256, "critic": 256, "w": 512, "z": 128, "half_life": 20.0},
    }


class ConditionEncoder(nn.Module):
    """One vector for class, palette and mood; the last class number is "none"."""

    def __init__(self, s: GanSettings, out: int) -> None:
        super().__init__()
        self.classes = s.classes
        self.label = nn.Embedding(s.classes + 1, out)
        self.first, self.second = linear(PADDED, 2 * out), linear(2 * out, out)

    def forward(self, label: Tensor, values: Tensor, present: Tensor) -> Tensor:
        """label: (B,) int64 in [0, classes]; values: (B, 25); present: (B, 2) in {0, 1} → (B, out)."""
        shown = torch.cat(
            [
                values[:, : condition.PALETTE_SIZE] * present[:, :1],
                values[:, condition.PALETTE_SIZE :] * present[:, 1:],
                present,
            ],
            dim=1,
        )
        y: Tensor = self.label(label) + self.second(activate(self.first(shown)))
        return y


class Generator(nn.Module):
    """Content and style, both standardised, from a layout, z and the conditions."""

    content_mean: Tensor
    content_scale: Tensor
    style_mean: Tensor
    style_scale: Tensor

    def __init__(self, settings: GanSettings) -> None:
        super().__init__()
        s = self.settings = settings
        self.layouts = Layouts(s.layouts, s.content)
        self.condition = ConditionEncoder(s, 96)
        self.mapping = nn.ModuleList([linear(s.z + 96, s.w), linear(s.w, s.w), linear(s.w, s.w)])
        start, middle = s.width * 3, s.width * 2
        self.start = nn.Parameter(torch.randn(1, start, s.grid // 4, s.grid // 4))
        self.blocks = nn.ModuleList(
            [
                FilmBlock(start, start, s.w),
                FilmBlock(start, middle, s.w, up=True),
                FilmBlock(middle, s.width, s.w, up=True),
                FilmBlock(s.width, s.width, s.w),
            ]
        )
        self.deeper = nn.ModuleList([FilmBlock(width, width, s.w) for width in (middle, s.width, s.width)])
        self.hints = nn.ModuleList([conv(s.content + 1, width) for width in (start, middle, s.width)])
        self.grain = nn.ParameterList([nn.Parameter(torch.zeros(1, c, 1, 1)) for c in (middle, s.width, s.width)])
        self.head = conv(s.width, s.content, gain=0.2)
        self.style = nn.ModuleList([linear(s.w, s.w), linear(s.w, s.style, gain=0.2)])
        self.register_buffer("content_mean", torch.zeros(s.content))
        self.register_buffer("content_scale", torch.ones(s.content))
        self.register_buffer("style_mean", torch.zeros(s.style))
        self.register_buffer("style_scale", torch.ones(s.style))

    def map(self, z: Tensor, label: Tensor, values: Tensor, present: Tensor) -> Tensor:
        """z: (B, z) normal → w (B, w): what steers the blocks."""
        y = torch.cat([z, normalize_pixel(self.condition(label, values, present))], dim=1)
        for layer in self.mapping:
            y = activate(layer(y)) * 1.3
        return y.float()

    def paint(self, w: Tensor, layout: Tensor, fine: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Content (B, C, g, g) and style (B, K), standardised.

        Args:
            w: (B, w), as `map` gives it.
            layout: (B, C, g, g), averaged content spread over the whole map again, whose sides may differ if they are
                multiples of 4; fine: (B,) 1 where the cells are an eighth of its side, 0 where they are a quarter.
            noise: (B, 2, g, g) normal.
        """
        plane = fine[:, None, None, None].to(layout.dtype).expand(-1, 1, *layout.shape[2:])
        told = torch.cat([layout, plane], dim=1)
        coarse = F.avg_pool2d(told, 4)
        begun: Tensor = self.start
        if begun.shape[2:] != coarse.shape[2:]:
            begun = F.interpolate(begun, coarse.shape[2:], mode="bilinear")
        y = self.blocks[0](begun + self.hints[0](coarse), w)
        y = self.blocks[1](y, w) + self.hints[1](F.avg_pool2d(told, 2)) + self.grain[0] * noise[:, :1, ::2, ::2]
        y = self.deeper[0](y, w) * math.sqrt(2)
        y = self.blocks[2](y, w) + self.hints[2](told) + self.grain[1] * noise[:, :1]
        y = self.blocks[3](y, w) + self.grain[2] * noise[:, 1:]
        for block in self.deeper[1:]:
            y = block(y, w) * math.sqrt(2)
        content: Tensor = layout + self.head(activate(normalize_pixel(y)))
        style: Tensor = self.style[1](activate(self.style[0](w)))
        return content.float(), style.float()

    def forward(
        self, z: Tensor, label: Tensor, values: Tensor, present: Tensor, layout: Tensor, fine: Tensor, noise: Tensor
    ) -> tuple[Tensor, Tensor]:
        return self.paint(self.map(z, label, values, present), layout, fine, noise)

    def to_vae(self, content: Tensor, style: Tensor) -> tuple[Tensor, Tensor]:
        """Standardised latents in the VAE's own scale."""
        return (
            content * self.content_scale[:, None, None] + self.content_mean[:, None, None],
            style * self.style_scale + self.style_mean,
        )

    def from_vae(self, content: Tensor, style: Tensor) -> tuple[Tensor, Tensor]:
        """The inverse of `to_vae`."""
        return (
            (content - self.content_mean[:, None, None]) / self.content_scale[:, None, None],
            (style - self.style_mean) / self.style_scale,
        )


def load(bundle: Bundle) -> Generator:
    """The network of a cover-gan bundle, ready to paint.

    Raises:
        BundleError: the bundle is of another kind, or its weights do not fit its settings.
    """
    if bundle.kind != "cover":
        raise BundleError(f"{bundle.name} paints no covers", f"its kind is {bundle.kind}", "name cover-gan")
    return ready(bundle, Generator, lambda: Generator(GanSettings.of(bundle.card["settings"])))


def class_number(gan: Bundle, style: str) -> int:
    """The class number of a style.

    Raises:
        UsageError: the bundle does not know the style.
    """
    styles = list(gan.card.get("vocabulary") or ())
    if style not in styles:
        raise UsageError(f'unknown style "{style}"', next_step=did_you_mean(style, styles))
    return styles.index(style)


@dataclass(frozen=True)
class Start:
    """What a seed begins from: w (w,), layout (C, g, g) and noise (2, g, g)."""

    w: Tensor
    layout: Tensor
    noise: Tensor


@torch.no_grad()
def start(
    model: Generator, label: int, palette: Palette | None, mood: Mood | None, seed: int, truncation: float
) -> Start:
    """The start of one seed: a layout of the class with what it says of palette and mood unless those are asked."""
    if not 0 <= truncation <= 1.5:
        raise UsageError(f"truncation {truncation} is out of bounds", "", "choose one in [0, 1.5]")
    s, device = model.settings, model.start.device
    asked, present = (torch.from_numpy(part).to(device) for part in condition.vector(palette, mood))
    dice = torch.rand(4, generator=torch_generator(seed, "cover", "layout"))
    sketch, values = model.layouts.choose(dice, label, asked, present)
    z = torch.randn(1, s.z, generator=torch_generator(seed, "cover", "z")).to(device)
    number, told = torch.tensor([label], device=device), torch.ones(1, 2, device=device)
    w = model.map(z, number, values[None], told)[0]
    if truncation != 1:
        zs = torch.randn(64, s.z, generator=torch_generator(0, "cover", "centre")).to(device)
        middle = model.map(zs, number.expand(64), values.expand(64, -1), told.expand(64, -1)).mean(0)
        w = middle + truncation * (w - middle)
    noise = torch.randn(2, s.grid, s.grid, generator=torch_generator(seed, "cover", "grain")).to(device)
    return Start(w, spread(sketch.reshape(1, s.content, CELLS, CELLS), s.grid)[0], noise)


@torch.no_grad()
def painted(
    model: Generator, label: int, palette: Palette | None, mood: Mood | None, seed: int, truncation: float
) -> tuple[Tensor, Tensor]:
    """Content (1, C, g, g) and style (1, K) of one seed, standardised; see `generate`."""
    return _filled(model, start(model, label, palette, mood, seed, truncation))


def _filled(model: Generator, begun: Start) -> tuple[Tensor, Tensor]:
    fine = torch.zeros(1, device=begun.w.device)
    return model.paint(begun.w[None], begun.layout[None], fine, begun.noise[None])


@torch.no_grad()
def latents(
    gan: Bundle, style: str, palette: Palette | None, mood: Mood | None, seeds: Sequence[int], truncation: float = 0.7
) -> tuple[Tensor, Tensor]:
    """Content (N, C, 16, 16) and style (N, K) in the VAE's scale, one for each seed; see `generate`."""
    model, label = load(gan), class_number(gan, style)
    pairs = [model.to_vae(*painted(model, label, palette, mood, seed, truncation)) for seed in seeds]
    return torch.cat([content for content, _ in pairs]), torch.cat([code for _, code in pairs])


@torch.no_grad()
def generate(
    gan: Bundle,
    vae: Bundle,
    style: str,
    palette: Palette | None,
    mood: Mood | None,
    seeds: Sequence[int],
    truncation: float = 0.7,
) -> npt.NDArray[np.uint8]:
    """Pictures (N, 128, 128, 3) uint8, one for each seed, each picture the same whatever stands beside it.

    Args:
        gan, vae: the bundles cover-gan and image-vae.
        style: a class of the generator ("ink", "cosmic", …).
        palette: (colours (K, 3) Lab, weights (K,)), or None.
        mood: or None for whatever suits the style.
        seeds: one picture each.
        truncation: 1 paints the whole range, 0 the mean picture of the style; in [0, 1.5].

    Raises:
        UsageError: a style that the bundle does not know, or a truncation out of bounds.
        WishError: a palette that is none.
    """
    return render(vae, *latents(gan, style, palette, mood, seeds, truncation))


def render(vae: Bundle, content: Tensor, style: Tensor) -> npt.NDArray[np.uint8]:
    """(N, H, W, 3) uint8 from latents in the VAE's scale, picture by picture so that a batch changes nothing."""
    decoder = picture_vae.load(vae)
    with torch.no_grad():
        pictures = [decoder.decode(content[i : i + 1], style[i : i + 1]) for i in range(len(content))]
    return picture_vae.to_pixels(torch.cat(pictures))


def random_bundles(seed: int = 0, size: str = "tiny") -> tuple[Bundle, Bundle]:
    """(gan, vae) bundles of untrained weights, for tests of what stands on top."""
    from muse.art.corpus import STYLES

    torch.manual_seed(seed)
    vae_settings = picture_vae.VaeSettings.load(size)
    models = {
        "cover": ("cover-gan", Generator(GanSettings.load(size)), GanSettings.load(size)),
        "picture": ("image-vae", picture_vae.Vae(vae_settings), vae_settings),
    }
    made = {}
    for kind, (name, model, settings) in models.items():
        card = {
            "schema": 1,
            "kind": kind,
            "name": name,
            "settings": settings.as_dict(),
            "data": [],
            "metrics": {},
            "vocabulary": list(STYLES),
        }
        made[kind] = Bundle({key: value.numpy().astype(np.float16) for key, value in model.state_dict().items()}, card)
    return made["cover"], made["picture"]
