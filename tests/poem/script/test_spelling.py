"""Pieces of words in any script, and texts on their grid."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muse.errors import BundleError, CorpusError
from muse.nn.language import UNSCORED
from muse.poem.own.lessons import Piece
from muse.poem.script.course import widened
from muse.poem.script.feed import ScriptFeed
from muse.poem.script.lay import LONGEST, Fields, body, parts, prefix
from muse.poem.script.model import COLUMNS, FIRST_COLUMN, ROWS
from muse.poem.script.prose import passages, sentences, split
from muse.poem.script.spelling import BREAK, END, LINES, MARKS, MORE, STANZA, UNKNOWN, Spelling

TEXTS = {
    "ru": "мороз и солнце день чудесный, ещё ты дремлешь друг прелестный!",
    "ja": "古池や蛙飛びこむ水の音。静けさや岩にしみ入る蝉の声。",
    "ar": "قفا نبك من ذكرى حبيب ومنزل",
    "hi": "मैं नीर भरी दुख की बदली।",
    "en": "The fox, who was old, said: “No!” And so it ended.",
}


@pytest.mark.parametrize("code", TEXTS)
def test_a_line_comes_back(code: str) -> None:
    spelling = Spelling.learned([TEXTS[code]] * 6)
    assert spelling.decode(spelling.encode(TEXTS[code])) == TEXTS[code]
    assert len(spelling.encode(TEXTS[code])) < len(TEXTS[code])
    assert spelling.spaced == (code != "ja")
    assert Spelling(spelling.json).tokens == spelling.tokens


@given(st.text())
def test_any_text_is_spelled(text: str) -> None:
    spelling = Spelling.learned([TEXTS["en"]] * 3)
    found = spelling.encode(text)
    assert all(token == UNKNOWN or token >= len(MARKS) for token in found)


def test_a_text_like_a_mark_is_no_mark() -> None:
    spelling = Spelling.learned(["a <break> b <end>"] * 3)
    assert min(spelling.encode("<break><end>")) >= len(MARKS) or UNKNOWN in spelling.encode("<break><end>")


def test_stops_and_closers() -> None:
    spelling = Spelling.learned([TEXTS["en"], "” ! .", TEXTS["ja"]])
    assert all(spelling.tokens[token][-1] in ".!。" for token in np.flatnonzero(spelling.stops))
    assert spelling.stops.sum() and spelling.closers.sum()


def test_new_characters_get_tokens() -> None:
    spelling = Spelling.learned([TEXTS["ru"]] * 3)
    wider = widened(spelling, ["фура ы ф"])
    assert UNKNOWN in spelling.encode("ф") and UNKNOWN not in wider.encode("фура")
    assert wider.tokens[: len(spelling)] == spelling.tokens


@pytest.mark.parametrize("text", ["", "{}", "x" * 100])
def test_a_damaged_tokenizer_is_named(text: str) -> None:
    with pytest.raises(BundleError):
        len(Spelling(text))
    value = json.loads(Spelling.learned(["a b"]).json)
    value["model"]["vocab"].pop("<more>")
    with pytest.raises(BundleError):
        len(Spelling(json.dumps(value)))


def test_a_poem_on_its_grid() -> None:
    spelling = Spelling.learned([TEXTS["ru"]] * 3)
    piece = Piece((("мороз и солнце", "день"), ("друг",)), "мороз")
    (part,) = parts(piece, spelling)
    placed = body(part.lines, part.starts, part.end)
    marks = [token for token, _, _ in placed if token in (BREAK, STANZA, END)]
    assert marks == [BREAK, STANZA, END] and part.starts == (2,)
    assert {row for _, row, _ in placed} == {1, 2, 3} and max(col for _, _, col in placed) < FIRST_COLUMN
    before = prefix(Fields(False, 3, ("солнце",), "мороз", True), spelling)
    shown = [spelling.tokens[token] for token, _, _ in before]
    assert shown[:5] == ["<begin>", "<form:verse>", "<more>", "<lines:3>", "<key>"] and shown[-1] == "<separator>"
    assert all(row == 0 and FIRST_COLUMN <= col < COLUMNS for _, row, col in before)


def test_a_long_text_is_read_in_parts() -> None:
    spelling = Spelling.learned([TEXTS["en"]] * 2)
    found = parts(Piece((tuple(TEXTS["en"] for _ in range(400)),), "Fox"), spelling)
    assert len(found) > 1 and [part.more for part in found] == [False] + [True] * (len(found) - 1)
    assert [part.end for part in found] == [False] * (len(found) - 1) + [True] and found[1].title == ""
    assert all(sum(map(len, part.lines)) + len(part.lines) <= LONGEST for part in found)
    assert sum(part.characters for part in found) == 400 * (len(TEXTS["en"]) + 1)


def test_batches_are_functions_of_the_step() -> None:
    spelling = Spelling.learned([TEXTS["ru"]] * 4)
    pieces = [Piece(((TEXTS["ru"], "день"),), "мороз"), Piece((("друг", "солнце и мороз"),))]
    one, other = (ScriptFeed(pieces, spelling, tokens=90, seed=3, plain=0.2, prose=False) for _ in range(2))
    for step in (5, 0):
        a, b = one.batch(step, 0, 0, 1), other.batch(step, 0, 0, 1)
        assert (a.tokens == b.tokens).all() and (a.target == b.target).all()
        assert int(a.row.max()) < ROWS and int(a.col.max()) < COLUMNS
        last = [[token for token in row if token != UNSCORED][-1] for row in a.target.tolist()]
        assert set(last) == {END}
        assert not (a.target < len(MARKS)).logical_and(a.target > END).logical_and(a.target != UNKNOWN).any()
    with pytest.raises(CorpusError):
        ScriptFeed([], spelling, tokens=9, seed=0, plain=0.0, prose=False)
    assert LINES >= 14 and len(MARKS) > MORE


def test_prose_is_cut_between_paragraphs_then_sentences() -> None:
    text = ("A fox came out of the wood. " * 30).strip()
    assert list(passages([text] * 5)) == [(text, text), (text, text), (text,)]
    assert all(len(part) <= 300 and part.endswith(".") for part in sentences(text, 300))
    assert "".join(sentences("x" * 1000, 300)) == "x" * 1000
    assert split("他说：「好。」然后走了。") == ["他说：「好。」", "然后走了。"]
    assert [len("".join(part)) <= 700 for part in passages(["春眠不觉晓。" * 300])] == [True] * 3
