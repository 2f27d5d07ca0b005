"""Fetching against a server of our own: resume, mismatch, refusals, cut connections."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from muse.errors import CorpusError, OutputError
from muse.fetch import download
from muse.sources import read
from muse.verbs.corpora import check, fetch

DATA = bytes(range(256)) * 2000
SUM = hashlib.sha256(DATA).hexdigest()


@dataclass
class Served:
    """What the server does, and what it was asked.

    Attributes:
        cut: break the connection after so many bytes of each answer.
        ranges: whether it takes part of a file for an answer.
        asked: (path, Range) of each request.
    """

    address: str = ""
    cut: int = 0
    ranges: bool = True
    length: bool = True
    status: int = 200
    fails: int = 0
    body: bytes = DATA
    asked: list[tuple[str, str]] = field(default_factory=list)


@pytest.fixture
def served() -> Iterator[Served]:
    state = Served()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            asked = self.headers.get("Range", "")
            state.asked.append((self.path, asked))
            if state.fails:
                state.fails -= 1
                self.send_error(503)
                return
            if state.status != 200:
                self.send_error(state.status)
                return
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and state.ranges else 0
            if start >= len(state.body) and start:
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(state.body) - 1}/{len(state.body)}")
            if state.length:
                self.send_header("Content-Length", str(len(state.body) - start))
            self.end_headers()
            body = state.body[start:]
            self.wfile.write(body[: state.cut] if state.cut else body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield state
    server.shutdown()
    server.server_close()


def test_a_file_comes_whole(served: Served, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    path = tmp_path / "deep" / "a.bin"
    got = download(
        served.address + "/全唐诗/a b.json", path, sha256=SUM, size=len(DATA), watch=lambda *now: seen.append(now)
    )
    assert (got.state, got.verified, got.sha256) == ("fetched", True, SUM)
    assert path.read_bytes() == DATA
    assert seen[-1] == ("a.bin", len(DATA), len(DATA))
    assert served.asked[0][0] == "/%E5%85%A8%E5%94%90%E8%AF%97/a%20b.json"
    assert [each.name for each in path.parent.iterdir()] == ["a.bin"]
    assert download(served.address + "/x", path, sha256=SUM).state == "here"
    assert len(served.asked) == 1


def test_it_goes_on_where_it_stopped(served: Served, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.with_name("a.bin.part").write_bytes(DATA[:1234])
    got = download(served.address + "/a", path, sha256=SUM)
    assert got.state == "resumed"
    assert path.read_bytes() == DATA
    assert served.asked == [("/a", "bytes=1234-")]


def test_a_cut_connection_is_taken_up_again(served: Served, tmp_path: Path) -> None:
    served.cut = 200_000
    path = tmp_path / "a.bin"
    assert download(served.address + "/a", path, sha256=SUM, pause=0).sha256 == SUM
    assert path.read_bytes() == DATA
    assert [asked for _, asked in served.asked] == ["", "bytes=200000-", "bytes=400000-"]


def test_a_cut_connection_leaves_its_part_for_the_next_time(served: Served, tmp_path: Path) -> None:
    served.cut = 100_000
    path = tmp_path / "a.bin"
    with pytest.raises(CorpusError) as caught:
        download(served.address + "/a", path, sha256=SUM, attempts=2, pause=0)
    assert "goes on where it stopped" in caught.value.next_step
    assert not path.exists()
    assert path.with_name("a.bin.part").stat().st_size == 200_000
    served.cut = 0
    assert download(served.address + "/a", path, sha256=SUM, pause=0).state == "resumed"
    assert path.read_bytes() == DATA


def test_a_server_without_ranges_starts_anew(served: Served, tmp_path: Path) -> None:
    served.ranges = False
    path = tmp_path / "a.bin"
    path.with_name("a.bin.part").write_bytes(b"other bytes")
    download(served.address + "/a", path, sha256=SUM)
    assert path.read_bytes() == DATA


def test_another_file_is_refused(served: Served, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    with pytest.raises(CorpusError, match="not the file that was published"):
        download(served.address + "/a", path, sha256="0" * 64)
    assert list(tmp_path.iterdir()) == []
    path.write_bytes(b"mine")
    with pytest.raises(CorpusError, match="not the file that was published"):
        download(served.address + "/a", path, sha256=SUM)
    assert path.read_bytes() == b"mine"


def test_another_size_is_refused_before_it_comes(served: Served, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="bytes, not"):
        download(served.address + "/a", tmp_path / "a", sha256=SUM, size=10)
    served.length = False
    with pytest.raises(CorpusError, match="goes on after"):
        download(served.address + "/a", tmp_path / "b", sha256=SUM, size=10)


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_refusal_is_final(served: Served, tmp_path: Path, status: int) -> None:
    served.status = status
    with pytest.raises(CorpusError, match=str(status)):
        download(served.address + "/a", tmp_path / "a", sha256=SUM)
    assert len(served.asked) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_busy_server_is_asked_again(served: Served, tmp_path: Path) -> None:
    served.fails = 2
    assert download(served.address + "/a", tmp_path / "a", sha256=SUM, pause=0).state == "fetched"
    served.fails = 9
    with pytest.raises(CorpusError, match="503"):
        download(served.address + "/a", tmp_path / "b", sha256=SUM, pause=0)


def test_a_part_that_is_too_long_starts_anew(served: Served, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.with_name("a.bin.part").write_bytes(DATA + b"more")
    assert download(served.address + "/a", path, sha256=SUM, size=len(DATA), pause=0).sha256 == SUM


def test_no_server_and_no_http(tmp_path: Path) -> None:
    with pytest.raises(CorpusError):
        download("http://127.0.0.1:9/a", tmp_path / "a", sha256=SUM, attempts=2, pause=0)
    for address in ("file:///etc/passwd", "ftp://a/b", "a.bin"):
        with pytest.raises(CorpusError, match="http"):
            download(address, tmp_path / "a")


def test_without_a_checksum_nothing_is_resumed(served: Served, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.with_name("a.bin.part").write_bytes(b"half of another file")
    got = download(served.address + "/a", path)
    assert (got.state, got.verified, got.sha256) == ("fetched", False, SUM)
    assert served.asked == [("/a", "")]


def test_a_folder_that_cannot_be_written(served: Served, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError):
        download(served.address + "/a", tmp_path / "file" / "a", sha256=SUM)


def test_fetch_and_check_of_a_corpus(served: Served, tmp_path: Path) -> None:
    toml = tmp_path / "mine" / "SOURCE.toml"
    toml.parent.mkdir()
    toml.write_text(
        f"""name = "mine"
title = "Mine"
kinds = ["poem"]
licence = "CC0-1.0"
shipped = true
[[records]]
path = "poetry/mine.jsonl"
sha256 = "{SUM}"
[[published]]
name = "repo"
licence = "CC0-1.0"
url = "{served.address}/{{path}}"
files = [{{ path = "a/一.json", sha256 = "{SUM}" }}, {{ path = "b.json" }}]
"""
    )
    corpus = read(toml)
    got = fetch(corpus, tmp_path / "data")
    assert [each.verified for each in got] == [True, False]
    found = {each.path: each.state for each in check(corpus, tmp_path / "data")}
    assert found == {"poetry/mine.jsonl": "missing", "repo/a/一.json": "whole", "repo/b.json": "unverified"}
    (tmp_path / "data/sources/mine/repo/a/一.json").write_bytes(b"x")
    (tmp_path / "data/poetry").mkdir()
    (tmp_path / "data/poetry/mine.jsonl").write_bytes(DATA)
    found = {each.path: each.state for each in check(corpus, tmp_path / "data")}
    assert found["repo/a/一.json"] == "changed"
    assert found["poetry/mine.jsonl"] == "whole"
    with pytest.raises(CorpusError, match="not the file"):
        fetch(corpus, tmp_path / "data")
