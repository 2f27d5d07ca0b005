"""Records of music from what was published: JSB JSON, **kern, MusicXML, ABC and MIDI, in files or archives.

The rules are those of the shared sets: 24 ticks a quarter, ties merged, grace notes dropped; single lines of voices and
of violin, flute, oboe, clarinet and cello, cut at rests of two bars or more, 24 notes at least; exact duplicates (first
64 intervals and durations) and drones left out. Held out: int(sha256(group)[:8], 16) mod 50 is 0.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from muse.errors import CorpusError, InputError
from muse.files import read_capped
from muse.sources import Corpus
from muse.verbs.records import Built, Say
from muse.verbs.records_lines import VOICES, Row, head_of, lines, score_of

LARGEST = 1 << 26
SHORTEST = 24


def files(source: Path, endings: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every file of these endings below a folder, in archives too, in the order of the names."""
    found = [source] if source.is_file() else sorted(path for path in source.rglob("*") if path.is_file())
    for path in found:
        if path.name.endswith((".tar.gz", ".tgz")):
            yield from _unpacked_tar(path, endings)
        elif path.suffix == ".zip":
            yield from _unpacked_zip(path, endings)
        elif path.name.lower().endswith(endings):
            yield (path.name if path == source else path.relative_to(source).as_posix()), read_capped(path, LARGEST)


def _unpacked_tar(path: Path, endings: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    try:
        with tarfile.open(path) as archive:
            for member in sorted(archive.getmembers(), key=lambda member: member.name):
                stream = archive.extractfile(member) if member.isfile() and member.size <= LARGEST else None
                if stream is not None and member.name.lower().endswith(endings):
                    yield member.name, stream.read()
    except (tarfile.TarError, EOFError, OSError) as error:
        raise CorpusError(f"cannot read {path}", str(error), "fetch it again") from error


def _unpacked_zip(path: Path, endings: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(path) as archive:
            for info in sorted(archive.infolist(), key=lambda info: info.filename):
                if info.file_size <= LARGEST and info.filename.lower().endswith(endings):
                    yield info.filename, archive.read(info)
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        raise CorpusError(f"cannot read {path}", str(error), "fetch it again") from error


def held_out(group: str) -> bool:
    """Whether what is grouped under this name is kept apart for testing."""
    return int(hashlib.sha256(group.encode()).hexdigest()[:8], 16) % 50 == 0


def _some(found: Iterable[tuple[str, bytes]], corpus: Corpus, source: Path) -> list[tuple[str, bytes]]:
    listed = list(found)
    if not listed:
        raise CorpusError(f"nothing to build {corpus.name} from in {source}", "", f"muse corpus fetch {corpus.name}")
    return listed


def _write(built: Built, corpus: Corpus, out: Path, rows: Sequence[Row]) -> Built:
    for folder, what, part in (
        (out, "kept", [row for row in rows if not held_out(row["grp"])]),
        (out / "holdout", "held out", [row for row in rows if held_out(row["grp"])]),
    ):
        text = "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in part)
        built.write(folder / corpus.records[0].path, text.encode(), what, len(part))
    return built


def build_jsb(corpus: Corpus, source: Path, out: Path, say: Say) -> Built:
    """The chorales as published, checked for their shape and packed."""
    built = Built()
    for name, data in _some(files(source, (".json",)), corpus, source):
        try:
            value = json.loads(data)
            parts = {part: len(value[part]) for part in ("train", "valid", "test")}
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise CorpusError(f"{name} is not the JSB JSON", str(error), "fetch it again") from error
        folder = (out / corpus.records[0].path).parent
        built.write(folder / (Path(name).name + ".gz"), data, "kept", sum(parts.values()))
        say(f"{name}: {parts['train']} to learn from, {parts['valid']} to validate, {parts['test']} to test")
    return built


def build_hymns(corpus: Corpus, source: Path, out: Path, say: Say) -> Built:
    """The hymns that say they are in the public domain, without settings by Bach."""
    built = Built()
    kept: list[str] = []
    held: list[str] = []
    for _, data in _some(files(source, (".abc",)), corpus, source):
        text = data.decode("utf-8", errors="replace").replace("\r\n", "\n")
        for tune in re.split(r"(?m)^(?=X:)", text)[1:]:
            head = tune.split("\nK:")[0]
            if "copyright: public domain" not in head.lower():
                built.counts["not said to be in the public domain"] += 1
            elif re.search(r"\bbach\b", head, re.I):
                built.counts["a setting by Bach"] += 1
            else:
                title = re.search(r"(?m)^T: *(.*)$", head)
                group = "t:" + re.sub(r"[^a-z0-9]", "", title[1].lower() if title else "")
                (held if held_out(group) else kept).append(tune)
    built.write(out / corpus.records[0].path, "".join(kept).encode(), "kept", len(kept))
    built.write(out / "holdout" / corpus.records[0].path, "".join(held).encode(), "held out", len(held))
    say(f"{len(kept)} hymns")
    return built


def build_midi(corpus: Corpus, source: Path, out: Path, say: Say) -> Built:
    """MIDI files in one archive, those that two readers' rules refuse left out."""
    from muse.music import midi

    built = Built()
    parts: dict[str, list[tuple[str, bytes]]] = {"kept": [], "held out": []}
    for name, data in _some(files(source, (".mid", ".midi")), corpus, source):
        if "/versions/" in name:
            built.counts["another version"] += 1
            continue
        try:
            midi.read(data)
        except InputError:
            built.counts["cannot be read"] += 1
            continue
        group = f"{corpus.name}:{Path(name).stem}"
        parts["held out" if held_out(group) else "kept"].append(("/".join(Path(name).parts[-2:]), data))
    for what, part in parts.items():
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in part:
                archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
        folder = out if what == "kept" else out / "holdout"
        built.write(folder / corpus.records[0].path, packed.getvalue(), what, len(part))
    say(f"{len(parts['kept'])} pieces")
    return built


def build_melodies(corpus: Corpus, source: Path, out: Path, say: Say) -> Built:
    """Single lines out of **kern, MusicXML, ABC and MIDI."""
    built = Built()
    rows: list[Row] = []
    seen: set[tuple[object, ...]] = set()
    for number, (name, data) in enumerate(
        _some(files(source, (".krn", ".mxl", ".musicxml", ".xml", ".abc", ".mid")), corpus, source), 1
    ):
        try:
            found = list(lines(name, data))
        except (InputError, CorpusError):
            built.counts["cannot be read"] += 1
            continue
        for row in found:
            pitches = [pitch for pitch in row["p"] if pitch]
            steps = tuple(b - a for a, b in pairwise(pitches[:65]))
            key = (steps, tuple(row["d"][:64]))
            if len(pitches) < SHORTEST:
                built.counts["fewer than 24 notes"] += 1
            elif len(set(pitches)) < 4 or max(map(pitches.count, set(pitches))) > 0.7 * len(pitches):
                built.counts["a drone"] += 1
            elif key in seen:
                built.counts["an exact duplicate"] += 1
            else:
                seen.add(key)
                rows.append(row)
        if number % 500 == 0:
            say(f"{number} files read, {len(rows):,} lines")
    return _write(built, corpus, out, rows)


def build_satb(corpus: Corpus, source: Path, out: Path, say: Say) -> Built:
    """Scores of exactly four single-line parts of one length, soprano first."""
    built = Built()
    rows: list[Row] = []
    for name, data in _some(files(source, (".krn",)), corpus, source):
        score = score_of(data)
        if score is None:
            built.counts["cannot be read"] += 1
            continue
        parts = [part for part in score.parts if part.family == "vox" or VOICES.search(part.name + part.code)]
        if len(parts) != 4 or len(score.parts) != 4:
            built.counts["not four voices"] += 1
        elif not all(part.fits and not part.chords and not part.splits and part.notes for part in parts):
            built.counts["a part is not a single line on the grid"] += 1
        elif len({part.ticks for part in parts}) != 1:
            built.counts["parts of different length"] += 1
        else:
            voices = [
                [[pitch for pitch, _ in part.notes], [ticks for _, ticks in part.notes]] for part in reversed(parts)
            ]
            head = head_of(name, score, parts[0])
            meters = [meter for _, meter in parts[0].meters]
            rows.append(
                {**head, "composer": score.records.get("COM", ""), "genre": score.records.get("AGN", ""), "m": meters,
                 "ticks": parts[0].ticks, "voices": voices}
            )  # fmt: skip
    say(f"{len(rows)} scores")
    return _write(built, corpus, out, rows)


BUILDERS: dict[str, Callable[[Corpus, Path, Path, Say], Built]] = {
    "jsb": build_jsb,
    "open-hymnal": build_hymns,
    "midi": build_midi,
    "melodies": build_melodies,
    "satb": build_satb,
}
