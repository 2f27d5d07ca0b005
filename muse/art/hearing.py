"""From a piece of music to a mood: what its mode, tempo, density, register and energy curve say, added up.

Each cue adds to the mood by itself, and what they say together is the sum: `cues` gives them one by one, `heard` moves
the mood of a theme towards it. The numbers and the reasons stand in musictable.py.

Source: Eerola, Friberg, Bresin, "Emotional expression in music: contribution, linearity, and additivity of primary
musical cues" (2013), for the sum of the cues being a good account.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from muse.art.musictable import CUES, MODES, Cue
from muse.terms import Features, Mood

KNOWN, UNKNOWN = 0.5, 0.9
"""How far the music moves the mood of a theme whose words have one, and of a theme that says nothing."""
PLAIN = 0.25


@dataclass(frozen=True, slots=True)
class Heard:
    """What one cue adds: `said` in words, and by how much it moves each axis."""

    said: str
    moves: tuple[float, float, float, float, float]


def cues(features: Features) -> list[Heard]:
    """What each cue of a piece says, in the order mode, tempo, density, register, energy; [] where there is no music.

    >>> [cue.said for cue in cues(Features(mode="minor", tempo=64.0, register=52.0))]
    ['minor (a lowered third: sad)', '64 BPM (slow)', 'low register']
    """
    out = []
    mode = MODES.get(features.mode)
    if mode is not None:
        out.append(Heard(f"{features.mode} ({mode.why})", mode.moves))
    for cue, value in zip(CUES, measured(features), strict=True):
        if value is None:
            continue
        far = reach(cue, value)
        word = cue.low if far <= -PLAIN else cue.high if far >= PLAIN else cue.middle
        a, b, c, d, e = (round(far * part, 4) for part in cue.moves)
        out.append(Heard(cue.said.format(value=value, word=word), (a, b, c, d, e)))
    return out


def measured(features: Features) -> tuple[float | None, ...]:
    """The figures of CUES, in its order: tempo, density, register, how full, how it climbs and how it swings.

    The energy curve is of bars, each a share of the loudest: `full` is its mean, `climb` its last third less its first,
    `swing` its ninth decile less its first.
    """
    curve = np.array(features.energy, float)
    if len(curve) < 3:
        return (features.tempo, features.density, features.register, None, None, None)
    third = max(1, len(curve) // 3)
    climb = float(curve[-third:].mean() - curve[:third].mean())
    low, high = np.quantile(curve, (0.1, 0.9))
    return (features.tempo, features.density, features.register, float(curve.mean()), climb, float(high - low))


def reach(cue: Cue, value: float) -> float:
    """Where a figure lies between a cue's low end, −1, and its high end, 1; beyond them it says no more."""
    if cue.ratio:
        far = math.log(max(value, 1e-6) / cue.centre) / math.log(cue.reach)
    else:
        far = (value - cue.centre) / cue.reach
    return min(1.0, max(-1.0, far))


def heard(mood: Mood, features: Features | None, known: bool) -> tuple[Mood, str]:
    """(a theme's mood, moved towards what a piece says; why, in words, or "" where there is no music).

    Args:
        known: whether the words of the theme have a mood of their own.
    """
    found = cues(features) if features is not None else []
    if not found:
        return mood, ""
    own = Mood(*(sum(cue.moves[axis] for cue in found) for axis in range(5)))
    share = KNOWN if known else UNKNOWN
    what = "halfway to " if known else "to "
    return mood.mix(
        own, share
    ), f"mood moved {what}the music: {', '.join(c.said for c in found if c.said)}: {spoken(own)}"


def spoken(mood: Mood, most: int = 3) -> str:
    """The axes of a mood that say most, at least one.

    >>> spoken(Mood(valence=-0.3, energy=0.5))
    'energy +0.5, valence −0.3'
    """
    values = sorted(mood.as_dict().items(), key=lambda pair: -abs(pair[1]))
    strong = [pair for pair in values[:most] if abs(pair[1]) >= 0.1] or values[:1]
    return ", ".join(f"{axis} {value:+.1f}".replace("-", "−") for axis, value in strong)


def axes(mood: Mood) -> Sequence[float]:
    """The five numbers of a mood, in order."""
    return [float(getattr(mood, axis.name)) for axis in fields(mood)]
