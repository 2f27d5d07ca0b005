"""Pictures are made again from what stands in their own files, in another process too; stripped ones say so."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from muse.art.gan.generator import random_bundles
from muse.errors import RecipeError
from muse.verbs import depict, library, retouch
from muse.verbs.remake import remake

AGAIN = """
import sys
from hashlib import sha256
from pathlib import Path
from muse import bundle
bundle._SHIPPED = Path(sys.argv[1])
from muse.verbs.remake import remake
for name in sys.argv[2:]:
    print(sha256(remake(name).image.tobytes()).hexdigest())
"""


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """muse as if it had been shipped with untrained bundles."""
    folder = tmp_path / "weights"
    for bundle in random_bundles():
        bundle.save(folder / f"{bundle.name}.safetensors")
    monkeypatch.setattr("muse.bundle._SHIPPED", folder)
    library._kept.cache_clear()
    yield folder
    library._kept.cache_clear()


def test_another_process_paints_the_same_pixels_from_a_picture(shipped: Path, tmp_path: Path) -> None:
    cover = depict.cover("秋江", artist="Muse", pixels=512, candidates=1, seed=5)
    other = retouch.restyle(("photo.png", cover.png()), style="oil", strength=0.6, seed=2)
    files = {"a.png": cover.png(), "b.jpg": cover.jpg(), "c.png": other.png(), "photo.png": cover.png()}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    names = [str(tmp_path / name) for name in ("a.png", "b.jpg", "c.png")]
    run = subprocess.run(
        [sys.executable, "-c", AGAIN, str(shipped), *names], capture_output=True, text=True, check=False
    )
    wanted = [sha256(work.image.tobytes()).hexdigest() for work in (cover, cover, other)]
    assert run.stdout.split() == wanted, run.stderr
    assert b"tIME" not in cover.png()
    assert Image.open(tmp_path / "a.png").text["Comment"].startswith("Made by a program: muse")


def test_a_picture_without_its_text_says_so(tmp_path: Path) -> None:
    Image.new("RGB", (64, 64)).save(tmp_path / "bare.png")
    Image.new("RGB", (64, 64)).save(tmp_path / "bare.jpg", comment=b"File written by a program")
    for name in ("bare.png", "bare.jpg"):
        with pytest.raises(RecipeError, match="its text was stripped"):
            remake(tmp_path / name)
