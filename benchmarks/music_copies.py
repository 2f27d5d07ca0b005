"""What the index of known melodies is worth: its size, false alarms, what it finds of planted runs, and who copies.

    python benchmarks/music_copies.py --data DATA [--bundle composer] [--count 100] [--bars 16]

The index is built from the training part alone. Told are

- its bytes, seconds to build, and CPU milliseconds a piece;
- of runs of training melodies planted in others, in another key, how many are found, and how far the length is off;
- of human pieces held out, beside a search that is exact: matches told that are none, and matches not told (runs that
  more than COMMON places share are nobody's);
- the longest matches of human pieces held out, cut to as many bars as are composed, and of pieces composed: one draft,
  and the best of several of which those that copy are put last.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from table import machine, table, write

from muse.bundle import Bundle
from muse.fuse import mixed
from muse.music import corpus
from muse.music.composer import PieceRequest, drafted
from muse.music.copied import LEAST, MOST, NOTHING, Copies, Line, index_of, line_of
from muse.music.copied.figures import NOTES, Words, figures
from muse.music.model import writer
from muse.music.records import Record
from muse.seed import derive
from muse.seed import stream as random_of

ENSEMBLES = ("melody", "lead", "satb")
METERS = ("4/4", "3/4", "6/8", "2/4")
LENGTHS = (15, 18, 24, 36)


def runs(line: Line) -> Words:
    """A key of each LEAST notes in a row."""
    words, width = figures(line), LEAST - NOTES + 1
    found = np.zeros(max(0, len(words) - width + 1), np.uint64)
    for place in range(width if len(found) else 0):
        found = mixed(found + words[place : place + len(found)])
    return found


def lines_of(record: Record, bars: int = 0) -> list[Line]:
    """The voices of a record, or those of its first bars."""
    draft = record.draft
    end = draft.pickup + bars * draft.meter.bar if bars else draft.length
    return [line_of(row for row in voice if row[0] < end) for voice in draft.voices]


def planted(copies: Copies, train: Sequence[Record], held: Sequence[Record], count: int) -> list[tuple[Any, ...]]:
    """Rows of length, runs, found, mean error of the length: runs of training voices within held-out ones."""
    random, rows = random_of(7, "planted"), []
    known = [line for at in random.permutation(len(train))[: 4 * count].tolist() for line in lines_of(train[at])]
    hosts = [line for record in held for line in lines_of(record)
             if 40 <= len(line.onsets) <= 200 and copies.longest([line]) is None][:count]  # fmt: skip
    for length in LENGTHS:
        found, errors = 0, []
        able = [line for line in known if len(line.onsets) >= length + 8][:count]
        for line in able:
            begin = int(random.integers(len(line.onsets) - length))
            part = Line(*(values[begin : begin + length] for values in line))
            host = hosts[int(random.integers(len(hosts)))]
            gaps = [*np.diff(host.onsets[:20]), 11, *np.diff(part.onsets), 11, *np.diff(host.onsets[20:])]
            moved = part.pitches - part.pitches[0] + host.pitches[19] + 1
            pitches = np.concatenate([host.pitches[:20], moved, host.pitches[20:]])
            match = copies.longest([Line(np.cumsum([0, *gaps], dtype=np.float64), pitches)])
            there = match is not None and match.notes >= length
            found += there
            if match is not None and there:
                errors.append(match.notes - length)
        rows.append((length, len(able), f"{found / len(able):.3f}", f"{np.mean(errors):.2f}"))
    return rows


def longest(copies: Copies, pieces: Sequence[Sequence[Line]]) -> dict[str, Any]:
    """How long the longest matches of some pieces are."""
    begun = time.process_time()
    found = [match.notes if (match := copies.longest(lines)) is not None else 0 for lines in pieces]
    spent = (time.process_time() - begun) * 1000 / max(1, len(pieces))
    told = np.array(found)
    return {
        "pieces": len(pieces), f"from {LEAST}": round(float((told >= LEAST).mean()), 4),
        f"from {MOST}": round(float((told >= MOST).mean()), 4),
        "percentiles 50 75 90 95 99": [int(value) for value in np.percentile(told, [50, 75, 90, 95, 99])],
        "CPU ms": round(spent, 2),
    }  # fmt: skip


def exactly(copies: Copies, train: Sequence[Record], held: Sequence[Record]) -> dict[str, Any]:
    """False alarms and misses of LEAST notes beside an exact search."""
    known = np.unique(np.concatenate([runs(line) for record in train for line in lines_of(record)]))
    false = missed = matched = 0
    for record in held:
        lines = lines_of(record)
        asked = np.concatenate([runs(line) for line in lines])
        at = np.minimum(np.searchsorted(known, asked), len(known) - 1)
        there, told = bool((known[at] == asked).any()), copies.longest(lines) is not None
        matched += there
        false += told and not there
        missed += there and not told
    return {"pieces": len(held), "matched": matched, "false alarms": false, "not told": missed}


def composed(bundle: Bundle, copies: Copies, ensemble: str, count: int, bars: int) -> Iterator[tuple[str, list[Line]]]:
    """("one draft" or "best", lines) of pieces in many keys and meters."""
    pen = writer(bundle)
    for number in range(count):
        meter = "4/4" if ensemble == "satb" else METERS[number % len(METERS)]
        request = PieceRequest(ensemble=ensemble, bars=bars, meter=meter, seed=derive(5, ensemble, number))
        for name, wish, known in (
            ("one draft", replace(request, candidates=1), NOTHING), ("best, copies last", request, copies),
        ):  # fmt: skip
            yield name, [line_of(voice) for voice in drafted(pen, wish, known)[1].voices]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--bundle", default="composer")
    parser.add_argument("--count", type=int, default=100, help="pieces of an ensemble; 0 for none")
    parser.add_argument("--bars", type=int, default=16)
    parser.add_argument("--name", default="music_copies")
    asked = parser.parse_args()
    train = list(corpus.read(asked.data / "music", "train"))
    held = [*corpus.read(asked.data / "music", "valid")]
    held += [record for record in corpus.read(asked.data / "music", "test") if record.corpus == "jsb-chorales"]
    begun = time.process_time()
    tensors = index_of(train)
    spent = time.process_time() - begun
    copies = Copies.thaw(Bundle(tensors, {"name": "training part", "kind": "music"}))
    result: dict[str, Any] = {
        "works": len(copies.parts[0].sources[0]), "figures": len(copies), "CPU seconds to build": round(spent, 1),
        "bytes": {name: array.nbytes for name, array in tensors.items()},
        "bytes_in_all": sum(array.nbytes for array in tensors.values()), "exactly": exactly(copies, train, held),
    }  # fmt: skip
    print(json.dumps(result), flush=True)
    result["planted"] = planted(copies, train, held, 500)
    print(table(("planted notes", "runs", "found", "notes too long"), result["planted"]), flush=True)
    people: dict[str, list[list[Line]]] = {}
    for record in held:
        kind = "human satb" if record.draft.task == "satb" else "human melody"
        people.setdefault(kind, []).append(lines_of(record))
        people.setdefault(f"{kind}, {asked.bars} bars", []).append(lines_of(record, asked.bars))
    bundle = Bundle.load(asked.bundle) if asked.count else None
    for ensemble in ENSEMBLES if bundle is not None else ():
        for name, lines in composed(bundle, copies, ensemble, asked.count, asked.bars):  # type: ignore[arg-type]
            people.setdefault(f"{ensemble}, {name}", []).append(lines)
    result["longest"] = {name: longest(copies, pieces) for name, pieces in people.items()}
    head = list(next(iter(result["longest"].values())))
    print(table(("longest matches", *head), [[name, *one.values()] for name, one in result["longest"].items()]))
    write(asked.name, {**result, "machine": machine()})


if __name__ == "__main__":
    main()
