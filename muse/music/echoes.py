"""What a bar said, so that a later one can repeat it: whole, its rhythm, or its figure from another note."""

from __future__ import annotations

from muse.music.bitsets import members
from muse.music.scheme import Scheme

Content = tuple[tuple[int, int, int], ...]
"""(tick of the bar, who, what) in order: a voice strikes a pitch or, −1, falls silent; CHORD says a chord's token;
voice + CARRIED sings on what it held when the bar began."""
CHORD = -1
CARRIED = 8


def at(content: Content, tick: int) -> bool:
    """Whether anything new is said at a tick."""
    return any(place == tick and who < CARRIED for place, who, _ in content)


def tune(content: Content, tick: int) -> int | None:
    """The pitch that the tune strikes at a tick, −1 where it falls silent, None where it does neither."""
    return next((what for place, who, what in content if place == tick and who == 0), None)


def notes(content: Content) -> tuple[tuple[int, int], ...]:
    """(tick, pitch) of the tune in a bar; what it held at the beginning is a note too."""
    return tuple((place, what) for place, who, what in content if who in (0, CARRIED) and what >= 0)


def chord(content: Content, tick: int) -> int | None:
    """The token of the chord that is said at a tick."""
    return next((what for place, who, what in content if place == tick and who == CHORD), None)


def pins(likeness: str, content: Content, tick: int, said: Content, tones: int) -> dict[int, int]:
    """Voice → the pitch it takes at a tick so as to repeat a bar; −1 for silence.

    Args:
        said: what this bar said so far.
        tones: pitches of the scale in the range of the tune, as a set; a figure moves along them.
    """
    if likeness == "whole":
        return {who % CARRIED: what for place, who, what in content if place == tick and who >= 0}
    pattern, begun = notes(content), notes(said)
    if likeness == "rhythm" or not begun:
        return {}
    steps = list(members(tones))
    here = next((pitch for place, pitch in pattern if place == tick), None)
    if here is None or not {here, pattern[0][1], begun[0][1]} <= set(steps):
        return {}
    place = steps.index(here) - steps.index(pattern[0][1]) + steps.index(begun[0][1])
    return {0: steps[place]} if 0 <= place < len(steps) else {}


def roots(content: Content, tones: int) -> int:
    """The pitches from which the figure of a bar stays inside a scale."""
    steps = list(members(tones))
    pattern = [pitch for _, pitch in notes(content)]
    if not pattern or any(pitch not in steps for pitch in pattern):
        return tones
    places = [steps.index(pitch) for pitch in pattern]
    low, high = min(places) - places[0], max(places) - places[0]
    found = 0
    for place, pitch in enumerate(steps):
        if place + low >= 0 and place + high < len(steps):
            found |= 1 << pitch
    return found


def given(scheme: Scheme, bar: int) -> Content:
    """What a bar says that is given."""
    if scheme.given is None:
        return ()
    line, size = scheme.start(bar), scheme.meter.bar
    found = [(tick - line, CHORD, token) for tick, token in scheme.plan if line <= tick < line + size]
    for voice, sung in enumerate(scheme.given.voices):
        for tick, length, pitch, _ in sung:
            if line <= tick < line + size:
                found.append((tick - line, voice, pitch))
            elif tick < line < tick + length:
                found.append((0, voice + CARRIED, pitch))
            end = tick + length
            if line < end < line + size and not any(other == end for other, _, _, _ in sung):
                found.append((end - line, voice, -1))
    return tuple(sorted(found))
