"""Beginning from a bundle: a model takes over the weights of a smaller one, and writes as that one does at first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from muse.bundle import Bundle
from muse.errors import BundleError, SettingsError
from muse.nn.language import load_weights
from muse.nn.shape import TransformerSettings
from muse.nn.transformer import Block, Transformer

RARE = 256


def model_of(bundle: Bundle, settings: TransformerSettings) -> Transformer:
    """The model of a bundle, of a known shape, in evaluation mode.

    Raises:
        BundleError: its weights do not fit.
    """
    model = Transformer(settings)
    own = model.state_dict().keys()
    load_weights(model, {name: value for name, value in bundle.torch_weights().items() if name in own}, BundleError)
    return model.eval()


@torch.no_grad()
def warm_start(
    model: Transformer,
    tokens: Sequence[str],
    source: Transformer,
    known: Sequence[str],
    name: str = "the bundle",
    spell: Callable[[str], Sequence[int]] | None = None,
) -> int:
    """Give a fresh model the weights of another; returns how many of its tokens are known from there.

    Tokens go by name. A new one begins at the mean of those that spelled it before, where `spell` tells them, else near
    the mean of the rarest, which are seldom written. Where the tables of rows and columns are larger, they go on with
    the values at their edges, at which the smaller ones stop. Further layers begin with output projections of zero. So
    what was known is written as before.

    Args:
        tokens, known: the vocabularies of the model and of the source.
        name: of the source, for errors.

    Raises:
        SettingsError: the model is of another width, or smaller.
    """
    old, new = source.settings, model.settings
    for field in ("width", "heads", "inner"):
        if getattr(old, field) != getattr(new, field):
            raise SettingsError(f"{name} has {field} {getattr(old, field)}, not {getattr(new, field)}")
    for field in ("layers", "rows", "columns"):
        if getattr(old, field) > getattr(new, field):
            raise SettingsError(f"{name} has {getattr(old, field)} {field}, more than {getattr(new, field)}")
    embedding = source.tokens.weight
    model.tokens.weight.add_(embedding[-RARE:].mean(0))
    ids = {token: number for number, token in enumerate(known)}
    shared = [(at, ids[token]) for at, token in enumerate(tokens) if token in ids]
    here, there = (torch.tensor(column, device=embedding.device) for column in zip(*shared, strict=True))
    model.tokens.weight[here] = embedding[there]
    for at, token in enumerate(tokens):
        if spell is not None and token not in ids and (pieces := list(spell(token))):
            model.tokens.weight[at] = embedding[pieces].mean(0)
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
