"""Makes muse/tables/english_pairs.bin, the pairs of words that verse does not join, from the corpus english-verse.

python corpora/make_pairs.py FOLDER     # where the en_*.jsonl.xz files lie
"""

from __future__ import annotations

import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np

from muse.poem.english.corpus import read
from muse.poem.english.text import CAPITAL
from muse.tables.english_pairs import EDGE, pack

LEAST, EXPECTED, SHARE = 2000, 8, 0.02


def counted(folder: str) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """How often each word and each pair of neighbours stands in the training part."""
    words: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for verse in read(folder, "train"):
        for line in verse.lines:
            row = [EDGE, *(part for part in line if part != CAPITAL), EDGE]
            words.update(row)
            pairs.update(pairwise(row))
    return words, pairs


def forbidden(words: Counter[str], pairs: Counter[tuple[str, str]]) -> tuple[list[str], np.ndarray]:
    """The common words, and which of them do not follow which."""
    total = sum(words.values())
    common = [word for word, number in words.most_common() if number >= LEAST and word.isascii() | (word == "—")]
    count = np.array([words[word] for word in common], float)
    chance = np.outer(count, count) / total
    found = np.array([[pairs[first, second] for second in common] for first in common], float)
    wrong = (chance >= EXPECTED) & (found <= SHARE * chance)
    kept = wrong.any(0) | wrong.any(1)
    return [word for word, keep in zip(common, kept, strict=True) if keep], wrong[np.ix_(kept, kept)]


if __name__ == "__main__":
    table = pack(*forbidden(*counted(sys.argv[1])))
    Path("muse/tables/english_pairs.bin").write_bytes(table)
    print(f"{len(table):,} bytes")
