"""A bundle: the weights of one model and the card that says what they are, in one .safetensors file.

The file's metadata holds `card` (JSON) and `digest`, a SHA-256 over the card and over every tensor's
name, type, shape and bytes: a changed byte anywhere in the file is found before the weights are used.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from muse.errors import BundleError, InputError, did_you_mean
from muse.files import canonical_json, read_capped, sha256, write_atomic

if TYPE_CHECKING:
    import torch

SCHEMA = 1
LARGEST = 1 << 30
_TYPES = {"F16": np.float16, "F32": np.float32, "F64": np.float64, "I64": np.int64, "I32": np.int32, "I16": np.int16,
          "I8": np.int8, "U8": np.uint8, "BOOL": np.bool_}
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
        from safetensors.numpy import save

        arrays = {name: np.ascontiguousarray(array) for name, array in sorted(self.weights.items())}
        card = canonical_json(dict(self.card)).decode()
        return bytes(save(arrays, metadata={"card": card, "digest": _digest(card, arrays)}))

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
        arrays, metadata = read_tensors(data, source)
        card_text = metadata.get("card", "")
        if metadata.get("digest") != _digest(card_text, arrays):
            raise BundleError(
                f"{source} is not whole", "its digest does not fit its content", "install muse again, or train it again"
            )
        try:
            card = json.loads(card_text)
        except ValueError as error:
            raise BundleError(f"{source} has no card", str(error)) from error
        for key, kind in _CARD.items():
            if not isinstance(card, dict) or not isinstance(card.get(key), kind):
                raise BundleError(f"{source} has no proper card", f"{key!r} is missing or not a {kind.__name__}")
        if card["schema"] > SCHEMA:
            raise BundleError(f"{source} is of schema {card['schema']}", f"this muse reads up to {SCHEMA}", "update muse")
        return cls(arrays, card)


def read_tensors(data: bytes, source: str) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """The arrays and the metadata of a .safetensors file, every size checked against the header.

    Raises:
        BundleError: it is not one.
    """
    try:
        length = int.from_bytes(data[:8], "little")
        if len(data) < 8 or length > min(len(data) - 8, 1 << 26):
            raise ValueError("the header is cut or foreign")
        header = json.loads(data[8 : 8 + length])
        metadata = header.pop("__metadata__", {})
        body, end = memoryview(data)[8 + length :], 0
        arrays: dict[str, np.ndarray] = {}
        for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
            start, stop = entry["data_offsets"]
            kind, shape = np.dtype(_TYPES[entry["dtype"]]), tuple(entry["shape"])
            size = kind.itemsize
            for axis in shape:
                if not isinstance(axis, int) or axis < 0:
                    raise ValueError(f"{name} has a bad shape")
                size *= axis
            if start != end or stop - start != size or stop > len(body):
                raise ValueError(f"{name} lies outside the file")
            arrays[name] = np.frombuffer(body[start:stop], kind).reshape(shape)
            end = stop
        if end != len(body):
            raise ValueError("there are bytes that belong to no tensor")
        if not all(isinstance(value, str) for value in metadata.values()):
            raise ValueError("the metadata is foreign")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BundleError(f"{source} is not a weight file of muse", str(error) or type(error).__name__) from error
    return arrays, metadata


def available() -> list[str]:
    """The names of the bundles that this muse ships with."""
    return sorted(path.stem for path in _SHIPPED.glob("*.safetensors"))


def _digest(card: str, arrays: Mapping[str, np.ndarray]) -> str:
    total = hashlib.sha256(card.encode())
    for name, array in sorted(arrays.items()):
        total.update(f"\n{name} {array.dtype.str} {array.shape}\n".encode())
        total.update(np.ascontiguousarray(array).data)
    return total.hexdigest()
