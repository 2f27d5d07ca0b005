"""Noise for every reader of music: they give a piece or an InputError that names the file, soon."""

from __future__ import annotations

import io
import random
import resource
import struct
import time
import zipfile

import pytest

from muse.errors import InputError
from muse.music import files
from muse.music.piece import Note, Piece, Track
from muse.music.theory import Chord, Key, Meter

CASES = 2000
SUNG = tuple(Note(12 * i, 60 + i, 12 - i % 2, lyric="la-" if i % 2 else "ta") for i in range(6))
PIECE = Piece(
    "Noise", Key(2, "minor"), Meter(3, 4), 90.0, 2, (Track("A", 1, SUNG), Track("B", 2, (Note(0, 40, 72),))), 0,
    (Chord(0, 2, "m"), Chord(36, 7, "7")),
)  # fmt: skip
ABC = (
    'X:1\nT:A\nM:6/8\nL:1/8\nQ:3/8=60\nK:Edor\nV:1 name="S"\n"Em"B,|(3Bcd [EGB]2A-"A7"!f!{g}A &z4|C>D ^F/2_G//|]\n'
    "w: Hel-lo __ *\n"
)
KERN = (
    b"!!!OTL: A\n**kern\t**kern\t**text\n*M4/4\t*M4/4\t*\n*^\t*\t*\n4c\t4d\t8e 8g\tla\n*v\t*v\t*\t*\n"
    b"[2.f#/\t4r\t_\n2f#]\t0%3B-\t.\n*-\t*-\t*-\n"
)
CONTAINER = "<container><rootfiles><rootfile full-path='a.xml'/></rootfiles></container>"


def packed(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("a.xml", data)
    return out.getvalue()


SEEDS = {
    "a.mid": PIECE.midi(), "a.musicxml": PIECE.musicxml(), "a.mxl": packed(PIECE.musicxml()), "a.abc": ABC.encode(),
    "a.krn": KERN,
}  # fmt: skip
WORDS = {
    ".mid": (b"MTrk", b"\xff\x2f\x00", b"\xff\xff\xff\x7f", b"\x00\xff\x58\x04", b"\x90", b"\xff\x05\x7f"),
    ".musicxml": (b"<chord/>", b"<note>", b"</note>", b"<backup>", b"99999999999", b"-1", b"&amp;", b"&x;", b"<!--",
                  b"]]>", b"nan"),
    ".mxl": (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"\xff\xff\xff\xff"),
    ".abc": (b"[V:2]", b"K:", b"L:0", b"M:", b"(9:9:99", b"9999", b"////", b"&", b"\nw:", b'"', b"-", b"''''''''"),
    ".krn": (b"\t", b"\n", b"*^", b"*v", b"*-", b"*x", b"*+", b"**kern", b"0000", b"%99", b"...", b"="),
}  # fmt: skip


def mutated(name: str, count: int) -> list[bytes]:
    draw, seed, found = random.Random(name), SEEDS[name], []
    words = WORDS[name[1:]]
    for _ in range(count):
        data = bytearray(seed)
        for _ in range(draw.randrange(1, 6)):
            place = draw.randrange(len(data) + 1)
            kind = draw.randrange(6)
            if kind == 0:
                data[place:place] = draw.choice(words)
            elif kind == 1:
                del data[place : place + draw.randrange(1, 30)]
            elif kind == 2:
                data[place : place + 4] = draw.choice(words)
            elif kind == 3 and place < len(data):
                data[place] ^= 1 << draw.randrange(8)
            elif kind == 4:
                other = draw.randrange(len(data) + 1)
                data[place:place] = data[other : other + draw.randrange(40)]
            else:
                data = data[: max(1, place)] if draw.random() < 0.2 else data
        found.append(bytes(data))
    return found


def tried(data: bytes, name: str) -> bool:
    """Whether the bytes are a piece; only InputError may say that they are not."""
    start = time.process_time()
    try:
        piece = files.parse(data, name)
    except InputError as error:
        assert name in str(error) and error.why, data
        return False
    finally:
        assert time.process_time() - start < 1.0, data
    assert piece.notes and piece.bars >= 1 and all(n.duration > 0 and 0 <= n.pitch < 128 for n in piece.notes)
    return True


@pytest.mark.parametrize("name", SEEDS)
def test_noise(name: str) -> None:
    assert tried(SEEDS[name], name)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for data in [b"", b"\0" * 64, b"\xff" * 4096, *mutated(name, CASES)]:
        tried(data, name)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 256 * 1024


@pytest.mark.parametrize("name", ["a.mid", "a.mxl"])
def test_every_truncation_is_refused(name: str) -> None:
    data = SEEDS[name]
    assert not any(tried(data[:size], name) for size in range(len(data)))


@pytest.mark.parametrize("name", ["a.musicxml", "a.abc", "a.krn"])
def test_every_truncation_is_bounded(name: str) -> None:
    data = SEEDS[name]
    whole = [size for size in range(0, len(data), 1 + len(data) // 600) if tried(data[:size], name)]
    assert name != "a.musicxml" or all(size >= len(data.rstrip()) for size in whole)


def song(*tracks: bytes, count: int | None = None, kind: int = 1, division: int = 480) -> bytes:
    head = struct.pack(">4sIHHH", b"MThd", 6, kind, len(tracks) if count is None else count, division)
    return head + b"".join(b"MTrk" + struct.pack(">I", len(track)) + track for track in tracks)


FAR = b"\xff\xff\xff\x7f"
NOTE, END = b"\x00\x90\x3c\x40\x60\x80\x3c\x00", b"\x00\xff\x2f\x00"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (song(NOTE + END, kind=2), "type 2"), (song(NOTE + END, division=0xE728), "SMPTE"),
        (song(NOTE + END, count=65535), "65,535 tracks"), (song(*[END] * 129), "129 tracks"),
        (song(b"\x00\x90" + b"\x3c\x40\x00\x3c\x00\x00" * 600_000 + END), "notes"),
        (song(b"\x00\x90" + b"\x3c\x40\x00\x3c\x00\x00" * 1_000_000 + END), "more than"),
        (song((FAR + b"\xb0\x01\x01") * 3 + NOTE + END), "longer than"),
        (song(FAR + b"\x90\x3c\x40" + FAR + b"\x80\x3c\x00" + END), "longer than"),
        (song(b"\x00\xff\x51\x7f" + NOTE), ""), (song(b"\x00\xff\x05" + FAR + b"la" + NOTE + END), ""),
        (song(b"\x00\x3c\x40\x00\x3c\x00" + END), ""), (song(b"\x00\xf0" + FAR + NOTE + END), ""),
        (song(b"\x80" * 4000 + NOTE + END), ""), (song(b"\x00\xff\x2f\x00" + NOTE), ""),
    ],
)  # fmt: skip
def test_hostile_midi_is_refused_soon(data: bytes, why: str) -> None:
    start = time.process_time()
    with pytest.raises(InputError) as caught:
        files.parse(data, "x.mid")
    assert why in str(caught.value)
    assert time.process_time() - start < 1.0


def test_odd_midi_is_read() -> None:
    running = song(b"\x00\x90\x3c\x40\x30\x3e\x40\x30\x3c\x00\x00\x3e\x00" + END)
    assert [(n.tick, n.pitch) for n in files.parse(running, "x.mid").notes] == [(0, 60), (1, 62)]
    nothing = files.parse(song(b"\x00\x90\x3c\x40\x00\x80\x3c\x00" + NOTE + END), "x.mid")
    assert all(note.duration >= 1 for note in nothing.notes) and nothing.tempo == 120.0
