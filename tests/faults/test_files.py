"""The only writer: a full disk, a closed folder, something there already, two writers at once, a kill."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from muse import files
from muse.errors import OutputError
from muse.files import write_atomic, write_folder, write_new_folder

WORK = {"a.txt": b"a" * 1000, "deep/b.bin": b"b" * 100_000, "recipe.json": b"{}"}


def inside(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("call", ["fsync", "replace", "link"])
def test_a_full_disk_leaves_nothing(call: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(files.os, call, full)
    if call != "replace":
        with pytest.raises(OutputError, match="No space left"):
            write_atomic(tmp_path / "a", b"data")
    if call != "link":
        with pytest.raises(OutputError, match="No space left"):
            write_folder(tmp_path / "work", WORK)
        with pytest.raises(OutputError, match="No space left"):
            write_new_folder(tmp_path, "new", WORK)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_what_was_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write_atomic(tmp_path / "a", b"old")
    write_folder(tmp_path / "work", WORK)
    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OutputError):
        write_atomic(tmp_path / "a", b"new", force=True)
    with pytest.raises(OutputError):
        write_folder(tmp_path / "work", {"a.txt": b"new"}, force=True)
    assert (tmp_path / "a").read_bytes() == b"old"
    assert inside(tmp_path / "work") == WORK
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "work"]


def test_nothing_is_overwritten_silently(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a", b"old")
    with pytest.raises(OutputError, match="exists"):
        write_atomic(tmp_path / "a", b"new")
    with pytest.raises(OutputError, match="is a file"):
        write_folder(tmp_path / "a", WORK)
    write_folder(tmp_path / "work", WORK)
    with pytest.raises(OutputError, match="not empty") as caught:
        write_folder(tmp_path / "work", {"a.txt": b"new"})
    assert "--force" in caught.value.next_step
    assert inside(tmp_path / "work") == WORK
    write_folder(tmp_path / "work", {"a.txt": b"new"}, force=True)
    assert inside(tmp_path / "work") == {**WORK, "a.txt": b"new"}
    assert write_new_folder(tmp_path, "work", WORK).name == "work-2"
    (tmp_path / "empty").mkdir()
    assert inside(write_folder(tmp_path / "empty", WORK)) == WORK


def test_unsafe_names_write_nothing(tmp_path: Path) -> None:
    for name in ("../x", "/x", "a/../../x", "a\\b", "a\0"):
        with pytest.raises(OutputError):
            write_folder(tmp_path / "work", {"good": b"", name: b""})
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for write in (
        lambda: write_atomic(tmp_path / "file" / "x", b""),
        lambda: write_folder(tmp_path / "file" / "x", WORK),
        lambda: write_new_folder(tmp_path / "file", "x", WORK),
        lambda: write_atomic(Path("/proc/none/x"), b""),
        lambda: write_atomic(tmp_path / ("n" * 300), b""),
    ):
        with pytest.raises(OutputError):
            write()
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="Permission"):
            write_folder(tmp_path / "work", WORK)
    finally:
        tmp_path.chmod(0o700)


def _many(parent: str, mark: int, start: float) -> None:
    while time.time() < start:
        time.sleep(0.001)
    for number in range(20):
        write_new_folder(parent, "same", {"who.txt": f"{mark} {number}".encode(), **WORK})


def _race(path: str, mark: int, start: float, won: multiprocessing.Queue[int]) -> None:
    while time.time() < start:
        time.sleep(0.0005)
    try:
        write_atomic(path, str(mark).encode() * 1000)
        won.put(mark)
    except OutputError:
        won.put(-1)


def _together(target: Callable[..., None], *arguments: object) -> None:
    context = multiprocessing.get_context("fork")
    start = time.time() + 0.3
    workers = [context.Process(target=target, args=(arguments[0], mark, start, *arguments[1:])) for mark in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0


def test_processes_that_write_to_one_folder_lose_nothing(tmp_path: Path) -> None:
    _together(_many, str(tmp_path))
    found = sorted(tmp_path.iterdir())
    assert len(found) == 80
    assert {(folder / "who.txt").read_text() for folder in found} == {f"{m} {n}" for m in range(4) for n in range(20)}
    assert all({**inside(folder), "who.txt": b""} == {**WORK, "who.txt": b""} for folder in found)


def test_one_file_and_four_processes_one_wins(tmp_path: Path) -> None:
    won: multiprocessing.Queue[int] = multiprocessing.get_context("fork").Queue()
    _together(_race, str(tmp_path / "a"), won)
    marks = [won.get(timeout=5) for _ in range(4)]
    winner = max(marks)
    assert sorted(marks)[:3] == [-1, -1, -1]
    assert (tmp_path / "a").read_bytes() == str(winner).encode() * 1000
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


KILLED = """
import sys
from muse.files import write_folder
work = {f"{n}.bin": bytes([n]) * 200_000 for n in range(24)}
print("go", flush=True)
for count in range(10_000):
    write_folder(f"{sys.argv[1]}/work-{count}", work)
"""


def test_a_kill_leaves_whole_works_only(tmp_path: Path) -> None:
    for number in range(12):
        place = tmp_path / str(number)
        place.mkdir()
        with subprocess.Popen([sys.executable, "-c", KILLED, str(place)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.01 + 0.013 * number)
            process.send_signal(signal.SIGKILL)
            process.wait()
        works = [path for path in place.iterdir() if not path.name.startswith(".")]
        for work in works:
            assert len(list(work.iterdir())) == 24
            assert all(path.stat().st_size == 200_000 for path in work.iterdir())
