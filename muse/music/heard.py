"""What a MIDI file says, read with mido alone: the referee's own ears, apart from the reader that generation uses."""

from __future__ import annotations

import io
from collections import defaultdict
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from muse.errors import InputError
from muse.files import read_capped

LARGEST = 8 << 20
_MOST_NOTES = 100_000
_MOST_QUARTERS = 1 << 20
_MOST_EVENTS = 250_000
_MOST_TRACKS = 1024
_GRID = 12  # places of a quarter
_SHORTEST = 64  # the lower number of a meter at most


@dataclass(frozen=True, slots=True)
class Sound:
    """A sounding note; times in quarter notes, exact."""

    start: Fraction
    end: Fraction
    pitch: int


@dataclass(frozen=True, slots=True)
class Voice:
    """One track with notes of one channel.

    Attributes:
        sounds: in order of start, then pitch.
        overlaps: how many notes begin while one of the same pitch still sounds.
        lyrics: the syllables of its track with their times, those of a second channel's notes with the first's.
    """

    name: str
    program: int
    drums: bool
    sounds: tuple[Sound, ...]
    overlaps: int = 0
    lyrics: tuple[tuple[Fraction, str], ...] = ()

    @property
    def together(self) -> int:
        """How many notes begin while another of this voice still sounds."""
        count, until = 0, Fraction(0)
        for sound in self.sounds:
            count += sound.start < until
            until = max(until, sound.end)
        return count


@dataclass(frozen=True, slots=True)
class Heard:
    """A MIDI file: signatures with their time in quarter notes.

    Attributes:
        key: as the file names it ("Dm"), or "".
        markers: words at a time, with muse chord symbols.
        end: the last end of track.
        faults: what is not as it should be.
    """

    voices: tuple[Voice, ...]
    meters: tuple[tuple[Fraction, int, int], ...]
    tempi: tuple[tuple[Fraction, float], ...]
    key: str
    lyrics: tuple[tuple[Fraction, str], ...]
    markers: tuple[tuple[Fraction, str], ...]
    end: Fraction
    faults: tuple[str, ...] = ()

    @property
    def pitched(self) -> tuple[Voice, ...]:
        return tuple(voice for voice in self.voices if not voice.drums)

    def written(self) -> Heard:
        """The file as it would be written down: notes and syllables on the nearest twelfth of a quarter."""
        voices = tuple(
            replace(voice, sounds=tuple(_placed(sound) for sound in voice.sounds), lyrics=_words(voice.lyrics))
            for voice in self.voices
        )
        return replace(self, voices=voices, lyrics=_words(self.lyrics), markers=_words(self.markers))

    @property
    def last(self) -> Fraction:
        """The end of the last note."""
        return max(sound.end for voice in self.voices for sound in voice.sounds)

    @property
    def bar(self) -> Fraction:
        """Quarter notes of a full bar."""
        _, beats, unit = self._main
        return Fraction(4 * beats, unit)

    @property
    def meter(self) -> str:
        _, beats, unit = self._main
        return f"{beats}/{unit}"

    @property
    def pickup(self) -> Fraction:
        return self._main[0]

    @property
    def _main(self) -> tuple[Fraction, int, int]:
        """The first signature, or the second where the first is only that of a short first bar."""
        if not self.meters:
            return Fraction(0), 4, 4
        if len(self.meters) > 1:
            (first, beats, unit), second = self.meters[:2]
            short = Fraction(4 * beats, unit)
            if first == 0 and second[0] == short < Fraction(4 * second[1], second[2]):
                return second
        return (Fraction(0), *self.meters[0][1:])


def _near(time: Fraction) -> Fraction:
    above, below = time.numerator, time.denominator  # in whole numbers, which is several times as fast
    return Fraction((2 * _GRID * above + below) // (2 * below), _GRID)


def _placed(sound: Sound) -> Sound:
    start = _near(sound.start)
    return Sound(start, max(start + Fraction(1, _GRID), _near(sound.end)), sound.pitch)


def _words(words: tuple[tuple[Fraction, str], ...]) -> tuple[tuple[Fraction, str], ...]:
    return tuple((_near(time), text) for time, text in words)


def hear(source: bytes | Path | str) -> Heard:
    """The contents of a MIDI file.

    Raises:
        InputError: it cannot be read, is of type 2, counts in frames, is too large or holds no notes.
    """
    import mido

    data = source if isinstance(source, bytes) else read_capped(source, LARGEST)
    place = "the MIDI data" if isinstance(source, bytes) else str(source)
    if len(data) > LARGEST:
        raise InputError(f"cannot read {place}", f"it has more than {LARGEST:,} bytes", "cut it into parts")
    _weigh(data, place)
    try:
        file = mido.MidiFile(file=io.BytesIO(data), charset="utf-8")
    except UnicodeDecodeError:
        try:
            file = mido.MidiFile(file=io.BytesIO(data), charset="latin-1")
        except Exception as error:
            raise _unreadable(place, error) from error
    except Exception as error:  # mido lets OSError, EOFError, KeyError, ValueError and others through
        raise _unreadable(place, error) from error
    if file.type == 2 or file.ticks_per_beat <= 0 or file.ticks_per_beat & 0x8000:
        raise InputError(f"cannot read {place}", "it is of type 2, or counts in frames", "save it as type 0 or 1")
    return _gathered(file, place)


def _weigh(data: bytes, place: str) -> None:
    """Refuses what would take long to read, before it is read: by the header's claims, then by the events there."""
    tracks = int.from_bytes(data[10:12], "big")
    if data[:4] == b"MThd" and tracks > _MOST_TRACKS:
        raise InputError(f"cannot read {place}", f"it says that it has {tracks:,} tracks", "give a file of music")
    at, size, events, status = 14, len(data), 0, 0
    while at < size:
        if data[at : at + 4] == b"MTrk":
            at, status = at + 8, 0
            continue
        while at < size and data[at] & 0x80:  # the time since the last event
            at += 1
        at += 1
        if at < size and data[at] & 0x80:
            status = data[at]
            at += 1
        if status >= 0xF0:
            at += status == 0xFF
            length = 0
            while at < size:
                length = length << 7 | data[at] & 0x7F
                at += 1
                if not data[at - 1] & 0x80:
                    break
            at += length
        else:
            at += 1 if status & 0xE0 == 0xC0 else 2
        events += 1
        if events > _MOST_EVENTS:
            raise InputError(f"cannot read {place}", f"it holds more than {_MOST_EVENTS:,} events", "cut it into parts")


def _unreadable(place: str, error: Exception) -> InputError:
    why = str(error) or type(error).__name__
    return InputError(f"cannot read {place}", f"it is no whole MIDI file: {why}", "give a Standard MIDI File")


def _gathered(file: Any, place: str) -> Heard:
    meters: dict[Fraction, tuple[int, int]] = {}
    tempi: dict[Fraction, float] = {}
    keys: list[tuple[Fraction, str]] = []
    lyrics: list[tuple[Fraction, str]] = []
    markers: list[tuple[Fraction, str]] = []
    voices: list[Voice] = []
    faults: list[str] = []
    end, count = Fraction(0), 0
    for number, track in enumerate(file.tracks):
        now, name, sung = 0, "", len(lyrics)
        programs: dict[int, int] = {}
        sounding: dict[tuple[int, int], list[Fraction]] = defaultdict(list)
        sounds: dict[int, list[Sound]] = defaultdict(list)
        overlaps: dict[int, int] = defaultdict(int)
        for message in track:
            now += message.time
            time = Fraction(now, file.ticks_per_beat)
            if time > _MOST_QUARTERS:
                raise InputError(f"cannot read {place}", "it lasts too long to be music", "cut it into parts")
            if message.type == "time_signature":
                if message.numerator and message.denominator <= _SHORTEST:
                    meters[time] = (message.numerator, message.denominator)
                else:
                    faults.append(f"a time signature that is none in track {number + 1}")
            elif message.type == "set_tempo":
                tempi[time] = 60e6 / message.tempo if message.tempo else 0.0
            elif message.type == "key_signature":
                keys.append((time, message.key))
            elif message.type == "lyrics":
                lyrics.append((time, message.text))
            elif message.type == "marker":
                markers.append((time, message.text))
            elif message.type == "track_name":
                name = message.name
            elif message.type == "program_change":
                programs.setdefault(message.channel, message.program)
            elif message.type == "note_on" and message.velocity:
                count += 1
                open_notes = sounding[message.channel, message.note]
                overlaps[message.channel] += bool(open_notes)
                open_notes.append(time)
            elif message.type in ("note_on", "note_off"):
                open_notes = sounding[message.channel, message.note]
                if open_notes:
                    sounds[message.channel].append(Sound(open_notes.pop(0), time, message.note))
                else:
                    faults.append(f"a note-off without its note in track {number + 1}")
        if count > _MOST_NOTES:
            raise InputError(f"cannot read {place}", f"it holds more than {_MOST_NOTES:,} notes", "cut it into parts")
        end = max(end, Fraction(now, file.ticks_per_beat))
        hanging = sum(len(starts) for starts in sounding.values())
        if hanging:
            faults.append(f"{hanging} notes of track {number + 1} never end")
        for channel in sorted(sounds):
            ordered = tuple(sorted(sounds[channel], key=lambda s: (s.start, s.pitch)))
            label = name or f"Track {number + 1}"
            words = tuple(lyrics[sung:]) if channel == min(sounds) else ()
            voices.append(Voice(label, programs.get(channel, 0), channel == 9, ordered, overlaps[channel], words))
    if not voices:
        raise InputError(f"cannot read {place}", "it holds no notes", "give a file with music in it")
    return Heard(
        tuple(voices), tuple((time, *value) for time, value in sorted(meters.items())), tuple(sorted(tempi.items())),
        min(keys)[1] if keys else "", tuple(lyrics), tuple(sorted(markers)), end, tuple(dict.fromkeys(faults)),
    )  # fmt: skip
