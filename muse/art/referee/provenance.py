"""What a picture file says of itself: the recipe as text, the colour space as a profile; the same bytes each time.

A PNG carries iTXt chunks (Title, Author, Description, Software, Comment, recipe, lettering), a JPEG the recipe in a
comment. The profile is written here, because a library's own would bear the clock: sRGB of IEC 61966-2-1 as an ICC
version 2 matrix profile.
"""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin

JPEG_LIMIT = 4_000_000
COMMENT_LIMIT = 60_000
TEXT_LIMIT = 4 << 20
# (quality, subsampling) from the best down; 0 is 4:4:4, 2 is 4:2:0
STEPS = ((94, 0), (91, 0), (88, 0), (90, 2), (84, 2), (77, 2), (68, 2), (56, 2), (42, 2), (28, 2), (14, 2), (5, 2))


@cache
def srgb_profile() -> bytes:
    """An ICC profile for sRGB, about 2.5 kB, without a date."""

    def fixed(*values: float) -> bytes:
        return b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + fixed(*values)

    at = np.linspace(0, 1, 1024)
    curve = np.where(at <= 0.04045, at / 12.92, ((at + 0.055) / 1.055) ** 2.4)
    tone = b"curv\0\0\0\0" + struct.pack(">I", 1024) + np.rint(curve * 65535).astype(">u2").tobytes()
    name = b"sRGB IEC61966-2.1\0"
    described = b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(12 + 67)
    tags = {
        b"desc": described,
        b"cprt": b"text\0\0\0\0Public domain\0",
        b"wtpt": xyz(0.9505, 1.0, 1.0891),
        b"rXYZ": xyz(0.43607, 0.22249, 0.01392),
        b"gXYZ": xyz(0.38515, 0.71687, 0.09708),
        b"bXYZ": xyz(0.14307, 0.06061, 0.71410),
    }
    table, body, start = b"", b"", 128 + 4 + 12 * (len(tags) + 3)
    for tag, data in tags.items():
        table += tag + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    for tag in (b"rTRC", b"gTRC", b"bTRC"):
        table += tag + struct.pack(">II", start + len(body), len(tone))
    body += tone
    size = start + len(body)
    head = struct.pack(">I4sI4s4s4s", size, b"muse", 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + b"acsp" + bytes(24)
    head += struct.pack(">I", 0) + fixed(0.9642, 1.0, 0.8249) + b"muse"
    head += bytes(128 - len(head))
    return bytes(head + struct.pack(">I", len(tags) + 3) + table + body)


def png(image: Image.Image, recipe: Mapping[str, Any], texts: Mapping[str, str]) -> bytes:
    """A PNG with its recipe and further texts."""
    chunks = PngImagePlugin.PngInfo()
    for key, value in {**texts, "Software": "muse", "Comment": statement(recipe)}.items():
        if value:
            chunks.add_itxt(key, value)
    chunks.add_itxt("recipe", compact(recipe))
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=2, pnginfo=chunks, icc_profile=srgb_profile())
    return out.getvalue()


def statement(recipe: Mapping[str, Any]) -> str:
    """Who made a picture, in a sentence for people.

    >>> statement({"muse": "1.0", "verb": "cover", "seed": 7, "bundles": {"cover-gan": "ab"}})
    'Made by a program: muse 1.0, cover, seed 7, models cover-gan. Made again by: muse remake FILE'
    """
    models = ", ".join(recipe.get("bundles") or ())
    facts = ("muse", recipe.get("muse")), ("", recipe.get("verb")), ("seed", recipe.get("seed")), ("models", models)
    told = ", ".join(f"{name} {value}".strip() for name, value in facts if value not in (None, ""))
    return f"Made by a program: {told}. Made again by: muse remake FILE"


def jpeg(image: Image.Image, recipe: Mapping[str, Any] | None = None, limit: int = JPEG_LIMIT) -> bytes:
    """A JPEG below ``limit`` bytes, as good as it can be; the recipe as a comment where it is short enough."""
    comment = compact(recipe).encode() if recipe else b""
    if len(comment) > COMMENT_LIMIT:
        comment = b""
    steps = list(STEPS)
    if image.width * image.height > 1_500_000:
        tile = _sample(image)
        scale = image.width * image.height / (tile.width * tile.height)
        while len(steps) > 1 and len(_encoded(tile, *steps[0], b"")) * scale > limit * 0.97:
            steps.pop(0)
    for step in steps:
        data = _encoded(image, *step, comment)
        if len(data) < limit:
            return data
    return data


def _encoded(image: Image.Image, quality: int, subsampling: int, comment: bytes) -> bytes:
    out = io.BytesIO()
    options: dict[str, Any] = {"comment": comment} if comment else {}
    image.save(out, "JPEG", quality=quality, subsampling=subsampling, icc_profile=srgb_profile(), **options)
    return out.getvalue()


def _sample(image: Image.Image) -> Image.Image:
    """A ninth of a picture, of 64 pieces taken evenly from it."""
    cells, piece = 8, max(16, image.width // 24 // 16 * 16)
    tile = Image.new("RGB", (cells * piece, cells * piece))
    for row in range(cells):
        for column in range(cells):
            x = (column * 2 + 1) * image.width // (2 * cells) - piece // 2
            y = (row * 2 + 1) * image.height // (2 * cells) - piece // 2
            tile.paste(image.crop((x, y, x + piece, y + piece)), (column * piece, row * piece))
    return tile


def compact(recipe: Mapping[str, Any]) -> str:
    """A recipe on one line: sorted keys, no spaces."""
    return json.dumps(recipe, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def texts_of(data: bytes) -> dict[str, str]:
    """The texts in a PNG (tEXt, iTXt, zTXt) or the comment of a JPEG (as "recipe"); {} where there are none.

    Nothing of the picture is decoded, and a text that would unpack to more than 4 MiB is left out.
    """
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return {k: v for kind, body in _png_chunks(data) if (pair := _text(kind, body)) for k, v in [pair]}
    if data[:2] == b"\xff\xd8":
        for kind, body in _jpeg_segments(data):
            if kind == 0xFE:
                return {"recipe": body.decode("utf-8", errors="replace")}
    return {}


def _png_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    out, at = [], 8
    while at + 12 <= len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        if at + 12 + size > len(data):
            break
        if kind != b"IDAT":
            out.append((kind, data[at + 8 : at + 8 + size]))
        at += 12 + size
    return out


def _jpeg_segments(data: bytes) -> list[tuple[int, bytes]]:
    out, at = [], 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        kind = data[at + 1]
        if kind == 0xFF:
            at += 1
            continue
        if kind in (0xD8, 0x01) or 0xD0 <= kind <= 0xD7:
            at += 2
            continue
        if kind in (0xD9, 0xDA):
            break
        size = struct.unpack(">H", data[at + 2 : at + 4])[0]
        out.append((kind, data[at + 4 : at + 2 + size]))
        at += 2 + max(2, size)
    return out


def _text(kind: bytes, body: bytes) -> tuple[str, str] | None:
    key, _, rest = body.partition(b"\0")
    try:
        if kind == b"tEXt":
            return key.decode("latin-1"), rest.decode("latin-1")
        if kind == b"zTXt":
            return key.decode("latin-1"), _unpacked(rest[1:]).decode("latin-1")
        if kind == b"iTXt" and len(rest) >= 2:
            packed = rest[0]
            text = rest[2:].split(b"\0", 2)[2]
            return key.decode("latin-1"), (_unpacked(text) if packed else text).decode("utf-8")
    except (ValueError, IndexError, zlib.error):
        return None
    return None


def _unpacked(data: bytes) -> bytes:
    loose = zlib.decompressobj()
    text = loose.decompress(data, TEXT_LIMIT)
    if loose.unconsumed_tail:
        raise ValueError("the text is too long")
    return text
