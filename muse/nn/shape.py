"""The size of a transformer; no torch here, since the native engine reads it too."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from muse.settings import Settings

Count = Annotated[int, Field(ge=1)]


class TransformerSettings(Settings):
    """Size of a transformer.

    Attributes:
        vocabulary: V, tokens.
        layers, width, heads: L, D, H; the head width K = D / H is even.
        rows: R, row differences told apart (and rows, in the place embedding); further ones count as R - 1.
        columns: C, column differences told apart, likewise.
        dropout: share of each branch's output dropped in training.
        context: most tokens in one sequence.
        hidden: width of the feed-forward layer; 8/3 D, rounded up to 32, where 0.
    """

    vocabulary: Count
    layers: Count = 4
    width: Count = 256
    heads: Count = 4
    rows: Count = 16
    columns: Count = 16
    dropout: float = Field(0.0, ge=0, lt=1)
    context: Count = 1024
    hidden: int = Field(0, ge=0)

    @model_validator(mode="after")
    def _divisible(self) -> TransformerSettings:
        if self.width % (2 * self.heads):
            raise ValueError(f"width {self.width} must be a multiple of twice the heads, {2 * self.heads}")
        return self

    @property
    def inner(self) -> int:
        return self.hidden or -(-8 * self.width // 3 // 32) * 32
