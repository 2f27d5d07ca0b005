"""Noise for every reader of bytes (MIDI, pictures, ABC, kern): only errors of muse come out, and soon."""

from __future__ import annotations

import io
import random
import resource
import struct
import time
import zlib
from collections.abc import Callable

import pytest
from PIL import Image

from muse import sources
from muse.art.reading import open_picture
from muse.errors import CorpusError, InputError, MuseError
from muse.music import abc, kern, midi

CASES = 600


def sample(corpus: str, name: str) -> bytes:
    return (sources.corpus(corpus).sample_path() / name).read_bytes()


def picture(form: str) -> bytes:
    data = io.BytesIO()
    Image.effect_noise((40, 30), 60).convert("RGB").save(data, form)
    return data.getvalue()


def mutated(seed: bytes, count: int) -> list[bytes]:
    random_ = random.Random(len(seed))
    found = []
    for _ in range(count):
        data = bytearray(seed)
        for _ in range(random_.randrange(1, 8)):
            place = random_.randrange(len(data) + 1)
            kind = random_.randrange(5)
            if kind == 0:
                data[place:place] = random_.randbytes(random_.randrange(1, 12))
            elif kind == 1:
                del data[place : place + random_.randrange(1, 30)]
            elif kind == 2:
                data[place : place + 4] = random_.choice([b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"\x80\0\0\0"])
            elif kind == 3 and place < len(data):
                data[place] ^= 1 << random_.randrange(8)
            else:
                data = data[: max(1, place)]
        found.append(bytes(data))
    return found


KERN = b"!!!OTL: A\n**kern\t**kern\n*M4/4\t*M4/4\n*^\t*\n4c\t4d\t8e 8g\n*v\t*v\t*\n[2.f#/\t4r\n2f#]\t0%3B-\n*-\t*-\n"


@pytest.mark.parametrize(
    ("seed", "reader"),
    [
        (sample("piano-polish", "sample00.mid"), midi.read),
        (
            sample("open-hymnal", "open_hymnal.abc")[:700],
            lambda data: list(abc.tunes(data.decode("utf-8", "replace"))),
        ),
        (KERN, lambda data: kern.read(data.decode("utf-8", "replace"))),
        (picture("PNG"), open_picture),
        (picture("JPEG"), open_picture),
        (picture("WEBP"), open_picture),
    ],
    ids=["midi", "abc", "kern", "png", "jpeg", "webp"],
)
def test_noise(seed: bytes, reader: Callable[[bytes], object]) -> None:
    reader(seed)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for data in [b"", b"\0" * 64, b"\xff" * 4096, *mutated(seed, CASES)]:
        start = time.process_time()
        try:
            reader(data)
        except MuseError as error:
            assert isinstance(error, InputError | CorpusError) and error.what
        assert time.process_time() - start < 1.0, data[:100]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 256 * 1024


def song(tracks: list[bytes], count: int | None = None, division: int = 480) -> bytes:
    head = struct.pack(">4sIHHH", b"MThd", 6, 1, len(tracks) if count is None else count, division)
    return head + b"".join(b"MTrk" + struct.pack(">I", len(track)) + track for track in tracks)


FAR = b"\xff\xff\xff\x7f"  # 2^28 − 1 ticks
NOTE = b"\x00\x90\x3c\x40" + b"\x60\x80\x3c\x00"
END = b"\x00\xff\x2f\x00"


@pytest.mark.parametrize(
    "data",
    [
        song([FAR + b"\x90\x3c\x40" + FAR + b"\x80\x3c\x00" + END]),
        song([NOTE + (FAR + b"\xb0\x01\x01") * 2000 + END]),
        song([NOTE + END], count=65535), song([END] * 20000), song([]), song([NOTE + END], division=0),
        song([NOTE + END], division=0x8000), song([b"\x00\xff\x58\x04\x00\x00\x18\x08" + NOTE + END]),
        song([b"\x00\xff\x58\x04\x04\xff\x18\x08" + NOTE + END]), song([b"\x00\xff\x51\x03\x00\x00\x00" + NOTE + END]),
        song([b"\x00\xff\x01" + FAR + b"x"]), song([b"\x00\xf0" + FAR]), b"MThd\xff\xff\xff\xff", b"RIFF" + b"\0" * 100,
    ],
)  # fmt: skip
def test_hostile_midi(data: bytes) -> None:
    start = time.process_time()
    try:
        midi.read(data)
    except InputError as error:
        assert error.what and error.next_step
    assert time.process_time() - start < 1.0


def png(width: int, height: int, body: bytes = b"") -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data",
    [
        png(30_000, 30_000), png(1 << 31, 1), png(0, 0), png(2**32 - 1, 2**32 - 1), png(64, 64), b"GIF89a" + b"\0" * 40,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.4", b"BM" + b"\0" * 60, b"II*\0" + b"\0" * 60, b"",
    ],
)  # fmt: skip
def test_hostile_pictures(data: bytes) -> None:
    start = time.process_time()
    with pytest.raises(InputError):
        open_picture(data)
    assert time.process_time() - start < 0.5
