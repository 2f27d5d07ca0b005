"""Writing: a model, one constraint and one stream of numbers for each request, all in one batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import torch

from muse.constraint import Constraint, State
from muse.errors import MuseError, UsageError, WishError
from muse.nn.cache import Cache
from muse.nn.decoder import Decoder
from muse.nn.sampling import Floats, Sampling, draw
from muse.nn.transformer import Transformer
from muse.nn.writer import Continuation, Prompt
from muse.seed import stream

ROOM = 128
"""Tokens by which the cache grows."""
SCORED = 1 << 13
"""Tokens scored at a time."""


class _Request:
    """One request under way: its automaton, its numbers, and what it has written."""

    def __init__(self, constraint: Constraint, seed: int) -> None:
        self.constraint = constraint
        self.state: State = constraint.start()
        self.numbers = stream(seed, "tokens")
        self.uniform = self.numbers.random(ROOM)
        self.tokens: list[int] = []
        self.free: list[float] = []
        self.masked: list[float] = []

    @property
    def done(self) -> bool:
        return self.constraint.done(self.state)

    def next_uniform(self) -> float:
        """The number of this step; the n-th token always takes the n-th number, forced or not."""
        count = len(self.tokens)
        if count == len(self.uniform):
            self.uniform = np.concatenate([self.uniform, self.numbers.random(ROOM)])
        return float(self.uniform[count])

    def write(self, token: int, free: float, masked: float) -> tuple[int, int]:
        """Take the token in; returns where it stands."""
        placed = getattr(self.constraint, "placed", None)  # where the place hangs on the token itself
        place: tuple[int, int] = self.constraint.place(self.state) if placed is None else placed(self.state, token)
        self.state = self.constraint.advance(self.state, token)
        self.tokens.append(token)
        self.free.append(free)
        self.masked.append(masked)
        return place

    def result(self) -> Continuation:
        return Continuation(np.array(self.tokens, dtype=np.int64), np.array(self.free), np.array(self.masked))


class TorchWriter:
    """A transformer as a `muse.nn.writer.Writer`: it writes and scores where its weights are.

    >>> from muse.nn.shape import TransformerSettings
    >>> writer = TorchWriter(Transformer(TransformerSettings(vocabulary=10, layers=1, width=16, heads=2)))
    >>> writer.score([Prompt((1,), (0,), (0,))], [Prompt((2, 3), (0, 0), (1, 2))])[0].shape
    (2,)
    """

    def __init__(self, model: Transformer) -> None:
        """
        Args:
            model: read in evaluation mode, and left in the mode that it was in.
        """
        self.model = model

    @torch.inference_mode()
    def generate(
        self,
        prompts: Sequence[Prompt],
        constraints: Sequence[Constraint],
        sampling: Sampling,
        seeds: Sequence[int],
        *,
        watch: Callable[[int], None] | None = None,
    ) -> list[Continuation]:
        """One continuation a request, each until its constraint is done; see `muse.nn.writer.Writer`."""
        if not len(prompts) == len(constraints) == len(seeds):
            raise UsageError(
                f"{len(prompts)} prompts, {len(constraints)} constraints and {len(seeds)} seeds",
                "one of each a request",
            )
        requests = [_Request(constraint, seed) for constraint, seed in zip(constraints, seeds, strict=True)]
        alive = [index for index, request in enumerate(requests) if not request.done]
        if alive:
            with _reading(self.model):
                open_prompts, open_requests = [prompts[index] for index in alive], [requests[index] for index in alive]
                _write(self.model, open_prompts, open_requests, sampling, watch)
        return [request.result() for request in requests]

    @torch.inference_mode()
    def score(self, prompts: Sequence[Prompt], texts: Sequence[Prompt]) -> list[Floats]:
        """For each text the log-probability of its tokens after its prompt; see `muse.nn.writer.Writer`."""
        if len(prompts) != len(texts):
            raise UsageError(f"{len(prompts)} prompts and {len(texts)} texts", "one of each a request")
        found: list[Floats] = [np.empty(0)] * len(texts)
        by_length: dict[int, list[int]] = {}
        for index, (prompt, text) in enumerate(zip(prompts, texts, strict=True)):
            by_length.setdefault(len(prompt.tokens) + len(text.tokens), []).append(index)
        with _reading(self.model):
            for length, group in by_length.items():
                share = max(1, SCORED // length)
                for begin in range(0, len(group), share):
                    part = group[begin : begin + share]
                    scores = _score(self.model, [(prompts[index], texts[index]) for index in part])
                    for index, one in zip(part, scores, strict=True):
                        found[index] = one
        return found


@contextmanager
def _reading(model: Transformer) -> Iterator[None]:
    """The model in evaluation mode on one thread; both are as before after."""
    was_training, threads = model.training, torch.get_num_threads()
    model.eval()
    torch.set_num_threads(1)  # the products are small: beside other work a second thread waits more than it helps
    try:
        yield
    finally:
        model.train(was_training)
        torch.set_num_threads(threads)


def _score(model: Transformer, pairs: list[tuple[Prompt, Prompt]]) -> Iterator[Floats]:
    """The scores of each text, all pairs being of one length together."""
    whole = np.array([[a + b for a, b in zip(_fields(p), _fields(t), strict=True)] for p, t in pairs])
    tokens, row, col = torch.from_numpy(whole.transpose(1, 0, 2).copy()).to(model.row_bias.device)
    hidden = model.hidden(tokens, row, col)
    for line, (_, text) in enumerate(pairs):
        count = len(text.tokens)
        scores = torch.log_softmax(model.logits(hidden[line, -count - 1 : -1]), -1, dtype=torch.float64)
        chosen: Floats = scores.gather(1, tokens[line, -count:, None])[:, 0].cpu().numpy()
        if not np.isfinite(chosen).all():
            raise MuseError("the model's logits are not numbers", "its weights may be damaged", "verify the bundle")
        yield chosen


def _fields(prompt: Prompt) -> tuple[tuple[int, ...], ...]:
    return prompt.tokens, prompt.row, prompt.col


def _write(
    model: Transformer,
    prompts: list[Prompt],
    alive: list[_Request],
    sampling: Sampling,
    watch: Callable[[int], None] | None,
) -> None:
    vocabulary, device = model.settings.vocabulary, model.row_bias.device
    cache, logits = _read(model, prompts)
    decoder = Decoder(model)
    lanes = list(range(len(alive)))  # which row of the batch each request still alive has
    written = 0
    while True:
        if watch is not None:
            watch(written)
        allowed = np.empty((len(alive), vocabulary), dtype=np.bool_)
        for line, request in enumerate(alive):
            mask = request.constraint.mask(request.state)
            if mask.shape != (vocabulary,):
                raise UsageError(f"a mask is {mask.shape}", f"the vocabulary has {vocabulary} tokens")
            allowed[line] = mask
        if not allowed.any(1).all():
            lost = alive[int(allowed.any(1).argmin())]
            row, col = lost.constraint.place(lost.state)
            raise WishError(f"nothing may be written at row {row}, column {col}", "the wishes contradict each other")
        uniform = np.array([request.next_uniform() for request in alive])
        drawn = draw(logits if len(lanes) == len(logits) else logits[lanes], allowed, sampling, uniform)
        step = np.zeros((3, cache.batch), dtype=np.int64)
        for line, request in enumerate(alive):
            token = int(drawn.tokens[line])
            place = request.write(token, float(drawn.free[line]), float(drawn.masked[line]))
            step[:, lanes[line]] = token, *place
        written += len(alive)
        going = [line for line, request in enumerate(alive) if not request.done]
        if not going:
            return
        lanes, alive = [lanes[line] for line in going], [alive[line] for line in going]
        if len(lanes) <= 0.8 * cache.batch or cache.length == cache.capacity:
            room = cache.capacity if cache.length < cache.capacity else cache.capacity + max(ROOM, cache.capacity // 2)
            cache = cache.take(torch.tensor(lanes, device=device), min(room, model.settings.context))
            step, lanes = step[:, lanes], list(range(len(lanes)))
        tokens, rows, cols = torch.from_numpy(step).to(device)
        logits = decoder.step(tokens, rows, cols, cache).cpu().numpy()


def _read(model: Transformer, prompts: list[Prompt]) -> tuple[Cache, npt.NDArray[np.float32]]:
    """The cache and the last logits (B, V), each different prompt read once."""
    unlike = list(dict.fromkeys(prompts))
    number = {prompt: index for index, prompt in enumerate(unlike)}
    length = max(len(prompt.tokens) for prompt in unlike)
    if length >= model.settings.context:
        raise UsageError(f"a prompt of {length} tokens is too long", f"the context is {model.settings.context} tokens")
    start = np.array([length - len(prompt.tokens) for prompt in unlike])
    padded = np.zeros((3, len(unlike), length), dtype=np.int64)
    for line, prompt in enumerate(unlike):
        padded[:, line, start[line] :] = prompt.tokens, prompt.row, prompt.col
    device = model.row_bias.device
    tokens, row, col = torch.from_numpy(padded).to(device)
    begin = torch.from_numpy(start).to(device) if start.any() else None
    cache = model.new_cache(len(unlike), length, start=begin)
    logits = model(tokens, row, col, cache=cache, last=True)[:, 0].cpu().numpy()
    index = [number[prompt] for prompt in prompts]
    room = min(length + ROOM, model.settings.context)
    return cache.take(torch.tensor(index, device=device), room), logits[index]


def generate(
    model: Transformer,
    prompts: Sequence[Prompt],
    constraints: Sequence[Constraint],
    sampling: Sampling,
    seeds: Sequence[int],
    *,
    watch: Callable[[int], None] | None = None,
) -> list[Continuation]:
    """What a writer of the model writes."""
    return TorchWriter(model).generate(prompts, constraints, sampling, seeds, watch=watch)
