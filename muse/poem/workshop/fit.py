"""How a finished Chinese poem lies upon the scores of its form: the one it breaks least, and where it breaks it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from muse.errors import InputError
from muse.poem.form import FORMS
from muse.poem.poem import PROSE, Poem
from muse.poem.score import LONG_FORMS, Line, Score, couplet, regulated, song
from muse.poem.vocabulary import COUPLET
from muse.tables.books import family, sounds
from muse.tables.tunes import shapes, tunes

Place = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Fit:
    """A poem on a score.

    Attributes:
        score: with one variant, the way in which the poem goes.
        rhymes: for each letter of it the group in which the poem rhymes; letters that rhyme in none are left out.
        faults: places, from 0, whose tone or rhyme is another under every reading.
    """

    score: Score
    book: str
    rhymes: Mapping[str, str]
    faults: frozenset[Place]

    def patterns(self, line: int) -> Line:
        return self.score.variants[0][line]

    def wanted(self, line: int, place: int) -> str:
        """平, 仄, or 中 where the form takes either."""
        width = self.score.widths[line]
        tones = {bool(pattern >> (width - 1 - place) & 1) for pattern in _codes(self.patterns(line).patterns)}
        return "中" if len(tones) == 2 else "平" if True in tones else "仄"


def fit(poem: Poem, rhyme_book: str = "") -> Fit:
    """The poem on the score that it breaks least.

    Raises:
        InputError: it has none of the forms that muse writes.
    """
    found = [_laid(poem.lines, one, book) for score, book in _scores(poem, rhyme_book)
             for one in (replace(score, variants=(lines,)) for lines in score.variants)]  # fmt: skip
    if not found:
        widths = "/".join(str(len(line)) for line in poem.lines[:12])
        raise InputError(
            f"{poem.title or 'the poem'} has no form that muse writes",
            f"its {len(poem.lines)} lines have {widths} characters",
            "give 绝句, 律诗, 排律, 对联, or a 词 whose tune muse knows",
        )
    return min(found, key=lambda one: len(one.faults))


def _scores(poem: Poem, rhyme_book: str) -> Iterator[tuple[Score, str]]:
    """Scores of the poem's widths, with the rhyme book that judges them."""
    form, tune, widths = poem.form, poem.tune, tuple(map(len, poem.lines))
    if form == PROSE:
        return
    if not tune and form not in (*FORMS, *LONG_FORMS, COUPLET):
        from muse.poem.referee import scansion, titled

        known = scansion(poem.lines, tune=titled(poem.title, poem.lines))
        form, tune = known.form, known.tune
    if tune:
        book = rhyme_book or "cilin"
        for shape in shapes(tune) if tune in tunes() else ():
            if tuple(len(line.signs) for line in shape.lines) == widths:
                yield from ((score, book) for score in song(shape, book))
        return
    book = rhyme_book or "pingshui"
    name = f"{form}{len(widths)}" if form in LONG_FORMS else form
    score = regulated(name) if form in (*FORMS, *LONG_FORMS) else couplet(widths[0]) if form == COUPLET else None
    if score is not None and score.widths == widths:
        yield score, book


def _laid(lines: Sequence[str], score: Score, book: str) -> Fit:
    known = sounds(book)
    faults: set[Place] = set()
    ends: dict[str, list[tuple[int, frozenset[str]]]] = {}
    for number, (text, line) in enumerate(zip(lines, score.variants[0], strict=True)):
        tones = [frozenset(sound.level for sound in known.get(character, ())) for character in text]
        faults |= {(number, place) for place in _against(tones, line.patterns)}
        if line.rhyme:
            ends.setdefault(line.rhyme, []).append(
                (number, frozenset(sound.rhyme for sound in known.get(text[-1], ())))
            )
    rhymes = {}
    for letter, group in ends.items():
        both = _both(score, letter)
        named = [(number, {family(one, book) if both else one for one in found}) for number, found in group]
        count = Counter(one for _, found in named for one in sorted(found))
        if not count:
            continue
        best = max(count, key=lambda one: (count[one], one))
        if count[best] > 1 or len(named) == 1:
            rhymes[letter] = best
            faults |= {(number, score.widths[number] - 1) for number, found in named if found and best not in found}
    return Fit(score, book, rhymes, frozenset(faults))


def _both(score: Score, letter: str) -> bool:
    """Whether a rhyme has level and oblique ends."""
    ends = {bool(code & 1) for line in score.variants[0] if line.rhyme == letter for code in _codes(line.patterns)}
    return len(ends) == 2


def _against(tones: Sequence[frozenset[bool]], patterns: int) -> list[int]:
    """The places that stand against the pattern that the tones break least."""
    width = len(tones)
    sure = sum(1 << width - 1 - place for place, tone in enumerate(tones) if len(tone) == 1)
    level = sum(1 << width - 1 - place for place, tone in enumerate(tones) if tone == {True})
    wrong = min(((code ^ level) & sure for code in _codes(patterns)), key=int.bit_count)
    return [place for place in range(width) if wrong >> (width - 1 - place) & 1]


def _codes(patterns: int) -> Iterator[int]:
    while patterns:
        low = patterns & -patterns
        yield low.bit_length() - 1
        patterns ^= low
