"""Where a text may be broken into lines, and where it is best broken.

A Latin word stays whole, without hyphens, unless it is longer than any line could bear. Between Han characters every
place is open but two kinds: no line begins with a closing mark, none ends with an opening one (避头尾).
"""

from __future__ import annotations

from collections.abc import Callable

from muse.fonts.faces import is_han

NO_START = "，。、；：！？…—·）》〉」』】〕”’,.;:!?)]}%～"
NO_END = "（《〈「『【〔“‘([{¿¡"
PAUSES = "，。；：！？,;:—"
LONG = 24
"""Letters of a word beyond which it may be broken."""
_PIECE = 16
_WEAK = (
    " a an the of and or in on at to by for from with is as my your its de la le les du el los der die das und ein "
    "eine von il e y et "
)


def words(text: str) -> list[str]:
    """What is not to be divided, in order; a leading space tells that one stands before it.

    >>> words("夜泊《枫桥》 by Zhang Ji")
    ['夜', '泊', '《枫', '桥》', ' by', ' Zhang', ' Ji']
    """
    out: list[str] = []
    for word in text.split():
        space = " " if out else ""
        for char in word:
            fresh = space or not out or is_han(char) or is_han(out[-1][-1]) or char in NO_END
            held = not space and out and (char in NO_START or out[-1][-1] in NO_END)
            if fresh and not held:
                out.append(space + char)
            else:
                out[-1] += char
            space = ""
    return out


def _parted(word: str) -> list[str]:
    """A word in even parts where it is longer than a line could bear."""
    if len(word) <= LONG:
        return [word]
    count = -(-len(word) // _PIECE)
    size = -(-len(word) // count)
    return [word[at : at + size] for at in range(0, len(word), size)]


def rough(text: str) -> float:
    """About how wide a text is, in half em."""
    return float(sum(2 if is_han(char) else 1 for char in text))


def broken(text: str, lines: int, width: Callable[[str], float] = rough) -> tuple[str, ...]:
    """A text in at most so many lines, as even as can be; best after a pause, not after an article or preposition.

    >>> broken("The Long Road to the Sea", 2)
    ('The Long Road', 'to the Sea')
    """
    units = [part for word in words(text) for part in _parted(word)]
    lines = max(1, min(lines, len(units)))
    spans = [width(word) for word in units]
    ideal = sum(spans) / lines
    cost = [[float("inf")] * (lines + 1) for _ in range(len(units) + 1)]
    back = [[0] * (lines + 1) for _ in range(len(units) + 1)]
    cost[0][0] = 0.0
    for end in range(1, len(units) + 1):
        bend = 0.0 if end == len(units) else _place(units[end - 1], units[end]) * ideal * ideal
        span = 0.0
        for start in range(end - 1, -1, -1):
            span += spans[start]
            for k in range(1, lines + 1):
                total = cost[start][k - 1] + (span - ideal) ** 2 + bend
                if total < cost[end][k]:
                    cost[end][k], back[end][k] = total, start
    out, end = [], len(units)
    for k in range(lines, 0, -1):
        start = back[end][k]
        out.append("".join(units[start:end]).strip())
        end = start
    return tuple(line for line in reversed(out) if line)


def _place(before: str, after: str) -> float:
    """How bad it is to break between two pieces, in squares of a line's length; below 0 it is good."""
    if f" {before.strip().lower()} " in _WEAK:
        return 0.35
    if before[-1] in PAUSES:
        return -0.3
    if f" {after.strip().lower()} " in _WEAK:
        return -0.08
    if after[0] == " " and is_han(before[-1]) != is_han(after[1]):
        return -0.5
    return -0.2 if after[0] == " " and is_han(before[-1]) else 0.0
