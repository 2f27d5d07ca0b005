"""A piece in a terminal and in a notebook: what it is, a piano roll in blocks or the score, and its sound."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from muse.errors import MuseError

if TYPE_CHECKING:
    from muse.music.notes import Music, Note
    from muse.music.piece import Piece

_NAMES = ("C", "", "D", "", "E", "F", "", "G", "", "A", "", "B")
_EDGE = 4
"""Columns before the roll."""
_MOST = 36
"""Semitones that are shown; of a band that has more only the tune is."""
_PAGE = "max-width:60em;background:#fff;border:1px solid #c4a88a"


def roll_text(music: Music, width: int = 100) -> str:
    """The notes in blocks, a row a pitch and a part each so many bars; chords above, the words of the tune below.

    >>> from muse.music.notes import Music, Note, Track
    >>> from muse.music.theory import Key, Meter
    >>> tune = Track("Melody", 73, (Note(0, 60, 12, lyric="la"), Note(12, 62, 36)))
    >>> print(roll_text(Music("", Key(0), Meter(4, 4), 90.0, 1, (tune,)), 21))
     D4 │    ●━━━━━━━━━━━│
        │                │
     C4 │●━━━            │
        │la              │
    """
    if not any(not track.drums and track.notes for track in music.tracks):
        return ""
    step = 3  # ticks of a column
    bar = -(-music.meter.bar // step)
    fit = max(1, (width - _EDGE - 2) // (bar + 1))
    end = max([music.length, *(note.end for note in music.notes)])
    starts = list(range(music.pickup, end, music.meter.bar))
    edges = [([0] if music.pickup and number == 0 else []) + starts[number : number + fit + 1]
             for number in range(0, len(starts), fit)]  # fmt: skip
    return "\n\n".join(_system(music, [*row, end][: fit + 1 + (row[0] < music.pickup)], step) for row in edges)


def _system(music: Music, edges: list[int], step: int) -> str:
    """Some bars, from one edge to the next."""
    pitched = [note for track in music.tracks if not track.drums for note in track.notes]
    if max(pitched, key=_height).pitch - min(pitched, key=_height).pitch > _MOST:
        pitched = list(music.melody.notes)
    inside = [note for note in pitched if note.tick < edges[-1] and note.end > edges[0]]
    if not inside:
        return ""
    low, high = min(note.pitch for note in inside), max(note.pitch for note in inside)
    places = {}  # tick → column; a bar line stands before each bar
    column = 0
    for a, b in pairwise(edges):
        column += 1
        for tick in range(a, b, step):
            places[tick] = column
            column += 1
    lines = [places[a] - 1 for a in edges[:-1]] + [column]

    def at(tick: int) -> int:
        """The column of a tick."""
        start = max(edge for edge in edges if edge <= tick)
        return places.get(start + (tick - start) // step * step, column)

    rows = {pitch: [" "] * (column + 1) for pitch in range(high, low - 1, -1)}
    tune = music.melody.notes
    for note in sorted(inside, key=lambda note: note in tune):
        mark, line = "●━" if note in tune else "○─"
        first, last = at(max(note.tick, edges[0])), at(min(note.end, edges[-1]) - 1)
        rows[note.pitch][first : last + 1] = line * (last + 1 - first)
        if note.tick >= edges[0]:
            rows[note.pitch][first] = mark
    for row in rows.values():
        for place in lines:
            row[place] = "│"
    found = [f"{_label(pitch):>3} " + "".join(row) for pitch, row in rows.items()]
    chords = [(at(chord.tick), chord.name(music.key)) for chord in music.chords if edges[0] <= chord.tick < edges[-1]]
    letters = [(at(music.bar_start(bar)), f"[{letter}]") for bar, letter in music.sections
               if edges[0] <= music.bar_start(bar) < edges[-1]]  # fmt: skip
    words = [(at(note.tick), "―" if note.lyric == "_" else note.lyric) for note in tune
             if note.lyric and edges[0] <= note.tick < edges[-1]]  # fmt: skip
    above = [_spread(said, column) for said in (letters, chords) if said]
    below = [_spread(words, column, lines)] if words else []
    return "\n".join([*(" " * _EDGE + row.rstrip() for row in above), *found, *(" " * _EDGE + row for row in below)])


def _height(note: Note) -> int:
    return note.pitch


def _label(pitch: int) -> str:
    return f"{_NAMES[pitch % 12]}{pitch // 12 - 1}" if _NAMES[pitch % 12] else ""


def _spread(said: list[tuple[int, str]], columns: int, lines: list[int] | None = None) -> str:
    """Text at its columns, each word only where it does not run into the one before; bar lines where they are free."""
    row, free = [" "] * (columns + 1), 0
    for place in lines or ():
        row[place] = "│"
    for place, text in said:
        wide = sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)
        if place >= free and place + wide <= columns + 1:
            row[place : place + wide] = [*text, *[""] * (wide - len(text))]
            free = place + wide + (0 if wide > len(text) or text.endswith("-") else 1)
    return "".join(row)


def html(piece: Piece) -> str:
    """The piece in a notebook: the engraved score where verovio is installed, else the piano roll; and its sound."""
    from muse.music import engrave, roll, sound

    try:
        pictures = engrave.engrave(piece).pages
    except MuseError:
        pictures = [roll.svg(piece)]
    shown = "".join(
        f'<p><img style="{_PAGE}" alt="{escape(piece.title, quote=True)}" '
        f'src="data:image/svg+xml;base64,{b64encode(page).decode()}"></p>'
        for page in pictures
    )
    try:
        heard = b64encode(sound.render(piece.midi(), "small", piece.soundfont)).decode()
        player = f'<p><audio controls preload="none" src="data:audio/ogg;base64,{heard}"></audio></p>'
    except MuseError as error:
        player = f"<p>{escape(str(error))}</p>"
    return f"<p>{escape(piece.text()).replace(chr(10), '<br>')}</p>{player}{shown}"
