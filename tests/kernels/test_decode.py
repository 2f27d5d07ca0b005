"""The decode step over a ring of cached keys, against attention over the same tokens in a row."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from muse.errors import UsageError
from muse.kernels import attention, decode


def ring(batch: int, heads: int, capacity: int, width: int, dtype: torch.dtype = torch.float32) -> dict[str, Tensor]:
    chance = torch.Generator().manual_seed(3)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=chance, dtype=torch.float64).to(dtype)

    return {
        "q": normal(batch, heads, 1, width),
        "keys": normal(batch, heads, capacity, width),
        "values": normal(batch, heads, capacity, width),
        "row": torch.randint(0, 6, (batch, capacity), generator=chance, dtype=torch.int32),
        "col": torch.randint(0, 7, (batch, capacity), generator=chance, dtype=torch.int32),
        "row_bias": normal(heads, 3),
        "col_bias": normal(heads, 5),
    }


@pytest.mark.parametrize("window", [None, 4])
@pytest.mark.parametrize(("written", "length"), [(1, None), (5, None), (8, None), (21, None), (7, 3), (21, 6)])
def test_the_ring_in_order_is_attention(written: int, length: int | None, window: int | None) -> None:
    held = ring(1, 2, 8, 4, torch.float64)
    count = min(written, 8, length or 8)
    order = torch.arange(written - count, written) % 8
    row, col = held["row"][:, order], held["col"][:, order]
    expected = attention(
        held["q"], held["keys"][:, :, order], held["values"][:, :, order], row=(row[:, -1:], row),
        col=(col[:, -1:], col), row_bias=held["row_bias"], col_bias=held["col_bias"], window=window,
    )  # fmt: skip
    counts: dict[str, Any] = {"written": torch.tensor([written]), "window": window}
    if length is not None:
        counts["length"] = torch.tensor([length])
    torch.testing.assert_close(decode(**held, **counts), expected)


def test_requests_have_lengths_of_their_own_and_an_empty_one_gives_zeros() -> None:
    held = ring(3, 2, 6, 4)
    together = decode(**held, written=torch.tensor([4, 9, 0]))
    for i, written in enumerate((4, 9)):
        alone = {name: x[i : i + 1] if len(x) == 3 else x for name, x in held.items()}
        torch.testing.assert_close(together[i : i + 1], decode(**alone, written=torch.tensor([written])))
    assert together[2].abs().max() == 0


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"q": torch.zeros(2, 1, 2, 4)}, "q is (2, 1, 2, 4)"),
        ({"keys": torch.zeros(2, 1, 6, 8)}, "keys is (2, 1, 6, 8)"),
        ({"values": torch.zeros(2, 1, 5, 4)}, "values is (2, 1, 5, 4)"),
        ({"row": torch.zeros(2, 5, dtype=torch.int32)}, "row is (2, 5)"),
        ({"col": torch.zeros(2, 6)}, "expected (2, 6) integer"),
        ({"row_bias": torch.zeros(2, 3)}, "row_bias is (2, 3)"),
        ({"col_bias": torch.zeros(1, 4)}, "2C-1"),
        ({"written": torch.zeros(2)}, "written is (2,) torch.float32"),
        ({"length": torch.zeros(3, dtype=torch.int64)}, "length is (3,)"),
        ({"window": 0}, "window is 0"),
        ({"backend": "trition"}, 'did you mean "triton"?'),
        ({"values": torch.zeros(2, 1, 6, 4, device="meta")}, "values is on meta"),
    ],
)
def test_errors_name_the_argument_and_what_was_expected(change: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageError) as caught:
        decode(**{**ring(2, 1, 6, 4), "written": torch.tensor([2, 3]), **change})
    assert named in str(caught.value)
