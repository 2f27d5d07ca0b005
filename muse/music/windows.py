"""Melodies as bars on a sixteenth grid: what the melody VAE reads and writes.

A bar has 16 slots (4/4) or 12 (3/4, 6/8; the last four are padding). Each slot holds a kind (onset, hold, rest, pad)
and the pitch that sounds there.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from muse.errors import CorpusError

SLOTS = 16
ONSET, HOLD, REST, PAD = 0, 1, 2, 3
LOW, HIGH = 36, 96
PITCHES = HIGH - LOW + 1
SILENT = PITCHES  # the pitch index of a slot where nothing sounds
METERS = ("4/4", "3/4", "6/8")
STEPS = {"4/4": 16, "3/4": 12, "6/8": 12}
# Meters whose bars, or pairs of bars, are read as one bar the model knows.
READ_AS = {
    "4/4": "4/4", "2/2": "4/4", "2/4": "4/4", "4/8": "4/4", "3/4": "3/4", "6/8": "6/8", "3/8": "6/8", "12/8": "6/8",
}  # fmt: skip
GRID = 6  # corpus ticks (24 a quarter) in a sixteenth


@dataclass(frozen=True, slots=True)
class Bars:
    """Consecutive bars of one or many melodies.

    Attributes:
        kind: (N, 16) uint8, ONSET, HOLD, REST or PAD.
        pitch: (N, 16) uint8 in [0, 61], the sounding pitch above MIDI 36, or SILENT.
        meter: (N,) uint8, index into METERS.
        song: (N,) int32, which melody a bar is of.
        good: (N,) bool, the bar is on the grid and in the pitch range.
        weight: (N,) float32, how often its melody is drawn in training, compared with others.
    """

    kind: NDArray[np.uint8]
    pitch: NDArray[np.uint8]
    meter: NDArray[np.uint8]
    song: NDArray[np.int32]
    good: NDArray[np.bool_]
    weight: NDArray[np.float32]

    def starts(self, length: int) -> NDArray[np.int64]:
        """Where `length` good bars of one song begin that hold a note and no whole bar of silence."""
        total = len(self.kind) - length + 1
        if total <= 0:
            return np.zeros(0, np.int64)
        at = np.arange(total)
        fine = self.song[at] == self.song[at + length - 1]
        sounding = (self.kind != REST) & (self.kind != PAD)
        for offset in range(length):
            fine &= self.good[at + offset] & sounding[at + offset].any(axis=1)
        chosen: NDArray[np.int64] = at[fine]
        return chosen

    def windows(self, starts: NDArray[np.int64], length: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Kinds and pitches, (B, length, 16) each; a note held over into a window is struck at its start."""
        rows = starts[:, None] + np.arange(length)
        kind, pitch = self.kind[rows], self.pitch[rows]
        first = kind[:, 0, 0]
        first[first == HOLD] = ONSET
        return kind, pitch


def group_in_validation(group: str) -> bool:
    """Whether a tune's group belongs to the validation part (one in fifty)."""
    return int(hashlib.sha256(f"muse-valid:{group}".encode()).hexdigest()[:8], 16) % 50 == 0


def on_grid(
    pitches: NDArray[np.int64], durations: NDArray[np.int64], phase: int, bar: int, grid: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.bool_]]:
    """Kinds, pitches and goodness, (N, 16), (N, 16), (N,), of one melody that begins `phase` ticks into a bar.

    pitches: (n,) MIDI numbers, 0 = rest. durations: (n,) ticks. bar, grid: ticks.
    """
    steps = bar // grid
    ends = phase + np.cumsum(durations)
    begins = ends - durations
    count = max(1, int(-(-ends[-1] // bar)))
    good = np.ones(count, bool)
    for times in (begins, ends):
        good[np.minimum(times[times % grid != 0] // bar, count - 1)] = False
    outside = (pitches != 0) & ((pitches < LOW) | (pitches > HIGH))
    for index in np.flatnonzero(outside):
        good[begins[index] // bar : -(-ends[index] // bar)] = False
    kind = np.full(count * steps, REST, np.uint8)
    pitch = np.full(count * steps, SILENT, np.uint8)
    first, last = (begins + grid // 2) // grid, (ends + grid // 2) // grid
    for midi, start, end in zip(pitches.tolist(), first.tolist(), last.tolist(), strict=True):
        if midi and end > start:
            kind[start:end] = HOLD
            kind[start] = ONSET
            pitch[start:end] = min(max(midi, LOW), HIGH) - LOW
    padded_kind = np.full((count, SLOTS), PAD, np.uint8)
    padded_pitch = np.full((count, SLOTS), SILENT, np.uint8)
    padded_kind[:, :steps] = kind.reshape(count, steps)
    padded_pitch[:, :steps] = pitch.reshape(count, steps)
    return padded_kind, padded_pitch, good


def records(path: Path) -> Iterator[dict[str, Any]]:
    """The melodies of a `.jsonl` or `.jsonl.gz` file, or of `melodies.jsonl.gz` below a folder.

    Raises:
        CorpusError: no such file, or a line is not JSON.
    """
    if path.is_dir():
        found = sorted(path.rglob("melodies.jsonl*"))
        if not found:
            raise CorpusError(f"no melodies in {path}", "no melodies.jsonl.gz lies below it", "name the file itself")
        path = found[0]
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                if line.strip():
                    yield json.loads(line)
    except (OSError, EOFError, ValueError) as error:
        raise CorpusError(f"cannot read the melodies in {path}", str(error)) from error


def weight_of(record: Mapping[str, Any]) -> float:
    """Songs, tunes and instrumental lines count three times: most of the corpus are sacred choir parts."""
    return 3.0 if record.get("src") in ("lieder", "cre") or record.get("role") != "vocal" else 1.0


def bar_ticks(meter: str | None) -> tuple[str, int] | None:
    """The model's meter and the corpus ticks of its bar for a meter, or None where it knows none."""
    read_as = READ_AS.get(meter or "")
    return None if read_as is None else (read_as, STEPS[read_as] * GRID)


def usable(record: Mapping[str, Any], learn: bool = True) -> bool:
    """Whether a melody has a steady known meter and, to learn from it, a licence for shipped weights."""
    if record.get("mc") or bar_ticks(record.get("m")) is None:
        return False
    return not (learn and record.get("src") == "openewld")


def read(
    path: Path, part: str | None = None, limit: int | None = None, *, learn: bool = True
) -> tuple[Bars, dict[str, int]]:
    """All bars of a corpus, and how many melodies each source gave.

    Args:
        part: "train", "valid" or None for all.
        limit: the first so many melodies.
        learn: leave out what no shipped weight may learn from.
    """

    def wanted() -> Iterator[Mapping[str, Any]]:
        for record in records(path):
            valid = group_in_validation(str(record.get("grp", record.get("id", ""))))
            if (part is None or valid == (part == "valid")) and usable(record, learn):
                yield record

    return collected(wanted(), path, limit)


def collected(
    melodies: Iterable[Mapping[str, Any]], path: Path, limit: int | None = None
) -> tuple[Bars, dict[str, int]]:
    """The bars of melodies that `usable` lets pass, and how many each source gave.

    Args:
        path: where they are from, for errors.
        limit: the first so many.

    Raises:
        CorpusError: there is none.
    """
    kinds, pitches, goods, meters, songs, weights = [], [], [], [], [], []
    counts: dict[str, int] = {}
    for record in melodies:
        known = bar_ticks(record["m"])
        if known is None or not record["d"]:
            continue
        meter, ticks = known
        melody = np.asarray(record["p"], np.int64), np.asarray(record["d"], np.int64)
        kind, pitch, good = on_grid(*melody, int(record.get("ph") or 0) % ticks, ticks, GRID)
        song = sum(counts.values())
        kinds.append(kind)
        pitches.append(pitch)
        goods.append(good)
        meters.append(np.full(len(kind), METERS.index(meter), np.uint8))
        songs.append(np.full(len(kind), song, np.int32))
        weights.append(np.full(len(kind), weight_of(record), np.float32))
        source = str(record.get("src", "yours"))
        counts[source] = counts.get(source, 0) + 1
        if limit is not None and song + 1 >= limit:
            break
    if not kinds:
        raise CorpusError(f"no usable melody in {path}", "none has a steady meter that the model knows")
    bars = (np.concatenate(kinds), np.concatenate(pitches), np.concatenate(meters), np.concatenate(songs))
    return Bars(*bars, np.concatenate(goods), np.concatenate(weights)), counts
