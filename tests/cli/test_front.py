"""The front of the command line: help, suggestions, exit codes, and what goes where."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import muse
from muse import engine
from muse.cli import main

ROOT = Path(muse.__file__).parents[1]  # where the muse that is tested lies: it may be an installed one
COMMANDS = ["poem", "compose", "vary", "blend", "cover", "restyle", "morph", "edit", "album", "check", "show", "remake",
            "train", "eval", "corpus", "model", "doctor"]  # fmt: skip
HEAVY = ("torch", "numpy", "PIL", "music21", "mido", "pydantic", "safetensors", "rich.console", "scipy")


def run(*words: str, code: int | None = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    """`muse …` in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "muse", *words], capture_output=True, text=True, cwd=environment.pop("cwd", str(ROOT)),
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **environment}, timeout=280,
    )  # fmt: skip
    assert code is None or done.returncode == code, done.stderr
    return done


def test_help_names_every_command_and_loads_nothing_heavy() -> None:
    script = (
        f"import sys; from muse.cli import main; main(['--help']); print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=280)
    *text, heavy = done.stdout.splitlines()
    assert ast.literal_eval(heavy) == []
    assert all(any(line.split()[:1] == [command] for line in text) for command in COMMANDS)


@pytest.mark.skipif(not engine.available(), reason=engine.explain())
def test_a_poem_needs_nothing_heavy(untrained: Path) -> None:
    words = [
        "poem",
        "月",
        "--candidates",
        "2",
        "--seed",
        "1",
        "--quiet",
        "--bundle",
        str(untrained / "poem-zh.safetensors"),
    ]
    unwanted = (
        "torch",
        "scipy",
        "music21",
        "mido",
        "symusic",
        "pretty_midi",
        "PIL",
        "fontTools",
        "pypinyin",
        "safetensors",
    )
    script = (
        f"import sys; from muse.cli import main; main({words!r}); print([m for m in {unwanted!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=280,
                          env={**os.environ, "PYTHONIOENCODING": "utf-8"})  # fmt: skip
    *text, heavy = done.stdout.splitlines()
    assert len("".join(text)) > 20 and ast.literal_eval(heavy) == []


def test_help_comes_at_once() -> None:
    """Half a second; the time is that of the processor, since other tests may run beside this one."""

    def seconds() -> float:
        before = os.times()
        run("--help")
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    assert min(seconds() for _ in range(3)) <= 0.5


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    out = capsys.readouterr().out
    if command not in ("corpus", "model"):
        assert f"muse {command} " in out.split("Examples:")[1]


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["peom", "x"], "poem"),
        (["poem", "秋", "--forn", "七绝"], "--form"),
        (["album", "秋", "--trakcs", "3"], "--tracks"),
        (["model", "lst"], "list"),
        (["poem", "秋", "--device", "cdua"], "cuda"),
        (["poem", "秋", "--mood", "enrgy=1"], "energy"),
        (["train", "pome"], "poem"),
        (["eval", "musik"], "music"),
        (["train", "poem", "--size", "smal"], "small"),
        (["train", "poem", "--set", "run.stps=3"], "steps"),
        (["eval", "poem", "--split", "tst"], "test"),
    ],
)
def test_a_typo_gets_a_suggestion(words: list[str], hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    caught = capsys.readouterr()
    assert caught.out == ""
    assert hint in caught.err and "error: " in caught.err and "Traceback" not in caught.err


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["", ""],
        ["   "],
        ["\x00\x01"],
        ["\u202e"],
        ["x" * 2001],
        ["秋\udcff"],
        ["秋", "--count", "0"],
        ["秋", "--seed", "-1"],
        ["秋", "--seed", "seven"],
        ["秋", "--candidates", "0"],
        ["秋", "--lang", "xx"],
    ],
)
def test_bad_words_for_a_poem_are_a_usage_error(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["poem", *words]) == 2
    caught = capsys.readouterr()
    assert caught.out == "" and "next: " in caught.err


def test_no_command_shows_the_help_and_version_its_number(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "Commands:" in capsys.readouterr().out
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("muse ")


def test_a_fault_of_muse_shows_its_traceback_only_when_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*arguments: object, **options: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr("muse.verbs.library.models", broken)
    assert main(["model", "list"]) == 1
    quiet = capsys.readouterr().err
    assert "ZeroDivisionError" in quiet and "Traceback" not in quiet and "--verbose" in quiet
    monkeypatch.setattr("muse.verbs.library.load", broken)
    assert main(["model", "card", "poem-zh", "--verbose"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_ctrl_c_is_130_and_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("muse.verbs.library.models", interrupted)
    assert main(["model", "list"]) == 130
    assert "interrupted" in capsys.readouterr().err


def test_a_locale_without_chinese_does_no_harm() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "muse", "--help"], capture_output=True, cwd=ROOT, timeout=280,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"},
    )  # fmt: skip
    assert done.returncode == 0 and "秋江夜泊" in done.stdout.decode()


def test_a_closed_pipe_is_no_traceback() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    begun = time.monotonic()
    with os.fdopen(writer, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "muse", "--help"], stdout=closed, stderr=subprocess.PIPE, cwd=ROOT, timeout=60
        )
    assert b"Traceback" not in done.stderr and time.monotonic() - begun < 60
