"""A few English poems of our own, and what a corpus makes of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from muse.bundle import Bundle
from muse.nn.transformer import Transformer
from muse.poem.english.corpus import Verse, read, tally
from muse.poem.english.model import VerseSettings, shape
from muse.poem.english.sound import syllables
from muse.poem.english.vocabulary import Vocabulary

POEMS = [
    {
        "title": "THE WINTER SEA",
        "author": "A. Muse",
        "year": 1871,
        "form": "quatrains",
        "lines": [
            "The winter sea is cold and grey,", "The ships are in the bay;", "No lantern burns to light the way,",
            "The gulls have flown away.", "But in the spring the wind will blow,", "The sails will fill again,",
            "And all the melting hills of snow", "Will run in silver rain.",
        ],
        "stanza": [4],
    },
    {
        "title": "",
        "author": "A. Muse",
        "form": "verse",
        "lines": [
            "O Love! the night is dark and long,", "And God is far above;", "I have no comfort and no song,",
            "And none to hear me, Love.",
        ],
    },
    {
        "title": "II.",
        "author": "B. (Bertha) Muse",
        "year": 1812,
        "stanzas": [
            ["We walk'd the meadow by the stream;", "The moon-lit water lay", "As quiet as a thing we dream",
             "And lose at break of day."],
            ["We sang, and all the valley heard,", "And sent the music back,", "And not a leaf above us stirr'd",
             "Along the winding track."],
        ],
    },
]  # fmt: skip


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one file of poems."""
    folder = tmp_path_factory.mktemp("english")
    (folder / "en_verse.jsonl").write_text("\n".join(map(json.dumps, POEMS)), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def verses(corpus: Path) -> list[Verse]:
    return list(read(corpus))


@pytest.fixture(scope="session")
def vocabulary(verses: list[Verse]) -> Vocabulary:
    return Vocabulary.of(*tally(verses), size=0, pieces=0, authors=("A. Muse",))


WORDS = """night light bright sight might way say may play stay sea free me be tree land hand sand stand band stone
alone moan bone tone day ray dark cold old moon star river the a of and in to my with golden silver winter summer water
delight heart start part art ever never under open hill still will fill upon away it rain pain plain vain
dream stream beam team sound ground round found ease please breeze name flame same"""


@pytest.fixture(scope="session")
def verse_bundle() -> Bundle:
    """A bundle of English verse that knows nothing: some words, random weights."""
    count = {word.lower(): 200 - at for at, word in enumerate(WORDS.split())} | {"god": 3}
    vocabulary = Vocabulary.of(count, {"god"}, size=0, pieces=0, authors=("John Keats", "Emily Dickinson"))
    settings = VerseSettings.load("tiny")
    torch.manual_seed(0)
    state = Transformer(shape(settings, vocabulary)).state_dict()
    weights = {name: value.half().numpy() for name, value in state.items()}
    card = {
        "schema": 1, "kind": "poem", "name": "verse", "language": "en", "settings": settings.as_dict(), "data": [],
        "metrics": {}, "vocabulary": list(vocabulary.tokens), "syllables": syllables(vocabulary).tolist(),
    }  # fmt: skip
    return Bundle(weights, card)
