"""A Kneser–Ney 4-gram beside the English poem model: bits a token on the same verse, line ends predicted too.

    python benchmarks/verse_english_ngram.py --data DATA [--sonnets FILE]

Interpolated modified Kneser–Ney (see `verse_ngram.py`) over words and marks, trained on the training part of
DATA/poetry as the model is; measured on its validation part and on a Deep-speare file, all of it and what its training
part does not hold. A word outside the 32,000 commonest costs the unknown word and its letters, each alike. Marks of
capitals are left out here, the model pays for them.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from verse_ngram import BITS, FIRST, ORDER, OTHER, START, Ints, Level, grams, learn

from muse.poem.english.corpus import Verse, read
from muse.poem.english.measure import clean, deepspeare
from muse.poem.english.text import CAPITAL, words_of

END = "|"
LETTERS = 27


class Words:
    """The commonest words and marks, by number."""

    def __init__(self, verses: Iterable[Verse]) -> None:
        count = Counter(part for verse in verses for line in verse.lines for part in line if part != CAPITAL)
        count[END] = 1 << 60
        self.ids = {word: FIRST + at for at, (word, _) in enumerate(count.most_common((1 << BITS) - FIRST - 1))}

    def stream(self, verses: Iterable[Verse]) -> Ints:
        """All poems as one row; a poem begins with ORDER - 1 times START."""
        found: list[int] = []
        for verse in verses:
            found += [START] * (ORDER - 1)
            for line in verse.lines:
                found += [self.ids.get(part, OTHER) for part in (*line, END) if part != CAPITAL]
        return np.array(found, np.int64)

    def spelling(self, verses: Iterable[Verse]) -> float:
        """Bits of the letters of unknown words."""
        rare = (word for verse in verses for line in verse.lines for word in words_of(line) if word not in self.ids)
        return sum((len(word) + 1) * math.log2(LETTERS) for word in rare)


def cost(levels: list[Level], words: Words, verses: list[Verse]) -> dict[str, float]:
    """bits_per_word over words between marks, and bits in all."""
    tokens = words.stream(verses)
    p = np.full(int((tokens >= OTHER).sum()), 1 / (len(words.ids) + 1))
    for order, level in enumerate(levels, 1):
        p = level.refine(grams(tokens, order), p)
    bits = float(-np.log2(p).sum()) + words.spelling(verses)
    return {"bits": bits, "bits_per_word": bits / sum(len(words_of(line)) for verse in verses for line in verse.lines)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sonnets", type=Path)
    asked = parser.parse_args()
    train = list(read(asked.data / "poetry", "train"))
    words = Words(train)
    levels = learn(words.stream(train))
    held = list(read(asked.data / "poetry", "valid"))
    print(json.dumps({"part": "valid", "poems": len(held), **cost(levels, words, held)}))
    sonnets = deepspeare(asked.sonnets) if asked.sonnets else []
    for name, chosen in (("sonnets", sonnets), ("sonnets, clean", clean(sonnets, asked.sonnets) if sonnets else [])):
        if chosen:
            found = cost(levels, words, [verse for verse, _ in chosen])
            per_token = found["bits"] / sum(count for _, count in chosen)
            print(json.dumps({"part": name, "poems": len(chosen), **found, "bits_per_token": per_token}))


if __name__ == "__main__":
    main()
