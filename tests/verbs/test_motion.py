"""Grids and canvas loops as verbs: what a recipe keeps, what is taken over from a cover, what is refused."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

import muse
from muse.errors import MissingExtraError, UsageError
from muse.terms import Features
from muse.verbs import motion
from muse.work import Recipe


@pytest.fixture(scope="module")
def untaught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the two bundles of pictures, of untrained weights."""
    from muse.art.gan.generator import random_bundles

    folder = tmp_path_factory.mktemp("untaught")
    for bundle in random_bundles():
        bundle.save(folder / f"{bundle.name}.safetensors")
    return folder


@pytest.fixture(autouse=True)
def painters(untaught: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """muse as if it had been shipped with those bundles."""
    from muse.verbs import library

    monkeypatch.setattr("muse.bundle._SHIPPED", untaught)
    library._kept.cache_clear()
    yield
    library._kept.cache_clear()


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without ffmpeg."""
    monkeypatch.setenv("PATH", "/nowhere")


def test_a_grid_is_made_again_and_its_seeds_are_covers() -> None:
    grid = muse.grid("秋江夜泊", count=3, style="ink", seed=4)
    assert grid.seeds == (4, 5, 6) and grid.recipe.verb == "grid" and grid.recipe.seed == 4
    assert muse.remake(grid.recipe).files() == grid.files()
    with pytest.raises(UsageError):
        muse.grid("秋", count=0)


def test_a_cover_near_another_is_made_again() -> None:
    look = {"like": 4, "amount": 0.2, "colours": 9, "direction": "1=+1.5", "truncation": 1.0}
    wish = {"style": "ink", "pixels": 512, "title": "", "seed": 8}
    try:
        cover = muse.cover("秋江夜泊", **wish, **look)
    except UsageError:  # so little trained that its first direction has a name
        cover = muse.cover("秋江夜泊", **wish, **(look | {"direction": "8=+1.5"}))
    assert cover.recipe.request["like"] == 4 and list(cover.recipe.request["direction"].values()) == [1.5]
    assert muse.remake(cover.recipe).image.tobytes() == cover.image.tobytes()


def test_without_a_seed_the_best_of_several_is_kept_and_its_seed_told() -> None:
    cover = muse.cover("秋江夜泊", style="ink", pixels=512, title="", candidates=2)
    assert muse.remake(cover.recipe).image.tobytes() == cover.image.tobytes()


def test_a_loop_through_a_picture_is_made_again(bare: None, tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    Image.linear_gradient("L").convert("RGB").save(picture)
    loop = muse.canvas("秋", through=["ink", picture, 3], seconds=3, width=360, seed=5)
    assert loop.form == "gif" and loop.recipe.request["through"] == ["ink", "a.png", 3]
    assert set(loop.recipe.inputs) == {"a.png"} and any("no ffmpeg" in finding for finding in loop.report.findings)
    folder = loop.save(tmp_path / "loop")
    assert {path.name for path in folder.iterdir()} == {"canvas.gif", "poster.jpg", "recipe.json"}
    assert muse.remake(folder, inputs=[picture]).files() == loop.files()
    assert Image.open(io.BytesIO(loop.files()["poster.jpg"])).size == (360, 640)


def test_what_a_loop_takes_over_from_a_cover() -> None:
    request = {"theme": "秋", "style": "ink", "palette": ["#102030", "#ffffff"], "mood": None, "title": "x"}
    cover = muse.Cover("x", Image.new("RGB", (8, 8)), recipe=Recipe("cover", 12, request))
    assert motion.inherited(cover) == {
        "theme": "秋", "style": "ink", "palette": ["#102030", "#ffffff"], "mood": None, "seed": 12
    }  # fmt: skip
    assert motion.inherited("秋") == {} and motion.inherited(muse.Cover("y", cover.image)) == {}
    album = muse.Cover("z", cover.image, recipe=Recipe("album", 1, parts=(cover.recipe,)))
    assert motion.inherited(album)["seed"] == 12


def test_beats_come_from_the_work(monkeypatch: pytest.MonkeyPatch, bare: None) -> None:
    from muse.art import canvas as canvases

    told: dict[str, object] = {}

    def stop(*arguments: object, **options: object) -> None:
        told.update(options)
        raise KeyboardInterrupt

    monkeypatch.setattr(canvases, "canvas", stop)
    piece = muse.Cover("秋", Image.new("RGB", (8, 8)), features=Features(beats=(1.0, 1.5, 2.0, 30.0)))
    for wish, beats in (({}, [1.0, 1.5, 2.0]), ({"beats": (0, 2)}, [0.0, 2.0])):
        with pytest.raises(KeyboardInterrupt):
            muse.canvas(piece, **wish)  # type: ignore[arg-type]
        assert told["beats"] == beats and told["ffmpeg"] is None


@pytest.mark.parametrize(
    "wish", [{"seconds": 9}, {"through": ["ink"]}, {"through": ["inc", "oil"]}, {"width": 50}, {"format": "avi"},
             {"direction": "sweetness=1"}, {"truncation": 3}, {"like": -1}]
)  # fmt: skip
def test_what_cannot_be_is_refused_before_anything_is_made(wish: dict[str, object], bare: None) -> None:
    with pytest.raises(UsageError):
        muse.canvas("秋", seed=1, **wish)  # type: ignore[arg-type]


def test_an_mp4_without_ffmpeg_is_refused(bare: None) -> None:
    with pytest.raises(MissingExtraError, match="ffmpeg"):
        muse.canvas("秋", seed=1, format="mp4")
