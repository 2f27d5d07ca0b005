"""The model of any script without PyTorch: its settings, its shape, and the writer that a bundle becomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from muse.bundle import Bundle
from muse.engine import writer_of
from muse.errors import BundleError
from muse.nn.shape import TransformerSettings
from muse.nn.writer import Writer
from muse.poem.script.spelling import Spelling
from muse.settings import Settings

Count = Annotated[int, Field(ge=1)]
ROWS, FIRST_COLUMN, COLUMNS, CONTEXT = 64, 32, 64, 1024


class ScriptSettings(Settings):
    """The size of a model of any script.

    Attributes:
        layers, width, heads, dropout: of the transformer.
        plain: share of texts with no prefix but the form.
    """

    sizes: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "tiny": {"layers": 2, "width": 64, "heads": 2},
        "small": {"layers": 4, "width": 256, "heads": 4},
        "base": {"layers": 8, "width": 512, "heads": 8},
    }
    layers: Count = 4
    width: Count = 256
    heads: Count = 4
    dropout: float = Field(0.0, ge=0, lt=1)
    plain: float = Field(0.3, ge=0, le=1)


def shape(settings: ScriptSettings, spelling: Spelling) -> TransformerSettings:
    """The transformer that the settings ask for."""
    return TransformerSettings(
        vocabulary=len(spelling), layers=settings.layers, width=settings.width, heads=settings.heads,
        dropout=settings.dropout, hidden=0, rows=ROWS, columns=COLUMNS, context=CONTEXT,
    )  # fmt: skip


def contents(bundle: Bundle) -> tuple[TransformerSettings, Spelling]:
    """The shape of a bundle's model, and its tokens; kept with the bundle.

    Raises:
        BundleError: it is not of a model of this kind.
    """
    if "contents" not in bundle.cache:
        json = bundle.card.get("tokenizer")
        if bundle.kind != "poem" or not isinstance(json, str):
            raise BundleError(f"{bundle.name} has no tokenizer", "it is not of a corpus of one's own")
        spelling = Spelling(json)
        bundle.cache["contents"] = shape(ScriptSettings.of(bundle.card["settings"]), spelling), spelling
    found: tuple[TransformerSettings, Spelling] = bundle.cache["contents"]
    return found


def writer(bundle: Bundle, device: str = "auto") -> tuple[Writer, Spelling]:
    """The model of a bundle, ready to write, and its tokens; kept with the bundle.

    Raises:
        BundleError: it is not of a model of this kind, or its weights do not fit its settings.
    """
    settings, spelling = contents(bundle)
    kept = bundle.cache.setdefault("writers", {})
    if device not in kept:
        kept[device] = writer_of(bundle, settings, device)
    return kept[device], spelling
