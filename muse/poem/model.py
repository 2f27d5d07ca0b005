"""The poem language model without PyTorch: its settings, its shape, and the writer that a bundle becomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from muse.bundle import Bundle
from muse.engine import writer_of
from muse.errors import BundleError
from muse.nn.shape import TransformerSettings
from muse.nn.writer import Writer
from muse.poem.frame import COLUMNS, CONTEXT, ROWS
from muse.poem.vocabulary import Vocabulary
from muse.settings import Settings

Count = Annotated[int, Field(ge=1)]


class PoemSettings(Settings):
    """The size of a poem model and how its data is drawn.

    Attributes:
        layers, width, heads, dropout: of the transformer.
        least: a character seen less often than this is unknown.
        plain: share of batches with no prefix but the form.
        later: share of poems after the Song dynasty, where the corpus has both.
    """

    sizes: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "tiny": {"layers": 2, "width": 64, "heads": 2, "least": 1},
        "small": {"layers": 6, "width": 256, "heads": 4},
        "base": {"layers": 8, "width": 512, "heads": 8},
    }
    layers: Count = 6
    width: Count = 256
    heads: Count = 4
    dropout: float = Field(0.0, ge=0, lt=1)
    least: Count = 4
    plain: float = Field(0.4, ge=0, le=1)
    later: float = Field(0.15, ge=0, lt=1)


def shape(settings: PoemSettings, vocabulary: Vocabulary) -> TransformerSettings:
    """The transformer that the settings ask for."""
    return TransformerSettings(
        vocabulary=len(vocabulary), layers=settings.layers, width=settings.width, heads=settings.heads,
        dropout=settings.dropout, hidden=0, rows=ROWS, columns=COLUMNS, context=CONTEXT,
    )  # fmt: skip


def contents(bundle: Bundle) -> tuple[TransformerSettings, Vocabulary]:
    """The shape of a bundle's model, and its vocabulary; kept with the bundle.

    Raises:
        BundleError: it is not of a poem model.
    """
    if "contents" not in bundle.cache:
        if bundle.kind != "poem":
            raise BundleError(f"{bundle.name} writes no poems", f"it is of kind {bundle.kind!r}", "use poem-zh")
        tokens = bundle.card.get("vocabulary")
        if not isinstance(tokens, list):
            raise BundleError(f"{bundle.name} has no vocabulary")
        vocabulary = Vocabulary(tuple(map(str, tokens)))
        if not vocabulary.wide:
            raise BundleError(f"{bundle.name} is of an earlier format", "it knows four forms only", "train it again")
        settings = {name: value for name, value in bundle.card["settings"].items() if name != "format"}
        bundle.cache["contents"] = shape(PoemSettings.of(settings), vocabulary), vocabulary
    found: tuple[TransformerSettings, Vocabulary] = bundle.cache["contents"]
    return found


def writer(bundle: Bundle, device: str = "auto") -> tuple[Writer, Vocabulary]:
    """The model of a bundle, ready to write, and its vocabulary; kept with the bundle.

    Raises:
        BundleError: it is not of a poem model, or its weights do not fit its settings.
    """
    settings, vocabulary = contents(bundle)
    kept = bundle.cache.setdefault("writers", {})
    if device not in kept:
        kept[device] = writer_of(bundle, settings, device)
    return kept[device], vocabulary
