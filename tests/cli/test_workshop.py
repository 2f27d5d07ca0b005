"""muse rewrite and muse poem --explain, as a user types them."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from muse.cli import main
from muse.cli.workshop import rows
from muse.poem.workshop.terms import difference

pytestmark = pytest.mark.usefixtures("small")
POEM = ("poem", "秋江夜泊", "--form", "五绝", "--candidates", "1", "--seed", "7")
TEXT = "白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。\n"


@pytest.fixture
def typed(tmp_path: Path) -> str:
    (tmp_path / "w.txt").write_text(TEXT, encoding="utf-8")
    return str(tmp_path / "w.txt")


def test_the_poem_goes_out_and_the_changes_aside(typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("rewrite", typed, "--lines", "2,4", "--candidates", "2", "--seed", "7")) == 0
    out, err = capsys.readouterr()
    assert "白日依山尽" in out and "黄河入海流" not in out and "欲穷千里目" in out
    assert err.count("− ") == err.count("+ ") == 2 and "seed 7" in err
    assert main(("rewrite", typed, "--lines", "2-3", "--json", "--candidates", "1", "--count", "2")) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(found) == 2 and all(one["lines"][0] == "白日依山尽" for one in found)


def test_back_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second, back = (str(tmp_path / name) for name in "abc")
    assert main((*POEM, "--out", first, "--quiet")) == 0
    old = capsys.readouterr().out
    assert main(("rewrite", first, "--dial", "density=0.5", "--seed", "3", "--out", second, "--quiet")) == 0
    assert capsys.readouterr().out != old
    assert main(("rewrite", second, "--undo", "--out", back, "--quiet")) == 0
    assert capsys.readouterr().out == old
    for name in ("poem.json", "recipe.json"):
        assert (tmp_path / "c" / name).read_bytes() == (tmp_path / "a" / name).read_bytes()


def test_alternatives_and_explanations(
    typed: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(("rewrite", typed, "--lines", "2", "--word", "黄河", "--alternatives", "3", "--json")) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(found) == 3 and all(one["line"].endswith("入海流") for one in found)
    assert main(("rewrite", typed, "--lines", "2", "--alternatives", "2")) == 0
    assert "nats" in capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.StringIO(TEXT))
    assert main(("rewrite", "-", "--explain")) == 0
    assert "五绝" in capsys.readouterr().out
    assert main((*POEM, "--explain")) == 0
    assert "平水韵" in capsys.readouterr().out
    assert main((*POEM, "--explain", "--json")) == 0
    assert len(json.loads(capsys.readouterr().out)["explanation"]["places"]) == 20


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--lines", "9"), "no line 9"),
        (("--lines", "x"), "no line number"),
        (("--dial", "valence"), "turns no dial"),
        (("--dial", "size=1"), "unknown dial"),
        (("--alternatives", "3"), "one line"),
        (("--keep", "龘"), "cannot be kept"),
    ],
)
def test_wrong_requests(typed: str, more: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("rewrite", typed, *more)) == 2
    out, err = capsys.readouterr()
    assert out == "" and said in err and "next:" in err
    assert main(("rewrite", typed, "--undo")) == 1


def test_changes_are_marked_in_colour_at_a_terminal() -> None:
    (change,) = difference(["the cold sea", "on"], ["the grey sea", "on"])
    assert rows(change, False) == ("− 1  the [cold ]sea", "+ 1  the [grey ]sea")
    assert rows(change, True)[1] == "+ 1  the \x1b[32mgrey \x1b[0msea"


def test_a_rewritten_poem_is_remade_with_its_recipe(tmp_path: Path) -> None:
    first, second, again = (str(tmp_path / name) for name in "abc")
    assert main(["poem", "秋", "--form", "五绝", "--seed", "3", "--candidates", "1", "--out", first]) == 0
    assert main(["rewrite", first, "--lines", "2", "--seed", "4", "--out", second]) == 0
    assert main(["remake", second, "--out", again]) == 0
    for file in Path(second).iterdir():
        assert file.read_bytes() == (Path(again) / file.name).read_bytes(), file.name


def test_lines_that_run_backward_are_refused(tmp_path: Path) -> None:
    assert main(["poem", "秋", "--form", "五绝", "--seed", "3", "--candidates", "1", "--out", str(tmp_path / "a")]) == 0
    assert main(["rewrite", str(tmp_path / "a"), "--lines", "4-2"]) == 2
