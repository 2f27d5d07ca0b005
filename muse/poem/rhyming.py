"""The rhymes of a score as bits: each rhyme letter asks for one group of the rhyme book, unlike letters for their own.

A letter whose rhymes are level has the level groups to choose from, one whose rhymes are oblique those of 上去 and
of 入, and one that has both (平仄通叶) what both tones share. Letters that are under way at the same time have bits of
their own; one that begins after another has ended takes over its bits. There are 64: where a book has more groups the
largest are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from muse.errors import WishError
from muse.poem.score import Score
from muse.poem.sounds import Bits, Characters
from muse.tables.books import BOOKS, family

MOST = 64


@dataclass(frozen=True, eq=False)
class Rhymes:
    """What the tables of a score say of rhyme.

    Attributes:
        open: the bits of all groups to choose from.
        sets: (V,) uint64.
        letters: of each line, "" where none.
        scopes: of each letter its bits.
        free: of each letter the lines, from 0, whose rhyme word is to be chosen.
        later: letters that take over bits.
    """

    open: int
    sets: npt.NDArray[np.uint64]
    letters: tuple[str, ...]
    scopes: Mapping[str, int]
    free: Mapping[str, tuple[int, ...]]
    later: frozenset[str]

    def letter(self, line: int) -> str:
        """The rhyme that a line asks, or that the next rhyming line will."""
        return next((letter for letter in self.letters[line:] if letter), "")

    def left(self, line: int) -> int:
        """Rhyme words that are still to be chosen from a line on."""
        return sum(one >= line for one in self.free.get(self.letter(line), ()))

    def scope(self, line: int) -> int:
        return self.scopes.get(self.letter(line), 0)

    def renews(self, line: int) -> bool:
        letter = self.letter(line)
        return letter in self.later and self.free[letter][:1] == (line,)


@dataclass(frozen=True, slots=True)
class _Letter:
    """One rhyme of a score: its tones ("平", "仄" or both), its lines, those with a word to choose, and its groups."""

    name: str
    tones: str
    lines: tuple[int, ...]
    free: tuple[int, ...]
    groups: tuple[str, ...]


def rhymes_of(
    score: Score,
    characters: Characters,
    fixed: Mapping[tuple[int, int], str],
    words: Iterable[str],
    wished: Mapping[str, frozenset[str]],
    relaxed: frozenset[tuple[int, int]] = frozenset(),
) -> Rhymes:
    """The rhymes of a score over a vocabulary.

    Raises:
        WishError: a letter has no group with words enough, or its fixed words do not rhyme.
    """
    spoken = {character for character in fixed.values()} | {word[-1] for word in words}
    barred = [token for token in characters.vocabulary.encode("".join(spoken)) if token >= characters.vocabulary.first]
    free_tokens = np.ones(len(characters.vocabulary), np.bool_)
    free_tokens[barred] = False
    letters = [
        _letter(name, score, characters, fixed, wished.get(name), relaxed, free_tokens)
        for name in dict.fromkeys(line.rhyme for lines in zip(*score.variants, strict=True) for line in lines)
        if name
    ]
    slots: dict[tuple[str, int], int] = {}  # (tones, slot) → the line in which its letter ends
    slot_of: dict[str, tuple[str, int]] = {}
    later = set()
    for letter in sorted(letters, key=lambda letter: letter.lines):
        own = [slot for slot in slots if slot[0] == letter.tones]
        ended = next((slot for slot in own if slots[slot] < letter.lines[0]), None)
        slot = ended or (letter.tones, len(own))
        if ended:
            later.add(letter.name)
        slots[slot], slot_of[letter.name] = letter.lines[-1], slot
    names = _kept(letters, slots, characters)
    sets = np.zeros(len(characters.vocabulary), np.uint64)
    first: dict[tuple[str, int], int] = {}
    used = 0
    for slot in slots:
        first[slot] = used
        for name in names[slot[0]]:
            sets[_members(name, slot[0], characters) & free_tokens] |= np.uint64(1 << used)
            used += 1
    scopes = {
        letter.name: sum(1 << first[slot_of[letter.name]] + at
                         for at, name in enumerate(names[letter.tones]) if name in letter.groups)
        for letter in letters
    }  # fmt: skip
    of_line = tuple(
        next((line.rhyme for line in lines if line.rhyme), "") for lines in zip(*score.variants, strict=True)
    )
    free = {letter.name: letter.free for letter in letters}
    return Rhymes(sum(1 << bit for bit in range(used)) & _joined(scopes, slot_of, slots), sets, of_line, scopes, free,
                  frozenset(later))  # fmt: skip


def _joined(scopes: Mapping[str, int], slot_of: Mapping[str, tuple[str, int]], slots: Iterable[tuple[str, int]]) -> int:
    """The bits of the letter that has each slot first."""
    found = 0
    for slot in slots:
        found |= next(scopes[name] for name, own in slot_of.items() if own == slot)
    return found


def _letter(
    name: str,
    score: Score,
    characters: Characters,
    fixed: Mapping[tuple[int, int], str],
    wished: frozenset[str] | None,
    relaxed: frozenset[tuple[int, int]],
    free_tokens: Bits,
) -> _Letter:
    rhymed = {number: {tone for line in lines if line.rhyme == name for tone in _ends(line.patterns)}
              for number, lines in enumerate(zip(*score.variants, strict=True))
              if any(line.rhyme == name for line in lines)}  # fmt: skip
    tones = "".join(sorted({tone for found in rhymed.values() for tone in found}))
    ends = {line: (line, score.widths[line] - 1) for line in rhymed}
    free = tuple(line for line, end in ends.items() if end not in fixed)
    groups = tuple(characters.families) if len(tones) == 2 else tuple(
        group for group, level in characters.level.items() if level == (tones == "平")
    )  # fmt: skip
    if wished is not None:
        groups = tuple(
            group for group in groups if group in wished or any(_shared(one, group, characters) for one in wished)
        )
        if not groups:
            tone = "level" if tones == "平" else "oblique"
            raise WishError(
                f"the poem cannot rhyme in {'、'.join(sorted(wished))}",
                f"its rhymes are {tone}",
                "choose another rhyme",
            )
    told = []
    for line, end in ends.items():
        if end in fixed and end not in relaxed and (readings := characters.readings(fixed[end])):
            held = {one.rhyme if len(tones) == 1 else family(one.rhyme, characters.book) for one in readings}
            told.append(f"line {line + 1} ends in {fixed[end]} ({'、'.join(sorted(held))})")
            groups = tuple(group for group in groups if group in held)
    if not groups:
        raise WishError("the given rhyme words do not rhyme", "; ".join(told) + f", by {BOOKS[characters.book]}",
                        "change one of them, or choose another rhyme book")  # fmt: skip
    need = len(free)
    large = tuple(group for group in groups if _size(group, tones, characters, free_tokens) >= need)
    if not large:
        raise WishError(
            "no rhyme group can carry the poem", f"none has {need} rhyme words here", "choose another rhyme"
        )
    return _Letter(name, tones, tuple(rhymed), free, large)


def _ends(patterns: int) -> set[str]:
    """The tones in which some of the patterns end."""
    size = max(patterns.bit_length(), 2)
    level = sum(1 << bit for bit in range(1, size, 2))
    return {tone for tone, some in (("平", patterns & level), ("仄", patterns & ~level)) if some}


def _shared(one: str, group: str, characters: Characters) -> bool:
    return characters.book != "pingshui" and group == family(one, characters.book)


def _members(group: str, tones: str, characters: Characters) -> Bits:
    return characters.families[group] if len(tones) == 2 else characters.rhymes[group]


def _size(group: str, tones: str, characters: Characters, free_tokens: Bits) -> int:
    """The words to choose from in a group, in the tone that has fewer."""
    if len(tones) == 1:
        return int((characters.rhymes[group] & free_tokens).sum())
    return min(int((tokens & free_tokens).sum()) for name, tokens in characters.rhymes.items()
               if family(name, characters.book) == group)  # fmt: skip


def _kept(letters: list[_Letter], slots: Mapping[tuple[str, int], int], characters: Characters) -> dict[str, list[str]]:
    """For each kind of rhyme the groups that have bits, the largest where there are too many."""
    times = {tones: sum(slot[0] == tones for slot in slots) for tones, _ in slots}
    names = {}
    for tones in times:
        own = [letter for letter in letters if letter.tones == tones]
        every = dict.fromkeys(group for letter in own for group in letter.groups)
        # a group that a letter depends on comes first, then the larger ones
        names[tones] = sorted(every, key=lambda group: (
            -max(group in letter.groups and len(letter.groups) < 4 for letter in own),
            -int(_members(group, tones, characters).sum()),
        ))  # fmt: skip
    while sum(times[tones] * len(found) for tones, found in names.items()) > MOST:
        names[max(names, key=lambda tones: times[tones] * len(names[tones]))].pop()
    return names
