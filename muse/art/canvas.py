"""A canvas: a loop of three to eight seconds for a phone's whole screen, that ends on the frame it began with.

Small frames (`muse.art.loop`) are kept and steadied until they flash no more than is safe; large ones are made,
measured and written one by one, so that memory stays small.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt
from PIL import Image

from muse.art import film, flash, loop, sketch
from muse.art.finishes.screen import Screen
from muse.art.finishes.texture import Field
from muse.art.referee import provenance
from muse.bundle import Bundle
from muse.seed import derive
from muse.terms import Features, Promise, Report
from muse.work import Recipe, Work, image_html

if TYPE_CHECKING:
    from muse.art.paint import CoverRequest

Frame = npt.NDArray[np.uint8]
FPS = {"gif": 12.5, "mp4": 25.0}
NEARER, BREATH = 0.018, 0.02
"""How far a beat, and a whole round, bring the picture nearer."""


@dataclass(frozen=True, eq=False, repr=False)
class Canvas(Work):
    """A finished loop.

    Attributes:
        film: the bytes of the file; `form` is "gif" or "mp4".
        poster: its first frame.
        seconds: how long it goes.
        plan: the reasons for style, palette and material, one line each.
    """

    title: str
    film: bytes
    form: str
    poster: Image.Image
    seconds: float
    plan: tuple[str, ...] = ()
    recipe: Recipe = field(default_factory=lambda: Recipe("read", 0))
    report: Report = field(default_factory=Report)
    features: Features = field(default_factory=Features)

    kind: ClassVar[str] = "canvas"

    def files(self) -> dict[str, bytes]:
        """canvas.mp4 or canvas.gif, and poster.jpg."""
        poster = provenance.jpeg(self.poster, self.recipe.as_dict())
        return {f"canvas.{self.form}": self.film, "poster.jpg": poster}

    def text(self) -> str:
        size = f"{self.poster.width} × {self.poster.height}"
        return "\n".join([f"{self.title} · {size} · {self.seconds:.1f} s", *("  " + why for why in self.plan)])

    def _repr_html_(self) -> str:
        small, out = self.poster.copy(), io.BytesIO()
        small.thumbnail((360, 640))
        small.save(out, "PNG")
        return image_html(out.getvalue(), self.title)


class Tally:
    """What is measured of a film's frames as they go by."""

    def __init__(self) -> None:
        self.seen: list[Field] = []
        self.jump = 0.0
        self.first: Frame | None = None
        self.last: Frame | None = None

    def watch(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        for frame in frames:
            if self.last is None:
                self.first = frame
            else:
                self.jump = max(self.jump, flash.jump(self.last, frame))
            self.last = frame
            self.seen.append(flash.cells(frame))
            yield frame

    def report(self, fps: float, seconds: float, size: tuple[int, int]) -> Report:
        """The promises of a loop."""
        assert self.first is not None and self.last is not None
        height, width = self.first.shape[:2]
        closed = bool(np.array_equal(self.first, self.last))
        count = flash.flashes(np.stack(self.seen[:-1]), fps)
        return Report(
            (
                Promise("size", "{} × {}".format(*size), f"{width} × {height}", (width, height) == size),
                Promise("length", "3 to 8 s", f"{seconds:.2f} s", loop.SHORTEST <= seconds <= loop.LONGEST),
                Promise("closed", "the last frame is the first", "the same" if closed else "another", closed),
                Promise("safe", "at most 3 flashes a second", str(count), count <= flash.LIMIT),
            ),
            (f"largest step from frame to frame: {self.jump:.1f} of 255",),
        )


def canvas(
    request: CoverRequest,
    gan: Bundle,
    vae: Bundle,
    *,
    seconds: float = 6.0,
    beats: Sequence[float] = (),
    width: int = 720,
    stops: Sequence[CoverRequest | loop.Latents] = (),
    ffmpeg: str | None = None,
    progress: loop.Progress = lambda what, done, total: None,
) -> Canvas:
    """A loop in the look of a request: its seed's picture moving, or a round trip through stops.

    Args:
        request: as for a cover.
        beats: in seconds; they move the loop, which is then as long as some of them.
        width: in pixels; 9:16.
        stops: requests or latents (content (1, C, 28, 16), style (1, K)) to pass, two or more.
        ffmpeg: the path of the program for an MP4; None for a GIF.
        progress: called with what is made, how many frames are done, and how many there are.

    Raises:
        UsageError: as `sketch.best`; a length out of bounds.
        OutputError: ffmpeg failed.
    """
    form = "mp4" if ffmpeg else "gif"
    fps = FPS[form]
    time = loop.clock(seconds, fps, beats)
    request = replace(request, size=loop.SIZE)
    home = sketch.best(request, gan, vae)
    if stops:
        shaped = [stop if isinstance(stop, tuple) else replace(stop, size=loop.SIZE) for stop in stops]
        small = loop.round_trip(shaped, time, gan, vae, progress)
    else:
        small = loop.orbiting(request, home, time, gan, vae, progress)
    small = flash.steadied(small, fps)
    count, size = len(small), (width, width * 16 // 9 // 2 * 2)
    screen = Screen(*size, home.plan.finish, derive(home.seed, "canvas"))
    zoom = 1.01 + BREATH * (1 - np.cos(2 * np.pi * time.phase)) / 2 + NEARER * time.pulse
    tally = Tally()

    def frames() -> Iterator[Frame]:
        for number in (*range(count), 0):
            progress("frames", number, count)
            yield screen(small[number], float(zoom[number]))

    if ffmpeg:
        data = film.mp4(tally.watch(frames()), round(fps), ffmpeg)
    else:
        colours = film.palette([screen(small[k], float(zoom[k])) for k in range(0, count, max(1, count // 8))])
        delays = [6, *[8] * (count - 1), 2]  # the first frame and the last, its like, share one frame's time
        data = film.gif(tally.watch(frames()), colours, delays)
    assert tally.first is not None
    lasts = (count + 1) / fps if ffmpeg else sum(delays) / 100
    reasons = (*home.plan.reasons, f"{time.beats} beats move it") if time.beats else home.plan.reasons
    return Canvas(
        request.title or request.theme.text, data, form, Image.fromarray(tally.first), lasts, reasons,
        Recipe("canvas", home.seed), tally.report(fps, lasts, size), request.features or Features(),
    )  # fmt: skip
