"""How good a poem model is: bits per Han character, and how much its poems repeat each other."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from muse.errors import CorpusError
from muse.poem.corpus import PoemRecord, Split, read

if TYPE_CHECKING:
    from muse.bundle import Bundle
    from muse.nn.transformer import Transformer
    from muse.poem.mixture import Sheet
    from muse.poem.vocabulary import Vocabulary

UNIHAN = 97_058
"""Han characters in Unicode 15.1: what an unknown character may be, each alike."""


def bits(
    model: Transformer, vocabulary: Vocabulary, records: Iterable[PoemRecord], *, batch: int = 64
) -> dict[str, float]:
    """bits_per_char over Han characters, with the form as the only prefix and line marks known; also one by form.

    The figures without a form are those of regulated verse alone, where there is any.
    """
    from muse.poem.vocabulary import FORMS

    total = costs(model, vocabulary, records, batch=batch)
    sums = np.sum([entry for form, entry in total.items() if form in FORMS] or list(total.values()), axis=0)
    return {
        "bits_per_char": float(sums[0] / sums[1]),
        **{f"bits_per_char_{form}": spent / count for form, (spent, count, _) in total.items()},
        "characters": float(sums[1]),
        "poems": float(sums[2]),
    }


def costs(
    model: Transformer, vocabulary: Vocabulary, records: Iterable[PoemRecord], *, batch: int = 64
) -> dict[str, list[float]]:
    """For each form: bits spent on Han characters, how many these are, and poems; see `bits`.

    A character that the vocabulary lacks costs the bits of "unknown" and those of one choice among all others.

    Raises:
        CorpusError: there is no poem.
    """
    import torch

    from muse.nn.language import UNSCORED
    from muse.poem.mixture import collate, sheet
    from muse.poem.prefix import Fields
    from muse.poem.vocabulary import UNKNOWN

    sheets: dict[str, list[Sheet]] = {}
    for record in records:
        sheets.setdefault(record.form, []).append(sheet(Fields(record.form), record, vocabulary))
    if not sheets:
        raise CorpusError("no poem to measure on")
    other = math.log2(UNIHAN - (len(vocabulary) - vocabulary.first))
    total: dict[str, list[float]] = {}
    device = model.row_bias.device
    with torch.no_grad():
        for form, poems in sheets.items():
            poems.sort(key=lambda one: len(one[0]))
            entry = total[form] = [0.0, 0.0, float(len(poems))]
            for begin in range(0, len(poems), batch):
                read_in = collate(poems[begin : begin + batch]).to(device)
                scored = read_in.target != UNSCORED
                hidden = model.hidden(read_in.tokens, read_in.row, read_in.col)[scored]
                target = read_in.target[scored]
                nats = torch.nn.functional.cross_entropy(model.logits(hidden), target, reduction="sum")
                entry[0] += float(nats) / math.log(2) + other * int((target == UNKNOWN).sum())
                entry[1] += len(target)
    return total


def thaw(bundle: Bundle) -> tuple[Transformer, Vocabulary]:
    """The model of a bundle, ready to be measured, and its vocabulary; kept with the bundle.

    Raises:
        BundleError: it is not of a poem model, or its weights do not fit its settings.
    """
    if "thawed" not in bundle.cache:
        from muse.poem.model import contents
        from muse.poem.warm import model_of

        settings, vocabulary = contents(bundle)
        bundle.cache["thawed"] = model_of(bundle, settings), vocabulary
    found: tuple[Transformer, Vocabulary] = bundle.cache["thawed"]
    return found


def measure(bundle: Bundle, path: Path | str, split: Split = "all", limit: int | None = None) -> dict[str, float]:
    """The figures of a bundle on a corpus: bits_per_char (in all and by form), characters, poems.

    Args:
        path: in the layout of the shared corpora, or of any kind that a bundle is trained on.
        split: "valid" takes the part that training leaves out, "all" every poem (for a test file).
        limit: only the first so many poems.

    Raises:
        CorpusError: there is no Chinese poem.
        UsageError: a corpus of one's own has no such part.
    """
    model, vocabulary = thaw(bundle)
    return bits(model, vocabulary, islice(_records(path, split, "corpus" in bundle.card), limit))


def _records(path: Path | str, split: Split, own: bool) -> Iterable[PoemRecord]:
    """The poems of a part: of a bundle of one's own corpus, the part that its training knew by that name."""
    from muse.poem.own.lessons import gather

    if not own or split == "all":
        with suppress(CorpusError):
            return list(read(path, split, songs=True))
    return gather(path, room="zh", least=1).part(split)


def distinct(poems: Sequence[Sequence[str]], size: int = 2) -> float:
    """Different n-grams of characters, within lines, over all of them; in [0, 1].

    >>> distinct([["明月明月"]])
    0.6666666666666666
    """
    grams = [line[i : i + size] for lines in poems for line in lines for i in range(len(line) - size + 1)]
    return len(set(grams)) / len(grams) if grams else 0.0
