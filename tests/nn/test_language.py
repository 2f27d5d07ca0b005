"""The language objective: it learns, resumes bit for bit, and freezes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from muse.errors import CheckpointError, UsageError
from muse.nn.language import LanguageBatch, LanguageObjective, loss_sum, precision_of
from muse.nn.shape import TransformerSettings
from muse.nn.transformer import Transformer
from muse.settings import RunSettings

SETTINGS = TransformerSettings(vocabulary=20, layers=1, width=32, heads=2, rows=4, columns=6, dropout=0.1, context=32)


def batch(seed: int = 0, packed: bool = False) -> LanguageBatch:
    """Lines that count upwards: the next token is always the last one plus one."""
    chance = torch.Generator().manual_seed(seed)
    tokens = (torch.arange(17) + torch.randint(0, 20, (8, 1), generator=chance)) % 20
    at = torch.arange(16, dtype=torch.int32).expand(8, 16)
    segment = at // 8 if packed else None
    target = tokens[:, 1:].clone()
    target[:, 0] = -100
    return LanguageBatch(tokens[:, :-1], at // 6, at % 6, target, segment)


def objective(precision: str = "fp32", ema: float = 0.0) -> LanguageObjective:
    torch.manual_seed(0)
    run = RunSettings(learning_rate=0.01, precision=precision, ema=ema)
    return LanguageObjective(
        Transformer(SETTINGS),
        run,
        validate=lambda model: {"loss": float(loss_sum(model, batch(99))[0])},
        sampler=lambda model, step: {"seen.txt": f"{step} {model.training}".encode()},
        card={"vocabulary": ["a"]},
    )


def train(made: LanguageObjective, first: int, last: int) -> list[float]:
    losses = []
    for step in range(first, last):
        torch.manual_seed(step)
        made.schedule(1.0)
        losses.append(made.step([batch(step), batch(step + 1000, packed=True)], step)["loss"])
    return losses


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_it_learns_to_count(precision: str) -> None:
    losses = train(objective(precision), 0, 40)
    assert losses[0] > 2.3 and losses[-1] < 0.3


def test_micro_batches_are_one_batch() -> None:
    one, two = objective(), objective()
    one.model.settings = two.model.settings
    for made in (one, two):
        for block in made.model.blocks:
            block.dropout = 0.0
        made.model.settings = SETTINGS.model_copy(update={"dropout": 0.0})
    whole = batch(1)
    parts = [
        LanguageBatch(whole.tokens[s], whole.row[s], whole.col[s], whole.target[s]) for s in (slice(0, 3), slice(3, 8))
    ]
    first, second = one.step([whole], 0), two.step(parts, 0)
    assert first["loss"] == pytest.approx(second["loss"], rel=1e-6)
    assert first["norm"] == pytest.approx(second["norm"], rel=1e-5)
    assert first["tokens"] == 8 * 15


@pytest.mark.parametrize("ema", [0.0, 0.9])
def test_a_resumed_run_is_the_unbroken_one(ema: float) -> None:
    unbroken = objective(ema=ema)
    train(unbroken, 0, 8)
    half = objective(ema=ema)
    train(half, 0, 4)
    state = {name: value.clone() for name, value in half.state().items()}
    resumed = objective(ema=ema)
    resumed.load_state(state)
    train(resumed, 4, 8)
    expected, found = unbroken.state(), resumed.state()
    assert expected.keys() == found.keys()
    assert all(torch.equal(expected[name], found[name]) for name in expected)


def test_figures_and_samples_are_those_of_the_mean_and_leave_no_trace() -> None:
    made = objective(ema=0.99)
    train(made, 0, 6)
    before = {name: value.clone() for name, value in made.model.state_dict().items()}
    figure = made.figures(6)["loss"]
    assert made.sample(6) == {"seen.txt": b"6 False"}
    assert made.model.training
    assert all(torch.equal(value, before[name]) for name, value in made.model.state_dict().items())
    averaged = Transformer(SETTINGS).eval()
    averaged.load_state_dict(made.ema.mean)
    assert figure == float(loss_sum(averaged, batch(99))[0].detach())
    weights, card = made.freeze()
    assert card == {"vocabulary": ["a"]} and weights["tokens.weight"].dtype == np.float16
    np.testing.assert_array_equal(weights["tokens.weight"], made.ema.mean["tokens.weight"].half().numpy())
    assert made.parameters() == sum(value.size for value in weights.values())


def test_a_foreign_state_is_refused() -> None:
    made = objective()
    state = made.state()
    with pytest.raises(CheckpointError, match="missing"):
        made.load_state({name: value for name, value in state.items() if name != "model.row_bias"})
    with pytest.raises(CheckpointError, match="unknown"):
        made.load_state({**state, "model.other": torch.zeros(1)})
    with pytest.raises(CheckpointError, match="expected"):
        made.load_state({**state, "model.row_bias": torch.zeros(1)})


def test_a_step_needs_a_scored_token() -> None:
    empty = batch()
    with pytest.raises(UsageError, match="scored"):
        objective().step([LanguageBatch(empty.tokens, empty.row, empty.col, empty.target * 0 - 100)], 0)


def test_precision() -> None:
    cpu = torch.device("cpu")
    assert precision_of("fp32", cpu) == torch.float32
    assert precision_of("bf16", cpu) == torch.bfloat16
    assert precision_of("auto", cpu) in (torch.float32, torch.bfloat16)
