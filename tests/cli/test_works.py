"""The commands that make, show, check and remake works, as a user types them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from muse.cli import main

pytestmark = pytest.mark.usefixtures("small")
ROOT = Path(__file__).parents[2]
POEM = ("poem", "秋江夜泊", "--form", "五绝", "--candidates", "1", "--seed", "7")
PIECE = ("compose", "秋", "--bars", "2", "--ensemble", "melody", "--candidates", "1", "--seed", "7")


def test_a_poem_is_printed_and_nothing_else(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(POEM) == 0
    out, err = capsys.readouterr()
    assert out.startswith("秋江夜泊\n\n") and "。" in out and "seed" not in out
    assert "seed 7" in err
    assert list(tmp_path.iterdir()) == []
    assert main((*POEM, "--pinyin", "--quiet")) == 0
    again = capsys.readouterr()
    assert len(again.out) > len(out) and again.err == ""


def test_a_poem_without_a_theme_has_a_title(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("poem", "--form", "五绝", "--acrostic", "春夏", "--candidates", "1", "--seed", "3")) == 0
    out, err = capsys.readouterr()
    assert out.startswith("无题\n\n") and err.startswith("无题 · seed 3")


def test_what_was_made_of_given_characters_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("poem", "--form", "五绝", "--lock", "龘龘邊月光/\u200b", "--candidates", "1", "--seed", "3")) == 0
    out, err = capsys.readouterr()
    assert "龘龘边月光" in out and "does not know: 龘" in err and "written simplified" in err


def test_an_unknown_form_is_looked_for_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    for name, near in (("sonet", "sonnet"), ("七绝句诗", "七言绝句")):
        assert main(("poem", "moon", "--form", name)) == 2
        assert f'did you mean "{near}"' in capsys.readouterr().err


def test_poems_as_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main((*POEM, "--count", "2", "--json")) == 0
    out, err = capsys.readouterr()
    poems = [json.loads(line) for line in out.splitlines()]
    assert [set(poem) for poem in poems] == [{"form", "title", "lines", "seed", "valid", "report"}] * 2
    assert [poem["seed"] for poem in poems] == [7, 8]
    assert all(poem["valid"] is True and [len(line) for line in poem["lines"]] == [5] * 4 for poem in poems)
    assert err == ""


def test_a_piece_with_its_files_by_kind(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main((*PIECE, "--out", str(tmp_path / "a"), "--json", "--sound", "wav")) == 0
    value = json.loads(capsys.readouterr().out)
    assert {"mid", "wav", "musicxml", "svg", "png"} <= set(value["files"])
    assert all(Path(path).is_file() for path in value["files"].values()) and Path(value["recipe"]).name == "recipe.json"
    assert main(("check", value["files"]["mid"], "--json")) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["valid"] is True and {"name", "asked", "found", "kept"} == set(report["promises"][0])
    assert main(("show", str(tmp_path / "a"))) == 0
    assert "●" in capsys.readouterr().out


def test_the_mood_is_told_with_the_piece(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(("compose", "秋江夜泊", "--bars", "2", "--candidates", "1", "--out", str(tmp_path / "a"))) == 0
    assert "BPM: energy −0.6" in capsys.readouterr().err


def test_the_same_command_twice_makes_two_folders(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(PIECE) == main(PIECE) == 0
    first, second = sorted((tmp_path / "outputs").iterdir())
    assert {file.name: file.read_bytes() for file in first.iterdir()} == {
        file.name: file.read_bytes() for file in second.iterdir()
    }
    assert str(Path("outputs") / second.name) in capsys.readouterr().out


def test_an_existing_folder_is_left_alone_and_known_before_the_work(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    for words in (POEM, PIECE, ("album", "秋"), ("cover", "秋")):
        assert main((*words, "--out", str(tmp_path))) == 1
        assert "--force" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the root user may write anywhere")
def test_a_folder_that_cannot_be_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert main((*POEM, "--out", str(tmp_path / "a"))) == 1
    assert "cannot write" in capsys.readouterr().err


def test_out_below_a_file_is_an_output_error(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert main((*POEM, "--out", str(tmp_path / "file" / "a"))) == 1
    assert main((*POEM, "--out", "/proc/none/a")) == 1
    assert "Traceback" not in capsys.readouterr().err


def test_remake_says_what_is_missing_and_makes_the_rest(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main((*POEM, "--out", str(tmp_path / "a"))) == 0
    assert main(("remake", str(tmp_path / "a" / "recipe.json"), "--out", str(tmp_path / "b"))) == 0
    assert (tmp_path / "a" / "poem.json").read_bytes() == (tmp_path / "b" / "poem.json").read_bytes()
    assert main(("remake", str(tmp_path / "absent"))) == 1
    (tmp_path / "bad.json").write_text("{")
    assert main(("remake", str(tmp_path / "bad.json"))) == 1
    assert "error: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["vary", "absent.mid"], 1),
        (["vary", "BAD.mid"], 1),
        (["vary", "BAD.mid", "--amount", "2"], 2),
        (["vary", "BAD.mid", "--dial", "densty=1"], 2),
        (["blend", "BAD.mid", "BAD.mid"], 1),
        (["restyle", "BAD.png"], 1),
        (["restyle", "BAD.png", "--by", "gam"], 2),
        (["morph", "BAD.png", "BAD.png"], 1),
        (["edit", "BAD.png", "--dial", "light=0.1"], 1),
        (["edit", "BAD.png", "--dial", "glow=1"], 2),
        (["edit", "BAD.png"], 2),
        (["check", "BAD.mid"], 1),
        (["check", "BAD.png"], 1),
        (["show", "BAD.safetensors"], 1),
        (["model", "card", "BAD.safetensors"], 1),
        (["model", "verify", "BAD.safetensors"], 1),
        (["poem", "秋", "--bundle", "BAD.safetensors"], 1),
        (["poem", "秋", "--bundle", "composer"], 2),
        (["poem", "秋", "--form", "七決"], 2),
        (["poem", "秋", "--form", "sonnet", "--lang", "zh"], 2),
        (["poem", "moon", "--form", "七绝", "--lang", "en"], 2),
        (["poem", "秋", "--form", "五绝", "--keywords", "0:月"], 2),
        (["poem", "moon", "--tune", "abc"], 2),
        (["compose", "秋", "--key", "H minor"], 2),
        (["compose", "秋", "--meter", "4/5"], 2),
        (["compose", "秋", "--ensemble", "satbb"], 2),
        (["compose", "秋", "--tempo", "9999"], 2),
        (["cover", "秋", "--style", "inkk"], 2),
        (["cover", "秋", "--pixels", "1"], 2),
        (["cover"], 2),
        (["cover", "--from", "absent"], 1),
        (["album", "秋", "--tracks", "0"], 2),
        (["train", "poem", "--config", "BAD.toml"], 2),
        (["train", "poem", "--corpus", "absent"], 1),
        (["remake", "BAD.png"], 1),
    ],
)
def test_bad_input_has_its_exit_code_and_a_reason(
    words: list[str], code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for suffix in ("mid", "png", "safetensors", "toml"):
        (tmp_path / f"BAD.{suffix}").write_bytes(b"\x80\x04\x95 not what its name says \x00\xff")
    assert main(words) == code
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("error: ") and "Traceback" not in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["BAD.mid", "BAD.png", "BAD.safetensors", "BAD.toml"]


def test_models_are_listed_with_their_cards(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["model", "list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [
        "composer", "cover-gan", "image-vae", "melody-vae", "poem-en", "poem-zh"]  # fmt: skip
    assert main(["model", "card", "poem-zh", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "poem"
    assert main(["model", "verify", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 6


def test_training_prints_the_bundle_and_eval_its_figures(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    from samples import sample

    words = [
        "--corpus",
        str(sample("variation")),
        "--size",
        "tiny",
        "--set",
        "run.steps=1",
        "--set",
        "run.batch=4",
        "--set",
        "run.valid_every=9",
    ]
    assert main(["train", "variation", *words, "--dry-run"]) == 0
    assert "[model]" in capsys.readouterr().out
    assert main(["train", "variation", *words, "--out", str(tmp_path / "run")]) == 0
    bundle = capsys.readouterr().out.strip()
    assert Path(bundle).is_file()
    assert (
        main(["eval", "variation", "--data", str(sample("variation")), "--bundle", bundle, "--limit", "2", "--json"])
        == 0
    )
    assert "accuracy_sampled" in json.loads(capsys.readouterr().out)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_ctrl_c_stops_with_130_and_leaves_nothing_half(small: Path, tmp_path: Path) -> None:
    script = (  # in a background job Ctrl-C is switched off, so it is switched on first
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from pathlib import Path; from muse import bundle; bundle._SHIPPED = Path(sys.argv[1]); "
        "from muse.cli import main; print('ready', file=sys.stderr, flush=True); "
        "sys.exit(main(['poem', '秋', '--count', '5000', '--out', 'many', '--candidates', '1', '--quiet']))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(small)], cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
        text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    deadline = time.monotonic() + 100
    while not (tmp_path / "many").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in err
    assert all((folder / "recipe.json").is_file() for folder in (tmp_path / "many").iterdir())


def test_no_work_reaches_outside(small: Path, tmp_path: Path) -> None:
    """A poem and a piece in a process that may open no socket."""
    script = (
        "import sys; from pathlib import Path\n"
        "def watch(event, arguments):\n"
        "    if event in ('socket.connect', 'socket.getaddrinfo', 'socket.gethostbyname', 'socket.sendto'):\n"
        "        raise AssertionError(event)\n"
        "sys.addaudithook(watch)\n"
        "from muse import bundle; bundle._SHIPPED = Path(sys.argv[1]); from muse.cli import main\n"
        f"sys.exit(main({list(POEM)!r}) or main({[*PIECE, '--out', 'a']!r}))"
    )
    done = subprocess.run([sys.executable, "-c", script, str(small)], cwd=tmp_path, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=200)  # fmt: skip
    assert done.returncode == 0, done.stderr
