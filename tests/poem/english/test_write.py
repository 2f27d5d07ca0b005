"""Drafts by a model that knows nothing: the form holds all the same."""

from __future__ import annotations

import torch

from muse.nn.generate import TorchWriter
from muse.nn.transformer import Transformer
from muse.poem.english.book import Book
from muse.poem.english.form import FORMS
from muse.poem.english.model import VerseSettings, shape
from muse.poem.english.prefix import Fields
from muse.poem.english.referee import judge
from muse.poem.english.vocabulary import Vocabulary
from muse.poem.english.write import wishes_of, write
from muse.tables.lexicon import interpret

WORDS = """night light bright sight might way say may play stay sea free me be tree land hand sand stand band
stone alone moan bone tone the a of and in to my with golden silver winter summer river water delight God"""


def test_a_theme_becomes_wishes() -> None:
    reading = interpret("a sad winter night by the sea")
    wishes = wishes_of(reading.theme, reading.mood, "Alone")
    assert {"winter", "night", "sea"} <= set(wishes.keys)
    assert len(wishes.themes) == 2
    assert wishes.mood[0] == -1
    assert (wishes.title, wishes.form) == ("Alone", "")


def test_drafts_are_valid_and_hang_on_their_seed_alone() -> None:
    count = {word.lower(): 99 - at for at, word in enumerate(WORDS.split())}
    vocabulary = Vocabulary.of(count, {"god"}, size=0, pieces=0)
    torch.manual_seed(0)
    writer, book = TorchWriter(Transformer(shape(VerseSettings.load("tiny"), vocabulary)).eval()), Book(vocabulary)
    wishes = Fields("", author="none", themes=("sea",), keys=("river",))
    for name in ("couplets", "haiku", "limerick"):
        drafts = write(writer, book, FORMS[name], wishes, [1, 2, 3])
        assert [judge(draft.text, name).valid for draft in drafts] == [True] * 3
        assert write(writer, book, FORMS[name], wishes, [2])[0].text == drafts[1].text
        assert all(0 < draft.masked < draft.free for draft in drafts)
