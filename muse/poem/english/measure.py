"""How good an English poem model is: bits a word and a character."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from muse.bundle import Bundle
from muse.errors import BundleError, CorpusError
from muse.poem.english.corpus import Split, Verse, read
from muse.poem.english.model import contents
from muse.poem.english.prefix import Fields, Order, encode
from muse.poem.english.sound import syllables
from muse.poem.english.text import parts, rendered, words_of
from muse.poem.english.vocabulary import Vocabulary
from muse.poem.own.text import unpacked

if TYPE_CHECKING:
    from muse.nn.transformer import Transformer


def measure(bundle: Bundle, path: Path | str, split: Split = "all", limit: int | None = None) -> dict[str, float]:
    """The figures of a bundle on a corpus: bits_per_word, bits_per_char, nats_per_token, words, poems.

    Words are those between marks; the cost of marks and line ends counts too. For a Deep-speare file also
    bits_per_token over its tokens as published, <eos> among them, and, where its training part lies beside it, the
    figures of the sonnets of which that holds no two lines (…_clean).

    Args:
        path: in the layout of the shared corpora, or of any kind that a bundle is trained on.
        split: see `muse.poem.english.corpus.parted`; a Deep-speare file is one part.
        limit: only the first so many poems.

    Raises:
        CorpusError: there is no English poem.
        UsageError: a corpus of one's own has no such part.
    """
    vocabulary, model = contents(bundle)[1], thaw(bundle)
    order: Order = "backward"
    sounds = np.array(bundle.card["syllables"], np.uint8)
    if not _of_deepspeare(Path(path)):
        verses = _verses(path, split, "corpus" in bundle.card)
        return bits(model, vocabulary, islice(verses, limit), order, sounds)
    found: dict[str, float] = {}
    sonnets = deepspeare(path, limit)
    for name, chosen in {"": sonnets, "_clean": clean(sonnets, Path(path))}.items():
        if chosen:
            figures = bits(model, vocabulary, [verse for verse, _ in chosen], order, sounds)
            tokens = sum(count for _, count in chosen)
            figures["bits_per_token"] = figures["bits_per_word"] * figures["words"] / tokens
            found |= {key + name: value for key, value in figures.items()}
    return found


def _of_deepspeare(path: Path) -> bool:
    return path.is_file() and ".txt" in path.name and b"<eos>" in unpacked(path)[:4096]


def _verses(path: Path | str, split: Split, own: bool) -> list[Verse]:
    """The passages of a part: of a bundle of one's own corpus, the part that its training knew by that name."""
    from muse.poem.own.lessons import gather

    if not own or split == "all":
        with suppress(CorpusError):
            if found := list(read(path, split)):
                return found
    return gather(path, room="en", least=1).part(split)


def thaw(bundle: Bundle) -> Transformer:
    """The model of a bundle, ready to be measured; kept with the bundle.

    Raises:
        BundleError: it is not of a model of English verse, or its weights do not fit its settings.
    """
    if "thawed" not in bundle.cache:
        from muse.nn.language import load_weights
        from muse.nn.transformer import Transformer

        model = Transformer(contents(bundle)[0])
        own = model.state_dict().keys()
        load_weights(model, {name: value for name, value in bundle.torch_weights().items() if name in own}, BundleError)
        bundle.cache["thawed"] = model.eval()
    found: Transformer = bundle.cache["thawed"]
    return found


def bits(
    model: Transformer,
    vocabulary: Vocabulary,
    verses: Iterable[Verse],
    order: Order,
    sounds: npt.NDArray[np.uint8] | None = None,
    *,
    tokens: int = 8192,
) -> dict[str, float]:
    """bits_per_word and bits_per_char, with the form as the only prefix; every token counts, line ends too.

    Words are those between marks; characters are those of the cleaned text with one line break a line.

    Args:
        sounds: (V,) syllables of the tokens, as the model learned them.
    """
    import torch

    from muse.nn.language import loss_sum
    from muse.poem.english.feed import collate, fitting

    sounds = syllables(vocabulary) if sounds is None else sounds
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
            read_in = collate([laid for laid, _ in batch], prefixes).to(model.row_bias.device)
            loss, count = loss_sum(model, read_in)
            nats += float(loss)
            scored += count
    words = sum(len(words_of(line)) for _, verse in found for line in verse.lines)
    characters = sum(len(rendered(line)) + 1 for _, verse in found for line in verse.lines)
    return {
        "bits_per_word": nats / math.log(2) / words, "bits_per_char": nats / math.log(2) / characters,
        "nats_per_token": nats / scored, "words": float(words), "poems": float(len(found)),
    }  # fmt: skip


def deepspeare(path: Path | str, limit: int | None = None) -> list[tuple[Verse, int]]:
    """The sonnets of a Deep-speare file (a poem a line, tokens between spaces, <eos> after each line), with its tokens.

    The count is of tokens as published, <eos> among them; a sonnet with a line that is no verse is left out.

    Source: Lau et al. 2018, "Deep-speare: A joint neural model of poetic language, meter and rhyme".
    """
    found = []
    for text in unpacked(Path(path)).decode("utf-8").splitlines()[:limit]:
        raw = [line.split() for line in text.split("<eos>") if line.strip()]
        lines = [parts(_ELIDED.sub(r"\1\2", " ".join(line))) for line in raw]
        if lines and all(lines):
            verse = Verse(tuple(tuple(line or ()) for line in lines), (), "sonnet", "", "", "")
            found.append((verse, sum(map(len, raw)) + len(raw)))
    return found


def clean(sonnets: Sequence[tuple[Verse, int]], path: Path) -> list[tuple[Verse, int]]:
    """Those of which the training part beside a file holds no two lines; [] where there is none, or it is that part."""
    beside = path.with_name(re.sub(r"_(valid|test)\b", "_train", path.name))
    if beside == path or not beside.exists():
        return []
    known = {line for verse, _ in deepspeare(beside) for line in verse.lines}
    return [(verse, count) for verse, count in sonnets if sum(line in known for line in verse.lines) < 2]


_ELIDED = re.compile(r" (['’])(s|d|st|er|en|ry|ring|tis|twas)\b")


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
