"""The command compose: what it prints, keeps and refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from muse.cli import main

pytestmark = pytest.mark.usefixtures("small")
SHORT = ("--candidates", "1", "--seed", "7")


def test_a_band_on_chords_in_a_form(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    words = ("compose", "river", "--instruments", "flute, guitar, bass, drums", "--chords", "C Am F G", "--form", "ABA",
             "--bars", "12", "--meter", "4/4", *SHORT, "--verbose", "--out", str(tmp_path / "a"))  # fmt: skip
    assert main(words) == 0
    said = capsys.readouterr()
    assert "A, bars 1 to 4: new" in said.err and "bass: " in said.err and "BPM" in said.err
    value = json.loads((tmp_path / "a" / "piece.json").read_text())
    assert [track["name"] for track in value["tracks"]] == ["Melody", "Guitar", "Bass", "Drums"]
    assert [track["program"] for track in value["tracks"][:3]] == [73, 24, 32] and value["bars"] == 12
    assert [row[3] for row in value["chords"][:4]] == ["C", "Am", "F", "G"]
    assert main(("remake", str(tmp_path / "a"), "--out", str(tmp_path / "b"))) == 0
    assert (tmp_path / "a" / "piece.mid").read_bytes() == (tmp_path / "b" / "piece.mid").read_bytes()


def test_a_file_continued_and_filled(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    first = tmp_path / "a" / "piece.mid"
    assert main(("compose", "--bars", "2", "--meter", "3/4", *SHORT, "--out", str(first.parent))) == 0
    assert main(("compose", "--continue", str(first), "--bars", "3", *SHORT, "--out", str(tmp_path / "b"))) == 0
    assert main(("compose", "--fill", f"{first}:bars 2", *SHORT, "--out", str(tmp_path / "c"))) == 0
    capsys.readouterr()
    for folder, bars in (("b", 3), ("c", 2)):
        assert main(("check", str(tmp_path / folder), "--json")) == 0
        promises = {each["name"]: each for each in json.loads(capsys.readouterr().out)["promises"]}
        assert promises["given notes"]["kept"] is True
        assert json.loads((tmp_path / folder / "piece.json").read_text())["bars"] == bars


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--range", "C4-D#4"), "range"), (("--meter", "17/0"), "meter"), (("--bars", "0"), "bars"),
        (("--chords", "Am F C", "--bars", "16"), "chords"), (("--instruments", "flut"), 'did you mean "flute"'),
        (("--form", "sonata allegro"), "form"),
        (("--ensemble", "bund"), 'did you mean "band"'), (("--melody", "absent.mid"), "absent.mid"),
        (("--polyphony", "1"), "polyphony"), (("--ending", "halt"), 'did you mean "half"'),
    ],
)  # fmt: skip
def test_wishes_that_cannot_be_end_with_their_field_and_without_a_file(
    words: tuple[str, ...],
    said: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(("compose", "river", *words, *SHORT)) in (1, 2)
    told = capsys.readouterr()
    assert said in told.err and "Traceback" not in told.err and told.out == ""
    assert list(tmp_path.iterdir()) == []
