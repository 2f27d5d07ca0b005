"""The course of a picture VAE on a user's own pictures, from nothing or from a bundle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from muse.art.own.course import credits
from muse.art.own.lessons import Lessons
from muse.art.vae.model import Vae, VaeSettings
from muse.art.vae.model import load as load_vae
from muse.art.vae.picture import PictureBatch, PictureFeed, PictureObjective
from muse.bundle import Bundle
from muse.errors import SettingsError
from muse.objective import Course
from muse.settings import RunSettings

TUNED_RATE = 2e-4
SHAPE = ("content", "style", "width", "depth")
LIMITS = "Learned from a corpus of its user. Reconstructs softly; not meant for faces or for text in pictures."


class Tuned(PictureObjective):
    """A picture VAE's objective that may begin from another's weights, with its figures before and after."""

    def __init__(self, *args: Any, start: Vae | None = None, **named: Any) -> None:
        super().__init__(*args, **named)
        self.before = torch.full((1,), torch.nan)
        if start is not None:
            known = {name: value for name, value in start.state_dict().items() if name != "class_style"}
            for model in (self.model, self.average):
                model.load_state_dict(known, strict=False)

    def step(self, batches: Sequence[PictureBatch], step: int) -> dict[str, float]:
        if step == 0:
            self.before.fill_(super().figures(0).get("psnr_db", torch.nan))
        return super().step(batches, step)

    def figures(self, step: int) -> dict[str, float]:
        found = super().figures(step)
        before = float(self.before)
        if before != before or "psnr_db" not in found:  # not a number: nothing is held out
            return found
        return {**found, "psnr_db_before": before, "psnr_db_after": found["psnr_db"]}

    def state(self) -> dict[str, torch.Tensor]:
        return {**super().state(), "before": self.before}

    def load_state(self, state: Mapping[str, torch.Tensor]) -> None:
        super().load_state(state)
        self.before = state["before"].clone()


def run_of(lessons: Lessons, tuned: bool) -> Mapping[str, Any]:
    """Run settings that suit a corpus: from a bundle a fifth of the rate and fewer steps."""
    count = len(lessons.train)
    steps = min(2000, max(300, 4 * count)) if tuned else min(12_000, max(2000, 20 * count))
    every = max(1, steps // 10)
    return {"steps": steps, "valid_every": every, "sample_every": every, "save_every": min(200, every),
            **({"learning_rate": TUNED_RATE} if tuned else {})}  # fmt: skip


def values_of(start: Bundle | None) -> dict[str, Any]:
    """Settings of a bundle to begin from: its shape, and whole squares from the first step."""
    if start is None:
        return {}
    known = {key: value for key, value in start.card["settings"].items() if key in VaeSettings.model_fields}
    return {**known, "whole_from": 0.0}


def course(
    settings: VaeSettings, run: RunSettings, lessons: Lessons, device: str = "cpu", start: Bundle | None = None
) -> Course:
    """The course of a picture VAE over lessons.

    Args:
        start: the bundle that it begins from, of these settings.

    Raises:
        BundleError: it is no picture VAE. SettingsError: it has another shape.
    """
    settings = settings.model_copy(update={"classes": len(lessons.pictures.styles)})
    before = None if start is None else load_vae(start)
    if before is not None:
        other = [name for name in SHAPE if getattr(before.settings, name) != getattr(settings, name)]
        if other:
            raise SettingsError("the bundle to begin from has another shape", "", f"leave out --set {other[0]}=…")
    objective = Tuned(settings, run, lessons.pictures, device, shipped=False, start=before)
    feed = PictureFeed(lessons.pictures, run, settings, shipped=False)
    extra = lessons.card() | ({} if start is None else {"from": {start.name: start.sha256}})
    return Course("picture", objective, feed, settings, run, credits(lessons, start), LIMITS, extra)
