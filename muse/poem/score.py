"""The score of a poem: for each of its lines the tones that its places may have, and what it rhymes with.

One score a form, or a shape of a tune; the automaton follows any. A line's tone patterns are bits of one number: the
pattern with the tones t (LEVEL = 1, the first place the highest bit) is bit t.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, product

from muse.poem.corpus import FORM_OF
from muse.poem.form import FORMS, OPENINGS, Opening, Pattern
from muse.poem.frame import Outline
from muse.poem.vocabulary import COUPLET, SONG
from muse.tables.tunes import Shape

ALTERNATING = {"西江月": {"b": "a"}}
"""Tunes whose oblique rhymes are of the same part as the level ones (平仄通叶)."""
LONG_FORMS = {"五排": 5, "七排": 7}
LONGEST = 40


@dataclass(frozen=True, slots=True)
class Line:
    """Of one line: its tone patterns as bits, and the letter of its rhyme or ""."""

    patterns: int
    rhyme: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """What an automaton follows.

    Attributes:
        form: the name that the poem is given.
        outline: its lines as the model reads them.
        variants: ways in which the whole may go, such as openings; for each its lines, all of the same widths.
        once: no character comes twice, but for doublings.
        shape: of a 词.
    """

    form: str
    outline: Outline
    variants: tuple[tuple[Line, ...], ...]
    once: bool = True
    shape: Shape | None = None

    @property
    def widths(self) -> tuple[int, ...]:
        return self.outline.widths

    @property
    def tune(self) -> str:
        return self.shape.tune if self.shape else ""


@cache
def regulated(form: str, openings: tuple[Opening, ...] = OPENINGS) -> Score:
    """Of one of the four forms, or of a 排律 such as "五排12": its rules carried on over so many lines."""
    name, count = form[:2], form[2:]
    lines, width = (int(count or 12), LONG_FORMS[name]) if name in LONG_FORMS else _shape(name)
    like = FORMS[f"{'五' if width == 5 else '七'}律"]
    outline = Outline(like.name if name in LONG_FORMS else name, (width,) * lines)
    variants = tuple(
        tuple(
            Line(bits(like.patterns(opening, line)), "a" if line % 2 or (line == 0 and opening.rhymed) else "")
            for line in range(lines)
        )
        for opening in openings
    )
    return Score(name, outline, variants)


@cache
def song(shape: Shape, book: str = "cilin") -> tuple[Score, ...]:
    """Of one shape of a tune; where the table leaves the tone of its rhyme open, one with either."""
    tied = ALTERNATING.get(shape.tune, {}) if book != "pingshui" else {}  # there the tones share no group
    found = []
    for open_tone in "平仄":
        ends = {letter: _tone(shape, letter, open_tone) for letter in {line.rhyme for line in shape.lines} - {""}}
        found.append(
            tuple(
                Line(of_signs(line.signs[:-1] + ends.get(line.rhyme, line.signs[-1])), tied.get(line.rhyme, line.rhyme))
                for line in shape.lines
            )
        )
    outline = Outline(SONG, tuple(len(line.signs) for line in shape.lines), shape.closes, shape.stanzas)
    return tuple(Score(SONG, outline, (lines,), False, shape) for lines in dict.fromkeys(found))


@cache
def couplet(width: int) -> Score:
    """Of a 对联: even places alternate and are opposed, it ends oblique and then level; 5 and 7 as in 律诗."""
    if width in (5, 7):
        like = FORMS[f"{'五' if width == 5 else '七'}律"]
        variants = tuple(
            tuple(
                Line(bits(p for p in like.patterns(Opening(level, False), line) if _alternates(p))) for line in (0, 1)
            )
            for level in (False, True)
        )
    else:
        rhythm = [[(place // 2 % 2 == 0) == start for place in range(1, width, 2)] for start in (False, True)]
        variants = tuple(
            (Line(_opposed(width, even, False)), Line(_opposed(width, [not tone for tone in even], True)))
            for even in rhythm
            if width % 2 or not even[-1]
        )
    return Score(COUPLET, Outline(COUPLET, (width, width), (False, True)), variants)


def reply(tones: Sequence[frozenset[bool]]) -> Score:
    """Of a 对联 whose first line is given by the tones of its characters: the second is opposed to it.

    Even places are opposed, and the end: a line that ends oblique is answered by a level end, and a level one, against
    the custom, by an oblique one. A character of two tones leaves its place free.
    """
    width = len(tones)
    wanted = [{True, False} if place % 2 == 0 or len(tones[place]) != 1 else {not tone for tone in tones[place]}
              for place in range(width)]  # fmt: skip
    wanted[-1] = {tones[-1] == {False} or len(tones[-1]) != 1}
    every = [set(tone) or {True, False} for tone in tones]
    tails = {(True,) * 3, (False,) * 3}
    answers = [p for p in product(*wanted) if width < 5 or p[-3:] not in tails] or list(product(*wanted))
    line = Line(bits(product(*every)))
    return Score(COUPLET, Outline(COUPLET, (width, width), (False, True)), ((line, Line(bits(answers))),))


def bits(patterns: Iterable[Sequence[bool]]) -> int:
    """The patterns as one number."""
    found = 0
    for pattern in patterns:
        found |= 1 << sum(tone << at for at, tone in enumerate(reversed(pattern)))
    return found


@cache
def of_signs(signs: str) -> int:
    """The patterns of a line of a tune.

    >>> bin(of_signs("平中"))
    '0b1100'
    """
    return bits(product(*({"平": (True,), "仄": (False,)}.get(sign, (True, False)) for sign in signs)))


def _tone(shape: Shape, letter: str, open_tone: str) -> str:
    """The tone of a rhyme: that of most of its ends, `open_tone` where the table leaves all of them open."""
    ends = "".join(line.signs[-1] for line in shape.lines if line.rhyme == letter)
    level, oblique = ends.count("平"), ends.count("仄")
    return open_tone if level == oblique == 0 else "平" if level > oblique else "仄"


def _shape(form: str) -> tuple[int, int]:
    return next(shape for shape, name in FORM_OF.items() if name == form)


def _opposed(width: int, even: Sequence[bool], level_end: bool) -> int:
    places: list[tuple[bool, ...]] = [(True, False)] * width
    places[1::2] = [(tone,) for tone in even]
    places[-1] = (level_end,)
    found: list[Pattern] = list(product(*places))
    return bits([p for p in found if width < 5 or p[-3:] not in ((True,) * 3, (False,) * 3)] or found)


def _alternates(pattern: Pattern) -> bool:
    """Whether its even places do; 平平仄平仄 has no opposite."""
    even = pattern[1::2]
    return all(one != other for one, other in pairwise(even))
