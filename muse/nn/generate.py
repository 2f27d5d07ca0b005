"""Writing: a model, one constraint and one stream of numbers for each request, all in one batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch

from muse.constraint import Constraint, State, Tables
from muse.errors import UsageError
from muse.nn.decoder import Decoder
from muse.nn.device import write_there
from muse.nn.reading import evaluating, predictions, read, score
from muse.nn.sampling import Floats, Sampling, draw
from muse.nn.transformer import Transformer
from muse.nn.writer import Continuation, Prompt, check_requests, stuck
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
        self._device = model.row_bias.device

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
        check_requests(prompts, constraints, seeds)
        requests = [_Request(constraint, seed) for constraint, seed in zip(constraints, seeds, strict=True)]
        found = [request.result() for request in requests]
        alive = [index for index, request in enumerate(requests) if not request.done]
        if alive:
            heard = [prompts[index] for index in alive]
            given = _tables([constraints[index] for index in alive]) if self._device.type == "cuda" else None
            with evaluating(self.model), _one_thread():
                if given is not None:
                    written = write_there(self.model, heard, given, sampling, [seeds[index] for index in alive], watch)
                else:
                    written = _write(self.model, heard, [requests[index] for index in alive], sampling, watch)
            for index, one in zip(alive, written, strict=True):
                found[index] = one
        return found

    @torch.inference_mode()
    def score(self, prompts: Sequence[Prompt], texts: Sequence[Prompt]) -> list[Floats]:
        """For each text the log-probability of its tokens after its prompt; see `muse.nn.writer.Writer`."""
        if len(prompts) != len(texts):
            raise UsageError(f"{len(prompts)} prompts and {len(texts)} texts", "one of each a request")
        found: list[Floats] = [np.empty(0)] * len(texts)
        by_length: dict[int, list[int]] = {}
        for index, (prompt, text) in enumerate(zip(prompts, texts, strict=True)):
            by_length.setdefault(len(prompt.tokens) + len(text.tokens), []).append(index)
        with evaluating(self.model):
            for length, group in by_length.items():
                share = max(1, SCORED // length)
                for begin in range(0, len(group), share):
                    part = group[begin : begin + share]
                    scores = score(self.model, [(prompts[index], texts[index]) for index in part])
                    for index, one in zip(part, scores, strict=True):
                        found[index] = one
        return found

    @torch.inference_mode()
    def predictions(self, prompt: Prompt, text: Prompt) -> Floats:
        """(T, V) the log-probabilities where each token of the text stands; see `muse.nn.writer.Writer`."""
        with evaluating(self.model):
            return predictions(self.model, prompt, text)


@contextmanager
def _one_thread() -> Iterator[None]:
    """The products of a step are small: beside other work a second thread waits more than it helps."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _tables(constraints: Sequence[Constraint]) -> list[Tables] | None:
    """The tables of all constraints; None where one has none."""
    found = [getattr(constraint, "tables", None) for constraint in constraints]
    return [tables() for tables in found if tables is not None] if None not in found else None


def _write(
    model: Transformer,
    prompts: list[Prompt],
    requests: list[_Request],
    sampling: Sampling,
    watch: Callable[[int], None] | None,
) -> list[Continuation]:
    vocabulary, device = model.settings.vocabulary, model.row_bias.device
    cache, first = read(model, prompts, ROOM)
    logits = first.cpu().numpy()
    decoder = Decoder(model)
    alive = requests
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
            raise stuck(row, col)
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
            return [request.result() for request in requests]
        lanes, alive = [lanes[line] for line in going], [alive[line] for line in going]
        if len(lanes) <= 0.8 * cache.batch or cache.length == cache.capacity:
            room = cache.capacity if cache.length < cache.capacity else cache.capacity + max(ROOM, cache.capacity // 2)
            cache = cache.take(torch.tensor(lanes, device=device), min(room, model.settings.context))
            step, lanes = step[:, lanes], list(range(len(lanes)))
        tokens, rows, cols = torch.from_numpy(step).to(device)
        logits = decoder.step(tokens, rows, cols, cache).cpu().numpy()
