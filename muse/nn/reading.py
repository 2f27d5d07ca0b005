"""Reading whole sequences: the prompts of requests into a cache, and the score of texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from muse.errors import MuseError, UsageError
from muse.nn.cache import Cache
from muse.nn.sampling import Floats
from muse.nn.transformer import Transformer
from muse.nn.writer import Prompt


@contextmanager
def evaluating(model: Transformer) -> Iterator[None]:
    """The model in evaluation mode; after, it is in the mode that it was in."""
    was_training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(was_training)


def read(model: Transformer, prompts: Sequence[Prompt], room: int) -> tuple[Cache, Tensor]:
    """The cache of all requests and their last logits, (B, V) fp32; each different prompt is read once.

    Args:
        room: tokens that the cache can take after the longest prompt, as far as the model's context reaches.

    Raises:
        UsageError: a prompt fills the context.
    """
    unlike = list(dict.fromkeys(prompts))
    number = {prompt: index for index, prompt in enumerate(unlike)}
    length, context = max(len(prompt.tokens) for prompt in unlike), model.settings.context
    if length >= context:
        raise UsageError(f"a prompt of {length} tokens is too long", f"the context is {context} tokens")
    start = np.array([length - len(prompt.tokens) for prompt in unlike])
    padded = np.zeros((3, len(unlike), length), dtype=np.int64)
    for line, prompt in enumerate(unlike):
        padded[:, line, start[line] :] = prompt.tokens, prompt.row, prompt.col
    device = model.row_bias.device
    tokens, row, col = torch.from_numpy(padded).to(device)
    begin = torch.from_numpy(start).to(device) if start.any() else None
    cache = model.new_cache(len(unlike), length, start=begin)
    logits = model(tokens, row, col, cache=cache, last=True)[:, 0]
    index = torch.tensor([number[prompt] for prompt in prompts], device=device)
    return cache.take(index, min(length + room, context)), logits[index]


def score(model: Transformer, pairs: Sequence[tuple[Prompt, Prompt]]) -> Iterator[Floats]:
    """For each pair the log-probability of the second's tokens after the first, (T,) fp64 nats.

    Args:
        pairs: prompts with texts, all of one length together.

    Raises:
        UsageError: they exceed the context.
        MuseError: the logits are not numbers.
    """
    whole = np.array([[a + b for a, b in zip(_fields(p), _fields(t), strict=True)] for p, t in pairs])
    tokens, row, col = torch.from_numpy(np.ascontiguousarray(whole.swapaxes(0, 1))).to(model.row_bias.device)
    hidden = model.hidden(tokens, row, col)
    for line, (_, text) in enumerate(pairs):
        count = len(text.tokens)
        scores = torch.log_softmax(model.logits(hidden[line, -count - 1 : -1]), -1, dtype=torch.float64)
        chosen: Floats = scores.gather(1, tokens[line, -count:, None])[:, 0].cpu().numpy()
        if not np.isfinite(chosen).all():
            raise MuseError("the model's logits are not numbers", "its weights may be damaged", "verify the bundle")
        yield chosen


def predictions(model: Transformer, prompt: Prompt, text: Prompt) -> Floats:
    """(T, V) fp64 nats of every token at the place of each token of the text.

    Raises:
        UsageError: prompt and text exceed the context.
        MuseError: the logits are not numbers.
    """
    whole = np.array([[a + b for a, b in zip(_fields(prompt), _fields(text), strict=True)]])
    tokens, row, col = torch.from_numpy(np.ascontiguousarray(whole.swapaxes(0, 1))).to(model.row_bias.device)
    hidden = model.hidden(tokens, row, col)[0, -len(text.tokens) - 1 : -1]
    found: Floats = torch.log_softmax(model.logits(hidden), -1, dtype=torch.float64).cpu().numpy()
    if not np.isfinite(found).all():
        raise MuseError("the model's logits are not numbers", "its weights may be damaged", "verify the bundle")
    return found


def _fields(prompt: Prompt) -> tuple[tuple[int, ...], ...]:
    return prompt.tokens, prompt.row, prompt.col
