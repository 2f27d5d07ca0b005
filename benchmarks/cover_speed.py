"""Seconds and memory of pictures: a cover cold and warm, a grid of 64, restyling twelve megapixels, training.

    python benchmarks/cover_speed.py                           # three rounds, 3,000 pixels
    python benchmarks/cover_speed.py --rounds 1 --pixels 512   # a try

Each stands beside a step that anyone would do with Pillow or plain PyTorch, in the same round:

- a cover in a fresh process (painting, finish, lettering, files): a fresh process that enlarges a picture of 128 pixels
  by Lanczos and saves it in the same two formats;
- a second cover in a process: the same step there;
- a grid of 64 pictures: 64 pictures enlarged from 16 to 128 pixels, one PNG;
- restyling a photo of twelve megapixels in a fresh process: a fresh process that opens it, blurs it and saves it;
- training steps of the cover generator, batches of 32: DCGAN at 64 pixels, the same.

Seconds are those on the wall, and for the ratios of the processor, so that what else runs is not counted. Memory is the
most that a process held.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import table

SAMPLE = Path(__file__).parents[1] / "corpora" / "pictures" / "sample"
COVER = ["cover", "autumn river", "--title", "Autumn River", "--artist", "Muse", "--seed", "7", "--force"]
ENLARGE = """
import sys
from PIL import Image
side = int(sys.argv[2])
image = Image.open(sys.argv[1]).convert("RGB").resize((side, side), Image.Resampling.LANCZOS)
image.save(sys.argv[3] + ".png")
image.save(sys.argv[3] + ".jpg", quality=92)
"""
BLUR = """
import sys
from PIL import Image, ImageFilter
Image.open(sys.argv[1]).convert("RGB").filter(ImageFilter.GaussianBlur(8)).save(sys.argv[2])
"""
Took = dict[str, float]


def process(*arguments: str) -> Took:
    """What a fresh Python process took: seconds on the wall and of the processor, most bytes held."""
    begun = time.perf_counter()
    child = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert child.stderr is not None
    error = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        sys.exit(error)
    unit = 1 if sys.platform == "darwin" else 1024
    return {
        "wall": time.perf_counter() - begun,
        "processor": usage.ru_utime + usage.ru_stime,
        "bytes": float(usage.ru_maxrss * unit),
    }


def here(work: Callable[[], object]) -> Took:
    """What some work in this process took."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return {"wall": time.perf_counter() - wall, "processor": time.process_time() - processor}


def photo(folder: Path) -> Path:
    """A JPEG of 4,000 × 3,000 pixels: a picture of the sample, enlarged, with grain."""
    import numpy as np
    from PIL import Image

    small = Image.open(next(iter(sorted((SAMPLE / "oil").iterdir())))).convert("RGB")
    large = np.asarray(small.resize((4000, 3000), Image.Resampling.BICUBIC)).astype(np.int16)
    grain = np.random.default_rng(0).integers(-8, 9, large.shape, np.int16)
    path = folder / "photo.jpg"
    Image.fromarray(np.clip(large + grain, 0, 255).astype(np.uint8)).save(path, quality=92)
    return path


def covers(pixels: int, folder: Path) -> dict[str, Callable[[], Took]]:
    """Covers and grids, each with its peer."""
    import numpy as np
    from PIL import Image

    import muse
    from muse.art.vae.picture import grid as sheet
    from muse.verbs.grid import grid

    small = folder / "small.png"
    Image.open(next(iter(sorted((SAMPLE / "ink").iterdir())))).convert("RGB").resize((128, 128)).save(small)
    size = str(pixels)
    muse.cover("autumn river", title="Autumn River", artist="Muse", seed=7, pixels=512).files()

    def enlarged() -> None:
        image = Image.open(small).convert("RGB").resize((pixels, pixels), Image.Resampling.LANCZOS)
        image.save(folder / "warm.png")
        image.save(folder / "warm.jpg", quality=92)

    def tiles() -> bytes:
        tiny = Image.open(small).resize((16, 16))
        return sheet(np.stack([np.asarray(tiny.resize((128, 128), Image.Resampling.LANCZOS))] * 64), 8)

    return {
        "cover, cold": lambda: process("-m", "muse", *COVER, "--pixels", size, "--out", str(folder / "cold")),
        "enlarged, cold": lambda: process("-c", ENLARGE, str(small), size, str(folder / "peer")),
        "cover, warm": lambda: here(
            lambda: muse.cover("autumn river", title="Autumn River", artist="Muse", seed=8, pixels=pixels).files()
        ),
        "enlarged, warm": lambda: here(enlarged),
        "grid of 64": lambda: here(lambda: grid("autumn river", count=64).files()),
        "64 enlarged": lambda: here(tiles),
    }


def restyled(folder: Path) -> dict[str, Callable[[], Took]]:
    """Restyling a photo, and its peer."""
    picture, out = str(photo(folder)), str(folder / "restyled")
    return {
        "restyle 12 MP": lambda: process("-m", "muse", "restyle", picture, "--seed", "1", "--out", out, "--force"),
        "blurred 12 MP": lambda: process("-c", BLUR, picture, str(folder / "blurred.png")),
    }


def training(steps: int) -> dict[str, Callable[[], Took]]:
    """Steps of the generator and of DCGAN, after one to warm up, with `pictures` a step beside the seconds."""
    from muse.art.gan import course, dcgan, generator
    from muse.objective import Course
    from muse.settings import RunSettings

    def stepping(course: Course, penalised: int) -> Callable[[], Took]:
        batch = course.feed.batch(0, 0, 0, 1)
        course.objective.step([batch], 1)

        def work() -> None:
            for step in range(steps):
                course.objective.step([batch], penalised + step)

        return lambda: {**here(work), "pictures": float(steps * course.run.batch)}

    run = RunSettings.of({**course.RUNS[""], "steps": 1000})
    ours = course.course(generator.GanSettings.load("small"), run, SAMPLE)
    plain = dcgan.course(dcgan.DcganSettings.load("small"), RunSettings.of({**dcgan.RUNS[""], "batch": 32}), SAMPLE)
    return {"training": stepping(ours, 400), "DCGAN training": stepping(plain, 0)}


def rows(found: dict[str, list[Took]], pairs: list[tuple[str, str]]) -> list[list[str]]:
    """Medians, and the ratio of processor seconds of each pair (a picture's, in training)."""

    def middle(name: str, key: str) -> float:
        values = sorted(took.get(key, 0.0) for took in found[name])
        return values[len(values) // 2]

    def each(name: str) -> list[float]:
        return [took["processor"] / took.get("pictures", 1.0) for took in found[name]]

    made = []
    for mine, peer in pairs:
        for name in (mine, peer):
            pictures, memory = middle(name, "pictures"), middle(name, "bytes")
            cells = [name, f"{middle(name, 'wall'):.2f}", f"{middle(name, 'processor'):.2f}"]
            cells.append(f"{pictures / middle(name, 'processor'):.1f}" if pictures else "–")
            cells.append(f"{memory / 2**20:,.0f}" if memory else "–")
            made.append([*cells, f"{table.ratio(each(mine), each(peer)):.2f}" if name == mine else "1.00"])
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pixels", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=16, help="of training, a round")
    args = parser.parse_args()
    machine = table.machine()
    os.environ["OMP_NUM_THREADS"] = str(args.threads)
    import torch

    torch.set_num_threads(args.threads)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        contestants = {**covers(args.pixels, folder), **restyled(folder), **training(args.steps)}
        found: dict[str, list[Took]] = table.paired(contestants, args.rounds)
    names = list(contestants)
    pairs = list(zip(names[::2], names[1::2], strict=True))
    print(table.table(["", "wall s", "processor s", "pictures/s", "peak MB", "× its peer"], rows(found, pairs)))
    settings: dict[str, Any] = {"pixels": args.pixels, "rounds": args.rounds, "threads": args.threads}
    print(table.write("cover_speed", {"machine": machine, **settings, "took": found}))


if __name__ == "__main__":
    main()
