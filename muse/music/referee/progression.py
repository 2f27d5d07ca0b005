"""A chord progression that was asked: in the symbols of the file, and in its notes on strong beats."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from itertools import takewhile
from typing import Any

from muse.music.heard import Heard
from muse.music.referee.chords import Span, marked, on_strong_beats
from muse.music.referee.names import Symbol, Tonality, numeral, symbol
from muse.music.referee.places import Bars
from muse.terms import Promise

STRONG = 0.85
"""Share of the notes on strong beats that must belong to their chord."""
_MOST_BARS = 4096


def symbols(heard: Heard, bars: Bars, asked: Any, wanted: Sequence[Span]) -> Promise:
    """That the file names the chords that were asked, from beginning to end."""
    told = asked if isinstance(asked, str) else " ".join(str(name) for _, name in asked)
    if not wanted:
        return Promise("chords", str(told), "no chords can be read in the wish", False)
    named = marked(heard)
    wrong = [span for span in wanted if not _holds(named, span)]
    found = f"{len(wanted) - len(wrong)} of {len(wanted)}" if named else "no chord symbols in the file"
    if named and wrong:
        found += f", not at {bars.place(wrong[0].start)}"
    return Promise("chords", str(told), found, not wrong)


def strong(heard: Heard, spans: Sequence[Span], bars: Bars, satb: bool) -> Promise:
    """The share of notes on strong beats that belong to their chord."""
    inside, count = on_strong_beats(heard.pitched if satb else heard.pitched[:1], spans, bars)
    share = inside / count if count else 1.0
    found = f"{inside} of {count} ({share:.0%})"
    return Promise("chord tones on strong beats", f"{STRONG:.0%} or more", found, share >= STRONG)


def progression(asked: Any, bars: Bars, key: Tonality, total: int, last: Fraction) -> list[Span]:
    """The chords asked, each with its time; [] where one of them is no chord.

    Text has one chord a bar, or bars between "|" whose chords share the beats, the first ones longer; "/" goes on
    with the chord before, "%" repeats the bar before; the whole returns until the last bar. Pairs of (quarter note,
    chord) stand as they are.
    """
    if not isinstance(asked, str):
        timed = [(Fraction(time), _chord(str(name), key)) for time, name in asked]
        ends = [*(time for time, _ in timed[1:]), last]
        return [] if any(chord is None for _, chord in timed) else _spans(timed, ends)
    cells = _cells(asked)
    found: list[tuple[Fraction, Symbol | None]] = []
    for bar in range(1, min(total, _MOST_BARS) + 1):
        if not cells:
            return []
        words = cells[(bar - 1) % len(cells)]
        start = bars.start(bar)
        length = bars.start(bar + 1) - start
        at = start
        for word, share in zip(words, _shares(length, bars.pulse(start), len(words)), strict=True):
            chord = found[-1][1] if word == "/" and found else _chord(word, key)
            found.append((at, chord))
            at += share
    if any(chord is None for _, chord in found):
        return []
    return _spans(found, [*(time for time, _ in found[1:]), last])


def _cells(text: str) -> list[list[str]]:
    """The words of each bar, repeats written out."""
    if "|" in text:
        cells = [cell.split() for cell in text.split("|") if cell.strip()]
    else:
        cells = [[word] for word in re.split(r"[\s,，、–—]+|(?<=\w)-(?=[IViv])", text.strip()) if word]
    for index, cell in enumerate(cells):
        if cell == ["%"] and index:
            cells[index] = cells[index - 1]
    return cells


def _shares(length: Fraction, pulse: Fraction, count: int) -> list[Fraction]:
    """The quarters of each of so many chords in a bar: whole beats where there are enough, the first ones longer."""
    beats = length / pulse
    if beats.denominator != 1 or count > beats:
        return [length / count] * count
    each, more = divmod(int(beats), count)
    return [pulse * (each + (index < more)) for index in range(count)]


def _chord(word: str, key: Tonality) -> Symbol | None:
    return symbol(word) or numeral(word, key)


def _spans(timed: Sequence[tuple[Fraction, Symbol | None]], ends: Sequence[Fraction]) -> list[Span]:
    return [
        Span(start, end, chord)
        for (start, chord), end in zip(timed, ends, strict=True)
        if chord is not None and end > start
    ]


def _holds(named: Sequence[Span], wanted: Span) -> bool:
    """Whether the chord stands all through its time."""
    begin = bisect_right(named, wanted.start, key=lambda span: span.start) - 1
    if begin < 0 or named[begin].end <= wanted.start:
        return False
    inside = takewhile(lambda span: span.start < wanted.end, (named[at] for at in range(begin, len(named))))
    return all(span.chord.means(wanted.chord) for span in inside)
