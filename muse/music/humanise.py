"""How people would play it: notes a little early or late, and loudness that rises and falls with the phrase.

Timing: the deviations of musicians from the grid are fluctuations of 1/f kind, which listeners prefer to independent
ones, and those who play together drift together; so each moment is moved by two thirds of a drift of the ensemble and
one third of the track's own, both 1/f noise. Moments are moved, not notes: what begins and ends together on the grid
does so when played, and since no moment moves as far as half a tick, notes never overlap where they did not, and a
reader who rounds to the grid finds the score again. Never more than 20 ms.

Dynamics: loudness follows an arch over each phrase, higher notes and strong beats are a little louder.

Source: Hennig, Fleischmann, Geisel et al., PLoS ONE 6 (2011) e26457, and Hennig, PNAS 111 (2014) 12974, for timing;
Voss and Clarke, JASA 63 (1978) 258, for the noise as a sum of dice thrown ever more seldom; Todd, JASA 91 (1992) 3540,
and Friberg, Bresin and Sundberg, Advances in Cognitive Psychology 2 (2006) 145, for dynamics. Deviations: phrases are
found by long notes and rests, or else last four bars; the weights are by ear.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from muse.errors import UsageError
from muse.music.theory import BEAT
from muse.seed import stream

if TYPE_CHECKING:
    from muse.music.notes import Music, Note

MOST = 0.020
"""Seconds that a note may be early or late."""
SHARE = 0.45
"""Of a tick; below a half, so that the grid can be read again."""
DICE = 6
ARCH, ACCENT, HEIGHT, CHANCE = 18.0, 4.0, 0.3, 2.5
"""Steps of velocity: of the arch of a phrase, of strong beats, of a semitone, of chance."""


@dataclass(frozen=True, slots=True)
class Played:
    """How a track is played.

    Attributes:
        late: tick where notes begin or end → ticks (parts of one) by which it comes late, early if negative.
        velocities: of its notes, in their order.
    """

    late: dict[int, float]
    velocities: tuple[int, ...]


def humanised(music: Music, amount: float, seed: int) -> list[Played]:
    """How each track is played; the same seed plays the same.

    Args:
        amount: from 0, exactly as written, to 1.

    Raises:
        UsageError: the amount is out of bounds.
    """
    if not 0 <= amount <= 1:
        raise UsageError(f"humanise is {amount:g}", "it goes from 0 to 1", "try 0.5")
    most = amount * min(SHARE, MOST * music.tempo * BEAT / 60)
    moments = sorted({tick for note in music.notes for tick in (note.tick, note.end)})
    together = dict(zip(moments, pink(len(moments), seed, "ensemble"), strict=True))
    starts = phrases(music)
    found = []
    for number, track in enumerate(music.tracks):
        own = sorted({tick for note in track.notes for tick in (note.tick, note.end)})
        drift = zip(own, pink(len(own), seed, f"track {number}"), strict=True)
        late = {tick: most * max(-1.0, min(1.0, (2 * together[tick] + value) / 3)) for tick, value in drift}
        loud = pink(len(track.notes), seed, f"velocity {number}")
        middle = sum(note.pitch for note in track.notes) / max(1, len(track.notes))
        velocities = []
        for note, chance in zip(track.notes, loud, strict=True):
            change = ARCH * _arch(note.tick, starts, music.length) + ACCENT * _weight(note, music) + CHANCE * chance
            if not track.drums:
                change += HEIGHT * (note.pitch - middle)
            velocities.append(max(1, min(127, round(note.velocity + amount * change))))
        found.append(Played(late, tuple(velocities)))
    return found


def pink(count: int, seed: int, name: str) -> list[float]:
    """1/f noise, of standard deviation one half: the sum of dice of which the k-th is thrown each 2ᵏ steps."""
    draw = stream(seed, f"humanise {name}")
    dice = [draw.standard_normal(count // 2**k + 1) for k in range(DICE)]
    return [float(sum(die[step // 2**k] for k, die in enumerate(dice))) / (2 * DICE**0.5) for step in range(count)]


def phrases(music: Music) -> list[int]:
    """The ticks where phrases begin: after a long note or a rest of the melody, and where four bars had none."""
    starts, bar = [0], music.meter.bar
    tune = next((track.notes for track in music.tracks if track.notes and not track.drums), ())
    onsets = sorted({note.tick for note in tune})
    for before, tick in pairwise(onsets):
        if tick - before >= max(2 * BEAT, bar // 2) and tick - starts[-1] >= 3 * bar // 2:
            starts.append(tick)
    more = {at for a, b in pairwise([*starts, music.length]) for at in range(a, b - 2 * bar + 1, 4 * bar)}
    return sorted(more | set(starts))


def _arch(tick: int, starts: Sequence[int], end: int) -> float:
    """A parabola over the phrase around a tick, 0 on the mean, loudest in the middle."""
    begin = max(start for start in starts if start <= tick)
    close = min((start for start in starts if start > tick), default=max(end, tick + 1))
    place = (tick - begin) / (close - begin)
    return 4 * place * (1 - place) - 2 / 3


def _weight(note: Note, music: Music) -> float:
    """1 on a bar line, 0 on another beat, −1 between beats."""
    place = (note.tick - music.pickup) % music.meter.bar
    return 1.0 if place == 0 else 0.0 if place % music.meter.pulse == 0 else -1.0
