"""Makes muse/tables/couplets.bin, which characters answer each other in couplets, from the corpus tang-song.

    python corpora/make_couplets.py FOLDER              # where zh_shi_tang_song.jsonl.xz lies
    python corpora/make_couplets.py FOLDER --measure    # how well the score of the referee tells couplets apart

Counted are the middle couplets (third and fourth line, fifth and sixth) of 五律 and 七律 of the training part: how
often two characters stand at the same place. The positive pointwise mutual information, smoothed towards independence,
is cut to its strongest eigenvectors, in 8 bits each.

Source: Church and Hanks, "Word association norms, mutual information, and lexicography", CL 16 (1990).
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.sparse.linalg import eigsh

from muse.poem.corpus import Split, read

CHARACTERS, AXES, SMOOTH = 4096, 32, 5.0
HEAD = """# Which characters answer each other in couplets: their coordinates, 8 bits each, and the weight of each axis.
# Source: counted in the middle couplets of 律诗 of chinese-poetry/chinese-poetry @99ebbef7e134 (MIT, (c) 2016
# JackeyGao) and snowtraces/poetry-source @17c276bc0247 (MIT, (c) 2020 snowtraces), training part.
"""


def poems(folder: str, part: Split) -> list[tuple[str, ...]]:
    """The lines of the 律诗 in a part of the corpus."""
    return [poem.lines for poem in read(folder, part) if poem.form in ("五律", "七律")]


def table(verses: list[tuple[str, ...]]) -> bytes:
    """The table: its head, the characters, the weights of the axes, then a row of bytes for each character."""
    count = Counter(character for lines in verses for line in lines[2:6] for character in line)
    characters = [character for character, _ in count.most_common(CHARACTERS)]
    at = {character: number for number, character in enumerate(characters)}
    pairs = [
        (at[one], at[other])
        for lines in verses for top in (2, 4) for one, other in zip(lines[top], lines[top + 1], strict=True)
        if one in at and other in at
    ]  # fmt: skip
    found = np.zeros((len(at), len(at)))
    np.add.at(found, tuple(np.array(pairs).T), 1)
    found += found.T
    chance = np.outer(found.sum(1), found.sum(1)) / found.sum()
    prior = SMOOTH * chance / (chance + SMOOTH) + 1e-9
    values, vectors = eigsh(np.maximum(np.log((found + prior) / (chance + prior)), 0), k=AXES, v0=np.ones(len(at)))
    rows = vectors * np.sqrt(abs(values))
    scale = abs(rows).max(0)
    weights = " ".join(f"{weight:.6g}" for weight in np.sign(values) * (scale / 127) ** 2)
    data = np.round(rows / scale * 127).astype(np.int8).tobytes()
    return HEAD.encode() + f"{''.join(characters)}\n{weights}\n".encode() + data


def measure(verses: list[tuple[str, ...]]) -> None:
    """Print the area under the curve of middle couplets against others, and the mean score of each."""
    from muse.poem.referee import parallelism

    random_ = random.Random(1)
    sample = random_.sample(verses, min(3000, len(verses)))
    lines = {width: [line for poem in sample for line in poem if len(line) == width] for width in (5, 7)}
    kinds = {
        "couplets 2 and 3": [poem[top : top + 2] for poem in sample for top in (2, 4)],
        "couplet 1": [poem[:2] for poem in sample],
        "couplet 4": [poem[6:] for poem in sample],
        "lines 3 and 4 of two poems": [(a[2], b[3]) for a, b in pairwise(sample) if len(a[0]) == len(b[0])],
        "two lines of anywhere": [
            (line, random_.choice(lines[len(line)])) for line in random_.sample(lines[5] + lines[7], 6000)
        ],
    }
    scores = {kind: np.array([parallelism(*pair) for pair in pairs]) for kind, pairs in kinds.items()}
    ours = scores["couplets 2 and 3"]
    for kind, others in scores.items():
        higher = (ours[:, None] > others).mean() + (ours[:, None] == others).mean() / 2
        print(f"{kind}: mean {others.mean():.3f}, area under the curve {higher:.3f}")


if __name__ == "__main__":
    if "--measure" in sys.argv:
        measure(poems(sys.argv[1], "valid"))
    else:
        made = table(poems(sys.argv[1], "train"))
        Path("muse/tables/couplets.bin").write_bytes(made)
        print(f"{len(made):,} bytes")
