"""English lines as parts, words and marks, and back: what is kept of case and punctuation, and what is not.

A line is words with at most one mark between two of them. Kept: , ; : . ! ? … and the dash, hyphens, apostrophes
inside words and of elisions ('tis, th'), a capital at the head of a word. Left out: quotation marks, brackets and what
editors put into square ones, accents, capitals inside words. Every line begins with a capital letter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from muse.tables.english import listing

CAPITAL, HYPHEN, DASH = "^", "-", "—"
MARKS = (",", ";", ":", ".", "!", "?", "…", DASH)
_RANK = {mark: rank for rank, mark in enumerate((",", ":", DASH, ";", ".", "…", "!", "?"))}
_PART = re.compile(r"('?[A-Za-z]+(?:'[A-Za-z]+)*'?)|(-{2,}|[—–―])|(\.(?:\s*\.)+|…)|(-)|([,;:.!?])|(\s+|')|(.)")
_BEFORE, _AFTER = listing("before"), listing("after")


def parts(line: str) -> list[str] | None:
    """The words and marks of a line, in order, CAPITAL before a word with a capital inside the line.

    None where the line holds what is no verse: digits, signs, other scripts.

    >>> parts('"O Love!"--she sigh\\'d, in snow-white fear')
    ['o', '^', 'love', '!', 'she', "sigh'd", ',', 'in', 'snow', '-', 'white', 'fear']
    """
    text = re.sub(r"\[[^\]]*\]", "", line)
    if not text.isascii():
        text = _ascii(text)
    text = re.sub(r"\s+\d+\s*$", "", text).replace("&c.", "").replace("&", " and ").translate(_DROPPED)
    found: list[str] = []
    waiting = ""
    for match in _PART.finditer(text):
        kind, part = match.lastindex, match.group()
        if kind == 1:
            word, capital = _word(part, text[match.end() : match.end() + 2])
            if found and waiting:
                found.append(waiting)
            if capital and found:
                found.append(CAPITAL)
            found.append(word)
            waiting = ""
        elif kind == 7:
            return None
        elif kind == 4:
            at = match.end()
            tight = at < len(text) and text[at].isalpha() and text[at - 2 : at - 1].isalpha() and not waiting
            waiting = HYPHEN if tight else waiting or (DASH if text[at - 2 : at - 1] == " " else "")
        elif kind in (2, 3, 5):
            mark = DASH if kind == 2 else "…" if kind == 3 else part
            waiting = mark if _RANK.get(mark, 0) >= _RANK.get(waiting, -1) else waiting
    if found and waiting and waiting != HYPHEN:
        found.append(waiting)
    return found


def rendered(found: Iterable[str]) -> str:
    """The line of some parts.

    >>> rendered(['o', '^', 'love', '!', 'in', 'snow', '-', 'white', 'fear'])
    'O Love! in snow-white fear'
    """
    out: list[str] = []
    capital, tight = True, True
    for part in found:
        if part == CAPITAL:
            capital = True
        elif part in _RANK or part == HYPHEN:
            out.append(part)
            tight = part in (HYPHEN, DASH)
        else:
            out.append(("" if tight else " ") + (capitalised(part) if capital else part))
            capital = tight = False
    return "".join(out)


def clean(line: str) -> str | None:
    """The line as its parts tell it; None where it is no verse.

    >>> clean('  "WHEN I consider" (how) my light  is spent,-- ')
    'When I consider how my light is spent—'
    """
    found = parts(line)
    return None if found is None else rendered(found)


@lru_cache(maxsize=1 << 17)
def capitalised(word: str) -> str:
    """
    >>> capitalised("'tis")
    "'Tis"
    """
    at = 1 if word.startswith("'") else 0
    return word[:at] + word[at : at + 1].upper() + word[at + 1 :]


def words_of(found: Sequence[str]) -> list[str]:
    """The words among the parts."""
    return [part for part in found if part != CAPITAL and part != HYPHEN and part not in _RANK]


_DROPPED = str.maketrans("", "", '"()[]{}_*~|`^=+<>/\\')


def _ascii(text: str) -> str:
    text = text.translate(_LETTERS)
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


_LETTERS = str.maketrans({
    "’": "'", "‘": "'", "ʼ": "'", "“": "", "”": "", "„": "", "«": "", "»": "", "æ": "ae", "Æ": "Ae", "œ": "oe",
    "Œ": "Oe", "…": "..", "—": "--", "–": "--", "―": "--", "\xa0": " ", "\xad": "",
})  # fmt: skip


def _word(part: str, after: str) -> tuple[str, bool]:
    """A word in small letters, its quotation marks off, and whether it had a capital."""
    low = part.lower()
    if low[0] == "'" and low not in _BEFORE and low.rstrip("'") not in _BEFORE:
        part, low = part[1:], low[1:]
    if low[-1] == "'" and low not in _AFTER and not (low.endswith("in'") and len(low) > 4):
        genitive = low.endswith("s'") and after[:1] == " " and after[1:2].isalpha()
        if not genitive:
            part, low = part[:-1], low[:-1]
    return low, part.lstrip("'")[:1].isupper()
