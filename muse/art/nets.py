"""Networks of bundles, built once and kept with their bundle."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from torch import nn

from muse.bundle import Bundle
from muse.errors import BundleError

N = TypeVar("N", bound=nn.Module)


def ready(bundle: Bundle, kind: type[N], make: Callable[[], N]) -> N:
    """The network of a bundle with its weights, for use only.

    Raises:
        BundleError: the weights do not fit the settings.
    """
    known = bundle.cache.get(kind.__name__)
    if isinstance(known, kind):
        return known
    model = make()
    try:
        model.load_state_dict(bundle.torch_weights())
    except RuntimeError as error:
        raise BundleError(f"the weights of {bundle.name} do not fit its settings", str(error)[:200]) from error
    bundle.cache[kind.__name__] = model.eval().requires_grad_(False)
    return model
