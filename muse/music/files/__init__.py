"""Files of music as pieces: MIDI, MusicXML, ABC and Humdrum **kern, by one door."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from muse.errors import InputError
from muse.files import read_capped

if TYPE_CHECKING:
    from muse.music.piece import Piece

READERS = {
    ".mid": "muse.music.midi", ".midi": "muse.music.midi", ".kar": "muse.music.midi",
    ".musicxml": "muse.music.files.musicxml", ".xml": "muse.music.files.musicxml",
    ".mxl": "muse.music.files.musicxml",
    ".abc": "muse.music.files.tune",
    ".krn": "muse.music.files.spines", ".kern": "muse.music.files.spines",
}  # fmt: skip
"""Ending of the file's name → the module that reads it."""
LARGEST = 24 << 20


def read(path: Path | str) -> Piece:
    """The piece in a file; of a collection of ABC the first tune.

    Its title is the one that the file names, else the file's name; its grid is muse's, twelve ticks a quarter.

    Raises:
        InputError: muse reads no such files, or this one is damaged; it says where.
    """
    path = Path(path)
    if path.suffix.lower() not in READERS:
        raise InputError(f"cannot read {path}", f"muse reads no {path.suffix or 'such'} files as music",
                         "give " + ", ".join(READERS))  # fmt: skip
    return parse(read_capped(path, LARGEST), path.name)


def parse(data: bytes, name: str) -> Piece:
    """The piece in the bytes of a file.

    Args:
        name: of the file, whose ending says how it is read.

    Raises:
        InputError: as `read`.
    """
    from dataclasses import replace

    reader = import_module(READERS[Path(name).suffix.lower()])
    piece: Piece = reader.read(data, place=name)
    return replace(piece, title=Path(name).stem) if piece.title in ("", "Untitled") else piece
