"""Noise for every reader of text: only errors of muse come out, and soon."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from muse import sources
from muse.errors import MuseError
from muse.poem.corpus import read as read_poems
from muse.poem.referee import judge
from muse.settings import resolve
from muse.tables.lexicon import interpret
from muse.work import Recipe

CASES = 250
RECIPE = Recipe("poem", 7, {"theme": "月"}, {"poem-zh": "0" * 64}, version="0", machine={"device": "cpu"}).as_bytes()
TOML = (sources.corpus("jsb-chorales").folder / "SOURCE.toml").read_bytes()
SETTINGS = b'[model]\nlayers = 2\nwidth = 64\n[run]\nsteps = 10\nlearning_rate = 0.001\nprecision = "fp32"\n'
POEMS = json.dumps(
    [{"title": "登鹳雀楼", "paragraphs": ["白日依山尽，黄河入海流。", "欲穷千里目，更上一层楼。"]}], ensure_ascii=False
).encode()
PIECES = [
    *(mark.encode() for mark in "{}[]\",:#\n月\u202e"), b"null", b"1e999", b"-1", b"NaN",
    b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b" = ", b"[[", b"]]", b"9" * 400, b"[" * 3000, b'{"a":' * 3000, b"\\ud800",
]  # fmt: skip


def mutated(seed: bytes, count: int, name: str) -> list[bytes]:
    random_ = random.Random(name)
    found = []
    for _ in range(count):
        data = bytearray(seed)
        for _ in range(random_.randrange(1, 6)):
            place = random_.randrange(len(data) + 1)
            kind = random_.randrange(4)
            if kind == 0:
                data[place:place] = random_.choice(PIECES)
            elif kind == 1:
                del data[place : place + random_.randrange(1, 30)]
            elif kind == 2 and place < len(data):
                data[place] = random_.randrange(256)
            else:
                data = data[:place]
        found.append(bytes(data))
    return found


def as_recipe(path: Path) -> object:
    return Recipe.load(path)


def as_source(path: Path) -> object:
    return sources.read(path)


def as_settings(path: Path) -> object:
    from muse.poem import course

    return resolve(course.PoemSettings, course.RUN, size="tiny", toml=path, sets=())


def as_poems(path: Path) -> object:
    return list(read_poems(path))


@pytest.mark.parametrize(
    ("seed", "name", "reader"),
    [
        (RECIPE, "a.json", as_recipe), (TOML, "a.toml", as_source), (SETTINGS, "b.toml", as_settings),
        (POEMS, "c.json", as_poems),
    ],
    ids=["recipe", "source", "settings", "poems"],
)  # fmt: skip
def test_files_of_noise(seed: bytes, name: str, reader: Callable[[Path], object], tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(seed)
    reader(path)  # what it imports is not counted
    good = 0
    for data in [seed, b"", b"\x00" * 1000, *PIECES, *mutated(seed, CASES, name)]:
        path.write_bytes(data)
        start = time.process_time()
        try:
            reader(path)
            good += 1
        except MuseError as error:
            assert error.what and str(error)
        assert time.process_time() - start < 1.0, data[:200]
    assert good >= 1


def test_themes_and_poems_of_noise() -> None:
    random_ = random.Random(11)
    alphabet = [
        "月",
        "江",
        "\ud800",
        "\U0010ffff",
        "\u202e",
        "\x00",
        "a",
        "é",
        "🌙",
        " ",
        "\n",
        "不",
        "，",
        "no ",
        "-",
        "'",
        "\u0301",
    ]
    for _ in range(CASES):
        text = "".join(random_.choice(alphabet) for _ in range(random_.randrange(60)))
        for reader in (interpret, judge):
            start = time.process_time()
            try:
                reader(text)
            except MuseError as error:
                assert error.exit_code == 2
            assert time.process_time() - start < 1.0
