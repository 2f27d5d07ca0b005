"""Sound: right length, no clipping, the same bytes in another process, and plain words for damaged files."""

from __future__ import annotations

import hashlib
import io
import struct
import subprocess
import sys

import numpy as np
import pytest

from muse.errors import InputError, MissingExtraError, UsageError
from muse.music import sound

mido = pytest.importorskip("mido")
pytest.importorskip("midirenderer")
soundfile = pytest.importorskip("soundfile")


def midi(notes: int = 8, velocity: int = 90, together: bool = False) -> bytes:
    file = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack()
    file.tracks.append(track)
    if together:
        for index in range(notes):
            track.append(mido.Message("note_on", note=30 + 4 * index, velocity=velocity))
        for index in range(notes):
            track.append(mido.Message("note_off", note=30 + 4 * index, time=0 if index else 960))
    else:
        for index in range(notes):
            track.append(mido.Message("note_on", note=60 + index, velocity=velocity))
            track.append(mido.Message("note_off", note=60 + index, time=240))
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def samples(data: bytes) -> np.ndarray:
    assert data[:4] == b"RIFF" and struct.unpack("<I", data[40:44])[0] == len(data) - 44
    return np.frombuffer(data[44:], "<i2").reshape(-1, 2)


@pytest.mark.parametrize(("notes", "velocity", "together"), [(1, 20, False), (8, 90, False), (20, 127, True)])
def test_wave_has_its_length_and_stays_below_full_scale(notes: int, velocity: int, together: bool) -> None:
    wave = samples(sound.render(midi(notes, velocity, together), "wav"))
    seconds = 1.0 if together else notes * 0.25
    assert abs(len(wave) / sound.RATE - seconds - sound.TAIL) < 0.1
    peak = np.abs(wave.astype(int)).max()
    assert 900 < peak <= 29_500
    assert np.abs(wave[-2000:].astype(int)).max() < peak / 20


def pages(data: bytes) -> list[bytes]:
    found, position = [], 0
    while position < len(data):
        size = 27 + data[position + 26] + sum(data[position + 27 : position + 27 + data[position + 26]])
        found.append(data[position : position + size])
        position += size
    return found


def packets(data: bytes) -> list[bytes]:
    found, begun = [], b""
    for page in pages(data):
        position = 27 + page[26]
        for size in page[27:position]:
            begun += page[position : position + size]
            position += size
            if size < 255:
                found.append(begun)
                begun = b""
    return found


def checksum(page: bytes) -> int:
    """The sum that an Ogg page should carry, bit by bit (RFC 3533, section 6)."""
    value = 0
    for byte in page[:22] + bytes(4) + page[26:]:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7) & 0xFFFFFFFF if value & 0x80000000 else value << 1
    return value


def test_opus_is_opus_with_true_checksums_and_delay() -> None:
    data = sound.render(midi(), "opus")
    head, tags, *rest = pages(data)
    for page in (head, tags, *rest):
        assert page[:4] == b"OggS" and checksum(page) == struct.unpack("<I", page[22:26])[0]
    assert b"OpusHead" in head and b"OpusTags" in tags and rest[-1][5] & 4
    assert struct.unpack("<H", head[38:40])[0] == 312  # libopus, with its usual frames
    assert {struct.unpack("<I", page[14:18])[0] for page in pages(data)} == {sound.SERIAL}
    assert all(packets(data))


def test_opus_packets_are_filled_to_their_length() -> None:
    """Padded with zeros they decode to noise; only digital silence, three bytes long, may be padded."""
    notes = [packet for packet in packets(sound.render(midi(), "opus"))[2:] if len(packet.rstrip(b"\0")) > 3]
    assert len(notes) > 100
    assert max(len(packet) - len(packet.rstrip(b"\0")) for packet in notes) < 8


def test_opus_sounds_as_the_wave_does_and_begins_where_it_begins() -> None:
    heard, rate = soundfile.read(io.BytesIO(sound.render(midi(), "opus")))
    wave = samples(sound.render(midi(), "wav")) / 32768
    assert rate == sound.RATE and abs(len(heard) - len(wave)) < rate / 10
    length = min(len(heard), len(wave))
    difference = np.sqrt(np.mean((heard[:length] - wave[:length]) ** 2) / np.mean(wave**2))
    assert difference < 0.1
    small = sound.render(midi(), "small")
    assert len(small) < 0.6 * len(sound.render(midi(), "opus"))


def test_stems_are_of_one_length_and_together_the_mix() -> None:
    parts = [midi(4), midi(8, 100), midi(12, together=True), midi(1, 20)]
    whole, stems = sound.render_stems(parts, "wav")
    mix, alone = samples(whole).astype(int), [samples(stem).astype(int) for stem in stems]
    assert len({len(stem) for stem in alone} | {len(mix)}) == 1
    assert np.abs(sum(alone) - mix).max() <= len(parts)
    assert 20_000 < np.abs(mix).max() <= 29_500 and all(np.abs(stem).max() > 100 for stem in alone)
    assert sound.render_stems(parts, "wav") == (whole, stems)
    whole, stems = sound.render_stems(parts[:2], "opus")
    assert all(data[:4] == b"OggS" for data in (whole, *stems))


def test_stems_of_nothing_are_silence() -> None:
    whole, stems = sound.render_stems([], "wav")
    assert stems == [] and len(samples(whole)) == 0


@pytest.mark.parametrize("form", sound.FORMS)
def test_same_bytes_in_another_process(form: str) -> None:
    code = (
        "import sys, hashlib; from muse.music import sound; "
        f"print(hashlib.sha256(sound.render(sys.stdin.buffer.read(), {form!r})).hexdigest())"
    )
    out = subprocess.run([sys.executable, "-c", code], input=midi(), capture_output=True, check=True).stdout
    assert out.decode().strip() == hashlib.sha256(sound.render(midi(), form)).hexdigest()


@pytest.mark.parametrize("damaged", [b"", b"MThd", b"RIFF" * 20, midi()[:40], midi()[:-3]])
def test_damaged_midi_is_said_plainly(damaged: bytes) -> None:
    with pytest.raises(InputError):
        sound.render(damaged, "wav")


def test_other_mistakes_are_said_plainly(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="wav"):
        sound.render(midi(), "wave")
    with pytest.raises(InputError, match="soundfont"):
        sound.render(midi(), "wav", f"{tmp_path}/none.sf2")
    broken = f"{tmp_path}/broken.sf2"
    with open(broken, "wb") as stream:
        stream.write(b"not a soundfont")
    with pytest.raises(InputError, match=r"broken\.sf2"):
        sound.render(midi(), "wav", broken)
    with pytest.raises(UsageError, match="opus"):
        sound.render_stems([midi()], "opsu")
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(MissingExtraError, match="pip install soundfile"):
        sound.render(midi(), "opus")
    monkeypatch.setattr(sound.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match="pip install"):
        sound.render(midi(), "wav")
