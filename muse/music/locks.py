"""What of a tune stays: rhythm, contour, cadences, bars; from a user's words to the notes that are kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from muse.errors import UsageError, WishError, did_you_mean
from muse.music.piece import Note, Piece

LOCKS = ("rhythm", "contour", "cadence", "bars")


@dataclass(frozen=True, slots=True)
class Locks:
    """What stays.

    Attributes:
        rhythm: where each note begins and how long it lasts.
        contour: up, down or same, from note to note.
        cadence: the last bar that sounds, and the last note of every phrase.
        bars: all of these bars, from 1; 0 is the pickup.
    """

    rhythm: bool = False
    contour: bool = False
    cadence: bool = False
    bars: frozenset[int] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        said = (self.rhythm, self.contour, self.cadence, bool(self.bars))
        return tuple(name for name, on in zip(LOCKS, said, strict=True) if on)


def locks_of(lock: Sequence[str], bars: str | None, piece: Piece) -> Locks:
    """Locks from "rhythm", "contour", "cadence" and "bars=1-4,9"; `bars`: the only ones that may change.

    Raises:
        UsageError: an unknown lock, or a bar that the piece has not. WishError: nothing may change.
    """
    first = 0 if piece.pickup else 1
    every = frozenset(range(first, piece.bars + 1))
    names, kept = set(), frozenset[int]()
    for word in lock:
        name, mark, value = (part.strip() for part in word.partition("="))
        if name not in LOCKS or (mark and name != "bars"):
            raise UsageError(f"cannot lock {word!r}", "", did_you_mean(name, [*LOCKS[:-1], "bars=1-4,9"]))
        if name == "bars":
            kept |= bars_of(value, every)
        names.add(name)
    if bars is not None:
        kept |= every - bars_of(bars, every)
    if kept >= every:
        raise WishError("every bar is locked", "none is left to be varied", "lock fewer bars, or name others in bars")
    return Locks("rhythm" in names, "contour" in names, "cadence" in names, kept)


def bars_of(text: str, every: frozenset[int]) -> frozenset[int]:
    """The bars of "1-4,9".

    >>> sorted(bars_of("1-3, 5", frozenset(range(1, 9))))
    [1, 2, 3, 5]
    """
    found: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,5})\s*(?:[-–]\s*(\d{1,5})\s*)?", part)
        if match is None:
            raise UsageError(f"cannot read the bars {text!r}", "", 'write them like "1-4,9"')
        low, high = int(match[1]), int(match[2] or match[1])
        if low > high or low not in every or high not in every:
            whole = f"{min(every)} to {max(every)}"
            raise UsageError(
                f"there are no bars {part.strip()}", f"the piece has bars {whole}", f"name some of {whole}"
            )
        found |= set(range(low, high + 1))
    return frozenset(found)


def spans(bars: frozenset[int]) -> str:
    """Bars as text.

    >>> spans(frozenset([1, 2, 3, 9]))
    '1-3,9'
    """
    starts = [bar for bar in sorted(bars) if bar - 1 not in bars]
    ends = [bar for bar in sorted(bars) if bar + 1 not in bars]
    return ",".join(f"{a}" if a == b else f"{a}-{b}" for a, b in zip(starts, ends, strict=True))


def bar_at(piece: Piece, tick: int) -> int:
    """The bar of a tick, from 1; 0 is the pickup."""
    return (tick - piece.pickup) // piece.meter.bar + 1


def kept_bars(piece: Piece, line: Sequence[Note], locks: Locks) -> frozenset[int]:
    """The bars that stay altogether: those named, and with `cadence` the last that sounds."""
    return locks.bars | ({bar_at(piece, line[-1].tick)} if locks.cadence else set())


def kept_notes(piece: Piece, line: Sequence[Note], locks: Locks) -> NDArray[np.bool_]:
    """(n,): the notes that stay altogether: all that sound in a bar that stays; with `cadence`, ends of phrases."""
    bars = kept_bars(piece, line, locks)
    found = [any(bar in bars for bar in _bars(piece, note)) for note in line]
    ends = phrase_ends(line, piece.meter.pulse) if locks.cadence else frozenset()
    return np.array([kept or index in ends for index, kept in enumerate(found)], bool)


def _bars(piece: Piece, note: Note) -> range:
    return range(bar_at(piece, note.tick), bar_at(piece, note.end - 1) + 1)


def phrase_ends(line: Sequence[Note], pulse: int) -> frozenset[int]:
    """The notes after which a phrase ends: twice as long to the next note as usual, a beat at least, and the last.

    Source: the local boundaries of Cambouropoulos 2001, here of time alone.
    """
    gaps = np.diff([note.tick for note in line])
    if not len(gaps):
        return frozenset({len(line) - 1})
    padded = np.concatenate([[0], gaps, [0]])
    peaks = (gaps >= padded[:-2]) & (gaps > padded[2:]) & (gaps >= 2 * np.median(gaps)) & (gaps >= pulse)
    return frozenset(np.flatnonzero(peaks).tolist()) | {len(line) - 1}
