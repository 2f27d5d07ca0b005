"""The index of known lines and the certificate: what was read is found with its source, what was not is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muse.bundle import Bundle
from muse.errors import BundleError
from muse.poem.corpus import PoemRecord
from muse.poem.novelty import SPAN, Index, Known, certificate, certified, index_of
from muse.poem.novelty.spans import ends, every, joined, units

POEMS = [
    Known(("白日依山尽", "黄河入海流", "欲穷千里目", "更上一层楼"), "登鹳雀楼", "王之涣"),
    Known(("故人西辞黄鹤楼", "烟花三月下扬州", "孤帆远影碧空尽", "唯见长江天际流"), "黄鹤楼送孟浩然之广陵", "李白"),
    Known(("Tyger Tyger, burning bright,", "In the forests of the night;", "What immortal hand or eye",
           "Could frame thy fearful symmetry?"), "The Tyger", "William Blake"),
    Known(("Мороз и солнце; день чудесный!", "Ещё ты дремлешь, друг прелестный —"), "Зимнее утро", "Пушкин"),
    Known(("古池や蛙飛びこむ水の音",), "", "芭蕉"),
]  # fmt: skip
OTHERS = ["春眠不觉晓", "处处闻啼鸟", "夜来风雨声", "花落知多少", "The woods decay, the woods decay and fall"]


def bundle_of(tensors: dict[str, np.ndarray]) -> Bundle:
    return Bundle(tensors, {"name": "small", "kind": "poem"})


@pytest.fixture(scope="module")
def index() -> Index:
    return Index.thaw(bundle_of(index_of(POEMS)))


def test_every_line_of_every_script_is_known(index: Index) -> None:
    for poem in POEMS:
        for line in poem.texts:
            assert (line in index) == (len(units(line)) >= SPAN)
    assert not any(line in index for line in OTHERS) and "" not in index and "白日" not in index
    assert len(index) == 4 + 4 + 3 + 2 + 1  # four words are too few


def test_a_line_is_the_same_in_any_dress(index: Index) -> None:
    for line in ("黃河入海流", "黄河 入海流。", "COULD frame thy fearful, symmetry", "what immortal hand—or eye?"):
        assert line in index


def test_a_copy_is_told_with_its_source(index: Index) -> None:
    found = certified(["春江潮水连海平", "黄河入海流", "欲穷千里目", "一夜不能眠"], index)
    assert [(line.line, line.text, str(line.source)) for line in found.copied] == [
        (2, "黄河入海流", "王之涣《登鹳雀楼》"), (3, "欲穷千里目", "王之涣《登鹳雀楼》"),
    ]  # fmt: skip
    assert found.span is not None and found.nearest is not None
    assert (found.span.line, found.span.text, found.span.length) == (2, "黄河入海流欲穷千里目", 10)
    assert found.nearest.shared == 2 and found.nearest.similarity == pytest.approx(0.5)
    assert str(found.nearest.source) == "王之涣《登鹳雀楼》"
    report = found.report()
    assert report.valid is False and "登鹳雀楼" in report.promises[0].found
    assert found.report(given=(1, 2)).promises[0].kept == "relaxed" and found.report(given=(1,)).valid is False
    assert found.report(promised=False).valid is True and "登鹳雀楼" in " ".join(found.report(promised=False).findings)


def test_spans_within_a_line(index: Index) -> None:
    found = certified(["我见烟花三月下", "不知白日依山尽", "In dark forests of the night they sing"], index)
    assert not found.copied and found.span is not None
    assert found.span.length == 5 and found.span.text in ("烟花三月下", "白日依山尽")
    english = certified(["and Could frame thy fearful symmetry again"], index)
    assert english.span is not None and english.span.text == "could frame thy fearful symmetry"
    assert english.span.source is not None and english.span.source.title == "The Tyger"


def test_what_is_new_is_called_new(index: Index) -> None:
    found = certified(OTHERS, index)
    assert (found.copied, found.span, found.nearest, found.share) == ((), None, None, 0.0)
    assert found.lines == 5 and 0 < found.alarm < 1e-3 and found.alarm < found.alarm_span
    report = found.report()
    assert report.valid is True and report.promises[0].found == "0 of 5" and "under 5" in report.findings[0]
    assert certified(["月", "花"], index).lines == 0


def test_the_whole_poem_is_its_own_neighbour(index: Index) -> None:
    for poem in POEMS[:4]:
        found = certified(poem.texts, index)
        assert found.share == 1.0 and found.nearest is not None
        assert found.nearest.similarity == 1.0 and found.nearest.source.title == poem.heading
        assert set(found.as_dict()) >= {"copied", "span", "share", "nearest", "alarm"}


def test_no_index_says_so() -> None:
    found = certificate(["白日依山尽"], bundle_of({}))
    assert found.corpus == 0 and "no index" in found.report().findings[0] and found.report().valid is True
    assert not Index.of(["月"]) and index_of([]) == {}


def test_a_large_corpus_names_the_famous_alone() -> None:
    some = [poem._replace(famous=poem.author == "李白") for poem in POEMS]
    found = Index.thaw(bundle_of(index_of(some, small=3)))
    assert str(certified(["故人西辞黄鹤楼"], found).copied[0].source).startswith("李白")
    assert certified(["白日依山尽"], found).copied[0].source is None
    small = index_of(some, room=20, small=3)
    assert small["novelty.0.cells"].nbytes < index_of(some, small=3)["novelty.0.cells"].nbytes


def test_learning_on_keeps_what_was_known(index: Index) -> None:
    both = Index.thaw(bundle_of(index_of([Known(OTHERS, "春晓", "孟浩然")], before=index)))
    assert all(line in both for line in (*OTHERS, *POEMS[0].texts)) and len(both) == len(index) + 5
    assert str(certified(["夜来风雨声"], both).copied[0].source) == "孟浩然《春晓》"
    assert str(certified(["黄河入海流"], both).copied[0].source) == "王之涣《登鹳雀楼》"
    assert both.alarm > index.alarm


def test_the_sample_of_the_corpus(bundle: Bundle, records: list[PoemRecord]) -> None:
    found = Index.thaw(bundle)
    assert Index.thaw(bundle) is found
    lines = {line for record in records for line in record.lines}
    assert all((line in found) == (len(line) >= SPAN) for line in lines)
    others = [line[::-1] for line in lines if line[::-1] not in lines]
    assert sum(line in found for line in others) == 0
    one = next(record for record in records if record.title and len(record.lines[0]) >= SPAN)
    near = certificate(one.lines, bundle).nearest
    assert near is not None and near.source.title == one.heading


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cells", np.zeros(3, np.uint8)),
        ("cells", np.zeros(9, np.float32)),
        ("cells", None),
        ("about", np.zeros(6, np.int64)),
        ("about", np.array([8, -4, 1, 0, 1, 1])),
        ("about", np.array([8, 4, 1 << 62, 0, 1, 1])),
        ("about", np.ones(5, np.int64)),
        ("about", np.ones(6, np.float16)),
        ("prints", np.zeros((2, 2), np.uint8)),
        ("prints", None),
        ("titles", np.zeros((1, 2), np.uint8)),
        ("titles", None),
    ],
)
def test_damage_is_refused_when_it_is_read(name: str, value: np.ndarray | None) -> None:
    tensors = index_of(POEMS)
    if value is None:
        del tensors[f"novelty.0.{name}"]
    else:
        tensors[f"novelty.0.{name}"] = value
    with pytest.raises(BundleError, match="damaged"):
        Index.thaw(bundle_of(tensors))


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_damaged_titles_are_refused_when_they_are_asked_for(at: int, byte: int) -> None:
    tensors = index_of(POEMS)
    titles = tensors["novelty.0.titles"].copy()
    titles[at % len(titles)] = byte
    try:
        certificate(POEMS[0].texts, bundle_of({**tensors, "novelty.0.titles": titles}))
    except BundleError as error:
        assert "damaged" in str(error)


def test_titles_that_do_not_fit(index: Index) -> None:
    (part,) = index.parts
    for wrong in (
        replace(part.sources, poems=part.sources.poems - 1),
        replace(part.sources, prints=part.sources.prints[:-1]),
    ):
        with pytest.raises(BundleError, match="damaged"):
            certified(POEMS[0].texts, Index((replace(part, sources=wrong),)))


@settings(max_examples=100, deadline=None)
@given(lines=st.lists(st.text(alphabet="白日依山尽 ab'é—ß\ud800カЖ한국กา", max_size=12), max_size=8))
def test_any_text_has_a_certificate_and_the_bulk_reads_as_the_single_line(lines: list[str]) -> None:
    first, last, whole = ends(lines)
    own = [every(units(line)) for line in lines if len(units(line)) >= SPAN]
    assert whole.tolist() == [len(units(line)) >= SPAN for line in lines]
    assert first.tolist() == [int(one[0]) for one in own] and last.tolist() == [int(one[-1]) for one in own]
    found = certified(lines, Index.of(lines))
    assert len(found.copied) == len(own)
    assert found.share == (1.0 if own else 0.0)


def test_words_and_characters() -> None:
    assert units("L'été—naïve café") == ["lete", "naive", "cafe"]
    assert joined(units("我爱 muse")) == "我 爱 muse" and joined(units("한국 시")) == "한국 시"
