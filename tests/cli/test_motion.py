"""The commands that explore the generator and make loops, as a user types them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from muse.cli import main


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


def test_a_grid_to_choose_from(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(("cover", "秋江夜泊", "--grid", "4", "--style", "ink", "--out", str(tmp_path / "g"), "--json")) == 0
    value = json.loads(capsys.readouterr().out)
    assert value["kind"] == "grid" and Path(value["files"]["png"]).is_file() and value["seed"] == 1


def test_the_options_of_a_canvas_reach_the_verb(monkeypatch: pytest.MonkeyPatch) -> None:
    from muse.verbs import motion

    told: dict[str, object] = {}

    def stop(theme: object, **options: object) -> None:
        told.update(options, theme=theme)
        raise KeyboardInterrupt

    monkeypatch.setattr(motion, "canvas", stop)
    words = "canvas 秋 --seconds 4 --through ink,12 --direction light=+1 --width 1080 --format gif --seed 3 --like 2"
    assert main(words.split()) == 130
    assert told["through"] == ["ink", "12"] and told["direction"] == ["light=+1"] and told["width"] == 1080
    assert (told["theme"], told["seconds"], told["format"], told["seed"], told["like"]) == ("秋", 4, "gif", 3, 2)


@pytest.mark.parametrize(
    "words",
    ["canvas 秋 --seconds 9", "canvas 秋 --through inc,oil", "cover 秋 --seed 1 --direction light", "canvas",
     "cover 秋 --grid 0"],
)  # fmt: skip
def test_mistakes_are_told_as_usage(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words.split()) == 2
    assert "error:" in capsys.readouterr().err
