"""What the automaton knows of a vocabulary, whatever the form: stresses and rhymes of its words, and what fits next."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from muse.poem.english.form import Line
from muse.poem.english.grammar import FOLLOWS, At, Joins, Kind, kinds
from muse.poem.english.sound import Sounds, fits, syllables
from muse.poem.english.vocabulary import LETTERS, Vocabulary

Place = tuple[int, int]
"""A template of a line, and how many of its syllables are filled from the end."""
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class End:
    """A word at the end of a rhymed line, as one rime has it: see `muse.poem.english.sound.Reading`."""

    onset: str
    stresses: frozenset[str]
    weak: int


class Book:
    """A vocabulary as the automaton sees it; made once."""

    def __init__(
        self, vocabulary: Vocabulary, strict: bool = True, columns: npt.NDArray[np.uint8] | None = None
    ) -> None:
        """
        Args:
            strict: what is asked of a word holds for each of its readings, not for one.
            columns: (V,) syllables of the tokens as a model learned them; None counts them anew.
        """
        self.vocabulary, self.strict = vocabulary, strict
        self.syllables = syllables(vocabulary) if columns is None else columns
        self.kept: dict[object, Any] = {}
        """What others made of the book and would make again."""

    @cached_property
    def kinds(self) -> npt.NDArray[np.uint8]:
        return kinds(self.vocabulary)

    @cached_property
    def sounds(self) -> Sounds:
        return Sounds.made(self.vocabulary, self.strict)

    @cached_property
    def of_kinds(self) -> dict[At, tuple[Mask, Mask]]:
        """By what was written last: the marks that may follow, and the words and pieces."""
        marks, words = {Kind.MARK, Kind.CAPITAL, Kind.HYPHEN}, {Kind.BEGIN, Kind.NAMED, Kind.INNER}
        return {
            at: (
                np.isin(self.kinds, list(marks.intersection(follows))),
                np.isin(self.kinds, list(words.intersection(follows))),
            )
            for at, follows in FOLLOWS.items()
        }

    @cached_property
    def classes(self) -> dict[frozenset[str], npt.NDArray[np.int64]]:
        """Tokens by the set of their stresses."""
        found: defaultdict[frozenset[str], list[int]] = defaultdict(list)
        for token, said in enumerate(self.sounds.of):
            if said:
                found[frozenset(reading.stress for reading in said)].append(token)
        return {stresses: np.array(tokens) for stresses, tokens in found.items()}

    @cached_property
    def rhymes(self) -> dict[str, tuple[int, ...]]:
        """Tokens that may end a rhymed line, by rime; where `strict`, those with one rime, onset and stress only."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for token, said in enumerate(self.sounds.of):
            ends = {(reading.rime, reading.onset, reading.weak) for reading in said if reading.stress[-1] not in "lf"}
            if ends and not (self.strict and (len(ends) > 1 or any(reading.stress[-1] in "lf" for reading in said))):
                for rime in {rime for rime, _, weak in ends if 0 <= weak <= 2}:
                    found[rime].append(token)
        return {rime: tuple(tokens) for rime, tokens in found.items()}

    @cached_property
    def ends(self) -> dict[tuple[int, str], End]:
        """What a token of `rhymes` is at a line's end, by token and rime."""
        found: dict[tuple[int, str], End] = {}
        for rime, tokens in self.rhymes.items():
            for token in tokens:
                said = [reading for reading in self.sounds.of[token] if reading.rime == rime]
                stresses = frozenset(reading.stress for reading in said)
                found[token, rime] = End(said[0].onset, stresses, said[0].weak)
        return found

    def onset(self, token: int, rime: str) -> str:
        return self.ends[token, rime].onset

    def step(self, places: frozenset[Place], stresses: frozenset[str], line: Line) -> frozenset[Place]:
        """The places after a word with these stresses, written before (left of) what stands there."""
        return _step(places, stresses, line.steps, self.strict)

    def plain(self, places: frozenset[Place], line: Line) -> Mask:
        """(V,) words that fit next."""
        return _plain(self, places, line.steps)

    def whole(self, places: frozenset[Place], line: Line) -> Mask:
        """(V,) words after which the line may be whole."""
        return _whole(self, places, line.steps)

    @cached_property
    def spoken(self) -> Mask:
        """(V,) whole words of which a reading is known."""
        return np.array([bool(said) for said in self.sounds.of])

    @cached_property
    def heads(self) -> dict[str, Mask]:
        """(V,) by letter, the words that begin with it."""
        return self._lettered(0)

    @cached_property
    def tails(self) -> dict[str, Mask]:
        """(V,) by letter, the words that end with it."""
        return self._lettered(-1)

    def _lettered(self, at: int) -> dict[str, Mask]:
        letters = [(text.strip("'").lower() or "'")[at] for text in self.vocabulary.tokens]
        return {letter: self.spoken & np.array([found == letter for found in letters]) for letter in LETTERS[:26]}

    @cached_property
    def joins(self) -> Joins:
        return Joins(self.vocabulary, [said[0].vowel if said else None for said in self.sounds.of])

    def ended(self, token: int, rime: str, line: Line) -> frozenset[Place]:
        """The places after a word at the end of a rhymed line: its primary stress stands on the last strong place."""
        end = self.ends[token, rime]
        return _ended(end.stresses, end.weak, line.steps, self.strict)


@lru_cache(maxsize=1 << 12)
def _ended(stresses: frozenset[str], weak: int, steps: tuple[str, ...], strict: bool) -> frozenset[Place]:
    def closes(step: str) -> bool:
        """Whether the word's last primary stress falls on the last strong place."""
        return "S" not in step or len(step) - 1 - step.rfind("S") == weak

    begun = frozenset((number, 0) for number, step in enumerate(steps) if closes(step))
    return _step(begun, stresses, steps, strict)


@lru_cache(maxsize=1 << 16)
def _step(places: frozenset[Place], stresses: frozenset[str], steps: tuple[str, ...], strict: bool) -> frozenset[Place]:
    after: set[Place] = set()
    for number, filled in places:
        step = steps[number]
        fitting = set()
        for stress in stresses:
            begin = len(step) - filled - len(stress)
            if begin >= 0 and fits(stress, step[begin : begin + len(stress)]):
                fitting.add(filled + len(stress))
            elif strict:
                fitting.clear()
                break
        after |= {(number, place) for place in fitting}
    return frozenset(after)


@lru_cache(maxsize=1 << 12)
def _plain(book: Book, places: frozenset[Place], steps: tuple[str, ...]) -> Mask:
    found = np.zeros(len(book.vocabulary), np.bool_)
    opening = all(filled == 0 for _, filled in places)
    for stresses, tokens in book.classes.items():
        if opening and stresses & {"l", "f"} and steps[0][0] != "x":
            continue  # a small word is no line end
        if _step(places, stresses, steps, book.strict):
            found[tokens] = True
    return found


@lru_cache(maxsize=1 << 12)
def _whole(book: Book, places: frozenset[Place], steps: tuple[str, ...]) -> Mask:
    found = np.zeros(len(book.vocabulary), np.bool_)
    for stresses, tokens in book.classes.items():
        after = _step(places, stresses, steps, book.strict)
        found[tokens] = any(filled == len(steps[number]) for number, filled in after)
    return found
