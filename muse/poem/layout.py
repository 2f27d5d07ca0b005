"""A poem as text: across with marks, or upright in columns from right to left; and texts read as verse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from muse.tables.han import HAN
from muse.tables.simplified import simplify

BLANK = "\u3000"
_ENDS = "。！？；.!?;"
_SHORT = 40
"""Characters that a row across holds at most where two lines share it."""


@dataclass(frozen=True, slots=True)
class Verse:
    """Lines with what their layout asks.

    Attributes:
        lines: of Chinese verse without marks; else as they are printed; of prose paragraphs.
        stanzas: the lines, from 0, that begin another stanza.
        closes: whether each line ends a sentence; () where every second one does. Of Chinese verse only.
    """

    lines: tuple[str, ...]
    language: str = "zh"
    stanzas: tuple[int, ...] = ()
    closes: tuple[bool, ...] = ()
    prose: bool = False

    def mark(self, number: int) -> str:
        """The mark after a line, counted from 0."""
        if self.language != "zh" or self.prose:
            return ""
        return "。" if (self.closes[number] if self.closes else number % 2) else "，"


def language_of(text: str) -> str:
    """Of a text "zh", "en" where its letters are Latin, or "none".

    An eighth of the letters being Han is enough for "zh", since pinyin may stand between; kana are not Chinese.

    >>> language_of("白日依山尽"), language_of("Shall I compare thee"), language_of("Белеет парус")
    ('zh', 'en', 'none')
    """
    letters = [character for character in text[:4000] if character.isalpha()]
    han = len("".join(HAN.findall(text[:4000])))
    if any("\u3040" <= character <= "\u30ff" for character in letters):
        return "none"
    if han and 8 * han >= len(letters):
        return "zh"
    latin = sum(character < "\u0250" for character in letters)
    return "en" if 2 * latin > len(letters) else "none"


def verse_of(rows: Sequence[str], language: str | None = None) -> Verse:
    """Rows of text as verse: Chinese ones cut at their marks, an empty row between two stanzas.

    >>> verse_of(["白日依山盡，黃河入海流。"]).lines
    ('白日依山尽', '黄河入海流')
    """
    language = language or language_of("\n".join(rows))
    lines: list[str] = []
    stanzas: list[int] = []
    closes: list[bool] = []
    gap = False
    for row in rows:
        if language == "zh":
            clauses = list(HAN.finditer(simplify(row)))
            texts = [clause[0] for clause in clauses]
            closes += [row[clause.end() : clause.end() + 1] in tuple(_ENDS) for clause in clauses]
        else:
            texts = [row.rstrip()] if row.strip() else []
        if gap and texts and lines:
            stanzas.append(len(lines))
        gap = not texts
        lines += texts
    usual = all(closed == bool(number % 2) for number, closed in enumerate(closes)) or not any(closes)
    return Verse(tuple(lines), language, tuple(stanzas), () if usual else tuple(closes))


def across(verse: Verse, syllables: Sequence[Sequence[str]] = ()) -> str:
    """Chinese verse with ， and 。, a sentence of short lines in a row; the syllables, where given, above each line.

    Other verse line by line; an empty row stands between stanzas, and between the paragraphs of prose.

    >>> print(across(Verse(("白日依山尽", "黄河入海流"))))
    白日依山尽，黄河入海流。
    """
    rows: list[str] = []
    open_row = False
    for number, line in enumerate(verse.lines):
        if number and (number in verse.stanzas or verse.prose):
            rows.append("")
            open_row = False
        marked = line + verse.mark(number)
        if syllables:
            rows += [" ".join(syllables[number]), marked]
        elif open_row and len(rows[-1]) + len(marked) <= _SHORT:
            rows[-1] += marked
        else:
            rows.append(marked)
        open_row = verse.mark(number) == "，"
    return "\n".join(rows)


def upright(verse: Verse, title: str = "") -> str:
    """竖排: each line a column, the first at the right, the title before it; all in full-width cells.

    >>> print(upright(Verse(("白日依山", "黄河入海"))))
    黄　白
    河　日
    入　依
    海　山
    """
    columns = [list(title), []] if title else []
    for number, line in enumerate(verse.lines):
        columns += [[]] if number in verse.stanzas else []
        columns.append(list(line))
    height = max((len(column) for column in columns), default=0)
    rows = []
    for row in range(height):
        cells = [wide(column[row]) if row < len(column) else BLANK for column in reversed(columns)]
        rows.append(BLANK.join(cells).rstrip(BLANK))
    return "\n".join(rows)


def wide(character: str) -> str:
    """The full-width form of an ASCII character; others stay."""
    if character == " ":
        return BLANK
    return chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character


def heading(title: str, tune: str = "") -> str:
    """The title of a 词 after its tune, as they are printed.

    >>> heading("秋江", "浣溪沙"), heading("浣溪沙", "浣溪沙"), heading("", "浣溪沙")
    ('浣溪沙·秋江', '浣溪沙', '浣溪沙')
    """
    return f"{tune}·{title}" if title and tune and tune not in title else title or tune


INDENTS = {
    "sonnet": "00000000000011", "petrarchan": "01100110012012", "ballad": "0101", "quatrains": "0101",
    "envelope": "0110", "limerick": "00110",
}  # fmt: skip
"""How far printers set in each line of a stanza: lines that rhyme stand under one another, short lines further in."""


def indents(verse: Verse, form: str = "") -> tuple[int, ...]:
    """For each line how many steps it is set in: as it was typed, as its form is printed, or by its length.

    >>> indents(Verse(("Half a league onward", "Into the valley", "Rode"), "en"), "free")
    (0, 0, 0)
    """
    typed = [len(line) - len(line.lstrip()) for line in verse.lines]
    if verse.prose or any(typed):
        steps = sorted(set(typed))
        return tuple(0 if verse.prose else min(4, steps.index(found)) for found in typed)
    places, start = [], 0
    for number in range(len(verse.lines)):
        start = number if number in verse.stanzas else start
        places.append(number - start)
    pattern = INDENTS.get(form)
    if pattern:
        return tuple(int(pattern[place % len(pattern)]) for place in places)
    if form:
        return (0,) * len(verse.lines)
    long = sorted(map(len, verse.lines))[len(verse.lines) * 3 // 4]
    return tuple(int(len(line) < 0.75 * long) for line in verse.lines)
