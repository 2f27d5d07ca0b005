"""The native library: found, loaded and declared once. Its C interface is native/engine.h."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, Structure, c_char_p, c_double, c_int, c_int32, c_int64, c_uint64, c_void_p
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from muse.engine.build import LIBRARY
from muse.errors import MuseError, UsageError
from muse.nn.writer import stuck

INTERFACE = 3
STORAGES = ("fp32", "fp16", "bf16", "int8")
BAD, NAN, STUCK, STOPPED, MEMORY = -1, -2, -3, -4, -5
SILENT, KEEP = -1, -2
WATCH = ctypes.CFUNCTYPE(c_int, c_int64)


class Shape(Structure):
    _fields_ = [(name, c_int32) for name in
                ("vocabulary", "layers", "width", "heads", "rows", "columns", "context", "inner")]  # fmt: skip


class Array(Structure):
    _fields_ = [("data", c_void_p), ("count", c_int64), ("half", c_int32)]


class Layer(Structure):
    _fields_ = [(name, Array) for name in
                ("attention_gain", "qkv", "sharpness", "out", "feed_gain", "gate_up", "down")]  # fmt: skip


class Weights(Structure):
    _fields_ = [
        *((name, Array) for name in
          ("tokens", "row_place", "col_place", "row_bias", "col_bias", "final_gain", "cos", "sin")),
        ("layers", POINTER(Layer)),
    ]  # fmt: skip


class HowToDraw(Structure):
    _fields_ = [("temperature", c_double), ("top_p", c_double), ("min_p", c_double), ("top_k", c_int32)]


class NativeFuse(Structure):
    _fields_ = [
        ("cells", c_void_p),
        *((name, c_uint64) for name in ("bytes", "seed")),
        *((name, c_int32) for name in ("bits", "segment", "segments")),
    ]  # fmt: skip


class NativeTables(Structure):
    _fields_ = [
        *((name, c_int32) for name in ("states", "classes", "begin", "vocabulary")),
        ("open", c_uint64),
        *((name, c_void_p) for name in
          ("classes_of", "sets", "doubled", "plain", "bound", "place", "left", "scope", "renews", "unique", "remembers",
           "spares", "again", "opens", "closes", "final", "codes")),
        ("known", POINTER(NativeFuse)),
        *((name, c_int32) for name in ("fuses", "span")),
    ]  # fmt: skip


_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "muse_interface": (c_int, []),
    "muse_error": (c_char_p, []),
    "muse_instruction_sets": (c_char_p, []),
    "muse_model_new": (c_void_p, [POINTER(Shape), POINTER(Weights), c_int, c_int, c_int, c_char_p]),
    "muse_model_free": (None, [c_void_p]),
    "muse_model_bytes": (c_int64, [c_void_p]),
    "muse_session_new": (c_void_p, [c_void_p]),
    "muse_session_free": (None, [c_void_p]),
    "muse_lane_new": (c_int, [c_void_p]),
    "muse_lane_fork": (c_int, [c_void_p, c_int]),
    "muse_lane_free": (c_int, [c_void_p, c_int]),
    "muse_read": (c_int, [c_void_p, c_int, *[c_void_p] * 6]),
    "muse_logits": (c_int, [c_void_p, c_int, c_void_p]),
    "muse_draw": (c_int, [c_void_p, c_int, c_void_p, c_void_p, POINTER(HowToDraw), *[c_void_p] * 5]),
    "muse_write": (
        c_int,
        [c_void_p, c_int, c_void_p, POINTER(NativeTables), POINTER(HowToDraw), c_void_p, c_int, *[c_void_p] * 4, WATCH],
    ),
    "muse_uniform": (c_double, [c_uint64, c_int64]),
}


@cache
def load(path: Path | None = None) -> ctypes.CDLL:
    """The library, with the types of its functions declared.

    Raises:
        OSError: it is not there, not for this processor, or of another version.
    """
    library = ctypes.CDLL(str(path or Path(__file__).with_name(LIBRARY)))
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name, None)
        if function is None:
            raise OSError(f"it has no {name}")
        function.restype, function.argtypes = result, arguments
    if library.muse_interface() != INTERFACE:
        raise OSError(f"its interface is {library.muse_interface()}, expected {INTERFACE}")
    return library


def raised(library: ctypes.CDLL, code: int) -> int:
    """The code, where it is no failure.

    Raises:
        UsageError: sizes or numbers that do not fit.
        WishError: nothing may be written at some place.
        MuseError: the logits are not numbers, or there is no memory.
    """
    if code >= 0:
        return code
    said = library.muse_error().decode()
    if code == NAN:
        raise MuseError("the model's logits are not numbers", "its weights may be damaged", "verify the bundle")
    if code == STUCK:
        raise stuck(*map(int, said.split()))
    if code == MEMORY:
        raise MuseError(said, "the native engine asked for more", "write fewer at once")
    raise UsageError("the native engine was asked for something that does not fit", said)


def pointer(array: npt.NDArray[Any]) -> int:
    """The address of an array's first number; the array must be contiguous and outlive its use."""
    assert array.flags.c_contiguous
    return int(array.__array_interface__["data"][0])


def pointers(*arrays: npt.NDArray[Any]) -> list[int]:
    return [pointer(array) for array in arrays]


def described(array: npt.NDArray[Any]) -> Array:
    """An fp32 or fp16 array as native code takes it."""
    return Array(pointer(array), array.size, int(array.dtype == np.float16))
