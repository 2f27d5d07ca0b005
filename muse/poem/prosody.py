"""What a line sounds like: tones, rhymes, pinyin, and a poem as lyrics to be sung."""

from __future__ import annotations

from collections.abc import Sequence

from muse.poem.form import OPENINGS, shape
from muse.tables.rhyme import readings
from muse.terms import Lyrics, Syllable


def tones(character: str) -> frozenset[bool]:
    """The tones a character may have: True level, False oblique; both where the rhyme book does not know it."""
    return frozenset(reading.level for reading in readings(character)) or frozenset({True, False})


def scan(lines: Sequence[str]) -> tuple[tuple[bool, ...], ...]:
    """For each line its tones, True level: where a character has two, the one that its form asks for."""
    form = shape(len(lines), len(lines[0]) if lines else 0)
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


def lyrics(lines: Sequence[str]) -> Lyrics:
    """The poem as syllables, with tone and, at the ends of rhyming lines, the rhyme group.

    >>> lyrics(["床前明月光", "疑是地上霜"]).syllables[-1]
    Syllable(text='霜', line=1, accent='level', rhyme='七阳')
    """
    group = rhyme_group(lines)
    syllables = []
    for number, (line, pattern) in enumerate(zip(lines, scan(lines), strict=True)):
        for place, (character, level) in enumerate(zip(line, pattern, strict=True)):
            end = place == len(line) - 1
            rhymes = end and any(r.group == group for r in readings(character)) and (number % 2 == 1 or number == 0)
            syllables.append(Syllable(character, number, "level" if level else "oblique", group if rhymes else ""))
    return Lyrics(tuple(syllables))


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
