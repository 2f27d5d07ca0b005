"""Loops are judged by their headers; damaged ones are refused."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image

from muse.art.referee import loops
from muse.errors import InputError


def gif(size: tuple[int, int] = (90, 160), frames: int = 9, delay: int = 400, closed: bool = True) -> bytes:
    out = io.BytesIO()
    rng = np.random.default_rng(0)
    made = [Image.fromarray(rng.integers(0, 256, (*size[::-1], 3), dtype=np.uint8)) for _ in range(frames)]
    made.append(made[0] if closed else made[1].transpose(Image.Transpose.ROTATE_180))
    made[0].save(out, "GIF", save_all=True, append_images=made[1:], duration=delay, loop=0)
    return out.getvalue()


def mp4(size: tuple[int, int] = (1080, 1920), seconds: float = 6.0, wide: bool = False) -> bytes:
    def box(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I4s", len(body) + 8, kind) + body

    length = round(600 * seconds)
    times = struct.pack(">QQIQ", 0, 0, 600, length) if wide else struct.pack(">IIII", 0, 0, 600, length)
    mvhd = box(b"mvhd", struct.pack(">I", 1 << 24 if wide else 0) + times + bytes(80))
    tkhd = box(b"tkhd", bytes(76) + struct.pack(">II", size[0] << 16, size[1] << 16))
    return box(b"ftyp", b"isom\0\0\2\0") + box(b"mdat", bytes(100)) + box(b"moov", mvhd + box(b"trak", tkhd))


def test_size_and_length_are_read() -> None:
    for wide in (False, True):
        found = loops.read(mp4(wide=wide))
        assert (found.format, found.width, found.height, found.seconds) == ("MP4", 1080, 1920, 6.0)
    found = loops.read(gif())
    assert (found.format, found.width, found.height) == ("GIF", 90, 160) and found.seconds == pytest.approx(4.0)


def test_a_good_loop_is_taken_and_a_bad_one_told_why() -> None:
    good = loops.check(mp4())
    assert good.valid is True and good.findings == ("the MP4 is taken by Spotify Canvas",)
    long = loops.check(mp4((1920, 1080), 9))
    assert [promise.kept for promise in long.promises] == [False, False] and len(long.findings) == 2
    film = loops.check(gif())
    assert film.valid is True and any("ffmpeg" in finding for finding in film.findings)
    assert film.promises[-1].name == "closed" and film.promises[-1].kept is True
    assert loops.check(gif(closed=False)).promises[-1].kept is False


def test_damaged_loops_are_refused() -> None:
    rng = np.random.default_rng(1)
    for data in (mp4(), gif(frames=2)):
        for _ in range(150):
            changed = bytearray(data[: int(rng.integers(1, len(data) + 1))])
            for at in rng.integers(0, len(changed), 3):
                changed[at] = rng.integers(0, 256)
            try:
                loops.check(bytes(changed))
            except InputError as error:
                assert error.next_step
    for data in (b"", b"RIFF", mp4(seconds=0), b"GIF89a"):
        with pytest.raises(InputError):
            loops.check(data)
