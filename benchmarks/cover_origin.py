"""Does the originality index find a training picture that comes back changed? Recall over 200 pictures of a corpus.

    python benchmarks/cover_origin.py CORPUS [COUNT]

For each change: how often the picture itself is named first, and among five; how often it lies nearer than 99 in 100
held-out pictures do, so that it is called a copy; and the median percentile. The last row is the hardest: the picture
through the VAE, in another palette, finished and lettered as a cover.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps

from muse.art import corpus
from muse.art import palette as palettes
from muse.art.finishes import finish as finishes
from muse.art.letters import lettering
from muse.art.origin import Origins, index_of
from muse.art.origin.report import LEAST
from muse.art.origin.sketch import grey_of
from muse.art.vae.model import Vae, load, to_pixels, to_tensor
from muse.bundle import Bundle
from muse.seed import stream
from muse.terms import Mood

SIDE, COVER = 128, 512


def changes(vae: Vae) -> dict[str, Callable[[Image.Image, str, int], Image.Image]]:
    """Name → from a square picture, its style class and its number to what it came back as."""

    @torch.no_grad()
    def through(image: Image.Image, style: str, k: int) -> Image.Image:
        return Image.fromarray(to_pixels(vae(to_tensor(np.asarray(image)[None])))[0])

    def small(image: Image.Image, style: str, k: int) -> Image.Image:
        out = io.BytesIO()
        image.resize((64, 64)).save(out, "JPEG", quality=60)
        return Image.open(out).convert("RGB")

    def colours(k: int) -> tuple[str, ...]:
        return list(palettes.PALETTES.values())[k % len(palettes.PALETTES)]

    def tinted(image: Image.Image, style: str, k: int, strength: float = 0.9) -> Image.Image:
        moved = palettes.toward(np.asarray(image, np.float32) / 255, colours(k), strength)
        return Image.fromarray((np.asarray(moved) * 255 + 0.5).astype(np.uint8))

    def window(image: Image.Image, style: str, k: int) -> Image.Image:
        rng = stream(k, "window")
        side = round(image.width * float(rng.uniform(0.8, 0.95)))
        left, top = (int(rng.integers(0, image.width - side + 1)) for _ in range(2))
        return image.crop((left, top, left + side, top + side))

    def covered(image: Image.Image, style: str, k: int) -> Image.Image:
        bare = np.asarray(tinted(through(image, style, k), style, k, 0.6))
        done = finishes.finish(bare, finishes.STYLE_FINISH[style], COVER, k, Mood())
        title = "Autumn River" if k % 2 else "秋江夜泊"
        return lettering.letter(done, title, "Muse", (), style, colours(k), k).image

    return {
        "reconstructed by the VAE": through,
        "JPEG of 64 pixels": small,
        "mirrored": lambda image, style, k: ImageOps.mirror(image),
        "moved to another palette": tinted,
        "a window of 80 to 95 %": window,
        "finished and lettered as a cover": covered,
    }


def main(path: Path, count: int) -> None:
    pictures = corpus.read(path)
    train, held = pictures.where("train", True), pictures.where("valid", True)
    tensors = index_of(pictures, train, held)
    card = {"schema": 1, "kind": "cover", "name": "index", "settings": {}, "data": [], "metrics": {}}
    origins = Origins.thaw(Bundle(tensors, card))
    print(f"{len(origins)} pictures, {sum(array.nbytes for array in tensors.values()):,} bytes")
    chosen = np.sort(stream(0, "recall").permutation(len(train))[:count])
    squares = [Image.fromarray(corpus.square(pictures.image(int(train[i])), SIDE)) for i in chosen]
    print("change | first | among five | called a copy | median percentile")
    for name, change in changes(load(Bundle.load("image-vae"))).items():
        greys = [
            grey_of(change(square, pictures.items[int(train[i])].style, k))
            for k, (i, square) in enumerate(zip(chosen, squares, strict=True))
        ]
        away = origins.distances(np.stack(greys))
        own = away[np.arange(len(chosen)), chosen]
        place = (away < own[:, None]).sum(1)
        percent = np.array([origins.percentile(float(distance)) for distance in own])
        copies = (percent < LEAST).mean()
        row = [f"{(place < n).mean():.1%}" for n in (1, 5)] + [f"{copies:.1%}", f"{np.median(percent):.0f}"]
        print(" | ".join([name, *row]), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 200)
