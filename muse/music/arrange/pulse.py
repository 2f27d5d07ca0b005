"""Where players strike in a bar of any meter: strokes, in groups of two or three."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from muse.music.theory import BEAT, Meter


@dataclass(frozen=True, slots=True)
class Pulse:
    """The strokes of a bar.

    Attributes:
        step: ticks from one stroke to the next.
        groups: where each group of strokes begins and ends in the bar; the bar's stresses.
    """

    step: int
    groups: tuple[tuple[int, int], ...]

    @property
    def triple(self) -> bool:
        """True where all groups are of three strokes: 3/4, 6/8, 9/8, 12/8, 6/4."""
        return all(end - start == 3 * self.step for start, end in self.groups)

    def group(self, tick: int) -> tuple[int, int]:
        """The group that a tick of the bar lies in."""
        return next((start, end) for start, end in self.groups if start <= tick < end)


@lru_cache(maxsize=64)
def pulse(meter: Meter) -> Pulse:
    """The strokes of a meter: quarters, or its unit where that is shorter.

    Halves and longer units are groups of two quarters. Shorter ones are grouped by three where that comes out even,
    else by two; of 5, 7, 11 and 13 as 3 + 2, 2 + 2 + 3, 3 + 3 + 3 + 2 and 3 + 3 + 3 + 2 + 2.

    >>> pulse(Meter(7, 8)).groups, pulse(Meter(3, 2)).groups
    (((0, 12), (12, 24), (24, 42)), ((0, 24), (24, 48), (48, 72)))
    """
    unit = 4 * BEAT // meter.unit
    if unit > BEAT:
        return Pulse(BEAT, tuple((start, start + 2 * BEAT) for start in range(0, meter.bar, 2 * BEAT)))
    count = meter.beats
    if count <= 3:
        sizes = [count]
    elif count % 3 == 0:
        sizes = [3] * (count // 3)
    elif count % 2 == 0:
        sizes = [2] * (count // 2)
    elif count == 7:
        sizes = [2, 2, 3]
    else:
        twos = -count % 3
        sizes = [3] * ((count - 2 * twos) // 3) + [2] * twos
    groups, start = [], 0
    for size in sizes:
        groups.append((start, start + size * unit))
        start += size * unit
    return Pulse(unit, tuple(groups))
