"""MIDI as audio: played by midirenderer with a soundfont, written as WAV or, by soundfile, as Opus; the same bytes.

The renderer stops at the last event, so a tail is added for the last note to ring out. Loudness is evened: the
loudest sample stands at −1 dB. libsndfile gives every Opus stream a random number, which is rewritten.
"""

from __future__ import annotations

import io
import math
import struct
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import util
from itertools import repeat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from muse.errors import InputError, MissingExtraError, UsageError, did_you_mean
from muse.files import read_capped

Samples = NDArray[np.float32]
"""(frames, 2), in steps of a 16-bit sample."""
FORMS = ("opus", "wav")
RATE = 48_000
TAIL = 2.0  # seconds after the last event
PEAK = 0.89 * 32768  # of full scale, −1 dB
MOST_GAIN = 16.0
RATES = {"opus": 128, "small": 48}
"""kbit/s of an Opus file, and of one that lies inside a page."""
SERIAL = 1
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
    """The sound of a MIDI file, stereo at 48 kHz: an Ogg Opus or a 16-bit WAV file; "small" is Opus for a page.

    Raises:
        UsageError: an unknown form.
        InputError: the MIDI or the soundfont cannot be read, or the piece is longer than an hour.
        MissingExtraError: midirenderer, soundfile or the soundfont is not installed.
    """
    _known(form)
    sound = _played(midi, *_font(soundfont))
    return _written(sound * _gain(sound), form)


def render_stems(
    midis: Sequence[bytes], form: str = "opus", soundfont: Path | str | None = None
) -> tuple[bytes, list[bytes]]:
    """(the sound of several MIDI files together, the sound of each); all are of one length and one gain.

    Together they are the sum of each, so that WAV stems, put together again, are the mix within rounding.

    Raises:
        As `render`.
    """
    _known(form)
    font, path = _font(soundfont)
    sounds = [_played(midi, font, path) for midi in midis]
    length = max(map(len, sounds), default=0)
    sounds = [np.pad(sound, ((0, length - len(sound)), (0, 0))) for sound in sounds]
    mix: Samples = sum(sounds, np.zeros((length, 2), np.float32))
    gain = _gain(mix)
    with ThreadPoolExecutor() as pool:  # the encoder does not hold Python's lock
        whole, *parts = pool.map(_written, (sound * gain for sound in (mix, *sounds)), repeat(form))
    return whole, parts


def _known(form: str) -> None:
    if form not in (*FORMS, *RATES):
        raise UsageError(f"unknown sound format {form!r}", "", did_you_mean(form, FORMS))


def _font(soundfont: Path | str | None) -> tuple[bytes, Path]:
    path = soundfont_path(soundfont)
    return read_capped(path, _LARGEST_FONT), path


def _played(midi: bytes, font: bytes, path: Path) -> Samples:
    try:
        import midirenderer
    except ImportError as error:
        raise MissingExtraError("cannot make sound", "midirenderer is missing", "pip install midirenderer") from error
    ringing = with_tail(midi)
    try:
        wave = midirenderer.render_wave_from(font, ringing)
    except BaseException as error:  # RuntimeError, ValueError, or a Rust panic, which is no Exception
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        what = str(path) if "oundFont" in str(error) else "the MIDI"
        raise InputError(f"cannot render {what}", str(error), "give a whole file") from error
    return np.frombuffer(wave[44:], "<i2").reshape(-1, 2).astype(np.float32)


def _gain(sound: Samples) -> np.float32:
    """What to multiply samples by for an even loudness."""
    peak = float(np.abs(sound).max(initial=0.0))
    return np.float32(min(MOST_GAIN, PEAK / peak) if peak else 1.0)


def _written(sound: Samples, form: str) -> bytes:
    samples = np.round(sound).astype("<i2")
    return wav(samples) if form == "wav" else opus(samples, RATES[form])


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


def wav(samples: NDArray[np.int16]) -> bytes:
    """A stereo 16-bit WAV file."""
    data = samples.tobytes()
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, 2, RATE, RATE * 4, 4, 16,
                       b"data", len(data))  # fmt: skip
    return head + data


def opus(samples: NDArray[np.int16], rate: int) -> bytes:
    """An Ogg Opus file of so many kbit/s.

    Raises:
        MissingExtraError: soundfile is not installed.
    """
    try:
        import soundfile
    except (ImportError, OSError) as error:  # OSError: it finds no libsndfile
        raise MissingExtraError(
            "cannot make Opus", f"soundfile is missing: {error}", "pip install soundfile, or ask for WAV"
        ) from error
    buffer = io.BytesIO()
    level = 1 - (rate / 2 - 6) / 250  # libsndfile: 6 to 256 kbit/s a channel
    soundfile.write(buffer, samples, RATE, format="OGG", subtype="OPUS", compression_level=level)
    return b"".join(map(_numbered, _pages(buffer.getvalue())))


def _pages(ogg: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(ogg):
        count = ogg[start + 26]
        end = start + 27 + count + sum(ogg[start + 27 : start + 27 + count])
        yield ogg[start:end]
        start = end


def _numbered(page: bytes) -> bytes:
    """The Ogg page with muse's serial number and its checksum.

    The polynomial is 0x04c11db7 from the highest bit on (RFC 3533, section 6). zlib has the same from the lowest bit
    on, so the bits of each byte and of the sum are turned round.
    """
    made = bytearray(page)
    struct.pack_into("<I", made, 14, SERIAL)
    struct.pack_into("<I", made, 22, 0)
    turned = zlib.crc32(made.translate(_TURNED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    struct.pack_into("<I", made, 22, int(f"{turned:032b}"[::-1], 2))
    return bytes(made)
