"""Writing where the weights are: a step masks, draws, follows the automata and reads on, with no word to the host."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from muse.constraint import Tables
from muse.errors import MuseError, UsageError
from muse.nn.automata import Automata, longest
from muse.nn.cache import FixedCache
from muse.nn.decoder import Decoder
from muse.nn.reading import read
from muse.nn.sampling import Sampling
from muse.nn.transformer import Transformer
from muse.nn.writer import Continuation, Prompt, stuck
from muse.seed import stream

LOOK = 32
"""Steps after which the host looks whether anyone still writes."""
WARM = 2
"""Steps run before one is recorded, so that libraries have their workspaces."""


@torch.inference_mode()
def write_there(
    model: Transformer,
    prompts: Sequence[Prompt],
    tables: Sequence[Tables],
    sampling: Sampling,
    seeds: Sequence[int],
    watch: Callable[[int], None] | None,
) -> list[Continuation]:
    """One continuation a request, as `muse.nn.writer.Writer` says; on a GPU the step is one CUDA graph.

    Args:
        tables: one a request, none of them done at its beginning.
        watch: costs a round trip to the host each step.
    """
    settings = model.settings
    most = settings.context + 1 - max(len(prompt.tokens) for prompt in prompts)  # the last one is never read
    lengths = [longest(table, most) for table in {id(table): table for table in tables}.values()]
    lanes = Lanes(model, prompts, tables, sampling, seeds, max(0, *lengths))
    step = Recorded(lanes.step, model.row_bias.device)
    for count in range(lanes.limit):
        if count % (LOOK if watch is None else 1) == 0:
            if not lanes.going.any():
                break
            if watch is not None:
                watch(int(lanes.written.sum()))
        step()
    lanes.check()
    return lanes.results()


class Lanes:
    """The requests of one batch under way, each in its lane, all on the device; a lane that is done stands still.

    Attributes:
        limit: tokens that a lane may write at most.
        logits: (B, V) fp32, of the coming tokens.
        uniform: (B, limit) fp64, the numbers of each request, drawn ahead.
        at: (1,) int64, how many tokens have been drawn.
        going: (B,) bool, the lanes that still write.
        written: (B,) int64, tokens written.
        damaged, stuck: (B,) bool, where the logits were no numbers, and where nothing was allowed.
        tokens, free, masked: (B, limit), what was written, with its log-probabilities.
    """

    def __init__(
        self,
        model: Transformer,
        prompts: Sequence[Prompt],
        tables: Sequence[Tables],
        sampling: Sampling,
        seeds: Sequence[int],
        limit: int,
    ) -> None:
        device, batch = model.row_bias.device, len(prompts)
        self.limit, self.sampling, self.context = limit, sampling, model.settings.context
        cache, self.logits = read(model, prompts, limit)
        self.cache, self.decoder = FixedCache(cache), Decoder(model)
        self.automata = Automata(tables, model.settings.vocabulary, device)
        numbers = np.stack([stream(seed, "tokens").random(limit) for seed in seeds])
        self.uniform = torch.from_numpy(numbers).to(device)
        self.at = torch.zeros(1, dtype=torch.int64, device=device)
        self.going = torch.ones(batch, dtype=torch.bool, device=device)
        self.damaged, self.stuck = torch.zeros_like(self.going), torch.zeros_like(self.going)
        self.written = torch.zeros(batch, dtype=torch.int64, device=device)
        self.tokens = torch.zeros(batch, limit, dtype=torch.int64, device=device)
        self.free, self.masked = torch.zeros_like(self.uniform), torch.zeros_like(self.uniform)

    def step(self) -> None:
        """One token in each lane that is going."""
        allowed = self.automata.allowed()
        uniform = self.uniform.index_select(1, self.at)
        drawn, free, masked = draw_there(self.logits, allowed, self.sampling, uniform)
        self.damaged |= self.going & ~torch.isfinite(free)
        self.stuck |= self.going & ~allowed.any(1)
        self.going &= ~(self.damaged | self.stuck)
        tokens = torch.where(self.going, drawn, 0)
        row, col = (torch.where(self.going, place, 0) for place in self.automata.place())
        for kept, found in ((self.tokens, tokens), (self.free, free), (self.masked, masked)):
            kept.index_copy_(1, self.at, found[:, None])
        self.written += self.going
        self.automata.advance(tokens, self.going)
        self.going &= ~self.automata.done()
        self.at += 1
        self.logits.copy_(self.decoder.step(tokens, row, col, self.cache))

    def check(self) -> None:
        """Raises what `muse.nn.writer.Writer` promises, where a lane came to no good end."""
        if self.damaged.any():
            raise MuseError("the model's logits are not numbers", "its weights may be damaged", "verify the bundle")
        if self.stuck.any():
            lost = int(self.stuck.long().argmax())
            row, col = (int(place[lost]) for place in self.automata.place())
            raise stuck(row, col)
        if self.going.any():
            raise UsageError(f"the cache holds {self.context} tokens", f"{self.context + 1} were asked of it")

    def results(self) -> list[Continuation]:
        tokens, free, masked = (kept.cpu().numpy() for kept in (self.tokens, self.free, self.masked))
        return [
            Continuation(tokens[lane, :count].copy(), free[lane, :count].copy(), masked[lane, :count].copy())
            for lane, count in enumerate(self.written.tolist())
        ]


class Recorded:
    """A step that is run a few times, then recorded as a CUDA graph and replayed; elsewhere it is simply run."""

    def __init__(self, step: Callable[[], None], device: torch.device) -> None:
        self.step, self.device = step, device
        self.warm = 0
        self.graph: torch.cuda.CUDAGraph | None = None

    def __call__(self) -> None:
        if self.device.type != "cuda":
            self.step()
        elif self.warm < WARM:
            here, side = torch.cuda.current_stream(self.device), torch.cuda.Stream(self.device)  # type: ignore[no-untyped-call]
            side.wait_stream(here)
            with torch.cuda.stream(side):
                self.step()
            here.wait_stream(side)
            self.warm += 1
        else:
            if self.graph is None:
                self.graph = torch.cuda.CUDAGraph()
                with torch.cuda.graph(self.graph):  # records, and runs nothing
                    self.step()
            self.graph.replay()


def draw_there(logits: Tensor, allowed: Tensor, how: Sampling, uniform: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """`muse.nn.sampling.draw` in torch: tokens (B,) int64, and their log-probabilities, free and masked, (B,) fp64.

    The free one is not a number where the logits are not; the token means nothing where none is allowed.

    Args:
        logits: (B, V) fp32.
        allowed: (B, V) bool.
        uniform: (B, 1) fp64 in [0, 1).
    """
    top = logits.amax(1, keepdim=True)
    total = (logits - top).exp().sum(1, keepdim=True, dtype=torch.float64).log() + top
    kept = logits.masked_fill(~allowed, -torch.inf)
    highest = kept.amax(1, keepdim=True)
    scores = (kept - highest).double()
    weights = scores.exp()
    of_allowed = weights.sum(1, keepdim=True).log() + highest
    tokens = kept.argmax(1, keepdim=True)
    if how.temperature:
        weights = _truncated((scores / how.temperature).exp(), how)
        reached = weights.cumsum(1)
        whole = reached[:, -1:]
        goal = torch.minimum(uniform * whole, torch.nextafter(whole, torch.zeros_like(whole)))
        # a sum in parallel may pass the goal at a token of no weight, a rounding beside the one before
        passed = (reached > goal) & (weights > 0)
        tokens = torch.where(passed.any(1, keepdim=True), passed.byte().argmax(1, keepdim=True), tokens)
    chosen = logits.gather(1, tokens).double()
    return tokens[:, 0], (chosen - total)[:, 0], (chosen - of_allowed)[:, 0]


def _truncated(weights: Tensor, how: Sampling) -> Tensor:
    if 0 < how.top_k < weights.shape[1]:
        weights = weights * (weights >= weights.topk(how.top_k).values[:, -1:])
    least = torch.full_like(weights[:, :1], how.min_p)
    if how.top_p < 1:
        falling = weights.sort(1, descending=True).values
        needed = (falling.cumsum(1) < how.top_p * weights.sum(1, keepdim=True) * (1 - 1e-12)).sum(1, keepdim=True)
        least = torch.maximum(least, falling.gather(1, needed.clamp_(max=weights.shape[1] - 1)))
    return weights * (weights >= least)
