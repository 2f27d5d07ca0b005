"""Strings, choirs and pads under a tune, voice-led; and instruments of one voice that play a line of their own."""

from __future__ import annotations

from muse.music.arrange.frame import Frame, Span, voiced
from muse.music.arrange.instruments import Instrument
from muse.music.chords import tones
from muse.music.notes import Note

_LOW = 50
_SOFTER = 18
_BREATH = 3
_GUIDES = (3, 4, 10, 11, 5, 9, 7, 0)
"""Which notes of a chord a line likes best: its third, its seventh, then others."""


def pads(frame: Frame, share: int, player: Instrument) -> list[Note]:
    """Held chords of up to three voices; who need not move is not struck again; all breathe with the phrase.

    Beside other players they come in with the second phrase.
    """
    low = max(_LOW + 5 * frame.padded, player.low)
    count = max(1, min(3, share))
    sounding: dict[int, int] = {}
    notes: list[Note] = []
    voicing: tuple[int, ...] = ()

    def release(pitches: list[int], tick: int) -> None:
        for pitch in pitches:
            start = sounding.pop(pitch)
            notes.append(Note(start, pitch, tick - start, frame.velocity(start, _SOFTER)))

    entry = frame.bar_start(min(frame.holds) + 1) if frame.padded and frame.bars >= 8 and frame.holds else 0
    for span in frame.spans:
        if span.start < entry:
            continue
        ceiling = min(frame.ceiling(span.start, span.end), frame.roof, player.high)
        voicing = voiced(span.chord, voicing, low, ceiling, count)
        release([pitch for pitch in sounding if pitch not in voicing], span.start)
        for pitch in voicing:
            sounding.setdefault(pitch, span.start)
        if _phrase_ends(frame, span):
            release(list(sounding), span.end - _BREATH)
    release(list(sounding), frame.length)
    return notes


def line(frame: Frame, player: Instrument) -> list[Note]:
    """One voice between tune and bass: guide tones, stepwise where it can, with passing notes where much moves.

    It rests where the tune leaves its compass no room.
    """
    chosen: list[tuple[Span, int]] = []
    before: int | None = None
    for span in frame.spans:
        pitch = _guide(frame, span, player, before)
        if pitch is not None:
            chosen.append((span, pitch))
        before = pitch if pitch is not None else before
    notes: list[Note] = []
    for index, (span, pitch) in enumerate(chosen):
        end = span.end - _BREATH * _phrase_ends(frame, span)
        following = chosen[index + 1] if index + 1 < len(chosen) else None
        passing = None
        if frame.drive and following and following[0].start == span.end and span.end <= frame.close:
            passing = _passing(frame, pitch, following[1])
        step = min(frame.pulse.step, 12)
        if passing is not None and end == span.end and span.end - span.start > step:
            end -= step
            notes.append(Note(end, passing, step, frame.velocity(end, _SOFTER)))
        last = notes[-2 if passing is not None and len(notes) > 1 else -1] if notes else None
        if last and last.pitch == pitch and last.end == span.start and not frame.drive:
            notes[notes.index(last)] = Note(last.tick, pitch, end - last.tick, last.velocity)
        else:
            notes.append(Note(span.start, pitch, end - span.start, frame.velocity(span.start, _SOFTER - 4)))
    return sorted(notes)


def _guide(frame: Frame, span: Span, player: Instrument, before: int | None) -> int | None:
    ceiling = min(frame.ceiling(span.start, span.end) - 1, player.high)
    low = max(player.low, 45)
    middle = min(ceiling - 4, (player.low + player.high) // 2)
    choices = [
        (abs(pitch - (middle if before is None else before)) + 1.2 * _GUIDES.index(step % 12), pitch)
        for pitch in range(low, ceiling + 1)
        for step in tones(span.chord)
        if (span.chord.root + step - pitch) % 12 == 0 and step % 12 in _GUIDES
    ]
    return min(choices)[1] if choices else None


def _passing(frame: Frame, pitch: int, following: int) -> int | None:
    """The note of the key between two that are a third apart."""
    if abs(following - pitch) not in (3, 4):
        return None
    between = range(min(pitch, following) + 1, max(pitch, following))
    return next((found for found in between if found % 12 in frame.key.scale), None)


def _phrase_ends(frame: Frame, span: Span) -> bool:
    return span.end - span.start > 2 * _BREATH and frame.bar(span.start) in frame.holds and (
        span.end == frame.bar_start(frame.bar(span.start) + 1)
    )  # fmt: skip
