"""A few English poems of our own, and what a corpus makes of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from muse.poem.english.corpus import Verse, read, tally
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
