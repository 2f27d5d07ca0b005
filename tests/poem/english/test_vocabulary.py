"""Tokens of English poems: words, pieces, marks, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse.errors import BundleError
from muse.poem.english.corpus import Verse
from muse.poem.english.text import clean, parts
from muse.poem.english.vocabulary import FIXED, Vocabulary


def test_every_line_of_the_corpus_comes_back(vocabulary: Vocabulary, verses: list[Verse]) -> None:
    for verse in verses:
        for text in verse.texts:
            assert vocabulary.decode(vocabulary.encode(text)) == text


@given(st.text(alphabet="aehiorstOLGd'-—,.;!? ", max_size=50))
def test_any_cleaned_line_comes_back(vocabulary: Vocabulary, line: str) -> None:
    text = clean(line)
    assert text is not None
    assert vocabulary.decode(vocabulary.encode(text)) == text


def test_names_are_one_token_and_other_capitals_a_mark(vocabulary: Vocabulary) -> None:
    def spelt(line: str) -> list[str]:
        return [vocabulary.tokens[token] for token in vocabulary.encode(line)]

    assert spelt("God is in the Sea") == ["God", "is", "in", "the", "^", "sea"]
    assert spelt("Sea") == ["sea"]
    assert spelt("a zeal") == ["a", "z", "##e", "##a", "##l"]


def test_a_learned_piece_shortens_rare_words() -> None:
    count = {"the": 99, "lighting": 2, "sighting": 2, "fighting": 2, "lights": 2, "sights": 2, "fights": 2}
    vocabulary = Vocabulary.of(count, set(), size=len(FIXED) + 54 + 1 + 2, pieces=2)
    assert len(vocabulary) == len(FIXED) + 54 + 1 + 2
    assert vocabulary.tokens[-2:] == ("##ig", "##ht")
    assert [vocabulary.tokens[token] for token in vocabulary.words] == ["a", "o", "the"]
    assert vocabulary.decode(vocabulary.encode("The knights")) == "The knights"


def test_what_is_no_vocabulary_is_refused(vocabulary: Vocabulary) -> None:
    for tokens in (vocabulary.tokens[1:], (*vocabulary.tokens, "sea"), FIXED):
        with pytest.raises(BundleError):
            Vocabulary(tokens)


def test_a_word_ends_where_no_inner_piece_follows(vocabulary: Vocabulary) -> None:
    tokens = vocabulary.encode("God zealot's")
    begins = [not vocabulary.inner(token) for token in tokens]
    assert begins.count(True) == len(parts("God zealot's") or [])
