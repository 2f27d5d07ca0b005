"""Models and works that are at hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

import muse
from muse.bundle import Bundle
from muse.errors import BundleError, InputError, OutputError, UsageError
from muse.verbs import library, verse

pytestmark = pytest.mark.usefixtures("small")
NAMES = ["composer", "cover-gan", "image-vae", "melody-vae", "poem-en", "poem-zh"]


def test_every_bundle_has_its_card() -> None:
    cards = library.models()
    assert sorted(cards) == NAMES
    for name, card in cards.items():
        assert card["name"] == name and card["data"] and card["steps"] >= 1 and card["limits"]


def test_a_bundle_is_loaded_once_until_its_file_changes(small: Path, tmp_path: Path) -> None:
    assert library.load("poem-zh") is library.load("poem-zh")
    path = tmp_path / "mine.safetensors"
    bundle = library.load("poem-zh")
    Bundle(bundle.weights, {**bundle.card, "name": "one"}).save(path)
    assert library.load(path).name == "one"
    Bundle(bundle.weights, {**bundle.card, "name": "another"}).save(path, force=True)
    assert library.load(path).name == "another"


def test_a_bundle_of_another_kind_or_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="music"):
        library.load_kind("composer", "poem")
    with pytest.raises(BundleError, match="poem-zh"):
        library.load("poem-hz")
    (tmp_path / "pickle.safetensors").write_bytes(b"\x80\x04\x95K\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94.")
    with pytest.raises(BundleError):
        library.load(tmp_path / "pickle.safetensors")
    with pytest.raises(UsageError):
        verse.poem("秋", bundle="composer")


def test_verify_reads_all_or_one(small: Path, tmp_path: Path) -> None:
    assert sorted(library.verify()) == NAMES
    data = bytearray((small / "poem-zh.safetensors").read_bytes())
    data[-1] ^= 1
    (tmp_path / "bad.safetensors").write_bytes(data)
    with pytest.raises(BundleError, match="not whole"):
        library.verify(tmp_path / "bad.safetensors")


def test_export_writes_the_file_and_its_card(tmp_path: Path) -> None:
    weights, card = library.export("melody-vae", tmp_path)
    assert Bundle.load(weights).sha256 == library.load("melody-vae").sha256
    assert json.loads(card.read_text())["kind"] == "variation"
    with pytest.raises(OutputError):
        library.export("melody-vae", tmp_path)
    library.export("melody-vae", tmp_path, force=True)


def test_works_are_read_from_folders_and_files(tmp_path: Path) -> None:
    poem = verse.poem("秋", form="五绝", candidates=1, seed=3)
    poem.save(tmp_path / "poem")
    for path in (tmp_path / "poem", tmp_path / "poem" / "recipe.json"):
        again = muse.read(path)
        assert (again.kind, again.text(), again.recipe) == ("poem", poem.text(), poem.recipe)
    assert muse.read(tmp_path / "poem" / "poem.txt").text() == poem.text()
    Image.new("RGB", (40, 40), (200, 30, 30)).save(tmp_path / "red.jpg")
    assert muse.read(tmp_path / "red.jpg").kind == "cover"
    (tmp_path / "own.txt").write_text("白日依山尽，黄河入海流。欲穷千里目，更上一层楼。", "utf-8")
    assert muse.check(tmp_path / "own.txt").valid is True
    assert muse.check(tmp_path / "own.txt", form="七绝").valid is False


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.json", b"{"),
        ("a.json", b"[1]"),
        ("a.json", b'{"lines": 3}'),
        ("a.json", b'{"tracks": 3}'),
        ("a.json", b"[" * 5000),
        ("a.txt", b"\xff\xfe\x00"),
        ("a.txt", b""),
        ("a.png", b"\x89PNG\r\n\x1a\n"),
        ("a.jpg", b"no picture"),
        ("a.mid", b"MThd"),
        ("a.exe", b"MZ"),
        ("a", b""),
    ],
)
def test_what_is_no_work_is_an_input_error(name: str, data: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError):
        muse.read(tmp_path / name)
    with pytest.raises(InputError):
        muse.check(tmp_path / name)


def test_an_empty_or_absent_folder_holds_no_work(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent"):
        with pytest.raises(InputError):
            muse.read(path)
        with pytest.raises(InputError):
            muse.check(path)
