"""Named arrays and one text in a .safetensors file, as bundles and checkpoints are kept.

The file's metadata holds `card` (the text) and `digest`, a SHA-256 over the text and over every array's
name, type, shape and bytes: a changed byte anywhere in the file is found before anything is used.

An fp16 array of weights that one byte each can hold (`muse.narrow`) is kept so: as whole numbers under its name, the
codes of their scales under its name and CODES.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

import numpy as np

from muse.errors import BundleError
from muse.narrow import GROUP, packed, widened

_TYPES = {
    "F16": np.float16, "F32": np.float32, "F64": np.float64, "I64": np.int64, "I32": np.int32, "I16": np.int16,
    "I8": np.int8, "U8": np.uint8, "BOOL": np.bool_,
}  # fmt: skip
CODES = "#codes"


def pack(arrays: Mapping[str, np.ndarray], text: str) -> bytes:
    """The file, byte for byte the same for the same arrays and text."""
    whole = _stored({name: np.asarray(array, order="C") for name, array in arrays.items()})
    order = sorted(whole, key=lambda name: (-whole[name].itemsize, name))  # the widest first, so that each is aligned
    names = {np.dtype(kind): name for name, kind in _TYPES.items()}
    header: dict[str, object] = {"__metadata__": {"card": text, "digest": _digest(text, whole)}}
    end = 0
    for name in order:
        start, end = end, end + whole[name].nbytes
        kind = names[whole[name].dtype]
        header[name] = {"dtype": kind, "shape": list(whole[name].shape), "data_offsets": [start, end]}
    # Written here, since safetensors' own writer puts the metadata in another order at each call.
    head = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    return len(head).to_bytes(8, "little") + head + b"".join(whole[name].tobytes() for name in order)


def unpack(data: bytes, source: str) -> tuple[dict[str, np.ndarray], str]:
    """The arrays (read-only) and the text of such a file.

    Raises:
        BundleError: it is cut, foreign, or not what was written.
    """
    arrays, metadata = _read(data, source)
    text = metadata.get("card", "")
    if metadata.get("digest") != _digest(text, arrays):
        raise BundleError(f"{source} is not whole", "its digest does not fit its content", "fetch or make it again")
    return _widened(arrays, source), text


def _stored(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays as the file has them."""
    found: dict[str, np.ndarray] = {}
    for name, array in arrays.items():
        parts = packed(array) if array.dtype == np.float16 and array.size >= GROUP else None
        found |= {name: array} if parts is None else {name: parts[0], name + CODES: parts[1]}
    return found


def _widened(arrays: Mapping[str, np.ndarray], source: str) -> dict[str, np.ndarray]:
    """The arrays as they were given."""
    found: dict[str, np.ndarray] = {}
    for name, array in arrays.items():
        if name.endswith(CODES):
            continue
        codes = arrays.get(name + CODES)
        if codes is not None:
            if array.dtype != np.int8 or codes.dtype != np.uint8 or codes.shape != (-(-array.size // GROUP),):
                raise BundleError(f"{source} is not a weight file of muse", f"the codes of {name} do not fit it")
            array = widened(array, codes, array.size).reshape(array.shape)
            array.flags.writeable = False
        found[name] = array
    return found


def _read(data: bytes, source: str) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """The arrays and the metadata, every size checked against the header before memory is touched."""
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
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise BundleError(f"{source} is not a weight file of muse", str(error) or type(error).__name__) from error
    return arrays, metadata


def _digest(text: str, arrays: Mapping[str, np.ndarray]) -> str:
    total = hashlib.sha256(text.encode())
    for name, array in sorted(arrays.items()):
        total.update(f"\n{name} {array.dtype.str} {array.shape}\n".encode())
        total.update(array.tobytes())
    return total.hexdigest()
