"""Writing on the device, run here without the graph: the same tokens as step by step on the host."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from verses import V, verse

from muse.errors import MuseError, UsageError, WishError
from muse.nn.device import draw_there, write_there
from muse.nn.generate import TorchWriter
from muse.nn.sampling import Sampling, draw
from muse.nn.shape import TransformerSettings
from muse.nn.transformer import Transformer
from muse.nn.writer import Prompt
from muse.walk import Walk

WAYS = [Sampling(), Sampling(0), Sampling(0.8, top_k=7), Sampling(1.3, top_p=0.8), Sampling(0.9, min_p=0.1),
        Sampling(1.1, top_k=20, top_p=0.9, min_p=0.01)]  # fmt: skip


@pytest.fixture(scope="module")
def model() -> Transformer:
    torch.manual_seed(4)
    made = Transformer(TransformerSettings(vocabulary=V, layers=2, width=32, heads=2, rows=6, columns=6, context=60))
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    return made.eval()


def prompt(*tokens: int) -> Prompt:
    return Prompt(tokens, (0,) * len(tokens), tuple(range(len(tokens))))


@pytest.mark.parametrize("how", WAYS)
def test_a_draw_is_that_of_the_host(how: Sampling) -> None:
    chance = np.random.default_rng(0)
    for size in (2, 40, 3000):
        logits = (chance.standard_normal((50, size)) * 3).astype(np.float32)
        logits[:10] = np.round(logits[:10])  # ties
        allowed = chance.random((50, size)) < 0.7
        allowed[np.arange(50), chance.integers(size, size=50)] = True
        uniform = chance.random(50)
        uniform[:4] = 0, 1 - 2**-53, 0, 1 - 2**-53
        host = draw(logits, allowed, how, uniform)
        given, open_to = torch.from_numpy(logits), torch.from_numpy(allowed)
        tokens, free, masked = draw_there(given, open_to, how, torch.from_numpy(uniform[:, None]))
        assert tokens.tolist() == host.tokens.tolist()
        np.testing.assert_allclose(free, host.free, atol=1e-6)
        np.testing.assert_allclose(masked, host.masked, atol=1e-12)


@pytest.mark.parametrize("how", WAYS)
def test_the_tokens_are_those_of_the_host(model: Transformer, how: Sampling) -> None:
    rules = [verse(10 + n, lines=2 + n % 3, refused=30_001 * (n % 2)) for n in range(3)]
    tables = [rules[index % 3] for index in range(12)]
    prompts = [prompt(*range(1, 2 + index % 4)) for index in range(12)]
    seeds = list(range(100, 112))
    there = write_there(model, prompts, tables, how, seeds, None)
    here = TorchWriter(model).generate(prompts, [Walk(table) for table in tables], how, seeds)
    for one, other in zip(there, here, strict=True):
        assert one.tokens.tolist() == other.tokens.tolist()
        np.testing.assert_allclose(one.logprob_free, other.logprob_free, atol=1e-4)
        np.testing.assert_allclose(one.logprob_masked, other.logprob_masked, atol=1e-4)


def test_many_lanes(model: Transformer) -> None:
    rule, seeds = verse(7), list(range(256))
    there = write_there(model, [prompt(1, 2)] * 256, [rule] * 256, Sampling(), seeds, None)
    here = TorchWriter(model).generate([prompt(1, 2)] * 256, [Walk(rule)] * 256, Sampling(), seeds)
    assert [one.tokens.tolist() for one in there] == [one.tokens.tolist() for one in here]
    assert len({tuple(one.tokens) for one in there}) == 256


def test_no_step_speaks_to_the_host(model: Transformer, monkeypatch: pytest.MonkeyPatch) -> None:
    """No value is read back, and no tensor made from a value, while a step runs."""
    from muse.nn.device import Lanes

    lanes = Lanes(model, [prompt(1)] * 3, [verse(7, refused=500)] * 3, Sampling(0.9, 9, 0.9, 0.01), [1, 2, 3], 19)

    def refuse(*given: object, **named: object) -> None:
        raise AssertionError("the host was asked")

    for name in ("item", "__bool__", "__int__", "__float__", "tolist", "cpu", "numpy", "nonzero"):
        monkeypatch.setattr(torch.Tensor, name, refuse)
    monkeypatch.setattr(torch, "tensor", refuse)
    with torch.inference_mode():
        for _ in range(19):
            lanes.step()
    monkeypatch.undo()
    assert not lanes.going.any() and lanes.written.tolist() == [19] * 3


def test_watch_and_errors_are_those_of_the_host(model: Transformer) -> None:
    seen: list[int] = []

    def stop(written: int) -> None:
        seen.append(written)
        if written >= 6:
            raise KeyboardInterrupt

    rule = verse(7)
    with pytest.raises(KeyboardInterrupt):
        write_there(model, [prompt(1)] * 2, [rule] * 2, Sampling(), [1, 2], stop)
    assert seen == [0, 2, 4, 6]
    walled = replace(rule, plain=rule.plain.copy())
    walled.plain[7] = -1
    for write in (
        lambda: write_there(model, [prompt(1)] * 2, [rule, walled], Sampling(), [1, 2], None),
        lambda: TorchWriter(model).generate([prompt(1)] * 2, [Walk(rule), Walk(walled)], Sampling(), [1, 2]),
    ):
        with pytest.raises(WishError, match="row 2, column 2"):
            write()
    long = [prompt(*[1] * 50)]
    for write in (
        lambda: write_there(model, long, [rule], Sampling(), [1], None),
        lambda: TorchWriter(model).generate(long, [Walk(rule)], Sampling(), [1]),
    ):
        with pytest.raises(UsageError, match="holds 60 tokens"):
            write()
    broken = Transformer(model.settings)
    with torch.no_grad():
        broken.tokens.weight[3] = torch.nan
        with pytest.raises(MuseError, match="not numbers"):
            write_there(broken, [prompt(1)], [rule], Sampling(), [1], None)


def test_a_writer_on_a_gpu_writes_there(model: Transformer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The choice itself, for want of a GPU: only with tables, and only for those that still have something to write."""
    from muse.nn import generate

    asked: list[int] = []
    monkeypatch.setattr(
        generate,
        "write_there",
        lambda model, prompts, *rest: asked.append(len(prompts)) or write_there(model, prompts, *rest),
    )
    writer = TorchWriter(model)
    writer._device = torch.device("cuda")
    rule = Walk(verse(7))
    ended = Walk(replace(rule.tables(), begin=len(rule.tables().final) - 1))
    found = writer.generate([prompt(1)] * 3, [rule, ended, rule], Sampling(), [1, 2, 3])
    assert asked == [2] and [len(one.tokens) for one in found] == [19, 0, 19]

    class Bare:
        def __init__(self) -> None:
            self.start, self.mask, self.advance = rule.start, rule.mask, rule.advance
            self.place, self.done = rule.place, rule.done

    again = writer.generate([prompt(1)] * 2, [rule, Bare()], Sampling(), [1, 3])
    assert asked == [2] and again[0].tokens.tolist() == found[0].tokens.tolist()
