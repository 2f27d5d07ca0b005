"""How the cover generator learns: relativistic pairing, two gradient penalties, late conditions, adaptive augmentation.

Loss of the judge: mean softplus(−(D(x) − D(G(z)))) + r1/2 · (|∇D(x)|² + |∇D(G(z))|²); of the generator: the same with
the signs turned, plus the reader's squared error on palette and mood, so that a wish is followed, plus that between
the layout told and the layout painted.
Source: Huang et al., "The GAN is dead; long live the GAN! A modern GAN baseline", eqs. 3-5. Deviations: the penalties
are lazy after the first fifth of the run, the latents are those of a VAE, and x and G(z) share their conditions.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from muse.art.condition import PALETTE_SIZE
from muse.art.gan.augment import adapted, augment
from muse.art.gan.discriminator import Discriminator, Reader
from muse.art.gan.generator import GanSettings, Generator, painted
from muse.art.gan.latents import LatentBatch, Latents
from muse.art.gan.layouts import CELLS, pooled, spread
from muse.art.measure.features import kid_to, network
from muse.art.vae.model import Vae, to_pixels
from muse.art.vae.picture import grid, half
from muse.narrow import slim
from muse.nn.conv import placed
from muse.nn.several import Several
from muse.nn.spread import average_gradients, processes
from muse.seed import stream
from muse.settings import RunSettings

SWAPPED = 0.2
FINE = 0.4
STRANGERS = 0.15
JUDGE_RATE = 0.5
NOISE = 0.15


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
        held_latents: Latents | None = None,
        index: Callable[[], Mapping[str, npt.NDArray[Any]]] | None = None,
    ) -> None:
        torch.manual_seed(run.seed)
        self.settings, self.run, self.device = settings, run, torch.device(device)
        self.vae, self.latents, self.held, self.styles = vae, latents, held, tuple(styles)
        self.held_latents, self.index = held_latents, index
        self.generator = Generator(settings)
        self._standardize(latents)
        self._fill_layouts(latents)
        self.generator = placed(self.generator, self.device)
        self.judge = placed(Discriminator(settings), self.device)
        self.reader = placed(Reader(settings), self.device)
        self.average = copy.deepcopy(self.generator).eval().requires_grad_(False)
        self.best = copy.deepcopy(self.average)
        self.bf16 = run.precision in ("auto", "bf16")
        self._optimizers = {
            name: torch.optim.Adam(model.parameters(), lr=rate * run.learning_rate, betas=betas, fused=True)
            for name, model, betas, rate in (
                ("generator", self.generator, (0.0, 0.99), 1.0),
                ("judge", self.judge, (0.0, 0.99), JUDGE_RATE),
                ("reader", self.reader, (0.9, 0.99), 1.0),
            )
        }
        self.numbers = {"p": 0.0, "seen": 0.0, "best_kid": float("inf"), "best_step": -1.0}
        self.several = Several(
            {
                "generator": self.generator,
                "judge": self.judge,
                "reader": self.reader,
                "average": self.average,
                "best": self.best,
            },
            self._optimizers,
        )
        self._kid: Callable[[npt.NDArray[np.uint8]], float] | None = None

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

    def _fill_layouts(self, latents: Latents) -> None:
        """The layouts of the first square of each picture, in the generator's scale."""
        first, device = np.unique(latents.picture, return_index=True)[1], self.generator.start.device
        content, _ = self.generator.from_vae(
            *(torch.from_numpy(a[first].astype(np.float32)).to(device) for a in (latents.content, latents.style))
        )
        self.generator.layouts.fill(
            content, torch.from_numpy(latents.label[first]), torch.from_numpy(latents.values[first])
        )

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
        mixed, _ = self.generator.from_vae(torch.from_numpy(batch.mixed).to(self.device), style)
        label, values = torch.from_numpy(batch.label).to(self.device), torch.from_numpy(batch.values).to(self.device)
        label, present = self._dropped(label, step)
        size = len(label) * processes()

        asked, judged = self._swapped(values, present)
        layout, fine = self._layout(mixed)
        with self._autocast():
            fake = self._fake(label, asked, present, layout, fine)
        still = (fake[0].detach(), fake[1].detach())
        figures, real = self._step_judge(content, style, still, (label, values, present), (label, asked, judged), step)
        figures["reader"] = self._step_reader(content, style, torch.from_numpy(batch.label).to(self.device), values)
        figures.update(self._step_generator(fake, real, (label, asked, present, judged), layout, fine))

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

    def _swapped(self, values: Tensor, present: Tensor) -> tuple[Tensor, Tensor]:
        """A fifth is asked for another picture's palette; the judge is not told of it, only the reader checks it."""
        swap = (torch.rand(len(values), 1, device=self.device) < SWAPPED).float() * present[:, :1]
        asked = values.clone()
        asked[:, :PALETTE_SIZE] = torch.where(swap > 0, values[:, :PALETTE_SIZE].roll(1, 0), values[:, :PALETTE_SIZE])
        return asked, present * (1 - swap)

    def _layout(self, mixed: Tensor) -> tuple[Tensor, Tensor]:
        """The layouts told, in cells of a quarter or an eighth of the side; some of pictures of another class."""
        fine = (torch.rand(len(mixed), device=self.device) < FINE).float()
        side = mixed.shape[-1]
        coarse, finer = (spread(pooled(mixed, cells), side) for cells in (CELLS, 2 * CELLS))
        layout = torch.where(fine[:, None, None, None] > 0, finer, coarse)
        stranger = torch.rand(len(mixed), device=self.device) < STRANGERS
        return (
            torch.where(stranger[:, None, None, None], layout.roll(3, 0), layout),
            torch.where(stranger, fine.roll(3, 0), fine),
        )

    def _fake(
        self, label: Tensor, values: Tensor, present: Tensor, layout: Tensor, fine: Tensor
    ) -> tuple[Tensor, Tensor]:
        s = self.settings
        z = torch.randn(len(label), s.z, device=self.device)
        noise = torch.randn(len(label), 2, s.grid, s.grid, device=self.device)
        content, style = self.generator(z, label, values, present, layout, fine, noise)
        return content, style

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16)

    def _seen(self, content: Tensor, style: Tensor) -> tuple[Tensor, Tensor]:
        """Latents as the judge sees them: augmented, and through noise such as the decoder learned to overlook."""
        return augment(content + NOISE * torch.randn_like(content), style, self.numbers["p"])

    def _step_judge(
        self,
        content: Tensor,
        style: Tensor,
        fake: tuple[Tensor, Tensor],
        told: tuple[Tensor, ...],
        told_fake: tuple[Tensor, ...],
        step: int,
    ) -> tuple[dict[str, float], Tensor]:
        early = step < self.settings.every_until * self.run.steps
        penalised = early or step % self.settings.lazy == 0
        with self._autocast():
            real_in = [t.detach().requires_grad_(penalised) for t in self._seen(content, style)]
            fake_in = [t.detach().requires_grad_(penalised) for t in self._seen(*fake)]
            real, false = self.judge(*real_in, *told), self.judge(*fake_in, *told_fake)
        loss = F.softplus(false - real).mean()
        figures = {"judge": float(loss.detach())}
        if penalised:
            slopes = torch.autograd.grad(real.sum() + false.sum(), [*real_in, *fake_in], create_graph=True)
            penalty = torch.stack([g.float().square().flatten(1).sum(1).mean() for g in slopes]).sum()
            loss = loss + 0.5 * self.settings.r1 * (1 if early else self.settings.lazy) * penalty
            figures["penalty"] = float(penalty.detach())
        self._update("judge", self.judge, loss)
        # The generator is judged beside the real ones as the judge sees them now: its scale drifts from step to step.
        with torch.no_grad(), self._autocast():
            again = self.judge(*(t.detach() for t in real_in), *told)
        return {**figures, "lead": float((real - false).detach().sign().mean())}, again

    def _step_reader(self, content: Tensor, style: Tensor, label: Tensor, values: Tensor) -> float:
        with self._autocast():
            read, logits = self.reader(content, style)
        loss = F.mse_loss(read, values) + 0.1 * F.cross_entropy(logits, label)
        self._update("reader", self.reader, loss)
        return float(loss.detach())

    def _step_generator(
        self, fake: tuple[Tensor, Tensor], real: Tensor, told: tuple[Tensor, ...], layout: Tensor, fine: Tensor
    ) -> dict[str, float]:
        label, asked, present, judged = told
        with self._autocast():
            false = self.judge(*self._seen(*fake), label, asked, judged)
            read, logits = self.reader(*fake)
        loss = F.softplus(real - false).mean()
        wrong = (read - asked).square()
        off = (
            wrong[:, :PALETTE_SIZE].mean(1, keepdim=True) * present[:, :1]
            + 0.3 * wrong[:, PALETTE_SIZE:].mean(1, keepdim=True) * judged[:, 1:]
        ).mean()
        told_class = label < self.settings.classes
        wrong_class = F.cross_entropy(logits, label.clamp_max(self.settings.classes - 1), reduction="none")
        wrong_class = (wrong_class * told_class).mean()
        cells = pooled(fake[0] - layout, 2 * CELLS)
        rough = spread(pooled(cells, CELLS), 2 * CELLS)
        away = torch.where(fine[:, None, None, None] > 0, cells, rough).square().mean()
        for parameter in (*self.judge.parameters(), *self.reader.parameters()):
            parameter.grad = None
        self._update("generator", self.generator, loss + 3.0 * off + 0.3 * wrong_class + 2.0 * away)
        return {
            "generator": float(loss.detach()),
            "palette_and_mood": float(off.detach()),
            "class": float(wrong_class.detach()),
            "layout": float(away.detach()),
        }

    def _update(self, name: str, model: torch.nn.Module, loss: Tensor) -> None:
        optimizer = self._optimizers[name]
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        average_gradients(model.parameters())
        torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
        optimizer.step()

    @torch.no_grad()
    def figures(self, step: int) -> dict[str, float]:
        """KID of up to 512 pictures against the held-out ones; the best average is kept aside.

        The features are Lite0's where the extra `eval` is installed, else cheap ones of our own.
        """
        self.numbers["p"] = adapted(self.numbers["p"], self._overfit())
        self._kid = self._kid or kid_to(self.held, network(self.vae))
        kid = self._kid(self._pictures(min(512, max(16, len(self.held)))))
        if kid < self.numbers["best_kid"] and step > self.settings.ramp_to * self.run.steps:
            self.numbers["best_kid"], self.numbers["best_step"] = kid, float(step)
            self.best.load_state_dict(self.average.state_dict())
        best = self.numbers["best_kid"]
        return {"kid": kid} if best == float("inf") else {"kid": kid, "best_kid": best}

    def _overfit(self) -> float:
        """How much nearer held-out pictures are to painted ones than those learned from, for the judge: 0 … 1."""
        if self.held_latents is None:
            return 0.0
        learned, unseen = (
            self._margin(kept, stream(2, "overfit").permutation(len(kept))[:256])
            for kept in (self.latents, self.held_latents)
        )
        return 1 - unseen / max(learned, 1e-6)

    def _margin(self, kept: Latents, chosen: npt.NDArray[np.int64]) -> float:
        """Mean of D(x) − D(G) over some latents, both told the same."""
        content, style = self.generator.from_vae(
            *(torch.from_numpy(a[chosen].astype(np.float32)).to(self.device) for a in (kept.content, kept.style))
        )
        told = (
            torch.from_numpy(kept.label[chosen]).to(self.device),
            torch.from_numpy(kept.values[chosen]).to(self.device),
        )
        present = torch.ones(len(chosen), 2, device=self.device)
        with self._autocast():
            fake = self._fake(*told, present, *self._layout(content))
            away = self.judge(content, style, *told, present) - self.judge(*fake, *told, present)
        return float(away.mean())

    def _pictures(self, count: int) -> npt.NDArray[np.uint8]:
        """Pictures (count, 128, 128, 3) with classes like the held-out ones, each told its class alone."""
        wanted = stream(1, "evaluation").choice((self.held_latents or self.latents).label, size=count)
        return self._painted([int(k) for k in wanted], range(count))

    def _painted(self, labels: Sequence[int], seeds: Sequence[int]) -> npt.NDArray[np.uint8]:
        made = []
        for label, seed in zip(labels, seeds, strict=True):
            with self._autocast():
                pair = painted(self.average, label, None, None, seed, 1.0)
                made.append(to_pixels(self.vae.decode(*self.average.to_vae(*pair))))
        return np.concatenate(made)

    @torch.no_grad()
    def sample(self, step: int) -> dict[str, bytes]:
        """A row of ten for each class, fixed seeds."""
        labels = [k for k in range(self.settings.classes) for _ in range(10)]
        return {"covers.png": grid(self._painted(labels, [10 * k + i for i, k in enumerate(labels)]), 10)}

    def state(self) -> dict[str, Tensor]:
        return {**self.several.state(), "numbers": torch.tensor(list(self.numbers.values()), dtype=torch.float64)}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        self.several.load_state(state)
        self.numbers = dict(zip(self.numbers, state["numbers"].tolist(), strict=True))

    def schedule(self, factor: float) -> None:
        self.several.schedule(factor)

    def parameters(self) -> int:
        return sum(p.numel() for model in (self.generator, self.judge) for p in model.parameters())

    @torch.no_grad()
    def freeze(self) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
        """The best averaged generator, with the index of the pictures that it has learned from."""
        model = self.best if self.numbers["best_step"] >= 0 else self.average
        weights = {name: slim(half(value)) for name, value in model.state_dict().items()}
        weights["layouts.label"] = half(model.layouts.label)  # class numbers are not to be rounded
        return {**weights, **(self.index() if self.index else {})}, {
            "vocabulary": list(self.styles),
            "pictures_seen": int(self.numbers["seen"]),
            "best_step": int(self.numbers["best_step"]),
        }
