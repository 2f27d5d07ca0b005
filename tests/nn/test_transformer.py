"""The transformer: what it may see, and that reading step by step is reading at once."""

from __future__ import annotations

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor

from muse.errors import UsageError
from muse.nn.decoder import Decoder
from muse.nn.shape import TransformerSettings
from muse.nn.transformer import Transformer, drop

SMALL = TransformerSettings(vocabulary=50, layers=2, width=32, heads=2, rows=4, columns=5, context=64)


def model(settings: TransformerSettings = SMALL, seed: int = 0) -> Transformer:
    """A model with nothing left at zero or one, so that every part matters."""
    torch.manual_seed(seed)
    made = Transformer(settings)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    return made.eval()


def sequences(batch: int = 2, time: int = 30) -> tuple[Tensor, Tensor, Tensor]:
    chance = torch.Generator().manual_seed(1)
    at = torch.arange(time, dtype=torch.int32).expand(batch, time)
    return torch.randint(0, 50, (batch, time), generator=chance), at // 7, at % 7


def test_no_token_sees_a_later_one() -> None:
    tokens, row, col = sequences()
    with torch.no_grad():
        before = model()(tokens, row, col)
        changed = tokens.clone()
        changed[:, 20] = (changed[:, 20] + 1) % 50
        after = model()(changed, row, col)
    assert torch.equal(before[:, :20], after[:, :20])
    assert not torch.allclose(before[:, 20:], after[:, 20:])


def test_rows_columns_and_position_all_count() -> None:
    tokens, row, col = sequences()
    made = model()
    with torch.no_grad():
        plain = made(tokens, row, col)
        assert not torch.allclose(plain, made(tokens, torch.zeros_like(row), col))
        assert not torch.allclose(plain, made(tokens, row, torch.zeros_like(col)))
        swapped = tokens.clone()
        swapped[:, [3, 4]] = tokens[:, [4, 3]]
        flat = torch.zeros_like(row)
        assert not torch.allclose(made(tokens, flat, flat)[:, -1], made(swapped, flat, flat)[:, -1])


def test_a_new_model_has_zero_bias_and_even_odds() -> None:
    torch.manual_seed(0)
    made = Transformer(SMALL)
    assert not made.row_bias.any() and not made.col_bias.any()
    tokens, row, col = sequences()
    logprob = torch.log_softmax(made(tokens, row, col), -1)
    assert -logprob.gather(2, tokens.roll(-1, 1)[:, :, None]).mean() < 1.3 * torch.tensor(50.0).log()


@pytest.mark.parametrize("chunks", [[30], [1] * 30, [12, 1, 1, 5, 11], [29, 1]])
def test_the_cache_is_the_full_forward(chunks: list[int]) -> None:
    tokens, row, col = sequences()
    made = model()
    cache = made.new_cache(2, 30)
    with torch.no_grad():
        whole = made(tokens, row, col)
        parts = [
            made(t, r, c, cache=cache)
            for t, r, c in zip(tokens.split(chunks, 1), row.split(chunks, 1), col.split(chunks, 1), strict=True)
        ]
    assert (torch.cat(parts, 1) - whole).abs().max() <= 1e-5


def test_the_decoder_is_the_full_forward() -> None:
    tokens, row, col = sequences()
    made = model()
    with torch.no_grad():
        whole = made(tokens, row, col)
        cache = made.new_cache(2, 30)
        made(tokens[:, :6], row[:, :6], col[:, :6], cache=cache)
        decoder = Decoder(made)
        for at in range(6, 30):
            step = decoder.step(tokens[:, at].long(), row[:, at].long(), col[:, at].long(), cache)
            assert (step - whole[:, at]).abs().max() <= 2e-5


def test_a_prefix_serves_many_candidates() -> None:
    tokens, row, col = sequences(3)
    tokens[:, :10] = tokens[0, :10]
    made = model()
    with torch.no_grad():
        cache = made.new_cache(1, 10)
        made(tokens[:1, :10], row[:1, :10], col[:1, :10], cache=cache)
        wide = cache.take(torch.zeros(3, dtype=torch.int64), 30)
        rest = made(tokens[:, 10:], row[:, 10:], col[:, 10:], cache=wide)
        assert (rest - made(tokens, row, col)[:, 10:]).abs().max() <= 1e-5
        kept = wide.take(torch.tensor([2, 0]))
        assert torch.equal(kept.keys[:, 1, :, :30], wide.keys[:, 0, :, :30])


def test_shorter_prompts_on_the_left_change_nothing() -> None:
    tokens, row, col = sequences(1, 12)
    made = model()
    with torch.no_grad():
        alone = made(tokens, row, col)[:, -1]
        padding = torch.zeros(1, 5, dtype=torch.int64)
        cache = made.new_cache(1, 20, start=torch.tensor([5]))
        padded = [torch.cat((padding.to(t.dtype), t), 1) for t in (tokens, row, col)]
        made(*(t[:, :13] for t in padded), cache=cache)
        late = made(*(t[:, 13:] for t in padded), cache=cache)
    assert (late[:, -1] - alone).abs().max() <= 1e-5


def test_packed_documents_are_read_apart() -> None:
    tokens, row, col = sequences(1, 12)
    segment = torch.tensor([[0] * 5 + [1] * 7])
    made = model()
    with torch.no_grad():
        packed = made(tokens, row, col, segment=segment)
        apart = [made(tokens[:, s], row[:, s], col[:, s]) for s in (slice(0, 5), slice(5, 12))]
    assert (packed - torch.cat(apart, 1)).abs().max() <= 1e-5


def test_a_wider_extent_is_the_same() -> None:
    tokens, row, col = sequences()
    made = model()
    with torch.no_grad():
        torch.testing.assert_close(made(tokens, row, col, extent=(16, 16, 0)), made(tokens, row, col))


def test_bf16_is_near_and_logits_stay_fp32() -> None:
    tokens, row, col = sequences()
    made = model()
    with torch.no_grad():
        exact = made(tokens, row, col)
        with torch.autocast("cpu", torch.bfloat16):
            near = made(tokens, row, col)
    assert near.dtype == torch.float32
    assert (near - exact).norm() / exact.norm() < 0.03


def test_what_does_not_fit_is_named() -> None:
    tokens, row, col = sequences(1, 12)
    made = model()
    with pytest.raises(UsageError, match=r"\(B, T\)"):
        made(tokens, row[:, :3], col)
    with pytest.raises(UsageError, match="context is 64"):
        made(*(t.repeat(1, 6) for t in (tokens, row, col)))
    with pytest.raises(UsageError, match="cache holds 8"):
        made(tokens, row, col, cache=made.new_cache(1, 8))
    with pytest.raises(ValidationError):
        TransformerSettings(vocabulary=9, width=30, heads=4)


def test_dropout_keeps_the_mean() -> None:
    torch.manual_seed(0)
    dropped = drop(torch.ones(100_003), 0.1)
    assert abs(float(dropped.mean()) - 1) < 0.01
    assert abs(float((dropped == 0).float().mean()) - 0.1) < 0.01
    assert dropped.unique().numel() == 2
    torch.manual_seed(0)
    assert torch.equal(dropped, drop(torch.ones(100_003), 0.1))
    assert torch.equal(drop(dropped, 0.0), dropped)
