"""A vocabulary and a tiny bundle with random weights, and the samples that lie in the repository."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from muse.bundle import Bundle
from muse.poem.corpus import PoemRecord, read
from muse.poem.course import transformer
from muse.poem.mixture import further_marks
from muse.poem.model import PoemSettings
from muse.poem.novelty import index_of
from muse.poem.vocabulary import Vocabulary
from muse.tables.rhyme import book

SAMPLE = Path(__file__).parent.parent.parent / "corpora" / "tang-song" / "sample"


@pytest.fixture(scope="session")
def sample() -> Path:
    return SAMPLE


@pytest.fixture(scope="session")
def records() -> list[PoemRecord]:
    return list(read(SAMPLE))


@pytest.fixture(scope="session")
def vocabulary(records: list[PoemRecord]) -> Vocabulary:
    """The sample's characters, and enough others of the rhyme book for every group to have some."""
    common = "".join(record.text + record.title for record in records)
    others = sorted({character for _, characters in book() for character in characters})[::7]
    return Vocabulary.of(
        [common, "看为长空天愁悲泪哀欢笑春风山水人家", *others], least=1, further=further_marks(records)
    )


@pytest.fixture(scope="session")
def bundle(vocabulary: Vocabulary, records: list[PoemRecord]) -> Bundle:
    torch.manual_seed(1)
    settings = PoemSettings.load("tiny")
    model = transformer(settings, vocabulary)
    weights = {name: value.half().numpy() for name, value in model.state_dict().items()}
    weights |= index_of(records)
    card = {
        "schema": 1, "kind": "poem", "name": "poem-test", "settings": settings.as_dict(), "data": [], "metrics": {},
        "vocabulary": list(vocabulary.tokens),
    }  # fmt: skip
    return Bundle(weights, card)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
