"""Beginning from a bundle: a model takes over the weights of a smaller one, and writes as that one does at first."""

from __future__ import annotations

import torch
from torch import Tensor

from muse.bundle import Bundle
from muse.errors import SettingsError
from muse.nn.transformer import Block, Transformer
from muse.poem.course import thaw
from muse.poem.vocabulary import Vocabulary

RARE = 256


@torch.no_grad()
def warm_start(model: Transformer, vocabulary: Vocabulary, bundle: Bundle) -> int:
    """Give a fresh model the weights of a bundle; returns how many tokens it knows from there.

    Tokens go by name: a new one begins near the mean of the bundle's rarest, which it seldom writes. Where the tables
    of rows and columns are larger, they go on with the values at their edges, at which the smaller ones stop. Further
    layers begin with output projections of zero. So what the bundle knows is written as before.

    Raises:
        BundleError: it is not of a poem model.
        SettingsError: the model is of another width, or smaller.
    """
    source, known = thaw(bundle)
    old, new = source.settings, model.settings
    for name in ("width", "heads", "inner"):
        if getattr(old, name) != getattr(new, name):
            raise SettingsError(f"{bundle.name} has {name} {getattr(old, name)}, not {getattr(new, name)}")
    for name in ("layers", "rows", "columns"):
        if getattr(old, name) > getattr(new, name):
            raise SettingsError(f"{bundle.name} has {getattr(old, name)} {name}, more than {getattr(new, name)}")
    embedding = source.tokens.weight
    model.tokens.weight.add_(embedding[-RARE:].mean(0))
    shared = [(at, known.ids[token]) for at, token in enumerate(vocabulary.tokens) if token in known.ids]
    here, there = (torch.tensor(ids, device=embedding.device) for ids in zip(*shared, strict=True))
    model.tokens.weight[here] = embedding[there]
    model.row_place.copy_(_longer(source.row_place.T, 0, new.rows - old.rows).T)
    model.col_place.copy_(_longer(source.col_place.T, 0, new.columns - old.columns).T)
    more = new.columns - old.columns
    model.row_bias[: old.layers] = _longer(source.row_bias, 0, new.rows - old.rows)
    model.col_bias[: old.layers] = _longer(source.col_bias, more, more)
    model.final_norm.load_state_dict(source.final_norm.state_dict())
    for number, block in enumerate(model.blocks):
        assert isinstance(block, Block)
        if number < old.layers:
            block.load_state_dict(source.blocks[number].state_dict())
        else:
            block.out.weight.zero_()
            block.down.weight.zero_()
    return len(shared)


def _longer(table: Tensor, before: int, after: int) -> Tensor:
    """table (..., N) with its first and last values repeated: (..., before + N + after)."""
    at = torch.arange(-before, table.shape[-1] + after, device=table.device).clamp(0, table.shape[-1] - 1)
    return table[..., at]
