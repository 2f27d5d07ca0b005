"""What a written PNG or JPEG keeps of its promises, read from the bytes by a reader of its own.

Headers, profile, texts and tags are parsed here with `struct`; only when size and format are known to be sound are
the pixels decoded, to measure the contrast of the recorded lettering. Nothing here uses the code that drew or wrote
the picture.
"""

from __future__ import annotations

import io
import json
import struct
import warnings
import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from muse.errors import InputError
from muse.terms import Promise, Report

MAX_BYTES, MAX_PIXELS = 64 << 20, 64_000_000
LEAST_SIDE, MOST_SIDE = 640, 10_000
CONTRAST = 4.5
HEAVIEST = {"PNG": 40_000_000, "JPEG": 4_000_000, "WebP": 10_000_000}
FREE = ("restyle", "morph")  # of the size and shape of the user's own picture
SIZES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}


@dataclass(slots=True)
class Facts:
    """What the headers of a picture file say."""

    kind: str = ""
    width: int = 0
    height: int = 0
    alpha: bool = False
    bits: int = 8
    colour: bool = True
    profile: bytes = b""
    turned: bool = False
    texts: dict[str, str] = field(default_factory=dict)


def check(data: bytes, pixels: int | None = None) -> Report:
    """The report on a cover file: size, ratio, colour space, alpha, weight, orientation, recipe, contrast.

    Args:
        data: the bytes of a PNG, JPEG or WebP file.
        pixels: the side that was asked for; None takes it from the recipe, or accepts what stores accept.

    Raises:
        InputError: not such a file, damaged, or too large to open.
    """
    facts = read(data)
    recipe, why = _recipe(facts.texts)
    request = recipe.get("request", {}) if recipe else {}
    asked = pixels or (request.get("pixels") if isinstance(request, dict) else None)
    size = f"{facts.width} × {facts.height}"
    if isinstance(asked, int):
        promises = [Promise("size", f"{asked} × {asked}", size, (facts.width, facts.height) == (asked, asked))]
    else:
        free = recipe is not None and recipe.get("verb") in FREE
        fits = free or (min(facts.width, facts.height) >= LEAST_SIDE and max(facts.width, facts.height) <= MOST_SIDE)
        promises = [Promise("size", "any" if free else f"{LEAST_SIDE} to {MOST_SIDE}", size, fits)]
    name, most = _profile_name(facts.profile), HEAVIEST[facts.kind]
    if not recipe or recipe.get("verb") not in FREE:
        promises.append(Promise("ratio", "1 : 1", f"{facts.width / facts.height:.3f}", facts.width == facts.height))
    promises += [
        Promise("colour space", "sRGB", name or "not said", "sRGB" in name if facts.profile else "depends"),
        Promise("8 bit RGB", "8 bit RGB", f"{facts.bits} bit {'RGB' if facts.colour else 'grey or indexed'}",
                facts.bits == 8 and facts.colour),
        Promise("no alpha", "none", "alpha" if facts.alpha else "none", not facts.alpha),
        Promise("upright", "no orientation tag", "a tag" if facts.turned else "none", not facts.turned),
        Promise("weight", f"≤ {most / 1e6:.0f} MB", f"{len(data) / 1e6:.2f} MB", len(data) <= most),
    ]  # fmt: skip
    findings = []
    if recipe:
        promises.append(Promise("recipe", "inside", f"{recipe.get('verb')}, seed {recipe.get('seed')}", True))
    elif why:
        promises.append(Promise("recipe", "inside", why, False))
    else:
        findings.append("no recipe inside: not made by muse, or its texts were stripped")
    image = _decoded(data)
    for text in _lettering(facts.texts, findings):
        ratio = contrast(image, text["box"], text["colour"])
        promises.append(Promise(f"contrast of the {text['role']}", f"≥ {CONTRAST}", f"{ratio:.1f}", ratio >= CONTRAST))
    return Report(tuple(promises), tuple(findings))


def read(data: bytes) -> Facts:
    """The headers of a PNG, JPEG or WebP file, no pixel decoded.

    Raises:
        InputError: another format, damaged, or more than 64 megapixels or 64 MiB.
    """
    if len(data) > MAX_BYTES:
        raise InputError("the picture is too large", f"{len(data):,} bytes", f"use one of at most {MAX_BYTES:,}")
    try:
        if data[:8] == b"\x89PNG\r\n\x1a\n":
            facts = _png(data)
        elif data[:3] == b"\xff\xd8\xff":
            facts = _jpeg(data)
        elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            facts = _webp(data)
        else:
            raise InputError("not a picture muse reads", "neither PNG, JPEG nor WebP", "convert it to PNG or JPEG")
    except (struct.error, IndexError, ValueError, zlib.error) as error:
        raise InputError("the picture is damaged", str(error)[:120], "use another copy") from error
    if facts.width < 1 or facts.height < 1:
        raise InputError("the picture is damaged", "its header gives no size", "use another copy")
    if facts.width * facts.height > MAX_PIXELS:
        raise InputError(
            "the picture is too large", f"{facts.width} × {facts.height} pixels", "use at most 64 megapixels"
        )
    return facts


def contrast(image: Image.Image, box: tuple[int, int, int, int], colour: tuple[int, int, int]) -> float:
    """WCAG contrast of ink of a colour against what lies around its glyphs in and at a box: the 5th percentile."""
    left, top, right, bottom = box
    rim = max(2, min(right - left, bottom - top) // 30)
    grown = (max(0, left - rim), max(0, top - rim), min(image.width, right + rim), min(image.height, bottom + rim))
    if grown[0] >= grown[2] or grown[1] >= grown[3]:
        return 1.0
    part = np.asarray(image.crop(grown).convert("RGB"), np.float32)
    step = max(1, max(part.shape[:2]) // 1000)
    part = part[::step, ::step]
    border = np.ones(part.shape[:2], bool)
    inset = max(1, rim // step)
    border[inset:-inset, inset:-inset] = False
    ground_tone = np.median(part[border], axis=0)
    way = np.array(colour, np.float32) - ground_tone
    share = ((part - ground_tone) @ way) / max(float(way @ way), 1.0)
    near = (share > 0.3) & ~border
    ink = (share > 0.6) & ~border
    for _ in range(2):  # the soft rim of a glyph belongs neither to it nor to the ground
        wide = np.pad(near, 1)
        near = wide[1:-1, 1:-1] | wide[:-2, 1:-1] | wide[2:, 1:-1] | wide[1:-1, :-2] | wide[1:-1, 2:]
    ground = _luminance(np.asarray(part[~near] / 255, np.float32))
    if not ground.size or not ink.any():
        return 1.0
    tone = float(_luminance(np.array([v / 255 for v in colour], np.float32)))
    ratio = (np.maximum(ground, tone) + 0.05) / (np.minimum(ground, tone) + 0.05)
    return float(np.quantile(ratio, 0.05))


def _luminance(colour: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722]), np.float32)


def _png(data: bytes) -> Facts:
    facts, at, ended = Facts("PNG"), 8, False
    while at + 8 <= len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + size]
        if len(body) < size:
            raise ValueError(f"chunk {kind!r} is cut")
        if kind == b"IHDR":
            facts.width, facts.height, facts.bits, colour = struct.unpack(">IIBB", body[:10])
            facts.alpha, facts.colour = colour in (4, 6), colour in (2, 6)
            if facts.width * facts.height > MAX_PIXELS:
                return facts
        elif kind != b"IDAT" and zlib.crc32(kind + body) != _word(data, at + 8 + size):
            raise ValueError(f"chunk {kind!r} does not match its checksum")
        elif kind == b"tRNS":
            facts.alpha = True
        elif kind == b"eXIf":
            facts.turned = _orientation(body) not in (0, 1)
        elif kind == b"iCCP":
            facts.profile = _inflated(body.split(b"\0", 1)[1][1:])
        elif kind == b"sRGB":
            facts.profile = facts.profile or b"sRGB"
        elif kind == b"iTXt":
            key, rest = body.split(b"\0", 1)
            text = rest[2:].split(b"\0", 2)[2]
            facts.texts[key.decode("latin-1")] = (_inflated(text) if rest[0] else text).decode("utf-8")
        elif kind == b"tEXt":
            key, text = body.split(b"\0", 1)
            facts.texts[key.decode("latin-1")] = text.decode("latin-1")
        elif kind == b"IEND":
            ended = True
            break
        at += 12 + size
    if not ended:
        raise ValueError("the file is cut")
    return facts


def _word(data: bytes, at: int) -> int:
    return int(struct.unpack(">I", data[at : at + 4])[0])


def _jpeg(data: bytes) -> Facts:
    facts, at, parts = Facts("JPEG"), 2, []
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            raise ValueError("a marker is missing")
        kind = data[at + 1]
        if kind == 0xFF or kind == 0x01 or 0xD0 <= kind <= 0xD8:
            at += 1 if kind == 0xFF else 2
            continue
        if kind in (0xD9, 0xDA):
            break
        size = struct.unpack(">H", data[at + 2 : at + 4])[0]
        body = data[at + 4 : at + 2 + size]
        if size < 2 or len(body) < size - 2:
            raise ValueError("a segment is cut")
        if kind in SIZES:
            facts.bits, facts.height, facts.width, layers = struct.unpack(">BHHB", body[:6])
            facts.colour = layers == 3
        elif kind == 0xE1 and body[:6] == b"Exif\0\0":
            facts.turned = _orientation(body[6:]) not in (0, 1)
        elif kind == 0xE2 and body[:12] == b"ICC_PROFILE\0":
            parts.append((body[12], body[14:]))
        elif kind == 0xFE:
            facts.texts["recipe"] = body.decode("utf-8", errors="replace")
        at += 2 + size
    facts.profile = b"".join(part for _, part in sorted(parts))
    return facts


def _webp(data: bytes) -> Facts:
    facts, kind, body = Facts("WebP"), data[12:16], data[20:40]
    if kind == b"VP8X":
        facts.alpha = bool(body[0] & 16)
        facts.width, facts.height = (1 + int.from_bytes(body[k : k + 3], "little") for k in (4, 7))
    elif kind == b"VP8L":
        word = int.from_bytes(body[1:5], "little")
        facts.width, facts.height, facts.alpha = 1 + (word & 0x3FFF), 1 + (word >> 14 & 0x3FFF), bool(word >> 28 & 1)
    elif kind == b"VP8 ":
        facts.width, facts.height = (value & 0x3FFF for value in struct.unpack("<HH", body[6:10]))
    else:
        raise ValueError("no picture in it")
    return facts


def _orientation(exif: bytes) -> int:
    """The orientation tag of an Exif block, 0 where there is none."""
    order = "<" if exif[:2] == b"II" else ">"
    start = struct.unpack(order + "I", exif[4:8])[0]
    for k in range(struct.unpack(order + "H", exif[start : start + 2])[0]):
        entry = exif[start + 2 + 12 * k : start + 14 + 12 * k]
        if len(entry) == 12 and struct.unpack(order + "H", entry[:2])[0] == 0x0112:
            return int(struct.unpack(order + "H", entry[8:10])[0])
    return 0


def _inflated(data: bytes) -> bytes:
    loose = zlib.decompressobj()
    out = loose.decompress(data, 4 << 20)
    if loose.unconsumed_tail:
        raise ValueError("a text unpacks to more than 4 MiB")
    return out


def _profile_name(profile: bytes) -> str:
    if profile == b"sRGB":
        return "sRGB chunk"
    if len(profile) < 132 or profile[36:40] != b"acsp":
        return ""
    for k in range(min(64, struct.unpack(">I", profile[128:132])[0])):
        tag, start, size = struct.unpack(">4sII", profile[132 + 12 * k : 144 + 12 * k].ljust(12, b"\0"))
        if tag == b"desc":
            raw = profile[start + 8 : start + size].replace(b"\0", b"")
            return "".join(chr(c) for c in raw if 32 <= c < 127)[:40]
    return "a profile without a name"


def _recipe(texts: dict[str, str]) -> tuple[dict[str, Any] | None, str]:
    if "recipe" not in texts:
        return None, ""
    try:
        value = json.loads(texts["recipe"])
        if not (isinstance(value, dict) and isinstance(value.get("verb"), str) and isinstance(value.get("seed"), int)):
            raise ValueError("verb or seed is missing")
    except (ValueError, RecursionError) as error:
        return None, f"cannot be read: {error}"[:120]
    return value, ""


def _lettering(texts: dict[str, str], findings: list[str]) -> list[dict[str, Any]]:
    if "lettering" not in texts:
        return []
    try:
        out = []
        for item in json.loads(texts["lettering"]):
            code, box = str(item["colour"]), [int(v) for v in item["box"]]
            if len(box) != 4:
                raise ValueError("a box has four edges")
            out.append(
                {
                    "role": str(item["role"])[:20],
                    "box": tuple(box),
                    "colour": tuple(int(code[k : k + 2], 16) for k in (1, 3, 5)),
                }
            )
        return out
    except (ValueError, KeyError, TypeError, RecursionError):
        findings.append("the places of the lettering cannot be read")
        return []


def _decoded(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP"))
            image.load()
            return image.convert("RGB")
    except (
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        MemoryError,
        Image.DecompressionBombError,
        struct.error,
    ) as error:
        raise InputError("the picture is damaged", str(error)[:120], "use another copy") from error
