"""An English poem as lyrics: each word cut into syllables with their stress, and a letter for each rhyme."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from muse.poem.english.hearing import chime, spoken, words
from muse.tables.english import listing
from muse.terms import Lyrics, Syllable

_WORD = re.compile(r"'?[A-Za-z]+(?:['’][A-Za-z]+)*['’]?")
_SOUND = re.compile("tch|dg|sch|[cstpwg]h|ck|ng|qu|.")
_ONSETS = re.compile("[bcfgps]l|[bcdfgpt]r|[dts]w|s[kcmnpt]|thr|shr|s[tpc]r|spl")
"""Consonants that may begin a syllable together."""
_LAX = ("AE", "EH", "IH", "AH", "UH", "AA")
_MARKS = ",;:.!?—–"
REACH = 14
"""Lines that may lie between two that rhyme."""


def lyrics(lines: Sequence[str], stanzas: tuple[int, ...] = ()) -> Lyrics:
    """The poem as syllables to be sung: their letters, "-" after one that its word goes on from, stress and rhyme.

    A word of one syllable has the stress "1", a small one ("of", "the") "0"; a mark after a word is a pause.

    >>> [(one.text, one.accent) for one in lyrics(["The silver sea"]).syllables]
    [('The', '0'), ('sil-', '1'), ('ver', '0'), ('sea', '1')]
    """
    named = rhymes(lines)
    found = []
    for number, line in enumerate(lines):
        said = list(_WORD.finditer(line))
        sung: list[Syllable] = []
        for at, word in enumerate(said):
            after = line[word.end() : said[at + 1].start()] if at + 1 < len(said) else ""
            sung += [Syllable(text, number, stress) for text, stress in _syllables(word[0])]
            sung[-1] = replace(sung[-1], pause=any(mark in after for mark in _MARKS))
        if sung:
            sung[-1] = replace(sung[-1], rhyme=named[number])
        found += sung
    return Lyrics(tuple(found), tuple(stanzas))


def rhymes(lines: Sequence[str]) -> tuple[str, ...]:
    """For each line the letter of its rhyme, "" where it has none; after z come a1, b1 and so on.

    >>> rhymes(["The sea", "the land", "is free", "of song"])
    ('a', '', 'a', '')
    """
    ends = [words(line)[-1:] for line in lines]
    first = list(range(len(lines)))
    for at, end in enumerate(ends):
        for before in range(at - 1, max(-1, at - REACH), -1):
            if end and ends[before] and (end == ends[before] or chime(end[0], ends[before][0])):
                first[at] = first[before]
                break
    heads = [head for head in dict.fromkeys(first) if first.count(head) > 1]
    names = {head: chr(ord("a") + at % 26) + (str(at // 26) if at >= 26 else "") for at, head in enumerate(heads)}
    return tuple(names.get(head, "") for head in first)


def _syllables(word: str) -> list[tuple[str, str]]:
    """The syllables of a word with their stress, as its first reading has them."""
    low = word.lower().replace("’", "'")
    readings = spoken(low)
    stresses = readings[0].stresses if readings else []
    if len(stresses) < 2:
        return [(word, "0" if low in listing("small") else "1")]
    end = re.search(r"(['’](s|d|ll|st)?)?$", word)  # apostrophes are no vowels of their own
    stem = word[: end.start()] if end else word
    vowels = [phone for phone in readings[0].phones if phone[-1].isdigit()]
    pieces = cut(stem, len(stresses), [phone[:2] in _LAX and phone[-1] != "0" for phone in vowels])
    pieces[-1] += word[len(stem) :]
    return [
        (piece + ("-" if at + 1 < len(pieces) else ""), str(stresses[at])) for at, piece in enumerate(pieces)
    ]  # fmt: skip


def cut(word: str, count: int, lax: Sequence[bool] = ()) -> list[str]:
    """The letters of a word in so many pieces, each with a vowel where the spelling allows it.

    Args:
        lax: of each syllable, whether its vowel wants a consonant after it (whis-per, but de-cline); by default all do.

    >>> cut("whispered", 2), cut("memory", 3), cut("father", 2), cut("being", 2)
    (['whis', 'pered'], ['me', 'mo', 'ry'], ['fa', 'ther'], ['be', 'ing'])
    """
    groups = [match.span() for match in re.finditer("[aeiouyAEIOUY]+", word)]
    while len(groups) > count:  # a silent e at the end or before d and s, else the shortest group
        silent = [at for at, (begin, end) in enumerate(groups) if at and word[begin:end] == "e" and len(word) - end < 2]
        groups.pop(silent[-1] if silent else min(range(1, len(groups)), key=lambda at: groups[at][1] - groups[at][0]))
    while len(groups) < count:
        wide = max(range(len(groups)), key=lambda at: groups[at][1] - groups[at][0], default=-1)
        if wide < 0 or groups[wide][1] - groups[wide][0] < 2:
            step = max(1, len(word) // count)
            return [word[at * step : (at + 1) * step if at + 1 < count else None] for at in range(count)]
        begin, end = groups[wide]
        groups[wide : wide + 1] = [(begin, begin + 1), (begin + 1, end)]
    wants = [*lax, *[True] * count]
    bounds = [0, *(_bound(word, left[1], right[0], want) for (left, right), want in
                   zip(pairwise(groups), wants, strict=False)), len(word)]  # fmt: skip
    return [word[a:b] for a, b in pairwise(bounds)]


def _bound(word: str, begin: int, end: int, lax: bool) -> int:
    """Where a syllable ends between two vowels: after a silent e, else before what may begin the next one."""
    between = word[begin:end].lower()
    if "e" in between:
        return begin + between.index("e") + 1
    sounds = _SOUND.findall(between)
    if len(sounds) < 2:
        return end - len(between) * (between not in ("ck", "ng", "x"))
    if word[end - 1 :].lower() in ("le", "led", "les"):
        return end - (1 if between.endswith("ckl") else 2)
    most = len(sounds) - lax
    right = next(n for n in (3, 2, 1) if n <= most and (n == 1 or _ONSETS.fullmatch("".join(sounds[-n:]))))
    return end - len("".join(sounds[-right:]))
