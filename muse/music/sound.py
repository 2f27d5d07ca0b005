"""MIDI as audio: WAV or Opus by midirenderer and a soundfont, at an even loudness, the same bytes each time.

The renderer stops at the last event, so a tail is added for the last note to ring out. Loudness is evened by
scaling the samples of a WAV and by the output gain in the head of an Opus stream (RFC 7845, section 5.1).

midirenderer pads every Opus packet with zeros to 640 bytes, and a decoder takes a packet's length for a part of its
meaning: only at the highest rate, where all 640 are used, is the stream the music. It also announces 3,840 samples
to be skipped, though its encoder is 312 late, so that a player would leave out the first attack, and it ends with a
packet of no bytes, which is none.
"""

from __future__ import annotations

import io
import math
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import util
from pathlib import Path
from subprocess import DEVNULL, PIPE

import numpy as np
from numpy.typing import NDArray

from muse.errors import InputError, MissingExtraError, MuseError, UsageError, did_you_mean
from muse.files import read_capped

Samples = NDArray[np.int16]
FORMS = ("opus", "wav")
RATE = 48_000
TAIL = 2.0  # seconds after the last event
PEAK = 0.89  # of full scale, −1 dB
MOST_GAIN = 16.0
LATE = 312
"""Samples at 48 kHz by which the encoder's output lags behind its input."""
_ENCODE = """
import sys
sys.path.insert(0, sys.argv[1])
import midirenderer
with open(sys.argv[2], "rb") as font:
    sys.stdout.buffer.write(midirenderer.render_opus_from(font.read(), sys.stdin.buffer.read(), True, "max"))
"""
_TURNED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_LARGEST_FONT = 1 << 30
_LONGEST = 3600.0  # seconds


def soundfont_path(soundfont: Path | str | None = None) -> Path:
    """The soundfont named, or the TimGM6mb that comes with pretty_midi (which is not imported for it).

    Raises:
        InputError: no such file. MissingExtraError: pretty_midi is not installed.
    """
    if soundfont is not None:
        path = Path(soundfont)
        if not path.is_file():
            raise InputError(f"no soundfont at {path}", "there is no such file", "name an .sf2 file")
        return path
    found = util.find_spec("pretty_midi")
    if found is not None and found.origin is not None:
        path = Path(found.origin).parent / "TimGM6mb.sf2"
        if path.is_file():
            return path
    raise MissingExtraError(
        "no soundfont found", "it comes with pretty_midi", "pip install pretty_midi, or name one with --soundfont"
    )


def render(midi: bytes, form: str = "opus", soundfont: Path | str | None = None) -> bytes:
    """The sound of a MIDI file, stereo at 48 kHz: an Ogg Opus or a 16-bit WAV file.

    Raises:
        UsageError: an unknown form.
        InputError: the MIDI or the soundfont cannot be read, or the piece is longer than an hour.
        MissingExtraError: midirenderer or the soundfont is not installed.
        MuseError: no process can be started for the Opus encoder.
    """
    with rendering(midi, form, soundfont) as finish:
        return finish()


@contextmanager
def rendering(midi: bytes, form: str = "opus", soundfont: Path | str | None = None) -> Iterator[Callable[[], bytes]]:
    """A function that gives what `render` gives; Opus is encoded meanwhile, so that other work can be done first.

    Raises:
        As `render`; some only when the function is called.
    """
    if form not in FORMS:
        raise UsageError(f"unknown sound format {form!r}", "", did_you_mean(form, FORMS))
    try:
        import midirenderer
    except ImportError as error:
        raise MissingExtraError("cannot make sound", "midirenderer is missing", "pip install midirenderer") from error
    path = soundfont_path(soundfont)
    font, ringing = read_capped(path, _LARGEST_FONT), with_tail(midi)
    if form == "wav":
        yield lambda: _wave(*_samples(font, ringing, path))
        return
    # A process of its own: the renderer holds Python's lock, and its encoder takes most of the time.
    command = [sys.executable, "-I", "-S", "-c", _ENCODE, str(Path(midirenderer.__file__).parents[1]), str(path)]
    try:
        process = subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
    except OSError as error:
        raise MuseError(
            "cannot make Opus", f"{sys.executable or 'Python'} does not start: {error}", "try WAV"
        ) from error
    with process as encoder:
        assert encoder.stdin is not None and encoder.stdout is not None
        output = encoder.stdout

        def finish() -> bytes:
            _, gain = _samples(font, ringing, path)
            stream = output.read()
            if encoder.wait():
                raise InputError("cannot render the MIDI", "the Opus encoder stopped", "try WAV")
            return mended(stream, gain)

        try:
            with suppress(BrokenPipeError):
                encoder.stdin.write(ringing)
            with suppress(BrokenPipeError):
                encoder.stdin.close()
            yield finish
        except BaseException:
            encoder.kill()
            raise


def _samples(font: bytes, midi: bytes, path: Path) -> tuple[Samples, float]:
    """(interleaved samples, what to multiply them by for an even loudness)."""
    import midirenderer

    try:
        samples: Samples = np.frombuffer(midirenderer.render_wave_from(font, midi)[44:], "<i2")
    except BaseException as error:  # RuntimeError, ValueError, or a Rust panic, which is no Exception
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        what = str(path) if "oundFont" in str(error) else "the MIDI"
        raise InputError(f"cannot render {what}", str(error), "give a whole file") from error
    peak = max(int(samples.max(initial=0)), -int(samples.min(initial=0))) / 32768
    return samples, min(MOST_GAIN, PEAK / peak) if peak else 1.0


def _wave(samples: Samples, gain: float) -> bytes:
    return wav(np.round(samples * np.float32(gain)).astype("<i2"))


def with_tail(midi: bytes) -> bytes:
    """The same MIDI with all tracks ending some seconds later.

    Raises:
        InputError: mido cannot read it, or it is longer than an hour.
    """
    import mido

    try:
        file = mido.MidiFile(file=io.BytesIO(midi), charset="utf-8", clip=True)
        if file.ticks_per_beat <= 0 or file.type == 2:
            raise ValueError("time in frames, or a file of type 2")
        ends = [sum(message.time for message in track) for track in file.tracks]
        tempi = [message.tempo for track in file.tracks for message in track if message.type == "set_tempo"]
        slowest = max(tempi, default=500_000)
        if max(ends, default=0) / file.ticks_per_beat * slowest / 1e6 > _LONGEST:
            raise ValueError("it would sound longer than an hour")
        tail = math.ceil(TAIL * 1e6 / (tempi[-1] if tempi else 500_000) * file.ticks_per_beat)
        last = max(ends, default=0)
        for track, end in zip(file.tracks, ends, strict=True):
            rest = 0
            if track and track[-1].type == "end_of_track":
                rest = track.pop().time
            track.append(mido.MetaMessage("end_of_track", time=rest + last - end + tail))
        buffer = io.BytesIO()
        file.save(file=buffer)
        return buffer.getvalue()
    except Exception as error:  # mido lets several kinds of error through for damaged files
        why = str(error) or type(error).__name__
        raise InputError("cannot read the MIDI", why, "give a whole MIDI file") from error


def wav(samples: Samples) -> bytes:
    """A stereo 16-bit WAV file of interleaved samples."""
    data = samples.tobytes()
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, 2, RATE, RATE * 4, 4, 16,
                       b"data", len(data))  # fmt: skip
    return head + data


def mended(opus: bytes, gain: float) -> bytes:
    """The renderer's Ogg Opus file with a true head, and without the packet of no bytes at its end.

    The head says how many samples the encoder is late, and a gain that players apply, in 1/256 dB.

    Source: RFC 7845, section 5.1; RFC 6716, section 3.1.
    """
    if opus[:4] != b"OggS" or opus[28:36] != b"OpusHead":
        raise ValueError("the renderer gave no Ogg Opus")
    starts = [0]
    while (end := starts[-1] + _page_size(opus, starts[-1])) < len(opus):
        starts.append(end)
    head, body, last = bytearray(opus[: starts[1]]), opus[starts[1] : starts[-1]], bytearray(opus[starts[-1] :])
    struct.pack_into("<H", head, 38, LATE)
    struct.pack_into("<h", head, 44, round(20 * math.log10(gain) * 256))
    count = last[26]
    if count and last[26 + count] == 0 and (count == 1 or last[25 + count] < 255):
        del last[26 + count]
        last[26] = count - 1
    return _checked(head) + body + _checked(last)


def _page_size(data: bytes, start: int) -> int:
    return 27 + data[start + 26] + sum(data[start + 27 : start + 27 + data[start + 26]])


def _checked(page: bytearray) -> bytes:
    """The Ogg page with its checksum: polynomial 0x04c11db7 from the highest bit on (RFC 3533, section 6).

    zlib has the same polynomial from the lowest bit on, so the bits of each byte and of the sum are turned round.
    """
    struct.pack_into("<I", page, 22, 0)
    turned = zlib.crc32(page.translate(_TURNED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    struct.pack_into("<I", page, 22, int(f"{turned:032b}"[::-1], 2))
    return bytes(page)
