"""The pictures as the generator sees them: latents of several squares each, with label, palette and mood."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from muse.art import condition, corpus
from muse.art.gan.layouts import CELLS, NEAREST, pooled
from muse.art.vae.model import Vae, to_tensor
from muse.seed import stream
from muse.settings import RunSettings

SQUARES = 3  # cut of each picture


@dataclass(frozen=True)
class Latents:
    """Encoded squares.

    Attributes:
        content: (N, C, g, g) float16; style: (N, K) float16, both in the VAE's scale.
        label: (N,) int64; values: (N, 25) float32; picture: (N,) int64, the index in the corpus.
    """

    content: npt.NDArray[np.float16]
    style: npt.NDArray[np.float16]
    label: npt.NDArray[np.int64]
    values: npt.NDArray[np.float32]
    picture: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.label)


@torch.no_grad()
def encode(
    pictures: corpus.Pictures,
    indices: npt.NDArray[np.int64],
    vae: Vae,
    squares: int = 1,
    side: int = 128,
    seed: int = 0,
    mirror: bool = False,
) -> Latents:
    """`squares` squares of each picture (the first in the middle, the others anywhere), mirrored too on demand."""
    device = next(vae.parameters()).device
    content, style, label, values, origin = [], [], [], [], []
    for start in range(0, len(indices), 16):
        some = [int(i) for i in indices[start : start + 16]]
        pixels, facts = [], []
        for i in some:
            rng = stream(seed, "squares", i)
            for k in range(squares):
                cut = corpus.square(window(pictures.image(i), rng) if k else pictures.image(i), side)
                found = condition.of_picture(cut)
                for flipped in (cut, cut[:, ::-1]) if mirror else (cut,):
                    pixels.append(flipped)
                    facts.append(found)
                    label.append(pictures.label(i))
                    origin.append(i)
        with torch.autocast(device.type, torch.bfloat16, enabled=True):
            a, b = vae.encode(to_tensor(np.stack(pixels)).to(device))
        content.append(a.float().cpu().numpy().astype(np.float16))
        style.append(b.float().cpu().numpy().astype(np.float16))
        values.extend(facts)
    return Latents(
        np.concatenate(content),
        np.concatenate(style),
        np.array(label, dtype=np.int64),
        np.stack(values),
        np.array(origin, dtype=np.int64),
    )


def window(image: corpus.Pixels, rng: np.random.Generator) -> corpus.Pixels:
    """A square of 80 to 100 % of the short side, anywhere in the picture."""
    short = min(image.shape[:2])
    size = round(short * float(rng.uniform(0.8, 1.0)))
    top, left = (int(rng.integers(0, edge - size + 1)) for edge in image.shape[:2])
    return image[top : top + size, left : left + size]


def cached(
    pictures: corpus.Pictures,
    indices: npt.NDArray[np.int64],
    vae: Vae,
    name: str,
    side: int = 128,
    squares: int = 1,
) -> Latents:
    """`encode`, kept below the user's cache folder by the VAE's weights and the pictures."""
    digest = hashlib.sha256(name.encode())
    for key, value in vae.state_dict().items():
        if not key.startswith("decoder"):
            digest.update(value.float().cpu().numpy().tobytes())
    digest.update("".join(pictures.items[int(i)].file for i in indices).encode() + f"{side} {squares}".encode())
    path = corpus.cache_folder() / f"latents-{digest.hexdigest()[:16]}.npz"
    if not path.is_file():
        made = encode(pictures, indices, vae, squares, side)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.stem}.{os.getpid()}.npz")
        np.savez(
            part, content=made.content, style=made.style, label=made.label, values=made.values, picture=made.picture
        )
        os.replace(part, path)
    with np.load(path, allow_pickle=False) as kept:
        return Latents(**{key: kept[key] for key in kept.files})


@dataclass(frozen=True, slots=True)
class LatentBatch:
    """content (B, C, g, g), style (B, K) float32 in the VAE's scale; label (B,) int64; values (B, 25) float32.

    `mixed` is the content, in half of the records moved towards that of a near picture of the class.
    """

    content: npt.NDArray[np.float32]
    mixed: npt.NDArray[np.float32]
    style: npt.NDArray[np.float32]
    label: npt.NDArray[np.int64]
    values: npt.NDArray[np.float32]


class LatentFeed:
    """Encoded squares, half of them mirrored, classes nearly balanced (weight = size to the −0.75)."""

    def __init__(self, latents: Latents, run: RunSettings) -> None:
        self.latents, self.run = latents, run
        counts = np.bincount(latents.label)
        weights = np.maximum(counts[latents.label], 1) ** -0.75
        self.weights = weights / weights.sum()
        self.cumulative = np.cumsum(self.weights)
        self.near = neighbours(latents)

    def batch(self, step: int, micro: int, rank: int, world: int) -> LatentBatch:
        rng = stream(self.run.seed, "latents", step, micro, rank)
        chosen = np.searchsorted(self.cumulative, rng.random(self.run.batch) * self.cumulative[-1])
        chosen = np.minimum(chosen, len(self.latents) - 1)
        kept = self.latents
        content = kept.content[chosen].astype(np.float32)
        flipped = rng.random(len(chosen)) < 0.5
        content[flipped] = content[flipped, :, :, ::-1]
        other = kept.content[self.near[chosen, rng.integers(0, self.near.shape[1], len(chosen))]].astype(np.float32)
        other[flipped] = other[flipped, :, :, ::-1]
        share = np.where(rng.random(len(chosen)) < 0.5, 0.5 * rng.random(len(chosen)), 0.0).astype(np.float32)
        mixed = content + share[:, None, None, None] * (other - content)
        return LatentBatch(
            content,
            mixed,
            kept.style[chosen].astype(np.float32),
            kept.label[chosen],
            kept.values[chosen],
        )

    def size(self) -> dict[str, int]:
        return {"pictures": len(np.unique(self.latents.picture)), "squares": len(self.latents)}


def neighbours(latents: Latents) -> npt.NDArray[np.int64]:
    """(N, NEAREST) the records of the same class whose layouts are nearest."""
    content = torch.from_numpy(latents.content.astype(np.float32))
    scale = content.std((0, 2, 3)).clamp_min(1e-4)[:, None, None]
    sketch = pooled(content / scale, CELLS).flatten(1)
    found = np.zeros((len(latents), NEAREST), np.int64)
    for k in np.unique(latents.label):
        own = np.flatnonzero(latents.label == k)
        near = torch.cdist(sketch[own], sketch[own]).argsort(dim=1)[:, 1 : NEAREST + 1].numpy()
        found[own] = own[np.resize(near, (len(own), NEAREST)) if near.shape[1] else np.zeros((1, NEAREST), np.int64)]
    return found
