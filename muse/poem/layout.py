"""A poem as text: across with marks, or upright in columns from right to left."""

from __future__ import annotations

from collections.abc import Sequence

BLANK = "\u3000"


def across(lines: Sequence[str], syllables: Sequence[Sequence[str]] = ()) -> str:
    """A couplet a row where lines are short, with ， and 。; the syllables, where given, above each line.

    >>> print(across(["白日依山尽", "黄河入海流"]))
    白日依山尽，黄河入海流。
    """
    if syllables:
        rows = []
        for number, line in enumerate(lines):
            rows += [" ".join(syllables[number]), line + mark(number)]
        return "\n".join(rows)
    marked = [line + mark(number) for number, line in enumerate(lines)]
    return "\n".join("".join(marked[start : start + 2]) for start in range(0, len(marked), 2))


def mark(number: int) -> str:
    """The mark after a line, counted from 0."""
    return "。" if number % 2 else "，"


def upright(lines: Sequence[str], title: str = "") -> str:
    """竖排: each line a column, the first at the right, the title before it; all in full-width cells.

    >>> print(upright(["白日依山", "黄河入海"]))
    黄　白
    河　日
    入　依
    海　山
    """
    columns = ([list(title), []] if title else []) + [list(line) for line in lines]
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
