"""From a draft to a piece: instruments, loudness, and an accompaniment from the chord symbols."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from muse.music.events import Draft
from muse.music.mood import Plan
from muse.music.piece import Note, Piece, Track
from muse.music.scheme import PHRASE
from muse.music.theory import Chord, Meter

_ROOTS = (36, 48)
_FLOOR = 48
_CEILINGS = (60, 67)


def arrange(draft: Draft, plan: Plan, title: str, programs: Mapping[str, int] | None = None) -> Piece:
    """The piece: one track a voice, for a lead sheet one more with the chords voiced.

    Velocities follow the beat (bar line, beat, between) and an arch over each phrase of four bars, around the plan's
    loudness; nothing is left to chance.
    """
    chosen = {**plan.programs, **(programs or {})}
    names = {"satb": ("Soprano", "Alto", "Tenor", "Bass")}.get(draft.task, ("Melody",))
    tracks = []
    for name, voice in zip(names, draft.voices, strict=True):
        loud = plan.loudness + (8 if name == "Melody" else 2 if name in ("Soprano", "Bass") else -4)
        notes = tuple(
            Note(tick, pitch, duration, velocity(tick, draft.meter, draft.pickup, loud))
            for tick, duration, pitch, _ in voice
        )
        tracks.append(Track(name, chosen.get(name.lower(), 0), notes))
    if draft.task == "lead":
        tracks.append(Track("Chords", chosen.get("chords", 0), accompany(draft, plan)))
    return Piece(
        title, draft.key, draft.meter, plan.tempo, draft.bars, tuple(tracks), draft.pickup, draft.chords, plan.reasons
    )


def velocity(tick: int, meter: Meter, pickup: int, loudness: int) -> int:
    """How loud a note is that begins at a tick, in [1, 127]."""
    place = (tick - pickup) % meter.bar
    accent = 6 if place == 0 else 2 if place % meter.pulse == 0 else -4
    phrase = PHRASE * meter.bar
    along = ((tick - pickup) % phrase) / phrase
    arch = round(8 * (1 - abs(2 * along - 1.1)) - 4)
    return min(127, max(1, loudness + accent + arch))


def accompany(draft: Draft, plan: Plan) -> tuple[Note, ...]:
    """The chords of a lead sheet for one player: a bass note at each chord and bar, the chord above it.

    The upper notes lie below the tune and stay where the last chord left them as nearly as they can. Drive 0 holds
    the chord, 1 strikes it on the beats after the bass, 2 breaks it into eighths.
    """
    notes: list[Note] = []
    voicing: tuple[int, ...] = ()
    lowest = min((pitch for _, _, pitch, _ in draft.voices[0]), default=_CEILINGS[1])
    ceiling = min(max(lowest, _CEILINGS[0]), _CEILINGS[1])
    for start, end, chord in _spans(draft):
        voicing = voiced(chord, voicing, ceiling)
        loud = velocity(start, draft.meter, draft.pickup, plan.loudness - 12)
        final = end >= draft.length
        pulse = draft.meter.pulse if draft.meter.bar > draft.meter.pulse else draft.meter.bar // 3 or 1
        if plan.drive == 0 or final or end - start <= pulse:
            notes.append(Note(start, bass(chord), end - start, loud))
            notes += [Note(start, pitch, end - start, max(1, loud - 6)) for pitch in voicing]
            continue
        notes.append(Note(start, bass(chord), end - start if plan.drive == 2 else pulse, loud))
        if plan.drive == 1:
            for tick in range(start + pulse, end, pulse):
                notes += [Note(tick, pitch, min(pulse, end - tick), max(1, loud - 10)) for pitch in voicing]
        else:
            pattern = (0, 2, 1, 2) if not draft.meter.compound else (0, 1, 2)
            for step, tick in enumerate(range(start, end, 6)):
                pitch = voicing[pattern[step % len(pattern)] % len(voicing)]
                notes.append(Note(tick, pitch, min(6, end - tick), max(1, loud - 8)))
    return tuple(sorted(notes))


def voiced(chord: Chord, before: Sequence[int], ceiling: int) -> tuple[int, ...]:
    """Three notes of a chord below a pitch where they can be, nearest to the voicing before."""
    classes = sorted(chord.pitch_classes)
    if len(classes) > 3:  # of a seventh chord the fifth may go
        fifth = next((pc for pc in classes if (pc - chord.root) % 12 in (6, 7)), classes[0])
        classes = [pc for pc in classes if pc != fifth]
    choices = []
    for base in range(_FLOOR, ceiling):
        if base % 12 in classes:
            choices.append(tuple(sorted(next(p for p in range(base, base + 12) if p % 12 == pc) for pc in classes)))
    target = before or (ceiling - 10, ceiling - 6, ceiling - 3)
    return min(
        choices,
        key=lambda notes: (
            max(0, notes[-1] - ceiling + 1),
            sum(abs(a - b) for a, b in zip(notes, target, strict=False)),
            notes,
        ),
    )


def bass(chord: Chord) -> int:
    """The root, low."""
    return next(pitch for pitch in range(_ROOTS[0], _ROOTS[1]) if pitch % 12 == chord.root)


def _spans(draft: Draft) -> list[tuple[int, int, Chord]]:
    """Each chord cut at the bar lines: (start, end, chord)."""
    found = []
    edges = [*(chord.tick for chord in draft.chords[1:]), draft.length]
    for chord, end in zip(draft.chords, edges, strict=True):
        start = chord.tick
        while start < end:
            line = draft.pickup + ((start - draft.pickup) // draft.meter.bar + 1) * draft.meter.bar
            stop = min(end, line)
            found.append((start, stop, chord))
            start = stop
    return found
