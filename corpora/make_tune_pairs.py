"""Makes muse/tables/tune_pairs.txt: where poets pair two lines of a 词 (对句), told by the corpus of 词.

    python corpora/make_tune_pairs.py FOLDER     # where zh_ci.jsonl.xz lies

For each shape of a tune, of neighbouring lines of one width the mean score of 对仗 over the poems of that shape; those
of MEAN or more in at least POEMS poems are listed. Middle couplets of 律诗 have 0.86 on this scale, any lines 0.12.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

from muse.poem.corpus import read
from muse.poem.referee import parallelism, tunes

MEAN, POEMS = 0.7, 12
HEAD = """# Lines of 词 that poets pair (对句): "tune, widths of its lines: first line of each pair", from 1.
# Source: counted in the 词 of chinese-poetry/chinese-poetry @99ebbef7e134 (MIT, (c) 2016 JackeyGao) and
# snowtraces/poetry-source @17c276bc0247 (MIT, (c) 2020 snowtraces) by corpora/make_tune_pairs.py.
"""


def main(folder: str) -> None:
    scores: dict[tuple[str, str], dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for poem in read(folder, "train", songs=True):
        widths = " ".join(str(len(line)) for line in poem.lines)
        if poem.form == "词" and any(shape.widths == widths for shape in tunes.fitting(poem.lines, poem.tune)):
            for number, (upper, lower) in enumerate(pairwise(poem.lines), 1):
                if len(upper) == len(lower) >= 3:
                    scores[poem.tune, widths][number].append(parallelism(upper, lower))
    rows = []
    for (tune, widths), lines in sorted(scores.items()):
        found = [n for n, those in sorted(lines.items()) if len(those) >= POEMS and sum(those) / len(those) >= MEAN]
        if found:
            rows.append(f"{tune} {widths}: {' '.join(map(str, found))}\n")
    Path("muse/tables/tune_pairs.txt").write_text(HEAD + "".join(rows), encoding="utf-8")
    print(f"{len(rows)} shapes")


if __name__ == "__main__":
    main(sys.argv[1])
