"""The chord chart: four bars in a row, their chord symbols, the letters of the form, key and tempo at the top."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from muse.music.notes import Music
from muse.sheet.page import HEIGHT, PALETTES, WIDTH, Box, Item, Sheet, frame
from muse.sheet.setting import NAME, TITLE, Setter, clean

ROW = 4
"""Bars in a row."""
SLASH = "/"
"""What stands on a beat where the chord goes on, in text."""
_MARGIN, _HEAD, _HIGH, _GAP, _SYMBOL, _LETTER = 48.0, 118.0, 40.0, 22.0, 17.0, 13.0


def chart(music: Music) -> Sheet:
    """The chart as a sheet; its `words` are the chart as text.

    >>> from muse.music.theory import Chord, Key, Meter
    >>> tune = Music("River", Key(2, "minor"), Meter(4, 4), 90.0, 2, (), 0, (Chord(0, 2, "m"), Chord(72, 9, "7")))
    >>> print(chart(tune).words)
    River
    D minor · 4/4 · 90 BPM
    <BLANKLINE>
    | Dm / / /  | Dm / A7 / |
    <BLANKLINE>
    """
    setter = Setter(latin=True)
    title, facts = clean(music.title), f"{music.key} · {music.meter} · {music.tempo:g} BPM"
    items: list[Item] = [
        setter.row(title, _MARGIN, 66, 24, TITLE),
        setter.row(facts, _MARGIN, 88, 11, NAME if facts.isascii() else ("NotoSerifCJKsc",), ink="soft"),
    ]
    y, wide = _HEAD, (WIDTH - 2 * _MARGIN) / ROW
    for first, last, letter in rows(music):
        if letter:
            y += _GAP / 2
            size = setter.width(letter, _LETTER)
            items += frame(_MARGIN, y - 3, size + 10, 19, 0.8, "ink")
            items.append(setter.row(letter, _MARGIN + 5, y + 11.5, _LETTER))
            y += _GAP
        for place, bar in enumerate(range(first, last)):
            x = _MARGIN + place * wide
            items.append(Box(x, y, 0.8, _HIGH, "ink"))
            items += _symbols(music, bar, setter, x, y, wide)
        end = 2.4 if last == music.bars else 0.8
        items.append(Box(_MARGIN + (last - first) * wide - end / 2, y, end, _HIGH, "ink"))
        y += _HIGH + _GAP / 2
    height = max(HEIGHT, y + _MARGIN)
    return Sheet(title, text(music), "und", WIDTH, height, PALETTES["white"], tuple(items), setter.notes())


def _symbols(music: Music, bar: int, setter: Setter, x: float, y: float, wide: float) -> Iterator[Item]:
    """The symbols of a bar, each where its chord begins, or one after another where they would run together."""
    found = symbols(music, bar)
    widths = [setter.width(name, _SYMBOL) for _, name in found]
    places, room = [at * (wide - 12) for at, _ in found], wide - 14
    size, ends = _SYMBOL, [*places, room][1:]
    if any(place + width + 4 > end for place, width, end in zip(places, widths, ends, strict=True)):
        size *= min(1.0, room / (sum(widths) + 6 * len(widths)))
        places = [size / _SYMBOL * (sum(widths[:index]) + 6 * index) for index in range(len(found))]
    for place, (_, name) in zip(places, found, strict=True):
        yield setter.row(name, x + 8 + place, y + _HIGH / 2 + 6, size)


def rows(music: Music) -> Iterator[tuple[int, int, str]]:
    """(first bar, bar after the last, letter of the section that begins there) of each row."""
    letters = {bar: clean(letter) for bar, letter in music.sections if bar < music.bars}
    for start, end in pairwise(sorted({0, music.bars, *letters})):
        for first in range(start, end, ROW):
            yield first, min(first + ROW, end), letters.get(first, "") if first == start else ""


def symbols(music: Music, bar: int) -> list[tuple[float, str]]:
    """(where in the bar, from 0 to 1, chord symbol) of what holds in a bar; a chord that goes on is said again."""
    start, end = music.bar_start(bar), music.bar_start(bar + 1)
    before = [chord for chord in music.chords if chord.tick <= start]
    inside = [chord for chord in music.chords if start < chord.tick < end]
    found = [(0.0, before[-1].name(music.key))] if before else []
    return [*found, *(((chord.tick - start) / music.meter.bar, chord.name(music.key)) for chord in inside)]


def text(music: Music) -> str:
    """The chart in letters: bars between lines, a slash on each beat where the chord goes on."""
    beats = max(1, music.meter.bar // music.meter.pulse)
    cells = []
    for bar in range(music.bars):
        shown = [SLASH] * beats
        for at, name in symbols(music, bar):
            beat = min(beats - 1, int(at * beats))
            shown[beat] = name if shown[beat] == SLASH else f"{shown[beat]} {name}"
        cells.append(" ".join(shown))
    wide = max(map(len, cells), default=0)
    found = [clean(music.title), f"{music.key} · {music.meter} · {music.tempo:g} BPM", ""]
    for first, last, letter in rows(music):
        found += [f"[{letter}]"] if letter else []
        found.append("| " + " | ".join(cell.ljust(wide) for cell in cells[first:last]) + " |")
    return "\n".join(found) + "\n"
