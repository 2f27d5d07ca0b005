"""The baseline: DCGAN in pixels with its published settings, in its two forms.

Source: Radford, Metz & Chintala, "Unsupervised representation learning with deep convolutional generative adversarial
networks", section 3 (Adam 2e-4, β1 = 0.5, batch 128, weights N(0, 0.02), batch normalisation, 64² pictures), with the
widths of the authors' later code (512, 256, 128, 64; kernels of 4): 3.6 M + 2.8 M parameters, close to ours.
`minimax` is the generator's loss as Goodfellow et al. first wrote it, `non-saturating` the one they trained with.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from PIL import Image
from pydantic import Field
from torch import Tensor, nn

from muse.art import corpus
from muse.art.gan.latents import window
from muse.art.measure.features import Network, kid_to
from muse.art.vae.model import to_pixels, to_tensor
from muse.art.vae.picture import grid, half
from muse.nn.conv import placed
from muse.nn.several import Several
from muse.nn.spread import average_gradients, processes
from muse.objective import Course
from muse.seed import stream, torch_generator
from muse.settings import RunSettings, Settings

SIDE = 64
RUNS: dict[str, dict[str, Any]] = {
    "": {"learning_rate": 2e-4, "warmup": 0, "decay_from": 1.0, "weight_decay": 0.0, "batch": 128, "precision": "bf16"},
    "tiny": {"steps": 50, "batch": 16},
    "small": {"steps": 1000},
    "base": {"steps": 50000},
}


class DcganSettings(Settings):
    """The baseline's networks."""

    z: int = Field(100, ge=1, le=1024)
    width: int = Field(64, ge=4, le=512, description="channels of the generator's last hidden layer")
    form: Literal["minimax", "non-saturating"] = "non-saturating"
    sizes: ClassVar[Mapping[str, Mapping[str, Any]]] = {"tiny": {"width": 8}, "small": {}, "base": {"width": 128}}


def _generator(s: DcganSettings) -> nn.Sequential:
    w, layers = s.width, []
    for inputs, outputs, stride, pad in (
        (s.z, 8 * w, 1, 0),
        (8 * w, 4 * w, 2, 1),
        (4 * w, 2 * w, 2, 1),
        (2 * w, w, 2, 1),
    ):
        layers += [nn.ConvTranspose2d(inputs, outputs, 4, stride, pad, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]
    return nn.Sequential(*layers, nn.ConvTranspose2d(w, 3, 4, 2, 1, bias=False), nn.Tanh())


def _discriminator(s: DcganSettings) -> nn.Sequential:
    w = s.width
    layers: list[nn.Module] = [nn.Conv2d(3, w, 4, 2, 1, bias=False), nn.LeakyReLU(0.2)]
    for inputs, outputs in ((w, 2 * w), (2 * w, 4 * w), (4 * w, 8 * w)):
        layers += [nn.Conv2d(inputs, outputs, 4, 2, 1, bias=False), nn.BatchNorm2d(outputs), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Conv2d(8 * w, 1, 4, 1, 0, bias=False))


def _begin(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)


class SquareFeed:
    """Squares of 64 pixels, as often as the pictures come, half of them mirrored."""

    def __init__(self, pictures: corpus.Pictures, run: RunSettings, shipped: bool = True) -> None:
        self.pictures, self.run, self.indices = pictures, run, pictures.where("train", shipped)

    def batch(self, step: int, micro: int, rank: int, world: int) -> npt.NDArray[np.uint8]:
        """(B, 64, 64, 3) uint8."""
        rng = stream(self.run.seed, "squares of 64", step, micro, rank)
        cut = []
        for index in rng.choice(self.indices, self.run.batch):
            image = np.ascontiguousarray(window(self.pictures.image(int(index)), rng))
            square = np.asarray(
                Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
            )
            cut.append(square[:, ::-1] if rng.random() < 0.5 else square)
        return np.stack(cut)

    def size(self) -> dict[str, int]:
        return {"pictures": len(self.indices)}


class DcganObjective:
    """Both networks and the chosen loss; see `muse.objective.Objective`."""

    def __init__(
        self,
        settings: DcganSettings,
        run: RunSettings,
        held: npt.NDArray[np.uint8],
        network: Network | None = None,
        device: str = "cpu",
    ) -> None:
        torch.manual_seed(run.seed)
        self.settings, self.run, self.device = settings, run, torch.device(device)
        self.side = held.shape[1]
        self.kid = kid_to(held, network) if network is not None and len(held) >= 8 else None
        self.generator = placed(_generator(settings).apply(_begin), self.device)
        self.judge = placed(_discriminator(settings).apply(_begin), self.device)
        self.best = copy.deepcopy(self.generator).eval()
        self.bf16 = run.precision in ("auto", "bf16")
        self._optimizers = {
            "generator": torch.optim.Adam(self.generator.parameters(), run.learning_rate, (0.5, 0.999), fused=True),
            "judge": torch.optim.Adam(self.judge.parameters(), run.learning_rate, (0.5, 0.999), fused=True),
        }
        modules = {"generator": self.generator, "judge": self.judge, "best": self.best}
        self.several = Several(modules, self._optimizers)
        self.numbers = {"seen": 0.0, "best_kid": float("inf"), "best_step": -1.0}

    def step(self, batches: Sequence[npt.NDArray[np.uint8]], step: int) -> dict[str, float]:
        found: dict[str, float] = {}
        for batch in batches:
            x = to_tensor(batch).to(self.device, memory_format=torch.channels_last)
            z = torch.randn(len(x), self.settings.z, 1, 1, device=self.device)
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
                fake = self.generator(z)
                real, false = self.judge(x).float(), self.judge(fake.detach()).float()
            judged = F.softplus(-real).mean() + F.softplus(false).mean()
            self._update("judge", judged)
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
                false = self.judge(fake).float()
            loss = F.softplus(-false).mean() if self.settings.form == "non-saturating" else -F.softplus(false).mean()
            self._update("generator", loss)
            self.numbers["seen"] += len(x) * processes()
            found = {"loss": float(loss.detach()), "judge": float(judged.detach())}
        return found

    def _update(self, name: str, loss: Tensor) -> None:
        optimizer = self._optimizers[name]
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        average_gradients(p for group in optimizer.param_groups for p in group["params"])
        optimizer.step()

    @torch.no_grad()
    def pictures(self, count: int, seed: int, best: bool = True) -> npt.NDArray[np.uint8]:
        """(count, 64, 64, 3) uint8."""
        model = self.best if best else self.generator
        model.eval()
        g = torch_generator(seed, "dcgan")
        made = [
            to_pixels(model(torch.randn(min(64, count - k), self.settings.z, 1, 1, generator=g).to(self.device)))
            for k in range(0, count, 64)
        ]
        self.generator.train()
        return np.concatenate(made)

    @torch.no_grad()
    def figures(self, step: int) -> dict[str, float]:
        """KID of 256 pictures, doubled in size, against the held-out ones; the best generator is kept aside."""
        if self.kid is None:
            return {}
        kid = self.kid(enlarged(self.pictures(256, 1, best=False), self.side))
        if kid < self.numbers["best_kid"]:
            self.numbers["best_kid"], self.numbers["best_step"] = kid, float(step)
            self.best.load_state_dict(self.generator.state_dict())
        return {"kid": kid, "best_kid": self.numbers["best_kid"]}

    def sample(self, step: int) -> dict[str, bytes]:
        return {"dcgan.png": grid(self.pictures(64, 5, best=False), 16)}

    def state(self) -> dict[str, Tensor]:
        return {**self.several.state(), "numbers": torch.tensor(list(self.numbers.values()), dtype=torch.float64)}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        self.several.load_state(state)
        self.numbers = dict(zip(self.numbers, state["numbers"].tolist(), strict=True))

    def schedule(self, factor: float) -> None:
        self.several.schedule(factor)

    def parameters(self) -> int:
        return sum(p.numel() for model in (self.generator, self.judge) for p in model.parameters())

    def freeze(self) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
        return {name: half(value) for name, value in self.best.state_dict().items()}, {"baseline": self.settings.form}


def enlarged(pictures: npt.NDArray[np.uint8], side: int) -> npt.NDArray[np.uint8]:
    """(N, side, side, 3), bicubic."""
    return np.stack([np.asarray(Image.fromarray(p).resize((side, side), Image.Resampling.BICUBIC)) for p in pictures])


def course(
    settings: DcganSettings, run: RunSettings, path: Path, device: str = "cpu", network: Network | None = None
) -> Course:
    """All that training the baseline needs; it is never shipped. The network chooses its best weights."""
    pictures = corpus.read(path)
    shipped = any(item.tier for item in pictures.items)
    held = np.stack([corpus.square(pictures.image(int(i)), 128) for i in pictures.where("valid", shipped)])
    feed = SquareFeed(pictures, run, shipped)
    objective = DcganObjective(settings, run, held, network, device)
    return Course("dcgan", objective, feed, settings, run, pictures.sources(feed.indices), "A baseline.")
