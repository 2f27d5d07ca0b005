"""Pictures for learning: a folder read into style classes, split by design, decoded once into a cached array.

Two forms are read: a folder with `labels.csv` (columns file, class, title_artist, source, licence, tier) and a plain
folder whose sub-folders are the classes. Only PNG, JPEG and WebP are opened, and none above a cap of pixels.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from muse.art import credits
from muse.art.reading import MAX_BYTES, SUFFIXES, open_picture
from muse.errors import CorpusError, InputError, UsageError, did_you_mean
from muse.files import read_capped
from muse.objective import Source

STYLES = ("ink", "oil", "ukiyo-e", "cosmic", "botanical", "geometric", "flow", "fractal", "tarot")
CLASS_STYLES = {
    "chinese-landscape": "ink",
    "blue-green-scroll": "ink",
    "old-master": "oil",
    "impressionist": "oil",
    "early-modern": "oil",
    "flow-abstract": "flow",
    **{style: style for style in STYLES},
}
SHORT_SIDE = 160
LONG_SIDE = 320
LEAST_SIDE = 32
VALID_PERCENT = 10
FORMAT_VERSION = 2

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a corpus.

    Attributes:
        file: path below the corpus folder.
        style: its style class.
        design: pictures with the same design (two impressions of one print) never part between the splits.
        split: "train" or "valid", from the hash of the design.
        source, licence, title: as the corpus names them.
        tier: "green", "amber" or "" (a user's own folder).
        shipped: whether weights that learned from it may be shipped with muse.
    """

    file: str
    style: str
    design: str
    split: str
    source: str = ""
    licence: str = ""
    title: str = ""
    tier: str = ""
    shipped: bool = True


@dataclass(frozen=True)
class Pictures:
    """A corpus that was read: facts of each picture, and its pixels (short side 160, centre-cropped to 2:1 at most).

    Attributes:
        items: in the order of their file names.
        styles: the classes, in the order of the model's class numbers.
        skipped: files that could not be used, each with its reason.
    """

    items: tuple[Picture, ...]
    styles: tuple[str, ...]
    skipped: Mapping[str, str]
    pixels: Pixels = field(repr=False)
    shapes: npt.NDArray[np.int64] = field(repr=False)
    offsets: npt.NDArray[np.int64] = field(repr=False)

    def __len__(self) -> int:
        return len(self.items)

    def image(self, index: int) -> Pixels:
        """(H, W, 3) uint8, sRGB."""
        height, width = (int(side) for side in self.shapes[index])
        start = int(self.offsets[index])
        return self.pixels[start : start + height * width * 3].reshape(height, width, 3)

    def label(self, index: int) -> int:
        """The class number of a picture."""
        return self.styles.index(self.items[index].style)

    def labels(self) -> npt.NDArray[np.int64]:
        """(N,) int64 in [0, len(styles))."""
        return np.array([self.styles.index(item.style) for item in self.items], dtype=np.int64)

    def only(self, indices: Sequence[int], items: Sequence[Picture]) -> Pictures:
        """These pictures alone, with these facts of each; the classes are theirs."""
        chosen, found = np.array(indices, dtype=np.int64), {item.style for item in items}
        return replace(
            self,
            items=tuple(items),
            styles=tuple(style for style in self.styles if style in found),
            shapes=self.shapes[chosen],
            offsets=self.offsets[chosen],
        )

    def where(self, split: str | None = None, shipped: bool = False) -> npt.NDArray[np.int64]:
        """Indices of one split (None: all; "test" is "valid"), on demand only what shipped weights may learn from."""
        if split not in (None, "all", "train", "valid", "test"):
            raise UsageError(f'unknown split "{split}"', next_step=did_you_mean(str(split), ("train", "valid", "all")))
        split = "valid" if split == "test" else split
        keep = [
            i
            for i, item in enumerate(self.items)
            if (split in (None, "all") or item.split == split) and (item.shipped or not shipped)
        ]
        return np.array(keep, dtype=np.int64)

    def sources(self, indices: Sequence[int] | npt.NDArray[np.int64]) -> tuple[Source, ...]:
        """Where these pictures come from, for the card: one entry for each source and licence."""
        counts = Counter((self.items[i].source, credits.licence_name(self.items[i])) for i in indices)
        return tuple(
            Source(name or "a folder of pictures", licence, credits.attribution(name), credits.url(name), records)
            for (name, licence), records in sorted(counts.items())
        )


def square(image: Pixels, side: int, at: float = 0.5) -> Pixels:
    """(side, side, 3) uint8: the square as wide as the short side, `at` in [0, 1] along the long one.

    >>> square(np.zeros((20, 40, 3), np.uint8), 10).shape
    (10, 10, 3)
    """
    height, width = image.shape[:2]
    short = min(height, width)
    top, left = round((height - short) * at), round((width - short) * at)
    cut = image[top : top + short, left : left + short]
    if short == side:
        return np.ascontiguousarray(cut)
    return np.asarray(Image.fromarray(cut).resize((side, side), Image.Resampling.LANCZOS))


def read(path: Path | str, cache: Path | None = None) -> Pictures:
    """The pictures of a folder.

    The decoded pixels are kept below the user's cache folder, keyed by the names, sizes and times of the files.

    Raises:
        CorpusError: no such folder, or nothing in it that can be read.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise CorpusError(f"{folder} is not a folder", next_step="name a folder of pictures")
    table = folder / "labels.csv"
    items, skipped = _labelled(folder, table) if table.is_file() else _folders(folder)
    if not items:
        raise CorpusError(f"no picture in {folder}", "classes are sub-folders with PNG, JPEG or WebP files")
    key = _key(folder, items)
    stem = (cache or cache_folder()) / f"pictures-{key}"
    data, index = stem.with_suffix(".npy"), stem.with_suffix(".json")
    if not (data.is_file() and index.is_file()):
        _decode(folder, items, data, index)
    facts: dict[str, Any] = json.loads(index.read_text(encoding="utf-8"))
    shapes = np.array(facts["shapes"], dtype=np.int64).reshape(-1, 2)
    sizes = shapes[:, 0] * shapes[:, 1] * 3
    good = [i for i, item in enumerate(items) if item.file not in facts["skipped"]]
    found = {items[i].style for i in good}
    if not good:
        raise CorpusError(f"no picture in {folder} can be read", "; ".join(facts["skipped"].values())[:300])
    styles = STYLES if found <= set(STYLES) else tuple(sorted(found))
    return Pictures(
        tuple(items[i] for i in good),
        styles,
        {**skipped, **facts["skipped"]},
        np.load(data, mmap_mode="r"),
        shapes,
        np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64),
    )


def cache_folder() -> Path:
    """Where decoded pictures are kept: MUSE_CACHE, or muse below the user's cache folder."""
    named = os.environ.get("MUSE_CACHE")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "muse"


def _labelled(folder: Path, table: Path) -> tuple[list[Picture], dict[str, str]]:
    items: list[Picture] = []
    skipped: dict[str, str] = {}
    allowed = credits.Credits.read(folder)
    with table.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            name, group = row.get("file") or "", row.get("class") or ""
            style = CLASS_STYLES.get(group, group)
            if not name or not style or ".." in Path(name).parts or Path(name).is_absolute():
                skipped[name] = "a row without a file or a class"
            elif not (folder / name).is_file():
                skipped[name] = "no such file"
            elif Path(name).suffix.lower() not in SUFFIXES:
                skipped[name] = "not a PNG, JPEG or WebP file"
            else:
                title, source = row.get("title_artist") or "", row.get("source") or ""
                design = design_of(group, title, name)
                tier, licence = row.get("tier") or "", row.get("licence") or ""
                shipped, licence = allowed.judge(tier, source, title, licence)
                items.append(Picture(name, style, design, _split(design), source, licence, title, tier, shipped))
    return sorted(items, key=lambda item: item.file), skipped


def _folders(folder: Path) -> tuple[list[Picture], dict[str, str]]:
    items: list[Picture] = []
    skipped: dict[str, str] = {}
    for path in _walk(folder):
        name = path.relative_to(folder).as_posix()
        if path.suffix.lower() not in SUFFIXES:
            if path.suffix.lower() not in (".toml", ".md", ".txt", ".csv"):
                skipped[name] = "not a PNG, JPEG or WebP file"
            continue
        group = path.relative_to(folder).parts[0] if path.parent != folder else folder.name
        items.append(Picture(name, group, name, _split(name)))
    return items, skipped


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder).parts
        if path.is_file() and not any(part.startswith(".") for part in inner):
            yield path


def design_of(group: str, title: str, name: str) -> str:
    """What a picture shows, so that two prints, crops or photographs of one thing share a split.

    >>> design_of("ukiyo-e", "Hiroshige, Tokaido 53 (2nd impression): 25_nissaka.jpg", "a.jpg")
    'tokaido 25'
    >>> design_of("cosmic", "Stellarium lmc_06", "b.jpg") == design_of("cosmic", "Stellarium lmc_11", "c.jpg")
    True
    """
    print_number = re.search(r"Tokaido 53[^:]*: *(\d+)", title)
    if print_number:
        return f"tokaido {int(print_number.group(1))}"
    if "Thousand Li of Rivers" in title:
        return "thousand li of rivers and mountains"
    if title.startswith("Stellarium "):
        return "sky " + re.split(r"[-_]", title.removeprefix("Stellarium "))[0].lower()
    if group == "botanical" and title:
        return title.casefold()
    return name


def _split(design: str) -> str:
    return "valid" if int(hashlib.sha1(design.encode()).hexdigest(), 16) % 100 < VALID_PERCENT else "train"


def _key(folder: Path, items: Sequence[Picture]) -> str:
    digest = hashlib.sha256(f"{FORMAT_VERSION} {SHORT_SIDE} {LONG_SIDE}".encode())
    for item in items:
        facts = (folder / item.file).stat()
        digest.update(f"{item.file}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]


def _decode(folder: Path, items: Sequence[Picture], data: Path, index: Path) -> None:
    skipped: dict[str, str] = {}
    shapes: list[tuple[int, int]] = []
    flat: list[Pixels] = []
    for item in items:
        try:
            pixels = _shrunk(open_picture(read_capped(folder / item.file, MAX_BYTES), item.file, SHORT_SIDE))
        except InputError as error:
            skipped[item.file] = error.why or error.what
            continue
        shapes.append((pixels.shape[0], pixels.shape[1]))
        flat.append(pixels.reshape(-1))
    data.parent.mkdir(parents=True, exist_ok=True)
    part = data.with_name(f"{data.stem}.{os.getpid()}.npy")
    np.save(part, np.concatenate(flat) if flat else np.zeros(0, np.uint8))
    os.replace(part, data)
    part = index.with_name(f"{index.stem}.{os.getpid()}.json")
    part.write_text(json.dumps({"shapes": shapes, "skipped": skipped}), encoding="utf-8")
    os.replace(part, index)


def _shrunk(image: Image.Image) -> Pixels:
    """Short side SHORT_SIDE; a panorama is cut to 2:1 first, so that a strip never grows into a wall."""
    short = min(image.size)
    if short < LEAST_SIDE:
        raise InputError("the picture is too small", f"{image.width} × {image.height} pixels are too few")
    most = round(short * LONG_SIDE / SHORT_SIDE)
    left, top = max(0, image.width - most) // 2, max(0, image.height - most) // 2
    box = (left, top, left + min(image.width, most), top + min(image.height, most))
    size = [min(LONG_SIDE, max(SHORT_SIDE, round(side * SHORT_SIDE / short))) for side in image.size]
    return np.asarray(image.resize((size[0], size[1]), Image.Resampling.LANCZOS, box))
