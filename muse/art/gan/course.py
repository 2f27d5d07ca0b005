"""A run of the cover generator: what it learns from, and with which settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from muse.art import corpus
from muse.art.gan.adversary import CoverObjective
from muse.art.gan.generator import GanSettings
from muse.art.gan.latents import SQUARES, LatentFeed, cached
from muse.art.origin import index_of
from muse.art.vae.model import load as load_vae
from muse.bundle import Bundle
from muse.objective import Course
from muse.settings import RunSettings

RUNS: dict[str, dict[str, Any]] = {
    "": {"learning_rate": 7e-4, "warmup": 50, "decay_from": 0.6, "weight_decay": 0.0, "batch": 32},
    "tiny": {"steps": 300, "batch": 8, "valid_every": 150, "sample_every": 150},
    "small": {"steps": 5000},
    "base": {"steps": 200000, "batch": 128, "learning_rate": 2e-4},
}
LIMITS = "Paints at 128 pixels; expect no faces and no lettering. Its colours follow the scans it learned from."


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
    latents = cached(pictures, indices, model, "train", side, SQUARES)
    held = valid if len(valid) >= 8 else indices
    pixels = np.stack([corpus.square(pictures.image(int(i)), side) for i in held])
    settings = settings.model_copy(
        update={
            "classes": len(pictures.styles),
            "content": latents.content.shape[1],
            "style": latents.style.shape[1],
            "layouts": len(indices),
        }
    )
    unseen = cached(pictures, held, model, "valid", side)
    objective = CoverObjective(
        settings, run, model, latents, pixels, pictures.styles, device, unseen,
        index=lambda: index_of(pictures, indices, valid),
    )  # fmt: skip
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
