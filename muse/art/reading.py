"""The one door for pictures from outside: what a file is, whether it can be had, and its pixels as upright sRGB.

A file is refused by its first bytes and its header wherever they say enough, before anything of it is decoded: what is
no PNG, JPEG or WebP, what moves, what is cut off, what is too large, and what is small as a file but vast as a picture.
"""

from __future__ import annotations

import re
import struct
import warnings
from io import BytesIO
from typing import NoReturn

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from muse.errors import InputError

FORMATS = ("PNG", "JPEG", "WEBP")
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
MAX_BYTES = 64 * 1024 * 1024
MAX_PIXELS = 64 * 1024 * 1024
COST = {"PNG": 8, "JPEG": 10, "WEBP": 16}
"""Bytes that a pixel takes while it is decoded, at most."""
ROOM = 160 * 1024 * 1024
"""Of these bytes any picture may take as many; a larger one must be dense, as every photograph is."""
DENSE = 50
"""Pixels that a byte of a large picture may stand for."""
NEXT = "give a PNG, JPEG or WebP picture"
CONVERT = "save it as PNG or JPEG in a picture program"

_MAGIC = (
    (rb"\x89PNG\r\n\x1a\n", "PNG"), (rb"\xff\xd8\xff", "JPEG"), (rb"RIFF....WEBP", "WEBP"),
    (rb"GIF8[79]a", "a GIF, still or moving"), (rb"BM.{4}\0\0\0\0", "a BMP picture"), (rb"%PDF", "a PDF document"),
    (rb"(II[*+]\0|MM\0[*+])", "a TIFF picture or a camera's raw file"), (rb"8BPS", "a Photoshop document"),
    (rb"....ftyp(heic|heix|hevc|heim|heis|mif1|msf1)", "a HEIC photo"), (rb"....ftypavi[fs]", "an AVIF picture"),
    (rb"(\xff\x0a|\0\0\0\x0cJXL )", "a JPEG XL picture"), (rb"(\0\0\0\x0cjP  |\xffO\xffQ)", "a JPEG 2000 picture"),
    (rb"....ftyp", "a film"), (rb"\0\0[\x01\x02]\0", "an icon"), (rb"PK\x03\x04", "a ZIP archive"),
    (rb"%!PS", "a PostScript file"), (rb"MThd", "a MIDI file"),
)  # fmt: skip
# Greyscale, CMYK, or else RGB: the modes that Pillow's colour profiles of each kind speak of.
_SPACES = {"GRAY": "L", "CMYK": "CMYK", "RGB": "RGB"}


def open_picture(data: bytes, name: str = "the picture", short: int | None = None) -> Image.Image:
    """An RGB picture, upright, in sRGB, of 8 bits a channel, with transparency laid on white, and nothing else in it.

    Args:
        data: the file.
        name: of the file, for people.
        short: a short side that is enough; a JPEG of twice that or more is decoded at a fraction of its size.

    Raises:
        InputError: with the reason: not PNG, JPEG or WebP, animated, cut off, damaged, or too large.
    """
    kind = kind_of(data)
    if kind not in FORMATS:
        step = NEXT if kind in ("empty", "a text file", "of no known form") else CONVERT
        raise InputError(f"{name} is no picture that muse reads", f"it is {kind}", step)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            stream = BytesIO(data)
            image: Image.Image = Image.open(stream, formats=(kind,))
            _admit(image, kind, data, stream.tell(), name)
            if short is not None:
                scale = short / min(image.size)
                image.draft(None, (int(image.width * scale) + 1, int(image.height * scale) + 1))
            image.load()
            return _normal(image)
    except InputError:
        raise
    except Image.DecompressionBombError as error:
        found = re.search(r"\d+", str(error))
        _too_large(name, int(found.group()) if found else MAX_PIXELS)
    except Exception as error:  # Pillow's readers leak a dozen kinds of error
        _damaged(name, kind, error, _cut(kind, data))


def kind_of(data: bytes) -> str:
    """What a file is by its first bytes: one of FORMATS, or in words for people.

    >>> kind_of(b"GIF89a..."), kind_of(b""), kind_of(b"hello")
    ('a GIF, still or moving', 'empty', 'a text file')
    """
    if not data:
        return "empty"
    head = data[:2048]
    for magic, kind in _MAGIC:
        if re.match(magic, head, re.DOTALL):
            return kind
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in text and text.startswith(b"<"):
        return "an SVG drawing"
    if text.startswith((b"<!doctype html", b"<html")):
        return "a web page"
    return "of no known form" if re.search(rb"[\x00-\x08\x0e-\x1a]", head) else "a text file"


def _admit(image: Image.Image, kind: str, data: bytes, at: int, name: str) -> None:
    """Raises InputError for what the header forbids; `at` is where the decoder would go on reading."""
    pixels, size = image.width * image.height, f"{image.width:,} × {image.height:,} pixels"
    if pixels > MAX_PIXELS:
        _too_large(name, pixels, size)
    if pixels * COST[kind] > ROOM and pixels > DENSE * len(data):
        why = f"{size} in {len(data):,} bytes: a decompression bomb, or one plain colour"
        raise InputError(f"{name} is too large for what is in it", why, "make it smaller")
    frames = 1 if kind == "JPEG" else getattr(image, "n_frames", 1)  # a JPEG holds previews, no motion
    if frames > 1:
        raise InputError(f"{name} moves", f"it is an animation of {frames} frames", "save one frame of it as a picture")
    if _cut(kind, data, at):
        _damaged(name, kind, cut=True)


def _cut(kind: str, data: bytes, at: int = 0) -> bool:
    """Whether the end of the file is missing, looked for from `at` on."""
    if kind == "WEBP":
        return int.from_bytes(data[4:8], "little") + 8 > len(data)
    return data.rfind(b"IEND" if kind == "PNG" else b"\xff\xd9", at) < 0


def _normal(image: Image.Image) -> Image.Image:
    """The picture as `open_picture` gives it; each step that has nothing to do takes no memory."""
    profile = image.info.get("icc_profile")
    ImageOps.exif_transpose(image, in_place=True)
    if image.mode.startswith("I"):  # 16 bits of grey, which Pillow would clip
        image = Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image if image.mode == "RGBA" else image.convert("RGBA")
        image = Image.new("RGB", layer.size, (255, 255, 255))
        image.paste(layer, mask=layer)
    if profile:
        image = _srgb(image, profile)
    if image.mode != "RGB":
        image = image.convert("RGB")
    image.info = {}
    return image


def _srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """The picture in sRGB; as it is where its profile is damaged or speaks of other channels."""
    try:
        found = ImageCms.ImageCmsProfile(BytesIO(profile))
        mode = _SPACES[found.profile.xcolor_space.strip()]
        if "sRGB" in (found.profile.profile_description or "") or (mode == "CMYK") != (image.mode == "CMYK"):
            return image
        source = image if image.mode == mode else image.convert(mode)
        changed = ImageCms.profileToProfile(source, found, ImageCms.createProfile("sRGB"), outputMode="RGB")
        return image if changed is None else changed
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError, KeyError):
        return image


def _too_large(name: str, pixels: int, size: str = "") -> NoReturn:
    why = size or f"{pixels / 1e6:,.0f} megapixels"
    raise InputError(f"{name} is too large", why, f"use a picture of at most {MAX_PIXELS >> 20} megapixels")


def _damaged(name: str, kind: str, error: Exception | None = None, cut: bool = False) -> NoReturn:
    form = "WebP" if kind == "WEBP" else kind
    if cut:
        raise InputError(f"{name} is cut off", f"the end of the {form} is missing", "use a whole copy of it") from error
    said = "" if isinstance(error, struct.error | UnidentifiedImageError) else str(error)
    why, step = said[:160] or "its header cannot be read", "open it in a picture program and save it again"
    raise InputError(f"{name} is a damaged {form}", why, step) from error
