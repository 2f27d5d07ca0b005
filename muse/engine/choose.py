"""Which writer runs a bundle: the native engine, or PyTorch."""

from __future__ import annotations

import sys

from muse.bundle import Bundle
from muse.engine.engine import Engine, available, instruction_sets
from muse.errors import BundleError
from muse.nn.shape import TransformerSettings
from muse.nn.writer import Writer

_told = False


def explain() -> str:
    """What writes on this CPU, in one line."""
    if available():
        return f"native engine, {instruction_sets()[0]}"
    return "PyTorch: the native engine is not built here (install a C++ compiler, then muse again)"


def writer_of(bundle: Bundle, settings: TransformerSettings, device: str = "auto") -> Writer:
    """The writer of a language model.

    Args:
        settings: of the bundle's transformer.
        device: "auto" and "cpu" take the native engine, and PyTorch where it is not built, which standard error is
            told once; any other is a device of PyTorch.

    Raises:
        BundleError: the weights do not fit the settings.
    """
    global _told
    if device in ("auto", "cpu"):
        if available():
            return Engine(bundle.weights, settings)
        if not _told:
            _told = True
            print(f"muse: {explain()}", file=sys.stderr)
    from muse.nn.generate import TorchWriter
    from muse.nn.language import load_weights
    from muse.nn.transformer import Transformer

    model = Transformer(settings)
    own = model.state_dict().keys()
    load_weights(model, {name: value for name, value in bundle.torch_weights().items() if name in own}, BundleError)
    return TorchWriter(model.eval().to("cpu" if device == "auto" else device))
