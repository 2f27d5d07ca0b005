"""The chart of English verse: the beats over the syllables, the letters of the rhymes, what breaks the form."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from muse.poem.broadsheet import signs
from muse.poem.chart import HEAD, MARGIN, SMALL, sign, titled
from muse.poem.english.hearing import LOOSE, broken, chime, fall, scan, words
from muse.poem.english.prosody import cut, rhymes
from muse.poem.english.referee import RULES, Rule, recognise
from muse.sheet.page import PALETTES, Box, Sheet
from muse.sheet.setting import BODY, Setter, clean, printed

if TYPE_CHECKING:
    from muse.poem.poem import Poem

SIZE, ROW, GAP, SIDE = 15.0, 46.0, 16.0, 120.0
_PIECE = re.compile(r"['’]?[A-Za-z]+(?:['’][A-Za-z]+)*['’]?|\d+")
_MARKS = {True: "/", False: "x", None: "·"}
_LEGEND = "/  on the beat, or stressed      x  off it      A B  rhymes      "


def sheet(poem: Poem) -> Sheet:
    """The chart as a sheet."""
    setter = Setter(latin=True)
    form = poem.form if poem.form in RULES else recognise(poem.lines)
    rule, title = RULES[form], printed(clean(poem.title))
    letters, wrong = _rhymes(poem.lines, rule)
    about = " · ".join(filter(None, (form, "" if rule.kind == LOOSE else rule.kind, rule.scheme.strip("-"))))
    items = titled(setter, title, about)
    lines = [printed(clean(line)) for line in poem.lines]
    right = MARGIN + 16 + max(setter.width(line, SIZE) for line in lines)
    y, said = HEAD + 12.0, []
    for number, line in enumerate(lines):
        y += GAP if number in poem.stanzas else 0
        kind, size = rule.kind, rule.sizes[number % len(rule.sizes)]
        found = list(_beats(setter, line, kind, size))
        items += [setter.row(_MARKS[beat], x, y + 10, 11.0, ink="soft", anchor=0.5) for x, beat in found]
        items.append(setter.row(line, MARGIN + 16, y + 28, SIZE, BODY))
        items.append(setter.row(str(number + 1), MARGIN + 6, y + 28, SMALL, ink="soft", anchor=1))
        items.append(setter.row(letters[number], right + 22, y + 28, 14.0, anchor=0.5))
        problems = [broken(line, kind, size)] if scan(line, kind, size) is False else []
        problems += wrong.get(number, [])
        for at, problem in enumerate(problems):
            items.append(sign(signs.WRONG, MARGIN + 20, y + 36 + 11 * at, 8.0, "seal"))
            items.append(setter.row(problem, MARGIN + 28, y + 39 + 11 * at, SMALL, ink="seal"))
        y += ROW + 11 * max(0, len(problems) - 1)
        marks = " ".join(_MARKS[beat] for _, beat in found)
        said.append(" | ".join(filter(None, (line, marks, letters[number], *problems))))
    width = max(right + SIDE / 2 + MARGIN, 2 * MARGIN + 330)
    items += [Box(MARGIN, y + 2, width - 2 * MARGIN, 0.6), setter.row(_LEGEND, MARGIN + 6, y + 21, SMALL, ink="soft")]
    end = MARGIN + 6 + setter.width(_LEGEND, SMALL)
    items += [
        sign(signs.WRONG, end + 5, y + 18, 9.0),
        setter.row("breaks the form", end + 14, y + 21, SMALL, ink="soft"),
    ]
    drawn = tuple(item for item in items if isinstance(item, Box) or item.glyphs)
    return Sheet(title, "\n".join(said), "en", width, y + 22 + MARGIN, PALETTES["white"], drawn, setter.notes())


def _beats(setter: Setter, line: str, kind: str, size: int) -> Iterable[tuple[float, bool | None]]:
    """Where each syllable of a line has its middle, and whether it carries a beat."""
    fallen = [beats for _, beats in fall(line, kind, size)]
    for word, beats in zip(_PIECE.finditer(line), fallen, strict=False):
        pieces = cut(word[0], len(beats)) if beats else []
        start = MARGIN + 16 + setter.width(line[: word.start()], SIZE)
        ends = [setter.width("".join(pieces[: at + 1]), SIZE) for at in range(len(pieces))]
        for begin, end, beat in zip([0.0, *ends], ends, beats, strict=False):
            yield start + (begin + end) / 2, beat


def _rhymes(lines: tuple[str, ...], rule: Rule) -> tuple[list[str], dict[int, list[str]]]:
    """For each line the letter of its rhyme, "" for none; and what does not rhyme as the scheme asks."""
    size = len(rule.scheme)
    if rule.scheme.strip("-") == "":
        return [letter.upper() for letter in rhymes(lines)], {}
    letters, last, wrong = [], dict[str, int](), dict[int, list[str]]()
    fresh = len(set(rule.scheme) - {"-"})
    for number in range(len(lines)):
        stanza, place = divmod(number, size)
        asked = rule.scheme[place]
        index = stanza * fresh + ord(asked) - ord("A")
        letter = "" if asked == "-" else chr(ord("A") + index % 26) + "′" * (index // 26)
        letters.append(letter)
        if letter and letter in last:
            one, other = (words(lines[at])[-1:] for at in (last[letter], number))
            if one and other and chime(one[0], other[0]) is False:
                wrong[number] = [f"{other[0]} does not rhyme with {one[0]}"]
        if letter:
            last[letter] = number
    return letters, wrong
