"""Writing English poems: a prefix that says what is wished, and the automaton of the form, followed to its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from muse.nn.sampling import Sampling
from muse.nn.writer import Prompt, Writer
from muse.poem.english.automaton import VerseConstraint
from muse.poem.english.book import Book
from muse.poem.english.form import Form
from muse.poem.english.prefix import FIRST_COLUMN, KEYS, Fields, Order, encode
from muse.poem.english.vocabulary import BREAK, END, STANZA, Vocabulary
from muse.poem.prefix import mood_signs
from muse.tables.english import listing, section
from muse.terms import Mood, Theme

SAMPLING = Sampling(temperature=1.0, top_p=0.95)


@dataclass(frozen=True, slots=True)
class Draft:
    """One poem as written.

    Attributes:
        text: a line each, an empty one between stanzas.
        free: nats a token among all tokens, as the model has it; masked: among those that were allowed.
    """

    form: Form
    text: str
    free: float
    masked: float


def write(
    writer: Writer, book: Book, form: Form, wishes: Fields, seeds: Sequence[int], sampling: Sampling = SAMPLING
) -> list[Draft]:
    """One draft a seed, all in one batch.

    Args:
        wishes: of these the form's own fields (form, scheme, foot, length) are filled in.

    Raises:
        WishError: the vocabulary has too few rhymes for the form.
    """
    fields = replace(wishes, form=form.label, scheme=form.scheme, foot=form.foot, length=form.length)
    asked = prompt(fields, book.vocabulary, "backward")
    constraint = VerseConstraint(form, book)
    made = writer.generate([asked] * len(seeds), [constraint] * len(seeds), sampling, seeds)
    return [
        Draft(
            form,
            text_of(one.tokens, book.vocabulary, "backward"),
            float(-one.logprob_free.mean()),
            float(-one.logprob_masked.mean()),
        )
        for one in made
    ]


def wishes_of(theme: Theme, mood: Mood, title: str = "") -> Fields:
    """What a theme and a mood ask of a poem in any form: its words as keywords, the themes they point to, the mood.

    >>> from muse.tables.lexicon import interpret
    >>> reading = interpret("winter sea")
    >>> wishes_of(reading.theme, reading.mood).themes
    ('winter', 'sea')
    """
    words = [word for phrase in theme.en for word in phrase.split()]
    keys = tuple(dict.fromkeys(word for word in words if word not in listing("small")))
    pointed = {word: name for name, line in section("themes") for word in line.split()}
    themes = tuple(dict.fromkeys(pointed[word] for word in words if word in pointed))
    return Fields("", mood=mood_signs(mood), themes=themes[:2], keys=keys[:KEYS], title=title)


def prompt(fields: Fields, vocabulary: Vocabulary, order: Order) -> Prompt:
    """The prefix of a poem with the place of each token."""
    tokens = encode(fields, vocabulary, order)
    return Prompt(tuple(tokens), (0,) * len(tokens), tuple(FIRST_COLUMN + at for at in range(len(tokens))))


def text_of(tokens: npt.NDArray[np.int64], vocabulary: Vocabulary, order: Order) -> str:
    """The poem of written tokens, a line each, an empty one between stanzas."""
    out = ""
    line: list[int] = []
    for token in tokens.tolist():
        if token in (BREAK, STANZA, END):
            out += vocabulary.decode(line[::-1] if order == "backward" else line)
            out += "\n\n" if token == STANZA else "\n"
            line = []
        else:
            line.append(token)
    return out
