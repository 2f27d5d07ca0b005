"""A score as an automaton over tokens: every poem it lets through keeps its form, and it never runs into a wall.

It is built as tables (`muse.constraint.Tables`), which `muse.walk` and native code follow. A token is allowed only if
a whole poem can still follow:

- Tones. A state holds, for each variant still possible (an opening), the tone endings that would make the line fit.
  Strict: whatever reading each character has, the line must fit, so the endings that suit every reading so far count.
  Not strict: one reading is enough, so those that suit any. Both are exact, and a state with no endings is none.
- Rhyme, see `muse.poem.rhyming`. A group of the rhyme book is a set; it stays open while it has as many unused rhyme
  words as places are left to rhyme. Rhyme words never come back.
- Repetition. Where the score says so no character comes twice, but for the doublings that verse likes (萧萧), and a
  character that would take the last rhyme word away is spared.
- Given characters stand in their places and nowhere else, forbidden words in no line; what leads to a wall is cut off.
- Marks before the lines are written as the model has read them. Lines that it has read are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from muse.constraint import Refused, Tables
from muse.errors import WishError
from muse.poem.rhyming import Rhymes, rhymes_of
from muse.poem.score import Score
from muse.poem.sounds import BOTH, LEVEL, NEVER, OBLIQUE, Characters
from muse.walk import Walk

DOUBLES = {5: (1, 4), 7: (1, 3, 6)}
"""Where the second of two may stand, by the width of the line."""
NOVEL_FROM = 5
"""Shorter lines are common property: they are never refused."""
ANY = 4
Place = tuple[int, int]
"""(line, place in the line), both from 0."""
Endings = tuple[tuple[int, int], ...]
"""For each variant still possible the tone endings of the line, bit e set for an ending with the tones e, LEVEL = 1."""
_Key = tuple[int, int, Endings, str]


class NoWay(WishError):
    """No poem meets the demands; `at` is the place that none can pass."""

    def __init__(self, what: str, why: str = "", next_step: str = "", at: Place = (0, 0)) -> None:
        super().__init__(what, why, next_step)
        self.at = at


@dataclass(frozen=True)
class Demands:
    """What a poem must hold or lack besides keeping its score.

    Attributes:
        fixed: the characters of some places.
        words: of two characters or more, in no line.
        rhymes: for letters of the score the rhymes to choose from.
        lenient: fixed places that are read as the form asks though all readings should fit.
        relaxed: fixed places whose tone and rhyme do not count.
    """

    fixed: Mapping[Place, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    rhymes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    lenient: frozenset[Place] = frozenset()
    relaxed: frozenset[Place] = frozenset()


def automaton(
    score: Score, characters: Characters, demands: Demands | None = None, *, refused: Refused | None = None
) -> Walk:
    """The constraint of a score over a vocabulary.

    Args:
        refused: lines that are not written.

    Raises:
        WishError: no rhyme can carry the poem.
        NoWay: the demands leave nothing at some place.
    """
    asked = demands or Demands()
    rhymes = rhymes_of(score, characters, asked.fixed, asked.words, asked.rhymes, asked.relaxed)
    return _Builder(score, characters, asked, rhymes).walk(refused)


class _Builder:
    """Numbers the states as they are met; each is met before those that follow it."""

    def __init__(self, score: Score, characters: Characters, demands: Demands, rhymes: Rhymes) -> None:
        self.score, self.characters, self.demands, self.rhymes = score, characters, demands, rhymes
        vocabulary = characters.vocabulary
        self.marks = [score.outline.before(line, vocabulary) if line else [] for line in range(len(score.widths))]
        fixed = [vocabulary.encode(character)[0] for character in demands.fixed.values()]
        spelled = [token for word in demands.words for token in vocabulary.encode(word)]
        special = [*(token for marks in self.marks for token, _, _ in marks), *fixed, *spelled]
        self.own = {token: NEVER + 1 + index for index, token in enumerate(dict.fromkeys(special))}
        if len(self.own) > 255 - NEVER:
            raise WishError(
                "too many unlike characters are given", f"{len(self.own)} of them", "leave more places free"
            )
        self.classes = characters.classes.copy()
        for token, kind in self.own.items():
            self.classes[token] = kind
        self.some = np.bincount(self.classes, minlength=NEVER + 1 + len(self.own)) > 0
        size = np.bincount(self.classes, minlength=3)
        room = min(size[LEVEL], size[OBLIQUE])
        self.once = score.once and room >= 2 * sum(score.widths)
        self.unique = self.once or room >= 2 * len(score.widths) + 8
        held = set(fixed) if self.once else set()
        self.spelled = {
            token: vocabulary.tokens[token]
            for token in self.own
            if token >= vocabulary.first and token not in held and characters.classes[token] != NEVER
        }
        self.fixed = set(fixed)
        self.beginnings = {word[:size] for word in demands.words for size in range(1, len(word))}
        self.number: dict[_Key, int] = {}
        self.order: list[_Key] = []

    def walk(self, refused: Refused | None) -> Walk:
        self._state(0, 0, self._line(0, tuple(range(len(self.score.variants)))))
        plain, bound = [], []
        for key in self.order:  # grows on the way
            free, rhyming = self._moves(*key)
            plain.append(free)
            bound.append(rhyming)
        table = np.array(plain, np.int32), np.array(bound, np.int32)
        self._prune(*table)
        return Walk(self._tables(*table, refused))

    def _state(self, line: int, place: int, endings: Endings, tail: str = "") -> int:
        key = (line, place, endings, tail)
        if key not in self.number:
            self.number[key] = len(self.order)
            self.order.append(key)
        return self.number[key]

    def _line(self, line: int, variants: tuple[int, ...]) -> Endings:
        """All tone patterns of a line, for each variant; those that go on alike are one."""
        if line == len(self.score.widths):
            return ()
        first: dict[object, int] = {}
        for variant in variants:
            first.setdefault(self.score.variants[variant][line:], variant)
        return tuple((variant, self.score.variants[variant][line].patterns) for variant in first.values())

    def _after(self, line: int, place: int, endings: Endings, tail: str) -> int:
        """The state after a character; −1 where no line of the score goes on so."""
        if not endings:
            return -1
        if place < self.score.widths[line] - 1:
            return self._state(line, place + 1, endings, tail)
        line += 1
        begin = -len(self.marks[line]) if line < len(self.marks) else 0
        return self._state(line, begin, self._line(line, tuple(variant for variant, _ in endings)))

    def _moves(self, line: int, place: int, endings: Endings, tail: str) -> tuple[list[int], list[int]]:
        """The next state by class of token: without and with a rhyme."""
        classes = len(self.some)
        free, rhyming = [-1] * classes, [-1] * classes
        if line == len(self.score.widths):
            return free, rhyming
        if place < 0:
            token = self.marks[line][place][0]
            free[self.own[token]] = self._state(line, place + 1, endings)
            return free, rhyming
        if character := self.demands.fixed.get((line, place)):
            (token,) = self.characters.vocabulary.encode(character)
            after = self._step(line, place, endings, self._reading(line, place, character))
            if (rest := self._tail(tail, character)) is not None:
                free[self.own[token]] = self._after(line, place, after, rest)
            return free, rhyming
        for kind in (LEVEL, OBLIQUE, BOTH):
            to, rhymed = self._unbound(line, place, endings, kind)
            free[kind], rhyming[kind] = (self._after(line, place, found, "") for found in (to, rhymed))
            for token, character in self.spelled.items():
                if self.characters.classes[token] == kind and (rest := self._tail(tail, character)) is not None:
                    own = self.own[token]
                    free[own] = self._after(line, place, to, rest)
                    rhyming[own] = -1 if token in self.fixed else self._after(line, place, rhymed, rest)
        return free, rhyming

    def _unbound(self, line: int, place: int, endings: Endings, kind: int) -> tuple[Endings, Endings]:
        """The endings after a character of a class in a free place: where it need not rhyme, and where it must.

        At a line's end the tone says whether it rhymes. Where one of two readings is enough, a character of both tones
        is read as the place asks, oblique where the first line need not rhyme.
        """
        found = [self._step(line, place, endings, kind)]
        if kind == BOTH and not self.characters.strict and place == self.score.widths[line] - 1:
            found = [self._step(line, place, endings, tone) for tone in (LEVEL, OBLIQUE)]
        to: Endings = ()
        rhymed: Endings = ()
        for each in found:
            lettered = tuple(one for one in each if place == self.score.widths[line] - 1
                             and self.score.variants[one[0]][line].rhyme)  # fmt: skip
            rhymed += tuple(one for one in lettered if one not in rhymed)
            to += tuple(one for one in each if one not in lettered and one not in to)
        return to, rhymed

    def _reading(self, line: int, place: int, character: str) -> int:
        tones = self.characters.tones(character)
        if not tones or (line, place) in self.demands.relaxed:
            return ANY
        if len(tones) == 1:
            return LEVEL if True in tones else OBLIQUE
        return ANY if (line, place) in self.demands.lenient else BOTH

    def _step(self, line: int, place: int, endings: Endings, tone: int) -> Endings:
        """The endings that are left after a tone; () where no line of the score could follow."""
        half = 1 << (self.score.widths[line] - 1 - place)  # endings that begin level have the upper half of the codes
        found = []
        for variant, codes in endings:
            level, oblique = codes >> half, codes & ((1 << half) - 1)
            both = level & oblique if self.characters.strict and tone == BOTH else level | oblique
            if left := (level, oblique, both, 0, level | oblique)[tone]:
                found.append((variant, left))
        return tuple(found)

    def _tail(self, tail: str, character: str) -> str | None:
        """The longest end of the line so far that begins a forbidden word; None where it is one."""
        text = tail + character
        if any(text.endswith(word) for word in self.demands.words):
            return None
        return next((text[at:] for at in range(len(text)) if text[at:] in self.beginnings), "")

    def _prune(self, plain: npt.NDArray[np.int32], bound: npt.NDArray[np.int32]) -> None:
        """Cut off what leads to a wall: from the end backward, states from which no end can be reached."""
        alive = np.zeros(len(self.order) + 1, np.bool_)  # the last one stands for −1
        end = len(self.score.widths)
        for number in range(len(self.order) - 1, -1, -1):
            for moves in (plain[number], bound[number]):
                moves[~alive[moves] | ~self.some] = -1
            alive[number] = self.order[number][0] == end or bool(
                (plain[number] >= 0).any() or (bound[number] >= 0).any()
            )
        if not alive[0]:
            at = max((line, place) for line, place, _, _ in self.order)
            raise NoWay(
                f"nothing fits at line {at[0] + 1}, place {at[1] + 1}", "the wishes contradict each other", at=at
            )

    def _tables(self, plain: npt.NDArray[np.int32], bound: npt.NDArray[np.int32], refused: Refused | None) -> Tables:
        widths, rhymes = self.score.widths, self.rhymes
        line = np.array([key[0] for key in self.order])
        at = np.array([key[1] for key in self.order])
        width = np.array([*widths, 1])[line]
        final = line == len(widths)
        writes = (at >= 0) & ~final
        given = np.array([(one, place) in self.demands.fixed for one, place, _, _ in self.order])
        binds = (bound >= 0).any(1)
        asks = binds | (writes & self.once)

        return Tables(
            begin=0,
            open=rhymes.open,
            classes=self.classes,
            sets=rhymes.sets,
            doubled=self.characters.doubled,
            plain=plain,
            bound=bound,
            place=np.array([self._place(*key[:2]) for key in self.order], np.int32),
            left=np.array([rhymes.left(one) if ask else 0 for one, ask in zip(line, asks, strict=True)], np.int32),
            scope=np.array([rhymes.scope(one) if ask else 0 for one, ask in zip(line, asks, strict=True)], np.uint64),
            renews=binds & np.array([rhymes.renews(one) for one in line]),
            unique=writes & ~given & (binds | self.unique),
            remembers=writes & self.once,
            spares=writes & ~given & ~binds & self.once,
            again=np.array([place in DOUBLES.get(size, ()) for place, size in zip(at, width, strict=True)])
            & self.once
            & ~given,
            opens=at == 0,
            closes=(at == width - 1) & (width >= NOVEL_FROM) & ~final,
            final=final,
            refused=refused,
        )

    def _place(self, line: int, place: int) -> Place:
        if line == len(self.score.widths):
            return line, self.score.widths[-1]
        return (line + 1, place) if place >= 0 else self.marks[line][place][1:]
