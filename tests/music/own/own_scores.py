"""A folder of music in every format, small and made up."""

from __future__ import annotations

import random
from pathlib import Path

from muse.music.piece import Note, Piece, Track
from muse.music.theory import Chord, Key, Meter

SCALE = (0, 2, 4, 5, 7, 9, 11, 12)


def melody(seed: int, key: int = 0, bars: int = 8, at: int = 60) -> tuple[Note, ...]:
    """A tune that its seed tells, in a major key."""
    draw, notes, now = random.Random(seed), [], 0
    while now < bars * 48:
        length = min(draw.choice((6, 12, 12, 24)), bars * 48 - now)
        step = draw.randrange(8)
        notes.append(Note(now, at + key + SCALE[step], length))
        now += length
    notes[-1] = Note(notes[-1].tick, at + key, notes[-1].duration)
    return tuple(notes)


def lead(seed: int, key: int = 0) -> Piece:
    chords = tuple(Chord(48 * bar, (key + root) % 12, "") for bar, root in enumerate((0, 5, 7, 0, 9, 2, 7, 0)))
    return piece(seed, key, (Track("Melody", 0, melody(seed, key)),), chords)


def satb(seed: int, key: int = 0) -> Piece:
    names = (("Soprano", 62), ("Alto", 55), ("Tenor", 50), ("Bass", 40))
    return piece(
        seed, key, tuple(Track(name, 52, melody(seed * 9 + i, key, 8, at)) for i, (name, at) in enumerate(names))
    )


def band(seed: int, key: int = 0) -> Piece:
    """A tune among other tracks, not the first."""
    low = tuple(Note(48 * bar + 24 * half, 36 + key, 24) for bar in range(8) for half in (0, 1))
    full = tuple(Note(48 * bar, 48 + key + step, 48) for bar in range(8) for step in (0, 4, 7))
    drums = tuple(Note(12 * beat, 38, 6) for beat in range(32))
    tracks = (
        Track("Bass", 32, low), Track("Strings", 48, full), Track("Drums", 0, drums, True),
        Track("Flute", 73, melody(seed, key, 8, 72)),
    )  # fmt: skip
    return piece(seed, key, tracks)


def piece(seed: int, key: int, tracks: tuple[Track, ...], chords: tuple[Chord, ...] = ()) -> Piece:
    return Piece(f"Piece {seed}", Key(key), Meter(4, 4), 100.0, 8, tracks, 0, chords)


def abc(*seeds: int) -> str:
    """Tunes in one file."""
    letters = "CDEFGABc"
    found = []
    for seed in seeds:
        notes = "".join(
            letters[SCALE.index(n.pitch - 60)] + (str(n.duration // 6) if n.duration > 6 else "") for n in melody(seed)
        )
        found.append(f"X:{seed}\nT:Tune {seed}\nM:4/4\nL:1/8\nK:C\n{notes}|\n")
    return "\n".join(found)


def kern(seed: int) -> str:
    letters = ("c", "d", "e", "f", "g", "a", "b", "cc")
    rows = [f"{48 // n.duration}{letters[SCALE.index(n.pitch - 60)]}" for n in melody(seed)]
    return "\n".join(["!!!OTL: Kern", "**kern", "*M4/4", "*k[]", "*C:", *rows, "*-", ""])


def folder(path: Path) -> Path:
    """Eleven pieces that are read, one twice in another key, and three files that are not."""
    path.mkdir(parents=True, exist_ok=True)
    for seed in range(3):
        (path / f"lead{seed}.musicxml").write_bytes(lead(seed, seed).musicxml())
        (path / f"choir{seed}.mid").write_bytes(satb(seed + 20, seed).midi())
        (path / f"band{seed}.mid").write_bytes(band(seed + 40, seed).midi())
    (path / "tunes.abc").write_text(abc(60, 61) + "\nX:9\nM:17/0\nK:C\nC|\n")
    (path / "song.krn").write_text(kern(70))
    (path / "lead1_again.musicxml").write_bytes(lead(1, 8).musicxml())
    (path / "cut.mid").write_bytes(lead(5).midi()[:100])
    (path / "page.xml").write_text("<html/>")
    (path / "notes.txt").write_text("no music")
    return path
