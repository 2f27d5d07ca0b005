"""What a poem is to be: everything that can be asked of one, in any language, each wish optional."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from muse.terms import Mood, Phrase, Theme

RhymeBook = Literal["pingshui", "cilin", "xinyun"]
RHYME_BOOKS: tuple[RhymeBook, ...] = ("pingshui", "cilin", "xinyun")
AcrosticAt = Literal["head", "tail", "diagonal"]
ACROSTICS: tuple[AcrosticAt, ...] = ("head", "tail", "diagonal")
FREE = "＿_□○"
"""Marks of a place that is left free in a locked line."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was asked of a poem; "", () or None leaves a thing to be chosen.

    Attributes:
        form: a name in the language of the poem; None lets theme and seed choose.
        tune: of a 词, such as 浣溪沙.
        title: None takes the theme.
        keywords: words that the poem should hold; "2:月" asks for one in line 2.
        era, author: in whose manner.
        first_line: the poem begins with it.
        rhyme: a group, or a character or word that stands for its group.
        rhyme_book: by which Chinese verse is judged; "" takes that of the form.
        forbid: characters and words that are not in the poem.
        length: 小令, 中调 or 长调 of a 词; a number of lines where the form leaves it open.
        acrostic: letters or characters that stand at the heads of the lines, at their tails, or on the diagonal.
        lock: a text for each line, from the first; free places are marked (床前＿＿＿, "the ___ of night"), "" leaves a
            line free, "3:床前明月光" names its line.
        reply_to: the first line of a 对联 to which the second is to be written.
        candidates: how many are written for each poem that is kept.
        strict: the form holds under every reading of every character or word, not under one.
        pinyin: the poem's text carries pinyin.
        novel: no line that the model has read.
        melody: the phrases of a tune that the lines are to be sung to.
    """

    theme: Theme
    mood: Mood = field(default_factory=Mood)
    form: str | None = None
    tune: str | None = None
    title: str | None = None
    keywords: tuple[str, ...] = ()
    era: str = ""
    author: str = ""
    first_line: str = ""
    rhyme: str = ""
    rhyme_book: RhymeBook | Literal[""] = ""
    forbid: tuple[str, ...] = ()
    length: str = ""
    acrostic: str = ""
    acrostic_at: AcrosticAt = "head"
    lock: tuple[str, ...] = ()
    reply_to: str = ""
    candidates: int = 16
    strict: bool = True
    pinyin: bool = False
    novel: bool = True
    melody: tuple[Phrase, ...] = ()
