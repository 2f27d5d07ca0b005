"""What a written loop, MP4 or GIF, says of itself: its size, how long it lasts, and whether shops would take it.

Headers are read with `struct`; only a GIF whose header is sound and small is decoded, to see whether it closes.
Source: ISO/IEC 14496-12, boxes moov, mvhd, trak and tkhd; GIF89a, blocks 21 and 23.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

import numpy as np
from PIL import Image

from muse.art.referee import stores
from muse.art.referee.stores import Subject
from muse.errors import InputError
from muse.terms import Promise, Report

LARGEST, BLOCKS = 1 << 26, 1 << 20
"""Bytes of a file, and boxes or blocks in it, that are looked at."""
LEAST, MOST = 3.0, 8.0
PIXELS, FRAMES = 1 << 22, 400
"""Of a GIF that is decoded, at most."""
_DEEP = (b"moov", b"trak")


def check(data: bytes) -> Report:
    """The report on a loop: length, shape, and the shops' verdicts.

    Raises:
        InputError: neither MP4 nor GIF, or damaged.
    """
    found = read(data)
    seconds = found.seconds or 0.0
    size = f"{found.width} × {found.height}"
    promises = (
        Promise("length", f"{LEAST:g} to {MOST:g} s", f"{seconds:.2f} s", LEAST <= seconds <= MOST),
        Promise("shape", "upright, 9 : 16", size, abs(found.width * 16 / (found.height * 9) - 1) <= stores.SLACK),
    )
    return Report(promises + _closed(data, found), stores.told({f"the {found.format}": found}, "loop"))


def _closed(data: bytes, found: Subject) -> tuple[Promise, ...]:
    """Whether a GIF ends on the frame that it began with; of another file nothing is said."""
    if found.format != "GIF" or found.width * found.height > PIXELS:
        return ()
    try:
        with Image.open(io.BytesIO(data), formats=("GIF",)) as film:
            first = np.asarray(film.convert("RGB"))
            for _ in range(FRAMES):
                try:
                    film.seek(film.tell() + 1)
                except EOFError:
                    break
            away = int(np.abs(np.asarray(film.convert("RGB"), np.int16) - first).max())
    except (OSError, ValueError, SyntaxError, IndexError, struct.error) as error:
        raise InputError("the loop is damaged", str(error)[:120], "use another copy") from error
    told = "the same" if not away else f"off by up to {away} of 255"
    return (Promise("closed", "the last frame is the first", told, not away),)


def read(data: bytes) -> Subject:
    """The headers of an MP4 or GIF file.

    Raises:
        InputError: as `check`.
    """
    if len(data) > LARGEST:
        raise InputError("the loop is too large", f"{len(data):,} bytes", f"use one of at most {LARGEST:,}")
    try:
        if data[:6] in (b"GIF87a", b"GIF89a"):
            return _gif(data)
        if data[4:8] == b"ftyp":
            return _mp4(data)
    except (struct.error, IndexError, ValueError, ZeroDivisionError) as error:
        raise InputError("the loop is damaged", str(error)[:120], "use another copy") from error
    raise InputError("not a loop that muse reads", "neither MP4 nor GIF", "give an .mp4 or .gif")


def _mp4(data: bytes) -> Subject:
    seconds, width, height = 0.0, 0, 0
    for kind, body in _boxes(data):
        if kind == b"mvhd":
            scale, length = struct.unpack(">IQ", body[20:32]) if body[0] else struct.unpack(">II", body[12:20])
            seconds = length / scale
        elif kind == b"tkhd":
            across, down = (value >> 16 for value in struct.unpack(">II", body[-8:]))
            width, height = max(width, across), max(height, down)
    if not (width and height and seconds):
        raise ValueError("its film has no size or no length")
    return Subject("MP4", width, height, len(data), seconds=seconds)


def _boxes(data: bytes, deep: tuple[bytes, ...] = _DEEP) -> Iterator[tuple[bytes, bytes]]:
    """The boxes of a file that tell size and length: those in moov, and in its traks."""
    at = 0
    for _ in range(BLOCKS):
        if at + 8 > len(data):
            return
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        head = 8
        if size == 1:
            size, head = struct.unpack(">Q", data[at + 8 : at + 16])[0], 16
        size = size or len(data) - at
        if size < head or at + size > len(data):
            raise ValueError(f"box {kind!r} is cut")
        if deep and kind == deep[0]:
            yield from _boxes(data[at + head : at + size], deep[1:])
        elif kind in (b"mvhd", b"tkhd"):
            yield kind, data[at + head : at + size]
        at += size


def _gif(data: bytes) -> Subject:
    width, height, flags = struct.unpack("<HHB", data[6:11])
    at, hundredths, frames, blocks = 13 + _colours(flags), 0, 0, 0
    while data[at] != 0x3B:
        if data[at] == 0x21:
            if data[at + 1] == 0xF9:
                hundredths += struct.unpack("<H", data[at + 4 : at + 6])[0]
            at += 2
        elif data[at] == 0x2C:
            frames += 1
            at += 11 + _colours(data[at + 9])
        else:
            raise ValueError(f"an unknown block {data[at]:#x}")
        while data[at]:  # sub-blocks, each after its length
            at, blocks = at + 1 + data[at], blocks + 1
            if blocks > BLOCKS:
                raise ValueError("it has too many blocks")
        at += 1
    if not frames:
        raise ValueError("there is no frame in it")
    return Subject("GIF", width, height, len(data), colour="indexed", seconds=hundredths / 100)


def _colours(flags: int) -> int:
    """Bytes of a colour table."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0
