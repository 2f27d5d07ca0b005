"""Where syllables may fall: the places of a line's bars, how strong each is, and what a note between two of them costs.

Costs are small numbers that add up over a line; 1 is about the cost of a stressed syllable on a weak beat.

Source: Lerdahl and Jackendoff, A Generative Theory of Tonal Music (1983), 4, for the strengths; Palmer and Kelly,
Linguistic prosody and musical meter in song (1992), for stress against them. The figures are our own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from muse.music.theory import BEAT, Meter
from muse.seed import stream

Floats = npt.NDArray[np.float64]
NEVER = np.inf
LONGEST = 16
"""Units of the longest note."""
_LENGTHS = {1: 0.55, 2: 0.0, 3: 0.45, 4: 0.4, 5: 3.0, 6: 0.9, 7: 4.0, 8: 1.6}
_COMPOUND = {1: 0.1, 2: 0.1, 3: 0.2, 4: 2.0, 5: 2.5, 6: 1.0, 7: 4.0, 8: 4.0}
"""What a note inside a line costs by its length in eighths, in simple and in compound meters."""
TASTE = 0.3
"""How much the seed may add to a length at a place of the bar: each seed has rhythms of its own."""


@dataclass(frozen=True)
class Grid:
    """The places of one line, in units of an eighth (a 16th where the meter asks for it) from its first bar line.

    Attributes:
        bars: whole bars of the line.
        reserve: units at its end that belong to the next line's upbeat, and before it to its own.
        flavour: draws the taste.
    """

    meter: Meter
    bars: int
    reserve: int
    flavour: tuple[int, int] = (0, 0)

    @property
    def unit(self) -> int:
        """Ticks of a unit."""
        return unit_of(self.meter)

    @property
    def bar(self) -> int:
        return self.meter.bar // self.unit

    @property
    def size(self) -> int:
        """Units of the line's bars."""
        return self.bars * self.bar

    @cached_property
    def places(self) -> npt.NDArray[np.int64]:
        """(O,) where a syllable may begin."""
        return np.arange(-self.reserve, self.size - self.reserve)

    @cached_property
    def strength(self) -> npt.NDArray[np.int64]:
        """(O,) of each place: 3 the bar's beginning, 2 its other strong beat, 1 a beat, 0 between."""
        return np.array([strength(self.meter, int(place) * self.unit) for place in self.places])

    @cached_property
    def spans(self) -> npt.NDArray[np.int64]:
        """(O, O) from a place to a later one."""
        return self.places[None, :] - self.places[:, None]

    @cached_property
    def lengths(self) -> Floats:
        """(O, O) what a note inside the line costs from a place to the next, whoever sings it."""
        table = np.full(LONGEST + 1, NEVER)
        for size in range(1, LONGEST + 1):
            table[size] = (_COMPOUND if self.meter.compound else _LENGTHS).get(size, 0.5 * size)
        table[1:] += TASTE * stream(self.flavour[0], "lengths", self.flavour[1]).random(LONGEST)
        drawn = TASTE * stream(self.flavour[0], "places", self.flavour[1]).random((self.bar, LONGEST + 1))
        spans = np.clip(self.spans, 0, LONGEST + 1)
        found: Floats = np.append(table, NEVER)[spans]
        found = np.where(spans == 0, NEVER, found)
        found += np.pad(drawn, ((0, 0), (0, 1)))[(self.places % self.bar)[:, None], spans]
        found += 1.5 * np.maximum(0, self._crossed - self.strength[:, None])
        return found

    @cached_property
    def _crossed(self) -> npt.NDArray[np.int64]:
        """(O, O) the strongest place inside the note; a note that holds over what is stronger is a syncopation."""
        found = np.zeros(self.spans.shape, np.int64)
        for later in range(2, len(self.places)):
            found[:, later] = np.maximum(found[:, later - 1], self.strength[later - 1])
            found[later - 1 :, later] = 0
        return found


def unit_of(meter: Meter) -> int:
    """Ticks of the shortest note that a syllable is given without being asked."""
    return BEAT // 2 if meter.bar % (BEAT // 2) == 0 else BEAT // 4


def strength(meter: Meter, tick: int) -> int:
    """How strong a moment is, counted from a bar line; negative ticks lie before it.

    >>> [strength(Meter(4, 4), tick) for tick in (0, 12, 24, 30)]
    [3, 1, 2, 0]
    """
    at = tick % meter.bar
    pulses = meter.bar // meter.pulse
    if at == 0:
        return 3
    if at % meter.pulse == 0:
        even = pulses % 2 == 0 and at == meter.bar // 2
        odd = pulses in (5, 7) and at == meter.half
        return 2 if even or odd else 1
    return 1 if meter.pulse == 2 * BEAT and at % BEAT == 0 else 0
