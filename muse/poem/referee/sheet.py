"""A poem as it stands on a page: title and author, the lines between the marks, the stanzas."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from muse.poem.referee import ci, couplet, regulated, tunes
from muse.poem.referee.books import Reading, book, simplified, usual

LONGEST = 400
_BLOCKS = (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF)
_MARKS = ",.;:!?()-、。·「」『』“”‘’《》〈〉【】\\[\\]—…，；：！？（）〔〕\u3000"
_CUT = re.compile(f"[{_MARKS}\\s]+")
_STOP = re.compile("[,.;!?，。；！？、]")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A poem read from a text.

    Attributes:
        lines: what stands between the marks.
        stanzas: the lines, from 0, that begin another paragraph.
        notes: what was left out.
    """

    title: str
    lines: tuple[str, ...]
    stanzas: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


def is_han(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in _BLOCKS)


def split(text: str) -> list[str]:
    """The lines of a poem written as one text: cut at line breaks and at marks.

    >>> split("白日依山尽,黄河入海流。")
    ['白日依山尽', '黄河入海流']
    """
    return [part for part in _CUT.split(text) if part]


def recognise(lines: Sequence[str], title: str = "") -> str:
    """The form of lines without marks: a regulated one, 词, 对联, "prose", or "" where it has none of them.

    A title that names a tune comes first; "prose" is what has lines of many lengths whose ends do not rhyme.

    >>> recognise(["白日依山尽", "黄河入海流", "欲穷千里目", "更上一层楼"])
    '五绝'
    """
    if not lines or len(lines) > LONGEST or max(map(len, lines)) > LONGEST:
        return ""
    if not all(map(is_han, "".join(lines))):
        return "prose" if all(map(str.isalnum, "".join(lines))) and _is_prose(lines) else ""
    tune = tunes.named_in(usual(title))
    if tune and tunes.fitting(lines, tune):
        return "词"
    form = regulated.form_of(lines)
    if form:
        return form
    if ci.nearest(lines, book("cilin")):
        return "词"
    if len(lines) == 2 and couplet.halves(lines):
        return "对联"
    return "prose" if _is_prose(lines) else ""


def _is_prose(lines: Sequence[str]) -> bool:
    if len(lines) < 4 or len({len(line) for line in lines}) < 4:
        return False
    cilin = book("cilin")
    votes: dict[Reading, int] = {}
    for line in lines:
        for reading in cilin.readings(line[-1]):
            votes[reading] = votes.get(reading, 0) + 1
    return max(votes.values(), default=0) < 2 + 0.3 * len(lines)


def read(text: str) -> Sheet:
    """A poem from plain text. What stands above it without marks, and lets the rest be a poem, is title and author.

    >>> read("登鹳雀楼\\n王之涣\\n白日依山尽，黄河入海流。\\n欲穷千里目，更上一层楼。").title
    '登鹳雀楼'
    """
    rows: list[str] = []
    opens: list[int] = []
    lost = 0
    blank = True
    for row in map(str.strip, text.splitlines()):
        if any(map(is_han, row)):
            if blank and rows:
                opens.append(len(rows))
            rows.append(row)
            blank = False
        elif row:
            lost += 1
        else:
            blank = True
    notes = [f"{lost} lines without Chinese characters were left out"] if lost else []
    above = _above(rows, opens)
    title = _CUT.sub(" ", rows[0]).strip() if above else ""
    lines: list[str] = []
    stanzas: list[int] = []
    for number, row in enumerate(rows[above:], above):
        if number in opens and lines:
            stanzas.append(len(lines))
        lines += split(row)
    return Sheet(title, tuple(lines), tuple(stanzas), tuple(notes))


def script(lines: Sequence[str]) -> list[str]:
    """A note if a poem has traditional or variant characters."""
    text = "".join(lines)
    old = [character for character in dict.fromkeys(text) if usual(character) != character]
    if not old:
        return []
    mixed = any(character in simplified() for character in text)
    pairs = " ".join(character + usual(character) for character in old[:12])
    return [f"{'mixed' if mixed else 'traditional'} script, read as: {pairs}{' …' if len(old) > 12 else ''}"]


def _above(rows: Sequence[str], opens: Sequence[int]) -> int:
    """How many rows are title and author: without marks, above an empty line or above what is a poem."""
    alone = [not _STOP.search(row) for row in rows[:4]]
    told = bool(rows) and (rows[0].startswith("《") or (alone[0] and (opens[:1] == [1] or _names_tune(rows))))
    for count in range(min(4, len(rows))):
        body = [part for row in rows[count:] for part in split(row)]
        form = recognise(body, rows[0] if count else "")
        if form not in ("", "prose") and not (told and count == 0 and (form == "对联" or rows[0].startswith("《"))):
            return count
        if not alone[count]:
            break
    return int(told)


def _names_tune(rows: Sequence[str]) -> bool:
    return len(rows) > 1 and bool(tunes.named_in(usual(rows[0])))
