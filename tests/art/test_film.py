"""Films: frames to files, what flashes, the light finish, and the clock of a loop."""

from __future__ import annotations

import io
import os
import stat
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from muse.art import film, flash, loop
from muse.art.finishes.finish import FINISHES
from muse.art.finishes.screen import SHEETS, Screen
from muse.errors import OutputError, UsageError


def waves(count: int = 6, size: tuple[int, int] = (64, 36)) -> list[np.ndarray]:
    """A closed loop of smooth frames."""
    y, x = np.mgrid[: size[0], : size[1]] / size[0]
    turns = [2 * np.pi * k / count for k in range(count)]
    made = [np.stack([128 + 90 * np.sin(3 * x + np.cos(t)), 90 + 60 * y, 128 + 60 * np.cos(2 * y + np.sin(t))], -1)
            for t in turns]  # fmt: skip
    return [frame.astype(np.uint8) for frame in [*made, made[0]]]


def shown(data: bytes) -> list[np.ndarray]:
    image = Image.open(io.BytesIO(data))
    frames = []
    for number in range(image.n_frames):
        image.seek(number)
        frames.append(np.asarray(image.convert("RGB")))
    return frames


def test_a_gif_shows_its_frames_and_closes() -> None:
    frames = waves()
    data = film.gif(frames, film.palette([frame.repeat(8, 0).repeat(8, 1) for frame in frames]), [6, 8, 8, 8, 8, 8, 2])
    got = shown(data)
    assert len(got) == 7 and (got[0] == got[-1]).all() and (got[0] != got[3]).any()
    assert max(np.abs(a.astype(int) - b).mean() for a, b in zip(got, frames, strict=True)) < 8
    image = Image.open(io.BytesIO(data))
    assert image.info["loop"] == 0 and image.info["duration"] == 60


def test_what_stands_still_costs_nothing_and_does_not_flicker() -> None:
    still = waves()[0]
    noisy = [np.clip(still + np.random.default_rng(k).integers(-2, 3, still.shape), 0, 255).astype(np.uint8)
             for k in range(5)]  # fmt: skip
    colours = film.palette([still.repeat(8, 0).repeat(8, 1)])
    got = shown(film.gif([still, *noisy], colours, [8] * 6))
    assert all((frame == got[0]).mean() > 0.99 for frame in got)
    assert len(film.gif([still] * 6, colours, [8] * 6)) < 1.5 * len(film.gif([still], colours, [8]))


def test_a_film_of_one_colour_has_a_palette() -> None:
    grey = np.full((64, 36, 3), 77, np.uint8)
    assert (
        film.palette([grey]).shape == (255, 3) and (shown(film.gif([grey], film.palette([grey]), [8]))[0] == 77).all()
    )


FAKE = """#!{python}
import sys
if "-version" in sys.argv:
    print("ffmpeg version 9.9 Copyright"); sys.exit()
if {broken}:
    sys.stderr.write("no such codec"); sys.exit(1)
data = sys.stdin.buffer.read()
open(sys.argv[-1], "wb").write(repr(sys.argv[1:-1]).encode() + b"|" + str(len(data)).encode())
"""


def fake(folder: Path, broken: bool = False) -> str:
    path = folder / "ffmpeg"
    path.write_text(FAKE.format(python=sys.executable, broken=broken))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_ffmpeg_gets_every_frame_and_no_word_of_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    program = fake(tmp_path)
    assert film.encoder() == program and film.encoder_version(program) == "ffmpeg version 9.9"
    told, size = film.mp4(waves(), 25, program).split(b"|")
    assert int(size) == 7 * 64 * 36 * 3
    assert all(word in told for word in (b"36x64", b"-bitexact", b"-map_metadata", b"libx264", b"yuv420p"))


def test_a_failing_ffmpeg_is_told_in_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no such codec"):
        film.mp4([np.zeros((640, 360, 3), np.uint8)] * 9, 25, fake(tmp_path, broken=True))


def test_flashes_are_counted_in_any_second() -> None:
    black, white = np.zeros((64, 36, 3), np.uint8), np.full((64, 36, 3), 250, np.uint8)
    dark = np.full((64, 36, 3), 60, np.uint8)  # relative luminance below 0.05

    def count(frames: list[np.ndarray]) -> int:
        return flash.flashes(np.stack([flash.cells(frame) for frame in frames]), 10)

    assert count([black, white] * 5) == 5
    assert count([black, dark] * 5) == 0
    assert count([black] * 3 + [white] * 3 + [black] * 14) == 1
    red = np.zeros((64, 36, 3), np.uint8)
    red[..., 0] = 180
    assert count([red, black] * 5) == 5


def test_a_flashing_loop_is_steadied_and_a_calm_one_left() -> None:
    black, white = np.zeros((64, 36, 3), np.uint8), np.full((64, 36, 3), 250, np.uint8)
    wild = np.stack([black, white] * 10)
    calm = flash.steadied(wild, 10)
    assert flash.flashes(np.stack([flash.cells(frame) for frame in calm]), 10) <= flash.LIMIT
    smooth = np.stack(waves()[:-1])
    assert flash.steadied(smooth, 10) is smooth
    assert flash.jump(black, white) == 250 and flash.jump(black, black) == 0


def test_a_screen_for_every_finish_that_stands_still() -> None:
    assert set(SHEETS) == set(FINISHES)
    frame = np.random.default_rng(0).integers(0, 255, (28, 16, 3), np.uint8).repeat(8, 0).repeat(8, 1)
    for finish in ("wash", "brush", "stars"):
        screen = Screen(180, 320, finish, 1)
        one = screen(frame)
        assert one.shape == (320, 180, 3) and one.dtype == np.uint8
        assert (one == Screen(180, 320, finish, 1)(frame)).all() and (one != Screen(180, 320, finish, 2)(frame)).any()
        assert flash.jump(one, screen(np.clip(frame.astype(int) + 3, 0, 255).astype(np.uint8))) < 6
        assert flash.jump(one, screen(frame, 1.1)) > 0


def test_a_clock_without_beats_goes_evenly() -> None:
    time = loop.clock(4, 12.5)
    assert len(time.phase) == 50 and time.phase[0] == 0 and not time.pulse.any() and time.beats == 0
    assert np.allclose(np.diff(time.phase), 0.02)
    assert len(loop.clock(8, 25).phase) == 199


def test_a_clock_takes_whole_beats_and_hurries_after_each() -> None:
    time = loop.clock(6, 25, [2 + 0.7 * k for k in range(40)])
    assert time.seconds == pytest.approx(6.3) and time.beats == 9
    assert (np.diff(time.phase) > 0).all() and time.phase[-1] < 1
    peaks = [k for k in range(1, 157) if time.pulse[k - 1] < time.pulse[k] >= time.pulse[k + 1]]
    assert len(peaks) == 9 and 0.9 < time.pulse.max() <= 1
    assert np.diff(time.phase)[peaks[0]] > 1.5 * np.diff(time.phase)[14]
    assert loop.clock(3, 25, [0.0, 20.0]).beats == 0
    for seconds in (2.9, 8.1, float("nan")):
        with pytest.raises(UsageError):
            loop.clock(seconds, 25)


def test_legs_of_a_round_trip() -> None:
    assert loop.leg(0, 3) == (0, 1, 0) and loop.leg(0.5, 2) == (1, 0, 0)
    assert loop.leg(0.9999, 3)[:2] == (2, 0) and loop.leg(0.9999, 3)[2] > 0.999
