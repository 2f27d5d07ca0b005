"""ABC as pieces: one tune, its voices the tracks."""

from __future__ import annotations

from dataclasses import replace

from muse.errors import InputError, UsageError
from muse.music import abc, chords
from muse.music.files.parts import Head, Part, grid, key_of, piece_of
from muse.music.piece import Piece
from muse.music.theory import Meter


def read(data: bytes, place: str = "the tune", title: str = "") -> Piece:
    """The piece of the first tune in a file.

    Raises:
        InputError: no ABC, or an error in it, named with its line and column.
    """
    text = text_of(data)
    first, block = next(abc.blocks(text), (1, text))
    try:
        tune = abc.parse(block, first)
    except (InputError, UsageError) as error:
        raise InputError(f"cannot read {place}", f"{error.what}. {error.why}", error.next_step) from error
    if tune.faults:
        line, column, why = tune.faults[0]
        more = f" (and {len(tune.faults) - 1} more)" if len(tune.faults) > 1 else ""
        raise InputError(f"cannot read {place}", f"line {line}, column {column}: {why}{more}", "correct the ABC")
    return piece(tune, place, title)


def text_of(data: bytes) -> str:
    """Text in UTF-8, else in Latin-1, as older files are."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def piece(tune: abc.Tune, place: str, title: str = "") -> Piece:
    """The piece of a tune.

    Raises:
        InputError: it has no notes, or too many.
    """
    parts = [Part(tune.names.get(name, "") or (name if len(tune.sounds) > 1 else ""), sounds=sounds)
             for name, sounds in tune.sounds.items()]  # fmt: skip
    if len(parts) == 1:
        parts[0].name = parts[0].name or "Melody"
    meter = tune.meter or Meter(4, 4)
    bars = next(iter(tune.bars.values()), [])
    key = None if tune.tonic is None else key_of(tune.tonic, MODES.get(tune.mode, "major"))
    head = Head(
        title or tune.title or "Untitled", meter, key, tune.sharps, tune.tempo or 120.0,
        next((at for at in bars if at > 0), 0), max(tune.length.values(), default=0),
    )  # fmt: skip
    named = ((grid(at), chords.symbol(text)) for at, text in tune.symbols)
    return piece_of(place, head, parts, [replace(chord, tick=tick) for tick, chord in named if chord is not None])


MODES = {
    "m": "minor", "min": "minor", "aeo": "minor", "dor": "dorian", "phr": "phrygian", "lyd": "lydian",
    "mix": "mixolydian", "loc": "phrygian",
}  # fmt: skip
