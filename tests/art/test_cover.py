"""From a request to files, and what the referee reads in them."""

import contextlib
import io
import struct
import time
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from muse.art import paint
from muse.art.cover import Cover, recipe_text
from muse.art.gan.generator import random_bundles
from muse.art.referee import covers as referee
from muse.art.referee import provenance
from muse.art.sizes import Size, size_of
from muse.errors import InputError, RecipeError, UsageError
from muse.tables.lexicon import interpret
from muse.work import Recipe


def asked(text: str = "秋江夜泊", **wishes: object) -> paint.CoverRequest:
    reading = interpret(text)
    wishes = {"size": size_of(512), "seed": 7, "candidates": 1, "title": "秋江", "artist": "Muse", **wishes}
    return paint.CoverRequest(reading.theme, reading.mood, **wishes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def bundles() -> tuple:
    return random_bundles()


@pytest.fixture(scope="module")
def cover(bundles: tuple) -> Cover:
    return paint.paint(asked(), *bundles)


def test_a_cover_keeps_its_promises(cover: Cover) -> None:
    assert cover.image.size == (512, 512) and cover.style == "ink" and cover.finish == "wash"
    found = {promise.name: promise.kept for promise in cover.report.promises}
    assert found["size"] and found["title"] and found["contrast of the title"] and found["contrast of the artist"]
    assert cover.report.valid is True and cover.plan[0].startswith("ink wash")
    assert "秋江" in cover.alt and "512 × 512" in cover.text() and "<img" in cover._repr_html_()


def test_the_same_request_gives_the_same_bytes(cover: Cover, bundles: tuple) -> None:
    assert paint.paint(asked(), *bundles).files() == cover.files()


def test_the_files_are_what_a_store_takes(cover: Cover) -> None:
    files = cover.files()
    assert set(files) == {"cover.png", "cover.jpg", "thumb.jpg"}
    for name in ("cover.png", "cover.jpg"):
        report = referee.check(files[name])
        assert report.valid is True, report
        profile = ImageCms.ImageCmsProfile(io.BytesIO(Image.open(io.BytesIO(files[name])).info["icc_profile"]))
        assert "sRGB" in ImageCms.getProfileDescription(profile)
    assert len(files["cover.jpg"]) < 4_000_000
    assert Image.open(io.BytesIO(files["thumb.jpg"])).size == (600, 600)


def test_the_profile_is_srgb_to_the_last_bit(cover: Cover) -> None:
    ours = ImageCms.ImageCmsProfile(io.BytesIO(provenance.srgb_profile()))
    chart = Image.fromarray(np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8))
    moved = ImageCms.profileToProfile(chart, ours, ImageCms.createProfile("sRGB"))
    assert moved is not None and np.abs(np.asarray(moved, int) - np.asarray(chart, int)).max() <= 1


def test_the_recipe_is_inside_both_files(cover: Cover) -> None:
    import json

    for name in ("cover.png", "cover.jpg"):
        inside = json.loads(recipe_text(cover.files()[name]))
        assert Recipe.from_dict(inside).as_dict() == cover.recipe.as_dict()
    assert set(cover.recipe.bundles) == {"cover-gan", "image-vae"}
    assert Image.open(io.BytesIO(cover.png())).text["Title"] == "秋江"
    with pytest.raises(RecipeError):
        recipe_text(cover.files()["thumb.jpg"])


def test_a_palette_that_was_asked_for_is_in_the_picture(bundles: tuple) -> None:
    done = paint.paint(asked("sea", palette=("ember",), style="oil"), *bundles)
    red = np.asarray(done.image, float).mean((0, 1))
    assert red[0] > red[2]


@pytest.mark.parametrize(
    "wish", [{"size": Size(100, 100)}, {"candidates": 0}, {"style": "x"}, {"finish": "x"}, {"palette": ("x",)}]
)
def test_wishes_out_of_bounds_are_usage_errors(wish: dict[str, object], bundles: tuple) -> None:
    with pytest.raises(UsageError):
        paint.paint(asked(**wish), *bundles)


def test_a_cover_without_words(bundles: tuple) -> None:
    done = paint.paint(asked(title="", artist=""), *bundles)
    assert done.texts == () and referee.check(done.png()).valid is True


def test_jpeg_stays_below_its_limit_whatever_the_picture() -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (1400, 1400, 3), dtype=np.uint8))
    assert len(provenance.jpeg(noise, {"verb": "x", "seed": 1}, 900_000)) < 900_000


def broken_files() -> list[bytes]:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = b"\x89PNG\r\n\x1a\n"
    bomb = head + chunk(b"IHDR", struct.pack(">IIBBBBB", 30000, 30000, 8, 2, 0, 0, 0))
    bomb += chunk(b"IDAT", zlib.compress(bytes(1 << 20))) + chunk(b"IEND", b"")
    text = head + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))
    text += chunk(b"iTXt", b"recipe\0\1\0\0\0" + zlib.compress(bytes(8 << 20))) + chunk(b"IEND", b"")
    return [b"", b"\0" * 100, b"GIF89a" + bytes(50), b"\x89PNG\r\n\x1a\n", bomb, text, b"\xff\xd8\xff\xe0\0",
            b"RIFF\0\0\0\0WEBPVP8X" + bytes(30), b"RIFF\0\0\0\0WEBPxxxx" + bytes(30), b"%PDF-1.4"]  # fmt: skip


@pytest.mark.parametrize("data", broken_files())
def test_broken_files_are_refused_quickly(data: bytes) -> None:
    begun = time.process_time()
    with pytest.raises(InputError):
        referee.check(data)
    assert time.process_time() - begun < 0.5


def test_mutated_files_give_a_report_or_an_input_error(cover: Cover) -> None:
    small = io.BytesIO()
    cover.image.resize((64, 64)).save(small, "JPEG", comment=b'{"verb": "cover"}')
    sources = [provenance.png(cover.image.resize((64, 64)), {"verb": "cover", "seed": 1}, {"lettering": "[]"}),
               small.getvalue()]  # fmt: skip
    rng = np.random.default_rng(2)
    for source in sources:
        for _ in range(150):
            data = bytearray(source)
            for at in rng.integers(0, len(data), rng.integers(1, 6)):
                data[at] = rng.integers(0, 256)
            cut = int(rng.integers(1, len(data) + 1)) if rng.random() < 0.4 else len(data)
            with contextlib.suppress(InputError):
                referee.check(bytes(data[:cut]))


@pytest.mark.parametrize(
    ("change", "name"),
    [("alpha", "no alpha"), ("oblong", "ratio"), ("turned", "upright"), ("grey", "8 bit RGB"), ("tiny", "size")],
)
def test_the_referee_sees_what_is_wrong(change: str, name: str) -> None:
    out, image = io.BytesIO(), Image.new("RGB", (700, 700), "#336699")
    if change == "turned":
        exif = Image.Exif()
        exif[0x0112] = 6
        image.save(out, "JPEG", exif=exif)
    else:
        image = {"alpha": image.convert("RGBA"), "oblong": image.resize((700, 800)), "grey": image.convert("L"),
                 "tiny": image.resize((300, 300))}[change]  # fmt: skip
        image.save(out, "PNG")
    report = referee.check(out.getvalue())
    assert {promise.name: promise.kept for promise in report.promises}[name] is False and report.valid is False


def test_poor_contrast_is_found(cover: Cover) -> None:
    lettering = '[{"role": "title", "box": [100, 100, 400, 200], "colour": "#808080"}]'
    data = provenance.png(
        Image.new("RGB", (700, 700), "#888888"), {"verb": "cover", "seed": 1}, {"lettering": lettering}
    )
    assert any(p.name == "contrast of the title" and p.kept is False for p in referee.check(data).promises)


def test_webp_is_read() -> None:
    for lossless in (True, False):
        out = io.BytesIO()
        Image.new("RGB", (700, 700), "#336699").save(out, "WEBP", lossless=lossless)
        assert referee.read(out.getvalue()).width == 700


def test_a_restyled_picture_may_have_its_own_shape() -> None:
    data = provenance.png(Image.new("RGB", (300, 200), "#336699"), {"verb": "restyle", "seed": 1, "request": {}}, {})
    assert referee.check(data).valid is True
