"""Files of music in a user's folder as tables of notes: MIDI in bulk by symusic, the rest by muse's own readers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from muse.errors import CorpusError, InputError, UsageError
from muse.files import read_capped
from muse.music import abc, files, midi
from muse.music.files import tune
from muse.music.piece import Piece
from muse.music.theory import Chord, Key, Meter

Ints = npt.NDArray[np.int64]
Note = Callable[[str, str], None]
"""Called with the file (and, of a collection, the tune) and why it is passed over."""


@dataclass(frozen=True, slots=True)
class Track:
    """Notes of one instrument or voice.

    Attributes:
        notes: (N, 3) tick, duration and pitch, in order of tick, then pitch.
    """

    name: str
    notes: Ints
    drums: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """One piece as it was found.

    Attributes:
        where: the file, for people; group: what stays on one side of the split.
        key, meter: None where the file names none; length: in ticks.
    """

    where: str
    group: str
    title: str
    key: Key | None
    meter: Meter | None
    tempo: float | None
    pickup: int
    length: int
    tracks: tuple[Track, ...]
    chords: tuple[Chord, ...] = ()


def files_of(path: Path) -> list[Path]:
    """The files of music in a folder and below it, or the file itself, in a fixed order.

    Raises:
        CorpusError: there is none.
    """
    if not path.exists():
        raise CorpusError(f"no corpus at {path}", "there is no such file or folder", "give --corpus PATH")
    found = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    kept = [file for file in found if file.suffix.lower() in files.READERS and not file.name.startswith(".")]
    if not kept:
        raise CorpusError(f"no music in {path}", "muse reads " + " ".join(files.READERS), "give --corpus PATH")
    return kept


def read(file: Path, name: str, note: Note) -> Iterator[Found]:
    """Every piece in a file; what cannot be read is noted and passed over.

    Args:
        name: of the file, for people.
    """
    try:
        data = read_capped(file, files.LARGEST)
        suffix = file.suffix.lower()
        if suffix == ".abc":
            yield from tunes(data, name, note)
        elif files.READERS[suffix] == "muse.music.midi":
            yield of_midi(data, name)
        else:
            yield of_piece(files.parse(data, file.name), name)
    except InputError as error:
        note(name, error.why or error.what)


def tunes(data: bytes, name: str, note: Note) -> Iterator[Found]:
    """The tunes of a file of ABC."""
    count = 0
    for line, block in abc.blocks(tune.text_of(data)):
        count += 1
        where = f"{name}:{line}"
        try:
            read = abc.parse(block, line)
            found = of_piece(tune.piece(read, where), where)
            key = None if read.tonic is None else found.key
            title = "".join(filter(str.isalnum, read.title.lower()))
            yield Found(where, title or where, read.title, key, read.meter, read.tempo, found.pickup, found.length,
                        found.tracks, found.chords)  # fmt: skip
        except (InputError, UsageError) as error:
            note(where, f"{error.what} {error.why}".strip())
    if not count:
        note(name, "no tune begins in it (X:)")


def of_midi(data: bytes, name: str) -> Found:
    """A MIDI file, from symusic's arrays.

    Raises:
        InputError: it is damaged, cut, of a wrong type, too large, or without notes.
    """
    said = midi.check(data, name, walk=False)
    score = midi.score_of(data, name)
    tracks = tuple(
        Track(str(track.name).strip(), notes[:, :3], bool(track.is_drum))
        for track, notes in midi.sounding(score, said.division, name)
    )
    meter, pickup = midi.meter_of(score, said.division)
    end = max(int((track.notes[:, 0] + track.notes[:, 1]).max()) for track in tracks)
    stem = Path(name).stem
    return Found(
        name, name, stem, midi.key_of(score), meter if score.time_signatures else None,
        midi.tempo_of(score) if score.tempos else None, pickup, _whole(end, meter, pickup), tracks,
        midi.chords_of(score, said.division),
    )  # fmt: skip


def of_piece(piece: Piece, name: str) -> Found:
    """A piece that muse has read; its voices are tracks of their own."""
    tracks = []
    for track in piece.tracks:
        for voice in sorted({note.voice for note in track.notes}):
            rows = [(note.tick, note.duration, note.pitch) for note in track.notes if note.voice == voice]
            tracks.append(Track(track.name, np.array(rows, np.int64), track.drums))
    return Found(
        name, name, piece.title, piece.key, piece.meter, piece.tempo, piece.pickup, piece.length, tuple(tracks),
        piece.chords,
    )  # fmt: skip


def _whole(end: int, meter: Meter, pickup: int) -> int:
    """The end of the bar that a piece ends in."""
    return pickup + max(1, -(-(end - pickup) // meter.bar)) * meter.bar
