"""Frames into a file: GIF by Pillow's encoder, MP4 by ffmpeg where there is one; both frame after frame.

A film's frames share one palette, chosen from a few of them. Dithering is by a mask that stands still, and a pixel
keeps its colour until the picture has moved away from it, so that calm parts neither flicker nor cost bytes.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import GifImagePlugin, Image
from scipy.spatial import cKDTree

from muse.errors import OutputError

Frame = npt.NDArray[np.uint8]
STAY = 255
"""The index in a GIF of "as it was"; a palette has one colour fewer."""
DITHER, LOYAL = 7.0, 8
LEVELS = 64


def palette(samples: Sequence[Frame]) -> Frame:
    """(255, 3) colours for a film, from some of its frames (H, W, 3)."""
    montage = Image.fromarray(np.concatenate([frame[::8, ::8] for frame in samples]))
    found = montage.quantize(STAY, Image.Quantize.MEDIANCUT, kmeans=1, dither=Image.Dither.NONE).getpalette() or []
    colours = np.array(found, np.uint8).reshape(-1, 3)[:STAY]
    return np.concatenate([colours, np.repeat(colours[:1], STAY - len(colours), 0)])


def gif(frames: Iterable[Frame], colours: Frame, delays: Sequence[int]) -> bytes:
    """An endless GIF. A frame that is the first one again is shown exactly as that was.

    Args:
        frames: (H, W, 3) each, all of one size.
        colours: (255, 3), as `palette` gives them.
        delays: hundredths of a second for each frame.
    """
    table = _nearest(colours)
    parts: list[bytes] = []
    for number, (frame, delay) in enumerate(zip(frames, delays, strict=True)):
        if number == 0:
            mask = _mask(*frame.shape[:2])
            shown = told = opening = _indices(frame, mask, table)
            begun, source = frame, frame.copy()
            parts.append(_head(frame.shape[1], frame.shape[0], colours))
        else:
            again = np.array_equal(frame, begun)
            wanted = opening if again else _indices(frame, mask, table)
            moved = np.abs(frame.astype(np.int16) - source).max(-1) > (-1 if again else LOYAL)
            told = np.where(moved & (shown != wanted), wanted, np.uint8(STAY))
            shown = np.where(moved, wanted, shown)
            source[moved] = frame[moved]
        parts += GifImagePlugin.getdata(Image.fromarray(told), duration=10 * delay, disposal=1, transparency=STAY)
    return b"".join([*parts, b";"])


def _indices(frame: Frame, mask: npt.NDArray[np.float32], table: Frame) -> Frame:
    """(H, W) the palette's index for each pixel of a frame, dithered by the mask."""
    cell = (np.clip(frame + mask, 0, 255).astype(np.uint8) // (256 // LEVELS)).astype(np.int32)
    index: Frame = table[(cell[..., 0] * LEVELS + cell[..., 1]) * LEVELS + cell[..., 2]]
    return index


def _head(width: int, height: int, colours: Frame) -> bytes:
    table = colours.tobytes() + bytes(3)
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0xF7, 0, 0) + table + b"!\xff\x0bNETSCAPE2.0\3\1\0\0\0"


def _nearest(colours: Frame) -> Frame:
    """(LEVELS³,) the index of the nearest colour to each cell of the colour cube."""
    axis = (np.arange(LEVELS) + 0.5) * (256 / LEVELS)
    cube = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)
    weight = np.sqrt([0.30, 0.59, 0.11])
    return np.asarray(cKDTree(colours * weight).query(cube * weight)[1], np.uint8)


def _mask(height: int, width: int) -> npt.NDArray[np.float32]:
    """(H, W, 1) what is added before the nearest colour is taken: noise without clumps, the same for each frame.

    Source: Jimenez, "Next generation post processing in Call of Duty: Advanced Warfare" (2014), interleaved gradient
    noise.
    """
    y, x = np.mgrid[:height, :width].astype(np.float64)
    wave = np.modf(52.9829189 * np.modf(0.06711056 * x + 0.00583715 * y)[0])[0]
    return np.asarray((wave - 0.5) * 2 * DITHER, np.float32)[..., None]


def encoder() -> str | None:
    """The path of ffmpeg, if it is there."""
    return shutil.which("ffmpeg")


def encoder_version(ffmpeg: str) -> str:
    """What ffmpeg calls itself: the same one gives the same bytes."""
    done = subprocess.run([ffmpeg, "-version"], capture_output=True, text=True, errors="replace", check=False)
    return " ".join(done.stdout.split("\n")[0].split()[:3])


def mp4(frames: Iterable[Frame], fps: int, ffmpeg: str) -> bytes:
    """An MP4 (H.264, 4:2:0, sRGB as BT.709, no sound), the same bytes for the same frames and ffmpeg.

    Args:
        frames: (H, W, 3) each, all of one size, both sides even.
        ffmpeg: the path of the program.

    Raises:
        OutputError: ffmpeg failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        path, log = Path(folder) / "film.mp4", Path(folder) / "log"
        process: subprocess.Popen[bytes] | None = None
        with log.open("wb") as errors:
            try:
                for frame in frames:
                    if process is None:
                        command = _command(ffmpeg, frame.shape[1], frame.shape[0], fps, path)
                        process = subprocess.Popen(
                            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors
                        )
                    assert process.stdin is not None
                    process.stdin.write(frame.tobytes())
                if process is not None:
                    process.communicate()
            except OSError:  # it has left; its own words say why
                pass
            finally:
                if process is not None and process.poll() is None:
                    process.kill()
                    process.wait()
        if process is None or process.returncode or not path.is_file():
            said = log.read_text("utf-8", "replace").strip().split("\n")[-1][:200]
            raise OutputError("ffmpeg could not write the film", said, "ask for a GIF: --format gif")
        return path.read_bytes()


def _command(ffmpeg: str, width: int, height: int, fps: int, path: Path) -> list[str]:
    source = f"-f rawvideo -pix_fmt rgb24 -s {width}x{height} -r {fps} -i -"
    told = "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=iec61966-2-1"
    colour = f"-vf scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,{told}"
    codec = f"-c:v libx264 -preset medium -crf 18 -g {fps} -threads 1 -bitexact -flags:v +bitexact -fflags +bitexact"
    bare = "-an -map_metadata -1 -movflags +faststart"
    words = f"-nostdin -hide_banner -loglevel error {source} {colour} {codec} {bare}"
    return [ffmpeg, *words.split(), "-y", str(path)]
