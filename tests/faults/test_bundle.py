"""A bundle that is cut, changed, foreign or hostile: a named error each time, nothing executed, little memory."""

from __future__ import annotations

import json
import os
import pickle
import random
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from muse.bundle import Bundle
from muse.errors import BundleError

CARD = {"schema": 1, "kind": "poem", "name": "tiny", "settings": {"layers": 1}, "data": [], "metrics": {}}


def tiny() -> Bundle:
    return Bundle({"a": np.arange(6, dtype=np.float16).reshape(2, 3), "b": np.ones(2, np.float32)}, CARD)


def test_round_trip(tmp_path: Path) -> None:
    path = tiny().save(tmp_path / "tiny.safetensors")
    back = Bundle.load(path)
    assert back.card == CARD
    assert all(np.array_equal(back.weights[name], array) for name, array in tiny().weights.items())
    assert back.as_bytes() == path.read_bytes() and back.sha256 == tiny().sha256


def test_every_flipped_bit_is_found() -> None:
    data = tiny().as_bytes()
    for place in range(len(data)):
        for bit in (1, 16, 128):
            changed = bytearray(data)
            changed[place] ^= bit
            with pytest.raises(BundleError):
                Bundle.from_bytes(bytes(changed))


def test_every_truncation_is_found() -> None:
    data = tiny().as_bytes()
    for length in range(len(data)):
        with pytest.raises(BundleError):
            Bundle.from_bytes(data[:length])
    with pytest.raises(BundleError):
        Bundle.from_bytes(data + b"\0")


class Trap:
    def __init__(self, flag: Path) -> None:
        self.flag = flag

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.flag),)


def test_a_pickle_is_never_executed(tmp_path: Path) -> None:
    import torch

    flag = tmp_path / "flag"
    plain = pickle.dumps(Trap(flag))
    (tmp_path / "plain.safetensors").write_bytes(plain)
    torch.save({"weights": Trap(flag)}, tmp_path / "torch.safetensors")
    (tmp_path / "inside.safetensors").write_bytes(struct.pack("<Q", len(plain)) + plain)
    for path in tmp_path.glob("*.safetensors"):
        with pytest.raises(BundleError):
            Bundle.load(path)
    assert not flag.exists()


def forged(header: object, body: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def entry(**fields: object) -> dict[str, object]:
    return {"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4], **fields}}


FORGED = [
    b"",
    b"\0" * 8,
    struct.pack("<Q", 1 << 62),
    struct.pack("<Q", (1 << 64) - 1) + b"{}",
    *(forged(text) for text in (b"[]", b"null", b"[" * 200_000, b'{"a":' * 100_000, b"\xff\xfe\x00", b'{"a":NaN}')),
    *(forged({"__metadata__": value}) for value in ([], None, {"card": 7})),
    *(forged(entry(shape=shape), b"\0" * 4) for shape in ([1 << 40] * 2, [-1], [1.0], ["1"], [True], [10**400], 1)),
    *(
        forged(entry(data_offsets=at), b"\0" * 4)
        for at in ([0, 1 << 60], [4, 0], [0, 4, 8], None, ["0", "4"], [0.0, 4])
    ),
    forged(entry(dtype="O"), b"\0" * 4),
    forged(entry(), b"\0" * 4),
    forged({**entry(), "v": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}, b"\0" * 4),
    forged({"w": 3}),
    forged('{"\ud800": 1}'.encode("utf-8", "surrogatepass")),
]


@pytest.mark.parametrize("data", FORGED)
def test_forged_headers(data: bytes) -> None:
    tracemalloc.start()
    with pytest.raises(BundleError):
        Bundle.from_bytes(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 << 20


@pytest.mark.parametrize(
    "card",
    [
        {}, [], "x", None, {**CARD, "schema": 99}, {**CARD, "schema": "1"}, {**CARD, "settings": []},
        {**CARD, "kind": None},
        {key: value for key, value in CARD.items() if key != "metrics"},
    ],
)  # fmt: skip
def test_cards_that_are_no_cards(card: object) -> None:
    from muse.tensors import pack

    with pytest.raises(BundleError):
        Bundle.from_bytes(pack({"a": np.zeros(1, np.float32)}, json.dumps(card)))
    with pytest.raises(BundleError):
        Bundle.from_bytes(pack({"a": np.zeros(1, np.float32)}, "{" * 100_000))


def test_absent_and_unreadable(tmp_path: Path) -> None:
    with pytest.raises(BundleError):
        Bundle.load("poem-zz")
    with pytest.raises(BundleError):
        Bundle.load(tmp_path / "none.safetensors")
    (tmp_path / "folder.safetensors").mkdir()
    with pytest.raises(BundleError):
        Bundle.load(tmp_path / "folder.safetensors")


def test_noise() -> None:
    random_ = random.Random(5)
    data = tiny().as_bytes()
    for _ in range(2000):
        changed = bytearray(data)
        for _ in range(random_.randrange(1, 8)):
            place = random_.randrange(len(changed))
            action = random_.randrange(3)
            if action == 0:
                changed[place] = random_.randrange(256)
            elif action == 1:
                del changed[place : place + random_.randrange(1, 9)]
            else:
                changed[place:place] = random_.randbytes(random_.randrange(1, 9))
        if bytes(changed) != data:
            with pytest.raises(BundleError):
                Bundle.from_bytes(bytes(changed))
