"""The verbs for pictures of one's own: works are made again byte for byte, and say in their plan what was done."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import muse
from muse.errors import InputError, UsageError
from muse.verbs import retouch
from muse.verbs.remake import remake
from muse.work import Work

pytestmark = pytest.mark.usefixtures("small")


def picture(shade: int = 90, size: tuple[int, int] = (64, 48)) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).point(lambda value: (value + shade) % 256).convert("RGB").save(out, "PNG")
    return out.getvalue()


def mask(size: tuple[int, int] = (64, 48)) -> bytes:
    out = io.BytesIO()
    drawn = Image.new("L", size)
    drawn.paste(255, (20, 16, 36, 30))
    drawn.save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, data in (("photo.png", picture()), ("other.png", picture(10)), ("mask.png", mask())):
        (tmp_path / name).write_bytes(data)
    (tmp_path / "apart").mkdir()
    (tmp_path / "apart" / "photo.png").write_bytes(picture(33))
    return tmp_path


def made(files: Path, which: str) -> Work:
    photo, other = files / "photo.png", files / "other.png"
    works = {
        "class by gan": lambda: retouch.restyle(photo, style="ink", by="gan", finish="none", strength=1, seed=1),
        "style of a picture": lambda: retouch.restyle(photo, style=str(other), strength=0.5, keep_colour=True, seed=1),
        "style of a namesake": lambda: retouch.restyle(photo, style=files / "apart" / "photo.png", seed=1),
        "morph": lambda: retouch.morph(photo, other, steps=3, keep="content", seed=1)[1],
        "mask": lambda: retouch.edit(photo, erase=files / "mask.png", dials="light=+0.2", seed=1),
        "rectangle": lambda: retouch.edit(photo, erase="20,16,8,8", seed=1),
        "dials": lambda: retouch.edit(photo, dials={"warmth": 0.5, "texture": -0.3}, seed=1),
    }
    return works[which]()


@pytest.mark.parametrize(
    "which", ["class by gan", "style of a picture", "style of a namesake", "morph", "mask", "rectangle", "dials"]
)
def test_a_picture_is_made_again_from_its_recipe(which: str, files: Path) -> None:
    work = made(files, which)
    work.save(files / "a")
    (files / "photo.png").rename(files / "renamed.png")
    with pytest.raises(muse.MuseError, match="--input"):
        remake(files / "a")
    inputs = [files / name for name in ("renamed.png", "other.png", "mask.png", "apart/photo.png")]
    again = remake(files / "a", inputs=inputs)
    assert again.files() == work.files() and again.recipe == work.recipe


def test_what_was_done_stands_in_the_plan(files: Path) -> None:
    edited = retouch.edit(files / "photo.png", erase=(20, 16, 8, 8), dials=["light=+0.2"], seed=1)
    assert edited.plan == ("erased: 20,16,8,8", "light +0.2") and edited.recipe.request["erase"] == [20, 16, 8, 8]
    restyled = retouch.restyle(files / "photo.png", style="ink", by="gan", finish="none", seed=1)
    assert "generator" in restyled.plan[1] and set(restyled.recipe.bundles) == {"image-vae", "cover-gan"}


def test_only_what_is_erased_changes(files: Path) -> None:
    before = np.asarray(Image.open(files / "photo.png"))
    after = np.asarray(retouch.edit(files / "photo.png", erase=files / "mask.png", seed=1).image)
    same = (before == after).all(-1)
    hole = np.asarray(Image.open(files / "mask.png")) > 0
    assert same[~hole].all() and not same[hole].all()


@pytest.mark.parametrize(
    ("ask", "error"),
    [
        (lambda: retouch.restyle("absent.png"), InputError),
        (lambda: retouch.restyle(b"no picture"), InputError),
        (lambda: retouch.restyle(picture(), style="inc"), UsageError),
        (lambda: retouch.restyle(picture(), style="absent.png"), InputError),
        (lambda: retouch.restyle(picture(), style=b"no picture"), InputError),
        (lambda: retouch.restyle(picture(), style=picture(1), by="gan"), UsageError),
        (lambda: retouch.restyle(picture(), by="dcgan"), UsageError),
        (lambda: retouch.restyle(picture(), finish="gloss"), UsageError),
        (lambda: retouch.restyle(picture(), strength=2), UsageError),
        (lambda: retouch.morph(picture(), picture(9), steps=1), UsageError),
        (lambda: retouch.morph(picture(), picture(9), keep="all"), UsageError),
        (lambda: retouch.edit(picture()), UsageError),
        (lambda: retouch.edit(picture(), dials={"glow": 1}), UsageError),
        (lambda: retouch.edit(picture(), erase="1,2,3,x"), UsageError),
        (lambda: retouch.edit(picture(), erase=(0, 0, 65, 48)), UsageError),
        (lambda: retouch.edit(picture(), erase=(1, 2, 3)), UsageError),
        (lambda: retouch.edit(picture(), erase=mask((64, 50))), UsageError),
        (lambda: retouch.edit(picture(), erase="absent.png"), InputError),
    ],
)
def test_refusals(ask, error) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error) as caught:
        ask()
    assert caught.value.what
