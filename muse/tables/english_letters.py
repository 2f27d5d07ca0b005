"""How an English word that nobody listed is probably said: a small model of letters and phones, from the dictionary.

A unit is a letter with the no, one or two phones that it is said as; a word is the likeliest row of units, by n-grams
with absolute discounting. Source: Bisani & Ney 2008, "Joint-sequence models for grapheme-to-phoneme conversion", with
one letter a unit. `english_letters.bin` beside this file is made by `corpora/make_letters.py`.
"""

from __future__ import annotations

import math
import zlib
from collections import defaultdict
from functools import cache
from pathlib import Path

ORDER = 6
EDGE = "\x7f"
FIRST = 0x100
BEAM = 10
DISCOUNT = 0.7
_STEP = 12.0


class Letters:
    """The model: grams of units, and what each costs."""

    def __init__(self, packed: bytes) -> None:
        head, grams, rest = zlib.decompress(packed).split(b"\0", 2)
        units = [line.partition(" ") for line in head.decode("ascii").split("\n")]
        self.code = {chr(FIRST + at): code for at, (_, _, code) in enumerate(units)}
        self.units: dict[str, list[str]] = defaultdict(list)
        for at, (letter, _, _) in enumerate(units):
            self.units[letter].append(chr(FIRST + at))
        ends = grams.decode("utf-8").split("\n")
        self.count: dict[str, float] = {}
        gram = ""
        for end, same, number in zip(ends, rest[: len(ends)], rest[len(ends) :], strict=True):
            gram = gram[:same] + end
            self.count[gram] = 2 ** (number / _STEP)
        self.left: dict[str, float] = defaultdict(lambda: 1.0)
        for gram, found in self.count.items():
            if len(gram) > 1:
                self.left[gram[:-1]] -= max(0.0, found - DISCOUNT) / self.count[gram[:-1]]
        self.total = sum(found for gram, found in self.count.items() if len(gram) == 1)
        self.chance = cache(self._chance)

    def _chance(self, before: str, unit: str) -> float:
        """p(unit | units before)"""
        share = 0.0
        weight = 1.0
        for at in range(len(before)):
            context = before[at:]
            if (total := self.count.get(context)) is None:
                continue
            found = self.count.get(context + unit)
            if found is not None:
                share += weight * max(0.0, found - DISCOUNT) / total
            weight *= max(1e-4, self.left[context])
        return share + weight * self.count.get(unit, 0.1) / self.total

    def said(self, word: str) -> str:
        """The likeliest code of a word in small letters, "" where a letter is none that is ever said."""
        beam = [(0.0, EDGE, "")]
        for letter in word:
            grown = [
                (cost - math.log(self.chance(units[1 - ORDER :], unit)), units + unit, code + self.code[unit])
                for cost, units, code in beam
                for unit in self.units.get(letter, ())
            ]
            beam = sorted(grown)[:BEAM]
        whole = [(cost - math.log(self.chance(units[1 - ORDER :], EDGE)), code) for cost, units, code in beam]
        return min(whole)[1] if whole else ""


def pack(pairs: list[tuple[str, str]], grams: dict[str, int]) -> bytes:
    """The table of a model.

    Args:
        pairs: letter and code of each unit, in the order of their characters from FIRST on.
        grams: rows of units, each with the row without its last unit among them, and how often they stand.
    """
    order = sorted(grams)
    same = [0] * len(order)
    for at in range(1, len(order)):
        before, gram = order[at - 1], order[at]
        while same[at] < min(len(before), len(gram)) and before[same[at]] == gram[same[at]]:
            same[at] += 1
    head = "\n".join(f"{letter} {code}" for letter, code in pairs).encode("ascii")
    ends = "\n".join(gram[cut:] for gram, cut in zip(order, same, strict=True)).encode("utf-8")
    numbers = bytes(min(255, round(_STEP * math.log2(grams[gram]))) for gram in order)
    return zlib.compress(b"\0".join((head, ends, bytes(same) + numbers)), 9)


@cache
def letters() -> Letters:
    """The model that lies beside this file."""
    return Letters(Path(__file__).with_name("english_letters.bin").read_bytes())
