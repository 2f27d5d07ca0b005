import numpy as np
import pytest
import torch

from muse.errors import BundleError, CorpusError
from muse.poem.corpus import PoemRecord
from muse.poem.feed import BUDGETS, SHAPE_OF, PoemFeed, body
from muse.poem.form import FORMS
from muse.poem.prefix import COLUMNS, FIRST_COLUMN, ROWS, Fields, clean_title, encode, mood_of, mood_weights, places
from muse.poem.vocabulary import BEGIN, BREAK, MARKS, PAD, SEPARATOR, UNKNOWN, Vocabulary


def feed_of(records: list[PoemRecord], vocabulary: Vocabulary, **wishes: float) -> PoemFeed:
    return PoemFeed(records, vocabulary, tokens=400, seed=5, **wishes)  # type: ignore[arg-type]


def test_a_batch_is_a_function_of_the_step(records: list[PoemRecord], vocabulary: Vocabulary) -> None:
    one, other = feed_of(records, vocabulary), feed_of(records, vocabulary)
    for step in (7, 0, 41):
        a, b = one.batch(step, 0, 0, 1), other.batch(step, 0, 0, 1)
        assert torch.equal(a.tokens, b.tokens) and torch.equal(a.target, b.target)
    assert not torch.equal(one.batch(0, 0, 0, 2).tokens, one.batch(0, 0, 1, 2).tokens)


def test_tokens_places_and_targets(records: list[PoemRecord], vocabulary: Vocabulary) -> None:
    feed = feed_of(records, vocabulary)
    known = {record.text for record in records}
    forms = set()
    for step in range(30):
        batch = feed.batch(step, 0, 0, 1)
        assert int(batch.row.max()) < ROWS and int(batch.col.max()) < COLUMNS
        assert batch.tokens.shape[1] <= max(BUDGETS) + 63
        for line in range(len(batch.tokens)):
            tokens = batch.tokens[line].tolist()
            begin, gap = tokens.index(BEGIN), tokens.index(SEPARATOR)
            assert tokens[:begin] == [PAD] * begin
            form = vocabulary.tokens[tokens[begin + 1]].removeprefix("<form:").rstrip(">")
            forms.add(form)
            lines, width = SHAPE_OF[form]
            assert len(tokens) - gap - 1 == body(form)
            assert vocabulary.decode(tokens[gap + 1 :]) in known
            prefix = tokens[begin : gap + 1]
            row, col = places(prefix, width)
            assert batch.row[line, begin : gap + 1].tolist() == row
            assert batch.col[line, begin : gap + 1].tolist() == col
            grid = [(r, c) for r in range(1, lines + 1) for c in range(width + 1)][:-1]
            assert (
                list(zip(batch.row[line, gap + 1 :].tolist(), batch.col[line, gap + 1 :].tolist(), strict=True)) == grid
            )
            target = batch.target[line].tolist()
            assert target[:gap] == [-100] * gap
            assert all(
                wanted == (-100 if token == BREAK else token)
                for wanted, token in zip(target[gap:-1], tokens[gap + 1 :], strict=True)
            )
    assert forms == set(FORMS)


def test_plain_batches_have_no_padding_and_no_wish(records: list[PoemRecord], vocabulary: Vocabulary) -> None:
    batch = feed_of(records, vocabulary, plain=1.0).batch(3, 0, 0, 1)
    assert (batch.tokens[:, 2] == SEPARATOR).all()


def test_one_epoch_reads_each_poem_once(records: list[PoemRecord], vocabulary: Vocabulary) -> None:
    feed = feed_of(records, vocabulary)
    for form, shelf in feed.shelves.items():
        rows = np.concatenate([feed._rows(form, turn) for turn in range(1 + len(shelf.poems) // feed.rows[form])])
        assert sorted(rows[: len(shelf.poems)].tolist()) == list(range(len(shelf.poems)))


def test_nothing_to_learn_from(vocabulary: Vocabulary) -> None:
    with pytest.raises(CorpusError):
        feed_of([], vocabulary)


def test_prefix(vocabulary: Vocabulary) -> None:
    fields = Fields("七绝", "唐", (1, -1), ("送别", "秋", "春"), ("明月", "山", "水", "风"), "秋江夜泊" * 9)
    tokens = encode(fields, vocabulary)
    assert tokens[0] == BEGIN and tokens[-1] == SEPARATOR and UNKNOWN not in tokens
    names = [vocabulary.tokens[token] for token in tokens]
    assert names[1:7] == ["<form:七绝>", "<era:唐>", "<mood:+valence>", "<mood:-energy>", "<theme:送别>", "<theme:秋>"]
    assert names.count("<key>") == 3
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
