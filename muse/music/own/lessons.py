"""What a model of music learns from in a user's own corpus: read, recognised, duplicates dropped, a tenth held out."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

from muse.errors import CorpusError
from muse.music import corpus
from muse.music.own.found import files_of, read
from muse.music.own.roles import record_of
from muse.music.records import Record
from muse.objective import Source, part_of

LEAST = 4
HELD_MOST = 200
SHOWN = 5
"""Reasons that are told in words; the others are counted, and all stand in the list beside the run."""
MANY = 400
"""Files from which on it pays to start processes."""
Made = tuple[str, Record | str]
"""Where a piece stands, and its record or why it has none."""
_SAME = 48
"""Notes at the beginning of two tunes that make them one."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """Pieces to learn from, and those to judge by.

    Attributes:
        counts: what was read, by what it is, and what was passed over.
        left: (file, why) of all that was passed over.
    """

    train: list[Record]
    held: list[Record]
    source: Source
    counts: Mapping[str, int]
    left: tuple[tuple[str, str], ...] = field(default=())

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said of the corpus, for people."""
        kinds = ", ".join(f"{name} {number:,}" for name, number in self.counts.items() if name in NAMES.values())
        pieces = len(self.train) + len(self.held)
        told = [f"{pieces:,} pieces ({kinds}), {len(self.held):,} of them held out"]
        if self.left:
            shown = "; ".join(f"{where}: {why}" for where, why in self.left[:SHOWN])
            told.append(f"{len(self.left):,} passed over: {shown}" + (" …" if len(self.left) > SHOWN else ""))
        return tuple(told)

    def listed(self) -> bytes:
        """All that was passed over, one a line: the file, a tab, why."""
        return "".join(f"{where}\t{why}\n" for where, why in self.left).encode()

    def part(self, split: str) -> list[Record]:
        """Those to learn from ("train"), those held out ("valid"), or "all".

        Raises:
            UsageError: there is no such part.
        """
        return part_of(self.train, self.held, split)


NAMES = {"satb": "in four parts", "lead": "with chords", "melody": "tunes"}


def gather(path: Path | str, *, least: int = LEAST) -> Lessons:
    """The lessons of a file or folder.

    Args:
        least: fewer pieces are refused.

    Raises:
        CorpusError: nothing there, nothing that can be read, or fewer than `least` pieces.
    """
    path = Path(path)
    left: list[tuple[str, str]] = []
    records = unlike(found_in(path), left)
    if len(records) < least:
        why = "; ".join(f"{where}: {why}" for where, why in left[:SHOWN]) or "there is no more in it"
        raise CorpusError(f"{path} holds {len(records)} pieces to learn from, {least} are needed", why,
                          "give more pieces")  # fmt: skip
    train, held = parted(records)
    tasks = Counter(NAMES[record.draft.task] for record in records)
    reasons = Counter(f"left out: {why.partition(' (')[0]}"[:80] for _, why in left)
    counts = {"pieces": len(records), "held": len(held), **tasks, **dict(reasons.most_common(12))}
    return Lessons(train, held, Source(path.name, "as the user holds it", "", "", len(records)), counts, tuple(left))


def found_in(path: Path) -> Iterator[Made]:
    """What becomes of every piece in a file or folder; many files are read by all processors.

    Raises:
        CorpusError: there is no file of music.
    """
    jobs = [(file, file.name if path.is_file() else file.relative_to(path).as_posix()) for file in files_of(path)]
    if len(jobs) < MANY or (os.cpu_count() or 1) < 2:
        for job in jobs:
            yield from made(job)
        return
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for found in pool.map(made, jobs, chunksize=32):
            yield from found


def made(job: tuple[Path, str]) -> list[Made]:
    """The records of a file under its name for people, or why there are none."""
    left: list[Made] = []
    found: list[Made] = []
    for one in read(*job, lambda where, why: left.append((where, why))):
        found.append((one.where, record_of(one)))
    return found + left


def unlike(found: Iterable[Made], left: list[tuple[str, str]]) -> list[Record]:
    """The records without those that stood there before, in whatever key; the reasons go to `left`."""
    seen: dict[bytes, str] = {}
    kept = []
    for where, record in found:
        if isinstance(record, str):
            left.append((where, record))
            continue
        key = likeness(record)
        if key in seen:
            left.append((where, f"it stood there before (as {seen[key]})"))
            continue
        seen[key] = where
        kept.append(record)
    return kept


def likeness(record: Record) -> bytes:
    """What two pieces share that are one in two keys: intervals and lengths of the tune's first notes."""
    voice = record.draft.voices[0][: _SAME + 1]
    steps = [(b[0] - a[0], a[1], b[2] - a[2]) for a, b in pairwise(voice)]
    return hashlib.sha256(repr((record.draft.task == "satb", steps)).encode()).digest()


def parted(records: Sequence[Record]) -> tuple[list[Record], list[Record]]:
    """(to learn from, held out): of all groups the tenth with the smallest hashes, 1 to HELD_MOST."""
    groups = sorted({record.group for record in records}, key=lambda group: hashlib.sha256(group.encode()).digest())
    held = set(groups[: min(HELD_MOST, max(1, len(groups) // 10))]) if len(groups) > 1 else set()
    return [r for r in records if r.group not in held], [r for r in records if r.group in held]


def known(path: Path) -> Lessons:
    """The lessons of records that muse knows, with their own split.

    Raises:
        CorpusError: nothing there that is known.
    """
    train, held = list(corpus.read(path, "train")), list(corpus.read(path, "valid"))
    tasks = Counter(NAMES[record.draft.task] for record in train + held)
    source = Source(path.name, "see its SOURCE.toml", "", "", len(train))
    return Lessons(train, held, source, {"pieces": len(train) + len(held), "held": len(held), **tasks})
