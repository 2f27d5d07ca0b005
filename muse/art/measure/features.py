"""What pictures are compared by: the features of a frozen network, called by its own name."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from muse.art.corpus import Pictures, cache_folder, square
from muse.art.measure import lite0
from muse.art.measure.distances import Table, kid
from muse.art.vae.model import Vae, statistics, to_tensor
from muse.seed import stream

Pixels = npt.NDArray[np.uint8]
SIDE = 128


@dataclass(frozen=True, slots=True)
class Network:
    """Features of pictures: (N, H, W, 3) uint8 → (N, D) float64.

    Attributes:
        name: what they are called in every table.
        fixed: whether its weights never change, so that features may be kept between runs.
    """

    name: str
    features: Callable[[Pixels], Table]
    fixed: bool = False

    def __call__(self, pictures: Pixels) -> Table:
        return self.features(pictures)


def network(vae: Vae) -> Network:
    """EfficientNet-Lite0 where the extra `eval` is installed, else statistics of our own.

    The latter (the style encoder's maps, random filters, an 8×8 thumbnail, scaled to similar size) are cheap and good
    for choosing a checkpoint, not for quoting.
    """
    if lite0.installed():
        return quotable()
    return Network("statistics of the picture VAE and of random filters", own_features(vae))


def quotable() -> Network:
    """EfficientNet-Lite0; raises MissingExtraError where the extra `eval` is not installed."""
    return Network(lite0.NAME, lite0.load(), fixed=True)


def own_features(vae: Vae) -> Callable[[Pixels], Table]:
    """Those statistics, from a picture VAE."""
    from muse.art.vae.picture import RandomFeatures

    device = next(vae.parameters()).device
    random = RandomFeatures().to(device)

    @torch.no_grad()
    def features(pictures: Pixels) -> Table:
        found = []
        for start in range(0, len(pictures), 32):
            x = to_tensor(pictures[start : start + 32]).to(device)
            maps = [statistics(y) for y in vae.style.features(x)]
            small = F.adaptive_avg_pool2d(x, 8).flatten(1)
            found.append(torch.cat([torch.cat(maps, 1) * 2, random(x) * 2, small], 1).double().cpu().numpy())
        return np.concatenate(found)

    return features


def kid_to(held: Pixels, network: Network) -> Callable[[Pixels], float]:
    """KID of any pictures against these, whose features are taken once."""
    real = network(held)
    return lambda pictures: kid(real, network(pictures))


def squares(pictures: Pictures, indices: npt.NDArray[np.int64]) -> Pixels:
    """(N, 128, 128, 3) the middle squares of these pictures."""
    return np.stack([square(pictures.image(int(i)), SIDE) for i in indices])


def remembered(network: Network, pictures: Pixels) -> Table:
    """Features of real pictures; those of a fixed network are kept in the cache folder as float32."""
    if not network.fixed:
        return network(pictures)
    digest = hashlib.sha256(f"{network.name} {pictures.shape}".encode())
    digest.update(pictures.tobytes())
    path = cache_folder() / f"features-{digest.hexdigest()[:16]}.npy"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.stem}.{os.getpid()}.npy")
        np.save(part, network(pictures).astype(np.float32))
        os.replace(part, path)
    kept: Table = np.load(path, allow_pickle=False).astype(np.float64)
    return kept


def noise(count: int) -> Pixels:
    """Pictures of plain noise: the ceiling of every distance."""
    return stream(0, "noise").integers(0, 256, (count, SIDE, SIDE, 3)).astype(np.uint8)
