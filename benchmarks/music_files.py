"""What each file of a piece costs: CPU and wall seconds, and bytes, of 32 bars of melody, piano and bass.

    python benchmarks/music_files.py [--bars 32] [--times 3] [--score]

`all` is `Piece.files()`: the sound is encoded while the pictures are drawn. The first time of each is left out of the
means, since it reads fonts and soundfont.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace

from muse.music import roll
from muse.music.notes import Note, Track
from muse.music.piece import Piece
from muse.music.theory import QUALITIES, Chord, Key, Meter
from muse.work import Recipe


def piece(bars: int) -> Piece:
    """A song of four chords over and over, in eighths."""
    turn = ((2, "m"), (10, ""), (5, ""), (0, "7"))
    chords = tuple(Chord(48 * bar, *turn[bar % 4]) for bar in range(bars))
    tune = tuple(
        Note(6 * i, 62 + (7 * i * i // 3) % 12, 6, 90, lyric=("riv-", "er", "_", "秋")[i % 4]) for i in range(8 * bars)
    )
    piano, bass = [], []
    for chord in chords:
        tones = [48 + (chord.root + step) % 12 for step in QUALITIES[chord.quality]]
        piano += [Note(chord.tick + 12 * beat, tone + 12, 12, 60) for beat in range(4) for tone in tones]
        bass += [Note(chord.tick + 24 * half, tones[0] - 12, 24, 70) for half in range(2)]
    tracks = (Track("Melody", 73, tune), Track("Piano", 0, tuple(sorted(piano))), Track("Bass", 32, tuple(bass)))
    return Piece("A song", Key(2, "minor"), Meter(4, 4), 96.0, bars, tracks, 0, chords, recipe=Recipe("compose", 7))


def cost(make: Callable[[], object], times: int) -> tuple[float, float]:
    """(CPU seconds, wall seconds) of one time, on average after the first."""
    make()
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(times):
        make()
    return (time.process_time() - cpu) / times, (time.perf_counter() - wall) / times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bars", type=int, default=32)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--score", action="store_true", help="the engraved score too; needs verovio")
    args = parser.parse_args()
    made = piece(args.bars)
    files: dict[str, Callable[[], object]] = {
        "piece.mid": made.midi,
        "piece.mid, humanised": replace(made, humanise=0.5).midi,
        "piece.json": lambda: str(made.as_dict()),
        "piece.musicxml": made.musicxml,
        "piece.abc": made.abc,
        "chords.svg": lambda: made.chart().svg(),
        "roll.svg": lambda: roll.svg(made),
        "roll.png": lambda: roll.png(made),
        "piece.wav": lambda: made.sound("wav"),
        "piece.opus": lambda: made.sound("opus"),
        "stems, opus": lambda: b"".join(made.sounds("opus").values()),
        "all": lambda: b"".join(replace(made).files().values()),
    }
    if args.score:
        files["score.svg"] = lambda: b"".join(made.engraved().pages)
        files["score.pdf"] = lambda: made.engraved().pdf()
    print(f"{args.bars} bars, {len(made.tracks)} tracks, {made.seconds:.0f} s of music")
    print(f"{'file':22}{'CPU s':>9}{'wall s':>9}{'bytes':>12}")
    for name, make in files.items():
        cpu, wall = cost(make, args.times)
        made_of = make()
        size = len(made_of) if isinstance(made_of, bytes | str) else 0
        print(f"{name:22}{cpu:9.3f}{wall:9.3f}{size:12,}")


if __name__ == "__main__":
    main()
