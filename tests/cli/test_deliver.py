"""Where works go: folders that are never overwritten, paths and JSON on standard output, notes elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from muse.cli.deliver import deliver, folders, seeds
from muse.cli.say import Progress, Voice
from muse.errors import OutputError, UsageError
from muse.terms import Features, Promise, Report
from muse.work import Recipe, Work


@dataclass(frozen=True, repr=False)
class Note(Work):
    """A work as small as can be."""

    title: str
    recipe: Recipe
    names: tuple[str, ...] = ("note.mid", "note.json")
    report: Report = field(default_factory=Report)
    features: Features = field(default_factory=Features)
    plan: tuple[str, ...] = ("minor, 66 BPM: energy −0.6", "3/4: calm")

    kind = "note"

    def files(self) -> dict[str, bytes]:
        return {name: self.title.encode() for name in self.names}

    def text(self) -> str:
        return self.title

    def _repr_html_(self) -> str:
        return self.title


def notes(count: int, **fields: object) -> Iterator[Work]:
    for number in range(count):
        yield Note(f"秋 {number}", Recipe("note", 7 + number, version="0", machine={"device": "cpu"}), **fields)  # type: ignore[arg-type]


def send(
    count: int, out: Path | None, *, as_json: bool = False, force: bool = False, quiet: bool = False, **fields: object
) -> None:
    def works(progress: Progress) -> Iterator[Work]:
        return notes(count, **fields)

    deliver(works, count=count, out=out, as_json=as_json, force=force, voice=Voice(quiet, False, as_json))


def test_one_work_fills_its_folder_and_its_paths_are_the_product(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    send(1, tmp_path / "a")
    out, err = capsys.readouterr()
    assert [Path(line).name for line in out.splitlines()] == ["note.json", "note.mid", "recipe.json"]
    assert all(Path(line).is_file() for line in out.splitlines())
    assert "seed 7" in err and "minor, 66 BPM: energy −0.6" in err


def test_several_works_have_numbered_folders(tmp_path: Path) -> None:
    send(3, tmp_path / "a")
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["01", "02", "03"]


def test_without_out_each_gets_a_new_folder_in_outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    send(1, None)
    send(1, None)
    assert sorted(path.name for path in (tmp_path / "outputs").iterdir()) == ["秋-0", "秋-0-2"]


def test_a_folder_with_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(OutputError):
        send(1, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    send(1, tmp_path, force=True)
    assert (tmp_path / "mine.txt").read_text() == "mine" and (tmp_path / "note.mid").is_file()


def test_nothing_is_made_when_it_could_not_be_saved(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        folders(tmp_path / "file", 1, True)
    with pytest.raises(OutputError, match="no folder"):
        folders(tmp_path / "file" / "below", 1, False)
    with pytest.raises(UsageError, match="folder"):
        folders(tmp_path / "song.mid", 1, False)


def test_a_read_only_place_is_refused_before_anything_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: False)  # root may write anywhere
    monkeypatch.chdir(tmp_path)
    for out in (tmp_path / "new" / "work", None):
        with pytest.raises(OutputError, match="read-only"):
            deliver(lambda progress: pytest.fail("made"), count=1, out=out, as_json=False, force=False, voice=Voice())


def test_json_is_one_object_a_line_with_files_by_kind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    send(2, tmp_path / "a", as_json=True)
    out, err = capsys.readouterr()
    first, second = map(json.loads, out.splitlines())
    assert set(first) == {"kind", "title", "seed", "valid", "files", "recipe"}
    assert Path(first["files"]["mid"]).is_file() and Path(first["recipe"]).is_file()
    assert (first["seed"], second["seed"], err) == (7, 8, "")


def test_files_of_the_tracks_of_an_album_are_lists(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ("index.html", "cover.jpg", "track-1/piece.mid", "track-2/piece.mid", "track-1/cover.jpg")
    send(1, tmp_path / "a", as_json=True, names=names)
    files = json.loads(capsys.readouterr().out)["files"]
    assert files["html"].endswith("index.html") and files["jpg"].endswith("a/cover.jpg")
    assert [Path(name).parent.name for name in files["mid"]] == ["track-1", "track-2"]


def test_what_was_not_kept_is_told_even_in_a_pipe(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = Report(
        (Promise("range", "C4-A5", "C4-B5", "relaxed"),), ('theme: "学习" is not in the lexicon', "2 voices")
    )
    send(1, tmp_path / "a", report=report)
    err = capsys.readouterr().err
    assert "range: relaxed" in err and "lexicon" in err and "2 voices" not in err
    send(1, tmp_path / "b", report=report, quiet=True)
    assert capsys.readouterr().err == ""


def test_seeds_go_up_from_the_one_given() -> None:
    assert seeds(7, 3) == [7, 8, 9]
    fresh = seeds(None, 2)
    assert fresh[1] == fresh[0] + 1 and 0 <= fresh[0] < 2**31
