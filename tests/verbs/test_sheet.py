from pathlib import Path

import pytest

from muse.cli import main
from muse.errors import OutputError, UsageError
from muse.verbs.sheet import save_sheet

HEADS = {"svg": b"<svg", "pdf": b"%PDF-", "png": b"\x89PNG"}


def text(folder: Path) -> Path:
    path = folder / "poem.txt"
    path.write_text("登鹳雀楼\n\n白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。\n", encoding="utf-8")
    return path


def test_a_sheet_in_each_kind(tmp_path: Path) -> None:
    for kind, head in HEADS.items():
        path, notes = save_sheet(text(tmp_path), tmp_path / f"sheet.{kind}", author="王之涣", pinyin=True)
        assert path.read_bytes().startswith(head) and not notes


def test_what_cannot_be_a_sheet(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no sheet as"):
        save_sheet(text(tmp_path), tmp_path / "sheet.jpg")
    (tmp_path / "a.svg").touch()
    with pytest.raises(OutputError):
        save_sheet(text(tmp_path), tmp_path / "a.svg")
    assert not (tmp_path / "sheet.jpg").exists()


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "sheet.svg"
    wish = ("show", str(text(tmp_path)), "--sheet", str(target))
    assert main((*wish, "--layout", "horizontal", "--seal", "闲")) == 0
    assert capsys.readouterr().out.strip() == str(target)
    first = target.read_bytes()
    assert main(wish) == 1 and target.read_bytes() == first
    assert main((*wish, "--force")) == 0 and target.read_bytes() != first
    assert main((*wish, "--force", "--palette", "papr")) == 2


def test_the_score_of_a_piece(tmp_path: Path) -> None:
    pytest.importorskip("verovio")
    notes = " ".join("CDEF GABc |" for _ in range(120))
    (tmp_path / "tune.abc").write_text(f"X:1\nT:Scale\nM:4/4\nL:1/8\nK:C\n{notes}\n", encoding="utf-8")
    for kind, head in HEADS.items():
        path, said = save_sheet(tmp_path / "tune.abc", tmp_path / f"score.{kind}")
        assert path.read_bytes().startswith(head) and bool(said) == (kind != "pdf")
