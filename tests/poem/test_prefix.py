import numpy as np
import pytest

from muse.errors import BundleError
from muse.poem.prefix import COLUMNS, FIRST_COLUMN, Fields, clean_title, mood_of, mood_weights, places, tokens_of
from muse.poem.vocabulary import BEGIN, MARKS, SEPARATOR, UNKNOWN, Vocabulary


def encode(fields: Fields, vocabulary: Vocabulary) -> list[int]:
    return [token for token, _ in tokens_of(fields, vocabulary)]


def test_prefix(vocabulary: Vocabulary) -> None:
    fields = Fields("七绝", "唐", (1, -1), ("送别", "秋", "春"), ("明月", "山", "水", "风"), "秋江夜泊" * 9)
    tokens = encode(fields, vocabulary)
    assert tokens[0] == BEGIN and tokens[-1] == SEPARATOR and UNKNOWN not in tokens
    names = [vocabulary.tokens[token] for token in tokens]
    assert names[1:7] == ["<form:七绝>", "<era:唐>", "<mood:+valence>", "<mood:-energy>", "<theme:送别>", "<theme:秋>"]
    assert names.count("<key>") == 4
    row, col = places(tokens, 7)
    assert set(row) == {0} and col[0] == FIRST_COLUMN and col[-1] == 7 and max(col) < COLUMNS
    assert encode(Fields("五绝", title="ab"), vocabulary) == encode(Fields("五绝"), vocabulary)


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("秋興八首 其一", "秋兴"),
        ("送友人（并序）", "送友人"),
        ("春望", "春望"),
        ("其二", "其二"),
        ("A b", ""),
        ("杂诗三首", "杂诗"),
    ],
)
def test_titles(title: str, found: str) -> None:
    assert clean_title(title) == found


def test_moods(vocabulary: Vocabulary) -> None:
    weights = mood_weights(vocabulary)
    poems = np.array([vocabulary.encode("愁悲泪哀"), vocabulary.encode("欢笑春风"), vocabulary.encode("山水人家")])
    assert mood_of(poems, weights)[:, 0].tolist() == [-1, 1, 0]


def test_vocabulary_refuses_other_marks() -> None:
    with pytest.raises(BundleError):
        Vocabulary(("<pad>", "一"))
    with pytest.raises(BundleError):
        Vocabulary((*MARKS, "一", "一"))
    assert len(Vocabulary.of(["一二"], least=1)) == len(MARKS) + 2
