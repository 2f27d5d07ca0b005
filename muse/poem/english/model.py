"""The English poem model without PyTorch: its settings and its shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from muse.bundle import Bundle
from muse.engine import writer_of
from muse.errors import BundleError
from muse.nn.shape import TransformerSettings
from muse.nn.writer import Writer
from muse.poem.english.book import Book
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


def contents(bundle: Bundle) -> tuple[TransformerSettings, Vocabulary]:
    """The shape of a bundle's model, and its vocabulary; kept with the bundle.

    Raises:
        BundleError: it is not of a model of English verse.
    """
    if "contents" not in bundle.cache:
        tokens, settings = bundle.card.get("vocabulary"), bundle.card["settings"]
        if bundle.kind != "poem" or not isinstance(tokens, list) or settings.get("order") != "backward":
            raise BundleError(f"{bundle.name} writes no English verse", "", "use poem-en")
        vocabulary = Vocabulary(tuple(map(str, tokens)))
        bundle.cache["contents"] = shape(VerseSettings.of(settings), vocabulary), vocabulary
    found: tuple[TransformerSettings, Vocabulary] = bundle.cache["contents"]
    return found


def book_of(bundle: Bundle, strict: bool = True) -> Book:
    """What the automaton knows of a bundle's vocabulary; kept with the bundle."""
    kept = bundle.cache.setdefault("books", {})
    if strict not in kept:
        _, vocabulary = contents(bundle)
        columns = bundle.card.get("syllables")
        if not isinstance(columns, list) or len(columns) != len(vocabulary):
            raise BundleError(f"{bundle.name} does not tell the syllables of its tokens")
        kept[strict] = Book(vocabulary, strict, np.array(columns, np.uint8))
    found: Book = kept[strict]
    return found


def writer(bundle: Bundle, device: str = "auto") -> Writer:
    """The model of a bundle, ready to write; kept with the bundle."""
    kept = bundle.cache.setdefault("writers", {})
    if device not in kept:
        kept[device] = writer_of(bundle, contents(bundle)[0], device)
    found: Writer = kept[device]
    return found
