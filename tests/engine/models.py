"""Small models of awkward sizes, and automata of chance."""

from __future__ import annotations

import numpy as np
import torch

from muse.constraint import Refused, Tables
from muse.fuse import Fuse
from muse.nn.shape import TransformerSettings
from muse.nn.transformer import Transformer
from muse.nn.writer import Prompt
from muse.walk import keys

SIZES = {
    "even": TransformerSettings(vocabulary=128, layers=2, width=64, heads=2, rows=4, columns=6, context=400),
    "odd": TransformerSettings(vocabulary=71, layers=3, width=60, heads=3, rows=5, columns=7, context=90, hidden=52),
    "wide": TransformerSettings(vocabulary=300, layers=1, width=192, heads=2, rows=3, columns=4, context=64),
}


def random_model(settings: TransformerSettings, seed: int = 3) -> Transformer:
    torch.manual_seed(seed)
    made = Transformer(settings)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    return made.eval()


def weights_of(model: Transformer) -> dict[str, np.ndarray]:
    return {name: value.numpy() for name, value in model.state_dict().items()}


def text(model: Transformer, length: int, seed: int = 0) -> Prompt:
    draw = np.random.default_rng(seed)
    s = model.settings
    row, col = np.sort(draw.integers(0, s.rows + 3, length)), draw.integers(0, s.columns + 3, length)
    return Prompt(tuple(draw.integers(0, s.vocabulary, length).tolist()), tuple(row.tolist()), tuple(col.tolist()))


def reference(model: Transformer, read: Prompt) -> np.ndarray:
    with torch.inference_mode():
        fields = (torch.tensor(field)[None] for field in (read.tokens, read.row, read.col))
        return model(*fields)[0].numpy()


def random_tables(seed: int, vocabulary: int, lines: int = 4, width: int = 5) -> Tables:
    """Lines of tokens of three classes, with sets, spares, doublings and refused lines, as chance has it."""
    draw = np.random.default_rng(seed)
    states = lines * width + 1
    kinds = draw.integers(0, 3, vocabulary).astype(np.uint8)
    plain, bound = np.full((states, 3), -1, np.int32), np.full((states, 3), -1, np.int32)
    after = np.arange(1, states + 1)[:, None]
    plain[:-1] = np.where(draw.random((states - 1, 3)) < 0.7, after[:-1], -1)
    plain[:-1, 0] = after[:-1, 0]  # one class goes on everywhere, so that no walk ends early
    rhymed = np.arange(states - 1) % (2 * width) == 2 * width - 1
    plain[:-1][rhymed], bound[:-1][rhymed] = -1, after[:-1][rhymed]
    column = np.arange(states) % width
    sets = np.zeros(vocabulary, np.uint64)
    for number in range(5):
        sets[draw.random(vocabulary) < 0.4] |= np.uint64(1) << np.uint64(number)
    sets |= np.uint64(1) << np.uint64(63)  # one set holds all, so that a rhyme can always be found
    codes = draw.integers(1, 1 << 20, vocabulary).astype(np.uint64)
    spans = draw.integers(0, vocabulary, (vocabulary**2 // 3, 2))
    parts = np.array_split(keys(codes[spans]), 1 + seed % 3)
    refused = Refused(tuple(Fuse.of(part, int(draw.integers(5, 13))) for part in parts), codes, span=2)
    flags = np.ones(states, np.bool_)
    return Tables(
        begin=0, open=0b11111 | 1 << 63, classes=kinds, sets=sets, doubled=draw.random(vocabulary) < 0.5, plain=plain,
        bound=bound, place=np.stack([np.arange(states) // width, column], 1).astype(np.int32),
        left=np.where(rhymed_or_last(states, width), 2, 1).astype(np.int32),
        scope=draw.integers(0, 32, states).astype(np.uint64) | np.uint64(1 << 63), renews=draw.random(states) < 0.3,
        unique=draw.random(states) < 0.8,
        remembers=draw.random(states) < 0.8, spares=draw.random(states) < 0.5, again=draw.random(states) < 0.3,
        opens=column == 0, closes=column == width - 1, final=~np.append(flags[:-1], False), refused=refused,
    )  # fmt: skip


def rhymed_or_last(states: int, width: int) -> np.ndarray:
    return np.arange(states) % (2 * width) == 2 * width - 1
