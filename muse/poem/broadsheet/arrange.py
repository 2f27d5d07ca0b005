"""Which lines of Chinese verse share a column or a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from muse.poem.layout import Verse
from muse.sheet.setting import CLOSING, OPENING

LONG = 30
"""Characters of a line that is set as prose."""
Parts = tuple[tuple[int, str], ...]
"""What shares a column: each line's number and its text; () for an empty column."""


def flows(verse: Verse) -> bool:
    """Whether the lines are so long that they go on in the next column."""
    return verse.prose or max(map(len, verse.lines)) > LONG


def arranged(verse: Verse) -> Iterator[list[Parts]]:
    """A line a column; a sentence a column; two sentences a column."""
    lines: list[list[int]] = [[]]
    for number in range(len(verse.lines)):
        if number in verse.stanzas:
            lines.append([])
        lines[-1].append(number)
    sentences = [list(_grouped(stanza, lambda number: verse.mark(number) == "。")) for stanza in lines]
    pairs = [
        [sum(stanza[at : at + 2], ()) for at in range(0, len(stanza), 2)] for stanza in sentences
    ]  # fmt: skip
    for stanzas in ([[(number,) for number in stanza] for stanza in lines], sentences, pairs):
        columns: list[Parts] = []
        for stanza in stanzas:
            columns += [()] if columns else []
            columns += [tuple((number, verse.lines[number]) for number in group) for group in stanza]
        if len(columns) > 1 or len(verse.lines) == 1:
            yield columns


def _grouped(numbers: Sequence[int], ends: Callable[[int], bool]) -> Iterator[tuple[int, ...]]:
    group: tuple[int, ...] = ()
    for number in numbers:
        group += (number,)
        if ends(number) or number == numbers[-1]:
            yield group
            group = ()


def flowing(verse: Verse, room: int) -> list[Parts]:
    """Prose: each paragraph begins two places lower; a closing mark may hang below the column."""
    columns: list[Parts] = []
    for number, line in enumerate(verse.lines):
        columns += [()] if number in verse.stanzas else []
        rest = "\u3000\u3000" + line if verse.prose else line
        while rest:
            end = _end(rest, room - 1)
            columns.append(((number, rest[:end]),))
            rest = rest[end:]
    return columns


def _end(text: str, room: int) -> int:
    """Where the column ends: no closing mark begins the next, no opening mark ends this one."""
    if len(text) <= room + 1:
        return len(text)
    end = room
    if text[end] in CLOSING and text[end + 1] not in CLOSING:
        return end + 1
    while end > 1 and (text[end] in CLOSING or text[end - 1] in OPENING):
        end -= 1
    return end
