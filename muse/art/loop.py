"""The small frames of a loop, and when each is shown.

The picture of a seed goes round a small circle in the latent space (`orbit`), or from one stop to the next and back to
the first (`round_trip`). The beats of a piece move it: after each, it goes faster and comes nearer for a moment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from torch import Tensor

from muse.art import palette, sketch
from muse.art.finishes.texture import Field
from muse.art.gan import explore
from muse.art.gan.generator import Generator, Start, load, render
from muse.art.sizes import Size
from muse.art.vae.model import slerp
from muse.bundle import Bundle
from muse.errors import UsageError
from muse.seed import derive

if TYPE_CHECKING:
    from muse.art.paint import CoverRequest

Frames = npt.NDArray[np.uint8]
Latents = tuple[Tensor, Tensor]
Stop = Start | Latents
Progress = Callable[[str, int, int], None]
SHORTEST, LONGEST = 3.0, 8.0
SIZE = Size(1080, 1920)
"""What the pictures of a loop are painted for: 28 × 16 cells."""
RADIUS = 0.3
SURGE, DECAY = 1.6, 0.14
"""How much faster a loop goes just after a beat, and after how many seconds it goes fastest."""


@dataclass(frozen=True, eq=False)
class Clock:
    """When a loop is where: of each frame, phase (N,) in [0, 1), and pulse (N,) in [0, 1], how fresh a beat is."""

    seconds: float
    beats: int
    phase: npt.NDArray[np.float64]
    pulse: npt.NDArray[np.float64]


def clock(seconds: float, fps: float, beats: Sequence[float] = ()) -> Clock:
    """The clock of a loop of about so many seconds: a whole number of beats, where there are any.

    Raises:
        UsageError: shorter than 3 seconds or longer than 8.
    """
    if not SHORTEST <= seconds <= LONGEST:
        raise UsageError(f"a canvas of {seconds:g} s", "it has 3 to 8 seconds", "choose --seconds in these bounds")
    from_first = np.asarray(beats, float) - (beats[0] if beats else 0.0)
    fits = [k for k, at in enumerate(from_first) if SHORTEST <= at <= LONGEST]
    count = min(fits, key=lambda k: abs(from_first[k] - seconds)) if fits else 0
    period = float(from_first[count]) if count else seconds
    frames = min(round(period * fps), int(LONGEST * fps) - 1)
    fine = np.arange(frames * 16) / (frames * 16) * period
    since = (fine[:, None] - from_first[None, :count]) % period / DECAY
    fresh = (since * np.exp(1 - since)).sum(1) if count else np.zeros(len(fine))
    fresh = fresh / max(1.0, float(fresh.max()))
    gone = np.concatenate([[0.0], np.cumsum(1 + SURGE * fresh)])
    return Clock(period, count, gone[:-1:16] / gone[-1], fresh[::16])


def orbit(centre: Start, one: Start, other: Start) -> Callable[[float], Start]:
    """A circle through a start, in the plane that two others span with it: phase in [0, 1) → start."""

    def at(phase: float) -> Start:
        across, along = RADIUS * (np.cos(2 * np.pi * phase) - 1) / 2, RADIUS * np.sin(2 * np.pi * phase)
        return replace(
            centre,
            w=centre.w + across * (one.w - centre.w) + along * (other.w - centre.w),
            layout=centre.layout + across * (one.layout - centre.layout) + along * (other.layout - centre.layout),
        )

    return at


def leg(phase: float, stops: int) -> tuple[int, int, float]:
    """From which stop of a round trip to which, and how far on the way, slow at the stops.

    >>> leg(0.25, 2)
    (0, 1, 0.5)
    """
    number, way = divmod(phase * stops, 1.0)
    return int(number) % stops, (int(number) + 1) % stops, way * way * (3 - 2 * way)


def between(model: Generator, one: Stop, other: Stop, way: float) -> Latents:
    """Content and style on the way between two stops, in the VAE's scale."""
    if isinstance(one, Start) and isinstance(other, Start):
        return explore.filled(model, [explore.toward(one, other, way)])
    ends = [explore.filled(model, [stop]) if isinstance(stop, Start) else stop for stop in (one, other)]
    return slerp(ends[0][0], ends[1][0], way), slerp(ends[0][1], ends[1][1], way)


def orbiting(
    request: CoverRequest, home: sketch.Sketch, time: Clock, gan: Bundle, vae: Bundle, tell: Progress
) -> Frames:
    """(N, 224, 128, 3) the picture of a sketch on its way round a circle in the latent space."""
    alike = replace(request, style=home.plan.style, palette=home.plan.palette, look=sketch.Look())
    others = [sketch.sketch(replace(alike, seed=derive(home.seed, "orbit", k)), gan, vae).begun for k in range(2)]
    at, model = orbit(home.begun, *others), load(gan)
    raw = _rendered(lambda phase: explore.filled(model, [at(phase)]), time, vae, tell)
    move = _mover(request, home, raw[:: max(1, len(raw) // 6)].reshape(-1, *raw.shape[2:]))
    return np.stack([_bytes(move(_floats(frame))) for frame in raw])


def round_trip(
    stops: Sequence[CoverRequest | Latents], time: Clock, gan: Bundle, vae: Bundle, tell: Progress
) -> Frames:
    """(N, 224, 128, 3) from each stop to the next and back to the first; between two, colours go from one's to the
    other's palette."""
    model = load(gan)
    places: list[Stop] = []
    moves: list[Callable[[Field], Field]] = []
    for stop in stops:
        if isinstance(stop, tuple):
            places.append(stop)
            moves.append(_as_it_is)
            continue
        made = sketch.sketch(stop, gan, vae)
        places.append(made.begun)
        moves.append(_mover(stop, made, made.picture))

    def latents(phase: float) -> Latents:
        one, other, way = leg(phase, len(places))
        return between(model, places[one], places[other], way)

    def coloured(frame: Frames, phase: float) -> Frames:
        one, other, way = leg(phase, len(places))
        bright = _floats(frame)
        return _bytes((1 - way) * moves[one](bright) + way * moves[other](bright))

    raw = _rendered(latents, time, vae, tell)
    return np.stack([coloured(frame, float(phase)) for frame, phase in zip(raw, time.phase, strict=True)])


def _rendered(latents: Callable[[float], Latents], time: Clock, vae: Bundle, tell: Progress) -> Frames:
    made = []
    for number, phase in enumerate(time.phase):
        tell("small frames", number, len(time.phase))
        made.append(render(vae, *latents(float(phase))))
    return np.concatenate(made)


def _mover(request: CoverRequest, made: sketch.Sketch, sample: Frames) -> Callable[[Field], Field]:
    strength = sketch.ASKED if request.palette else sketch.SUITED
    return palette.mover(_floats(sample), made.plan.palette, strength)


def _as_it_is(picture: Field) -> Field:
    return picture


def _floats(picture: Frames) -> Field:
    return picture.astype(np.float32) / np.float32(255)


def _bytes(picture: Field) -> Frames:
    return np.asarray(np.clip(picture, 0, 1) * 255 + 0.5, np.uint8)
