"""What a line sounds like: tones, rhymes, pinyin, and a poem as lyrics to be sung."""

from __future__ import annotations

from collections.abc import Sequence

from muse.poem.form import OPENINGS, shape
from muse.tables.rhyme import readings
from muse.tables.tunes import Shape, shapes
from muse.terms import Lyrics, Syllable

LEADING = frozenset("对看望念叹算料想怅恨怕甚但更况正又渐且纵任似若问爱奈应尽将须莫乍")
"""Characters that lead a line of 词. Source: 王力《诗词格律》, on 一字豆, and those of the like in the corpus."""
_JOINED = frozenset("断尽到破见来去得却无人")
"""What makes one word with such a character before it (望断, 念去): then it leads nothing."""


def tones(character: str) -> frozenset[bool]:
    """The tones a character may have: True level, False oblique; both where the rhyme book does not know it."""
    return frozenset(reading.level for reading in readings(character)) or frozenset({True, False})


def scan(lines: Sequence[str]) -> tuple[tuple[bool, ...], ...]:
    """For each line its tones, True level: where a character has two, the one that its form asks for."""
    widths = {len(line) for line in lines}
    form = shape(len(lines), widths.pop()) if len(widths) == 1 else None
    best = tuple(tuple(True in tones(character) for character in line) for line in lines)
    if form is None:
        return best
    fits = []
    for opening in OPENINGS:
        found = []
        for number, line in enumerate(lines):
            allowed = [tones(character) for character in line]
            found.append(
                next(
                    (p for p in sorted(form.patterns(opening, number), reverse=True)
                     if all(tone in choice for tone, choice in zip(p, allowed, strict=True))),
                    None,
                )
            )  # fmt: skip
        fits.append(found)
    chosen = max(fits, key=lambda found: sum(line is not None for line in found))
    return tuple(line or plain for line, plain in zip(chosen, best, strict=True))


def rhyme_group(lines: Sequence[str]) -> str:
    """The level group of 平水韵 that all even lines share, or ""."""
    shared: set[str] | None = None
    for line in lines[1::2]:
        groups = {reading.group for reading in readings(line[-1]) if reading.level}
        shared = groups if shared is None else shared & groups
    return min(shared) if shared else ""


def lyrics(lines: Sequence[str], stanzas: tuple[int, ...] = (), tune: str = "") -> Lyrics:
    """The poem as syllables, with tone, caesuras and, at the ends of rhyming lines, the rhyme.

    The rhyme is a group of 平水韵; of a 词 the letter that the table of tunes gives it.

    >>> lyrics(["床前明月光", "疑是地上霜"]).syllables[-1]
    Syllable(text='霜', line=1, accent='level', rhyme='七阳', pause=False)
    """
    patterns, named = scan(lines), _named(lines)
    if shape := _shape(lines, tune):
        named = tuple(clause.rhyme for clause in shape.lines)
        signs = {"平": True, "仄": False}
        patterns = tuple(
            tuple(
                signs[sign] if signs.get(sign) in tones(character) else level
                for sign, character, level in zip(clause.signs, line, pattern, strict=True)
            )
            for clause, line, pattern in zip(shape.lines, lines, patterns, strict=True)
        )
    syllables = []
    for number, (line, pattern) in enumerate(zip(lines, patterns, strict=True)):
        breaks = pauses(line, led=bool(tune))
        for place, (character, level) in enumerate(zip(line, pattern, strict=True)):
            rhyme = named[number] if place == len(line) - 1 else ""
            accent = "level" if level else "oblique"
            syllables.append(Syllable(character, number, accent, rhyme, place + 1 in breaks))
    return Lyrics(tuple(syllables), tuple(stanzas))


def pauses(line: str, *, led: bool = False) -> frozenset[int]:
    """How many characters stand before each caesura of a line: feet of two, the last of three where the line is odd.

    Args:
        led: of a 词, whose lines of five or eight may begin with a character that leads (领) what follows; that it
            does is guessed from the character.

    >>> sorted(pauses("床前明月光")), sorted(pauses("对潇潇暮雨", led=True))
    ([2], [1, 3])
    """
    width = len(line)
    head = led and width in (5, 8) and line[0] in LEADING and line[1] not in _JOINED
    if width == 8 and not head:
        return frozenset({3, 5})
    return frozenset(range(1 if head else 2, width - (1 if (width - head) % 2 == 0 else 2), 2))


def _named(lines: Sequence[str]) -> tuple[str, ...]:
    """For each line the group of 平水韵 that it rhymes in, or ""."""
    group = rhyme_group(lines)
    return tuple(
        group if (number % 2 or number == 0) and line and any(r.group == group for r in readings(line[-1])) else ""
        for number, line in enumerate(lines)
    )


def _shape(lines: Sequence[str], tune: str) -> Shape | None:
    """The shape of a tune that the lines have."""
    widths = [len(line) for line in lines]
    found = shapes(tune) if tune else ()
    return next((shape for shape in found if [len(clause.signs) for clause in shape.lines] == widths), None)


def pinyin(lines: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """For each line one syllable a character, with tone marks, as modern Mandarin reads it.

    >>> pinyin(["明月"])
    (('míng', 'yuè'),)
    """
    from pypinyin import Style, lazy_pinyin

    whole = [lazy_pinyin(line, style=Style.TONE) for line in lines]
    return tuple(
        tuple(found if len(found) == len(line) else [lazy_pinyin(c, style=Style.TONE)[0] for c in line])
        for line, found in zip(lines, whole, strict=True)
    )
