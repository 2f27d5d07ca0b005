"""A text in any script as tokens on a grid, with what may stand before it.

    <begin> <form:verse> [<more>] [<lines:8>] [<key> …]… [<title> …] <separator> line <break> line <stanza> … <end>

A token stands in the row of its line, from 1, and in the column of its place there; both stop at the edge. The prefix
stands in row 0 from FIRST_COLUMN on. <more> says that the text does not begin here; of prose a line is a paragraph.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from muse.poem.own.lessons import Piece
from muse.poem.script.model import COLUMNS, CONTEXT, FIRST_COLUMN, ROWS
from muse.poem.script.spelling import (
    BEGIN,
    BREAK,
    END,
    FEW,
    KEY,
    LINES,
    MORE,
    PROSE,
    SEPARATOR,
    STANZA,
    TITLE,
    UNKNOWN,
    VERSE,
    Spelling,
)

KEYS, TITLE_MOST = 3, 12
LONGEST = CONTEXT - 64
"""Tokens of a text that are read at once."""
Placed = tuple[int, int, int]
"""(token, row, column)"""


@dataclass(frozen=True, slots=True)
class Fields:
    """What stands before a text; an empty field is left out.

    Attributes:
        lines: how many it has, 0 for unsaid.
        more: it goes on from something.
    """

    prose: bool
    lines: int = 0
    keys: tuple[str, ...] = ()
    title: str = ""
    more: bool = False


def prefix(fields: Fields, spelling: Spelling) -> list[Placed]:
    """All that stands before the first line."""
    tokens = [BEGIN, PROSE if fields.prose else VERSE, *([MORE] if fields.more else [])]
    tokens += [FEW + fields.lines - 1] if 0 < fields.lines <= LINES and not fields.prose else []
    for key in fields.keys[:KEYS]:
        known = [token for token in spelling.encode(key) if token != UNKNOWN][:4]
        tokens += [KEY, *known] if known else []
    title = [token for token in spelling.encode(fields.title) if token != UNKNOWN][:TITLE_MOST]
    tokens += [TITLE, *title] if title else []
    return [(token, 0, min(FIRST_COLUMN + at, COLUMNS - 1)) for at, token in enumerate([*tokens, SEPARATOR])]


def body(lines: Sequence[Sequence[int]], starts: Sequence[int], end: bool) -> list[Placed]:
    """The lines, given as tokens, with the marks after them.

    Args:
        starts: the lines, from 0, that begin a stanza.
        end: the text ends with the last line.
    """
    found: list[Placed] = []
    for number, line in enumerate(lines):
        last = number == len(lines) - 1
        mark = (END if end else BREAK) if last else STANZA if number + 1 in starts else BREAK
        row = min(number + 1, ROWS - 1)
        found += [(token, row, min(place, FIRST_COLUMN - 1)) for place, token in enumerate([*line, mark])]
    return found


def place(line: int, at: int) -> tuple[int, int]:
    """(row, column) of the token at a place of a line, both from 0."""
    return min(line + 1, ROWS - 1), min(at, FIRST_COLUMN - 1)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a piece that is read at once.

    Attributes:
        starts: the lines, from 0, that begin a stanza.
        more: it is not the beginning of the piece; end: it is its end.
    """

    lines: tuple[tuple[int, ...], ...]
    starts: tuple[int, ...]
    title: str
    more: bool
    end: bool
    characters: int


def parts(piece: Piece, spelling: Spelling) -> list[Part]:
    """A piece in stretches of at most LONGEST tokens, cut between lines; a longer line is cut."""
    rows: list[tuple[tuple[int, ...], bool, int]] = []
    for stanza in piece.stanzas:
        for number, text in enumerate(stanza):
            tokens = tuple(spelling.encode(text)[: LONGEST - 1])
            if tokens:
                rows.append((tokens, number == 0, len(text) + 1))
    found: list[list[tuple[tuple[int, ...], bool, int]]] = [[]]
    for row in rows:
        if found[-1] and sum(len(one[0]) + 1 for one in found[-1]) + len(row[0]) + 1 > LONGEST:
            found.append([])
        found[-1].append(row)
    return [
        Part(
            tuple(tokens for tokens, _, _ in part),
            tuple(at for at, (_, begins, _) in enumerate(part) if begins and at),
            piece.title if number == 0 else "",
            number > 0 or piece.more,
            number == len(found) - 1 and piece.whole,
            sum(size for _, _, size in part),
        )
        for number, part in enumerate(found)
        if part
    ]
