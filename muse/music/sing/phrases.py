"""The phrases of a melody, as lines of verse can be sung to them.

Where a phrase ends is found for the whole melody at once: the gaps between phrases are to be wide, their numbers of
notes near to what a line has, and they begin at like places of the bar.

Source: Temperley, The Cognition of Basic Musical Structures (2001), 3: the Grouper's three preference rules, solved by
dynamic programming as there; its figures are set anew for lines of verse.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import log2

from muse.errors import InputError
from muse.music.notes import Music, Note
from muse.music.sing.grid import strength
from muse.terms import Phrase

LENGTHS = {"zh": (3, 9, 6), "en": (4, 14, 8)}
"""Fewest, most and usual syllables of a line, by language."""
_LENGTH, _PLACE = 1.2, 0.4
"""What it costs to have twice or half the usual length, and to begin elsewhere in the bar than the phrase before."""


def phrases(piece: Music, language: str) -> tuple[Phrase, ...]:
    """The phrases of the piece's melody.

    Args:
        language: "zh" or "en", in which they are to be sung.

    Raises:
        InputError: the melody has fewer notes than a line.
    """
    notes = _single(piece.melody.notes)
    low, high, usual = LENGTHS[language]
    if len(notes) < low:
        raise InputError(f"the melody has {len(notes)} notes", f"a line has at least {low}", "give a longer melody")
    found = []
    for begin, end in pairwise([0, *_ends(notes, piece, low, high, usual)]):
        found.append(_phrase(notes[begin:end], piece))
    return tuple(found)


def _single(notes: Sequence[Note]) -> list[Note]:
    """The highest note of each moment; notes on which a syllable goes on are left out."""
    tops: dict[int, Note] = {}
    for note in notes:
        if note.lyric != "_" and (note.tick not in tops or note.pitch > tops[note.tick].pitch):
            tops[note.tick] = note
    return [tops[tick] for tick in sorted(tops)]


def _ends(notes: Sequence[Note], piece: Music, low: int, high: int, usual: int) -> list[int]:
    """After how many notes each phrase ends; where no cut gives lines of these lengths, the lengths give way."""
    gaps = [(after.tick - note.tick) + max(0, after.tick - note.end) for note, after in pairwise(notes)]
    mean = sum(gaps) / max(1, len(gaps)) or 1.0
    worth: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(notes) + 1):
        best = (float("-inf"), 0)
        for begin in range(max(0, end - 2 * high), end):
            size = end - begin
            if worth[begin][0] == float("-inf"):
                continue
            price = _LENGTH * abs(log2(size / usual)) + (3.0 if not low <= size <= high else 0.0)
            last = worth[begin][1]
            place = (notes[begin].tick - notes[last].tick) % piece.meter.bar != 0
            gap = gaps[end - 1] / mean if end < len(notes) else 0.0
            best = max(best, (worth[begin][0] + gap - price - _PLACE * place, begin))
        worth.append(best)
    ends = [len(notes)]
    while worth[ends[-1]][1]:
        ends.append(worth[ends[-1]][1])
    return ends[::-1]


def _phrase(notes: Sequence[Note], piece: Music) -> Phrase:
    places = [strength(piece.meter, note.tick - piece.pickup) for note in notes]
    accents = []
    for at, place in enumerate(places):
        beside = places[max(0, at - 1) : at] + places[at + 1 : at + 2]
        strong, weak = any(other < place for other in beside), any(other > place for other in beside)
        accents.append((strong and not weak) - (weak and not strong))
    pitches = [note.pitch for note in notes]
    steps = [0, *((b > a) - (b < a) for a, b in pairwise(pitches))]
    end = notes[-1]
    cadence = f"{end.pitch % 12}:{end.duration}:{(end.tick - piece.pickup) % piece.meter.bar}"
    return Phrase(tuple(accents), tuple(steps), cadence)
