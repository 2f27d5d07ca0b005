"""A bundle: the weights of one model and the card that says what they are, in one .safetensors file.

How the file is laid out, and how a changed byte in it is found: muse.tensors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from muse.errors import BundleError, InputError, did_you_mean
from muse.files import canonical_json, read_capped, sha256, write_atomic
from muse.tensors import pack, unpack

if TYPE_CHECKING:
    import torch

SCHEMA = 1
LARGEST = 1 << 30
_CARD = {"schema": int, "kind": str, "name": str, "settings": dict, "data": list, "metrics": dict}
_SHIPPED = Path(__file__).parent / "weights"


@dataclass(frozen=True, eq=False)
class Bundle:
    """Weights with their card.

    Attributes:
        weights: name → array, fp16 or integers, small vectors fp32.
        card: kind, name, settings, data with licences, steps, seed, metrics, date …
    """

    weights: Mapping[str, np.ndarray]
    card: Mapping[str, Any]
    cache: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        return str(self.card["name"])

    @property
    def kind(self) -> str:
        return str(self.card["kind"])

    @cached_property
    def sha256(self) -> str:
        """The hash of the file that `save` writes."""
        return sha256(self.as_bytes())

    def as_bytes(self) -> bytes:
        """The file, byte for byte the same for the same weights and card."""
        return pack(self.weights, canonical_json(dict(self.card)).decode())

    def save(self, path: Path | str, *, force: bool = False) -> Path:
        return write_atomic(path, self.as_bytes(), force=force)

    def torch_weights(self) -> dict[str, torch.Tensor]:
        """The floating-point weights as fp32 tensors on the CPU."""
        import torch

        return {
            name: torch.from_numpy(array.astype(np.float32))
            for name, array in self.weights.items()
            if array.dtype.kind == "f"
        }

    @classmethod
    def load(cls, name: Path | str) -> Bundle:
        """A bundle by its name ("poem-zh") or by the path of its file, verified.

        Raises:
            BundleError: absent, foreign, cut, changed, or of a newer schema.
        """
        path = Path(name)
        if path.suffix != ".safetensors":
            path = _SHIPPED / f"{name}.safetensors"
            if not path.exists():
                raise BundleError(f"no bundle named {str(name)!r}", "", did_you_mean(str(name), available()))
        try:
            data = read_capped(path, LARGEST)
        except InputError as error:
            raise BundleError(error.what, error.why, error.next_step) from error
        bundle = cls.from_bytes(data, str(path))
        bundle.__dict__["sha256"] = sha256(data)
        return bundle

    @classmethod
    def from_bytes(cls, data: bytes, source: str = "the bundle") -> Bundle:
        """A bundle from the bytes of its file; nothing in them is ever executed."""
        arrays, card_text = unpack(data, source)
        try:
            card = json.loads(card_text)
        except (ValueError, RecursionError) as error:
            raise BundleError(f"{source} has no card", str(error)) from error
        for key, kind in _CARD.items():
            if not isinstance(card, dict) or not isinstance(card.get(key), kind):
                raise BundleError(f"{source} has no proper card", f"{key!r} is missing or not a {kind.__name__}")
        if card["schema"] > SCHEMA:
            raise BundleError(
                f"{source} is of schema {card['schema']}", f"this muse reads up to {SCHEMA}", "update muse"
            )
        return cls(arrays, card)


def available() -> list[str]:
    """The names of the bundles that this muse ships with."""
    return sorted(path.stem for path in _SHIPPED.glob("*.safetensors"))
