"""What a model of pictures learns from in a user's own folder: read, duplicates dropped, some held out.

Sub-folders are classes, under their own names; a folder of nothing but pictures is one class.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from muse.art import corpus
from muse.art.referee.likeness import phash
from muse.errors import CorpusError
from muse.objective import Source

LEAST, FEW = 20, 50
"""Fewer pictures are refused; with fewer than that it is said what to expect."""
FEW_OF_A_CLASS = 10
HELD, HELD_MOST = 8, 200
SAME_BITS, SAME_TONE = 6, 0.08
"""Bits of 64 of the hash, and difference of 16 × 16 thumbnails beside their contrast, up to which two pictures are one.

Both are asked for: hashes alone take two apples on white paper for one.
"""
SHOWN, LISTED = 5, 200
"""Reasons that are told in words, and that stand in the card; all stand in the list beside the run."""
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Lessons:
    """Pictures to learn from, and those to judge by.

    Attributes:
        pictures: all that are kept, parted into "train" and "valid"; the classes are those of the folder alone.
        left: (file, why) of all that was passed over.
    """

    pictures: corpus.Pictures
    source: Source
    left: tuple[tuple[str, str], ...]

    @property
    def train(self) -> Numbers:
        """Indices of those to learn from."""
        return self.pictures.where("train")

    @property
    def held(self) -> Numbers:
        """Indices of those held out; empty where every class is too small to spare one."""
        return self.pictures.where("valid")

    @property
    def counts(self) -> Mapping[str, int]:
        """How many by class, and how many were passed over for each reason."""
        by_class = Counter(item.style for item in self.pictures.items)
        reasons = Counter(f"left out: {why.partition(' (')[0]}"[:80] for _, why in self.left)
        return {"pictures": len(self.pictures), "held": len(self.held), **by_class, **dict(reasons.most_common(12))}

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said of the corpus, for people."""
        by_class = Counter(item.style for item in self.pictures.items)
        shown = ", ".join(f"{style} {count:,}" for style, count in by_class.most_common(12))
        told = [f"{len(self.pictures):,} pictures ({shown}), {len(self.held):,} of them held out"]
        if self.left:
            reasons = "; ".join(f"{where}: {why}" for where, why in self.left[:SHOWN])
            told.append(f"{len(self.left):,} passed over: {reasons}" + (" …" if len(self.left) > SHOWN else ""))
        if len(self.pictures) < FEW:
            told.append(f"fewer than {FEW} pictures: what is painted will lie close to them")
        small = [style for style, count in by_class.items() if count < FEW_OF_A_CLASS]
        if small and len(by_class) > 1:
            told.append(f"fewer than {FEW_OF_A_CLASS} pictures in {', '.join(small)}: add some, or join classes")
        return tuple(told)

    def listed(self) -> bytes:
        """All that was passed over, one a line: the file, a tab, why."""
        return "".join(f"{where}\t{why}\n" for where, why in self.left).encode()

    def card(self) -> dict[str, object]:
        """What the card of a bundle says of the corpus."""
        return {"corpus": dict(self.counts), "passed_over": [list(row) for row in self.left[:LISTED]]}

    def key(self) -> str:
        """A name for these very pictures, for what is kept of them in the cache."""
        digest = hashlib.sha256()
        for index in range(len(self.pictures)):
            digest.update(self.pictures.items[index].split.encode() + self.pictures.image(index).tobytes())
        return digest.hexdigest()[:16]


def gather(path: Path | str, *, least: int = LEAST) -> Lessons:
    """The lessons of a folder.

    Args:
        least: fewer pictures are refused.

    Raises:
        CorpusError: nothing there, nothing that can be read, or fewer than `least` pictures.
    """
    path = Path(path)
    found = corpus.read(path)
    left = dict(found.skipped)
    kept = list(unlike(found, left))
    if len(kept) < least:
        shown = "; ".join(f"{where}: {why}" for where, why in sorted(left.items())[:SHOWN])
        why = "a model of so few gives them back and paints nothing new" + (f"; passed over: {shown}" if shown else "")
        step = f"give at least {least}, better {FEW} and more"
        raise CorpusError(f"{path} holds {len(kept)} pictures to learn from, {least} are needed", why, step)
    held = parted([found.items[i] for i in kept])
    items = [replace(found.items[i], split="valid" if n in held else "train") for n, i in enumerate(kept)]
    source = Source(path.resolve().name, "as the user holds it", "", "", len(kept))
    return Lessons(found.only(kept, items), source, tuple(sorted(left.items())))


def unlike(pictures: corpus.Pictures, left: dict[str, str]) -> Iterator[int]:
    """Indices of pictures that no earlier one looks like; the reasons go to `left`."""
    hashes, tones = np.zeros(len(pictures), np.uint64), np.zeros((len(pictures), 768), np.float32)
    kept: list[int] = []
    for index in range(len(pictures)):
        image = Image.fromarray(pictures.image(index))
        hashes[index] = phash(image)
        tones[index] = np.asarray(image.resize((16, 16), Image.Resampling.BOX), np.float32).ravel()
        alike = np.bitwise_count(hashes[kept] ^ hashes[index]) <= SAME_BITS
        away = np.abs(tones[kept][alike] - tones[index]).mean(1)
        near = np.flatnonzero(alike)[away < SAME_TONE * tones[index].std() + 0.5]
        if len(near):
            left[pictures.items[index].file] = f"a duplicate (of {pictures.items[kept[int(near[0])]].file})"
            continue
        kept.append(index)
        yield index


def parted(items: list[corpus.Picture]) -> set[int]:
    """Places of the pictures to hold out: a tenth, 8 to 200, by the hash of the design; no class gives over a third."""
    wanted = min(HELD_MOST, max(HELD, len(items) // 10))
    spare = Counter({style: count // 3 for style, count in Counter(item.style for item in items).items()})
    groups: dict[str, list[int]] = {}
    for place, item in enumerate(items):
        groups.setdefault(item.design, []).append(place)
    held: set[int] = set()
    for design in sorted(groups, key=lambda name: hashlib.sha256(name.encode()).digest()):
        taken = Counter(items[place].style for place in groups[design])
        if len(held) < wanted and all(spare[style] >= count for style, count in taken.items()):
            spare.subtract(taken)
            held.update(groups[design])
    return held
