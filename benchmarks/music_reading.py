"""Files a second: MIDI in bulk to records, and MusicXML, ABC and kern by muse's readers and by those of others.

    python benchmarks/music_reading.py --midi FOLDER [--count 1000] [--peers 20]

FOLDER holds MIDI files. MusicXML, ABC and kern are written from made-up pieces, the same for all readers; music21 reads
`--peers` files of each kind, pretty_midi that many MIDI files.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from muse.music import files, midi
from muse.music.events import encode
from muse.music.own.lessons import gather, made
from muse.music.piece import Note, Piece, Track
from muse.music.theory import Chord, Key, Meter

LETTERS = ("c", "d", "e", "f", "g", "a", "b")
SCALE = (60, 62, 64, 65, 67, 69, 71)


def tune(seed: int, bars: int = 32) -> list[tuple[int, int]]:
    """(step of the scale, ticks) of a tune."""
    draw, found, now = random.Random(seed), [], 0
    while now < bars * 48:
        length = min(draw.choice((6, 12, 24)), bars * 48 - now)
        found.append((draw.randrange(7), length))
        now += length
    return found


def written(folder: Path, count: int) -> dict[str, list[Path]]:
    """The same tunes as MusicXML, ABC and kern."""
    found: dict[str, list[Path]] = {"MusicXML": [], "ABC": [], "kern": []}
    for seed in range(count):
        cells, now, notes = tune(seed), 0, []
        for step, length in cells:
            notes.append(Note(now, SCALE[step], length))
            now += length
        chords = tuple(Chord(48 * bar, (0, 5, 7)[bar % 3]) for bar in range(32))
        piece = Piece(f"Tune {seed}", Key(0), Meter(4, 4), 100.0, 32, (Track("Melody", 0, tuple(notes)),), 0, chords)
        music = "".join(LETTERS[step].upper() + str(length // 6) for step, length in cells)
        rows = "\n".join(f"{48 // length}{LETTERS[step]}" for step, length in cells)
        texts = {
            "MusicXML": (".musicxml", piece.musicxml()),
            "ABC": (".abc", f"X:1\nT:Tune\nM:4/4\nL:1/8\nK:C\n{music}|]\n".encode()),
            "kern": (".krn", f"**kern\n*M4/4\n*k[]\n{rows}\n*-\n".encode()),
        }
        for kind, (ending, data) in texts.items():
            path = folder / f"{seed}{ending}"
            path.write_bytes(data)
            found[kind].append(path)
    return found


def rate(read: Callable[[Path], object], paths: Sequence[Path]) -> tuple[float, float]:
    """Files a second by the clock, and a second of processor time."""
    begun, busy = time.perf_counter(), time.process_time()
    for path in paths:
        read(path)
    return len(paths) / (time.perf_counter() - begun), len(paths) / (time.process_time() - busy)


def music21(path: Path) -> object:
    from music21 import converter

    return converter.parse(path, forceSource=True)


def pretty(path: Path) -> object:
    import pretty_midi

    return pretty_midi.PrettyMIDI(str(path))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--midi", type=Path, required=True)
    options.add_argument("--count", type=int, default=1000)
    options.add_argument("--peers", type=int, default=20)
    given = options.parse_args()
    paths = sorted(path for path in given.midi.rglob("*") if path.suffix.lower() in (".mid", ".midi"))[: given.count]
    few = paths[:: max(1, len(paths) // given.peers)][: given.peers]
    rows = []

    def row(what: str, measured: tuple[float, float], peer: tuple[float, float] | None = None) -> None:
        ratio = "" if peer is None else f"{measured[1] / peer[1]:,.0f} times"
        rows.append(f"| {what} | {measured[0]:,.0f} | {measured[1]:,.0f} | {ratio} |")

    def events(path: Path) -> None:
        for _, record in made((path, path.name)):
            if not isinstance(record, str):
                encode(record.draft)

    peer = rate(pretty, few)
    row("MIDI, pretty_midi", peer)
    row("MIDI, muse, a piece", rate(lambda path: midi.read(path), paths[:200]), peer)
    row("MIDI, muse in bulk, records", rate(lambda path: made((path, path.name)), paths), peer)
    row("MIDI, muse in bulk, events", rate(events, paths), peer)
    begun = time.perf_counter()
    kept = gather(given.midi, least=0)
    count = len(kept.train) + len(kept.held) + len(kept.left)
    rows.append(
        f"| MIDI, muse in bulk, all processors, {count:,} files | {count / (time.perf_counter() - begun):,.0f} | | |"
    )
    with tempfile.TemporaryDirectory() as folder:
        for kind, found in written(Path(folder), 100).items():
            peer = rate(music21, found[: given.peers])
            row(f"{kind}, music21", peer)
            row(f"{kind}, muse", rate(files.read, found), peer)
    print("| reader | files a second | files a second of one processor | against the peer |\n|---|---|---|---|")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
