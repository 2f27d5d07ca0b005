"""What writes tokens, as the rooms see it: the native engine and the PyTorch model are both such a writer. No torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from muse.constraint import Constraint
from muse.errors import UsageError, WishError
from muse.nn.sampling import Floats, Sampling


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is read before writing: tokens and where each stands, at least one."""

    tokens: tuple[int, ...]
    row: tuple[int, ...]
    col: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.tokens or not len(self.tokens) == len(self.row) == len(self.col):
            raise UsageError(
                f"a prompt has {len(self.tokens)} tokens, {len(self.row)} rows and {len(self.col)} columns",
                "it needs as many of each, at least one",
            )


@dataclass(frozen=True, slots=True)
class Continuation:
    """What was written after a prompt.

    Attributes:
        tokens: (T,) int64.
        logprob_free: (T,) fp64, nats, each token among all tokens, as the model has it.
        logprob_masked: (T,) fp64, nats, each among those that were allowed there; 0 where it was forced.
    """

    tokens: npt.NDArray[np.int64]
    logprob_free: Floats
    logprob_masked: Floats


def check_requests(prompts: Sequence[Prompt], constraints: Sequence[Constraint], seeds: Sequence[int]) -> None:
    """Raises UsageError unless there is one of each a request."""
    if not len(prompts) == len(constraints) == len(seeds):
        raise UsageError(
            f"{len(prompts)} prompts, {len(constraints)} constraints and {len(seeds)} seeds", "one of each a request"
        )


def stuck(row: int, col: int) -> WishError:
    """What is raised where a constraint allows nothing."""
    return WishError(f"nothing may be written at row {row}, column {col}", "the wishes contradict each other")


class Writer(Protocol):
    """A language model ready to write."""

    def generate(
        self,
        prompts: Sequence[Prompt],
        constraints: Sequence[Constraint],
        sampling: Sampling,
        seeds: Sequence[int],
        *,
        watch: Callable[[int], None] | None = None,
    ) -> list[Continuation]:
        """One continuation a request, each until its constraint is done.

        A request is written from its own prompt, constraint and seed alone: the others in the batch change nothing
        beyond the rounding of sums. Equal prompts are read once. The n-th token of a request takes the n-th number
        of `muse.seed.stream(seed, "tokens")`, and `muse.nn.sampling.draw` says how it is drawn.

        Args:
            prompts, constraints, seeds: one a request.
            watch: called with the number of tokens written so far, before each step; it may raise to stop.

        Raises:
            WishError: a constraint allows nothing at some place.
            MuseError: the logits are not numbers.
            UsageError: the lists differ in length, a mask does not fit the vocabulary, or the context is too short.
        """
        ...

    def score(self, prompts: Sequence[Prompt], texts: Sequence[Prompt]) -> list[Floats]:
        """For each text the log-probability of its tokens after its prompt, (T,) fp64 nats; nothing is kept.

        Raises:
            UsageError: the lists differ in length, or prompt and text exceed the context.
            MuseError: the logits are not numbers.
        """
        ...

    def predictions(self, prompt: Prompt, text: Prompt) -> Floats:
        """(T, V) fp64 nats: at the place of each token of the text the log-probability of every token there.

        Raises:
            UsageError: prompt and text exceed the context.
            MuseError: the logits are not numbers.
        """
        ...
