"""What form a poem of the corpus has: which line ends chime, how its lines step. A quick reading, to label data.

The referee (`muse.poem.english.referee`) judges by rules of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from muse.tables.english import listing, pronunciations

_SMALL = listing("small")
_QUATRAINS = {"AABB", "ABAB", "ABBA", "ABCB", "AAAA"}
_TEMPLATES = {
    "iambic": ((-1.0, 1.0),), "trochaic": ((1.0, -1.0),),
    "triple": ((-0.5, -0.5, 1.0), (1.0, -0.5, -0.5), (-0.5, 1.0, -0.5)),
}  # fmt: skip


@lru_cache(maxsize=1 << 18)
def weights(word: str) -> tuple[float, ...]:
    """How strong each syllable of a word is, −1 to 1: a polysyllable by its stress, a monosyllable by its kind."""
    found = pronunciations(word)
    stress = found[0].stress if found else "1" + "0" * (len(re.findall("[aeiouy]+", word)) - 1)
    if len(stress) <= 1:
        return (-0.4 if word in _SMALL else 0.4,)
    return tuple({"1": 1.0, "2": 0.0, "0": -1.0}[digit] for digit in stress)


@lru_cache(maxsize=1 << 18)
def chimes(word: str) -> frozenset[str]:
    """Keys of which two rhyming words share one: rimes, of a promoted last syllable too, and what looks alike."""
    keys: set[str] = set()
    for said in pronunciations(word):
        keys.add(said.rime)
        if (len(said.stress) > 2 and said.stress[-2] == "0") or said.stress.endswith("2"):
            keys.add(said.tail)
    ending = re.search(r"[aeiouy]+[^aeiouy]*e?$", word)
    if ending and len(ending.group()) >= 3:
        keys.add("~" + ending.group())
    return frozenset(keys)


def letters(ends: Sequence[str], breaks: Sequence[int] = (), reach: int = 4) -> list[int]:
    """For each line end the number of its rhyme: lines that chime within `reach` lines of a stanza share it.

    >>> letters(["sea", "sand", "free", "land"])
    [0, 1, 0, 1]
    """
    found: list[int] = []
    fresh, start = 0, 0
    for at, end in enumerate(ends):
        start = at if at in breaks else start
        same = next(
            (back for back in range(at - 1, max(start, at - reach) - 1, -1) if chimes(end) & chimes(ends[back])), -1
        )
        found.append(found[same] if same >= 0 else fresh)
        fresh += same < 0
    return found


def spelt(numbers: Sequence[int]) -> str:
    """
    >>> spelt([4, 5, 4, 5])
    'ABAB'
    """
    names: dict[int, str] = {}
    return "".join(names.setdefault(number, chr(ord("A") + len(names))) for number in numbers)


def rhyming(numbers: Sequence[int]) -> float:
    """The share of lines that rhyme with another."""
    count = Counter(numbers)
    return sum(count[number] > 1 for number in numbers) / max(1, len(numbers))


def scheme(ends: Sequence[str], breaks: Sequence[int]) -> str:
    """One of the names of `muse.poem.english.vocabulary.SCHEMES` other than those of sonnets."""
    numbers = letters(ends, breaks)
    share = rhyming(numbers)
    if share < 0.25:
        return "none"
    bounds = [0, *breaks, len(ends)]
    stanzas = [spelt(numbers[a:b]) for a, b in pairwise(bounds) if b > a]
    common, times = Counter(stanzas).most_common(1)[0]
    if times * 2 >= len(stanzas) and common in _QUATRAINS | {"AABBA", "AAA", "ABA"}:
        return common
    pairs = sum(a == b for a, b in zip(numbers[::2], numbers[1::2], strict=False))
    if pairs * 2 >= 0.8 * len(numbers):
        return "AABB"
    fours = Counter(spelt(numbers[at : at + 4]) for at in range(0, len(numbers) - 3, 4))
    if fours and fours.most_common(1)[0][1] >= 0.6 * sum(fours.values()) and fours.most_common(1)[0][0] in _QUATRAINS:
        return fours.most_common(1)[0][0]
    return "other"


def sonnet(ends: Sequence[str]) -> str:
    """The scheme of 14 lines: shakespearean, petrarchan or other."""

    def alike(groups: str) -> float:
        right = [
            bool(chimes(ends[a]) & chimes(ends[b]))
            for a in range(len(groups))
            for b in range(a)
            if groups[a] == groups[b]
        ]
        return sum(right) / len(right)

    if alike("ABABCDCDEFEFGG") >= 0.7:
        return "shakespearean"
    return "petrarchan" if alike("ABBAABBA") >= 0.6 else "other"


def feet(lines: Sequence[Sequence[str]]) -> tuple[str, str]:
    """(foot, length): names of FEET and LENGTHS of `muse.poem.english.vocabulary`, for the words of each line."""
    sounded = [[weight for word in line for weight in weights(word)] for line in lines]
    sounded = [line for line in sounded if line]
    if not sounded:
        return "loose", "mixed"
    fits = {name: sum(_fit(line, name) for line in sounded) / len(sounded) for name in _TEMPLATES}
    foot = max(fits, key=lambda name: fits[name])
    if fits[foot] < 0.35:
        foot = "loose"
    counts = [_feet(line, foot) for line in sounded]
    odd, even = (Counter(counts[start::2]).most_common(1) or [(0, 0)] for start in (0, 1))
    if odd[0][0] == 4 and even[0][0] == 3 and odd[0][1] + even[0][1] >= 0.6 * len(counts):
        return foot, "4-3"
    most, times = Counter(counts).most_common(1)[0]
    return foot, str(most) if times >= 0.6 * len(counts) and 2 <= most <= 7 else "mixed"


def _fit(line: Sequence[float], name: str) -> float:
    """How well a line follows a foot, at the better start."""
    norm = sum(abs(weight) for weight in line) or 1.0
    return max(
        sum(weight * template[at % len(template)] for at, weight in enumerate(line)) / norm
        for template in _TEMPLATES[name]
    )


def _feet(line: Sequence[float], foot: str) -> int:
    if foot == "triple":
        return round(len(line) / 3 + 0.1)
    return (len(line) + (foot == "trochaic")) // 2
