"""A poem of any form as tokens on a grid: what stands before it, what is given of it, and its lines in order.

    prefix  [<given> 霜 月 …] [<rhymes> 光 霜 乡]  <separator>  床 前 明 月 光 <break> 疑 是 …

The character at place c of line r stands in row r, column c; a mark before a line stands where the break of the line
before it would if that were as wide: row r − 1, column = width of line r. So a query sees in the difference of
columns how much of its line is left.

Regulated verse has a <break> between lines. In other forms each line is announced by <line:7>, or <close:7> where it
ends a sentence, and a stanza by <stanza>, so that any template can be followed, a new one too.

Given characters (locked lines, the heads of an acrostic) are read ahead of the poem, each in the row of its line and
at column GIVEN_COLUMN + place, and are written again where they belong; the rhyme words may be chosen first.
Writing is always from left to right, line by line: what an automaton has to follow stays the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from muse.nn.writer import Prompt
from muse.poem.corpus import FORM_OF, PoemRecord
from muse.poem.prefix import COLUMNS as NARROW_COLUMNS
from muse.poem.prefix import Fields, places, tokens_of
from muse.poem.vocabulary import BREAK, FORMS, SEPARATOR, WIDEST, Vocabulary

GIVEN_COLUMN = NARROW_COLUMNS
ROWS, COLUMNS, CONTEXT = 40, GIVEN_COLUMN + 16, 512
Placed = tuple[int, int, int]
"""(token, row, column)"""


@dataclass(frozen=True, slots=True)
class Outline:
    """The lines of a poem before any is written.

    Attributes:
        form: of the prefix.
        widths: characters of each line.
        closes: whether each line ends a sentence; () for regulated verse.
        stanzas: the lines, from 0, that begin another stanza.
    """

    form: str
    widths: tuple[int, ...]
    closes: tuple[bool, ...] = ()
    stanzas: tuple[int, ...] = ()

    @classmethod
    def of(cls, record: PoemRecord) -> Outline:
        return cls(record.form, tuple(map(len, record.lines)), record.closes, record.stanzas)

    @classmethod
    def regulated(cls, form: str) -> Outline:
        """Of one of the four forms."""
        lines, width = next(shape for shape, name in FORM_OF.items() if name == form)
        return cls(form, (width,) * lines)

    def before(self, line: int, vocabulary: Vocabulary) -> list[Placed]:
        """The marks before a line, from 0."""
        width = self.widths[line]
        marks = [SEPARATOR] if line == 0 else [BREAK] if self.form in FORMS else []
        if self.form not in FORMS:
            kind = "close" if self.closes[line] else "line"
            marks += [vocabulary.ids["<stanza>"]] if line in self.stanzas else []
            marks.append(vocabulary.ids[f"<{kind}:{min(width, WIDEST)}>"])
        return [(mark, line, width) for mark in marks]


@dataclass(frozen=True, slots=True)
class Given:
    """What is known of a poem before it is written.

    Attributes:
        places: (line from 0, place from 0) of each character.
        tokens: the characters.
        rhymes: they are the rhyme words, chosen first.
    """

    places: tuple[tuple[int, int], ...]
    tokens: tuple[int, ...]
    rhymes: bool = False

    def placed(self, column: int, vocabulary: Vocabulary) -> list[Placed]:
        """The mark, at a column of row 0, and the characters."""
        mark = vocabulary.ids["<rhymes>" if self.rhymes else "<given>"]
        found = [
            (token, line + 1, min(GIVEN_COLUMN + place, COLUMNS - 1))
            for token, (line, place) in zip(self.tokens, self.places, strict=True)
        ]
        return [(mark, 0, column), *found]


def opening(fields: Fields, outline: Outline, vocabulary: Vocabulary, given: Sequence[Given] = ()) -> list[Placed]:
    """All that stands before the first character of a poem."""
    named = tokens_of(fields, vocabulary)[:-1]
    columns = places([token for token, _ in named] + [SEPARATOR], 0)[1]
    found = [(token, row, column) for (token, row), column in zip(named, columns[:-1], strict=True)]
    for part in given:
        found += part.placed(NARROW_COLUMNS - 1, vocabulary)
    return found + outline.before(0, vocabulary)


def body(outline: Outline, tokens: Sequence[int], vocabulary: Vocabulary) -> list[Placed]:
    """The poem after its opening: its characters (`tokens`, without marks), and the marks between the lines."""
    found: list[Placed] = []
    start = 0
    for line, width in enumerate(outline.widths):
        found += outline.before(line, vocabulary) if line else []
        found += [(token, line + 1, place) for place, token in enumerate(tokens[start : start + width])]
        start += width
    return found


def prompt(fields: Fields, outline: Outline, vocabulary: Vocabulary, given: Sequence[Given] = ()) -> Prompt:
    """`opening`, for a writer."""
    token, row, col = zip(*opening(fields, outline, vocabulary, given), strict=True)
    return Prompt(token, row, col)
