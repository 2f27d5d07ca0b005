"""What may stand before an English poem, each field but the form optional; and what a poem shows of theme and mood.

    <begin> <form> [<scheme>] [<feet>] [<length>] [<era>] [<author>] [<mood>…] [<theme>…] [<key> sea]… [<title> …]
    <separator>

Prefix tokens stand in row 0 at columns FIRST_COLUMN and on, which no token of a poem has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from muse.errors import UsageError, did_you_mean
from muse.poem.english.vocabulary import BEGIN, FORMS, KEY, SEPARATOR, THEMES, TITLE, Vocabulary
from muse.tables.english import section
from muse.tables.words import find

Order = Literal["backward", "forward"]
FIRST_COLUMN = 20
COLUMNS = 60
ROWS = 32
LONGEST = COLUMNS - FIRST_COLUMN
KEYS = 4
_CUT = {"valence": 0.012, "energy": 0.009}


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one prefix; an empty one is left out.

    Attributes:
        mood: −1, 0 or 1 each: (valence, energy).
        keys: words that stand in the poem.
        title: words, spelt as in a line.
    """

    form: str
    scheme: str = ""
    foot: str = ""
    length: str = ""
    era: str = ""
    author: str = ""
    mood: tuple[int, int] = (0, 0)
    themes: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    title: str = ""


def encode(fields: Fields, vocabulary: Vocabulary, order: Order = "backward") -> list[int]:
    """The prefix as tokens, at most LONGEST; the words of keys and title stand in the order of the lines.

    Raises:
        UsageError: an unknown form.
    """
    form = vocabulary.mark("form", fields.form)
    if form is None:
        raise UsageError(f"unknown form {fields.form!r}", "", did_you_mean(fields.form, FORMS))
    marks = [("scheme", fields.scheme), ("feet", fields.foot), ("length", fields.length), ("era", fields.era)]
    marks += [("author", fields.author)]
    marks += [
        ("mood", f"{'+' if sign > 0 else '-'}{axis}") for axis, sign in zip(_CUT, fields.mood, strict=True) if sign
    ]
    marks += [("theme", theme) for theme in fields.themes[:2]]
    tokens = [BEGIN, form, *(token for kind, name in marks if (token := vocabulary.mark(kind, name)) is not None)]
    turn = -1 if order == "backward" else 1
    for opener, texts in ((KEY, fields.keys[:KEYS]), (TITLE, (fields.title,) if fields.title else ())):
        for text in texts:
            spelt = vocabulary.encode(text)[::turn]
            if spelt and len(tokens) + len(spelt) + 2 <= LONGEST:
                tokens += [opener, *spelt]
    return [*tokens, SEPARATOR]


def era_of(year: int) -> str:
    """The name of the era of a year, "" for 0.

    >>> era_of(1820)
    '1800'
    """
    return "" if not year else "1700" if year < 1800 else "1800" if year < 1850 else "1850" if year < 1900 else "1900"


def mood_weights(vocabulary: Vocabulary) -> npt.NDArray[np.float32]:
    """weights: (2, V), valence and energy of each whole word, by the theme lexicon."""
    weights = np.zeros((2, len(vocabulary)), np.float32)
    for token in range(vocabulary.first, len(vocabulary)):
        text = vocabulary.tokens[token]
        if len(text) > 2 and text.isalpha():
            matches, _ = find(text)
            if len(matches) == 1:
                mood = matches[0].concept.mood
                weights[:, token] = mood.valence, mood.energy
    return weights


def mood_of(tokens: npt.NDArray[np.integer], weights: npt.NDArray[np.float32]) -> tuple[int, int]:
    """−1, 0 or 1 each for (valence, energy) of a poem's tokens: the mean weight, cut at a threshold."""
    mean = weights[:, tokens].mean(1) - _MIDDLE
    valence, energy = (
        int(np.sign(value)) if abs(value) >= cut else 0 for value, cut in zip(mean, _CUT.values(), strict=True)
    )
    return valence, energy


_MIDDLE = np.array([0.022, 0.004], np.float32)
"""What the poems of the corpus have on the average."""


def theme_sets(vocabulary: Vocabulary) -> npt.NDArray[np.int8]:
    """(V,) the number of the theme that a token points to, −1 for none."""
    found = np.full(len(vocabulary), -1, np.int8)
    triggers = dict(section("themes"))
    for number, theme in enumerate(THEMES):
        for word in triggers[theme].split():
            if (token := vocabulary.ids.get(word)) is not None:
                found[token] = number
    return found


def themes_of(tokens: npt.NDArray[np.integer], sets: npt.NDArray[np.int8]) -> tuple[int, ...]:
    """The numbers of at most two themes to which at least two of the tokens point, and one in eighty of them."""
    pointing = sets[tokens]
    count = np.bincount(pointing[pointing >= 0], minlength=len(THEMES))
    order = np.argsort(-count, kind="stable")[:2]
    return tuple(int(number) for number in order if count[number] >= max(2, len(tokens) // 80))


def key_words(vocabulary: Vocabulary, commonest: int = 250) -> npt.NDArray[np.bool_]:
    """(V,) whether a token may be a keyword: a whole word, not one of the commonest."""
    able = np.zeros(len(vocabulary), np.bool_)
    words = vocabulary.words[commonest:]
    able[[token for token in words if len(vocabulary.tokens[token]) > 2 and vocabulary.tokens[token].isalpha()]] = True
    return able
