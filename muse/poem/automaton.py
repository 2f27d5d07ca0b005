"""Regulated verse as an automaton over tokens: every poem it lets through is regular, and it never runs into a wall.

A state knows line and place, the tone patterns that are still open, the rhyme groups that are still open and the
characters already used. A token is allowed only if a whole poem can still follow:

- Tones. For each of the four openings the automaton keeps the set of tone prefixes that the line may have so far.
  Strict: whatever reading each character has, the line must be regular, so every prefix must be completable, all by
  the same tones. Not strict: one reading is enough. Both are computed exactly, backwards from the line's end.
- Rhyme. A group stays open while it has as many unused rhyme words as places are left to rhyme; a character that
  would take the last one away is not allowed. Rhyme words never come back.
- Repetition. No character comes twice, but for the doublings that verse likes (萧萧); `repeats=True` lifts this.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from muse.errors import WishError
from muse.poem.form import OPENINGS, Form, Opening, Pattern
from muse.poem.vocabulary import BREAK, UNKNOWN, Vocabulary
from muse.tables.rhyme import groups, readings

BLOCKED = "虏鞑獠猺獞倭蛮夷狄奴婢妓娼嫖淫"
"""Characters never written: slurs for peoples and for women and servants, which old verse holds."""

DOUBLED = (
    "悠萧纷年茫日寂依翩漠处青苍匆迢时区渺冥冉漫阴重夜离落亭堂行岁历寥霏飘家迟袅沉隐凄草扰森朝泠沈蒙耿娟萋潺潇片"
    "滔衮昏点盈郁杳去团声往浩层垂骎双脉深纤凛忽累溶飒劳猎丝细皎星涓兀淡叶瑟遥泛绵两枝腾毵黯巍斑村小曲步飕栖咄莽熙炯"
    "珊微碌疏欣滚叠煌峨个"
)
"""Characters that may come twice in a row: the corpus doubles them 150 times or more, and in 0.8 % of uses."""

DOUBLES = {5: (1, 4), 7: (1, 3, 6)}
"""Where the second of two may stand, by the width of the line."""

LEVEL, OBLIQUE, BOTH, NEITHER = range(4)
Tones = frozenset[tuple[Opening, frozenset[Pattern]]]


class State(NamedTuple):
    """Where a poem stands.

    Attributes:
        line, place: of the next token; place = width means the break after the line.
        tones: for each opening still possible, the tone prefixes of this line.
        groups: rhyme groups still open, as indices.
        used: characters that may not come again.
        last: the token before, −1 at a line's start.
    """

    line: int
    place: int
    tones: Tones
    groups: frozenset[int]
    used: frozenset[int]
    last: int


@dataclass(frozen=True)
class Tables:
    """What the automaton knows of a vocabulary.

    Attributes:
        tone: (V,) int8, LEVEL, OBLIQUE, BOTH, or NEITHER for what is never written.
        rhymes: level group → (V,) bool, the characters that rhyme in it (strict: under every reading).
        of: token → the groups in which it rhymes.
        doubled: tokens that may come twice in a row.
    """

    tone: npt.NDArray[np.int8]
    rhymes: dict[int, npt.NDArray[np.bool_]]
    of: dict[int, frozenset[int]]
    doubled: frozenset[int]

    @classmethod
    def build(cls, vocabulary: Vocabulary, strict: bool, blocked: Iterable[str] = BLOCKED) -> Tables:
        index = {reading.group: number for number, reading in enumerate(groups())}
        tone = np.full(len(vocabulary), NEITHER, np.int8)
        rhymes = {index[g.group]: np.zeros(len(vocabulary), np.bool_) for g in groups() if g.level}
        of: dict[int, frozenset[int]] = {}
        refused = set(blocked)
        for token in range(vocabulary.first, len(vocabulary)):
            known = readings(vocabulary.tokens[token])
            if not known or vocabulary.tokens[token] in refused:
                continue
            level = {reading.level for reading in known}
            tone[token] = BOTH if len(level) == 2 else LEVEL if True in level else OBLIQUE
            found = {index[reading.group] for reading in known if reading.level}
            if found and (not strict or (level == {True} and len(found) == 1)):
                of[token] = frozenset(found)
                for group in found:
                    rhymes[group][token] = True
        doubled = frozenset(vocabulary.encode(DOUBLED)) - {UNKNOWN}
        return cls(tone, rhymes, of, doubled)


class Regulated:
    """The constraint of one form over a vocabulary; see `muse.constraint.Constraint`."""

    def __init__(
        self,
        form: Form,
        vocabulary: Vocabulary,
        *,
        strict: bool = True,
        repeats: bool = False,
        openings: Sequence[Opening] = OPENINGS,
        rhyme: str | None = None,
        tables: Tables | None = None,
    ) -> None:
        """
        Args:
            strict: regular under every reading of every character, not under one.
            repeats: a character may come again in another place.
            openings: the openings to choose from.
            rhyme: a level group of 平水韵, such as "十一尤"; None leaves the choice open.
            tables: from `Tables.build`, to share them.

        Raises:
            WishError: no rhyme group has enough characters in this vocabulary.
        """
        self.form, self.strict, self.openings = form, strict, tuple(openings)
        self.tables = tables or Tables.build(vocabulary, strict)
        self.size = len(vocabulary)
        names = [reading.group for reading in groups()]
        self._rhymes = form.lines // 2 + 1
        self.groups = frozenset(
            group
            for group, members in self.tables.rhymes.items()
            if members.sum() >= self._rhymes and (rhyme is None or names[group] == rhyme)
        )
        if not self.groups:
            raise WishError(
                "no rhyme group can carry the poem", f"none has {self._rhymes} rhyme words here", "choose another rhyme"
            )
        classes = np.bincount(self.tables.tone, minlength=4)
        self.repeats = repeats or min(classes[LEVEL], classes[OBLIQUE]) < 2 * form.characters

    def start(self) -> State:
        return State(0, 0, self._fresh(frozenset(self.openings), 0), self.groups, frozenset(), -1)

    def done(self, state: State) -> bool:
        return state.line == self.form.lines - 1 and state.place == self.form.width

    def place(self, state: State) -> tuple[int, int]:
        return state.line + 1, state.place

    def mask(self, state: State) -> npt.NDArray[np.bool_]:
        if state.place == self.form.width:
            allowed = np.zeros(self.size, np.bool_)
            allowed[BREAK] = True
            return allowed
        level, oblique, both = (self._step(state, tone) is not None for tone in (LEVEL, OBLIQUE, BOTH))
        last = state.place == self.form.width - 1
        open_groups = self._open(state)
        if last and self.form.rhymed(state.line):
            allowed = self._rhyming(open_groups)
        elif last and state.line == 0:
            allowed = self._rhyming(open_groups) if level else np.zeros(self.size, np.bool_)
            if oblique:
                allowed = allowed | self._by_tone[False, True, both and not self.strict]
        else:
            allowed = self._by_tone[level, oblique, both].copy()
        if state.used:
            allowed[list(state.used)] = False
        rhyming = last and (state.line == 0 or self.form.rhymed(state.line))
        if not self.repeats and not rhyming and (scarce := self._scarce(state, open_groups)) is not None:
            allowed &= ~scarce
        if self._doubles(state, (level, oblique, both), open_groups):
            allowed[state.last] = True
        return allowed

    def advance(self, state: State, token: int) -> State:
        line, place = state.line, state.place
        if place == self.form.width:
            survivors = frozenset(opening for opening, _ in state.tones)
            return State(line + 1, 0, self._fresh(survivors, line + 1), state.groups, state.used, -1)
        tone = int(self.tables.tone[token])
        last = place == self.form.width - 1
        open_groups = state.groups
        rhymes = last and self.form.rhymed(line)
        if last and line == 0:
            # A character of both tones is read oblique where the first line need not rhyme.
            rhymes = tone == LEVEL or (tone == BOTH and self._step(state, OBLIQUE) is None)
            tone = LEVEL if rhymes else OBLIQUE
        elif rhymes and not self.strict:
            tone = LEVEL
        if rhymes:
            open_groups = self._open(state) & self.tables.of[token]
        tones = self._step(state, tone)
        assert tones is not None, "the token is not allowed here"
        used = state.used | {token} if rhymes or not self.repeats else state.used
        return State(line, place + 1, tones, open_groups, used, token)

    def _fresh(self, openings: frozenset[Opening], line: int) -> Tones:
        return frozenset((opening, frozenset({()})) for opening in openings)

    def _step(self, state: State, tone: int) -> Tones | None:
        return _advance(self.form, state.line, state.tones, tone, self.strict)

    @cached_property
    def _by_tone(self) -> dict[tuple[bool, bool, bool], npt.NDArray[np.bool_]]:
        flags = (False, True)
        return {
            (level, oblique, both): np.isin(
                self.tables.tone, [t for t, on in ((LEVEL, level), (OBLIQUE, oblique), (BOTH, both)) if on]
            )
            for level in flags for oblique in flags for both in flags
        }  # fmt: skip

    def _left(self, state: State) -> int:
        """Rhyme words that may still have to come: one in each even line, and one in the first."""
        later = self.form.lines // 2 - (state.line + 1) // 2
        here = state.place < self.form.width and (state.line == 0 or self.form.rhymed(state.line))
        return later + here

    def _unused(self, group: int, used: frozenset[int]) -> int:
        members = self.tables.rhymes[group]
        return int(members.sum()) - sum(1 for token in used if members[token])

    def _open(self, state: State) -> frozenset[int]:
        """The groups that can still rhyme to the end."""
        left = self._left(state)
        return frozenset(group for group in state.groups if self._unused(group, state.used) >= left)

    def _rhyming(self, open_groups: frozenset[int]) -> npt.NDArray[np.bool_]:
        allowed = np.zeros(self.size, np.bool_)
        for group in open_groups:
            allowed |= self.tables.rhymes[group]
        return allowed

    def _scarce(self, state: State, open_groups: frozenset[int]) -> npt.NDArray[np.bool_] | None:
        """The characters without which no open group could rhyme to the end; None where there are none."""
        left = self._left(state)
        if any(self._unused(group, state.used) > left for group in open_groups):
            return None
        return np.logical_and.reduce([self.tables.rhymes[group] for group in open_groups])  # type: ignore[no-any-return]

    def _doubles(self, state: State, tones: tuple[bool, bool, bool], open_groups: frozenset[int]) -> bool:
        """Whether the character before may come once more: 萧萧 at a line's start, in its middle or at its end."""
        width = self.form.width
        if self.repeats or state.last not in self.tables.doubled or state.place not in DOUBLES[width]:
            return False
        level, oblique, both = tones
        tone = int(self.tables.tone[state.last])
        if state.place == width - 1 and (state.line == 0 or self.form.rhymed(state.line)):
            if tone == LEVEL or (self.form.rhymed(state.line) and not self.strict):
                return level and bool(self.tables.of.get(state.last, frozenset()) & open_groups)
            return tone == OBLIQUE and oblique
        return (level, oblique, both)[tone]


@cache
def _advance(form: Form, line: int, tones: Tones, tone: int, strict: bool) -> Tones | None:
    """The open prefixes after one more tone, or None where no regular line could follow."""
    found = set()
    for opening, prefixes in tones:
        patterns = form.patterns(opening, line)
        choices = (True, False) if tone == BOTH else (tone == LEVEL,)
        longer = frozenset((*prefix, choice) for prefix in prefixes for choice in choices)
        if strict:
            if _completable(longer, patterns):
                found.add((opening, longer))
        else:
            alive = frozenset(prefix for prefix in longer if _completable(frozenset({prefix}), patterns))
            if alive:
                found.add((opening, alive))
    return frozenset(found) or None


@cache
def _completable(prefixes: frozenset[Pattern], patterns: frozenset[Pattern]) -> bool:
    """Whether one ending makes all the prefixes patterns."""
    if prefixes <= patterns:
        return True
    if len(next(iter(prefixes))) == len(next(iter(patterns))):
        return False
    return any(_completable(frozenset((*prefix, tone) for prefix in prefixes), patterns) for tone in (True, False))
