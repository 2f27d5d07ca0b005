"""What a poem rhymes in, and where: the group of 平水韵 of regulated verse, the part of 词林正韵 of a 词."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache

from muse.poem.corpus import PoemRecord
from muse.poem.vocabulary import SONG
from muse.tables.rhyme import book
from muse.tables.songs import parts


@cache
def groups() -> Mapping[str, tuple[str, ...]]:
    """Of each character its groups of 平水韵, level ones first."""
    found: dict[str, tuple[str, ...]] = {}
    for level in (True, False):
        for reading, characters in book():
            if reading.level == level:
                for character in characters:
                    found[character] = (*found.get(character, ()), reading.group)
    return found


def rhyme_of(record: PoemRecord) -> tuple[str, tuple[int, ...]]:
    """(the rhyme, the lines from 0 that end in it); ("", ()) where there is none.

    Regulated verse rhymes where all its even lines share a group. A 词 rhymes in the part that most of its sentences
    end in; tunes that change the rhyme thus show their commonest.
    """
    if record.form != SONG:
        lines = tuple(range(1, len(record.lines), 2))
        shared = [set(groups().get(record.lines[line][-1], ())) for line in lines]
        common = set.intersection(*shared) if shared else set()
        found = next((group for group in groups().get(record.lines[1][-1], ()) if group in common), "")
        return (found, lines) if found else ("", ())
    known = parts()
    ends = [(line, known.get(text[-1], ())) for line, (text, closes) in enumerate(
        zip(record.lines, record.closes, strict=True)) if closes]  # fmt: skip
    count = Counter(part for _, of_line in ends for part in of_line)
    if not count:
        return "", ()
    part, times = max(count.items(), key=lambda item: (item[1], item[0]))
    if 2 * times < len(ends) or times < 2:
        return "", ()
    return part, tuple(line for line, of_line in ends if part in of_line)
