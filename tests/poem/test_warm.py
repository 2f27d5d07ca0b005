import pytest
import torch

from muse.bundle import Bundle
from muse.errors import SettingsError
from muse.poem.corpus import PoemRecord
from muse.poem.course import transformer
from muse.poem.measure import thaw
from muse.poem.mixture import collate, further_marks, sheet
from muse.poem.model import PoemSettings
from muse.poem.prefix import Fields
from muse.poem.vocabulary import MARKS, Vocabulary
from muse.poem.warm import warm_start


@pytest.fixture(scope="module")
def wide(records: list[PoemRecord], vocabulary: Vocabulary) -> Vocabulary:
    """The characters of the small bundle in another order, with a new one and the further marks."""
    return Vocabulary((*MARKS, *further_marks(records), "\U00020000", *reversed(vocabulary.tokens[vocabulary.first :])))


def settings(**values: object) -> PoemSettings:
    return PoemSettings.load("tiny", values)


def test_a_larger_model_begins_with_what_the_bundle_knows(
    bundle: Bundle, records: list[PoemRecord], vocabulary: Vocabulary, wide: Vocabulary
) -> None:
    old, _ = thaw(bundle)
    with torch.no_grad():
        for table in (old.row_place, old.col_place, old.row_bias, old.col_bias):
            table.normal_(0, 0.2)
    model = transformer(settings(layers=4), wide)
    assert warm_start(model, wide.tokens, old, vocabulary.tokens) == len(vocabulary)
    fields = Fields("五绝", "唐", (0, 1), ("秋",), (), "秋江夜泊")
    record = next(record for record in records if record.form == "五绝")
    batch, larger = (collate([sheet(fields, record, known)]) for known in (vocabulary, wide))
    with torch.no_grad():
        before = old(batch.tokens, batch.row, batch.col)
        after = model.eval()(larger.tokens, larger.row, larger.col)
    there = [wide.ids[token] for token in vocabulary.tokens]
    torch.testing.assert_close(after[..., there], before, atol=1e-4, rtol=1e-4)


def test_new_tokens_differ_and_everything_still_learns(bundle: Bundle, wide: Vocabulary) -> None:
    model = transformer(settings(layers=3), wide)
    old, known = thaw(bundle)
    warm_start(model, wide.tokens, old, known.tokens)
    one, other = wide.ids["<given>"], wide.ids["<rhymes>"]
    assert not torch.equal(model.tokens.weight[one], model.tokens.weight[other])
    model(torch.tensor([[one, other]]), torch.zeros(1, 2), torch.zeros(1, 2)).square().sum().backward()  # type: ignore[no-untyped-call]
    assert model.blocks[2].out.weight.grad.abs().sum() > 0  # type: ignore[union-attr]


@pytest.mark.parametrize("change", [{"width": 32}, {"heads": 4}, {"layers": 1}])
def test_a_model_that_cannot_hold_the_bundle(bundle: Bundle, wide: Vocabulary, change: dict[str, int]) -> None:
    old, known = thaw(bundle)
    with pytest.raises(SettingsError, match="mine"):
        warm_start(transformer(settings(**change), wide), wide.tokens, old, known.tokens, "mine")
