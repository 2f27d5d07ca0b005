"""Many covers over all classes, moods and titles: what the linter finds, how the words read, whether all differ.

    python benchmarks/covers.py                                      # 500 covers, 1,000 pixels
    python benchmarks/covers.py --count 12 --pixels 512 --random     # a try with models that have learned nothing
    python benchmarks/covers.py --sheet outputs/covers               # contact sheets, at most 64 covers of a class each

The list is the same at every run: cover k is of class k mod 9 and takes the next theme, mood, title, name and seed.
Each cover is written to files, and the files are read by the functions of `muse check`. Printed as JSON:

- findings: broken promises and what else the check found, by name; `relaxed`: what a long title cannot keep;
- contrast: the least of any text, and the part of the texts with 4.5 or more;
- distinct: the nearest two covers by the bits of their perceptual hash in which they differ, and pairs alike;
- layouts: how often each was chosen; seconds of one core for a cover in the mean: painting, and files with their check.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

from PIL import Image

from muse.art.contact import contact
from muse.art.cover import Cover
from muse.art.gan.generator import random_bundles
from muse.art.mood import STYLES
from muse.art.paint import CoverRequest, paint
from muse.art.referee.covers import check
from muse.art.referee.likeness import ALIKE, distance, phash
from muse.art.sizes import size_of
from muse.bundle import Bundle
from muse.tables.lexicon import interpret
from muse.terms import Mood
from muse.verbs.library import load_kind

CHINESE = (
    "秋江夜泊", "山", "春晓", "星河", "一场很长很长的梦与它的回声", "雨夜，想起你", "《枫桥》", "月下独酌",
    "大江东去，浪淘尽，千古风流人物",
    "归去来兮", "第二乐章·雪", "愚者", "梅花三弄",
)  # fmt: skip
ENGLISH = (
    "Autumn River", "Grid", "The Moon", "Winter Evening", "Andromeda", "Peonies in the Rain", "Drift",
    "Don't Look Back",
    "The Unbearable Lightness of Being a Small Boat on a Very Large Sea", "Infinite Descent", "O",
    "Music for Airports, Train Stations and the Long Quiet Hours Between Them, Played on a Broken Piano", "Été à Łódź",
)  # fmt: skip
MIXED = ("江南 Spring", "Blue 蓝", "夜 No. 7", "A面 / B面", "东京 Midnight Drive", "Ночь", "Αθήνα")
ARTISTS = (
    "李白",
    "Muse",
    "Anna Berg",
    "",
    "欧阳北辰",
    "The Long Now",
    "王",
    "Someone With a Rather Long Name and Band",
)
VERSES = ((), (), ("月落乌啼霜满天", "江枫渔火对愁眠"), ("petals fall", "on the cold step"))
MOODS = tuple(
    Mood(valence, energy, tension, warmth, density)
    for valence, energy, tension, warmth, density in (
        (0, 0, 0, 0, 0), (0.8, 0.7, -0.4, 0.6, 0.3), (-0.7, -0.6, 0.2, -0.5, -0.4), (-0.5, 0.8, 0.9, -0.2, 0.8),
        (0.4, -0.8, -0.8, 0.3, -0.7), (0, 0.3, 0.6, 0.9, 0.2), (0.6, -0.2, -0.5, -0.8, -0.2),
    )
)  # fmt: skip
THUMB = 160


def asked(number: int, pixels: int) -> CoverRequest:
    """The wish for one cover of the list."""
    titles = (CHINESE, ENGLISH, MIXED)[number // len(STYLES) % 3]
    title = titles[number // 3 % len(titles)]
    verse = VERSES[number // 5 % len(VERSES)]
    reading = interpret(title)
    return CoverRequest(
        theme=reading.theme,
        mood=MOODS[number // 2 % len(MOODS)],
        asked=True,
        style=sorted(STYLES)[number % len(STYLES)],
        title=title,
        artist=ARTISTS[number // 4 % len(ARTISTS)],
        verse=verse,
        size=size_of(pixels),
        seed=number,
        candidates=1,
    )


def bundles(random: bool) -> tuple[Bundle, Bundle]:
    """Generator and VAE: those shipped, or some that have learned nothing."""
    return random_bundles(0) if random else (load_kind("cover-gan", "cover"), load_kind("image-vae", "picture"))


class Tally:
    """What was found of all covers so far."""

    def __init__(self) -> None:
        self.findings: Counter[str] = Counter()
        self.relaxed: Counter[str] = Counter()
        self.layouts: Counter[str] = Counter()
        self.contrasts: list[float] = []
        self.hashes: list[int] = []
        self.thumbs: dict[str, list[tuple[Image.Image, str]]] = defaultdict(list)
        self.seconds = {"painting": 0.0, "files and check": 0.0}

    def add(self, number: int, request: CoverRequest, cover: Cover, painted: float) -> None:
        """Judge the files of one cover."""
        begun = time.process_time()
        for name, data in (("png", cover.png()), ("jpg", cover.jpg())):
            report = check(data)
            for promise in report.promises:
                if promise.kept is False:
                    self.findings[f"{name}: {promise.name}"] += 1
                    print(f"{number} {request.style} {request.title!r} {name}: {promise}", file=sys.stderr)
                elif promise.kept == "relaxed":
                    self.relaxed[promise.name] += 1
                if name == "png" and promise.name.startswith("contrast"):
                    self.contrasts.append(float(promise.found))
            self.findings.update(f"{name}: {finding}" for finding in report.findings)
        self.layouts[next(why for why in cover.plan if why.startswith("lettering: ")).split(": ")[1]] += 1
        self.hashes.append(phash(cover.image))
        thumb = cover.image.resize((THUMB, THUMB), Image.Resampling.LANCZOS)
        self.thumbs[cover.style].append((thumb, f"{number} {request.title[:12]}"))
        self.seconds["painting"] += painted
        self.seconds["files and check"] += time.process_time() - begun

    def told(self) -> dict[str, object]:
        """All of it, as plain values."""
        bits = [distance(a, b) for a, b in combinations(self.hashes, 2)]
        count = len(self.hashes)
        return {
            "covers": count,
            "findings": sum(self.findings.values()),
            "of them": dict(self.findings.most_common()),
            "relaxed": dict(self.relaxed.most_common()),
            "contrast": {
                "texts": len(self.contrasts),
                "least": min(self.contrasts, default=None),
                "kept": sum(ratio >= 4.5 for ratio in self.contrasts) / max(1, len(self.contrasts)),
            },
            "distinct": {
                "nearest": min(bits, default=None),
                "equal": sum(bit == 0 for bit in bits),
                "alike": sum(bit <= ALIKE for bit in bits),
                "pairs": len(bits),
            },
            "layouts": dict(self.layouts.most_common()),
            "seconds": {name: round(spent / max(1, count), 2) for name, spent in self.seconds.items()},
        }

    def sheets(self, folder: Path) -> None:
        """Write a contact sheet of each class."""
        folder.mkdir(parents=True, exist_ok=True)
        for style, made in sorted(self.thumbs.items()):
            pictures, labels = zip(*made[:64], strict=True)
            contact(pictures, labels).save(folder / f"{style}.png")


def main(arguments: Sequence[str] | None = None) -> None:
    """Paint, check and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--pixels", type=int, default=1000)
    parser.add_argument("--random", action="store_true", help="models that have learned nothing")
    parser.add_argument("--sheet", type=Path, metavar="FOLDER", help="write contact sheets there")
    args = parser.parse_args(arguments)
    gan, vae = bundles(args.random)
    tally = Tally()
    for number in range(args.count):
        request, begun = asked(number, args.pixels), time.process_time()
        cover = paint(request, gan, vae)
        tally.add(number, request, cover, time.process_time() - begun)
    if args.sheet:
        tally.sheets(args.sheet)
    print(json.dumps(tally.told(), ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
