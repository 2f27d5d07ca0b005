"""The one door for pictures: what a hostile or odd file is refused for, and what an honest one becomes."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from muse.art import reading
from muse.errors import InputError


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    data = io.BytesIO()
    image.save(data, form, **options)
    return data.getvalue()


def noise(width: int = 40, height: int = 40) -> Image.Image:
    return Image.fromarray(np.random.default_rng(width).integers(0, 256, (height, width, 3)).astype(np.uint8))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, body: bytes, depth: int = 8, colour: int = 2, before: bytes = b"") -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + before + chunk(b"IDAT", zlib.compress(body, 1)) + chunk(b"IEND", b"")


def film(form: str) -> bytes:
    return saved(
        noise(), form, save_all=True, append_images=[Image.new("RGB", (40, 40), grey) for grey in ("gray", "black")]
    )


def said_larger(data: bytes, old: int, new: int) -> bytes:
    return data.replace(struct.pack(">HH", old, old), struct.pack(">HH", new, new), 1)


HALF = {form: data[: len(data) // 2] for form in ("PNG", "JPEG", "WEBP") for data in [saved(noise(400, 300), form)]}
REFUSED = {
    "zero-byte": (b"", "it is empty"),
    "text": (b"a theme becomes an album\n", "it is a text file"),
    "noise": (bytes(range(256)), "of no known form"),
    "web page": (b"\n<!DOCTYPE html><html></html>", "a web page"),
    "svg": (b"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64), "a HEIC photo"),
    "avif": (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1" + bytes(64), "an AVIF picture"),
    "film": (b"\0\0\0\x18ftypmp42" + bytes(64), "a film"),
    "tiff": (saved(noise(), "TIFF"), "a TIFF picture"),
    "bmp": (saved(noise(), "BMP"), "a BMP picture"),
    "gif": (saved(noise(), "GIF"), "a GIF"),
    "moving gif": (film("GIF"), "a GIF, still or moving"),
    "pdf": (saved(noise(), "PDF"), "a PDF document"),
    "icon": (saved(noise(), "ICO"), "an icon"),
    "apng": (film("PNG"), "an animation of 3 frames"),
    "moving webp": (film("WEBP"), "an animation of 3 frames"),
    "cut png": (HALF["PNG"], "the end of the PNG is missing"),
    "cut jpeg": (HALF["JPEG"], "the end of the JPEG is missing"),
    "cut webp": (HALF["WEBP"], "the end of the WebP is missing"),
    "png head alone": (HALF["PNG"][:20], "the end of the PNG is missing"),
    "damaged png": (HALF["PNG"] + chunk(b"IEND", b""), "damaged PNG"),
    "30,000 square": (png(30_000, 30_000, b""), "900 megapixels"),
    "12,000 square": (png(12_000, 12_000, b""), "12,000 × 12,000 pixels"),
    "65,000 square jpeg": (said_larger(saved(noise(), "JPEG"), 40, 65_000), "4,225 megapixels"),
    "bomb": (png(8_000, 8_000, bytes(8_000 * 1_001), depth=1, colour=0), "decompression bomb"),
    "profile bomb": (png(4, 4, bytes(52), before=chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(1 << 26)))), "damaged"),
    "text bomb": (
        png(4, 4, bytes(52), before=chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1 << 20))) * 80), "damaged"
    ),
}  # fmt: skip
CHILD = """
import json, re, resource, sys, time
from pathlib import Path
from muse.art.reading import open_picture
from muse.errors import InputError
open_picture(Path(sys.argv[1], "warm").read_bytes())
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
def memory():  # of this program alone: getrusage would count what forked it
    return 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

for path in sorted(Path(sys.argv[1]).iterdir()):
    data, begun = path.read_bytes(), time.process_time()
    try:
        open_picture(data, "cover.png")
        said = ""
    except InputError as error:
        said = str(error)
    taken, most = time.process_time() - begun, memory()
    print(json.dumps([path.name, said, taken, most]))
"""


def measured(folder: Path, files: dict[str, bytes]) -> dict[str, tuple[str, float, int]]:
    """What a process of its own says of each file: refusal, seconds, and bytes of memory up to then."""
    for name, data in {"warm": saved(noise(), "PNG"), **files}.items():
        (folder / name).write_bytes(data)
    made = subprocess.run([sys.executable, "-c", CHILD, str(folder)], capture_output=True, text=True, check=True)
    rows = [json.loads(line) for line in made.stdout.splitlines()]
    return {name: (said, seconds, memory) for name, said, seconds, memory in rows if name != "warm"}


def test_the_hostile_are_refused_soon_and_with_the_reason(tmp_path: Path) -> None:
    found = measured(tmp_path, {name: data for name, (data, _) in REFUSED.items()})
    for name, (said, seconds, memory) in found.items():
        assert said.startswith("cover.png ") and REFUSED[name][1] in said, (name, said)
        assert seconds < (0.5 if name == "text bomb" else 0.1), name
        assert memory < 256 << 20, name


def test_large_ones_that_are_let_in_stay_in_bounds(tmp_path: Path) -> None:
    large = {
        "alpha": png(2048, 2048, bytes(2048 * (4 * 2048 + 1)), colour=6),
        "webp": saved(Image.new("RGB", (1600, 1600)), "WEBP", method=0),
    }
    for name, (said, _, memory) in measured(tmp_path, large).items():
        assert not said and memory < 112 << 20, name  # a quarter of the pixels allowed, of 213 MiB and the start


def test_every_refusal_names_the_next_step() -> None:
    for data, _ in REFUSED.values():
        with pytest.raises(InputError) as caught:
            reading.open_picture(data)
        assert caught.value.why and caught.value.next_step


def first(data: bytes) -> tuple[int, ...]:
    image = reading.open_picture(data)
    assert image.mode == "RGB" and not image.info
    pixel = image.getpixel((0, 0))
    assert isinstance(pixel, tuple)
    return pixel


def test_sixteen_bits_keep_their_upper_eight() -> None:
    grey = Image.fromarray(np.full((4, 4), 0x80FF, np.uint16))
    assert first(saved(grey, "PNG")) == (128, 128, 128)
    assert first(png(4, 4, (b"\0" + b"\x40\xff\x80\xff\xc0\xff" * 4) * 4, depth=16)) == (64, 128, 192)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_lies_on_white(mode: str) -> None:
    assert first(saved(Image.new(mode, (4, 4)), "PNG")) == (255, 255, 255)


def test_a_palette_with_a_transparent_colour() -> None:
    image = Image.new("P", (4, 4), 1)
    image.putpalette([255, 0, 0, 0, 0, 255])
    assert first(saved(image, "PNG", transparency=0)) == (0, 0, 255)
    assert first(saved(image, "PNG", transparency=1)) == (255, 255, 255)


def test_cmyk_becomes_rgb() -> None:
    red, green, blue = first(saved(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG"))
    assert red > 240 and green < 20 and blue < 20


@pytest.mark.parametrize(("orientation", "size", "corner"), [(1, (8, 4), 0), (3, (8, 4), 255), (6, (4, 8), 0)])
def test_it_stands_upright(orientation: int, size: tuple[int, int], corner: int) -> None:
    pixels = np.zeros((4, 8, 3), np.uint8)
    pixels[:, 4:] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = reading.open_picture(saved(Image.fromarray(pixels), "PNG", exif=exif))
    assert image.size == size and image.getpixel((0, 0)) == (corner,) * 3


def test_a_colour_profile_is_carried_out() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = Image.new("RGB", (8, 8), (200, 40, 40))
    assert first(saved(image, "PNG", icc_profile=srgb)) == (200, 40, 40)
    assert first(saved(image, "PNG", icc_profile=lab)) == first(saved(image, "PNG", icc_profile=b"none")) == (
        200, 40, 40)  # fmt: skip
    assert first(saved(image, "PNG", icc_profile=swapped(srgb))) == (40, 200, 40)


def swapped(profile: bytes) -> bytes:
    """An sRGB profile whose red is green and whose green is red, under another name."""
    count = struct.unpack(">I", profile[128:132])[0]
    table = bytearray(profile)
    rows = {profile[at : at + 4]: at for at in range(132, 132 + 12 * count, 12)}
    red, green = rows[b"rXYZ"], rows[b"gXYZ"]
    table[red : red + 4], table[green : green + 4] = b"gXYZ", b"rXYZ"
    return (
        bytes(table)
        .replace("sRGB".encode("utf-16-be"), "mine".encode("utf-16-be"))
        .replace(b"sRGB built", b"mine built")
    )


def test_a_photo_with_previews_is_no_animation() -> None:
    data = io.BytesIO()
    noise(64, 48).save(data, "MPO", save_all=True, append_images=[noise(32, 24)])
    assert reading.open_picture(data.getvalue()).size == (64, 48)


def test_a_large_jpeg_is_decoded_small_where_that_is_enough() -> None:
    data = saved(noise(64, 48).resize((1600, 1200)), "JPEG")
    assert reading.open_picture(data).size == (1600, 1200)
    assert 160 <= min(reading.open_picture(data, short=160).size) < 400
