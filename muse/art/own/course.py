"""The course of a cover generator on a user's own pictures, from nothing or from a bundle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from muse.art.corpus import Pictures, Pixels, square
from muse.art.gan.adversary import CoverObjective
from muse.art.gan.generator import GanSettings, Generator
from muse.art.gan.generator import load as load_generator
from muse.art.gan.latents import SQUARES, LatentBatch, LatentFeed, Latents, cached
from muse.art.measure.features import kid_to, network
from muse.art.origin import index_of
from muse.art.own.gate import gate
from muse.art.own.lessons import Lessons
from muse.art.vae.model import load as load_vae
from muse.art.vae.picture import grid
from muse.bundle import Bundle
from muse.errors import SettingsError
from muse.objective import Course, Source
from muse.seed import stream
from muse.settings import RunSettings

TUNED_RATE, P = 2e-4, 0.1
"""Learning rate from a bundle, a third of that from nothing; share of augmentation that learning from little begins at.
"""
QUIET = 100
"""Steps at most in which a bundle's generator waits for its judge, whose weights no bundle has."""
FAKES, JUDGED, ROWS = 200, 64, 12
"""Pictures painted for the gate and for a measurement; classes on the sheet."""
SHAPE = ("z", "w", "width", "grid", "content", "style")
LIMITS = "Learned from a corpus of its user. Paints at 128 pixels; expect no faces and no lettering."


class Tuned(CoverObjective):
    """A cover generator's objective on few pictures, which ends at the memorisation gate.

    Attributes:
        quiet: steps in which the generator stands still.
    """

    def __init__(self, *args: Any, lessons: Lessons, start: Generator | None = None, rows: Tensor, **named: Any):
        """
        Args:
            start: the generator to begin from.
            rows: (classes + 1, D) what stands for each class in it, the last for none; unused without `start`.
        """
        super().__init__(*args, **named)
        self.lessons, self.quiet, self.still = lessons, 0, False
        self.numbers |= {"p": P, "kid_before": -1.0}
        if start is not None:
            self.quiet = min(QUIET, self.run.steps // 10)
            self._begin(start, rows)

    @torch.no_grad()
    def _begin(self, start: Generator, rows: Tensor) -> None:
        """The weights and scales of another generator, with these classes and with the layouts of these pictures."""
        own = self.generator.state_dict()
        for name, value in start.state_dict().items():
            if not name.startswith(("layouts.", "condition.label.")):
                own[name].copy_(value)
        self.generator.condition.label.weight.copy_(rows)
        self._fill_layouts(self.latents)
        for copied in (self.average, self.best):
            copied.load_state_dict(self.generator.state_dict())

    def step(self, batches: Sequence[LatentBatch], step: int) -> dict[str, float]:
        if self.numbers["kid_before"] < 0 and step == 0:
            self.numbers["kid_before"] = self._distance()
        self.still = step < self.quiet
        return super().step(batches, step)

    def _update(self, name: str, model: torch.nn.Module, loss: Tensor) -> None:
        if name != "generator" or not self.still:
            super()._update(name, model, loss)

    @torch.no_grad()
    def _distance(self) -> float:
        self._kid = self._kid or kid_to(self.held, network(self.vae))
        return max(0.0, self._kid(self._pictures(JUDGED)))

    def figures(self, step: int) -> dict[str, float]:
        """As ever, with the distance before and after: of the bundle it began from, and of the best since."""
        found = super().figures(step)
        before, best = self.numbers["kid_before"], found.get("best_kid")
        return found | ({"kid_before": before} if before >= 0 else {}) | ({} if best is None else {"kid_after": best})

    @torch.no_grad()
    def sample(self, step: int) -> dict[str, bytes]:
        """A row of ten for each class, up to twelve classes, fixed seeds."""
        labels = [k for k in range(min(ROWS, self.settings.classes)) for _ in range(10)]
        return {"covers.png": grid(self._painted(labels, [10 * k + i for i, k in enumerate(labels)]), 10)}

    @torch.no_grad()
    def freeze(self) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
        """The best averaged generator, with the verdict of the gate on it."""
        weights, extra = super().freeze()
        if self.numbers["best_step"] >= 0:
            self.average.load_state_dict(self.best.state_dict())
        pictures, train, side = self.lessons.pictures, self.lessons.train, self.settings.grid * 8
        labels = stream(0, "gate").choice(pictures.labels()[train], size=FAKES)
        verdict = gate(
            network(self.vae),
            squares(pictures, train, side),
            squares(pictures, self.lessons.held, side),
            self._painted([int(k) for k in labels], range(1000, 1000 + FAKES)),
            tuple(pictures.items[int(i)].file for i in train),
        )
        return weights, {**extra, "memorisation": verdict.card()}


def run_of(lessons: Lessons, tuned: bool) -> Mapping[str, Any]:
    """Run settings that suit a corpus: from a bundle a third of the rate and a fifth of the steps."""
    count = len(lessons.train)
    steps = min(4000, max(600, 12 * count)) if tuned else min(20_000, max(3000, 40 * count))
    every = max(1, steps // 10)
    return {"steps": steps, "valid_every": every, "sample_every": every, "save_every": min(200, every),
            **({"learning_rate": TUNED_RATE} if tuned else {})}  # fmt: skip


def values_of(start: Bundle | None) -> dict[str, Any]:
    """Settings of a bundle to begin from: its shape, with conditions told and the judge strict from the first step."""
    if start is None:
        return {}
    known = {key: value for key, value in start.card["settings"].items() if key in GanSettings.model_fields}
    return {**known, "ramp_from": 0.0, "ramp_to": 0.0}


def course(
    settings: GanSettings,
    run: RunSettings,
    lessons: Lessons,
    vae: Bundle,
    device: str = "cpu",
    start: Bundle | None = None,
) -> Course:
    """The course of a cover generator over lessons.

    Args:
        vae: in whose latent space it is learned.
        start: the bundle that it begins from, of these settings.

    Raises:
        BundleError: it is no cover generator. SettingsError: it has another shape.
    """
    pictures, model, side, key = lessons.pictures, load_vae(vae).to(device), settings.grid * 8, lessons.key()
    latents = cached(pictures, lessons.train, model, f"own {key}", side, SQUARES)
    held = lessons.held if len(lessons.held) else lessons.train
    held_latents = cached(pictures, held, model, f"own {key}", side)
    kin = relatives(latents, pictures.styles, vae)
    shape = {"content": latents.content.shape[1], "style": latents.style.shape[1], "layouts": len(lessons.train)}
    settings = settings.model_copy(update={"classes": len(pictures.styles), **shape})
    before, rows = None, torch.zeros(0)
    if start is not None:
        before = load_generator(start)
        other = [name for name in SHAPE if getattr(before.settings, name) != getattr(settings, name)]
        if other:
            name = other[0]
            why = f"{start.name} has {name} = {getattr(before.settings, name)}, not {getattr(settings, name)}"
            raise SettingsError("the bundle to begin from has another shape", why, f"leave out --set {name}=…")
        rows = embedded(before, list(start.card.get("vocabulary") or ()), pictures.styles, kin)
    objective = Tuned(
        settings, run, model, latents, squares(pictures, held, side), pictures.styles, device,
        held_latents=held_latents, index=lambda: index_of(pictures, lessons.train, lessons.held),
        lessons=lessons, start=before, rows=rows,
    )  # fmt: skip
    extra = {"vae": vae.sha256, "kin": kin, **lessons.card()}
    if start is not None:
        extra["from"] = {start.name: start.sha256}
    return Course("cover", objective, LatentFeed(latents, run), settings, run, credits(lessons, start), LIMITS, extra)


def squares(pictures: Pictures, indices: npt.NDArray[np.int64], side: int) -> Pixels:
    """(N, side, side, 3) the middle squares of these pictures, of which there may be none."""
    found = [square(pictures.image(int(i)), side) for i in indices]
    return np.stack(found) if found else np.zeros((0, side, side, 3), np.uint8)


def relatives(latents: Latents, styles: Sequence[str], vae: Bundle) -> dict[str, str]:
    """For each class that one of the picture VAE whose mean style is nearest; {} where the VAE knows none."""
    names, means = list(vae.card.get("vocabulary") or ()), load_vae(vae).class_style.cpu().numpy()
    style = latents.style.astype(np.float32)
    scale = style.std(0) + 1e-3
    found = {}
    for label, name in enumerate(styles):
        away = np.square((means[: len(names)] - style[latents.label == label].mean(0)) / scale).sum(1)
        if name in names or len(away):
            found[name] = name if name in names else names[int(away.argmin())]
    return found


def embedded(start: Generator, known: Sequence[str], styles: Sequence[str], kin: Mapping[str, str]) -> Tensor:
    """(classes + 1, D): for each class what the generator knows of it, else of its relative, else the mean of all."""
    rows = start.condition.label.weight.detach()
    found = []
    for style in styles:
        like = next((name for name in (style, kin.get(style)) if name in known), None)
        found.append(rows[: len(known)].mean(0) if like is None else rows[known.index(like)])
    return torch.stack([*found, rows[-1]])


def credits(lessons: Lessons, start: Bundle | None) -> tuple[Source, ...]:
    """What the model has learned from, the bundle's part first."""
    before = () if start is None else tuple(Source(**source) for source in start.card["data"])
    return (*before, lessons.source)
