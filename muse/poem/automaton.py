"""Regulated verse as an automaton over tokens: every poem it lets through is regular, and it never runs into a wall.

It is built as tables (`muse.constraint.Tables`), which `muse.walk` and native code follow. A token is allowed only if
a whole poem can still follow:

- Tones. A state holds, for each opening still possible, the tone endings that would make the line regular. Strict:
  whatever reading each character has, the line must be regular, so the endings that suit every reading so far count.
  Not strict: one reading is enough, so those that suit any. Both are exact, and a state with no endings is none.
- Rhyme. A level group of the rhyme book is a set; it stays open while it has as many unused rhyme words as places are
  left to rhyme, and a character that would take the last one away is spared. Rhyme words never come back.
- Repetition. No character comes twice, but for the doublings that verse likes (萧萧); `repeats=True` lifts this.
- Lines that the model has read are refused; see `muse.poem.novelty`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from muse.constraint import Refused, Tables
from muse.errors import WishError
from muse.poem.form import OPENINGS, Form, Opening
from muse.poem.vocabulary import BREAK, UNKNOWN, Vocabulary
from muse.tables.rhyme import book
from muse.walk import Walk

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

LEVEL, OBLIQUE, BOTH, NEVER, MARK = range(5)
"""The classes of tokens: by the tones of the readings, what is never written, and the break."""

Endings = tuple[tuple[Opening, int], ...]
"""For each opening still possible the tone endings of the line, bit e set for an ending with the tones e, LEVEL = 1."""


@dataclass(frozen=True, eq=False)
class Characters:
    """What the rhyme book says of a vocabulary.

    Attributes:
        classes: (V,) uint8.
        sets: (V,) uint64, bit g where a token rhymes in the g-th level group (strict: under every reading).
        sizes: group → how many tokens rhyme in it, in the order of the bits.
        doubled: (V,) bool.
    """

    classes: npt.NDArray[np.uint8]
    sets: npt.NDArray[np.uint64]
    sizes: dict[str, int]
    doubled: npt.NDArray[np.bool_]

    @classmethod
    def build(cls, vocabulary: Vocabulary, strict: bool, blocked: Iterable[str] = BLOCKED) -> Characters:
        size = len(vocabulary)
        token = np.zeros(0x110000, np.int32)  # of a code point; 0, a mark, where the vocabulary lacks it
        token[vocabulary.codes[vocabulary.first :]] = np.arange(vocabulary.first, size)
        level, oblique, sets = np.zeros(size, np.bool_), np.zeros(size, np.bool_), np.zeros(size, np.uint64)
        groups = [reading.group for reading, _ in book() if reading.level]
        for reading, characters in book():
            here = token[np.frombuffer(characters.encode("utf-32-le"), np.uint32)]
            if reading.level:
                level[here] = True
                sets[here] |= np.uint64(1 << groups.index(reading.group))
            else:
                oblique[here] = True
        never = [0, *(token[ord(character)] for character in blocked)]
        level[never] = oblique[never] = False
        sets[never] = 0
        if strict:
            sets[oblique | (sets & (sets - np.uint64(1)) != 0)] = 0
        classes = np.full(size, NEVER, np.uint8)
        classes[level], classes[oblique], classes[level & oblique], classes[BREAK] = LEVEL, OBLIQUE, BOTH, MARK
        sizes = {group: int((sets >> np.uint64(bit) & np.uint64(1)).sum()) for bit, group in enumerate(groups)}
        doubled = np.zeros(size, np.bool_)
        doubled[vocabulary.encode(DOUBLED)] = True
        doubled[UNKNOWN] = False
        return cls(classes, sets, sizes, doubled)


def regulated(
    form: Form,
    vocabulary: Vocabulary,
    *,
    strict: bool = True,
    repeats: bool = False,
    openings: Sequence[Opening] = OPENINGS,
    rhyme: str | None = None,
    characters: Characters | None = None,
    refused: Refused | None = None,
) -> Walk:
    """The constraint of one form over a vocabulary.

    Args:
        strict: regular under every reading of every character, not under one.
        repeats: a character may come again in another place; always so where a vocabulary is small.
        openings: the openings to choose from.
        rhyme: a level group of 平水韵, such as "十一尤"; None leaves the choice open.
        characters: from `Characters.build`, to share them.
        refused: lines that are not written.

    Raises:
        WishError: no rhyme group has enough characters in this vocabulary.
    """
    known = characters or Characters.build(vocabulary, strict)
    needed = form.lines // 2 + 1
    groups = [
        bit
        for bit, (group, size) in enumerate(known.sizes.items())
        if size >= needed and rhyme in (None, group)
    ]  # fmt: skip
    if not groups:
        raise WishError(
            "no rhyme group can carry the poem", f"none has {needed} rhyme words here", "choose another rhyme"
        )
    count = np.bincount(known.classes, minlength=5)
    once = not repeats and min(count[LEVEL], count[OBLIQUE]) >= 2 * form.characters
    place, plain, bound = _states(form, strict, tuple(openings))
    line, at = place[:, 0] - 1, place[:, 1]
    writes, last = at < form.width, at == form.width - 1
    may_rhyme = (line == 0) | (line % 2 == 1)
    return Walk(
        Tables(
            begin=0,
            open=sum(1 << bit for bit in groups),
            classes=known.classes,
            sets=known.sets,
            doubled=known.doubled,
            plain=plain,
            bound=bound,
            place=place,
            left=(form.lines // 2 - (line + 1) // 2 + (writes & may_rhyme)).astype(np.int32),
            scope=np.full(len(place), 2**64 - 1, np.uint64),
            renews=np.zeros(len(place), np.bool_),
            unique=writes,
            remembers=writes & once,
            spares=writes & ~(last & may_rhyme) & once,
            again=np.isin(at, DOUBLES[form.width]) & once,
            opens=at == 0,
            closes=last,
            final=(line == form.lines - 1) & (at == form.width),
            refused=refused,
        )
    )


Ints = npt.NDArray[np.int32]
_Key = tuple[int, int, Endings]


def _states(form: Form, strict: bool, openings: tuple[Opening, ...]) -> tuple[Ints, Ints, Ints]:
    """place (S, 2), plain and bound (S, 5) of all states that a poem can come to, the first one first."""
    number: dict[_Key, int] = {}
    order: list[_Key] = []

    def state(line: int, place: int, endings: Endings) -> int:
        key = (line, place, endings)
        if key not in number:
            number[key] = len(order)
            order.append(key)
        return number[key]

    state(0, 0, _line(form, 0, openings))
    plain, bound = [], []
    for line, place, endings in order:  # grows on the way
        free, rhyming = [-1] * 5, [-1] * 5
        if place == form.width:
            if line < form.lines - 1:
                survivors = dict.fromkeys(Opening(opening.level, False) for opening, _ in endings)
                free[MARK] = state(line + 1, 0, _line(form, line + 1, tuple(survivors)))
        else:
            steps = [_step(form, place, endings, tone, strict) for tone in (LEVEL, OBLIQUE, BOTH)]
            after = [state(line, place + 1, step) if step else -1 for step in steps[:2]]
            if place < form.width - 1:
                free[:2] = after
                free[BOTH] = state(line, place + 1, steps[BOTH]) if steps[BOTH] else -1
            else:
                # At a line's end the tone says whether it rhymes. Where one of two readings is enough, a character of
                # both tones is read as the place asks, oblique where the first line need not rhyme.
                rhyming[LEVEL], free[OBLIQUE] = after
                if not strict:
                    rhyming[BOTH], free[BOTH] = after
        plain.append(free)
        bound.append(rhyming)
    places = np.array([(line + 1, place) for line, place, _ in order], np.int32)
    return places, np.array(plain, np.int32), np.array(bound, np.int32)


def _line(form: Form, line: int, openings: tuple[Opening, ...]) -> Endings:
    """All tone patterns of a line, for each opening."""
    found = []
    for opening in openings:
        codes = [
            sum(tone << at for at, tone in enumerate(reversed(pattern))) for pattern in form.patterns(opening, line)
        ]
        found.append((opening, sum(1 << code for code in codes)))
    return tuple(found)


def _step(form: Form, place: int, endings: Endings, tone: int, strict: bool) -> Endings:
    """The endings that are left after a tone; () where no regular line could follow."""
    half = 1 << (form.width - 1 - place)  # endings that begin level have the upper half of the codes
    found = []
    for opening, codes in endings:
        level, oblique = codes >> half, codes & ((1 << half) - 1)
        both = level & oblique if strict else level | oblique
        if left := (level, oblique, both)[tone]:
            found.append((opening, left))
    return tuple(found)
