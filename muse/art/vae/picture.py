"""How the picture VAE learns: reconstruction, swapped styles, and a patch discriminator that sharpens the decoder last.

The run has three parts, by shares of its steps: crops of `first_side` (cheap), whole squares of `side`, and, from
`sharpen_from`, a decoder that trains alone against a small patch discriminator while the latent space stands still.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from muse.art import corpus
from muse.art.vae.model import Vae, VaeSettings, statistics, to_pixels, to_tensor
from muse.narrow import slim
from muse.nn.conv import activate, conv, placed
from muse.nn.several import Several
from muse.nn.spread import average_gradients, processes
from muse.objective import Course
from muse.seed import stream
from muse.settings import RunSettings

RUNS: dict[str, dict[str, Any]] = {
    "": {"learning_rate": 1e-3, "warmup": 100, "weight_decay": 0.0, "batch": 16, "ema": 0.995, "clip": 1.0},
    "tiny": {"steps": 300, "batch": 8, "valid_every": 150, "sample_every": 150},
    "small": {"steps": 6000},
    "base": {"steps": 200000, "batch": 32},
}
PATCH_WEIGHT = 0.1
PATCH_FROM, PATCH_FULL = 100, 300  # steps of sharpening: the judge learns alone, then it is heard more and more
LAZY = 4
R1 = 3.0


@dataclass(frozen=True, slots=True)
class PictureBatch:
    """Squares of pictures: pixels (B, H, W, 3) uint8, labels (B,) int64."""

    pixels: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]


class PictureFeed:
    """Random squares, classes drawn by the square root of their size."""

    def __init__(
        self, pictures: corpus.Pictures, run: RunSettings, settings: VaeSettings, shipped: bool = True
    ) -> None:
        self.pictures, self.run, self.settings = pictures, run, settings
        self.indices = pictures.where("train", shipped)
        labels = pictures.labels()[self.indices]
        counts = np.bincount(labels, minlength=len(pictures.styles))
        weights = 1.0 / np.sqrt(np.maximum(counts[labels], 1))
        self.weights = weights / weights.sum()

    def batch(self, step: int, micro: int, rank: int, world: int) -> PictureBatch:
        rng = stream(self.run.seed, "pictures", step, micro, rank)
        crops = step < self.settings.whole_from * self.run.steps
        side = self.settings.first_side if crops else self.settings.side
        cost = (side / self.settings.first_side) ** 2
        count = max(4, round(self.run.batch / cost))
        chosen = rng.choice(self.indices, size=count, p=self.weights)
        cut = [_cut(self.pictures.image(int(i)), side, self.settings.side, rng) for i in chosen]
        return PictureBatch(np.stack(cut), np.array([self.pictures.label(int(i)) for i in chosen], dtype=np.int64))

    def size(self) -> dict[str, int]:
        return {"pictures": len(self.indices)}


def _cut(image: corpus.Pixels, side: int, whole: int, rng: np.random.Generator) -> corpus.Pixels:
    """A square of `side` at the scale where the short side is `whole` pixels or more; half are flipped."""
    scale = whole * rng.choice((1.0, 1.0, 1.125, 1.25)) / min(image.shape[:2])
    source = min(round(side / scale), *image.shape[:2])
    top, left = (int(rng.integers(0, edge - source + 1)) for edge in image.shape[:2])
    cut = image[top : top + source, left : left + source]
    if source != side:
        cut = np.asarray(Image.fromarray(np.ascontiguousarray(cut)).resize((side, side), Image.Resampling.BICUBIC))
    return cut[:, ::-1] if rng.random() < 0.5 else cut


class PatchDiscriminator(nn.Module):
    """Scores of overlapping patches, about 40 pixels wide."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            [
                conv(12, width),
                conv(width, 2 * width, 3, 2),
                conv(2 * width, 3 * width, 3, 2),
                conv(3 * width, 3 * width),
            ]
        )
        self.head = conv(3 * width, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, 3, H, W) → (B, 1, H/8, W/8)."""
        y = F.pixel_unshuffle(x, 2)
        for layer in self.layers:
            y = activate(layer(y))
        score: Tensor = self.head(y).float()
        return score


class RandomFeatures(nn.Module):
    """Fixed random filters whose statistics say how a texture looks, nothing learned.

    Source: Ustyuzhaninov et al., "Texture synthesis using shallow convolutional networks with random filters";
    here two small layers, each with a non-linearity, instead of one wide one.
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(20)
        first = torch.randn(width, 3, 5, 5, generator=generator)
        first = (
            first - first.mean((2, 3), keepdim=True) * torch.tensor([0.0, 1.0]).repeat(width // 2)[:, None, None, None]
        )
        self.register_buffer("first", first / first.flatten(1).norm(dim=1)[:, None, None, None])
        second = torch.randn(2 * width, width, 3, 3, generator=generator)
        self.register_buffer("second", 2 * second / second.flatten(1).norm(dim=1)[:, None, None, None])

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, 3, H, W) → (B, K) means and deviations."""
        a = F.conv2d(x, self.get_buffer("first"), stride=2)
        b = F.conv2d(activate(a), self.get_buffer("second"), stride=2)
        return torch.cat([statistics(x), statistics(activate(a)), statistics(activate(b))], dim=1)


class PictureObjective:
    """The picture VAE with its losses; see `muse.objective.Objective`."""

    def __init__(
        self,
        settings: VaeSettings,
        run: RunSettings,
        pictures: corpus.Pictures,
        device: str = "cpu",
        shipped: bool = True,
    ) -> None:
        torch.manual_seed(run.seed)
        self.settings, self.run, self.device = settings, run, torch.device(device)
        self.pictures, self.shipped = pictures, shipped
        self.model = placed(Vae(settings), self.device)
        self.average = copy.deepcopy(self.model).eval().requires_grad_(False)
        self.patch = placed(PatchDiscriminator(), self.device)
        self.random = RandomFeatures().to(self.device)
        self.bf16 = run.precision == "bf16" or (run.precision == "auto")
        self._optimizers = {
            "vae": torch.optim.Adam(self.model.parameters(), lr=run.learning_rate, betas=(0.9, 0.99), fused=True),
            "patch": torch.optim.Adam(self.patch.parameters(), lr=run.learning_rate, betas=(0.0, 0.99), fused=True),
        }
        modules = {"model": self.model, "average": self.average, "patch": self.patch}
        self.several = Several(modules, self._optimizers)
        self.seen = torch.zeros(1)

    def step(self, batches: Sequence[PictureBatch], step: int) -> dict[str, float]:
        sharpen = step >= self.settings.sharpen_from * self.run.steps
        if sharpen and next(self.model.content.parameters()).requires_grad:
            self._freeze_space()
        total: dict[str, float] = {}
        self._optimizers["vae"].zero_grad(set_to_none=True)
        for batch in batches:
            x = to_tensor(batch.pixels).to(self.device, memory_format=torch.channels_last)
            losses = self._losses(x, step, sharpen)
            loss = torch.stack(list(losses.values())).sum() / len(batches)
            loss.backward()  # type: ignore[no-untyped-call]
            for name, value in losses.items():
                total[name] = total.get(name, 0.0) + float(value.detach()) / len(batches)
            self.seen += len(x) * processes()
        average_gradients(self.model.parameters())
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), self.run.clip)
        self._optimizers["vae"].step()
        if sharpen:
            total["patch_real_fake"] = self._step_patch(batches[0], step)
        with torch.no_grad():
            decay = min(self.run.ema, (1 + step) / (10 + step))
            for kept, new in zip(self.average.parameters(), self.model.parameters(), strict=True):
                kept.lerp_(new, 1 - decay)
        return {"loss": sum(total.values()), **total, "gradient": float(norm)}

    def _freeze_space(self) -> None:
        """From here on the encoders are the averaged ones and stand still, so that latents stay what they are."""
        for name in ("content", "style"):
            encoder = getattr(self.model, name)
            encoder.load_state_dict(getattr(self.average, name).state_dict())
            encoder.requires_grad_(False)

    def _losses(self, x: Tensor, step: int, sharpen: bool) -> dict[str, Tensor]:
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            with torch.set_grad_enabled(not sharpen):
                mu, logvar = self.model.content(x)
                style = self.model.style(x)
            noisy = mu + torch.randn_like(mu) * torch.exp(0.5 * logvar)
            y = self.model.decoder(noisy, style + 0.05 * torch.randn_like(style))
        kl = 0.5 * (mu.square() + logvar.exp() - 1 - logvar)
        losses = {"pixel": F.l1_loss(y, x), "pyramid": pyramid_loss(y, x)}
        if not sharpen:
            losses["kl"] = 2e-3 * (kl.mean((0, 2, 3)).clamp_min(self.settings.free_bits).mean())
            losses["style_size"] = 1e-4 * style.square().mean()
        losses["texture"] = 0.05 * F.l1_loss(self.random(y), self.random(x))
        if sharpen:
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
                fake, real = self.patch(y), self.patch(x).detach()
            begun = step - self.settings.sharpen_from * self.run.steps
            heard = min(1.0, max(0.0, (begun - PATCH_FROM) / (PATCH_FULL - PATCH_FROM)))
            losses["patch"] = PATCH_WEIGHT * heard * F.softplus(-(fake - real)).mean()
        if step % 4 == 3 and len(x) >= 4:
            half = max(2, len(x) // 2)
            other = style[:half].detach().roll(1, 0)
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
                swapped = self.model.decoder(mu[:half], other)
                again = self.model.content(swapped)[0]
                seen = self.model.style(swapped)
            wanted = self.random(x[:half]).roll(1, 0)
            losses["swap_texture"] = 0.1 * F.l1_loss(self.random(swapped), wanted)
            losses["swap_content"] = 0.1 * F.l1_loss(again, mu[:half].detach())
            losses["swap_style"] = 0.02 * F.l1_loss(seen, other)
        return losses

    def _step_patch(self, batch: PictureBatch, step: int) -> float:
        """One step of the patch judge: relativistic, with the gradient penalties R1 and R2 at every fourth step."""
        x = to_tensor(batch.pixels).to(self.device, memory_format=torch.channels_last)
        penalised = step % LAZY == 0
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            with torch.no_grad():
                y = self.model.decoder(*self.model.encode(x)).float().clamp(-1.2, 1.2)
            x.requires_grad_(penalised)
            y.requires_grad_(penalised)
            real, fake = self.patch(x), self.patch(y)
        loss = F.softplus(-(real - fake)).mean()
        if penalised:
            slopes = torch.autograd.grad(
                real.mean((1, 2, 3)).sum() + fake.mean((1, 2, 3)).sum(), [x, y], create_graph=True
            )
            loss = loss + 0.5 * R1 * LAZY * torch.stack([g.square().flatten(1).sum(1).mean() for g in slopes]).sum()
        self._optimizers["patch"].zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        average_gradients(self.patch.parameters())
        self._optimizers["patch"].step()
        return float(loss.detach())

    @torch.no_grad()
    def figures(self, step: int) -> dict[str, float]:
        held = self.pictures.where("valid", self.shipped)
        held = held[np.linspace(0, len(held) - 1, min(64, len(held))).astype(int)] if len(held) else held
        if not len(held):
            return {}
        losses, colours = [], []
        for start in range(0, len(held), 16):
            pixels = np.stack(
                [corpus.square(self.pictures.image(int(i)), self.settings.side) for i in held[start : start + 16]]
            )
            x = to_tensor(pixels).to(self.device)
            y = self.average(x)
            losses.append(F.l1_loss(y, x).item() * len(x))
            colours.append((y - x).square().mean().item() * len(x))
        error = sum(colours) / len(held) / 4
        return {"loss": sum(losses) / len(held), "psnr_db": float(-10 * np.log10(max(error, 1e-9)))}

    @torch.no_grad()
    def sample(self, step: int) -> dict[str, bytes]:
        """Rows: pictures of the validation part, their reconstructions, and each in the style of the next."""
        held = self.pictures.where("valid", self.shipped)
        held = held[np.linspace(0, len(held) - 1, min(14, len(held))).astype(int)]
        pixels = np.stack([corpus.square(self.pictures.image(int(i)), self.settings.side) for i in held])
        content, style = self.average.encode(to_tensor(pixels).to(self.device))
        rows = [
            pixels,
            to_pixels(self.average.decode(content, style)),
            to_pixels(self.average.decode(content, style.roll(1, 0))),
        ]
        return {"pictures.png": grid(np.concatenate(rows), len(held))}

    def state(self) -> dict[str, Tensor]:
        return {**self.several.state(), "seen": self.seen}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        self.several.load_state(state)
        self.seen = state["seen"].clone()

    def schedule(self, factor: float) -> None:
        self.several.schedule(factor)

    def parameters(self) -> int:
        return sum(p.numel() for p in self.model.parameters())

    @torch.no_grad()
    def freeze(self) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
        """The averaged weights, with the mean style code of each class."""
        chosen = self.pictures.where("train", self.shipped)
        labels = self.pictures.labels()[chosen]
        for label in range(min(self.settings.classes, len(self.pictures.styles))):
            some = chosen[labels == label][:200]
            if not len(some):
                continue
            pixels = [corpus.square(self.pictures.image(int(i)), self.settings.side) for i in some]
            styles = [self.average.style(to_tensor(np.stack(pixels[k : k + 25]))) for k in range(0, len(pixels), 25)]
            self.average.class_style[label] = torch.cat(styles).mean(0)
        weights = {name: slim(half(value)) for name, value in self.average.state_dict().items()}
        return weights, {"vocabulary": list(self.pictures.styles), "pictures_seen": int(self.seen.item())}


def pyramid_loss(y: Tensor, x: Tensor, levels: int = 3) -> Tensor:
    """L1 between Laplacian pyramids, finer bands weighing more; (B, 3, H, W) twice → a scalar."""
    total = y.new_zeros(())
    for level in range(levels):
        small_y, small_x = F.avg_pool2d(y, 2), F.avg_pool2d(x, 2)
        band = (y - x) - F.interpolate(small_y - small_x, scale_factor=2, mode="nearest")
        total = total + band.abs().mean() * (1.0, 0.7, 0.5)[min(level, 2)]
        y, x = small_y, small_x
    return total


def half(value: Tensor) -> npt.NDArray[Any]:
    """fp16, or fp32 for tensors of up to 64 numbers."""
    array = value.detach().float().cpu().numpy()
    return array if array.size <= 64 else array.astype(np.float16)


def grid(pixels: npt.NDArray[np.uint8], columns: int) -> bytes:
    """A PNG of equal pictures (N, H, W, 3), row by row."""
    count, height, width = pixels.shape[:3]
    rows = -(-count // columns)
    sheet = np.full((rows * height, columns * width, 3), 255, np.uint8)
    for i, picture in enumerate(pixels):
        top, left = i // columns * height, i % columns * width
        sheet[top : top + height, left : left + width] = picture
    out = BytesIO()
    Image.fromarray(sheet).save(out, "PNG")
    return out.getvalue()


def course(settings: VaeSettings, run: RunSettings, path: Path, device: str = "cpu") -> Course:
    """All that training the picture VAE needs."""
    pictures = corpus.read(path)
    shipped = any(item.tier for item in pictures.items)
    settings = settings.model_copy(update={"classes": len(pictures.styles)})
    feed = PictureFeed(pictures, run, settings, shipped)
    return Course(
        "picture",
        PictureObjective(settings, run, pictures, device, shipped),
        feed,
        settings,
        run,
        pictures.sources(feed.indices),
        "Reconstructs softly; not meant for faces or for text in pictures.",
    )
