"""A Kneser–Ney 4-gram beside the Chinese poem model: bits per Han character on the same poems, line marks known.

    python benchmarks/verse_ngram.py --data DATA [--songs] [--bundle poem-zh]

Interpolated modified Kneser–Ney (Source: Chen & Goodman 1999, eq. 21–26), trained on the training part of DATA/poetry,
measured on its validation part. Marks (line, stanza, sentence and poem ends) are context and are never predicted.
A character that was never seen is one of all Han characters, each alike.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from muse.bundle import Bundle
from muse.poem.corpus import PoemRecord, read
from muse.poem.measure import UNIHAN, thaw
from muse.poem.measure import bits as neural

ORDER = 4
BITS = 15
START, LINE, CLOSE, STANZA, OTHER, FIRST = range(6)
Ints = npt.NDArray[np.int64]


def stream(records: Iterable[PoemRecord], ids: dict[str, int]) -> Ints:
    """All poems as one row of ids; a poem begins with ORDER - 1 times START."""
    found: list[int] = []
    for record in records:
        found += [START] * (ORDER - 1)
        for number, line in enumerate(record.lines):
            if number:
                found.append(CLOSE if record.closes and record.closes[number - 1] else LINE)
            if number in record.stanzas:
                found.append(STANZA)
            found += [ids.get(character, OTHER) for character in line]
    return np.array(found, np.int64)


def grams(tokens: Ints, order: int) -> Ints:
    """The gram of `order` tokens that ends at each character, as one number, the latest token in the lowest bits."""
    ends = np.flatnonzero(tokens >= OTHER)
    key = np.zeros(len(ends), np.int64)
    for back in range(order - 1, -1, -1):
        key = key << BITS | tokens[ends - back]
    return key


class Level:
    """The grams of one order, with discounts by count (1, 2, 3 and more)."""

    def __init__(self, grams: Ints, counts: Ints) -> None:
        self.grams, self.counts = grams, counts
        n = [int((counts == times).sum()) for times in (1, 2, 3, 4)]
        y = n[0] / (n[0] + 2 * n[1])
        self.discounts = np.array([0, *(times - (times + 1) * y * n[times] / n[times - 1] for times in (1, 2, 3))])
        off = self.discounts[np.minimum(counts, 3)]
        self.heads, where = np.unique(grams >> BITS, return_inverse=True)
        self.totals = np.bincount(where, counts)
        self.left = np.bincount(where, off) / self.totals

    def refine(self, keys: Ints, lower: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """p of the last token of each key, from p by the lower order."""
        count, off = look_up(self.grams, self.counts, keys), self.discounts
        total = look_up(self.heads, self.totals, keys >> BITS)
        left = look_up(self.heads, self.left, keys >> BITS)
        kept = np.maximum(0, count - off[np.minimum(count, 3).astype(np.int64)])
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(total > 0, kept / total + left * lower, lower)


def look_up(keys: Ints, values: npt.NDArray[np.generic], wanted: Ints) -> npt.NDArray[np.float64]:
    """The value of each wanted key, 0 where it is not there."""
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, values[at].astype(np.float64), 0.0)


def learn(tokens: Ints) -> list[Level]:
    """Levels from 1 to ORDER; below the highest a gram counts by how many tokens it follows."""
    key, counts = np.unique(grams(tokens, ORDER), return_counts=True)
    levels = [Level(key, counts)]
    for order in range(ORDER - 1, 0, -1):
        key, counts = np.unique(key & ((1 << BITS * order) - 1), return_counts=True)
        levels.insert(0, Level(key, counts))
    return levels


def bits(levels: list[Level], tokens: Ints) -> float:
    """Bits per character."""
    p = np.full(int((tokens >= OTHER).sum()), 1 / UNIHAN)
    for order, level in enumerate(levels, 1):
        p = level.refine(grams(tokens, order), p)
    return float(-np.log2(p).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--songs", action="store_true", help="词 are learned from and measured too")
    parser.add_argument("--bundle", help="a bundle to measure on the same poems")
    asked = parser.parse_args()
    folder = asked.data / "poetry"
    train = list(read(folder, "train", songs=asked.songs))
    ids = {character: FIRST + at for at, character in enumerate(sorted(set("".join(one.text for one in train))))}
    levels = learn(stream(train, ids))
    early = [one for one in read(folder, "valid", songs=asked.songs) if one.era in ("唐", "宋") or one.closes]
    found = {}
    for form in sorted({one.form for one in early}):
        found[f"bits_per_char_{form}"] = round(bits(levels, stream((one for one in early if one.form == form), ids)), 4)
    verse = stream((one for one in early if not one.closes), ids)
    found["bits_per_char"] = round(bits(levels, verse), 4)
    print(json.dumps({"poems": len(train), "characters": len(ids), **found}, ensure_ascii=False), flush=True)
    if asked.bundle:
        figures = neural(*thaw(Bundle.load(asked.bundle)), early)
        print(json.dumps({"bundle": asked.bundle, **figures}, ensure_ascii=False))


if __name__ == "__main__":
    main()
