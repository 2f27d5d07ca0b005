"""Restyling against naive Lab transfer and a plain AdaIN: nearness to the style, and what is left of the photo's edges.

    python benchmarks/restyle.py photos/ pictures/ --minutes 30 --out restyle.png

`photos/` holds pictures to restyle (the first `--count`), `pictures/` the style classes. For each photo, style and
strength two figures are taken: the distance of its Gram matrices (early maps of EfficientNet-Lite0) from the mean of
held-out pictures of the style, as a part of the photo's own; and the IoU of its edges with the photo's. Ways of unlike
strength are compared where both stand at the same Gram distance, the least that both of them reach.

AdaIN is the plain one: an encoder that stays (Lite0 again, so it is trained on what it is measured by), a small decoder
trained for `--minutes` of one core on the pictures that muse's models learned from, and the mean statistics of
the style's held-out pictures as its style. Ours are told the class alone.

Source: Huang & Belongie, "Arbitrary style transfer in real-time with adaptive instance normalization" (2017);
Reinhard et al., "Color transfer between images" (2001), here in Lab; Gatys et al. (2016) for the Gram matrices.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np
import table
import torch
import torch.nn.functional as F
from PIL import Image
from scipy.ndimage import binary_dilation, gaussian_filter, sobel
from torch import Tensor, nn

from muse.art.colour import to_bytes, to_lab
from muse.art.corpus import Pictures, read, square
from muse.art.measure import lite0
from muse.art.restyle import NO_FINISH, restyled
from muse.art.vae.frame import at_work, pixels_of
from muse.art.vae.model import to_pixels, to_tensor
from muse.nn.conv import conv
from muse.verbs.library import load

STYLES = ("ink", "oil", "ukiyo-e", "cosmic", "botanical", "flow")
STRENGTHS = (0.4, 0.7, 1.0)
TAKEN, DEEP = (0, 2, 4, 6), 4
SIDE, EDGES = 160, 256
HELD, SHOWN = 32, 320

Way = Callable[[np.ndarray, str, float], np.ndarray]


class Maps:
    """The early maps of Lite0: after the stem's first block and after each halving, 80 to 10 cells of 160 pixels."""

    def __init__(self) -> None:
        self.network = lite0.load()

    def __call__(self, x: Tensor, last: int = TAKEN[-1]) -> list[Tensor]:
        """x: (B, 3, H, W) in [−1, 1] → maps."""
        y, found = F.relu6(self.network._bn0(self.network._conv_stem(x))), []
        for number, block in enumerate(self.network._blocks[: last + 1]):
            y = block(y)
            if number in TAKEN:
                found.append(y)
        return found

    @torch.no_grad()
    def grams(self, pictures: Sequence[np.ndarray]) -> list[Tensor]:
        """One (B, C, C) a map: how its channels go together, whatever their places."""
        maps = self(to_tensor(np.stack([square(p, SIDE) for p in pictures])))
        return [(y.flatten(2) @ y.flatten(2).transpose(1, 2)) / y[0, 0].numel() for y in maps]


def edges(pixels: np.ndarray) -> np.ndarray:
    """(EDGES, EDGES) true at the tenth of the pixels whose lightness changes most, one pixel wider."""
    light = gaussian_filter(to_lab(square(pixels, EDGES))[..., 0], 1.2)
    steep = np.hypot(sobel(light, 0), sobel(light, 1))
    return np.asarray(binary_dilation(steep > np.quantile(steep, 0.9)))


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union."""
    return float((a & b).sum() / max(1, (a | b).sum()))


def lab_transfer(held: dict[str, list[np.ndarray]]) -> Way:
    """Mean and deviation of each Lab channel become the style's."""
    known = {
        style: np.stack([[to_lab(p).reshape(-1, 3).mean(0), to_lab(p).reshape(-1, 3).std(0)] for p in each]).mean(0)
        for style, each in held.items()
    }

    def way(photo: np.ndarray, style: str, strength: float) -> np.ndarray:
        lab = to_lab(photo)
        mean, spread = lab.mean((0, 1)), lab.std((0, 1)) + 1e-3
        moved = (lab - mean) / spread * known[style][1] + known[style][0]
        return to_bytes(lab + strength * (moved - lab))

    return way


def statistics(y: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and deviation of each channel, (B, C, 1, 1)."""
    variance, mean = torch.var_mean(y, (2, 3), keepdim=True, correction=0)
    return mean, (variance + 1e-4).sqrt()


def matched(y: Tensor, mean: Tensor, spread: Tensor) -> Tensor:
    """AdaIN: a map with other statistics."""
    own, width = statistics(y)
    return (y - own) / width * spread + mean


def adain(maps: Maps, pictures: Pictures, held: dict[str, list[np.ndarray]], minutes: float) -> tuple[Way, int]:
    """A plain AdaIN trained for some minutes of one core, and how many steps that were."""
    torch.manual_seed(0)
    inputs, layers = maps(torch.zeros(1, 3, 64, 64), DEEP)[-1].shape[1], []
    for outputs in (96, 64, 32):  # up three times, to the size of the picture
        layers += [conv(inputs, outputs), nn.LeakyReLU(0.2), conv(outputs, outputs), nn.LeakyReLU(0.2)]
        layers.append(nn.Upsample(scale_factor=2, mode="bilinear"))
        inputs = outputs
    decoder = nn.Sequential(*layers, conv(inputs, 3, gain=0.3))
    optimizer = torch.optim.Adam(decoder.parameters(), 1e-3)
    dice, train = np.random.default_rng(0), pictures.where("train")
    start, steps = time.process_time(), 0
    while time.process_time() - start < 60 * minutes:
        chosen = [square(pictures.image(int(i)), 128, dice.random()) for i in dice.choice(train, 16)]
        x = to_tensor(np.stack(chosen))
        with torch.no_grad():
            seen = maps(x, DEEP)
            wanted = [statistics(y.roll(1, 0)) for y in seen]
            goal = matched(seen[-1], *wanted[-1])
        made = maps(decoder(goal).clamp(-1.2, 1.2), DEEP)
        loss = F.mse_loss(made[-1], goal) / goal.var()
        for y, (mean, spread) in zip(made, wanted, strict=True):
            own, wide = statistics(y)
            loss = loss + 2 * (F.mse_loss(own, mean) + F.mse_loss(wide, spread)) / spread.square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        steps += 1
    decoder.eval().requires_grad_(False)
    known = {}
    with torch.no_grad():
        for style, each in held.items():
            y = maps(to_tensor(np.stack([square(p, SIDE) for p in each])), DEEP)[-1]
            known[style] = [part.mean(0, keepdim=True) for part in statistics(y)]

    @torch.no_grad()
    def way(photo: np.ndarray, style: str, strength: float) -> np.ndarray:
        high, wide = (side // 8 * 8 for side in photo.shape[:2])
        y = maps(to_tensor(photo[None, :high, :wide]), DEEP)[-1]
        made = decoder(y.lerp(matched(y, *known[style]), strength))
        return to_pixels(made)[0]

    return way, steps


def ours(by: str, surface: str | None) -> Way:
    """muse's own restyling."""
    vae, gan = load("image-vae"), load("cover-gan") if by == "gan" else None

    def way(photo: np.ndarray, style: str, strength: float) -> np.ndarray:
        return restyled(photo, vae, style, strength, gan=gan, surface=surface, seed=1)

    return way


def at(curve: list[tuple[float, float]], distance: float) -> float:
    """The IoU where a curve of (Gram distance, IoU), by rising strength, first comes down to a distance."""
    for (far, before), (near, after) in pairwise(curve):
        if near <= distance:
            share = 0.0 if far <= distance else (far - distance) / max(far - near, 1e-9)
            return before + share * (after - before)
    return curve[-1][1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--count", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("restyle.png"))
    asked = parser.parse_args()
    torch.set_num_threads(1)
    pictures, maps = read(asked.pictures), Maps()
    names = [p for p in sorted(asked.photos.iterdir()) if p.suffix.lower() in (".png", ".jpg", ".jpeg", ".webp")]
    photos = [at_work(pixels_of(path.read_bytes())) for path in names[: asked.count]]
    labels, valid = pictures.labels(), pictures.where("valid")
    held = {
        style: [pictures.image(int(i)) for i in valid if pictures.styles[labels[i]] == style][:HELD] for style in STYLES
    }
    grams = {style: [g.mean(0) for g in maps.grams(each)] for style, each in held.items()}

    def distance(pixels: np.ndarray, style: str) -> float:
        pairs = zip(maps.grams([pixels]), grams[style], strict=True)
        return float(torch.stack([(g[0] - known).norm() / known.norm() for g, known in pairs]).mean())

    plain, steps = adain(maps, pictures, held, asked.minutes)
    ways: dict[str, Way] = {
        "Lab transfer": lab_transfer(held),
        f"AdaIN, {asked.minutes:g} min": plain,
        "VAE, no finish": ours("vae", NO_FINISH),
        "VAE": ours("vae", None),
        "GAN, no finish": ours("gan", NO_FINISH),
        "GAN": ours("gan", None),
    }
    curves: dict[str, list[list[tuple[float, float]]]] = {name: [] for name in ways}
    sheets: dict[str, list[list[np.ndarray]]] = {name: [] for name in ways}
    for photo in photos:
        outline = edges(photo)
        for name, way in ways.items():
            sheets[name].append([square(photo, SHOWN)])
            for style in STYLES:
                base = distance(photo, style)
                curve, made = [(1.0, 1.0)], photo
                for strength in STRENGTHS:
                    made = way(photo, style, strength)
                    curve.append((distance(made, style) / base, overlap(outline, edges(made))))
                curves[name].append(curve)
                sheets[name][-1].append(square(made, SHOWN))
    rival = list(ways)[1]
    rows = []
    for name, each in curves.items():
        levels = [max(min(d for d, _ in a), min(d for d, _ in b)) for a, b in zip(each, curves[rival], strict=True)]
        mine, theirs = ([at(c, d) for c, d in zip(cs, levels, strict=True)] for cs in (each, curves[rival]))
        rows.append(
            {
                "way": name,
                "Gram distance, strength 1": median(c[-1][0] for c in each),
                "edge IoU, strength 1": median(c[-1][1] for c in each),
                "at AdaIN's Gram distance: IoU": median(mine),
                "AdaIN's": median(theirs),
                "nearer than Lab transfer": sum(
                    c[-1][0] < lab[-1][0] for c, lab in zip(each, curves["Lab transfer"], strict=True)
                )
                / len(each),
                "more IoU than AdaIN": sum(m > t for m, t in zip(mine, theirs, strict=True)) / len(each),
            }
        )
    for name, sheet in sheets.items():
        stem = name.replace(",", "").replace(" ", "-").lower()
        path = asked.out.with_stem(f"{asked.out.stem}-{stem}")
        Image.fromarray(np.concatenate([np.concatenate(line, 1) for line in sheet])).save(path)
    print(table.table(list(rows[0]), [[v if isinstance(v, str) else f"{v:.3f}" for v in row.values()] for row in rows]))
    facts = {"photos": [p.name for p in names[: asked.count]], "steps of AdaIN": steps, "minutes": asked.minutes}
    table.write("restyle", {"machine": table.machine(), **facts, "rows": rows})


if __name__ == "__main__":
    main()
