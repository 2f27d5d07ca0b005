"""What the automaton asks of a scheme, as sets: pitches and tokens are the bits of whole numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from muse.music import vocabulary as words
from muse.music.scheme import Scheme

Mask = npt.NDArray[np.bool_]
WIDEST_LEAP = {"melody": 9, "soprano": 9, "alto": 9, "tenor": 9, "bass": 12}
CHORD = 1 << 8
"""Stands for the chord among the things that a moment must still bring, beside one bit a voice."""
MOST = 1 << 12
"""How many masks and bars are kept, to be had again."""
PITCHES = 128


def bits(members: Sequence[int] | frozenset[int]) -> int:
    """The set of some numbers."""
    return sum(1 << member for member in set(members))


CLASSES = tuple(bits(range(pitch_class, PITCHES, 12)) for pitch_class in range(12))
"""The pitches of each pitch class."""


@lru_cache(maxsize=MOST)
def array(tokens: int) -> Mask:
    """allowed: (V,) bool, read-only, True for the tokens of a set."""
    packed = np.frombuffer(tokens.to_bytes(-(-words.SIZE // 8), "little"), np.uint8)
    mask = np.unpackbits(packed, count=words.SIZE, bitorder="little").view(np.bool_)
    mask.flags.writeable = False
    return mask


@dataclass(frozen=True, eq=False)
class Sets:
    """A scheme's tables.

    Attributes:
        shifts: token of pitch 0 in each voice; the voice's notes are its pitches moved up by so many bits.
        notes: token → voice and pitch.
        tones, finals: pitches each voice may take, and in the last chord, that leave room below.
        rests: those of the first voice where a phrase rests.
        near: for each voice and pitch, what it reaches without a wide leap.
        chords: tokens of the chords in the key.
        members: chord token → its pitches.
        later: last tick where a note may begin (None for any) → for each tick from −1, the moments that may follow.
        columns: the grid column of each tick.
    """

    shifts: tuple[int, ...]
    notes: Mapping[int, tuple[int, int]]
    tones: tuple[int, ...]
    finals: tuple[int, ...]
    rests: int
    near: tuple[tuple[int, ...], ...]
    chords: int
    members: Mapping[int, int]
    later: Mapping[int | None, tuple[int, ...]]
    columns: tuple[int, ...]

    @classmethod
    @lru_cache(maxsize=8)
    def of(cls, scheme: Scheme) -> Sets:
        lines, bar = scheme.lines, scheme.meter.bar
        tones = tuple(
            bits([pitch for pitch in pitches if pitch >= floor])
            for pitches, floor in zip(scheme.tones, scheme.floors, strict=True)
        )
        finals = tuple(
            bits([pitch for pitch in pitches if pitch >= floor])
            for pitches, floor in zip(scheme.finals, scheme.final_floors, strict=True)
        )
        later: dict[int | None, tuple[int, ...]] = {}
        for hold in {None, scheme.final, *scheme.holds.values()}:
            ticks = [*scheme.grid] if hold is None else [*(tick for tick in scheme.grid if tick < hold), hold]
            later[hold] = tuple(bits([words.at(at) for at in ticks if at > tick]) for tick in range(-1, bar))
        return cls(
            shifts=tuple(words.BASE[line] + 1 - words.WINDOWS[line][0] for line in lines),
            notes={
                words.note(line, pitch): (voice, pitch)
                for voice, line in enumerate(lines)
                for pitch in range(words.WINDOWS[line][0], words.WINDOWS[line][1] + 1)
            },
            tones=tones,
            finals=finals,
            rests=tones[0] & _in(scheme.stops) or tones[0],
            near=tuple(
                tuple(_reach(pitch, WIDEST_LEAP[line]) for pitch in range(PITCHES)) for line in lines
            ),
            chords=bits(list(scheme.chords)),
            members={token: _in(classes) for token, classes in scheme.chords.items()},
            later=later,
            columns=tuple(words.column(tick, bar) for tick in range(bar)),
        )  # fmt: skip


def _in(classes: frozenset[int]) -> int:
    """All pitches of some pitch classes."""
    return sum(CLASSES[pitch_class] for pitch_class in classes)


def _reach(pitch: int, leap: int) -> int:
    return ((1 << 2 * leap + 1) - 1 << pitch) >> leap
