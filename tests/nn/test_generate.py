"""Generation: each request by its own prompt, constraint and seed, whoever else is in the batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch

from muse.errors import MuseError, UsageError, WishError
from muse.nn.generate import TorchWriter
from muse.nn.sampling import Sampling
from muse.nn.shape import TransformerSettings
from muse.nn.transformer import Transformer
from muse.nn.writer import Continuation, Prompt

V = 40


@dataclass(frozen=True)
class Lines:
    """`count` tokens in lines of `width`; each line opens with token 7 and only even tokens follow."""

    count: int
    width: int = 5

    def start(self) -> int:
        return 0

    def mask(self, state: int) -> np.ndarray:
        allowed = np.zeros(V, dtype=bool)
        if state % self.width == 0:
            allowed[7] = True
        else:
            allowed[::2] = True
        return allowed

    def advance(self, state: int, token: int) -> int:
        return state + 1

    def place(self, state: int) -> tuple[int, int]:
        return state // self.width, state % self.width

    def done(self, state: int) -> bool:
        return state >= self.count


class Blocked(Lines):
    def mask(self, state: int) -> np.ndarray:
        return super().mask(state) & (state != 7)


@pytest.fixture(scope="module")
def model() -> Transformer:
    torch.manual_seed(3)
    made = Transformer(TransformerSettings(vocabulary=V, layers=2, width=32, heads=2, rows=4, columns=6, context=400))
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    return made.eval()


def prompt(*tokens: int) -> Prompt:
    return Prompt(tokens, (0,) * len(tokens), tuple(range(len(tokens))))


def same(one: Continuation, other: Continuation) -> None:
    assert one.tokens.tolist() == other.tokens.tolist()
    np.testing.assert_allclose(one.logprob_free, other.logprob_free, atol=1e-4)


def test_masks_lengths_and_forced_tokens(model: Transformer) -> None:
    counts = [23, 4, 0, 40]
    written = TorchWriter(model).generate([prompt(1)] * 4, [Lines(n) for n in counts], Sampling(), [1, 2, 3, 4])
    for one, count in zip(written, counts, strict=True):
        assert len(one.tokens) == len(one.logprob_free) == len(one.logprob_masked) == count
        opening = np.arange(count) % 5 == 0
        assert (one.tokens[opening] == 7).all() and (one.tokens[~opening] % 2 == 0).all()
        assert np.abs(one.logprob_masked[opening]).max(initial=0) < 1e-12
        assert (one.logprob_free <= one.logprob_masked + 1e-9).all()


def test_alone_or_in_a_batch(model: Transformer) -> None:
    prompts = [prompt(1), prompt(1), prompt(2, 3, 4, 5), prompt(6, 1), prompt(1), prompt(9, 9, 9)]
    rules = [Lines(n) for n in (30, 12, 25, 3, 30, 18)]
    seeds = [5, 6, 7, 8, 5, 9]
    how = Sampling(0.9, top_p=0.95)
    together = TorchWriter(model).generate(prompts, rules, how, seeds)
    for index in range(6):
        same(together[index], TorchWriter(model).generate([prompts[index]], [rules[index]], how, [seeds[index]])[0])
    same(together[0], together[4])
    assert together[0].tokens[:12].tolist() != together[1].tokens.tolist()
    for one, other in zip(together, TorchWriter(model).generate(prompts, rules, how, seeds), strict=True):
        assert one.tokens.tolist() == other.tokens.tolist() and (one.logprob_free == other.logprob_free).all()


def test_log_probabilities_are_those_of_the_full_forward(model: Transformer) -> None:
    rule = Lines(20)
    one = TorchWriter(model).generate([prompt(1, 2, 3)], [rule], Sampling(temperature=0.7), [11])[0]
    tokens = torch.tensor([[1, 2, 3, *one.tokens.tolist()]])
    places = [(0, 0), (0, 1), (0, 2), *(rule.place(state) for state in range(20))]
    row, col = torch.tensor(places).t()[:, None]
    with torch.no_grad():
        logits = model(tokens, row, col)[0, 2:-1].double()
    expected = torch.log_softmax(logits, -1).numpy()[np.arange(20), one.tokens]
    np.testing.assert_allclose(one.logprob_free, expected, atol=1e-4)
    allowed = torch.from_numpy(np.stack([rule.mask(state) for state in range(20)]))
    masked = torch.log_softmax(logits.masked_fill(~allowed, -torch.inf), -1).numpy()[np.arange(20), one.tokens]
    np.testing.assert_allclose(one.logprob_masked, masked, atol=1e-4)


def test_the_cache_grows_and_greedy_needs_no_seed(model: Transformer) -> None:
    first, second = TorchWriter(model).generate([prompt(1)] * 2, [Lines(300)] * 2, Sampling(temperature=0), [1, 2])
    assert len(first.tokens) == 300
    same(first, second)


def test_what_cannot_be_written(model: Transformer) -> None:
    with pytest.raises(WishError, match="row 1, column 2"):
        TorchWriter(model).generate([prompt(1)] * 2, [Lines(20), Blocked(20)], Sampling(), [1, 2])
    with pytest.raises(UsageError, match="2 prompts"):
        TorchWriter(model).generate([prompt(1)] * 2, [Lines(20)], Sampling(), [1])
    with pytest.raises(UsageError):
        TorchWriter(model).generate([prompt(1)], [Lines(500)], Sampling(), [1])
    with pytest.raises(UsageError, match="0 tokens"):
        prompt()
    assert TorchWriter(model).generate([], [], Sampling(), []) == []


def test_damaged_weights_are_noticed(model: Transformer) -> None:
    broken = Transformer(model.settings)
    with torch.no_grad():
        broken.tokens.weight[3] = torch.nan
    with pytest.raises(MuseError, match="not numbers"):
        TorchWriter(broken).generate([prompt(1)], [Lines(5)], Sampling(), [1])


def test_watch_sees_each_step_and_may_stop(model: Transformer) -> None:
    seen: list[int] = []

    def stop(written: int) -> None:
        seen.append(written)
        if written >= 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        TorchWriter(model).generate([prompt(1)] * 2, [Lines(20)] * 2, Sampling(), [1, 2], watch=stop)
    assert seen == [0, 2, 4, 6] and not model.training


def test_scores_are_those_of_writing_whatever_the_lengths(model: Transformer) -> None:
    prompts = [prompt(1), prompt(2, 3, 4, 5), prompt(6, 1), prompt(1)]
    rules = [Lines(n) for n in (30, 27, 25, 30)]
    writer = TorchWriter(model)
    written = writer.generate(prompts, rules, Sampling(), [5, 6, 7, 8])
    texts = [
        Prompt(tuple(one.tokens.tolist()), *zip(*(rule.place(state) for state in range(rule.count)), strict=True))
        for one, rule in zip(written, rules, strict=True)
    ]
    scores = writer.score(prompts, texts)
    for one, score in zip(written, scores, strict=True):
        assert score.dtype == np.float64
        np.testing.assert_allclose(one.logprob_free, score, atol=1e-4)
    alone = writer.score(prompts[1:2], texts[1:2])[0]
    np.testing.assert_allclose(alone, scores[1], atol=1e-5)
    assert writer.score([], []) == []


def test_scoring_leaves_nothing_behind_and_refuses_what_does_not_fit(model: Transformer) -> None:
    writer = TorchWriter(model.train())
    threads = torch.get_num_threads()
    writer.score([prompt(1)], [prompt(2, 3)])
    assert model.training and torch.get_num_threads() == threads
    model.eval()
    assert all(parameter.grad is None for parameter in model.parameters())
    with pytest.raises(UsageError, match="1 prompts and 2 texts"):
        writer.score([prompt(1)], [prompt(2)] * 2)
    with pytest.raises(UsageError, match="do not fit"):
        writer.score([prompt(1)], [prompt(*[2] * 400)])
    broken = Transformer(model.settings)
    with torch.no_grad():
        broken.tokens.weight[3] = torch.nan
    with pytest.raises(MuseError, match="not numbers"):
        TorchWriter(broken).score([prompt(1)], [prompt(2, 4)])
