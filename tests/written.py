"""MIDI files that tests write with mido, apart from everything of muse."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import mido

DIVISION = 480
FOUR = ("Soprano", "Alto", "Tenor", "Bass")
Note = tuple[Any, Any, int]
"""First quarter, quarters it lasts, pitch."""


def written(
    voices: Mapping[str, Sequence[Note]],
    *,
    key: str | None = "C",
    meter: tuple[int, int] = (4, 4),
    tempo: float = 90,
    pickup: Any = 0,
    markers: Sequence[tuple[Any, str]] = (),
    lyrics: Sequence[tuple[Any, str]] = (),
    programs: Mapping[str, int] | None = None,
) -> bytes:
    """A file of type 1; lyrics go to the first voice, a voice named Drums to channel 10."""
    file = mido.MidiFile(ticks_per_beat=DIVISION, charset="utf-8")
    meters = [(0, 4 * Fraction(pickup) / 4, 4), (pickup, *meter)] if pickup else [(0, *meter)]
    head = [(0, mido.MetaMessage("set_tempo", tempo=round(60e6 / tempo)))]
    head += [(time, mido.MetaMessage("time_signature", numerator=int(b), denominator=u)) for time, b, u in meters]
    head += [(0, mido.MetaMessage("key_signature", key=key))] if key else []
    head += [(time, mido.MetaMessage("marker", text=text)) for time, text in markers]
    file.tracks.append(_track(head))
    for number, (name, notes) in enumerate(voices.items()):
        channel = 9 if name == "Drums" else number if number < 9 else number + 1
        events: list[Any] = [(0, mido.MetaMessage("track_name", name=name))]
        events.append((0, mido.Message("program_change", program=(programs or {}).get(name, 0), channel=channel)))
        events += [(time, mido.MetaMessage("lyrics", text=text)) for time, text in (() if number else lyrics)]
        for start, length, pitch in notes:
            events.append((start + length, mido.Message("note_off", note=pitch, channel=channel)))
        for start, _, pitch in notes:
            events.append((start, mido.Message("note_on", note=pitch, channel=channel)))
        file.tracks.append(_track(events))
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def _track(events: Sequence[tuple[Any, Any]]) -> mido.MidiTrack:
    track, now = mido.MidiTrack(), 0
    for time, message in sorted(((round(time * DIVISION), message) for time, message in events), key=lambda e: e[0]):
        track.append(message.copy(time=time - now))
        now = time
    return track


def columns(*chords: Sequence[int], length: Any = 1, names: Sequence[str] = FOUR) -> dict[str, list[Note]]:
    """Voices that move together, one chord after another."""
    return {
        name: [(index * length, length, chord[voice]) for index, chord in enumerate(chords)]
        for voice, name in enumerate(names[: len(chords[0])])
    }


def tune(*pitches: int, length: Any = 1, name: str = "Melody") -> dict[str, list[Note]]:
    """One voice in notes of one length; pitch 0 is a rest."""
    return {name: [(index * length, length, pitch) for index, pitch in enumerate(pitches) if pitch]}
