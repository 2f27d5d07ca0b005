"""Weights in one byte: whole numbers times a scale for every GROUP of them, chosen so that nothing is lost on reading.

A scale has four significant bits and a whole number seven, so their product has at most the eleven of an fp16 number:
`narrow` moves weights to the nearest such products, and these fill half the file without another rounding. A weight
moves by at most half a scale, 1/254 to 1/226 of the largest weight of its group; rounding to fp16 moves it by 1/4096
of itself.

Scales are codes of one byte: (8 + c mod 8) · 2^(c div 8 − 24), so 2^-21 to 15 · 2^7. Groups follow the order of the
array's memory; the last one may be short.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

GROUP = 64
LARGEST = 127
SMALL = 4096
_CODES = np.arange(256, dtype=np.int32)
SCALES = ((8 + _CODES % 8) * 2.0 ** (_CODES // 8 - 24.0)).astype(np.float64)


def narrow(array: npt.NDArray[np.floating]) -> npt.NDArray[np.float16]:
    """The weights, each moved to the nearest number that one byte can hold, as fp16; those that fit stay."""
    if array.dtype == np.float16 and packed(array.astype(np.float16)) is not None:
        return array.astype(np.float16)
    groups, shape = _groups(array)
    codes = np.searchsorted(SCALES, np.abs(groups).max(1) / LARGEST).clip(0, 255)
    whole = np.rint(groups / SCALES[codes, None]).clip(-LARGEST, LARGEST)
    return widened(whole.astype(np.int8), codes.astype(np.uint8), array.size).reshape(shape)


def slim(array: npt.NDArray[np.floating]) -> npt.NDArray[np.float16]:
    """Weights as a bundle keeps them: in one byte each, small arrays (gains, biases) in fp16."""
    return narrow(array) if array.size >= SMALL else array.astype(np.float16)


def packed(array: npt.NDArray[np.float16]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.uint8]] | None:
    """(numbers in the shape of the array, a code for each group) that `widened` makes the same array of, or None."""
    if not np.isfinite(array).all():
        return None
    groups, _ = _groups(array)
    least = np.searchsorted(SCALES, np.abs(groups).max(1) / LARGEST).clip(0, 255)
    chosen = np.full(len(groups), -1)
    for step in range(_TRIED):  # `narrow` may have had to take a larger scale than the weights now need
        codes = (least + step).clip(0, 255)
        whole = groups / SCALES[codes, None]
        fits = (whole == np.rint(whole)).all(1) & (np.abs(whole).max(1) <= LARGEST) & (chosen < 0)
        chosen[fits] = codes[fits]
    if (chosen < 0).any():
        return None
    numbers = (groups / SCALES[chosen, None]).astype(np.int8).reshape(-1)[: array.size]
    return numbers.reshape(array.shape), chosen.astype(np.uint8)


def widened(numbers: npt.NDArray[np.int8], codes: npt.NDArray[np.uint8], size: int) -> npt.NDArray[np.float16]:
    """(size,) fp16: the numbers times the scales of their groups; exact."""
    flat = np.zeros(len(codes) * GROUP, np.uint8)
    flat[: numbers.size] = numbers.reshape(-1).view(np.uint8)
    at = (codes.astype(np.uint16)[:, None] << 8) | flat.reshape(-1, GROUP)
    return _products().take(at).reshape(-1)[:size]


_TRIED = 3
_kept: list[npt.NDArray[np.float16]] = []


def _products() -> npt.NDArray[np.float16]:
    """(65536,) of code · 256 + number, as unsigned."""
    if not _kept:
        number = np.arange(256, dtype=np.uint8).view(np.int8).astype(np.float64)
        with np.errstate(over="ignore"):  # the largest scales are for no weights
            _kept.append((SCALES[:, None] * number).astype(np.float16).reshape(-1))
    return _kept[0]


def _groups(array: npt.NDArray[np.floating]) -> tuple[npt.NDArray[np.float64], tuple[int, ...]]:
    """The array as rows of GROUP, filled up with zeros, and its shape."""
    count = -(-array.size // GROUP)
    flat = np.zeros(count * GROUP)
    flat[: array.size] = array.reshape(-1)
    return flat.reshape(count, GROUP), array.shape
