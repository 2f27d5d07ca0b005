"""The composer's model: its settings, its shape, and what a bundle of it becomes; no torch before it is needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from muse.engine import writer_of
from muse.errors import BundleError
from muse.music import vocabulary as words
from muse.nn.shape import TransformerSettings
from muse.settings import Settings

if TYPE_CHECKING:
    from muse.bundle import Bundle
    from muse.nn.transformer import Transformer
    from muse.nn.writer import Writer

CONTEXT = 4096


class MusicSettings(Settings):
    """Size of the composer.

    Attributes:
        window: tokens of a training row.
    """

    sizes: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "tiny": {"layers": 2, "width": 64, "heads": 2, "window": 256, "dropout": 0.0},
        "small": {},
        "base": {"layers": 8, "width": 512, "heads": 8, "window": 1024, "dropout": 0.1},
    }

    layers: int = Field(6, ge=1)
    width: int = Field(192, ge=16)
    heads: int = Field(4, ge=1)
    rows: int = Field(48, ge=2)
    columns: int = Field(24, ge=24)
    window: int = Field(512, ge=128, le=CONTEXT)
    dropout: float = Field(0.15, ge=0, lt=1)


def shape(settings: MusicSettings) -> TransformerSettings:
    """The transformer that the settings ask for."""
    return TransformerSettings(
        vocabulary=words.SIZE, layers=settings.layers, width=settings.width, heads=settings.heads,
        rows=settings.rows, columns=settings.columns, dropout=settings.dropout, context=CONTEXT, hidden=0,
    )  # fmt: skip


def shape_of(bundle: Bundle) -> TransformerSettings:
    """The transformer of a bundle.

    Raises:
        BundleError: the bundle is of another kind or another vocabulary.
    """
    if bundle.kind != "music" or list(bundle.card.get("vocabulary", ())) != words.NAMES:
        raise BundleError(
            f"{bundle.name} is no composer of this muse", "its kind or its vocabulary differs", "install muse again"
        )
    return shape(MusicSettings.of(bundle.card["settings"]))


def writer(bundle: Bundle, device: str = "auto") -> Writer:
    """The model of a bundle, ready to write; kept with the bundle.

    Raises:
        BundleError: the bundle is of another kind or another vocabulary, or its weights do not fit its settings.
    """
    kept: dict[str, Writer] = bundle.cache.setdefault("writers", {})
    if device not in kept:
        kept[device] = writer_of(bundle, shape_of(bundle), device)
    return kept[device]


def thaw(bundle: Bundle) -> Transformer:
    """The model of a bundle in PyTorch, in evaluation mode; kept with the bundle.

    Raises:
        BundleError: as `writer`.
    """
    if "model" not in bundle.cache:
        settings = shape_of(bundle)
        from muse.nn.language import load_weights
        from muse.nn.transformer import Transformer

        model = Transformer(settings)
        load_weights(model, bundle.torch_weights(), BundleError)
        bundle.cache["model"] = model.eval()
    found: Transformer = bundle.cache["model"]
    return found
