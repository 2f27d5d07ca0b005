"""How good an English poem model is: bits a word and a character."""

from __future__ import annotations

import lzma
import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from muse.errors import CorpusError
from muse.poem.english.corpus import Verse
from muse.poem.english.prefix import Fields, Order, encode
from muse.poem.english.text import parts, rendered, words_of
from muse.poem.english.vocabulary import Vocabulary

if TYPE_CHECKING:
    from muse.nn.transformer import Transformer


def bits(
    model: Transformer, vocabulary: Vocabulary, verses: Iterable[Verse], order: Order, *, tokens: int = 8192
) -> dict[str, float]:
    """bits_per_word and bits_per_char, with the form as the only prefix; every token counts, line ends too.

    Words are those between marks; characters are those of the cleaned text with one line break a line.
    """
    import torch

    from muse.nn.language import loss_sum
    from muse.poem.english.feed import collate, fitting
    from muse.poem.english.sound import syllables

    sounds = syllables(vocabulary)
    cut = [part for verse in verses for part in fitting(verse, vocabulary, sounds, order)]
    found = sorted(((laid, verse) for verse, laid in cut), key=lambda pair: len(pair[0].tokens))
    if not found:
        raise CorpusError("no poem to measure on")
    nats, scored, at = 0.0, 0, 0
    with torch.no_grad():
        while at < len(found):
            batch = found[at : at + max(1, tokens // (len(found[min(at + 64, len(found) - 1)][0].tokens) + 4))]
            at += len(batch)
            prefixes = [encode(Fields(verse.form), vocabulary, order) for _, verse in batch]
            read = collate([laid for laid, _ in batch], prefixes).to(model.row_bias.device)
            loss, count = loss_sum(model, read)
            nats += float(loss)
            scored += count
    words = sum(len(words_of(line)) for _, verse in found for line in verse.lines)
    characters = sum(len(rendered(line)) + 1 for _, verse in found for line in verse.lines)
    return {
        "bits_per_word": nats / math.log(2) / words, "bits_per_char": nats / math.log(2) / characters,
        "nats_per_token": nats / scored, "words": float(words), "poems": float(len(found)),
    }  # fmt: skip


def deepspeare(path: Path | str, limit: int | None = None) -> tuple[list[Verse], int]:
    """The sonnets of a Deep-speare file (a poem a line, tokens between spaces, <eos> after each line), and its tokens.

    The count is of tokens as published, without <eos>; a sonnet with a line that is no verse is left out of both.
    """
    verses: list[Verse] = []
    count = 0
    data = Path(path).read_bytes()
    data = lzma.decompress(data) if str(path).endswith(".xz") else data
    for text in data.decode("utf-8").splitlines()[:limit]:
        raw = [line.split() for line in text.split("<eos>") if line.strip()]
        lines = [parts(re.sub(r" (['’])(s|d|st|er|en|ry|ring|tis|twas)\b", r"\1\2", " ".join(line))) for line in raw]
        if all(lines):
            verses.append(Verse(tuple(tuple(line or ()) for line in lines), (), "sonnet", "", "", ""))
            count += sum(map(len, raw))
    return verses, count


def distinct(poems: Sequence[Sequence[str]], size: int = 2) -> float:
    """Different n-grams of words, within lines, over all of them; in [0, 1].

    >>> distinct([["the sea the sea"]])
    0.6666666666666666
    """
    grams = []
    for lines in poems:
        for line in lines:
            words = np.array(words_of(parts(line) or ()))
            grams += [tuple(words[at : at + size]) for at in range(len(words) - size + 1)]
    return len(set(grams)) / len(grams) if grams else 0.0
