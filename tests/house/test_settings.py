"""Settings: the order of their sources, and errors that name what was meant."""

import tomllib
from typing import ClassVar

import pytest

from muse.errors import MuseError, SettingsError, UsageError
from muse.settings import RunSettings, Settings, resolve, to_toml


class Toy(Settings):
    width: int = 8
    name: str = "a"
    sizes: ClassVar = {"tiny": {"width": 4}, "base": {"width": 64}}


RUN = {"": {"steps": 10}, "base": {"steps": 99}}


def test_default_then_size_then_toml_then_set(tmp_path):
    assert [s.steps for s in [resolve(Toy, RUN)[1], resolve(Toy, RUN, size="base")[1]]] == [10, 99]
    toml = tmp_path / "small.toml"
    toml.write_text("[model]\nwidth = 7\n[run]\nsteps = 5\nlearning_rate = 0.1\n")
    model, run = resolve(Toy, RUN, size="tiny", toml=toml, sets=["steps=6", "model.name=b c"])
    assert (model.width, model.name, run.steps, run.learning_rate) == (7, "b c", 6, 0.1)


def test_written_toml_is_read_back(tmp_path):
    model, run = resolve(Toy, RUN, size="base", sets=["name=静夜"])
    path = tmp_path / "all.toml"
    path.write_text(to_toml({"model": model, "run": run}))
    assert resolve(Toy, {}, toml=path) == (model, run)
    assert tomllib.loads(path.read_text())["model"]["name"] == "静夜"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"sets": ["stepps=3"]}, 'did you mean "steps"'),
        ({"sets": ["steps"]}, "key=value"),
        ({"sets": ["steps=-1"]}, "steps"),
        ({"sets": ["steps=many"]}, "steps"),
        ({"sets": ["rum.steps=1"]}, 'did you mean "run"'),
        ({"size": "smal"}, 'did you mean "small"'),
    ],
)
def test_errors_name_the_next_step(arguments, says):
    with pytest.raises(UsageError) as caught:
        resolve(Toy, RUN, **arguments)
    assert says in str(caught.value) and caught.value.exit_code == 2


@pytest.mark.parametrize(
    "text", ["[model", "width = 3", "[model]\nwitdh = 3", "[models]\nwidth = 3", "\x00", "[" * 5000]
)
def test_bad_toml(tmp_path, text):
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(SettingsError):
        resolve(Toy, RUN, toml=path)


def test_absent_toml(tmp_path):
    with pytest.raises(MuseError, match="cannot read"):
        resolve(Toy, RUN, toml=tmp_path / "none.toml")


def test_settings_are_frozen():
    with pytest.raises(ValueError, match="frozen"):
        RunSettings().steps = 3
