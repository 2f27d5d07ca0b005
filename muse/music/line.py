"""The tune of a piece, wherever it lies, one note at a time; and how alike two tunes are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from muse.errors import InputError, UsageError, did_you_mean
from muse.music.cells import STEP
from muse.music.piece import Note, Piece, Track

MOST_BARS = 1024
_NAMES = ("melody", "tune", "vocal", "voice", "soprano", "lead", "cantus", "旋律", "人声")


@dataclass(frozen=True, slots=True)
class Tune:
    """A tune taken out of a track.

    Attributes:
        track: index of its track in the piece.
        line: its notes, each ending where the next one begins.
        whole: the same notes as long as they stand in the track.
        beside: the other notes of the track, which stay.
    """

    track: int
    line: tuple[Note, ...]
    whole: tuple[Note, ...]
    beside: tuple[Note, ...] = ()

    def back(self, piece: Piece, line: Sequence[Note]) -> Piece:
        """The piece with another tune in the place of this one; all other notes stay.

        A note that is as it was, and so is the beginning of the next, lasts as long as it stood in the track.
        """
        if tuple(line) == self.line:
            return piece
        stood = {_place(*pair): whole.duration for pair, whole in zip(_pairs(self.line), self.whole, strict=True)}
        notes = [replace(note, duration=stood.get(_place(note, after), note.duration)) for note, after in _pairs(line)]
        tracks = list(piece.tracks)
        tracks[self.track] = replace(tracks[self.track], notes=tuple(sorted((*notes, *self.beside))))
        return replace(piece, tracks=tuple(tracks))


def _pairs(line: Sequence[Note]) -> Iterator[tuple[Note, Note | None]]:
    return zip(line, (*line[1:], None), strict=True)


def _place(note: Note, after: Note | None) -> tuple[int, int, int]:
    return note.tick, note.duration, after.tick if after else -1


def tune_of(piece: Piece, name: str | None = None) -> Tune:
    """The tune of a piece: of the track that was named, else of one called melody, voice or the like, else the first.

    Args:
        name: of a track, in any case, or its number from 1.

    Raises:
        UsageError: no track of this name. InputError: the track holds no pitched notes, or too many bars.
    """
    tracks = piece.tracks
    if name is None:
        pitched = [track for track in tracks if track.notes and not track.drums]
        called = [track for word in _NAMES for track in pitched if word in track.name.casefold()]
        first = called[0] if called else piece.melody
        chosen = next(at for at, track in enumerate(tracks) if track is first)
    else:
        same = [at for at, track in enumerate(tracks) if track.name.casefold() == name.strip().casefold()]
        number = int(name) - 1 if name.strip().isdecimal() else -1
        if not same and not 0 <= number < len(tracks):
            raise UsageError(
                f"no track named {name!r}", f"the piece has {len(tracks)}", did_you_mean(name, [t.name for t in tracks])
            )
        chosen = same[0] if same else number
    track = tracks[chosen]
    if track.drums or not track.notes:
        why = "it is a track of drums" if track.drums else "it holds no notes"
        raise InputError(f"track {track.name!r} has no melody", why, "name another track with --track")
    end = max(note.end for note in track.notes)
    if end > MOST_BARS * piece.meter.bar:
        raise InputError(
            f"{piece.title!r} is too long", f"tunes of up to {MOST_BARS} bars are read", "cut it into parts"
        )
    line, beside = melody_line(track)
    whole = {(note.tick, note.pitch): note for note in set(track.notes) - set(beside)}
    return Tune(chosen, line, tuple(whole[note.tick, note.pitch] for note in line), beside)


def melody_line(track: Track) -> tuple[tuple[Note, ...], tuple[Note, ...]]:
    """The tune of a track, one note at a time, and the notes beside it.

    The tune lies in the topmost voice. It takes the notes above which nothing sounds for half of their time or more;
    where there are others, none an octave below the middle of these. A note ends where the next one begins.
    """
    top = min((note.voice for note in track.notes), default=0)
    heard = sorted((note for note in track.notes if note.voice == top), key=lambda note: (note.tick, -note.pitch))
    sky = np.zeros(max((note.end for note in heard), default=0), np.int16)
    for note in heard:
        sky[note.tick : note.end] = np.maximum(sky[note.tick : note.end], note.pitch)
    open_to_it = [note for note in heard if (sky[note.tick : note.end] <= note.pitch).mean() >= 0.5]
    least = np.median([note.pitch for note in open_to_it]) - 12 if len(open_to_it) < len(heard) else 0
    line: list[Note] = []
    chosen: set[Note] = set()
    for note in open_to_it:
        if note.pitch < least or (line and note.tick == line[-1].tick):
            continue
        if line and note.tick < line[-1].end:
            line[-1] = replace(line[-1], duration=note.tick - line[-1].tick)
        line.append(note)
        chosen.add(note)
    return tuple(line), tuple(note for note in track.notes if note not in chosen)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two lines are, each in [0, 1]: slots with the same pitch sounding, shared onsets (F1), their mean."""

    pitch: float
    rhythm: float

    @property
    def overall(self) -> float:
        return (self.pitch + self.rhythm) / 2

    def __str__(self) -> str:
        return f"similarity {self.overall:.2f} (pitch {self.pitch:.2f}, rhythm {self.rhythm:.2f})"


def likeness(line: Sequence[Note], other: Sequence[Note]) -> Likeness:
    """Compare two lines on the grid of sixteenths.

    >>> likeness([Note(0, 60, 12)], [Note(0, 60, 12)]).overall
    1.0
    """
    if not line or not other:
        return Likeness(float(not line and not other), float(not line and not other))
    end = max(line[-1].end, other[-1].end) // STEP + 1
    rolls = np.zeros((2, end), np.int64)
    for roll, notes in zip(rolls, (line, other), strict=True):
        for note in notes:
            roll[note.tick // STEP : max(note.tick // STEP + 1, note.end // STEP)] = note.pitch + 1
    sounding = (rolls > 0).any(axis=0)
    mine, others = {note.tick for note in line}, {note.tick for note in other}
    return Likeness(float((rolls[0] == rolls[1])[sounding].mean()), 2 * len(mine & others) / (len(mine) + len(others)))


def contour(line: Sequence[Note]) -> list[int]:
    """Up 1, down −1, same 0, from each note to the next."""
    return [int(np.sign(b.pitch - a.pitch)) for a, b in pairwise(line)]
