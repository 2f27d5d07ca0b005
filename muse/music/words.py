"""The words under a tune: how each syllable stands to its word, and which notes a syllable is drawn out over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from muse.music.notes import Note


class Word(NamedTuple):
    """What stands under a note.

    Attributes:
        text: the syllable, or "" where the one before goes on.
        syllabic: "single", "begin", "middle" or "end" of its word, as MusicXML says.
        line: "start", "continue" or "stop" of the line that draws the last syllable of a word out, or "".
    """

    text: str
    syllabic: str = "single"
    line: str = ""


def words(notes: Iterable[Note]) -> dict[Note, Word]:
    """What stands under each note that has a lyric; notes in the order of time, those without lyric left out.

    >>> tune = [Note(0, 60, 6, lyric="riv-"), Note(6, 62, 6, lyric="er"), Note(12, 64, 6, lyric="_")]
    >>> [tuple(word) for word in words(tune).values()]
    [('riv', 'begin', ''), ('er', 'end', 'start'), ('', 'single', 'stop')]
    """
    sung = sorted(notes, key=lambda note: note.tick)
    found: dict[Note, Word] = {}
    inside = False  # of a word
    for index, note in enumerate(sung):
        longer = index + 1 < len(sung) and sung[index + 1].lyric == "_"
        if note.lyric == "_":
            drawn = "" if inside else "continue" if longer else "stop"
            found[note] = Word("", line=drawn)
            continue
        text, more = note.lyric.removesuffix("-"), note.lyric.endswith("-") and len(note.lyric) > 1
        syllabic = {(False, False): "single", (False, True): "begin", (True, True): "middle", (True, False): "end"}
        found[note] = Word(text, syllabic[inside, more], "start" if longer and not more else "")
        inside = more
    return found
