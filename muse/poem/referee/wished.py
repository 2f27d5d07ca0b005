"""What plain reading of a finished poem tells of the wishes in its request, whatever its language.

Each wish that a reader could check with a finger on the page becomes a promise: first line, locked lines, the line that
was replied to, keywords, forbidden words, acrostic. Chinese is compared in simplified script and without marks, other
languages by their letters and digits, without case. Era, author and mood leave nothing on the page that proves them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from muse.poem.referee.books import usual
from muse.terms import Promise, Report

_NUMBERED = re.compile(r"(\d+)\s*[:：]\s*(.*)", re.DOTALL)
_FREE = "＿_□○"


def promises(lines: Sequence[str], request: Mapping[str, Any]) -> Report:
    """A promise for each wish of a request, read from the lines of the poem.

    >>> promises(["白日依山尽", "黄河入海流"], {"keywords": ["2:河"], "forbid": ["月"]}).valid
    True
    """
    plain = [_plain(line) for line in lines]
    found = [Promise(*one) for one in _each(plain, request)]
    return Report(tuple(found))


def _plain(text: str) -> str:
    """What counts of a text: its letters and digits, in small letters and simplified script."""
    return "".join(character for character in usual(text).casefold() if character.isalnum())


def _listed(request: Mapping[str, Any], name: str) -> list[str]:
    value = request.get(name) or ()
    found = re.split(r"[,，、;；]" if name != "lock" else r"[/\n]", value) if isinstance(value, str) else list(value)
    return [text for text in found if isinstance(text, str)]


def _each(lines: Sequence[str], request: Mapping[str, Any]) -> Iterator[tuple[str, str, str, bool]]:
    text = "\n".join(lines)
    for name in ("first_line", "reply_to"):
        if (value := request.get(name)) and isinstance(value, str):
            same = "".join(lines).startswith(_plain(value))
            yield name.replace("_", " "), value, value if same else (lines[0] if lines else ""), same
    for word in _listed(request, "keywords"):
        numbered = _NUMBERED.fullmatch(word.strip())
        at = int(numbered[1]) if numbered else 0
        wanted = _plain(numbered[2] if numbered else word)
        where = lines[at - 1] if 0 < at <= len(lines) else "" if at else text
        if wanted:
            yield "keyword", word.strip(), "there" if wanted in where else "absent", wanted in where
    for word in _listed(request, "forbid"):
        if wanted := _plain(word):
            yield "forbidden", f"no {word.strip()}", "there" if wanted in text else "absent", wanted not in text
    if isinstance(value := request.get("acrostic"), str) and _plain(value):
        at_ = str(request.get("acrostic_at") or "head")
        spelt = _spelt(lines, _plain(value), at_)
        yield f"acrostic ({at_})", value, spelt, spelt == _plain(value)
    for number, lock in enumerate(_listed(request, "lock")):
        numbered = _NUMBERED.fullmatch(lock.strip())
        line, wish = (int(numbered[1]) - 1, numbered[2]) if numbered else (number, lock)
        if wish.strip():
            here = lines[line] if 0 <= line < len(lines) else ""
            yield f"line {line + 1}", wish.strip(), "the same" if _holds(wish, here) else here, _holds(wish, here)


def _holds(lock: str, line: str) -> bool:
    """Whether a line has what a lock gives: in Chinese each free mark is one place, else a run of them any words."""
    han = any("\u3400" <= character <= "\u9fff" for character in lock)
    parts = re.split(f"([{_FREE}])" if han else f"([{_FREE}]+)", lock)
    free = "." if han else ".*"
    pattern = "".join(free if part and part[0] in _FREE else re.escape(_plain(part)) for part in parts)
    return re.fullmatch(pattern, line) is not None


def _spelt(lines: Sequence[str], wanted: str, at: str) -> str:
    """What the lines spell: all of them, or the first or second of each couplet where those spell the wish."""
    trials = []
    for rows in (lines, lines[::2], lines[1::2]):
        signs = []
        for number, (line, _) in enumerate(zip(rows, wanted, strict=False)):
            place = {"tail": len(line) - 1, "diagonal": number}.get(at, 0)
            signs.append(line[place] if 0 <= place < len(line) else "")
        trials.append("".join(signs))
    return next((spelt for spelt in trials if spelt == wanted), trials[0])
