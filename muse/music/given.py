"""A piece that was given: its tune, or all its voices, as a draft of which some bars and voices are written anew."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import groupby

from muse.errors import UsageError, WishError, did_you_mean
from muse.music import harmony
from muse.music.events import LINES, PARTS, USUAL, Cell, Draft
from muse.music.line import melody_line, tune_of
from muse.music.notes import Note, Track
from muse.music.piece import Piece

Voice = tuple[tuple[int, int, int, int], ...]
HOW = 'write it like "tune.mid:bars 5-8" or "hymn.mid:bars 3 alto"'
_FILL = r"(?P<file>.*?):\s*bars?\s+(?P<first>\d+)\s*(?:[-–]\s*(?P<last>\d+))?\s*(?P<voices>.*)"


def tune_alone(piece: Piece) -> Piece:
    """The tune of a piece, one note at a time with its words and loudness, and the piece's chords."""
    tune = tune_of(piece)
    track = replace(piece.tracks[tune.track], name="Melody", notes=tuple(replace(note, voice=0) for note in tune.line))
    return replace(piece, tracks=(track,), bars=max(piece.bars, _bars(piece, tune.line[-1].end)))


def task_of(piece: Piece) -> str:
    """What a piece is to the composer: "satb" where four voices sing, one note at a time, else a tune or lead sheet."""
    if len(_singing(piece)) == len(LINES["satb"]):
        return "satb"
    return "lead" if piece.chords else "melody"


def taken(piece: Piece, task: str) -> Piece:
    """What a task takes over of a piece: its four voices by their names, or its tune alone; accompaniments go."""
    voices = _singing(piece)
    if task != "satb" or len(voices) != len(LINES[task]):
        return tune_alone(piece)
    named = (replace(track, name=line.capitalize()) for line, track in zip(LINES[task], voices, strict=True))
    return replace(piece, tracks=tuple(named))


def draft_of(piece: Piece, task: str, bars: int | None = None) -> Draft:
    """The piece as a draft of a task; in four parts a piece of one track has the soprano alone.

    Args:
        bars: how long the draft is; by default as long as the piece.

    Raises:
        WishError: it has neither one part nor four, and four are to be sung.
    """
    length = piece.pickup + (bars or piece.bars) * piece.meter.bar
    if task == "satb":
        tracks = _singing(piece)
        if len(tracks) not in (1, len(LINES[task])):
            raise WishError(f"{len(tracks)} parts were given for four voices", "", "give one tune, or all four parts")
        voices = tuple(_voice(track.notes, length) for track in tracks) + ((),) * (len(LINES[task]) - len(tracks))
        return Draft(task, piece.key, piece.meter, voices, length, piece.pickup)
    tune = _voice(tune_alone(piece).tracks[0].notes, length)
    chords = piece.chords if task == "lead" else ()
    return Draft(task, piece.key, piece.meter, (tune,), length, piece.pickup, chords)


def with_chords(draft: Draft) -> Draft:
    """The draft of a lead sheet with chords by rule where it has none."""
    if draft.chords or not draft.voices[0]:
        return draft
    until = min(draft.length, _rounded(draft))
    return replace(draft, chords=harmony.harmonise(draft.voices[0], draft.key, draft.meter, draft.pickup, until))


def cells(draft: Draft, first: int, last: int, parts: tuple[str, ...] | None = None) -> frozenset[Cell]:
    """(bar, part) of some bars of a draft, the pickup with the first; of all parts, or of those named."""
    bars = [*([0] if draft.pickup and first == 1 else []), *range(first, last + 1)]
    return frozenset((bar, part) for bar in bars for part in parts or PARTS[draft.task])


def filling(text: str) -> tuple[str, tuple[int, int], tuple[str, ...]]:
    """(file, first and last bar, voices) of a wish to fill.

    >>> filling("tune.mid:bars 5-8 alto, tenor")
    ('tune.mid', (5, 8), ('alto', 'tenor'))

    Raises:
        UsageError: it cannot be read.
    """
    match = re.fullmatch(_FILL, text.strip(), re.DOTALL)
    if match is None or not match["file"]:
        raise UsageError(
            f"fill: cannot read {text!r}", "", 'write it like "tune.mid:bars 5-8" or "hymn.mid:bars 3 alto"'
        )
    first = int(match["first"])
    voices = tuple(re.findall(r"\w+", match["voices"].lower()))
    return match["file"], (first, int(match["last"] or first)), voices


def filled_cells(draft: Draft, bars: tuple[int, int], voices: tuple[str, ...]) -> frozenset[Cell]:
    """The cells of a wish to fill.

    Raises:
        WishError: the piece has no such bars. UsageError: it has no such voice.
    """
    first, last = bars
    if not 1 <= first <= last <= draft.bars:
        raise WishError(f"fill: there are no bars {first} to {last}", f"the piece has {draft.bars}",
                        f"ask for bars 1 to {draft.bars}, the first one first")  # fmt: skip
    for name in voices:
        if name not in PARTS[draft.task]:
            raise UsageError(f"fill: no voice {name!r}", "", did_you_mean(name, PARTS[draft.task]))
    return cells(draft, first, last, voices or None)


def restored(piece: Piece, source: Piece) -> Piece:
    """The piece, with loudness and words as they were in its source where a voice still has the same note."""
    stood = {
        track.name: {(note.tick, note.pitch, note.duration): note for note in track.notes} for track in source.tracks
    }
    tracks = [
        replace(track, notes=tuple(_as_stood(note, stood.get(track.name, {})) for note in track.notes))
        for track in piece.tracks
    ]
    return replace(piece, tracks=tuple(tracks))


def _as_stood(note: Note, stood: dict[tuple[int, int, int], Note]) -> Note:
    old = stood.get((note.tick, note.pitch, note.duration))
    return note if old is None else replace(note, velocity=old.velocity, lyric=old.lyric)


def _singing(piece: Piece) -> tuple[Track, ...]:
    """The pitched voices, where each sings one note at a time; else none. Voices of a track stand for themselves."""
    found = []
    for track in piece.tracks:
        if track.drums or not track.notes:
            continue
        by_voice = sorted(track.notes, key=lambda note: note.voice)
        for _, group in groupby(by_voice, key=lambda note: note.voice):
            part = replace(track, notes=tuple(sorted(replace(note, voice=0) for note in group)))
            if melody_line(part)[1]:
                return ()
            found.append(part)
    return tuple(found)


def _voice(notes: tuple[Note, ...], length: int) -> Voice:
    line = melody_line(Track("", 0, notes))[0]
    return tuple(
        (note.tick, min(note.duration, length - note.tick), note.pitch, USUAL) for note in line if note.tick < length
    )


def _bars(piece: Piece, end: int) -> int:
    return -(-(end - piece.pickup) // piece.meter.bar)


def _rounded(draft: Draft) -> int:
    """The end of the last bar in which the draft has a note."""
    tick, duration, _, _ = draft.voices[0][-1]
    size = draft.meter.bar
    return draft.pickup + max(1, -(-(tick + duration - draft.pickup) // size)) * size
