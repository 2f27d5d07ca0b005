"""What the headers of a picture file say, read with `struct` alone: no pixel is decoded.

Nothing here uses the code that wrote the picture.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

from muse.errors import InputError

MAX_BYTES, MAX_PIXELS = 64 << 20, 64_000_000
PROGRESSIVE = (0xC2, 0xC6, 0xCA, 0xCE)
FRAMES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
TEXTS = (b"Title", b"Author", b"Description", b"recipe", b"lettering")
PNG_COLOURS = {0: "grey", 2: "RGB", 3: "indexed", 4: "grey", 6: "RGB"}
JPEG_COLOURS = {1: "grey", 3: "RGB", 4: "CMYK"}


@dataclass(slots=True)
class Facts:
    """What the headers of a picture file say.

    Attributes:
        kind: "PNG", "JPEG" or "WebP".
        bits: of a channel.
        colour: "RGB", "grey", "indexed" or "CMYK".
        profile: the ICC profile, b"sRGB" for a PNG's sRGB chunk, b"" for none.
        turned: whether an orientation tag turns it.
        progressive: of a JPEG or an interlaced PNG.
        texts: those of TEXTS; of a JPEG the comment, if it is JSON, as "recipe".
    """

    kind: str = ""
    width: int = 0
    height: int = 0
    alpha: bool = False
    bits: int = 8
    colour: str = "RGB"
    profile: bytes = b""
    turned: bool = False
    progressive: bool = False
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def profile_name(self) -> str:
        """ "sRGB …", the name of another profile, or "" for none."""
        return _profile_name(self.profile)


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
    except (struct.error, LookupError, ValueError, zlib.error) as error:
        raise InputError("the picture is damaged", str(error)[:120], "use another copy") from error
    if facts.width < 1 or facts.height < 1:
        raise InputError("the picture is damaged", "its header gives no size", "use another copy")
    if facts.width * facts.height > MAX_PIXELS:
        raise InputError(
            "the picture is too large", f"{facts.width} × {facts.height} pixels", "use at most 64 megapixels"
        )
    return facts


def _png(data: bytes) -> Facts:
    facts, at, ended = Facts("PNG"), 8, False
    while at + 8 <= len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + size]
        if len(body) < size:
            raise ValueError(f"chunk {kind!r} is cut")
        if kind == b"IHDR":
            facts.width, facts.height, facts.bits, colour = struct.unpack(">IIBB", body[:10])
            facts.alpha, facts.colour = colour in (4, 6), PNG_COLOURS[colour]
            facts.progressive = body[12] == 1
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
        elif kind in (b"iTXt", b"tEXt"):
            key, rest = body.split(b"\0", 1)
            if key in TEXTS:
                facts.texts[key.decode()] = _text(rest) if kind == b"iTXt" else rest.decode("latin-1")
        elif kind == b"IEND":
            ended = True
            break
        at += 12 + size
    if not ended:
        raise ValueError("the file is cut")
    return facts


def _text(rest: bytes) -> str:
    """The text of an iTXt chunk after its keyword."""
    text = rest[2:].split(b"\0", 2)[2]
    return (_inflated(text) if rest[0] else text).decode("utf-8")


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
        if kind in FRAMES:
            facts.bits, facts.height, facts.width, layers = struct.unpack(">BHHB", body[:6])
            facts.colour, facts.progressive = JPEG_COLOURS.get(layers, f"{layers} channels"), kind in PROGRESSIVE
        elif kind == 0xE1 and body[:6] == b"Exif\0\0":
            facts.turned = _orientation(body[6:]) not in (0, 1)
        elif kind == 0xE2 and body[:12] == b"ICC_PROFILE\0":
            parts.append((body[12], body[14:]))
        elif kind == 0xFE and body.lstrip()[:1] == b"{":  # any other comment is not ours
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
