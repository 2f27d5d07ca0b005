"""How good generated pictures are: KID, precision, recall, density, coverage, class accuracy, palette error.

All on features of a frozen network: EfficientNet-Lite0 where the extra `eval` is installed, else statistics of our own
(VAE and random filters), which are cheap and good for choosing a checkpoint, not for quoting.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from muse.art import corpus, lite0
from muse.art.palette import palette_distance, palette_of
from muse.art.vae.model import Vae, statistics, to_tensor
from muse.art.vae.model import load as load_vae
from muse.bundle import Bundle
from muse.errors import BundleError, CorpusError
from muse.seed import stream
from muse.terms import Mood

Pixels = npt.NDArray[np.uint8]
Table = npt.NDArray[np.float64]
Features = Callable[[Pixels], Table]
NEIGHBOURS = 5


def kid(real: Table, fake: Table) -> float:
    """The kernel distance of two sets of features (N, D), (M, D): 0 where they come from one source; unbiased.

    Source: Bińkowski et al., "Demystifying MMD GANs", eq. 3, with the polynomial kernel (x·y/D + 1)³; one estimate over
    all pictures instead of a mean over subsets.
    """
    size = real.shape[1]
    a, b, c = ((x @ y.T / size + 1) ** 3 for x, y in ((real, real), (fake, fake), (real, fake)))
    n, m = len(real), len(fake)
    return float((a.sum() - np.trace(a)) / (n * (n - 1)) + (b.sum() - np.trace(b)) / (m * (m - 1)) - 2 * c.mean())


def kid_interval(real: Table, fake: Table, seed: int = 0, draws: int = 50) -> tuple[float, float]:
    """The 5th and 95th percentile of KID over random halves of the fakes and the real pictures."""
    rng = stream(seed, "kid")
    found = [
        kid(
            real[rng.permutation(len(real))[: max(2, len(real) // 2)]],
            fake[rng.permutation(len(fake))[: max(2, len(fake) // 2)]],
        )
        for _ in range(draws)
    ]
    return float(np.percentile(found, 5)), float(np.percentile(found, 95))


def distances(a: Table, b: Table) -> Table:
    """(N, M) Euclidean distances."""
    squared = (a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * a @ b.T
    result: Table = np.sqrt(np.maximum(squared, 0))
    return result


def manifold(real: Table, fake: Table, k: int = NEIGHBOURS) -> dict[str, float]:
    """Precision, recall, density and coverage with balls to the k-th neighbour.

    Source: Kynkäänniemi et al. 2019 (precision, recall), Naeem et al. 2020 (density, coverage).
    """
    k = min(k, len(real) - 1, len(fake) - 1)
    own_real, own_fake, cross = distances(real, real), distances(fake, fake), distances(real, fake)
    ball_real, ball_fake = np.sort(own_real, axis=1)[:, k], np.sort(own_fake, axis=1)[:, k]
    inside = cross < ball_real[:, None]
    return {
        "precision": float(inside.any(0).mean()),
        "recall": float((cross < ball_fake[None]).any(1).mean()),
        "density": float(inside.sum(0).mean() / k),
        "coverage": float(inside.any(1).mean()),
    }


def memorised(train: Table, held: Table, fake: Table) -> dict[str, float]:
    """How near fakes lie to training pictures, beside held-out ones: median ratio, share under the 1st percentile."""
    to_fake, to_held = distances(fake, train).min(1), distances(held, train).min(1)
    return {
        "memorised_ratio": float(np.median(to_fake) / max(np.median(to_held), 1e-9)),
        "memorised_share": float((to_fake < np.percentile(to_held, 1)).mean()),
    }


def probe(
    features: Table, labels: npt.NDArray[np.int64], classes: int, steps: int = 300
) -> Callable[[Table], npt.NDArray[np.int64]]:
    """A softmax regression on standardised features: features (N, D) → class numbers (N,)."""
    mean, deviation = features.mean(0), features.std(0) + 1e-6
    x = torch.from_numpy((features - mean) / deviation).float()
    y = torch.from_numpy(labels)
    weight = torch.zeros(x.shape[1] + 1, classes, requires_grad=True)
    optimizer = torch.optim.Adam([weight], lr=0.02)
    balance = 1.0 / torch.bincount(y, minlength=classes).clamp_min(1).float()
    for _ in range(steps):
        loss = F.cross_entropy(x @ weight[:-1] + weight[-1], y, weight=balance) + 1e-3 * weight.square().sum()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    found = weight.detach().double().numpy()

    def judge(other: Table) -> npt.NDArray[np.int64]:
        answer: npt.NDArray[np.int64] = (((other - mean) / deviation) @ found[:-1] + found[-1]).argmax(1)
        return answer

    return judge


def own_features(vae: Vae) -> Features:
    """Statistics of the style encoder's maps, of random filters, and an 8×8 thumbnail, scaled to similar size."""
    from muse.art.vae.picture import RandomFeatures

    random = RandomFeatures().to(next(vae.parameters()).device)

    @torch.no_grad()
    def features(pictures: Pixels) -> Table:
        found = []
        for start in range(0, len(pictures), 32):
            x = to_tensor(pictures[start : start + 32]).to(next(vae.parameters()).device)
            maps = [statistics(y) for y in vae.style.features(x)]
            small = F.adaptive_avg_pool2d(x, 8).flatten(1)
            found.append(torch.cat([torch.cat(maps, 1) * 2, random(x) * 2, small], 1).double().cpu().numpy())
        return np.concatenate(found)

    return features


def feature_network(vae: Vae) -> tuple[Features, bool]:
    """(features, whether they are Lite0's)."""
    return (lite0.load(), True) if lite0.installed() else (own_features(vae), False)


def noise(count: int, side: int = 128) -> Pixels:
    """Pictures of plain noise: the ceiling of every distance."""
    return stream(0, "noise").integers(0, 256, (count, side, side, 3)).astype(np.uint8)


def measure(
    bundle: Bundle, path: Path | str, split: str = "valid", limit: int | None = None, vae: Bundle | None = None
) -> dict[str, Any]:
    """Figures of a cover or picture bundle on the pictures of a folder; `floor` is real against real.

    Args:
        bundle: cover-gan or image-vae.
        path: a folder of pictures.
        split: "train", "valid" or "all".
        limit: the first N pictures of the split only.
        vae: the decoder of a cover bundle; image-vae when None.
    """
    pictures = corpus.read(path)
    chosen = pictures.where(split)[:limit]
    if bundle.kind == "picture":
        return reconstruction(load_vae(bundle), pictures, chosen)
    if bundle.kind != "cover":
        raise BundleError(f"{bundle.name} makes no pictures", f"its kind is {bundle.kind}")
    from muse.art.gan import generator

    decoder = vae if vae is not None else Bundle.load("image-vae")
    features, is_lite0 = feature_network(load_vae(decoder))
    other = pictures.where("train")
    other = other[np.isin(other, chosen, invert=True)]
    if len(chosen) < 8:
        raise CorpusError("too few pictures to measure on", f"{len(chosen)} chosen", "give at least 8")
    names = set(bundle.card["vocabulary"])
    styles = [pictures.items[int(i)].style for i in chosen]
    styles = [style for style in styles if style in names]
    fakes = [generator.generate(bundle, decoder, style, None, None, [n], 1.0)[0] for n, style in enumerate(styles)]
    result = compare(pictures, chosen, other, np.stack(fakes), styles, features, is_lite0)
    return {**result, "palette_delta_e": palette_error(bundle, decoder, pictures, chosen)}


def palette_error(
    gan: Bundle, vae: Bundle, pictures: corpus.Pictures, chosen: npt.NDArray[np.int64], most: int = 90
) -> float:
    """Median ΔE between palettes asked (those of real pictures, painted in their own style) and found."""
    from muse.art.gan import generator

    errors = []
    for n, index in enumerate(chosen[np.linspace(0, len(chosen) - 1, min(most, len(chosen))).astype(int)]):
        style = pictures.items[int(index)].style
        if style in gan.card["vocabulary"]:
            asked = palette_of(corpus.square(pictures.image(int(index)), 128))
            made = generator.generate(gan, vae, style, asked, None, [n])[0]
            errors.append(palette_distance(*asked, *palette_of(made)))
    return float(np.median(errors))


def compare(
    pictures: corpus.Pictures,
    chosen: npt.NDArray[np.int64],
    other: npt.NDArray[np.int64],
    fakes: Pixels,
    styles: Sequence[str] | None,
    features: Features,
    is_lite0: bool,
    known_limit: int = 800,
) -> dict[str, Any]:
    """All figures of some fakes against the chosen real pictures.

    Args:
        other: real ones besides, for floor, memorisation and the probe; where there are none, the chosen ones are
            halved for the floor, the probe learns from them, and nothing is said of memorisation.
        styles: what each fake was asked to be, or None.
    """
    rng = stream(0, "compare")
    alone = len(other) < 8
    train = np.sort(rng.permutation(chosen if alone else other)[:known_limit])
    real = features(_squares(pictures, chosen))
    known, fake = features(_squares(pictures, train)), features(fakes)
    labels, known_labels = pictures.labels()[chosen], pictures.labels()[train]
    like = rng.permutation(len(known))[: len(fakes)]
    floor = (real[::2], real[1::2]) if alone else (real, known[like])
    result: dict[str, Any] = {
        "pictures": len(chosen),
        "fakes": len(fakes),
        "lite0": is_lite0,
        "kid": kid(real, fake),
        "kid_low_high": kid_interval(real, fake),
        "floor": kid(*floor),
        "ceiling": kid(real, features(noise(min(64, len(fakes))))),
        **manifold(real, fake),
        **{f"floor_{name}": value for name, value in manifold(*floor).items()},
        **({} if alone else memorised(known, real, fake)),
    }
    if styles is None:
        return result
    judge = probe(known, known_labels, len(pictures.styles))
    if not alone:
        result["probe_on_real"] = float((judge(real) == labels).mean())
    asked = np.array([pictures.styles.index(style) for style in styles])
    right = judge(fake) == asked
    result["class_accuracy"] = float(right.mean())
    result["per_class"] = {}
    for k, style in enumerate(pictures.styles):
        ours, theirs = fake[asked == k], real[labels == k]
        if len(ours) > 3 and len(theirs) > 3:
            spread = distances(ours, ours).mean() / max(distances(theirs, theirs).mean(), 1e-9)
            result["per_class"][style] = {
                "pictures": len(theirs),
                "kid": kid(theirs, ours),
                "class_accuracy": float(right[asked == k].mean()),
                "spread": float(spread),
            }
    return result


def _squares(pictures: corpus.Pictures, indices: npt.NDArray[np.int64]) -> Pixels:
    return np.stack([corpus.square(pictures.image(int(i)), 128) for i in indices])


@torch.no_grad()
def reconstruction(vae: Vae, pictures: corpus.Pictures, chosen: npt.NDArray[np.int64]) -> dict[str, Any]:
    """L1 and PSNR of pictures through the VAE, and the style transfer's own figures."""
    absolute, squared, swapped, kept = [], [], [], []
    for start in range(0, len(chosen), 16):
        x = to_tensor(np.stack([corpus.square(pictures.image(int(i)), 128) for i in chosen[start : start + 16]]))
        content, style = vae.encode(x)
        y = vae.decode(content, style)
        absolute += ((y - x).abs().mean((1, 2, 3)) / 2).tolist()
        squared += ((y - x).square().mean((1, 2, 3)) / 4).tolist()
        z = vae.decode(content, style.roll(1, 0))
        swapped += F.cosine_similarity(vae.style(z), style.roll(1, 0)).tolist()
        kept += F.cosine_similarity(vae.content(z)[0].flatten(1), content.flatten(1)).tolist()
    return {
        "pictures": len(chosen),
        "l1": float(np.mean(absolute)),
        "psnr_db": float(-10 * np.log10(np.mean(squared))),
        "swap_style_cosine": float(np.mean(swapped)),
        "swap_content_cosine": float(np.mean(kept)),
    }


def mood_follows(
    gan: Bundle, vae: Bundle, axis: str, styles: Sequence[str], seeds: Sequence[int] = tuple(range(8))
) -> float:
    """Spearman's rank correlation of a Mood axis asked with the same axis measured in the pictures, over all styles."""
    from muse.art import condition
    from muse.art.gan import generator

    levels = np.linspace(-0.9, 0.9, 5)
    place = condition.AXES.index(axis)
    found = []
    for style in styles:
        rows = [
            [
                condition.measured(p)[place]
                for p in generator.generate(gan, vae, style, None, Mood(**{axis: float(v)}), seeds)
            ]
            for v in levels
        ]
        means = np.array(rows).mean(1)
        ranks = means.argsort().argsort()
        found.append(float(np.corrcoef(ranks, np.arange(len(levels)))[0, 1]))
    return float(np.mean(found))
