"""How the cover generator learns: relativistic pairing, two gradient penalties, late conditions, adaptive augmentation.

Loss of the judge: mean softplus(−(D(x) − D(G(z)))) + r1/2 · (|∇D(x)|² + |∇D(G(z))|²); of the generator: the same with
the signs turned, plus the reader's squared error on palette and mood, so that a wish is followed.
Source: Huang et al., "The GAN is dead; long live the GAN! A modern GAN baseline", eqs. 3-5. Deviations: the penalties
are lazy after the first fifth of the run, the latents are those of a VAE, and x and G(z) share their conditions.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from muse.art import corpus, measure
from muse.art.augment import adapted, augment
from muse.art.condition import PALETTE_SIZE
from muse.art.discriminator import Discriminator, Reader
from muse.art.generator import GanSettings, Generator
from muse.art.latents import LatentBatch, LatentFeed, Latents, cached
from muse.art.picture import grid, half, unpack_modules
from muse.art.vae import Vae, to_pixels
from muse.art.vae import load as load_vae
from muse.bundle import Bundle
from muse.nn.conv import placed
from muse.nn.optim import load_optimizer_state, optimizer_state
from muse.nn.spread import average, average_gradients, processes
from muse.objective import Course
from muse.seed import stream, torch_generator
from muse.settings import RunSettings

RUNS: dict[str, dict[str, Any]] = {
    "": {"learning_rate": 7e-4, "warmup": 50, "decay_from": 0.6, "weight_decay": 0.0, "batch": 32},
    "tiny": {"steps": 300, "batch": 8, "valid_every": 150, "sample_every": 150},
    "small": {"steps": 5000},
    "base": {"steps": 200000, "batch": 128, "learning_rate": 2e-4},
}
SWAPPED = 0.2


LIMITS = "Paints at 128 pixels; expect no faces and no lettering. Its colours follow the scans it learned from."


class CoverObjective:
    """Generator, judge and reader with their losses; see `muse.objective.Objective`."""

    def __init__(
        self,
        settings: GanSettings,
        run: RunSettings,
        vae: Vae,
        latents: Latents,
        held: npt.NDArray[np.uint8],
        styles: Sequence[str],
        device: str = "cpu",
        held_labels: npt.NDArray[np.int64] | None = None,
    ) -> None:
        torch.manual_seed(run.seed)
        self.settings, self.run, self.device = settings, run, torch.device(device)
        self.vae, self.latents, self.held, self.styles = vae, latents, held, tuple(styles)
        self.held_labels = held_labels
        self.generator = Generator(settings)
        self._standardize(latents)
        self.held_share = self.generator.prior.fit(
            *self.generator.from_vae(
                *(torch.from_numpy(a.astype(np.float32)) for a in (latents.content, latents.style))
            ),
            torch.from_numpy(latents.label),
            torch.from_numpy(latents.values),
        )
        self.generator = placed(self.generator, self.device)
        self.judge = placed(Discriminator(settings), self.device)
        self.reader = placed(Reader(settings), self.device)
        self.average = copy.deepcopy(self.generator).eval().requires_grad_(False)
        self.best = copy.deepcopy(self.average)
        self.bf16 = run.precision in ("auto", "bf16")
        self._optimizers = {
            name: torch.optim.Adam(model.parameters(), lr=run.learning_rate, betas=betas, fused=True)
            for name, model, betas in (
                ("generator", self.generator, (0.0, 0.99)),
                ("judge", self.judge, (0.0, 0.99)),
                ("reader", self.reader, (0.9, 0.99)),
            )
        }
        self.numbers = {"p": 0.0, "seen": 0.0, "best_kid": float("inf"), "best_step": -1.0}
        self._features: measure.Features | None = None

    def _standardize(self, latents: Latents) -> None:
        content, style = latents.content.astype(np.float32), latents.style.astype(np.float32)
        g = self.generator
        for buffer, value in (
            (g.content_mean, content.mean((0, 2, 3))),
            (g.content_scale, content.std((0, 2, 3)) + 1e-4),
            (g.style_mean, style.mean(0)),
            (g.style_scale, style.std(0) + 1e-4),
        ):
            buffer.copy_(torch.from_numpy(value))

    def step(self, batches: Sequence[LatentBatch], step: int) -> dict[str, float]:
        figures: dict[str, float] = {}
        for batch in batches:
            for name, value in self._one(batch, step).items():
                figures[name] = figures.get(name, 0.0) + value / len(batches)
        return figures

    def _one(self, batch: LatentBatch, step: int) -> dict[str, float]:
        content, style = self.generator.from_vae(
            *(torch.from_numpy(a).to(self.device) for a in (batch.content, batch.style))
        )
        label, values = torch.from_numpy(batch.label).to(self.device), torch.from_numpy(batch.values).to(self.device)
        label, present = self._dropped(label, step)
        size = len(label) * processes()

        penalised = step < self.settings.every_until * self.run.steps or step % self.settings.lazy == 0
        figures, real = self._step_judge(content, style, (label, values, present), step, penalised)
        figures["reader"] = self._step_reader(content, style, torch.from_numpy(batch.label).to(self.device), values)
        figures.update(self._step_generator(real, label, values, present))

        self.numbers["seen"] += size
        with torch.no_grad():
            decay = 0.5 ** (size / (1000 * self.settings.half_life))
            decay = min(decay, (1 + step) / (10 + step))
            for kept, new in zip(self.average.parameters(), self.generator.parameters(), strict=True):
                kept.lerp_(new, 1 - decay)
        return {"loss": figures["generator"], **figures, "p": self.numbers["p"]}

    def _dropped(self, label: Tensor, step: int) -> tuple[Tensor, Tensor]:
        """Labels and presence flags, ramped in between a quarter and half of the run, a tenth dropped thereafter."""
        s = self.settings
        share = min(1.0, max(0.0, (step / self.run.steps - s.ramp_from) / max(s.ramp_to - s.ramp_from, 1e-9)))
        share *= 1 - self.settings.drop
        told = torch.rand(len(label), device=label.device) < share
        label = torch.where(told, label, torch.full_like(label, self.settings.classes))
        present = told[:, None] & (torch.rand(len(label), 2, device=label.device) < 0.75)
        return label, present.float()

    def _fake(self, label: Tensor, values: Tensor, present: Tensor) -> tuple[Tensor, Tensor]:
        s = self.settings
        z = torch.randn(len(label), s.z, device=self.device)
        noise = torch.randn(len(label), 2, s.grid, s.grid, device=self.device)
        content, style = self.generator(z, label, values, present, noise)
        return content, style

    def _step_judge(
        self, content: Tensor, style: Tensor, told: tuple[Tensor, ...], step: int, penalised: bool
    ) -> tuple[dict[str, float], Tensor]:
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            with torch.no_grad():
                fake = self._fake(*told)
            real_in = [t.detach().requires_grad_(penalised) for t in augment(content, style, self.numbers["p"])]
            fake_in = [t.detach().requires_grad_(penalised) for t in augment(*fake, self.numbers["p"])]
            real, false = self.judge(*real_in, *told), self.judge(*fake_in, *told)
        loss = F.softplus(false - real).mean()
        figures = {"judge": float(loss.detach())}
        if penalised:
            lazy = 1 if step < self.settings.every_until * self.run.steps else self.settings.lazy
            slopes = torch.autograd.grad(real.sum() + false.sum(), [*real_in, *fake_in], create_graph=True)
            penalty = torch.stack([g.float().square().flatten(1).sum(1).mean() for g in slopes]).sum()
            loss = loss + 0.5 * self.settings.r1 * lazy * penalty
            figures["penalty"] = float(penalty.detach())
        self._update("judge", self.judge, loss)
        (lead,) = average([float((real - false).detach().sign().mean())])
        self.numbers["p"] = adapted(self.numbers["p"], lead, len(real) * processes())
        return {**figures, "lead": lead}, real.detach()

    def _step_reader(self, content: Tensor, style: Tensor, label: Tensor, values: Tensor) -> float:
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            read, logits = self.reader(content, style)
        loss = F.mse_loss(read, values) + 0.1 * F.cross_entropy(logits, label)
        self._update("reader", self.reader, loss)
        return float(loss.detach())

    def _step_generator(self, real: Tensor, label: Tensor, values: Tensor, present: Tensor) -> dict[str, float]:
        # The scores of the real ones are those from just before the judge's own step: a forward pass saved.
        # A fifth is asked for another picture's palette; the judge is not told of it, only the reader checks it.
        swap = (torch.rand(len(label), 1, device=self.device) < SWAPPED).float() * present[:, :1]
        asked = values.clone()
        asked[:, :PALETTE_SIZE] = torch.where(swap > 0, values[:, :PALETTE_SIZE].roll(1, 0), values[:, :PALETTE_SIZE])
        judged = torch.cat([present[:, :1] * (1 - swap), present[:, 1:] * (1 - swap)], dim=1)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            fake = self._fake(label, asked, present)
            false = self.judge(*augment(*fake, self.numbers["p"]), label, asked, judged)
            read, _ = self.reader(*fake)
        loss = F.softplus(real - false).mean()
        wrong = (read - asked).square()
        mood_told = present[:, 1:] * (1 - swap)
        off = (
            wrong[:, :PALETTE_SIZE].mean(1, keepdim=True) * present[:, :1]
            + 0.3 * wrong[:, PALETTE_SIZE:].mean(1, keepdim=True) * mood_told
        ).mean()
        for parameter in (*self.judge.parameters(), *self.reader.parameters()):
            parameter.grad = None
        self._update("generator", self.generator, loss + 3.0 * off)
        return {"generator": float(loss.detach()), "palette_and_mood": float(off.detach())}

    def _update(self, name: str, model: torch.nn.Module, loss: Tensor) -> None:
        optimizer = self._optimizers[name]
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        average_gradients(model.parameters())
        torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
        optimizer.step()

    @torch.no_grad()
    def figures(self, step: int) -> dict[str, float]:
        """Cheap KID (own features) of 256 pictures against the held-out ones; the best average is kept aside."""
        if self._features is None:
            self._features = measure.own_features(self.vae)
        count = min(256, max(16, len(self.held)))
        fake = self._pictures(count, step_seed=1, labels=self.held_labels)
        kid = measure.kid(self._features(self.held), self._features(fake))
        if kid < self.numbers["best_kid"] and step > self.settings.ramp_to * self.run.steps:
            self.numbers["best_kid"], self.numbers["best_step"] = kid, float(step)
            self.best.load_state_dict(self.average.state_dict())
        best = self.numbers["best_kid"]
        return {"kid_own": kid} if best == float("inf") else {"kid_own": kid, "best_kid_own": best}

    def _pictures(
        self, count: int, step_seed: int, labels: npt.NDArray[np.int64] | None = None
    ) -> npt.NDArray[np.uint8]:
        """Pictures (count, 128, 128, 3) with labels like the held-out ones and conditions of training pictures."""
        rng = stream(step_seed, "evaluation")
        by_class = {int(k): np.flatnonzero(self.latents.label == k) for k in np.unique(self.latents.label)}
        pool = labels if labels is not None and len(labels) else self.latents.label
        wanted = [int(k) for k in rng.choice(pool, size=count) if int(k) in by_class] or [int(self.latents.label[0])]
        picked = np.array([int(rng.choice(by_class[k])) for k in wanted])
        g = torch_generator(step_seed, "evaluation")
        s = self.settings
        out = []
        for start in range(0, len(picked), 32):
            some = picked[start : start + 32]
            z, noise = torch.randn(len(some), s.z, generator=g), torch.randn(len(some), 2, s.grid, s.grid, generator=g)
            latents = self.average(
                z.to(self.device),
                torch.from_numpy(self.latents.label[some]).to(self.device),
                torch.from_numpy(self.latents.values[some]).to(self.device),
                torch.ones(len(some), 2, device=self.device),
                noise.to(self.device),
            )
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
                out.append(to_pixels(self.vae.decode(*self.average.to_vae(*latents))))
        return np.concatenate(out)

    @torch.no_grad()
    def sample(self, step: int) -> dict[str, bytes]:
        """A row of ten for each class, fixed z."""
        s, rows = self.settings, []
        for k in range(s.classes):
            g = torch_generator(5, "grid", k)
            told = torch.full((10,), k if step > s.ramp_from * self.run.steps else s.classes)
            pair = self.average(
                torch.randn(10, s.z, generator=g).to(self.device),
                told.to(self.device),
                torch.zeros(10, 25, device=self.device),
                torch.zeros(10, 2, device=self.device),
                torch.randn(10, 2, s.grid, s.grid, generator=g).to(self.device),
            )
            rows.append(to_pixels(self.vae.decode(*self.average.to_vae(*pair))))
        return {"covers.png": grid(np.concatenate(rows), 10)}

    def _parts(self) -> dict[str, torch.nn.Module]:
        return {
            "generator": self.generator,
            "judge": self.judge,
            "reader": self.reader,
            "average": self.average,
            "best": self.best,
        }

    def state(self) -> dict[str, Tensor]:
        tensors = {f"{part}.{k}": v for part, module in self._parts().items() for k, v in module.state_dict().items()}
        for name, optimizer in self._optimizers.items():
            tensors.update(optimizer_state(optimizer, f"optimizer.{name}."))
        return {**tensors, "numbers": torch.tensor(list(self.numbers.values()), dtype=torch.float64)}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        unpack_modules(self._parts(), state)
        for name, optimizer in self._optimizers.items():
            load_optimizer_state(optimizer, state, f"optimizer.{name}.")
        self.numbers = dict(zip(self.numbers, state["numbers"].tolist(), strict=True))

    def schedule(self, factor: float) -> None:
        for optimizer in self._optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = self.run.learning_rate * factor

    def parameters(self) -> int:
        return sum(p.numel() for model in (self.generator, self.judge) for p in model.parameters())

    @torch.no_grad()
    def freeze(self) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
        """The best averaged generator, with the mean of each class."""
        model = self.best if self.numbers["best_step"] >= 0 else self.average
        s = self.settings
        g = torch_generator(0, "mean")
        for k in range(s.classes + 1):
            z = torch.randn(512, s.z, generator=g).to(self.device)
            none = torch.zeros(512, 25, device=self.device), torch.zeros(512, 2, device=self.device)
            model.mean_w[k] = model.map(z, torch.full((512,), k, device=self.device), *none)[:, : s.w].mean(0)
        weights = {name: half(value) for name, value in model.state_dict().items()}
        return weights, {
            "vocabulary": list(self.styles),
            "pictures_seen": int(self.numbers["seen"]),
            "best_step": int(self.numbers["best_step"]),
        }


def course(
    settings: GanSettings, run: RunSettings, path: Path, device: str = "cpu", vae: Bundle | None = None
) -> Course:
    """All that training the cover generator needs; the pictures are encoded by `vae` (image-vae when None)."""
    pictures = corpus.read(path)
    shipped = any(item.tier for item in pictures.items)
    bundle = vae if vae is not None else Bundle.load("image-vae")
    model = load_vae(bundle).to(device)
    indices, valid = pictures.where("train", shipped), pictures.where("valid", shipped)
    side = settings.grid * 8
    latents = cached(pictures, indices, model, "train", side)
    held = valid if len(valid) >= 8 else indices
    pixels = np.stack([corpus.square(pictures.image(int(i)), side) for i in held])
    settings = settings.model_copy(
        update={"classes": len(pictures.styles), "content": latents.content.shape[1], "style": latents.style.shape[1]}
    )
    objective = CoverObjective(settings, run, model, latents, pixels, pictures.styles, device, pictures.labels()[held])
    return Course(
        "cover",
        objective,
        LatentFeed(latents, run),
        settings,
        run,
        pictures.sources(indices),
        LIMITS,
        {"vae": bundle.sha256},
    )
