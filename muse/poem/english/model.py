"""The English poem model without PyTorch: its settings and its shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from muse.nn.shape import TransformerSettings
from muse.poem.english.prefix import COLUMNS, ROWS, Order
from muse.poem.english.vocabulary import Vocabulary
from muse.settings import Settings

Count = Annotated[int, Field(ge=1)]
CONTEXT = 512


class VerseSettings(Settings):
    """The size of an English poem model and how its data is drawn.

    Attributes:
        layers, width, heads, dropout: of the transformer.
        words: V, tokens in all; 0 takes every word of the corpus.
        pieces: how many of them are pieces of words.
        plain: share of poems with no prefix but the form.
        order: "backward" writes each line from its end, so that a rhyme is chosen first and the line led up to it.
    """

    sizes: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "tiny": {"layers": 2, "width": 64, "heads": 2, "words": 0, "pieces": 0},
        "small": {"layers": 6, "width": 320, "heads": 5},
        "base": {"layers": 8, "width": 512, "heads": 8},
    }
    layers: Count = 6
    width: Count = 320
    heads: Count = 5
    dropout: float = Field(0.0, ge=0, lt=1)
    words: int = Field(8192, ge=0)
    pieces: int = Field(1400, ge=0)
    plain: float = Field(0.2, ge=0, le=1)
    order: Order = "backward"


def shape(settings: VerseSettings, vocabulary: Vocabulary) -> TransformerSettings:
    """The transformer that the settings ask for."""
    return TransformerSettings(
        vocabulary=len(vocabulary), layers=settings.layers, width=settings.width, heads=settings.heads,
        rows=ROWS, columns=COLUMNS, dropout=settings.dropout, context=CONTEXT, hidden=0,
    )  # fmt: skip
