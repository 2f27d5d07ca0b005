"""A piece as a Standard MIDI File, byte for byte the same each time; `muse.music.midi` reads such files.

480 MIDI ticks a quarter note are 40 of ours times 12. Source: MIDI Association, Standard MIDI Files 1.0.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from muse.files import canonical_json
from muse.music.theory import BEAT

if TYPE_CHECKING:
    from muse.music.piece import Piece

DIVISION = 480
SCALE = DIVISION // BEAT
MARK = "muse recipe "
"""What the text event begins with that says how a piece was made."""
_TEXT, _NAME, _LYRIC, _MARKER, _TEMPO, _METER, _KEY = 0x01, 0x03, 0x05, 0x06, 0x51, 0x58, 0x59
_END = bytes((0xFF, 0x2F, 0))
Event = tuple[int, bytes]
"""A tick of ours and what happens there."""


def write(piece: Piece) -> bytes:
    """The piece as a MIDI file of type 1: a conductor track, then one track for each of the piece.

    The conductor holds title, tempo, time and key signature, chord symbols as markers, and what made the
    piece (verb, seed, request) as a text event. With a pickup, the first bar is written as a short bar.
    """
    tempo = min(0xFFFFFF, max(1, round(60_000_000 / piece.tempo)))
    minor = piece.key.mode == "minor"
    conductor: list[Event] = [
        (0, _text(_NAME, piece.title)),
        (0, _text(_TEXT, MARK + _recipe(piece))),
        (0, _meta(_TEMPO, tempo.to_bytes(3, "big"))),
        *((tick, _meta(_METER, bytes((beats, unit.bit_length() - 1, 24, 8)))) for tick, beats, unit in _meters(piece)),
        (0, _meta(_KEY, bytes((piece.key.sharps & 0xFF, minor)))),
        *((chord.tick, _text(_MARKER, chord.name(piece.key))) for chord in piece.chords),
    ]
    tracks = [_track(conductor, piece.length)]
    free = [channel for channel in range(16) if channel != 9]
    for index, track in enumerate(piece.tracks):
        channel = 9 if track.drums else free[index % len(free)]
        placed: list[tuple[tuple[int, int, int], bytes]] = []  # at one tick notes end before others begin
        for note in track.notes:
            if note.lyric:
                placed.append(((note.tick, 1, 0), _text(_LYRIC, note.lyric)))
            placed.append(((note.tick, 2, note.pitch), bytes((0x90 | channel, note.pitch, note.velocity))))
            placed.append(((note.end, 0, note.pitch), bytes((0x80 | channel, note.pitch, 0))))
        placed.sort(key=lambda item: item[0])
        head = [(0, _text(_NAME, track.name)), (0, bytes((0xC0 | channel, track.program)))]
        tracks.append(_track([*head, *((place[0], event) for place, event in placed)], piece.length))
    fields = b"".join(value.to_bytes(2, "big") for value in (1, len(tracks), DIVISION))
    return b"".join([_chunk(b"MThd", fields), *tracks])


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + len(body).to_bytes(4, "big") + body


def _track(events: list[Event], end: int) -> bytes:
    """A track that ends at a tick of ours or at its last event; the order of equal ticks is kept."""
    body, now = [], 0
    for tick, event in sorted(events, key=lambda item: item[0]):
        body += [_number((tick - now) * SCALE), event]
        now = tick
    return _chunk(b"MTrk", b"".join([*body, _number(max(0, end - now) * SCALE), _END]))


def _number(value: int) -> bytes:
    """A number in groups of seven bits, all but the last with the highest bit set."""
    found = [value & 0x7F]
    while value := value >> 7:
        found.append(value & 0x7F | 0x80)
    return bytes(reversed(found))


def _meta(kind: int, data: bytes) -> bytes:
    return bytes((0xFF, kind)) + _number(len(data)) + data


def _text(kind: int, text: str) -> bytes:
    return _meta(kind, " ".join(text.split()).encode())


def _meters(piece: Piece) -> list[tuple[int, int, int]]:
    main = (piece.pickup, piece.meter.beats, piece.meter.unit)
    if not piece.pickup:
        return [main]
    for unit in (piece.meter.unit, 4, 8, 16):
        size = 4 * BEAT // unit
        if piece.pickup % size == 0:
            return [(0, piece.pickup // size, unit), main]
    return [main]


def _recipe(piece: Piece) -> str:
    recipe = piece.recipe
    value = {"verb": recipe.verb, "seed": recipe.seed, "index": recipe.index, "request": dict(recipe.request)}
    return json.dumps(json.loads(canonical_json(value)), ensure_ascii=True, sort_keys=True, separators=(",", ":"))
