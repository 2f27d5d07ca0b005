"""Verse to a melody: a line a phrase, a syllable a note; stresses on strong notes, tones the way the tune goes.

Chinese lines have the tones that no step of the tune goes against (up from an oblique to a level tone, down from a
level to an oblique one; see `muse.music.sing.tones` for the rule and its source), even lines end level and rhyme. Where
their widths are those of a regulated form, it is that form, and of its patterns those that suit the tune.
English lines are templates of strong and weak places; lines whose phrases end alike rhyme, else every second one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise, product

from muse.errors import WishError
from muse.poem.english.form import Form, form_of
from muse.poem.english.form import Line as EnglishLine
from muse.poem.form import FORMS
from muse.poem.frame import Outline
from muse.poem.score import Line, Score, bits, regulated
from muse.poem.vocabulary import SONG, WIDEST
from muse.terms import Lyrics, Phrase, Promise, Report

OWN = "自度曲"
"""The form of a Chinese poem to a melody of its own."""
MOST = {"zh": 36, "en": 28}
ONCE = 64
"""Characters up to which none comes twice."""
TOGETHER = 4
"""Lines that rhyme with one another in English at most."""


def scores(melody: Sequence[Phrase], form: str = "") -> Iterator[Score]:
    """The scores of Chinese verse to a melody, best first.

    Args:
        form: one of the four, where it was asked for.

    Raises:
        WishError: the melody has too many phrases or notes, or the form is of other lines.
    """
    widths = _sized(melody, "zh")
    if max(widths) > WIDEST:
        raise WishError(f"a phrase of {max(widths)} notes", f"a line has at most {WIDEST} characters",
                        "give a melody with shorter phrases or longer rests")  # fmt: skip
    same = [one.name for one in FORMS.values() if widths == (one.width,) * one.lines]
    if form and form not in same:
        raise WishError(f"{form} does not fit the melody", f"its phrases have {_list(widths)} notes",
                        f"leave the form out{' or ask for ' + same[0] if same else ''}")  # fmt: skip
    for name in same:
        whole = regulated(name)
        fits = [tuple(replace(line, patterns=line.patterns & going(phrase)) for line, phrase in
                      zip(variant, melody, strict=True)) for variant in whole.variants]  # fmt: skip
        if able := tuple(variant for variant in fits if all(line.patterns for line in variant)):
            yield replace(whole, variants=able)
        if form:
            yield whole
            return
    lines = []
    for at, phrase in enumerate(melody):
        rhymes = at % 2 == 1 or (at == 0 and len(melody) > 1 and phrase.cadence == melody[1].cadence != "")
        level = bits(product(*((True, False),) * (widths[at] - 1), (True,)))
        lines.append(Line(going(phrase) & level, "a") if rhymes else Line(going(phrase)))
    closes = tuple(at % 2 == 1 or at + 1 == len(melody) for at in range(len(melody)))
    once = sum(widths) <= ONCE
    yield Score(OWN, Outline(SONG, widths, closes), (tuple(lines),), once=once)


def going(phrase: Phrase) -> int:
    """The tone patterns that no step of a phrase goes against, as bits of one number.

    >>> bin(going(Phrase((0, 0), (0, 1))))  # not oblique before level
    '0b1101'
    """
    every = product((True, False), repeat=len(phrase.steps))
    return bits(
        tones
        for tones in every
        if not any(
            (step > 0 and not one and other) or (step < 0 and one and not other)
            for (one, other), step in zip(pairwise(tones), phrase.steps[1:], strict=True)
        )
    )


def form_to(melody: Sequence[Phrase], name: str | None = None) -> Form:
    """The English form of verse to a melody: free verse in its name, since no form has just these lines.

    Args:
        name: of a form that was asked for, whose lines must have as many syllables as the phrases have notes.

    Raises:
        WishError: too many phrases, or the form is of other lines.
    """
    sizes = _sized(melody, "en")
    if name is not None:
        asked = form_of(name)
        fits = [tuple(step for step in line.steps if len(step) == size) for line, size in
                zip(asked.lines, sizes, strict=False)]  # fmt: skip
        if len(asked.lines) != len(sizes) or not all(
            found or not line.steps for found, line in zip(fits, asked.lines, strict=True)
        ):
            raise WishError(f"{asked.name} does not fit the melody", f"its phrases have {_list(sizes)} notes",
                            "leave the form out")  # fmt: skip
        lines = [EnglishLine(found or (template(phrase),), line.rhyme) for found, line, phrase in
                 zip(fits, asked.lines, melody, strict=True)]  # fmt: skip
        return replace(asked, lines=tuple(lines))
    letters = _letters(melody)
    lines = [EnglishLine((template(phrase),), letter) for phrase, letter in zip(melody, letters, strict=True)]
    return Form("free", "ballad", "ABCB", "iambic", "4-3", tuple(lines))


def template(phrase: Phrase) -> str:
    """The steps of a line: S on an accented note, w on one that is weaker than those beside it, x on others.

    The line ends strong, or weak after a strong place, so that it can rhyme.

    >>> template(Phrase((-1, 1, -1, 1, 0), (0, 1, 1, -1, -1)))
    'wSwSS'
    """
    found = "".join("wxS"[accent + 1] for accent in phrase.accents)
    return found if found.endswith(("S", "Sw")) else found[:-1] + "S"


def kept(melody: Sequence[Phrase], lyrics: Lyrics) -> Report:
    """What of a melody a finished poem keeps: syllables, and stresses or tones.

    Stresses are those of the dictionary: words of one syllable that are no small words count as stressed.
    """
    lines: dict[int, list[str]] = {}
    for one in lyrics.syllables:
        lines.setdefault(one.line, []).append(one.accent)
    sizes, sung = [len(phrase.steps) for phrase in melody], [len(line) for line in lines.values()]
    same = sizes == sung
    promise = Promise("melody", f"{_list(sizes)} syllables", _list(sung), same)
    if not same:
        return Report((promise,))
    right = pairs = 0
    for phrase, line in zip(melody, lines.values(), strict=True):
        if "level" in line or "oblique" in line:
            told = [step for step, (one, other) in zip(phrase.steps[1:], pairwise(line), strict=True) if one != other]
            ways = [1 if other == "oblique" else -1 for one, other in pairwise(line) if one != other]
            pairs += len(told)
            right += sum(step * way >= 0 for step, way in zip(told, ways, strict=True))
        else:
            strong = [stress for accent, stress in zip(phrase.accents, line, strict=True) if accent > 0]
            pairs += len(strong)
            right += sum(stress != "0" for stress in strong)
    chinese = any(accent in ("level", "oblique") for line in lines.values() for accent in line)
    what = "steps of the tune that do not go against the tones" if chinese else "strong notes with a stressed syllable"
    return Report((promise,), (f"{what}: {right} of {pairs}",))


def _sized(melody: Sequence[Phrase], language: str) -> tuple[int, ...]:
    if len(melody) > MOST[language]:
        raise WishError(f"the melody has {len(melody)} phrases", f"a poem to it has at most {MOST[language]} lines",
                        "give a part of it")  # fmt: skip
    return tuple(len(phrase.steps) for phrase in melody)


def _letters(melody: Sequence[Phrase]) -> list[str]:
    """A letter for each line that rhymes: as the phrases end, where some end alike, else lines two and four of four."""
    ends = [phrase.cadence for phrase in melody]
    alike = {end for end, many in Counter(ends).items() if many > 1}
    if not alike:
        return [f"A{at // 4}" if at % 2 and (at // 4 * 4 + 3 < len(ends)) else "" for at in range(len(ends))]
    seen: Counter[str] = Counter()
    found = []
    for at, end in enumerate(ends):
        left = ends[at:].count(end) - 1
        alone = seen[end] % TOGETHER == 0 and not left
        found.append("" if end not in alike or alone else f"{sorted(alike).index(end)}.{seen[end] // TOGETHER}")
        seen[end] += 1
    return found


def _list(sizes: Sequence[int]) -> str:
    return ", ".join(map(str, sizes))
