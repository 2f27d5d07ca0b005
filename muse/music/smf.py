"""A piece as a Standard MIDI File, byte for byte the same each time; `muse.music.midi` reads such files.

480 MIDI ticks a quarter note are 40 of ours times 12. Source: MIDI Association, Standard MIDI Files 1.0.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from muse.files import canonical_json
from muse.music.theory import BEAT

if TYPE_CHECKING:
    from muse.music.humanise import Played
    from muse.music.notes import Music, Track
    from muse.work import Recipe

DIVISION = 480
SCALE = DIVISION // BEAT
MARK = "muse recipe "
"""What the text event begins with that says how a piece was made."""
_TEXT, _NAME, _LYRIC, _MARKER, _CUE, _TEMPO, _METER, _KEY = 0x01, 0x03, 0x05, 0x06, 0x07, 0x51, 0x58, 0x59
_END = bytes((0xFF, 0x2F, 0))
Event = tuple[int, bytes]
"""A tick of the file and what happens there."""


def write(music: Music, recipe: Recipe, played: Sequence[Played] = ()) -> bytes:
    """Music as a MIDI file of type 1: a conductor track, then one track for each of its own.

    The conductor holds title, tempo, time and key signature, chord symbols as markers, section letters as cue points,
    and what made the piece (verb, seed, request) as a text event. Syllables are lyric events in UTF-8. With a pickup,
    the first bar is written as a short bar.

    Args:
        played: how each track is played, where it is not exactly as written.
    """
    tempo = min(0xFFFFFF, max(1, round(60_000_000 / music.tempo)))
    minor = music.key.mode in ("minor", "羽")  # whose tonics are those that the signature has in minor
    conductor: list[Event] = [
        (0, _text(_NAME, music.title)),
        (0, _text(_TEXT, MARK + _recipe(recipe))),
        (0, _meta(_TEMPO, tempo.to_bytes(3, "big"))),
        *((at * SCALE, _meta(_METER, bytes((beats, unit.bit_length() - 1, 24, 8))))
          for at, beats, unit in _meters(music)),
        (0, _meta(_KEY, bytes((music.key.sharps & 0xFF, minor)))),
        *((music.bar_start(bar) * SCALE, _text(_CUE, letter)) for bar, letter in music.sections),
        *((chord.tick * SCALE, _text(_MARKER, chord.name(music.key))) for chord in music.chords),
    ]  # fmt: skip
    end = music.length * SCALE
    tracks = [_track(conductor, end)]
    free = [channel for channel in range(16) if channel != 9]
    for index, track in enumerate(music.tracks):
        channel = 9 if track.drums else free[index % len(free)]
        tracks.append(_track(_events(track, channel, played[index] if played else None), end))
    fields = b"".join(value.to_bytes(2, "big") for value in (1, len(tracks), DIVISION))
    return b"".join([_chunk(b"MThd", fields), *tracks])


def _events(track: Track, channel: int, played: Played | None) -> list[Event]:
    """What a track's channel does; at one tick notes end before others begin."""
    late: Mapping[int, float] = played.late if played else {}

    def at(tick: int) -> int:
        return max(0, tick * SCALE + round(SCALE * late.get(tick, 0.0)))

    placed: list[tuple[tuple[int, int, int], bytes]] = []
    for index, note in enumerate(track.notes):
        velocity = played.velocities[index] if played else note.velocity
        if note.lyric:
            placed.append(((at(note.tick), 1, 0), _text(_LYRIC, note.lyric)))
        placed.append(((at(note.tick), 2, note.pitch), bytes((0x90 | channel, note.pitch, velocity))))
        placed.append(((at(note.end), 0, note.pitch), bytes((0x80 | channel, note.pitch, 0))))
    placed.sort(key=lambda item: item[0])
    head = [(0, _text(_NAME, track.name)), (0, bytes((0xC0 | channel, track.program)))]
    return [*head, *((place[0], event) for place, event in placed)]


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + len(body).to_bytes(4, "big") + body


def _track(events: list[Event], end: int) -> bytes:
    """A track that ends at a tick or at its last event; the order of equal ticks is kept."""
    body, now = [], 0
    for tick, event in sorted(events, key=lambda item: item[0]):
        body += [_number(tick - now), event]
        now = tick
    return _chunk(b"MTrk", b"".join([*body, _number(max(0, end - now)), _END]))


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


def _meters(music: Music) -> list[tuple[int, int, int]]:
    main = (music.pickup, music.meter.beats, music.meter.unit)
    if not music.pickup:
        return [main]
    for unit in (music.meter.unit, 4, 8, 16):
        size = 4 * BEAT // unit
        if music.pickup % size == 0:
            return [(0, music.pickup // size, unit), main]
    return [main]


def _recipe(recipe: Recipe) -> str:
    value = {"verb": recipe.verb, "seed": recipe.seed, "index": recipe.index, "request": dict(recipe.request)}
    return json.dumps(json.loads(canonical_json(value)), ensure_ascii=True, sort_keys=True, separators=(",", ":"))
