"""Generated pictures beside honest rivals, all against the same held-out pictures: KID, coverage, copies, by class.

    python benchmarks/cover_rivals.py pictures/ --dcgan runs/dcgan-ns --dcgan runs/dcgan-mm      # the whole table
    python benchmarks/cover_rivals.py pictures/ --limit 60 --finished 9                          # a try

| rival | what it is |
|---|---|
| real | training pictures, as many of each class as are held out: the floor |
| reconstructed | the same through the picture VAE: what its decoder could do at best |
| crops | random windows of training pictures, half of them mirrored: a thief, whom the count of copies gives away |
| muse | the generator alone, told the class of each held-out picture, truncation 1 |
| muse, finished | covers as users get them, without words, 512 pixels shrunk to 128 |
| finish alone | clouds and gradients in the mean palette of the class through the same finishes: is the model needed? |
| DCGAN | runs of cover_dcgan.py, best weights by the same KID, 64 pixels doubled |
| noise | the ceiling |

DCGAN is told no class. For its row the first pictures that it makes are taken as they come. By class it is given the
benefit: of three times as many pictures, the probe says which look like the class, and the first of those are compared;
where it makes fewer than four, all of its pictures are compared with the class.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import numpy.typing as npt
import table
import torch
from PIL import Image

from muse.art.colour import to_bytes
from muse.art.corpus import Pictures, read, square
from muse.art.finishes.finish import STYLE_FINISH, finish
from muse.art.gan import dcgan
from muse.art.measure.covers import PIXELS, finished, painted
from muse.art.measure.distances import kid, kid_interval
from muse.art.measure.features import SIDE, noise, quotable, squares
from muse.art.measure.ground import LEAST, Ground, ground, setting
from muse.art.palette import palette_of
from muse.art.vae.model import load as load_vae
from muse.art.vae.model import to_pixels, to_tensor
from muse.bundle import Bundle
from muse.seed import stream
from muse.train.checkpoint import newest

Pixels = npt.NDArray[np.uint8]
Indices = npt.NDArray[np.int64]
POOL = 3
NEEDED = 50
FIGURES = (
    "precision",
    "recall",
    "density",
    "coverage",
    "class_accuracy",
    "spread",
    "memorised_ratio",
    "memorised_share",
)


def alike(pictures: Pictures, chosen: Indices, seed: int) -> Indices:
    """For each chosen picture one of the training part with its class."""
    train, labels, rng = pictures.where("train"), pictures.labels(), stream(seed, "alike")
    pools = {k: cycle(rng.permutation(train[labels[train] == k])) for k in range(len(pictures.styles))}
    return np.array([next(pools[int(labels[i])]) for i in chosen], np.int64)


@torch.no_grad()
def reconstructed(vae: Bundle, real: Pixels) -> Pixels:
    """Pictures through the VAE."""
    model = load_vae(vae)
    return np.concatenate([to_pixels(model(to_tensor(real[k : k + 8]))) for k in range(0, len(real), 8)])


def crops(pictures: Pictures, indices: Indices, seed: int) -> Pixels:
    """Windows of half to four fifths of the short side, half of them mirrored."""
    made = []
    for n, i in enumerate(indices):
        image, rng = pictures.image(int(i)), stream(seed, "crop", n)
        side = int(min(image.shape[:2]) * rng.uniform(0.5, 0.8))
        top, left = (int(rng.integers(0, edge - side + 1)) for edge in image.shape[:2])
        cut = square(image[top : top + side, left : left + side], SIDE)
        made.append(cut[:, ::-1] if rng.random() < 0.5 else cut)
    return np.stack(made)


def mean_palette(real: Pixels) -> npt.NDArray[np.float32]:
    """(5, 3) Lab, dark to light: the mean over pictures of their palettes, colour by colour in order of lightness."""
    found = [colours[np.argsort(colours[:, 0])] for colours, _ in map(palette_of, real)]
    return np.mean(found, axis=0).astype(np.float32)


def clouds(palette: npt.NDArray[np.float32], rng: np.random.Generator) -> Pixels:
    """(128, 128, 3) a gradient and noise of four octaves, in a palette."""
    down, across = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    angle = rng.uniform(0, 2 * np.pi)
    field = rng.uniform(0.3, 1.2) * (np.cos(angle) * across + np.sin(angle) * down)
    for octave in range(4):
        grain = Image.fromarray(rng.normal(size=(2 << octave, 2 << octave)).astype(np.float32))
        field = field + 0.5**octave * np.asarray(grain.resize((SIDE, SIDE), Image.Resampling.BICUBIC)) / 2
    ranks = field.ravel().argsort().argsort().reshape(SIDE, SIDE) / SIDE**2 * (len(palette) - 1)
    return to_bytes(np.stack([np.interp(ranks, np.arange(len(palette)), palette[:, c]) for c in range(3)], -1))


def finish_alone(pictures: Pictures, styles: Sequence[str], seed: int) -> Pixels:
    """Clouds through the finish of each style, at 512 pixels, shrunk to 128."""
    train, labels, made = pictures.where("train"), pictures.labels(), []
    palettes = {}
    for style in set(styles):
        own = train[labels[train] == pictures.styles.index(style)]
        palettes[style] = mean_palette(squares(pictures, own[:: max(1, len(own) // 60)]))
    for n, style in enumerate(styles):
        small = clouds(palettes[style], stream(seed, "clouds", n))
        image = finish(small, STYLE_FINISH[style], PIXELS, seed + n).convert("RGB")
        made.append(np.asarray(image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)))
    return np.stack(made)


def baseline(folder: Path, count: int, seed: int) -> tuple[str, Pixels, dict[str, Any]]:
    """Name, pictures and training of a DCGAN run."""
    checkpoint = newest(folder)
    if checkpoint is None:
        sys.exit(f"no checkpoint in {folder}: run cover_dcgan.py first")
    settings = dcgan.DcganSettings.of(dict(checkpoint.settings))
    objective = dcgan.DcganObjective(settings, dcgan.RunSettings.of(dict(checkpoint.run)), np.zeros((0, SIDE, SIDE, 3)))
    objective.load_state(checkpoint.state)
    facts = {
        "minutes": float(checkpoint.state["spent"][0]) / 60,
        "steps": checkpoint.step,
        "pictures_seen": objective.numbers["seen"],
        "best_step": objective.numbers["best_step"],
    }
    return f"DCGAN {settings.form}", dcgan.enlarged(objective.pictures(count, seed), SIDE), facts


def unconditional(real: Ground, pictures: Pixels) -> dict[str, Any]:
    """Figures of pictures that were asked no class: the first as they come, and by class as the page's head says."""
    pool = real.network(pictures)
    found = real.against(pool[: len(real.real)])
    seen = real.judge(pool)
    classes: dict[str, Any] = {}
    for k, style in enumerate(real.styles):
        theirs = real.real[real.labels == k]
        if len(theirs) < LEAST:
            continue
        ours = pool[seen == k][: len(theirs)]
        named = len(ours) >= LEAST
        ours = ours if named else pool
        low, high = kid_interval(theirs, ours, real.seed)
        classes[style] = {"kid": kid(theirs, ours), "kid_low_high": [low, high], "fakes": len(ours), "by_probe": named}
    return {**found, "per_class": classes}


def rows(found: dict[str, dict[str, Any]]) -> list[list[str]]:
    """The table of all contestants."""
    made = []
    for name, one in found.items():
        low, high = one["kid_low_high"]
        cells = [name, f"{one['fakes']}", f"{1000 * one['kid']:.1f}", f"{1000 * low:.1f} … {1000 * high:.1f}"]
        made.append(cells + ["–" if key not in one else f"{one[key]:.2f}" for key in FIGURES])
    return made


def by_class(real: Ground, found: dict[str, dict[str, Any]], names: Sequence[str]) -> list[list[str]]:
    """KID by class, thousandfold; a star where DCGAN made too few that look like it."""
    made = []
    for k, style in enumerate(real.styles):
        cells = [style, f"{int((real.labels == k).sum())}"]
        for name in names:
            one = found[name].get("per_class", {}).get(style)
            cells.append("–" if one is None else f"{1000 * one['kid']:.1f}{'' if one.get('by_probe', True) else '*'}")
        made.append(cells)
    return made


def shows(real: Ground, found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The two questions that count: muse's KID as a share of the best DCGAN's, and classes in which it is no better."""
    rivals = [one for name, one in found.items() if name.startswith("DCGAN")]
    if not rivals:
        return {}
    worse = []
    for k, style in enumerate(real.styles):
        mine = found["muse"]["per_class"].get(style)
        theirs = [one["per_class"][style]["kid"] for one in rivals if style in one["per_class"]]
        if mine and theirs and (real.labels == k).sum() >= NEEDED and mine["kid"] > min(theirs):
            worse.append(style)
    best = min(one["kid"] for one in rivals)
    return {"muse_as_share_of_dcgan": found["muse"]["kid"] / best, "classes_no_better_than_dcgan": worse}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of pictures")
    parser.add_argument(
        "--dcgan", type=Path, action="append", default=[], help="a run of cover_dcgan.py; may be repeated"
    )
    parser.add_argument("--split", default="valid")
    parser.add_argument("--limit", type=int, help="this many held-out pictures, spread over the split")
    parser.add_argument("--finished", type=int, default=120, help="covers of the two rows with a finish")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    machine, started = table.machine(), time.process_time()
    torch.set_num_threads(1)
    pictures = read(args.data)
    chosen = pictures.where(args.split)
    chosen = chosen[np.linspace(0, len(chosen) - 1, min(args.limit or len(chosen), len(chosen))).astype(int)]
    gan, vae = Bundle.load("cover-gan"), Bundle.load("image-vae")
    real = ground(pictures, chosen, quotable(), args.seed)
    reals, styles = squares(pictures, chosen), [pictures.items[int(i)].style for i in chosen]
    few = np.linspace(0, len(chosen) - 1, min(args.finished, len(chosen))).astype(int)
    like, everywhere = alike(pictures, chosen, args.seed), np.arange(len(chosen))
    named = [styles[n] for n in few]
    contestants: dict[str, tuple[Callable[[], Pixels], Indices]] = {
        "real": (lambda: squares(pictures, like), everywhere),
        "reconstructed": (lambda: reconstructed(vae, squares(pictures, like)), everywhere),
        "crops": (lambda: crops(pictures, like, args.seed), everywhere),
        "muse": (lambda: painted(gan, vae, styles, args.seed), everywhere),
        "muse, finished": (lambda: finished(gan, vae, reals[few], named, args.seed), few),
        "finish alone": (lambda: finish_alone(pictures, named, args.seed), few),
    }
    found: dict[str, dict[str, Any]] = {}
    for name, (make, places) in contestants.items():
        found[name] = real.against(real.network(make()), real.labels[places])
        print(f"{name}: KID {found[name]['kid']:.4f}", file=sys.stderr)
    for folder in args.dcgan:
        name, made, facts = baseline(folder, POOL * len(chosen), args.seed)
        found[name] = {**unconditional(real, made), "training": facts}
        print(f"{name}: KID {found[name]['kid']:.4f}", file=sys.stderr)
    found["noise"] = real.against(real.network(noise(min(64, len(chosen)))))
    compared = ["real", "muse", "muse, finished", "finish alone", *(name for name in found if name.startswith("DCGAN"))]
    header = ["", "N", "KID ×1000", "95 %", *(name.replace("_", " ") for name in FIGURES)]
    print(table.table(header, rows(found)), end="\n\n")
    print(table.table(["KID ×1000", "held out", *compared], by_class(real, found, compared)), end="\n\n")
    said = {**setting(real), "split": args.split, "probe_on_real": real.accuracy(), **shows(real, found)}
    print("\n".join(f"{key}: {value}" for key, value in said.items()))
    bundles = {bundle.name: bundle.sha256 for bundle in (gan, vae)}
    command = "python " + " ".join(["benchmarks/cover_rivals.py", "pictures/", *sys.argv[2:]])
    print(table.write("cover_rivals", {
        "command": command, "machine": machine, "bundles": bundles, "seconds": time.process_time() - started,
        **said, "contestants": found,
    }))  # fmt: skip


if __name__ == "__main__":
    main()
