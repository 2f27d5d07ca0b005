"""How good a poem model is: bits per Han character, and how much its poems repeat each other."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from muse.errors import CorpusError
from muse.poem.corpus import PoemRecord, Split, read

if TYPE_CHECKING:
    from muse.bundle import Bundle
    from muse.nn.transformer import Transformer
    from muse.poem.vocabulary import Vocabulary

UNIHAN = 97_058
"""Han characters in Unicode 15.1: what an unknown character may be, each alike."""


def bits(
    model: Transformer, vocabulary: Vocabulary, records: Iterable[PoemRecord], *, batch: int = 64
) -> dict[str, float]:
    """bits_per_char over Han characters, with the form as the only prefix and line marks known; also one by form.

    A character that the vocabulary lacks costs the bits of "unknown" and those of one choice among all others.
    """
    import torch

    from muse.nn.language import UNSCORED
    from muse.poem.feed import SHAPE_OF, collate
    from muse.poem.prefix import Fields, encode
    from muse.poem.vocabulary import FORMS, UNKNOWN

    rows: dict[str, list[list[int]]] = {form: [] for form in FORMS}
    for record in records:
        rows[record.form].append(vocabulary.encode(record.text))
    other = math.log2(UNIHAN - (len(vocabulary) - vocabulary.first))
    total: dict[str, list[float]] = {}
    device = model.row_bias.device
    with torch.no_grad():
        for form, poems in rows.items():
            prefix = encode(Fields(form), vocabulary)
            lines, width = SHAPE_OF[form]
            for begin in range(0, len(poems), batch):
                part = np.array(poems[begin : begin + batch], np.uint16).reshape(-1, lines, width)
                read_in = collate(part, form, [prefix] * len(part)).to(device)
                scored = read_in.target != UNSCORED
                hidden = model.hidden(read_in.tokens, read_in.row, read_in.col)[scored]
                target = read_in.target[scored]
                nats = torch.nn.functional.cross_entropy(model.logits(hidden), target, reduction="sum")
                cost = float(nats) / math.log(2) + other * int((target == UNKNOWN).sum())
                entry = total.setdefault(form, [0.0, 0.0, 0.0])
                entry[0] += cost
                entry[1] += len(target)
                entry[2] += len(part)
    if not total:
        raise CorpusError("no poem to measure on")
    sums = np.sum(list(total.values()), axis=0)
    return {
        "bits_per_char": float(sums[0] / sums[1]),
        **{f"bits_per_char_{form}": cost / count for form, (cost, count, _) in total.items()},
        "characters": float(sums[1]),
        "poems": float(sums[2]),
    }


def measure(bundle: Bundle, path: Path | str, split: Split = "all", limit: int | None = None) -> dict[str, float]:
    """The figures of a bundle on a corpus: bits_per_char (in all and by form), characters, poems.

    Args:
        split: "valid" takes the part that training leaves out, "all" every poem (for a test file).
        limit: only the first so many poems.
    """
    from itertools import islice

    from muse.poem.course import thaw

    model, vocabulary = thaw(bundle)
    return bits(model, vocabulary, islice(read(path, split), limit))


def distinct(poems: Sequence[Sequence[str]], size: int = 2) -> float:
    """Different n-grams of characters, within lines, over all of them; in [0, 1].

    >>> distinct([["明月明月"]])
    0.6666666666666666
    """
    grams = [line[i : i + size] for lines in poems for line in lines for i in range(len(line) - size + 1)]
    return len(set(grams)) / len(grams) if grams else 0.0
