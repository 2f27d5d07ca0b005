"""The native engine against PyTorch: the same logits, the same tokens, whatever the instruction set."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from models import SIZES, random_model, random_tables, reference, text, weights_of

from muse.engine import Engine, instruction_sets
from muse.engine import library as native
from muse.engine.engine import Storage
from muse.nn.generate import TorchWriter
from muse.nn.sampling import Sampling
from muse.nn.transformer import Transformer
from muse.nn.writer import Continuation, Prompt
from muse.seed import derive, stream
from muse.walk import Walk

Pair = tuple[Transformer, Callable[..., Engine]]
TOLERANCE = {"fp32": 5e-6, "fp16": 5e-3, "bf16": 3e-2, "int8": 0.15}
"""Root mean square of the error, in standard deviations of the logits."""
HOWS = [Sampling(), Sampling(0.0), Sampling(0.7, top_k=9), Sampling(1.3, top_p=0.8), Sampling(1.0, min_p=0.1),
        Sampling(0.9, top_k=20, top_p=0.9, min_p=0.05)]  # fmt: skip


def sets() -> list[str]:
    try:
        return instruction_sets()
    except OSError:
        return []


class Masked:
    """The same constraint with its tables hidden, so that masks are asked for."""

    def __init__(self, walk: Walk) -> None:
        self.start, self.mask, self.advance, self.place, self.done = (
            walk.start, walk.mask, walk.advance, walk.place, walk.done)  # fmt: skip


def exactly(one: Continuation, other: Continuation) -> None:
    assert one.tokens.tolist() == other.tokens.tolist()
    assert one.logprob_free.tolist() == other.logprob_free.tolist()
    assert one.logprob_masked.tolist() == other.logprob_masked.tolist()


@pytest.mark.parametrize("instruction_set", sets())
@pytest.mark.parametrize("storage", list(TOLERANCE))
def test_logits(pair: Pair, instruction_set: str, storage: Storage) -> None:
    model, make = pair
    for length in (1, 16, 17, 63):
        read = text(model, length)
        wanted = reference(model, read)[-1]
        found = make(storage=storage, instruction_set=instruction_set, threads=2).logits(read)
        assert np.sqrt(np.mean((found - wanted) ** 2)) < TOLERANCE[storage] * wanted.std()


@pytest.mark.parametrize("storage", list(TOLERANCE))
def test_instruction_sets_agree(pair: Pair, storage: Storage) -> None:
    model, make = pair
    read = text(model, 40)
    found = [make(storage=storage, instruction_set=name).logits(read) for name in sets()]
    # Where bf16 is multiplied natively the activations are rounded too, and a rounding may tip another in int8.
    close = {"fp32": 3e-5, "fp16": 3e-5, "bf16": 0.2, "int8": 0.02}[storage]
    for one in found[1:]:
        np.testing.assert_allclose(one, found[0], atol=close)


@pytest.mark.parametrize("cache", ["bf16", "int8"])
def test_smaller_caches(pair: Pair, cache: str) -> None:
    model, make = pair
    read = text(model, 60)
    wanted = reference(model, read)[-1]
    found = make(cache=cache).logits(read)
    assert 0 < np.sqrt(np.mean((found - wanted) ** 2)) < 2e-2 * wanted.std()


def test_half_weights_are_kept_as_they_are(pair: Pair) -> None:
    model, _ = pair
    halves = {name: value.astype(np.float16) for name, value in weights_of(model).items()}
    singles = {name: value.astype(np.float32) for name, value in halves.items()}
    read = text(model, 20)
    kept = Engine(halves, model.settings)
    assert kept.storage == "fp16"
    assert kept.logits(read).tolist() == Engine(singles, model.settings, storage="fp32").logits(read).tolist()


def test_numbers_are_numpys() -> None:
    library = native.load()
    for seed in (0, 7, 2**62):
        key = derive(seed, "tokens")
        assert stream(seed, "tokens").random(11).tolist() == [library.muse_uniform(key, n) for n in range(11)]


@pytest.mark.parametrize("how", HOWS, ids=str)
def test_the_tokens_of_pytorch(pair: Pair, how: Sampling) -> None:
    model, make = pair
    prompts = [text(model, 9), text(model, 9), text(model, 4, seed=1)]
    walks = [Masked(Walk(random_tables(5, model.settings.vocabulary)))] * 3
    ours = make().generate(prompts, walks, how, [1, 2, 3])
    theirs = TorchWriter(model).generate(prompts, walks, how, [1, 2, 3])
    for one, other in zip(ours, theirs, strict=True):
        assert one.tokens.tolist() == other.tokens.tolist()
        np.testing.assert_allclose(one.logprob_free, other.logprob_free, atol=2e-5)
        np.testing.assert_allclose(one.logprob_masked, other.logprob_masked, atol=2e-5)


@pytest.mark.parametrize("seed", range(12))
def test_tables_followed_in_native_code_as_in_python(seed: int) -> None:
    model = random_model(SIZES["odd"])
    engine = Engine(weights_of(model), model.settings)
    walk = Walk(random_tables(seed, model.settings.vocabulary))
    prompts, seeds = [text(model, 5)] * 6, list(range(6))
    native_walk = engine.generate(prompts, [walk] * 6, Sampling(1.5), seeds)
    asked = engine.generate(prompts, [Masked(walk)] * 6, Sampling(1.5), seeds)
    for one, other in zip(native_walk, asked, strict=True):
        exactly(one, other)
        assert len(one.tokens) == 20


def test_neither_threads_nor_company_change_a_request(pair: Pair) -> None:
    model, make = pair
    walk = Walk(random_tables(1, model.settings.vocabulary))
    prompts = [text(model, 7), text(model, 3, seed=4), *[text(model, 7)] * 9]
    together = make(threads=2).generate(prompts, [walk] * 11, Sampling(), list(range(11)))
    for index in (0, 1, 10):
        (alone,) = make(threads=1).generate([prompts[index]], [walk], Sampling(), [index])
        exactly(alone, together[index])


def test_scores_are_the_log_probabilities_of_what_was_written(pair: Pair) -> None:
    model, make = pair
    engine = make()
    walk = Walk(random_tables(2, model.settings.vocabulary))
    prompts = [text(model, 6), text(model, 11, seed=2)] * 40
    written = engine.generate(prompts, [walk] * 80, Sampling(), list(range(80)))
    places = [walk._tables.place[state] for state in range(20)]
    rows, cols = zip(*(map(int, place) for place in places), strict=True)
    texts = [Prompt(tuple(one.tokens.tolist()), rows, cols) for one in written]
    for one, found in zip(written, engine.score(prompts, texts), strict=True):
        np.testing.assert_allclose(found, one.logprob_free, atol=1e-6)


def test_one_prompt_is_read_once_and_shared(pair: Pair) -> None:
    model, make = pair
    walk = Walk(random_tables(3, model.settings.vocabulary))
    for length in (15, 16, 17, 33):  # pages hold 16 tokens
        prompt = text(model, length)
        twice = make().generate([prompt, prompt], [walk, walk], Sampling(), [8, 9])
        for seed, one in zip((8, 9), twice, strict=True):
            exactly(one, make().generate([prompt], [walk], Sampling(), [seed])[0])


def test_a_long_text_fills_many_pages() -> None:
    model = random_model(SIZES["even"])
    read = text(model, 390)
    found = Engine(weights_of(model), model.settings).logits(read)
    np.testing.assert_allclose(found, reference(model, read)[-1], atol=1e-4)


def test_predictions_are_those_of_the_model_at_every_token(pair: Pair) -> None:
    model, make = pair
    prompt, more = text(model, 6), text(model, 9, seed=2)
    found = make().predictions(prompt, more)
    np.testing.assert_allclose(found, TorchWriter(model).predictions(prompt, more), atol=1e-4)
    np.testing.assert_allclose(np.exp(found).sum(1), 1.0, atol=1e-9)
    (scored,) = make().score([prompt], [more])
    np.testing.assert_allclose(found[np.arange(9), list(more.tokens)], scored, atol=1e-6)
