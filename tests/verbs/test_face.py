"""The public face: one door, everything behind it, nothing loaded before it is used."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import muse

ROOT = Path(__file__).parents[2]


def fresh(script: str) -> str:
    """What a script prints in a new process."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=280)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_every_name_of_the_face_is_there_and_no_other() -> None:
    assert muse.__all__ == sorted(muse.__all__)
    assert set(muse.__all__) == set(muse._HOMES)
    for name in muse.__all__:
        assert callable(getattr(muse, name)), name
    assert set(muse.__all__) <= set(dir(muse))
    with pytest.raises(AttributeError, match="no attribute"):
        muse.song  # noqa: B018


def test_importing_muse_loads_nothing_heavy() -> None:
    heavy = ("torch", "numpy", "PIL", "pydantic", "music21", "typer", "scipy")
    assert fresh(f"import sys, muse; print([name for name in {heavy!r} if name in sys.modules])") == "[]"


@pytest.mark.parametrize(
    "first", ["import muse", "import muse.poem.referee", "from muse.train import loop", "import muse.poem.form as f"]
)
def test_a_room_that_is_a_verb_can_be_called_however_it_was_imported(first: str) -> None:
    script = f"""
{first}
import muse
from muse.poem.referee import judge
import muse.train.schedule as schedule
for call in (muse.poem, muse.train, muse.poem):
    try:
        call("")
    except muse.MuseError as error:
        print(type(error).__name__, end=" ")
"""
    assert fresh(script) == "UsageError UsageError UsageError"


def test_the_version_stands_in_one_place_for_users() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == muse.__version__
    assert project["scripts"]["muse"] == "muse.__main__:main"


def test_the_package_is_typed() -> None:
    assert (ROOT / "muse" / "py.typed").is_file()
